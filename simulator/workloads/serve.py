"""A service as a process: it reserves replicas, and requests arrive, wait in line and are answered.

    arrivals   poisson: n sorted uniform times over the span. Given that n events of a Poisson
               process fell into a span, that is how they are distributed, whatever its rate
               (Ross 1996, Stochastic Processes, theorem 2.3.1), so the count is exact and the
               rest as random as can be; regular: n evenly spaced times, the first at once
    service    exponential around the mean, or the mean itself
    wait       the recursion of line.py: first come, first served by the first free replica

The span begins when the service has its replicas, and the links of its users are free enough;
it gives the replicas back after the last request;
where users ask, arrivals are those of their questions at their end, and the service ends when
the last answer has come to who asked (asking.py). An interruption ends it too, and who is not answered by then
never is. Nothing that happens to a service changes its requests, so their times are known from
the start. They are recorded only as the clock passes them, a stretch at a time, and at
the end of the run up to it. Replicas without a request draw at rest, charged to the service that
reserved them.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from math import inf
from typing import NamedTuple

import numpy as np
import simpy

from simulator.engine.rng import Streams
from simulator.engine.spill import Floats
from simulator.hardware.group import Part, Reservation
from simulator.record.jobs import Job, hold, let_go, never_submitted
from simulator.record.requests import Requests, answered
from simulator.workloads.askers import Askers
from simulator.workloads.asking import Questions, find_asking, find_play, occupied_bps
from simulator.workloads.line import begin_times, busy_steps
from simulator.workloads.load import find_load
from simulator.workloads.serving_spec import Serve, offered_load, queue_grows
from simulator.workloads.ways import find_crowd_ways, find_when_free
from simulator.world import Process, World

LOAD = "accelerator-load-serving"
STRETCHES = 256
"""Equal stretches that the life of a service is recorded in: its users at their mean in each, its replicas exactly."""


def serve(world: World, spec: Serve, name: str) -> Process:
    """The life of one service, from submission to its last answer."""
    env, group, note = world.env, world.groups[spec.at], world.events.add
    load = find_load(world, spec.utilisation, group.unit, LOAD)
    job = new_job(world, spec, name)
    note(env.now, "submit", name)
    note_overload(world, spec, name)
    try:
        with Reservation(group, count_replicas(world, spec), name, spec.priority) as reservation:
            yield from reservation.wait_granted()
            hold(job, env.now)
            note(env.now, "begin", name)
            reservation.draw(0.0, "wait")
            replicas = Replicas(reservation, Part("compute", load, memory=spec.memory_utilisation or 0.0))
            service = yield from find_when_free(world, name, partial(find_service, world, spec, job, replicas))
            yield from service.answer()
        yield from service.see_off()
        job.status = "finished"
        note(env.now, "finish", name)
    except simpy.Interrupt as interruption:
        let_go(job, env.now)
        job.status = "cancelled"
        note(env.now, "cancel", name, str(interruption.cause or ""))
    job.end_s = env.now


def find_service(world: World, spec: Serve, job: Job, replicas: "Replicas") -> "Service | None":
    """The service as it will go from now on; None while a city of its users has no way, or too little of one."""
    streams, name, open_s, count = world.streams, job.workload, world.env.now, count_replicas(world, spec)
    if spec.users is None:
        return Service(world, job, ask(streams, spec, name, open_s, count), replicas)
    crowd = world.crowds[spec.users]
    ways = find_crowd_ways(world, crowd, spec.at.split("/")[0], spec.latency, "ask")
    if ways is None:
        return None
    asked_s, service_s = open_s + arrival_times(streams, spec, name), service_times(streams, spec, name)
    questions = Questions(name, asked_s, service_s, spec.during)
    played = find_play(find_asking(world, spec, name, crowd, ways), world.traffic, questions, count)
    if played is None:
        return None
    requests, session = played
    service = Service(world, job, requests, replicas)
    service.is_asked_by(Askers(world, crowd, ways, name, session, open_s), occupied_bps(session, ways, service.edges_s))
    return service


def ask(streams: Streams, spec: Serve, name: str, open_s: float, replicas: int) -> Requests:
    """The requests of a service that opens at this moment, of users who do not count."""
    arrive_s, service_s = open_s + arrival_times(streams, spec, name), service_times(streams, spec, name)
    begin_s = begin_times(arrive_s, service_s, replicas)
    return Requests(name, arrive_s, begin_s, begin_s + service_s)


def _edges_s(world: World, answered_s: float, done_s: float) -> Floats:
    """The edges of the stretches of a service that opens now, up to its last answer, or to the horizon before it."""
    until_s = done_s if world.horizon_s is None else max(world.env.now, min(done_s, world.horizon_s))
    equal_s = np.linspace(world.env.now, until_s, STRETCHES + 1)
    return np.unique(np.append(equal_s, min(answered_s, until_s)))


class Replicas(NamedTuple):
    """The machines that answer, and what they do for a request."""

    reservation: Reservation
    work: Part


class Service:
    """A service that is open: what happened is recorded at the end of each stretch of requests."""

    __slots__ = ("_askers", "_ends_s", "_job", "_links_bps", "_replicas", "_requests", "_world", "edges_s")

    def __init__(self, world: World, job: Job, requests: Requests, replicas: Replicas) -> None:
        self._world, self._job, self._requests = world, job, requests
        self._replicas: Replicas | None = replicas
        self._askers: Askers | None = None
        self._links_bps: Mapping[str, float] = {}
        self._ends_s = np.sort(requests.end_s)
        self.edges_s = _edges_s(world, float(self._ends_s[-1]), float(requests.done_s.max()))
        job.planned_s = float(requests.done_s.max()) - world.env.now
        world.requests.append(requests)
        world.closing.append(self.close)

    def is_asked_by(self, askers: Askers, links_bps: Mapping[str, float]) -> None:
        """Record these users too, who take so much of links until the service ends."""
        self._askers, self._links_bps = askers, links_bps
        self._world.traffic.occupy(links_bps)

    def answer(self) -> Process:
        """Answer all of them; an interruption ends it."""
        last_s = float(self._ends_s[-1])
        yield from self._go_on([*self.edges_s[self.edges_s < last_s].tolist(), last_s])
        let_go(self._job, self._world.env.now)
        self._replicas = None

    def see_off(self) -> Process:
        """Let the last answers come to those who asked, without the replicas."""
        last_s = float(self._requests.done_s.max())
        yield from self._go_on([*self.edges_s[self.edges_s < last_s].tolist(), last_s])
        self._end()

    def _go_on(self, until_s: Iterable[float]) -> Process:
        env = self._world.env
        try:
            for moment_s in until_s:
                while env.now < moment_s:  # a sum of floats may fall short of it
                    yield env.timeout(moment_s - env.now)
                self._record(env.now)
        except simpy.Interrupt:
            self._end()
            raise

    def _end(self) -> None:
        self.close(self._world.env.now)
        self._world.closing.remove(self.close)
        self._world.traffic.occupy({link: -bps for link, bps in self._links_bps.items()})

    def close(self, until_s: float) -> None:
        """Write what is left up to the end, and how far the service came."""
        self._record(until_s)
        if self._askers is not None:
            self._askers.flush()
        let_go(self._job, until_s)
        self._job.done_share = answered(self._requests) / len(self._ends_s)

    def _record(self, until_s: float) -> None:
        """Write what happened since the last time, up to a moment."""
        requests = self._requests
        if self._askers is not None:
            self._askers.record(until_s)
        if self._replicas is not None:
            at_s, busy = busy_steps(requests.begin_s, self._ends_s, requests.until_s, until_s)
            self._replicas.reservation.draw_steps(at_s, busy, self._replicas.work)
        requests.until_s = until_s


def arrival_times(streams: Streams, spec: Serve, name: str) -> Floats:
    """When the requests arrive, in order, from the moment at which the service opens."""
    if spec.arrivals == "regular":
        return np.arange(spec.requests, dtype=np.float64) * (spec.during / spec.requests)
    return np.sort(streams.generator("arrivals", name).random(spec.requests)) * spec.during


def service_times(streams: Streams, spec: Serve, name: str) -> Floats:
    """How long each request takes on a replica, in the order in which they arrive."""
    service_s = np.full(spec.requests, spec.service_time)
    if spec.service == "exponential":
        service_s *= streams.generator("service", name).standard_exponential(spec.requests)
    return service_s


def new_job(world: World, spec: Serve, name: str) -> Job:
    """Open the record of a service that has just been submitted."""
    replicas = count_replicas(world, spec)
    devices = replicas * world.groups[spec.at].unit.devices
    job = Job(name, "serve", spec.at, spec.model or "", "", devices, "arrivals given", inf, world.env.now)
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
