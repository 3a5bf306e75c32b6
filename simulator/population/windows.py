"""The clock of semi-asynchronous learning: a new model after every window, of what has come by then; nobody is late.

    version j   there at j P,  P = window + aggregation:  of the updates that came by j P - aggregation
    slot        one client after another; each begins at the first version after the one before has ended
    session     as in population/session.py; ends with its upload or where it drops out
    from k P, d long:   goes into version k + m,  m = max(1, ceil((d - window) / P) + 1);  staleness m - 1
                        the slot's next client begins at (k + max(1, ceil(d / P))) P

Slots do not meet at all here, so that all of this is exact on columns: the versions that a slot's clients begin with
are the cumulative sum of whole numbers. Who is through waits for the next version with nobody in the slot, and
draws nothing. Limits are those of slots.py.
Source: Wu et al. 2021, "SAFA: a semi-asynchronous protocol for fast federated learning with low overhead" (IEEE
Transactions on Computers), whose late clients keep working; its cache and its forced synchronisation are left out.
"""

from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.population.crowd import Indices
from simulator.population.session import UPLOADED, Sizes
from simulator.population.slots import Asynchronous, Courses, Draw, Drawn, SlotRules, courses, cut


class WindowRules(NamedTuple):
    """So many clients at once, how long a window lasts and an aggregation takes, and what each moves."""

    concurrency: int
    window_s: float
    aggregation_s: float
    sizes: Sizes

    @property
    def period_s(self) -> float:
        """From one version to the next."""
        return self.window_s + self.aggregation_s


class _Block(NamedTuple):
    """Sessions of all slots, turn after turn, and the version that each begins with."""

    drawn: Drawn
    courses: Courses
    version: Indices


def play_windows(draw: Draw, rules: WindowRules, versions: int, most_s: float) -> Asynchronous:
    """All up to the moment at which there are so many versions beyond the first, at most up to `most_s`."""
    period_s = rules.period_s
    close_s = min(most_s, versions * period_s)
    begins, blocks = np.zeros(rules.concurrency, np.int64), list[_Block]()
    while not blocks or begins.min() * period_s < close_s:
        block, begins = _play(draw(len(blocks), np.asarray(begins * period_s, float)), begins, rules)
        blocks.append(block)
    return cut(_whole(blocks, rules, versions, close_s), close_s)


def waited(time_s: Floats, rules: WindowRules) -> Indices:
    """After how many versions sessions that are so long are part of one.

    >>> waited(np.array([1.0, 60.0, 61.0, 125.0, 126.0]), WindowRules(1, 60.0, 5.0, Sizes(1.0, 1.0))).tolist()
    [1, 1, 2, 2, 3]
    """
    windows = np.ceil((time_s - rules.window_s) / rules.period_s)
    return np.asarray(np.maximum(1, windows + 1), np.int64)


def _play(drawn: Drawn, begins: Indices, rules: WindowRules) -> tuple[_Block, Indices]:
    """The sessions of a block, from the version that each slot begins it with; and that of the next block."""
    alone = courses(drawn.members, SlotRules(rules.concurrency, 1, np.inf, rules.aggregation_s, rules.sizes))
    took = np.maximum(1, np.ceil(alone.moments_s[UPLOADED] / rules.period_s)).astype(np.int64)
    version = np.cumsum(np.vstack((begins, took.reshape(-1, rules.concurrency))), axis=0)
    return _Block(drawn, alone, version[:-1].ravel()), version[-1]


def _whole(blocks: list[_Block], rules: WindowRules, versions: int, close_s: float) -> Asynchronous:
    """All sessions, all of slot 0 in order first, and so many versions beyond the first."""
    version = np.concatenate([block.version for block in blocks])
    slot = np.arange(len(version)) % rules.concurrency
    chosen = np.lexsort((version, slot))
    version = version[chosen]

    def of_all(parts: list[np.ndarray]) -> np.ndarray:
        return np.concatenate(parts, axis=-1)[..., chosen]

    alone_s = of_all([block.courses.moments_s for block in blocks])
    arrived = of_all([block.courses.arrived for block in blocks])
    return Asynchronous(
        close_s,
        of_all([block.drawn.user for block in blocks]),
        version * rules.period_s + alone_s,
        of_all([block.drawn.members.down_bps for block in blocks]),
        of_all([block.drawn.members.up_bps for block in blocks]),
        arrived,
        of_all([block.courses.dropped for block in blocks]),
        np.zeros_like(arrived),
        version,
        np.where(arrived, version + waited(alone_s[UPLOADED], rules), -1),
        np.asarray(np.arange(versions + 1) * rules.period_s, float),
    )
