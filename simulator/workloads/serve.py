"""A service as a process: it reserves replicas, and requests arrive, wait in line and are answered.

    arrivals   poisson: n sorted uniform times over the span. Given that n events of a Poisson
               process fell into a span, that is how they are distributed, whatever its rate
               (Ross 1996, Stochastic Processes, theorem 2.3.1), so the count is exact and the
               rest as random as can be; regular: n evenly spaced times, the first at once
    service    exponential around the mean, or the mean itself
    wait       the recursion of line.py: first come, first served by the first free replica

The span begins when the service has its replicas. It ends with its last answer; an
interruption ends it too, and who is not answered by then never is. Nothing that happens to a
service changes its requests, so their times are known from the start. They are recorded only
as the clock passes them, a stretch of requests at a time, and at the end of the run up to it.
Replicas without a request draw at rest, charged to the service that reserved them.
"""

import numpy as np
import simpy

from simulator.engine.rng import Streams
from simulator.engine.spill import Floats
from simulator.hardware.group import Reservation
from simulator.record.jobs import Job, hold, let_go, never_submitted
from simulator.record.requests import Requests, answered
from simulator.workloads.askers import Askers
from simulator.workloads.line import begin_times, busy_steps, stretches
from simulator.workloads.load import find_load
from simulator.workloads.serving_spec import Serve, offered_load, queue_grows
from simulator.world import Process, World

LOAD = "accelerator-load-serving"
STRETCH = 4096
"""Requests begun between two moments of recording."""


def serve(world: World, spec: Serve, name: str) -> Process:
    """The life of one service, from submission to its last answer."""
    env, group, note = world.env, world.groups[spec.at], world.events.add
    load = find_load(world, spec.utilisation, group.unit, LOAD)
    job = new_job(world, spec, name)
    note(env.now, "submit", name)
    note_overload(world, spec, name)
    replicas = count_replicas(world, spec)
    try:
        with Reservation(group, replicas, name, spec.priority) as reservation:
            yield from reservation.wait_granted()
            hold(job, env.now)
            note(env.now, "begin", name)
            requests = ask(world.streams, spec, name, env.now, replicas)
            world.requests.append(requests)
            job.planned_s = float(requests.end_s.max()) - env.now
            askers = None if spec.users is None else Askers(world, spec, name, requests)
            yield from answer(world, reservation, requests, job, load, askers)
        job.status = "finished"
        note(env.now, "finish", name)
    except simpy.Interrupt as interruption:
        job.status = "cancelled"
        note(env.now, "cancel", name, str(interruption.cause or ""))
    job.end_s = env.now


def ask(streams: Streams, spec: Serve, name: str, open_s: float, replicas: int) -> Requests:
    """The requests of a service that opens at this moment: when each arrives, begins and ends."""
    arrive_s = open_s + arrival_times(streams, spec, name)
    service_s = np.full(spec.requests, spec.service_time)
    if spec.service == "exponential":
        service_s *= streams.generator("service", name).standard_exponential(spec.requests)
    begin_s = begin_times(arrive_s, service_s, replicas)
    return Requests(name, arrive_s, begin_s, begin_s + service_s)


def arrival_times(streams: Streams, spec: Serve, name: str) -> Floats:
    """When the requests arrive, in order, from the moment at which the service opens."""
    if spec.arrivals == "regular":
        return np.arange(spec.requests, dtype=np.float64) * (spec.during / spec.requests)
    return np.sort(streams.generator("arrivals", name).random(spec.requests)) * spec.during


def answer(
    world: World, reservation: Reservation, requests: Requests, job: Job, load: float, askers: Askers | None
) -> Process:
    """Answer them one after the other; what has happened is recorded at the end of each stretch."""
    env = world.env
    ends_s = np.sort(requests.end_s)

    def record(until_s: float, last: bool = False) -> None:
        """Write what happened since the last time, up to now."""
        if askers is not None:
            askers.record(requests.until_s, until_s, last)
        at_s, busy = busy_steps(requests.begin_s, ends_s, requests.until_s, until_s)
        reservation.draw_steps(at_s, busy, load, "compute")
        requests.until_s = until_s

    def close(until_s: float) -> None:
        """Write what is left up to the end, and how far the service came."""
        record(until_s, last=True)
        let_go(job, until_s)
        job.done_share = answered(requests) / len(requests.end_s)

    reservation.draw(0.0, "wait")
    world.closing.append(close)
    try:
        for until_s in stretches(requests.begin_s, float(ends_s[-1]), STRETCH):
            while env.now < until_s:  # a sum of floats may fall short of it
                yield env.timeout(until_s - env.now)
            record(env.now)
        close(env.now)
    except simpy.Interrupt:
        close(env.now)
        raise
    finally:
        if close in world.closing:
            world.closing.remove(close)


def new_job(world: World, spec: Serve, name: str) -> Job:
    """Open the record of a service that has just been submitted."""
    replicas = count_replicas(world, spec)
    devices = replicas * world.groups[spec.at].unit.devices
    job = Job(name, "serve", spec.at, spec.model or "", "", devices, "arrivals given", spec.during, world.env.now)
    job.units, job.samples = replicas, float(spec.requests)
    world.jobs.append(job)
    return job


def count_replicas(world: World, spec: Serve) -> int:
    """How many units of the group serve: as many as it has, if nothing says."""
    return world.groups[spec.at].count if spec.replicas is None else spec.replicas


def note_overload(world: World, spec: Serve, name: str) -> None:
    """Note that the queue will grow, where more is asked than the replicas can do."""
    replicas = count_replicas(world, spec)
    if queue_grows(spec, replicas):
        cause = f"asked for {offered_load(spec, replicas):.3g} times what its replicas can do"
        world.events.add(world.env.now, "overload", name, cause)


def never_served(world: World, spec: Serve, name: str) -> None:
    """Record a service whose turn had not come when the run ended."""
    world.jobs.append(never_submitted(name, "serve", spec.at))
