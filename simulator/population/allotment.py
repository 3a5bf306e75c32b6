"""How many of each block take part, and how much of it the excess of their place carries: a mixed-integer programme.

    maximise    sum_b u_b c_b                          u_b: utility of a user of block b
    such that   sum_b n_b = asked                      n_b: users of b who take part, a whole number, 0 to those there
                least_b n_b <= c_b <= n_b              c_b: of them, the whole sessions that excess carries
                sum_b in p  need_b c_b <= excess_p     need_b: joules of a whole session, for every place p

The users of a block are as good as each other, so that the programme is as large as there are blocks, whatever
the number of users. Energy balances over a session: how it lies within it is not asked.
Source: Wiesner et al. 2024, "FedZero: leveraging renewable excess energy in federated learning", section 4.3, whose
binaries, one a client, are numbers of a block's clients here, and whose steps of time are one.
"""

from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.population.crowd import Indices

_OPTIMAL, _INFEASIBLE = 0, 2
"""What scipy says of a programme."""


class Blocks(NamedTuple):
    """Of each block: users there, utility of one, joules of a session, of them the least share, the place's number."""

    there: Indices
    utility: Floats
    need_j: Floats
    least_share: Floats
    place: Indices


def find_allotment(blocks: Blocks, excess_j: Floats, asked: int) -> Indices | None:
    """How many of each block take part, of so many asked for; None where the excess of places does not carry them.

    >>> alike = Blocks(np.array([9, 9]), np.ones(2), np.full(2, 10.0), np.ones(2), np.array([0, 1]))
    >>> find_allotment(alike, np.array([25.0, 10.0]), 3).tolist(), find_allotment(alike, np.array([25.0, 9.0]), 3)
    ([2, 1], None)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # heavy, and most learnings choose otherwise

    count, places = len(blocks.there), len(excess_j)
    each, nothing = np.eye(count), np.zeros((places, count))
    drawn_j = np.where(np.arange(places)[:, None] == blocks.place, blocks.need_j, 0.0)
    scale_j = blocks.need_j.max() or 1.0
    constraints = [
        LinearConstraint(np.hstack([np.ones(count), np.zeros(count)])[None, :], asked, asked),
        LinearConstraint(np.hstack([np.diag(blocks.least_share), -each]), -np.inf, 0.0),
        LinearConstraint(np.hstack([each, -each]), 0.0, np.inf),
        LinearConstraint(np.hstack([nothing, drawn_j / scale_j]), -np.inf, excess_j / scale_j),
    ]
    most = np.tile(blocks.there, 2).astype(float)
    found = milp(
        -np.concatenate([np.zeros(count), blocks.utility / blocks.utility.max()]),
        integrality=np.repeat([1, 0], count),
        bounds=Bounds(np.zeros(2 * count), most),
        constraints=constraints,
        options={"mip_rel_gap": 0.0},
    )
    assert found.status in (_OPTIMAL, _INFEASIBLE), found.message
    return None if found.x is None else np.rint(found.x[:count]).astype(np.int64)
