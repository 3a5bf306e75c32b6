"""A block of stretches as one event on the clock: slept through, then written as if each had been an event.

Nothing reads what a training draws while it draws it, so the changes and failures of a block are recorded
when the block ends, is interrupted, or the run ends, with the moments at which they happened. One stretch
alone is drawn at once.
"""

from typing import NamedTuple

import numpy as np
import simpy

from simulator.hardware.group import Reservation
from simulator.record.jobs import Job
from simulator.record.steps import Steps
from simulator.workloads.timeline import Chunk, Walk
from simulator.world import Process, World


class Way(NamedTuple):
    """A training on its way: its job, its stretches, and the record of its steps where every one is to be seen."""

    job: Job
    walk: Walk
    steps: Steps | None


def play(world: World, reservation: Reservation, way: Way, done_s: float) -> Process:
    """Do what comes next, from `done_s` of operating time to the end."""
    origin_s = world.env.now - done_s
    while (chunk := way.walk.block()) is not None:
        block = Block(world, reservation, way, chunk._replace(until_s=origin_s + chunk.until_s))
        yield from _sleep(world, block, float(block.until_s[-1]))


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
    """Stretches that are slept through, each up to its moment, and written once."""

    __slots__ = ("_begin_s", "_chunk", "_reservation", "_way", "_world", "until_s")

    def __init__(self, world: World, reservation: Reservation, way: Way, chunk: Chunk) -> None:
        self._world, self._reservation, self._way = world, reservation, way
        self._chunk, self.until_s = chunk, chunk.until_s
        self._begin_s = np.concatenate(([world.env.now], np.maximum(chunk.until_s[:-1], world.env.now)))
        if len(chunk.until_s) == 1:
            reservation.draw_parts(way.walk.plays[chunk.play[0]].parts)

    def end(self, at_s: float) -> None:
        """Write what began before this moment, and tell the walk how many stretches are over by then."""
        self.write(at_s)
        self._world.closing.remove(self.write)
        over, begun = np.searchsorted(self.until_s, at_s, "right"), np.searchsorted(self._begin_s, at_s, "left")
        self._way.walk.go_on(int(over), int(begun))

    def write(self, end_s: float) -> None:
        """Record what was drawn, what failed and what counted up to a moment."""
        lasts = (self._begin_s < end_s) & (self.until_s > self._begin_s)
        plays, which = self._way.walk.plays, self._chunk.play[lasts]
        if len(self.until_s) > 1 and len(which):
            self._reservation.draw_each(self._begin_s[lasts], which, [one.parts for one in plays])
        self._fail(end_s)
        if self._way.steps is not None:
            counts = np.array([one.counts for one in plays])[which]
            self._way.steps.add(self._begin_s[lasts][counts], np.minimum(self.until_s, end_s)[lasts][counts])

    def _fail(self, end_s: float) -> None:
        """Note the failures with which stretches began; that of the first may have been noted before a pause."""
        job = self._way.job
        for place, cause in self._chunk.causes.items():
            if self._begin_s[place] < end_s and not (place == 0 and self._way.walk.told):
                job.failures += 1
                self._world.events.add(float(self._begin_s[place]), "failure", job.workload, cause)
