"""Federated learning in rounds: a cohort of users' devices, then the server aggregates.

    round = select | sessions until the close (population/session.py) | aggregate

What that does to a model is the algorithm's rule; where the scenario has one learn, it does so with the accepted
updates of every round, and the learning ends when the target is reached. Else the number of rounds is the
scenario's word, or read off its curve (target.py).
The server is reserved all the time: it waits while the clients work. One process plays the
rounds; the members of a round are columns, not processes. An interruption ends it after what
was done; a horizon too. A round that closes without any update is over and brought nothing: the
learning goes on with the next one, and ends unfinished, for it is short of a round; as does one that misses its
target. Where a cable on its members' ways goes down and none beside it stays, the round is lost, a row without
updates, and begun again.
Source: McMahan et al. 2017, "Communication-efficient learning of deep networks from
decentralized data", algorithm 1.
"""

from collections.abc import Generator
from functools import partial
from math import inf
from typing import TYPE_CHECKING

import simpy

from simulator.engine.series import Series
from simulator.engine.withdraw import withdraw
from simulator.hardware.group import Reservation
from simulator.learning.rule import Rule
from simulator.population.cohort import Cohorts, Played, Rules
from simulator.population.crowd import Crowd, Indices
from simulator.population.participation import Participation
from simulator.population.record import CrowdRecord, Told
from simulator.population.selection import asks_losses, build_selector
from simulator.population.session import Sizes
from simulator.population.ways import CrowdWays
from simulator.record.jobs import Job, hold
from simulator.record.rounds import Round
from simulator.units import BITS_PER_BYTE
from simulator.workloads.federate.job import new_job
from simulator.workloads.federate.kind import MEAN_TAKES, ROUND_NEEDS, ROUND_TAKES, Play
from simulator.workloads.federate.lesson import find_lesson, find_shards
from simulator.workloads.federate.load import find_dropout, load_of_clients
from simulator.workloads.federate.progress import Progress
from simulator.workloads.federate.target import basis_of
from simulator.workloads.reserved import finish, pause
from simulator.workloads.ways import find_crowd_ways, find_when_free, internet_of
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


def federate_in_rounds(world: World, spec: "Federate", name: str, rule: Rule) -> Process:
    """The life of one federated learning, from submission to its last aggregation."""
    env, group, crowd = world.env, world.groups[spec.server or ""], world.crowds[spec.clients[0]]
    rules, basis = find_rules(world, spec, crowd), basis_of(spec, world.definitions)
    job = new_job(world, spec, name, basis)
    season = Season(world, job, spec, rules, Progress(job, basis, find_lesson(world, spec, name, rule)))
    world.closing.append(season.close)
    world.events.add(env.now, "submit", name)
    with Reservation(group, job.units or 0, name, spec.priority) as reservation:
        try:
            yield from reservation.wait_granted()
            hold(job, env.now)
            world.events.add(env.now, "begin", name)
            for turn in range(basis.rounds):
                if season.learn((yield from season.play_round(turn, reservation))):
                    break
        except simpy.Interrupt:
            pause(world, job, "cancel")
    season.close(env.now)
    world.closing.remove(season.close)
    finish(world, job)


class Season:
    """The rounds of one learning as they are played: what is under way, and what is done.

    `label` names its rows and what is charged to users and their ways, where a learning has several.
    """

    __slots__ = (
        *("_atlas", "_begin_s", "_cohorts", "_job", "_label", "_played", "_record", "_rules", "_selector", "_spec"),
        *("_taken", "_ways", "_world", "progress"),
    )

    def __init__(
        self, world: World, job: Job, spec: "Federate", rules: Rules, progress: Progress, label: str = ""
    ) -> None:
        self._world, self._job, self._spec, self._rules, self.progress = world, job, spec, rules, progress
        self._label = label or job.workload
        crowd = world.crowds[spec.clients[0]]
        self._selector = build_selector(spec.selection, crowd, grids(world, crowd), rules)
        self._ways: CrowdWays | None = None
        self._atlas: object = None
        self._cohorts: Cohorts | None = None
        self._record: CrowdRecord | None = None
        self._played: Played | None = None
        self._begin_s = world.env.now
        self._taken = world.participations[self._label] = Participation(crowd)

    def play_round(self, turn: int, server: Reservation) -> Generator[simpy.Event, None, Played]:
        """One whole round, its aggregation included; one whose ways break is lost, and begun again."""
        whole = False
        while not whole:
            server.draw(0.0, "wait")
            played, told, whole = yield from self.play((yield from self.wait_play(turn)))
            if not whole:
                self.closed(turn, played, told)
        server.draw(self._spec.utilisation or 0.0, "compute")
        yield self._world.env.timeout(self._spec.aggregation or 0.0)
        self.closed(turn, played, told)
        return played

    def wait_play(self, turn: int) -> Generator[simpy.Event, None, Played]:
        """How the round goes, as soon as users are there, and ways and links let it begin."""
        find, find_next_s = partial(self.find_play, turn), partial(self._find_next_s, turn)
        return find_when_free(self._world, self._job.workload, find, "users or links", find_next_s)

    def find_play(self, turn: int) -> Played | None:
        """How the round goes, as ways and links are now; None while a city has none, others leave it too little, or
        nobody is there."""
        self._find_ways()
        if self._ways is None or self._cohorts is None:
            return None
        return self._cohorts.find_play(turn, at_s=self._world.env.now)

    def _find_next_s(self, turn: int) -> float | None:
        """When somebody may be there again; None where somebody is."""
        return None if self._cohorts is None else self._cohorts.find_next_s(turn, self._world.env.now)

    def _find_ways(self) -> None:
        """Take the ways that there are now: a round keeps to them."""
        world, crowd, spec = self._world, self._world.crowds[self._spec.clients[0]], self._spec
        atlas = internet_of(world).atlas
        if self._ways is not None and atlas is self._atlas:
            return
        self._atlas = atlas
        ways = find_crowd_ways(world, crowd, (spec.server or "").split("/")[0], spec.latency, "down", "compute", "up")
        if ways is not None and ways != self._ways:
            if self._record is not None:
                self._record.flush()
            self._cohorts = Cohorts(crowd, ways, world.traffic, world.streams, self._rules, self._selector)
            self._record = CrowdRecord(world.ledger, world.traffic, crowd, ways, self._label)
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

    def closed(self, turn: int, played: Played, told: Told) -> None:
        """Note that a round is done."""
        now_s, sessions = self._world.env.now, played.sessions
        selected, accepted, dropped = len(sessions.accepted), int(sessions.accepted.sum()), int(sessions.dropped.sum())
        self._world.rounds.append(
            Round(
                self._label,
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

    def learn(self, played: Played) -> bool:
        """Count a round that is over, and let the model learn from its updates; whether it is at its target."""
        return self.progress.end_round(self.took(played), self._world.env.now)

    def took(self, played: Played) -> Indices:
        """Note who took part in a round; whose updates were accepted."""
        accepted = played.sessions.accepted
        self._taken.add(played.users, accepted)
        if self._cohorts is not None:
            losses = self.progress.find_losses(played.users[accepted]) if asks_losses(self._spec.selection) else None
            self._cohorts.saw(played, losses)
        return played.users[accepted]

    def close(self, at_s: float) -> None:
        """Record what is under way as far as it came, and end the job's record."""
        if self._played is not None:
            self._write(self._played.until(at_s - self._begin_s))
        if self._record is not None:
            self._record.flush()
        self.progress.close(at_s)

    def _write(self, played: Played) -> Told:
        self._played = None
        if played.sessions.close_s <= 0.0:
            return Told(0.0, 0.0, 0.0)
        assert self._record is not None, "who plays has found ways"
        return played.record(self._record, self._begin_s)


def find_rules(world: World, spec: "Federate", crowd: Crowd) -> Rules:
    """How every round is played; what of it is assumed is listed."""
    load = load_of_clients(world, spec, crowd.spec)
    dropout = find_dropout(world, spec)
    deadline_s = inf if spec.deadline is None else spec.deadline
    sizes = Sizes(load.down_b, load.up_b)
    rules = Rules(spec.selected, spec.cohort or 0, deadline_s, dropout, sizes, load.samples, load.sample_s)
    return rules._replace(extra_s=load.extra_s, trips=load.trips, shards=find_shards(world, spec), epochs=spec.epochs)


def grids(world: World, crowd: Crowd) -> list[Series]:
    """The intensity of the grid of each block of a crowd."""
    found = []
    for block in crowd.blocks:
        signals = world.places[block.place].signals
        found.append(next(one.series for one in signals if one.signal == "grid_gco2e_per_kwh"))
    return found


ROUNDS = Play(federate_in_rounds, ROUND_NEEDS, ROUND_TAKES | MEAN_TAKES)
