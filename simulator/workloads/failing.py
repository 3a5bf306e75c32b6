"""A training whose machines fail: what it does, does again, and waits for.

The axis is operating time, as in `timeline.py`. Failures are drawn in advance, so that what will
be lost is known when it is done: it is drawn as `waste` and never renamed afterwards. A failure
throws away all since the last checkpoint, one that was being written included; then
the training waits for a machine, if one is away and no spare is there, and starts again (`restart`).
A failure while it does so begins that anew. Machines are as likely to fail whatever they do; those
that stand by, or are away, do not.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from simulator.hardware.failure import AWAY, Failures, component_rates
from simulator.workloads.timeline import Stretch


class Cycle(NamedTuple):
    """Seconds of computing in all, of computing between two checkpoints, and of a checkpoint."""

    compute_s: float
    every_s: float
    checkpoint_s: float


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


def failing_stretches(cycle: Cycle, spec: Failures, machines: int, luck: np.random.Generator) -> list[Stretch]:
    """All that a training does on so many machines at work, from its first moment to its last."""
    failures = draw_failures(component_rates(spec.rate), machines, luck)
    fleet = Fleet(spec)
    found: list[Stretch] = []
    at_s = safe_s = 0.0
    failure = next(failures)
    while safe_s < cycle.compute_s:
        computed_s = at_s + min(cycle.every_s, cycle.compute_s - safe_s)
        last = computed_s - at_s >= cycle.compute_s - safe_s
        done_s = computed_s if last else computed_s + cycle.checkpoint_s
        if failure.at_s >= done_s:
            found.append(Stretch(computed_s, "compute"))
            if not last:
                found.append(Stretch(done_s, "checkpoint"))
            safe_s, at_s = (cycle.compute_s if last else safe_s + cycle.every_s), done_s
            continue
        found.append(Stretch(min(failure.at_s, computed_s), "waste"))
        if failure.at_s > computed_s:
            found.append(Stretch(failure.at_s, "lost checkpoint"))
        at_s, failure = _start_again(found, fleet, failure, failures)
    return found


def _start_again(
    found: list[Stretch], fleet: "Fleet", failure: Failure, failures: Iterator[Failure]
) -> tuple[float, Failure]:
    """Add what passes from a failure to computing again: when that is, and the failure that comes after."""
    while True:
        ready_s, following = fleet.ready_s(failure), next(failures)
        found.append(Stretch(min(ready_s, following.at_s), "restart", failure.component))
        if following.at_s >= ready_s:
            return ready_s, following
        failure = following


class Fleet:
    """The machines beside those at work: spares that stand by, and those that are away."""

    __slots__ = ("_away_until_s", "_spares", "_spec")

    def __init__(self, spec: Failures) -> None:
        self._spec, self._spares = spec, spec.spares
        self._away_until_s: list[float] = []

    def ready_s(self, failure: Failure) -> float:
        """When the training computes again after a failure, if nothing fails meanwhile."""
        at_s, spec = failure.at_s, self._spec
        if not AWAY[failure.component]:
            return at_s + spec.restart
        assert spec.repair is not None, "presence_faults() asks for it"
        while self._away_until_s and self._away_until_s[0] <= at_s:
            heappop(self._away_until_s)
            self._spares += 1
        heappush(self._away_until_s, at_s + spec.repair)
        if self._spares:
            self._spares -= 1
            return at_s + spec.restart
        return heappop(self._away_until_s) + spec.restart


def lost_s(stretches: list[Stretch]) -> float:
    """Seconds of work that came to nothing, restarts left out."""
    begins_s = [0.0, *(stretch.until_s for stretch in stretches[:-1])]
    wasted = ("waste", "lost checkpoint")
    return sum(s.until_s - at_s for at_s, s in zip(begins_s, stretches, strict=True) if s.kind in wasted)
