"""Machines of several groups that one learning holds together, from its first round to its last.

They are asked for one group after the other, in the order of their names, which is the same for every
learning, so that no two of them wait for each other; those held already stand by, and are charged for it.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import simpy

from simulator.hardware.group import Reservation
from simulator.record.jobs import Job, hold
from simulator.workloads.reserved import finish, pause
from simulator.world import Process, World


class Fleet:
    """So many machines of each group, by the group's name, for the workload of a job."""

    __slots__ = ("_asked", "_job", "_priority", "_standing_by", "_world", "held")

    def __init__(self, world: World, job: Job, asked: Mapping[str, int], priority: int) -> None:
        self._world, self._job, self._asked, self._priority = world, job, asked, priority
        self.held: dict[str, Reservation] = {}
        self._standing_by = True
        job.units = sum(asked.values())
        job.devices = sum(units * world.groups[name].unit.devices for name, units in asked.items())

    def wait_held(self, stack: ExitStack) -> Process:
        """Wait until all are held; the stack gives them back."""
        for name in sorted(self._asked):
            asked = Reservation(self._world.groups[name], self._asked[name], self._job.workload, self._priority)
            reservation = stack.enter_context(asked)
            if not reservation.granted:
                self.rest("wait")
            yield from reservation.wait_granted()
            self.held[name] = reservation
        self.charge(self._world.env.now)
        hold(self._job, self._world.env.now)

    def rest(self, activity: str) -> None:
        """All do nothing from now on."""
        for reservation in self.held.values():
            reservation.draw(0.0, activity)

    def charge(self, at_s: float) -> None:
        """Charge what stood by until all were held, or until the learning ended before."""
        spans = {name: reservation.span() for name, reservation in self.held.items()} if self._standing_by else {}
        for name, span in spans.items():
            assert span is not None, f"{name} is held"
            self._job.device_s += (at_s - span.from_s) * span.units * self._world.groups[name].unit.devices
        self._standing_by = False


def live(world: World, job: Job, fleet: Fleet, close: Callable[[float], None], rounds: Process) -> Process:
    """The life of a learning on a fleet, whose rounds are played once all of it is held; `close` ends its record."""
    env, note = world.env, world.events.add

    def end(at_s: float) -> None:
        fleet.charge(at_s)
        close(at_s)

    world.closing.append(end)
    note(env.now, "submit", job.workload)
    with ExitStack() as stack:
        try:
            yield from fleet.wait_held(stack)
            note(env.now, "begin", job.workload)
            yield from rounds
        except simpy.Interrupt:
            pause(world, job, "cancel")
    end(env.now)
    world.closing.remove(end)
    finish(world, job)
