"""A block of phases as one event on the clock: slept through, then written as if each had been an event.

Nothing reads what a training draws while it draws it, so the changes and failures of a block are recorded
when the block ends, is interrupted, or the run ends, with the moments at which they happened. One phase
alone is drawn at once.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import simpy

from simulator.engine.spill import Floats
from simulator.hardware.group import Reservation
from simulator.record.jobs import Job
from simulator.record.steps import Steps
from simulator.workloads.timeline import Phase, Walk
from simulator.world import Process, World

Side = Literal["left", "right"]


class Way(NamedTuple):
    """A training on its way: its job, its phases, and the record of its steps where every one is to be seen."""

    job: Job
    walk: Walk
    steps: Steps | None


def play(world: World, reservation: Reservation, way: Way, done_s: float) -> Process:
    """Do what comes next, from `done_s` of operating time to the end."""
    origin_s = world.env.now - done_s
    while block := way.walk.block():
        until_s = origin_s + np.array([phase.until_s for phase in block])
        yield from _sleep(world, Block(world, reservation, way, until_s, block), until_s[-1])


def _sleep(world: World, block: "Block", until_s: float) -> Process:
    env = world.env
    world.closing.append(block.write)
    try:
        while env.now < until_s:  # a sum of floats may fall short of it
            yield env.timeout(until_s - env.now)
    except simpy.Interrupt:
        block.end(env.now)
        raise
    block.end(np.inf)


class Block:
    """Phases that are slept through, each up to its moment, and written once."""

    __slots__ = ("_begin_s", "_phases", "_reservation", "_until_s", "_way", "_world")

    def __init__(
        self, world: World, reservation: Reservation, way: Way, until_s: Floats, phases: Sequence[Phase]
    ) -> None:
        self._world, self._reservation, self._way = world, reservation, way
        self._until_s, self._phases = until_s, phases
        self._begin_s = np.concatenate(([world.env.now], np.maximum(until_s[:-1], world.env.now)))
        if len(phases) == 1:
            reservation.draw_parts(phases[0].parts)

    def end(self, at_s: float) -> None:
        """Write what began before this moment, and tell the walk how many phases are over by then."""
        self.write(at_s)
        self._world.closing.remove(self.write)
        over, begun = (int(np.searchsorted(times, at_s, side)) for times, side in self._edges)
        self._way.walk.go_on(over, begun)

    @property
    def _edges(self) -> tuple[tuple[Floats, Side], tuple[Floats, Side]]:
        return (self._until_s, "right"), (self._begin_s, "left")

    def write(self, end_s: float) -> None:
        """Record what was drawn, what failed and what counted up to a moment."""
        lasts = (self._begin_s < end_s) & (self._until_s > self._begin_s)
        if len(self._phases) > 1 and lasts.any():
            self._draw(lasts)
        self._fail(end_s)
        if self._way.steps is not None:
            counts = lasts & np.array([phase.counts for phase in self._phases])
            self._way.steps.add(self._begin_s[counts], np.minimum(self._until_s, end_s)[counts])

    def _draw(self, lasts: npt.NDArray[np.bool_]) -> None:
        kept = [phase.parts for phase, one in zip(self._phases, lasts.tolist(), strict=True) if one]
        plays = {id(parts): parts for parts in kept}  # few objects; to hash a play takes 30 times as long
        number = {play: n for n, play in enumerate(plays)}
        which = np.array([number[id(parts)] for parts in kept], np.int32)
        self._reservation.draw_each(self._begin_s[lasts], which, list(plays.values()))

    def _fail(self, end_s: float) -> None:
        """Note the failures with which phases began; that of the first may have been noted before a pause."""
        job = self._way.job
        for number, (phase, at_s) in enumerate(zip(self._phases, self._begin_s.tolist(), strict=True)):
            if phase.cause and at_s < end_s and not (number == 0 and self._way.walk.told):
                job.failures += 1
                self._world.events.add(at_s, "failure", job.workload, phase.cause)
