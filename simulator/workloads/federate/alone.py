"""Users' devices that learn alone: the same ones round after round, each on what its user holds.

    round = samples x seconds a sample / the user's speed,  until the slowest is through

Nothing is sent, so that lines and cables draw nothing; a device that is through draws nothing either
until the next round, so that all draw what they would if each went on at once. A round is cut into a few
equal stretches as in population/record.py. Who takes part is drawn once, and must always be there.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from simulator.engine.bundle import Bundle
from simulator.engine.ledger import Channel
from simulator.engine.spill import Floats
from simulator.learning.nodes import Nodes
from simulator.population.available import ALWAYS
from simulator.population.crowd import Crowd, Indices
from simulator.population.record import STRETCHES
from simulator.record.rounds import Round
from simulator.spec import Fault
from simulator.vocabulary import POWER
from simulator.workloads.federate.crowd_clashes import crowd_faults
from simulator.workloads.federate.job import open_job
from simulator.workloads.federate.kind import Play
from simulator.workloads.federate.lesson import Lesson, begin_lesson, find_shards, local_of, task_of
from simulator.workloads.federate.load import load_of_clients
from simulator.workloads.federate.progress import Progress
from simulator.workloads.federate.target import basis_of
from simulator.workloads.given import Given
from simulator.workloads.reserved import finish, pause
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

NONE = "none"
"""What holds back the transfers of a round in which nobody sends."""
MOST_ALONE = 1_000_000
"""Users whose sessions are held at once."""


def crowd_alone(world: World, spec: "Federate", name: str, _: None) -> Process:
    """The life of devices that learn alone, from submission to the last one's end."""
    env, crowd, basis = world.env, world.crowds[spec.clients[0]], basis_of(spec, world.definitions)
    users = _chosen(world, crowd, spec.cohort)
    job = open_job(world, spec, name, basis, spec.clients[0])
    progress = Progress(job, basis, find_lesson_alone(world, spec, name, users))
    work = _Work(world, crowd, name, users, _compute_s(world, spec, crowd, users))

    def close(at_s: float) -> None:
        work.stop(at_s)
        progress.close(at_s)

    world.closing.append(close)
    job.begin_s, job.status = env.now, "unfinished"
    world.events.add(env.now, "submit", name)
    world.events.add(env.now, "begin", name)
    try:
        for turn in range(basis.rounds):
            begin_s = work.begin()
            yield env.timeout(work.longest_s)
            work.stop(env.now)
            all_of_them = (len(users), len(users), 0, 0)
            world.rounds.append(Round(name, turn, begin_s, env.now, env.now, *all_of_them, 0.0, 0.0, 0.0, NONE))
            if progress.end_round(users, env.now):
                break
    except simpy.Interrupt:
        pause(world, job, "cancel")
    close(env.now)
    world.closing.remove(close)
    finish(world, job)


def _chosen(world: World, crowd: Crowd, cohort: int | None) -> Indices:
    """Who takes part: everybody, or so many by luck, the same for every learning of this population."""
    if cohort is None:
        return np.arange(crowd.count)
    luck = world.streams.generator("selection", crowd.name, 0)
    return np.sort(luck.choice(crowd.count, cohort, replace=False, shuffle=False))


def _compute_s(world: World, spec: "Federate", crowd: Crowd, users: Indices) -> Floats:
    """How long each takes for a round; what of it is assumed is listed."""
    load, columns = load_of_clients(world, spec, crowd.spec), crowd.columns()
    world.assumptions.update(dict.fromkeys(crowd.assumptions("compute")))
    shards = find_shards(world, spec)
    samples = columns.samples[users] if shards is None else shards[users % len(shards)]
    return samples * (load.samples * load.sample_s) / columns.speed[users]


def find_nodes(world: World, spec: "Federate", clients: Indices) -> Nodes | None:
    """The models of clients, each of which holds the task's shard by its number; None where nothing learns."""
    if spec.learn is None:
        return None
    task = task_of(world, spec.learn.task)
    return Nodes(task, local_of(spec.learn, int(spec.epochs)), clients % task.clients)


def find_lesson_alone(world: World, spec: "Federate", name: str, clients: Indices) -> Lesson | None:
    """The lesson of clients that learn alone; None where nothing learns."""
    nodes = find_nodes(world, spec, clients)
    return None if nodes is None else begin_lesson(world, spec, name, nodes)


class _Work:
    """What devices draw while they compute, written round by round."""

    __slots__ = ("_begin_s", "_block", "_bundle", "_compute_s", "_crowd", "_workload", "_world")

    def __init__(self, world: World, crowd: Crowd, workload: str, users: Indices, compute_s: Floats) -> None:
        self._world, self._crowd, self._workload = world, crowd, workload
        self._block, self._compute_s = crowd.block_of(users), compute_s
        channels = [Channel(crowd.device(city), workload, "compute", POWER) for city in crowd.cities]
        self._bundle = Bundle(world.ledger, channels)
        self._begin_s: float | None = None

    @property
    def longest_s(self) -> float:
        """How long the slowest takes."""
        return float(self._compute_s.max())

    def begin(self) -> float:
        """Let a round begin; returns when."""
        begin_s = self._begin_s = self._world.env.now
        return begin_s

    def stop(self, at_s: float) -> None:
        """Write the round that is under way as far as it came."""
        begin_s, self._begin_s = self._begin_s, None
        if begin_s is not None and at_s > begin_s:
            edges_s = np.linspace(0.0, at_s - begin_s, STRETCHES + 1)
            done_s = np.array([self._by_block(edge_s) for edge_s in edges_s.tolist()]).T
            levels_w = self._crowd.watts.compute_w * np.diff(self._crowd.city_sums(done_s), axis=1) / np.diff(edges_s)
            self._bundle.add(begin_s + edges_s, levels_w)
            for number in np.unique(self._block).tolist():
                computed_s = float(done_s[number, -1])
                self._crowd.used(self._crowd.blocks[number], self._workload, begin_s, at_s, computed_s, 0.0)
        self._bundle.flush()

    def _by_block(self, edge_s: float) -> Floats:
        """Seconds that the devices of each block have computed up to an edge."""
        done_s = np.minimum(self._compute_s, edge_s)
        return np.asarray(np.bincount(self._block, done_s, len(self._crowd.blocks)), float)


def alone_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What a crowd cannot do where each learns alone."""
    users = given.populations.get(spec.clients[0])
    if users is None:
        return
    yield from crowd_faults(spec, given, users)
    asked = users.count if spec.cohort is None else spec.cohort
    if asked > MOST_ALONE:
        sentence = f"{asked:,} devices would learn; at most {MOST_ALONE:,} can be held at once: give a `cohort`"
        yield Fault(("cohort",) if spec.cohort is not None else ("clients",), sentence)
    if users.available != ALWAYS or users.eligible is not None:
        sentence = f"who learns alone is always there here; leave `available` and `eligible` of {spec.clients[0]} out"
        yield Fault(("clients",), sentence)


ALONE = Play(crowd_alone, frozenset(), frozenset(("cohort",)), alone_faults)
