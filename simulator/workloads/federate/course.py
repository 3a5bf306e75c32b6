"""A learning among groups of machines as it is under way: who learns, what is held, how far it has come."""

from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import simpy

from simulator.hardware.group import Reservation
from simulator.population.session import Sizes
from simulator.record.jobs import Job
from simulator.record.rounds import CABLES, Round
from simulator.record.transfers import Transfer
from simulator.units import BITS_PER_BYTE
from simulator.workloads.federate.between import moving
from simulator.workloads.federate.fleet import Fleet
from simulator.workloads.federate.job import new_job
from simulator.workloads.federate.lesson import Lesson
from simulator.workloads.federate.progress import Progress
from simulator.workloads.federate.silo_load import Silo, silos_of
from simulator.workloads.federate.target import basis_of
from simulator.workloads.transfer import wait_all
from simulator.world import World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


class Course(NamedTuple):
    """One learning among machines, each group of which takes part in every round."""

    world: World
    spec: "Federate"
    name: str
    job: Job
    silos: list[Silo]
    fleet: Fleet
    progress: Progress

    def held(self, group: str) -> Reservation:
        """The machines of one group."""
        return self.fleet.held[group]

    def end_round(self, turn: int, begin_s: float, close_s: float, sent: Sizes) -> bool:
        """Note that a round is over, in which so many bits arrived at all and left them; whether it was the last."""
        silos, now_s = len(self.silos), self.world.env.now
        down_bytes, up_bytes = sent.down_b / BITS_PER_BYTE, sent.up_b / BITS_PER_BYTE
        moments_s = (begin_s, close_s, now_s)
        row = Round(self.name, turn, *moments_s, silos, silos, 0, 0, down_bytes, up_bytes, 0.0, CABLES)
        self.world.rounds.append(row)
        return self.progress.end_round(np.arange(silos), now_s)


def begin_course(world: World, spec: "Federate", name: str, lesson: Lesson | None) -> Course:
    """Open the records of a learning among machines that has just been submitted."""
    basis, silos = basis_of(spec, world.definitions), silos_of(world, spec)
    job = new_job(world, spec, name, basis)
    asked = {silo.group: world.groups[silo.group].count for silo in silos}
    if spec.server is not None:
        asked[spec.server] = job.units or 0
    return Course(world, spec, name, job, silos, Fleet(world, job, asked, spec.priority), Progress(job, basis, lesson))


def pass_on(
    course: Course, sender: str, receiver: str, size_b: float, turn: int
) -> Generator[simpy.Event, None, Transfer]:
    """Send so much from one group to another while all else waits; an interruption is told on."""
    env, record = course.world.env, Transfer(course.name, sender, receiver, size_b, turn=turn + 1)
    for group in (sender, receiver):
        course.held(group).draw(0.0, "communicate")
    yield from wait_all(env, [env.process(moving(course.world, record, course.spec.latency))])
    course.held(sender).draw(0.0, "wait")
    return record
