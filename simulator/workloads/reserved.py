"""A workload on machines that it reserves: wait for them, work, give them back.

An interruption gives the machines back; the workload queues again and goes on where it was
(cause `cancel`: it stops for good). What it reserved alone is charged to it, whatever it does.
"""

from collections.abc import Callable

import simpy

from simulator.hardware.group import Reservation
from simulator.record.jobs import Job, hold, let_go
from simulator.world import Process, World

Work = Callable[[Reservation, float], Process]
"""What is done on the machines once they are held, from so many seconds into the plan to its end."""


def carry_out(world: World, job: Job, units: int, priority: int, work: Work) -> Process:
    """The life of one workload on so many units of its group, from submission to its last release."""
    env, group, note = world.env, world.groups[job.at], world.events.add
    world.jobs.append(job)
    note(env.now, "submit", job.workload)
    done_s = 0.0
    while done_s < job.planned_s and job.status != "cancelled":
        with Reservation(group, units, job.workload, priority) as reservation:
            try:
                yield from reservation.wait_granted()
                hold(job, env.now)
                note(env.now, "begin", job.workload)
                yield from work(reservation, done_s)
                let_go(job, env.now)
                done_s = job.planned_s
            except simpy.Interrupt as interruption:
                done_s += let_go(job, env.now)
                pause(world, job, str(interruption.cause or ""))
    finish(world, job)


def pause(world: World, job: Job, cause: str) -> None:
    """Note that the workload was interrupted, for now or for good."""
    if cause == "cancel":
        job.status = "cancelled"
    world.events.add(world.env.now, "cancel" if cause == "cancel" else "pause", job.workload, cause)


def finish(world: World, job: Job) -> None:
    """Close the record of a workload that is done or cancelled, or has done its plan and missed what it was for."""
    job.end_s = world.env.now
    if job.status != "cancelled" and job.missing:
        job.status = "unfinished"
        world.events.add(world.env.now, "unfinished", job.workload, job.missing)
    elif job.status != "cancelled":
        job.status = "finished"
        world.events.add(world.env.now, "finish", job.workload)
