"""The preparation of a data set as a process: its machines work at one load until all samples are done.

Queueing and interruptions are those of every workload that reserves machines (`reserved.py`).
"""

from simulator.hardware.group import Reservation
from simulator.hardware.unit import Stock
from simulator.record.jobs import Job, never_submitted
from simulator.workloads.prepare_spec import Prepare
from simulator.workloads.prepare_time import Preparation, data_doubts, plan_preparation
from simulator.workloads.reserved import carry_out
from simulator.world import Process, World


def prepare(world: World, spec: Prepare, name: str) -> Process:
    """The life of one preparation, from submission to its last release."""
    group = world.groups[spec.at]
    plan = plan_preparation(spec, Stock(group.unit, group.count), world.definitions)
    if spec.dataset is not None:
        world.assumptions.update(dict.fromkeys(data_doubts(spec.dataset, world.definitions)))

    def work_on(reservation: Reservation, done_s: float) -> Process:
        reservation.draw(plan.load, "compute")
        yield world.env.timeout(plan.total_s - done_s)

    devices = plan.units * group.unit.devices
    yield from carry_out(world, new_job(world, spec, name, plan, devices), plan.units, spec.priority, work_on)


def new_job(world: World, spec: Prepare, name: str, plan: Preparation, devices: int) -> Job:
    """Open the record of a preparation that has just been submitted."""
    job = Job(name, "prepare", spec.at, "", spec.dataset or "", devices, plan.time_mode, plan.total_s, world.env.now)
    job.samples = plan.samples
    return job


def never_prepared(world: World, spec: Prepare, name: str) -> None:
    """Record a preparation whose turn had not come when the run ended."""
    world.jobs.append(never_submitted(name, "prepare", spec.at))
