"""The life of an asynchronous learning: version after version of a model, as population/slots.py has them.

All sessions are planned as the learning begins, up to its last version (or the horizon), and written when it ends,
for only then is it known whose update was in vain. A row of `rounds` is a version: who ended between the one before
and it. The links keep free what all lines ask at the busiest moment; where they have not so much room beside what
is there the learning waits until they do. Its ways are those of its beginning.
"""

from collections.abc import Callable
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import simpy

from simulator.errors import ContradictionError
from simulator.hardware.group import Reservation
from simulator.learning.rule import Rule
from simulator.population.crowd import Crowd, Indices
from simulator.population.overlap import sums_by_block
from simulator.population.participation import Participation
from simulator.population.peaks import peaks_bps
from simulator.population.presence import ByHour, build_presence
from simulator.population.record import STRETCHES, CrowdRecord
from simulator.population.session import UPLOADED, Sizes
from simulator.population.slot_draws import Tasked, draw_from_crowd
from simulator.population.slots import Asynchronous, Draw, SlotRules, Slots, cut
from simulator.population.ways import CrowdWays
from simulator.record.jobs import Job, hold
from simulator.record.rounds import Round
from simulator.units import BITS_PER_BYTE
from simulator.workloads.federate.job import new_job
from simulator.workloads.federate.lesson import find_lesson, find_shards
from simulator.workloads.federate.load import Load, find_dropout, load_of_clients
from simulator.workloads.federate.progress import Progress
from simulator.workloads.federate.target import basis_of
from simulator.workloads.reserved import finish, pause
from simulator.workloads.ways import find_crowd_ways, find_when_free
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


class Plan(NamedTuple):
    """All sessions as they will go if nothing ends the learning before, their blocks and ways, and what they take."""

    whole: Asynchronous
    block: Indices
    ways: CrowdWays
    occupied_bps: dict[str, float]


Planner = Callable[["World", "Federate", Crowd, CrowdWays, int, float], Asynchronous]
"""From a crowd and its ways to all sessions up to so many versions, or to a moment."""


def federate_in_versions(world: World, spec: "Federate", name: str, rule: Rule, plan: Planner) -> Process:
    """The life of one asynchronous learning, from submission to its last version; `plan` plans its sessions."""
    env, group = world.env, world.groups[spec.server or ""]
    basis = basis_of(spec, world.definitions)
    job = new_job(world, spec, name, basis)
    season = _Season(world, spec, job, Progress(job, basis, find_lesson(world, spec, name, rule)), plan)
    world.closing.append(season.close)
    world.events.add(env.now, "submit", name)
    with Reservation(group, job.units or 0, name, spec.priority) as reservation:
        try:
            yield from reservation.wait_granted()
            hold(job, env.now)
            world.events.add(env.now, "begin", name)
            reservation.draw(0.0, "wait")
            season.begin((yield from find_when_free(world, name, season.find_plan)))
            for version in range(1, season.versions + 1):
                yield env.timeout(season.wait_s(version))
                reservation.draw(spec.utilisation or 0.0, "compute")
                yield env.timeout(spec.aggregation or 0.0)
                reservation.draw(0.0, "wait")
                if season.make(version):
                    break
            else:
                yield from season.rest()
        except simpy.Interrupt:
            pause(world, job, "cancel")
    season.close(env.now)
    world.closing.remove(season.close)
    finish(world, job)


class _Season:
    """The versions of one learning: what is planned, and what is made."""

    __slots__ = (
        *("_begin_s", "_crowd", "_job", "_made", "_plan", "_plan_sessions", "_progress", "_spec", "_updates", "_world"),
    )

    def __init__(self, world: World, spec: "Federate", job: Job, progress: Progress, planner: Planner) -> None:
        self._world, self._spec, self._job, self._progress = world, spec, job, progress
        self._plan_sessions = planner
        self._crowd: Crowd = world.crowds[spec.clients[0]]
        self._plan: Plan | None = None
        self._begin_s, self._made = 0.0, 0

    def find_plan(self) -> Plan | None:
        """All sessions, if the links have room for them now; None while they have not, or a city has no way."""
        world, crowd, spec = self._world, self._crowd, self._spec
        place = (spec.server or "").split("/")[0]
        ways = find_crowd_ways(world, crowd, place, spec.latency, "down", "compute", "up")
        if ways is None:
            return None
        for link, capacity_bps in ways.capacities_bps.items():
            world.traffic.add_link(link, capacity_bps)
        most_s = inf if world.horizon_s is None else world.horizon_s - world.env.now
        whole = self._plan_sessions(world, spec, crowd, ways, self._progress.rounds, most_s)
        block = crowd.block_of(whole.user)
        asked_bps = peaks_bps(whole, block, ways)
        room = world.traffic.room(asked_bps)
        for link, bps in asked_bps.items():
            if bps > room[link].capacity_bps:
                found = f"at the busiest moment they ask {link} for {bps / 1e9:.3g} Gb/s"
                sentence = f"{found}, and it carries {room[link].capacity_bps / 1e9:.3g}; lower `concurrency`"
                raise ContradictionError(spec.clients[0], sentence)
        fits = all(bps <= room[link].capacity_bps - room[link].used_bps for link, bps in asked_bps.items())
        return Plan(whole, block, ways, asked_bps) if fits else None

    def begin(self, plan: Plan) -> None:
        """Take what it needs of the links."""
        self._plan, self._begin_s = plan, self._world.env.now
        self._updates = _Updates(plan.whole)
        self._world.traffic.occupy(plan.occupied_bps)

    @property
    def versions(self) -> int:
        """How many are planned beyond the first."""
        return len(self._planned.whole.version_s) - 1

    def wait_s(self, version: int) -> float:
        """How long until the aggregation of a version begins."""
        begins_s = self._begin_s + self._planned.whole.version_s[version] - (self._spec.aggregation or 0.0)
        return max(0.0, float(begins_s) - self._world.env.now)

    def make(self, version: int) -> bool:
        """Note that a version is there, and have the model learn it; whether it is at its target."""
        whole, chosen = self._planned.whole, self._updates.of(version)
        self._made = version
        begun_with, oldest = whole.version_at_begin[chosen], self._updates.oldest[version]
        return self._progress.end_version(whole.user[chosen], begun_with, oldest, self._world.env.now)

    def rest(self) -> Process:
        """Wait for the horizon, where it comes before the last version."""
        if self._made < self._progress.rounds:
            yield self._world.env.event()

    def close(self, at_s: float) -> None:
        """Write all that was done by then, give the links back, and end the job's record."""
        if self._plan is not None:
            plan, self._plan = self._plan, None
            self._world.traffic.occupy({link: -bps for link, bps in plan.occupied_bps.items()})
            made_s = float(plan.whole.version_s[self._made])
            done_s = made_s if self._progress.is_over else max(made_s, at_s - self._begin_s)
            self._write(plan, cut(plan.whole, done_s))
        self._progress.close(at_s)

    def _write(self, plan: Plan, done: Asynchronous) -> None:
        """Signals, a row for each version, and who took part."""
        if done.close_s <= 0.0:
            return
        world, crowd = self._world, self._crowd
        block = crowd.block_of(done.user)
        ends_s = done.version_s if done.version_s[-1] == done.close_s else np.append(done.version_s, done.close_s)
        edges_s = np.unique(np.concatenate([np.linspace(a, b, STRETCHES + 1) for a, b in pairwise(ends_s)]))
        good, vain = sums_by_block(done, block, len(crowd.blocks), edges_s)
        record = CrowdRecord(world.ledger, world.traffic, crowd, plan.ways, self._job.workload)
        record.write_sums(self._begin_s, edges_s, good, vain)
        record.flush()
        at = np.searchsorted(edges_s, done.version_s)
        up_b, down_b = ((good[kind] + vain[kind]).sum(axis=0)[at] for kind in (4, 3))
        self._write_rows(done, down_b, up_b, vain[4].sum(axis=0)[at])
        taken = Participation(crowd)
        taken.add(done.user, done.accepted)
        world.participations[self._job.workload] = taken

    def _write_rows(self, done: Asynchronous, down_b: np.ndarray, up_b: np.ndarray, lost_b: np.ndarray) -> None:
        """A row of `rounds` for each version."""
        ended = np.searchsorted(done.version_s, done.moments_s[UPLOADED], side="left")
        versions = len(done.version_s)
        accepted = np.bincount(done.aggregated_in[done.accepted], minlength=versions)
        dropped, late = (
            np.bincount(ended[flag], minlength=versions + 1)
            for flag in (done.dropped, ~(done.dropped | done.accepted) & (ended < versions))
        )
        late[versions - 1] += int((ended == versions).sum()) - int(dropped[versions])  # under way at the end
        at_s = self._begin_s + done.version_s
        bytes_of = [np.diff(bits) / BITS_PER_BYTE for bits in (down_b, up_b, lost_b)]
        for version in range(1, versions):
            counts = [int(column[version]) for column in (accepted, dropped, late)]
            down_bytes, up_bytes, lost_bytes = (float(column[version - 1]) for column in bytes_of)
            begin_s, end_s = float(at_s[version - 1]), float(at_s[version])
            self._world.rounds.append(
                Round(
                    self._job.workload,
                    version - 1,
                    begin_s,
                    max(begin_s, end_s - (self._spec.aggregation or 0.0)),
                    end_s,
                    sum(counts),
                    *(counts[0], counts[1], counts[2]),
                    down_bytes,
                    up_bytes,
                    lost_bytes,
                    "own lines",
                )
            )

    @property
    def _planned(self) -> Plan:
        assert self._plan is not None, "who makes versions has planned them"
        return self._plan


class _Updates:
    """Which sessions went into which version, and the oldest version that anybody still works with after each."""

    __slots__ = ("_first", "_order", "oldest")

    def __init__(self, whole: Asynchronous) -> None:
        versions = len(whole.version_s)
        self._order = np.argsort(whole.aggregated_in, kind="stable")
        self._first = np.searchsorted(whole.aggregated_in[self._order], np.arange(versions + 1))
        last = np.where(whole.accepted, whole.aggregated_in, 0)
        oldest = np.full(versions + 1, versions)
        np.minimum.at(oldest, last, np.where(whole.accepted, whole.version_at_begin, versions))
        self.oldest = np.minimum.accumulate(oldest[::-1])[::-1][1:].tolist()
        """After version v: the oldest that an update of a later one began with."""

    def of(self, version: int) -> Indices:
        """The sessions whose updates made a version."""
        return np.sort(self._order[self._first[version] : self._first[version + 1]])


def plan_sessions(
    world: World, spec: "Federate", crowd: Crowd, ways: CrowdWays, versions: int, most_s: float
) -> Asynchronous:
    """All sessions up to so many versions, or to a moment, where a version is made of so many updates."""
    load = load_of_clients(world, spec, crowd.spec)
    fedbuff, aggregation_s = spec.algorithm, spec.aggregation or 0.0
    timeout_s = inf if fedbuff.timeout is None else fedbuff.timeout  # type: ignore[attr-defined]  # a FedBuff
    concurrency, buffer = fedbuff.concurrency, fedbuff.buffer  # type: ignore[attr-defined]  # a FedBuff
    rules = SlotRules(concurrency, buffer, timeout_s, aggregation_s, Sizes(load.down_b, load.up_b))
    return Slots(draws_of(world, spec, crowd, ways, load), rules).until_versions(versions, most_s)


def draws_of(world: World, spec: "Federate", crowd: Crowd, ways: CrowdWays, load: Load) -> Draw:
    """Who has a slot next, from now on."""
    compute_s, dropout, shards = load.samples * load.sample_s, find_dropout(world, spec), find_shards(world, spec)
    tasked = Tasked(ways.latencies_s, compute_s, dropout, load.extra_s, world.env.now, shards)
    presence = build_presence(crowd)
    by_hour = presence if isinstance(presence, ByHour) else None  # federate_clashes() refuses traces
    concurrency = spec.algorithm.concurrency  # type: ignore[attr-defined]  # whoever has slots says how many
    return draw_from_crowd(crowd, world.streams, concurrency, tasked, by_hour)
