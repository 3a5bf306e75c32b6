"""A training as a process: compute and checkpoint on machines of its own.

It advances in segments between changes of power, not step by step: one segment without
checkpoints, else computing and checkpointing in turn. Queueing and interruptions are those
of every workload that reserves machines (`reserved.py`).
"""

import simpy

from simulator.hardware.group import Reservation
from simulator.hardware.unit import Stock
from simulator.record.jobs import Job, never_submitted
from simulator.workloads.load import find_load
from simulator.workloads.reserved import carry_out
from simulator.workloads.training_spec import Checkpoint, Train
from simulator.workloads.training_time import Plan, plan_training, training_doubts
from simulator.world import Process, World

LOAD = "accelerator-load-training"


def train(world: World, spec: Train, name: str) -> Process:
    """The life of one training, from submission to its last release."""
    group = world.groups[spec.at]
    plan = plan_training(spec, Stock(group.unit, group.count), world.definitions)
    world.assumptions.update(dict.fromkeys(training_doubts(spec, group.unit, world.definitions)))
    load = find_load(world, spec.utilisation, group.unit, LOAD)

    def work_on(reservation: Reservation, done_s: float) -> Process:
        return work(world.env, reservation, plan.total_s, done_s, load, spec.checkpoint)

    yield from carry_out(world, new_job(world, spec, name, plan), plan.units, spec.priority, work_on)


def work(
    env: simpy.Environment,
    reservation: Reservation,
    total_s: float,
    done_s: float,
    load: float,
    checkpoint: Checkpoint | None,
) -> Process:
    """Compute and checkpoint in turn, from `done_s` into the plan to its end."""
    origin_s = env.now - done_s
    if checkpoint is None:
        reservation.draw(load, "compute")
        yield env.timeout(total_s - done_s)
        return
    draw, timeout = reservation.draw, env.timeout
    every_s, checkpoint_s, checkpoint_load = checkpoint.every, checkpoint.time, checkpoint.load
    turn = int(done_s // (every_s + checkpoint_s))
    while True:
        for until_s, phase_load, activity in (
            (turn * (every_s + checkpoint_s) + every_s, load, "compute"),
            ((turn + 1) * (every_s + checkpoint_s), checkpoint_load, "checkpoint"),
        ):
            wait_s = origin_s + (until_s if until_s < total_s else total_s) - env.now
            if wait_s > 0.0:
                draw(phase_load, activity)
                yield timeout(wait_s)
            if until_s >= total_s:
                return
        turn += 1


def new_job(world: World, spec: Train, name: str, plan: Plan) -> Job:
    """Open the record of a training that has just been submitted."""
    job = Job(
        name,
        "train",
        spec.at,
        spec.model or "",
        spec.dataset or "",
        plan.devices,
        plan.time_mode,
        plan.total_s,
        world.env.now,
    )
    job.units = plan.units
    job.samples, job.work_flop, job.peak_flop_per_s = plan.samples, plan.work_flop, plan.peak_flop_per_s
    job.steps = spec.steps
    job.step_s = None if spec.steps is None else plan.total_s / spec.steps
    return job


def never_trained(world: World, spec: Train, name: str) -> None:
    """Record a training whose turn had not come when the run ended."""
    world.jobs.append(never_submitted(name, "train", spec.at))
