"""Federated learning as a process: rounds of a cohort, then the server aggregates.

    round = select | sessions until the close (population/session.py) | aggregate

FedAvg: the server's model becomes the mean of the accepted updates, weighed by samples; what
that does to the model is not simulated here, so the number of rounds is the scenario's.
The server is reserved all the time: it waits while the clients work. One process plays the
rounds; the members of a round are columns, not processes. An interruption ends it after what
was done; a horizon too. A round that closes without any update is over and brought nothing: the
learning goes on with the next one, and ends unfinished, for it is short of a round. Where a cable on its
members' ways goes down and none beside it stays, the round is lost, a row without updates, and begun again.
Source: McMahan et al. 2017, "Communication-efficient learning of deep networks from
decentralized data", algorithm 1.
"""

from collections.abc import Generator
from functools import partial
from math import inf

import simpy

from simulator.catalogue import find
from simulator.engine.withdraw import withdraw
from simulator.hardware.group import Reservation
from simulator.population.cohort import Cohorts, Played, Rules
from simulator.population.crowd import Crowd
from simulator.population.record import CrowdRecord, Told
from simulator.population.session import Sizes
from simulator.population.ways import CrowdWays
from simulator.record.jobs import Job, hold, let_go, never_submitted
from simulator.record.rounds import Round
from simulator.units import BITS_PER_BYTE
from simulator.workloads.federate_spec import DROPOUT, Federate, client_load
from simulator.workloads.reserved import finish, pause
from simulator.workloads.ways import find_crowd_ways, find_when_free, internet_of
from simulator.world import Process, World

ROUNDS_GIVEN = "rounds given"
GIVEN_ROUNDS = "given-rounds/"
"""What begins the name of the assumption that so many rounds make a model."""


def federate(world: World, spec: Federate, name: str) -> Process:
    """The life of one federated learning, from submission to its last aggregation."""
    env, group, crowd = world.env, world.groups[spec.server], world.crowds[spec.clients]
    rules = find_rules(world, spec, crowd)
    world.assumptions[GIVEN_ROUNDS + name] = None
    units = group.count if spec.units is None else spec.units
    job = new_job(world, spec, name, units)
    season = _Season(world, job, spec, rules)
    world.closing.append(season.close)
    world.events.add(env.now, "submit", name)
    with Reservation(group, units, name, spec.priority) as reservation:
        try:
            yield from reservation.wait_granted()
            hold(job, env.now)
            world.events.add(env.now, "begin", name)
            for turn in range(spec.rounds):
                whole = False
                while not whole:  # a round whose ways break is lost, and begun again
                    reservation.draw(0.0, "wait")
                    played = yield from find_when_free(world, name, partial(season.find_play, turn))
                    played, told, whole = yield from season.play(played)
                    if not whole:
                        season.aggregated(turn, played, told)
                reservation.draw(spec.utilisation, "compute")
                yield env.timeout(spec.aggregation)
                season.aggregated(turn, played, told)
        except simpy.Interrupt:
            pause(world, job, "cancel")
    season.close(env.now)
    world.closing.remove(season.close)
    if job.status == "cancelled" or job.done_share == 1.0:
        finish(world, job)
    else:
        job.end_s = env.now
        world.events.add(env.now, "unfinished", name, "rounds without an update")


class _Season:
    """The rounds of one learning as they are played: what is under way, and what is done."""

    __slots__ = (
        *("_atlas", "_begin_s", "_cohorts", "_done", "_job", "_played", "_record", "_rules", "_spec"),
        *("_ways", "_world"),
    )

    def __init__(self, world: World, job: Job, spec: Federate, rules: Rules) -> None:
        self._world, self._job, self._spec, self._rules = world, job, spec, rules
        self._ways: CrowdWays | None = None
        self._atlas: object = None
        self._cohorts: Cohorts | None = None
        self._record: CrowdRecord | None = None
        self._played: Played | None = None
        self._begin_s, self._done = world.env.now, 0

    def find_play(self, turn: int) -> Played | None:
        """How the round goes, as ways and links are now; None while a city has none or others leave it too little."""
        self._find_ways()
        return None if self._ways is None or self._cohorts is None else self._cohorts.find_play(turn)

    def _find_ways(self) -> None:
        """Take the ways that there are now: a round keeps to them."""
        world, crowd, spec = self._world, self._world.crowds[self._spec.clients], self._spec
        atlas = internet_of(world).atlas
        if self._ways is not None and atlas is self._atlas:
            return
        self._atlas = atlas
        ways = find_crowd_ways(world, crowd, spec.server.split("/")[0], spec.latency, "down", "compute", "up")
        if ways is not None and ways != self._ways:
            if self._record is not None:
                self._record.flush()
            self._cohorts = Cohorts(crowd, ways, world.traffic, world.streams, self._rules)
            self._record = CrowdRecord(world.ledger, world.traffic, crowd, ways, self._job.workload)
        self._ways = ways

    def play(self, played: Played) -> Generator[simpy.Event, None, tuple[Played, Told, bool]]:
        """Let a round take its time: how it went, what it came to, and whether its ways held.

        Who interrupts it leaves it under way.
        """
        env, traffic = self._world.env, self._world.traffic
        self._played, self._begin_s = played, env.now
        traffic.occupy(played.occupied_bps)
        close = env.timeout(played.sessions.close_s)
        try:
            while not close.processed and self._is_whole():
                yield env.any_of([close, internet_of(self._world).wait_changed()])
        finally:
            withdraw(env, close)
            traffic.occupy({link: -bps for link, bps in played.occupied_bps.items()})
        whole: bool = close.processed
        if not whole:
            played = played.broken_off(env.now - self._begin_s)
            self._world.events.add(env.now, "broken", self._job.workload, "a cable on its members' ways went down")
        return played, self._write(played), whole

    def _is_whole(self) -> bool:
        """Whether the ways of the round still have cables."""
        assert self._ways is not None, "who plays has found ways"
        internet = internet_of(self._world)
        return internet.atlas is self._atlas or all(map(internet.is_whole, (*self._ways.down, *self._ways.up)))

    def aggregated(self, turn: int, played: Played, told: Told) -> None:
        """Note that a round is done."""
        now_s, sessions = self._world.env.now, played.sessions
        selected, accepted, dropped = len(sessions.accepted), int(sessions.accepted.sum()), int(sessions.dropped.sum())
        self._world.rounds.append(
            Round(
                self._job.workload,
                turn,
                self._begin_s,
                self._begin_s + sessions.close_s,
                now_s,
                selected,
                accepted,
                dropped,
                selected - accepted - dropped,
                told.down_b / BITS_PER_BYTE,
                told.up_b / BITS_PER_BYTE,
                told.lost_b / BITS_PER_BYTE,
                "own lines" if played.ways is None else "shared",
            )
        )
        assert self._job.begin_s is not None, "a round is played by a job that has begun"
        self._job.planned_s = (now_s - self._job.begin_s) / (turn + 1) * self._spec.rounds
        self._done += accepted > 0

    def close(self, at_s: float) -> None:
        """Record what is under way as far as it came, and end the job's record."""
        if self._played is not None:
            self._write(self._played.until(at_s - self._begin_s))
        if self._record is not None:
            self._record.flush()
        let_go(self._job, at_s)
        self._job.done_share = self._done / self._spec.rounds

    def _write(self, played: Played) -> Told:
        self._played = None
        if played.sessions.close_s <= 0.0:
            return Told(0.0, 0.0, 0.0)
        assert self._record is not None, "who plays has found ways"
        return played.record(self._record, self._begin_s)


def find_rules(world: World, spec: Federate, crowd: Crowd) -> Rules:
    """How every round is played; what of it is assumed is listed."""
    load = client_load(spec, crowd.spec, world.definitions)
    world.assumptions.update(dict.fromkeys(load.assumptions))
    dropout = spec.dropout
    if dropout is None:
        world.assumptions[DROPOUT] = None
        dropout = find("assumption", DROPOUT).number("value_share", "correct the row")
    deadline_s = inf if spec.deadline is None else spec.deadline
    sizes = Sizes(load.down_b, load.up_b)
    return Rules(spec.selected, spec.cohort, deadline_s, dropout, sizes, load.samples, load.sample_s)


def new_job(world: World, spec: Federate, name: str, units: int) -> Job:
    """Open the record of a learning that has just been submitted."""
    devices = units * world.groups[spec.server].unit.devices
    job = Job(name, "federate", spec.server, spec.model, spec.dataset or "", devices, ROUNDS_GIVEN, inf, world.env.now)
    job.units, job.steps = units, spec.rounds
    world.jobs.append(job)
    return job


def never_federated(world: World, spec: Federate, name: str) -> None:
    """Record a learning whose turn had not come when the run ended."""
    world.jobs.append(never_submitted(name, "federate", spec.server))
