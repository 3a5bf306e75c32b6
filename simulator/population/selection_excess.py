"""Selection by excess: those whom power that places have beside what is asked of them is forecast to carry.

    need      joules of a session: computing, receiving and sending of a block's users, in the mean
    least     share of it that excess must carry: that of `least_epochs` of the epochs, transfers whole
    excess    of each place over a session in the mean, until the deadline at most (excess.py)
    utility   samples x root mean square loss, the mean of those of a block who were seen; 1 x samples without a model

Whom of a block is luck. Utilities within a thousandth are as good as each other, and luck decides. Where excess
does not carry as many as are asked for, or all who are there if they are fewer, nobody is taken, and it is asked again
a quarter of an hour later: for a week, then never, for a day is as the other. A block of whom nobody was seen is
as useful as the most useful. What the paper does beside that is left out: it bars those who took part from
the next rounds for a while, and slows devices down to what the sun gives.
Source: Wiesner et al. 2024, "FedZero: leveraging renewable excess energy in federated learning", section 4.
"""

from math import inf
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from pydantic import Field

from simulator.engine.spill import Floats
from simulator.population.allotment import Blocks, find_allotment
from simulator.population.crowd import Crowd, Indices
from simulator.population.pool import NOBODY, Pool
from simulator.spec import PositiveNumber, Spec
from simulator.units import SECONDS_PER_DAY

if TYPE_CHECKING:
    from simulator.population.cohort import Rules

AGAIN_S = 900.0
PATIENCE_S = 7 * SECONDS_PER_DAY
_ALIKE_SHARE = 1e-3


class ByExcess(Spec):
    """Those whom excess power carries."""

    kind: Literal["excess"]
    least_epochs: PositiveNumber = Field(description="epochs that excess must be forecast to carry a user through")


class Excessive:
    """What is known of the users' losses, by block, and since when nobody could be carried."""

    __slots__ = ("_crowd", "_last", "_needs", "_place", "_seen", "_since_s", "_sums", "_window_s")

    def __init__(self, spec: ByExcess, crowd: Crowd, rules: "Rules") -> None:
        self._crowd, self._needs = crowd, needs(spec, crowd, rules)
        self._place = np.array([crowd.cities.index(block.city) for block in crowd.blocks])
        self._window_s = min(rules.deadline_s, self._needs.session_s)
        self._last = np.zeros(crowd.count)
        self._sums, self._seen = np.zeros(len(crowd.blocks)), np.zeros(len(crowd.blocks))
        self._since_s: float | None = None

    def choose(self, pool: Pool, draw: np.random.Generator, asked: int, at_s: float) -> Indices:
        """So many as are asked for, or who are there, where excess carries them; else nobody."""
        assert self._crowd.excess is not None, "the scenario has been checked"
        there = pool.numbers(NOBODY)
        asked = min(asked, int(there.sum()))
        utility = self.utility() * (1.0 + _ALIKE_SHARE * draw.random(len(there)))
        blocks = Blocks(there, utility, self._needs.need_j, self._needs.least_share, self._place)
        excess_j = self._crowd.excess.energy_j(at_s, at_s + self._window_s)
        of_blocks = find_allotment(blocks, excess_j, asked) if asked else None
        if of_blocks is None:
            self._since_s = at_s if self._since_s is None else self._since_s
            return NOBODY
        self._since_s = None
        return pool.pick(draw, of_blocks, NOBODY)

    def next_s(self, at_s: float) -> float:
        """When to ask again where it took nobody; infinite after a week of that."""
        since_s = at_s if self._since_s is None else self._since_s
        return at_s + AGAIN_S if at_s - since_s < PATIENCE_S else inf

    def saw(self, users: Indices, time_s: Floats, losses: Floats | None = None) -> None:
        """Note how useful users were who came through."""
        useful = self._crowd.columns().samples[users] * (1.0 if losses is None else losses)
        block, blocks = self._crowd.block_of(users), len(self._sums)
        self._sums += np.bincount(block, useful - self._last[users], blocks)
        self._seen += np.bincount(block, self._last[users] == 0.0, blocks)
        self._last[users] = useful

    def utility(self) -> Floats:
        """How useful a user of each block is."""
        known = self._seen > 0
        if not known.any():
            return np.ones(len(known))
        mean = np.divide(self._sums, self._seen, out=np.zeros(len(known)), where=known)
        return np.where(known, mean, mean.max())


class Needs(NamedTuple):
    """What a session of each block's users needs in the mean: joules, of them the least share; and how long one is."""

    need_j: Floats
    least_share: Floats
    session_s: float


def needs(spec: ByExcess, crowd: Crowd, rules: "Rules") -> Needs:
    """What a session needs, of a user whose line is the median one of its technology."""
    columns, watts, users = crowd.columns(), crowd.watts, np.arange(crowd.count)
    samples = columns.samples if rules.shards is None else rules.shards[users % len(rules.shards)]
    compute_s = (samples * (rules.samples * rules.sample_s) + rules.extra_s) / columns.speed
    sizes = np.array([block.users for block in crowd.blocks])
    compute_s = np.bincount(crowd.block_of(users), compute_s, len(sizes)) / sizes
    down_s, up_s = (
        np.array([bits / getattr(block.access, way) for block in crowd.blocks])
        for bits, way in ((rules.sizes.down_b, "down_bps"), (rules.sizes.up_b, "up_bps"))
    )
    moving_j = watts.receive_w * down_s + watts.send_w * up_s
    need_j = watts.compute_w * compute_s + moving_j
    least_j = watts.compute_w * compute_s * (spec.least_epochs / rules.epochs) + moving_j
    session_s = float(np.average(compute_s + down_s + up_s, weights=sizes))
    least_share = np.divide(least_j, need_j, out=np.ones(len(sizes)), where=need_j > 0.0)
    return Needs(need_j, least_share, session_s)
