"""Learning alone: each client trains on what it holds, and nobody sends anything. The least that the others must beat.

    silos     each trains for rounds x epochs passes as soon as it has its machines, and gives them back (here)
    crowds    devices compute, and are never on their lines (alone.py)
    model     one a client; what is told is the mean of what each knows of the common test split

Nobody waits for anybody: a row of `rounds` is over when the slowest has made so many. Where they go on
until a target is reached, it is so many rounds as it takes the mean of all to reach it.
"""

from typing import TYPE_CHECKING, Literal

import numpy as np
import simpy

from simulator.hardware.group import Reservation
from simulator.record.jobs import Job
from simulator.record.rounds import Round
from simulator.spec import Spec
from simulator.workloads.federate.alone import ALONE, NONE, find_lesson_alone, find_nodes
from simulator.workloads.federate.job import new_job
from simulator.workloads.federate.kind import Algorithm, Play
from simulator.workloads.federate.progress import Progress
from simulator.workloads.federate.silo_clashes import silo_faults
from simulator.workloads.federate.silo_load import SILO_TAKES, Silo, silos_of
from simulator.workloads.federate.target import Basis, basis_of
from simulator.workloads.reserved import finish, pause
from simulator.workloads.transfer import wait_all
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


class LocalOnly(Spec):
    """Each client for itself."""

    kind: Literal["local-only"]


def rule(_: LocalOnly) -> None:
    """Nothing is brought together."""


def silos_alone(world: World, spec: "Federate", name: str, _: None) -> Process:
    """The life of machines that learn alone, from submission to the last one's end."""
    env, silos, basis = world.env, silos_of(world, spec), basis_of(spec, world.definitions)
    rounds = count_rounds(world, spec, basis)
    job = new_job(world, spec, name, basis)
    job.units = sum(world.groups[silo.group].count for silo in silos)
    job.devices = sum(world.groups[silo.group].count * world.groups[silo.group].unit.devices for silo in silos)
    everybody = np.arange(len(silos))
    tally = Tally(world, job, Progress(job, basis, find_lesson_alone(world, spec, name, everybody)), len(silos))
    world.closing.append(tally.close)
    world.events.add(env.now, "submit", name)
    parts = [env.process(_learn(world, silo, spec.priority, tally, rounds)) for silo in silos]
    try:
        yield from wait_all(env, parts)
    except simpy.Interrupt:
        pause(world, job, "cancel")
    tally.close(env.now)
    world.closing.remove(tally.close)
    finish(world, job)


def count_rounds(world: World, spec: "Federate", basis: Basis) -> int:
    """How many rounds there will be: as nobody waits for anybody, that must be known before.

    Where they are measured, models learn once to tell, and once more beside the clock.
    """
    nodes = None if basis.accuracy is None else find_nodes(world, spec, np.arange(len(spec.clients)))
    if nodes is None or basis.accuracy is None:
        return basis.rounds
    for turn in range(basis.rounds):
        nodes.learn(turn, np.arange(nodes.task.clients))
        if nodes.score().accuracy >= basis.accuracy:
            return turn + 1
    return basis.rounds


def _learn(world: World, silo: Silo, priority: int, tally: "Tally", rounds: int) -> Process:
    """One silo's rounds, one after the other; whoever interrupts it ends it."""
    group = world.groups[silo.group]
    with Reservation(group, group.count, tally.workload, priority) as reservation:
        try:
            yield from reservation.wait_granted()
            tally.hold(silo.group, group.count * group.unit.devices)
            reservation.draw(silo.load, "compute")
            for turn in range(rounds):
                tally.begin_round(turn)
                yield world.env.timeout(silo.compute_s)
                tally.end_round(turn)
        except simpy.Interrupt:
            pass
        finally:
            tally.let_go(silo.group, world.env.now)


class Tally:
    """How far silos have come that do not wait for each other."""

    __slots__ = ("_begun_s", "_ended", "_held", "_job", "_progress", "_silos", "_world")

    def __init__(self, world: World, job: Job, progress: Progress, silos: int) -> None:
        self._world, self._job, self._progress, self._silos = world, job, progress, silos
        self._held: dict[str, tuple[float, int]] = {}
        """Since when, and how many devices, by group."""
        self._begun_s: list[float] = []
        self._ended: list[int] = []
        """When the first silo began each round, and how many have ended it."""

    @property
    def workload(self) -> str:
        """Whose rounds they are."""
        return self._job.workload

    def hold(self, group: str, devices: int) -> None:
        """Note that a silo has its machines."""
        job, now_s = self._job, self._world.env.now
        self._held[group] = now_s, devices
        if job.begin_s is None:
            job.begin_s, job.status = now_s, "unfinished"
            self._world.events.add(now_s, "begin", job.workload)

    def let_go(self, group: str, at_s: float) -> None:
        """Charge what a silo held, if it did."""
        from_s, devices = self._held.pop(group, (at_s, 0))
        self._job.device_s += (at_s - from_s) * devices

    def begin_round(self, turn: int) -> None:
        """Note that a silo begins a round."""
        if turn == len(self._begun_s):
            self._begun_s.append(self._world.env.now)
            self._ended.append(0)

    def end_round(self, turn: int) -> None:
        """Note that a silo has ended a round; the slowest closes it."""
        self._ended[turn] += 1
        if self._ended[turn] == self._silos:
            now_s, silos = self._world.env.now, self._silos
            row = Round(self.workload, turn, self._begun_s[turn], now_s, now_s, silos, silos, 0, 0, 0.0, 0.0, 0.0, NONE)
            self._world.rounds.append(row)
            self._progress.end_round(np.arange(silos), now_s)

    def close(self, at_s: float) -> None:
        """Charge what is held, and end the job's record."""
        for group in list(self._held):
            self.let_go(group, at_s)
        self._progress.close(at_s)


LOCAL_ONLY = Algorithm(LocalOnly, rule, ALONE, Play(silos_alone, frozenset(), SILO_TAKES, silo_faults))
