"""A training whose machines fail: what it does, does again, and waits for.

The axis is operating time, as in `timeline.py`. Failures are drawn in advance, so that what will
be lost is known when it is done: it is drawn as `waste` and never renamed afterwards. A failure
throws away all since the last checkpoint, one that was being written included; then
the training waits for a machine, if one is away and no spare is there, and starts again (`restart`).
A failure while it does so begins that anew. Machines are as likely to fail whatever they do; those
that stand by, or are away, do not.
"""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simulator.hardware.failure import AWAY, Failures, component_rates
from simulator.workloads.timeline import KINDS, Chunk, Stretch, chunks, count_turns

LOST = ("waste", "lost checkpoint")
"""The kinds of stretches that come to nothing."""


class Cycle(NamedTuple):
    """Seconds of computing in all, of computing between two checkpoints, and of a checkpoint; what is left at the end.

    `tail_s` is that of a checkpoint after all computing, which a length that the scenario gives may leave time for.
    """

    compute_s: float
    every_s: float
    checkpoint_s: float
    tail_s: float = 0.0

    def turns(self) -> Iterator[tuple[float, float]]:
        """Computing, and what follows it before the next, turn by turn; counted, for a sum of floats leaves dust.

        >>> list(Cycle(70.0, 30.0, 5.0).turns())
        [(30.0, 5.0), (30.0, 5.0), (10.0, 0.0)]
        """
        count = count_turns(self.compute_s, self.every_s)
        for _ in range(count - 1):
            yield self.every_s, self.checkpoint_s
        yield self.compute_s - (count - 1) * self.every_s, self.tail_s


class Failure(NamedTuple):
    """One failure on the axis of operating time."""

    at_s: float
    component: str


def draw_failures(rates_per_s: dict[str, float], machines: int, luck: np.random.Generator) -> Iterator[Failure]:
    """The failures of so many machines at work, one after the other, without end."""
    names, weights = list(rates_per_s), np.cumsum(list(rates_per_s.values()))
    mean_s = 1.0 / (weights[-1] * machines)
    at_s = 0.0
    while True:
        gaps_s, picks = luck.exponential(mean_s, 64), luck.random(64) * weights[-1]
        for gap_s, which in zip(gaps_s.tolist(), np.searchsorted(weights, picks, "right").tolist(), strict=True):
            at_s += gap_s
            yield Failure(at_s, names[which])


def failing_chunks(cycle: Cycle, spec: Failures, machines: int, luck: np.random.Generator) -> list[Chunk]:
    """All that a training does on so many machines at work, from its first moment to its last."""
    return list(chunks(each_stretch(cycle, spec, machines, luck)))


def each_stretch(cycle: Cycle, spec: Failures, machines: int, luck: np.random.Generator) -> Iterator[Stretch]:
    """The same, one by one."""
    failures = draw_failures(component_rates(spec.rate), machines, luck)
    fleet = Fleet(spec)
    at_s, failure = 0.0, next(failures)
    for compute_s, checkpoint_s in cycle.turns():
        while True:
            computed_s = at_s + compute_s
            done_s = computed_s + checkpoint_s
            if failure.at_s >= done_s:
                break
            yield Stretch(min(failure.at_s, computed_s), "waste")
            if failure.at_s > computed_s:
                yield Stretch(failure.at_s, "lost checkpoint")
            at_s, failure = yield from _start_again(fleet, failure, failures)
        yield Stretch(computed_s, "compute")
        if checkpoint_s:
            yield Stretch(done_s, "checkpoint")
        at_s = done_s


def _start_again(
    fleet: "Fleet", failure: Failure, failures: Iterator[Failure]
) -> Generator[Stretch, None, tuple[float, Failure]]:
    """What passes from a failure to computing again: when that is, and the failure that comes after."""
    while True:
        ready_s, following = fleet.ready_s(failure), next(failures)
        yield Stretch(min(ready_s, following.at_s), "restart", failure.component)
        if following.at_s >= ready_s:
            return ready_s, following
        failure = following


class Fleet:
    """The machines beside those at work: spares that stand by, and those that are away."""

    __slots__ = ("_away_until_s", "_enough_s", "_spares", "_spec")

    def __init__(self, spec: Failures) -> None:
        self._spec, self._spares = spec, spec.spares
        self._away_until_s: deque[float] = deque()  # a repair always takes as long: first away, first back
        self._enough_s = 0.0

    def ready_s(self, failure: Failure) -> float:
        """When the training computes again after a failure, if nothing fails meanwhile."""
        if AWAY[failure.component]:
            self._replace(failure.at_s)
        # what fails while a machine is waited for does not bring it back any sooner
        return max(failure.at_s, self._enough_s) + self._spec.restart

    def _replace(self, at_s: float) -> None:
        """A spare takes the place of a machine that goes away, else the first that comes back."""
        assert self._spec.repair is not None, "presence_faults() asks for it"
        while self._away_until_s and self._away_until_s[0] <= at_s:
            self._away_until_s.popleft()
            self._spares += 1
        self._away_until_s.append(at_s + self._spec.repair)
        if self._spares:
            self._spares -= 1
        else:
            self._enough_s = self._away_until_s.popleft()


def total_and_lost_s(found: Sequence[Chunk]) -> tuple[float, float]:
    """Seconds of them all, and of work that came to nothing, restarts left out.

    >>> total_and_lost_s(list(chunks(iter([Stretch(3.0, "waste"), Stretch(4.0, "restart"), Stretch(9.0, "compute")]))))
    (9.0, 3.0)
    """
    until_s = np.concatenate([chunk.until_s for chunk in found])
    lost = np.isin(np.concatenate([chunk.play for chunk in found]), [KINDS.index(kind) for kind in LOST])
    return float(until_s[-1]), float(np.diff(until_s, prepend=0.0)[lost].sum())
