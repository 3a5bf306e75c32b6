"""Hierarchical learning: edges near their users make a model each, and a server makes one of theirs.

    global round = model down to every edge | edge rounds, all edges at once | up | wait for the last | aggregate
    edge round   = as in rounds.py, among the edge's own population

The model crosses the wide area twice for each edge and global round, whatever the cohorts and edge rounds are. Each
edge selects a cohort of its own, and aggregates as long and at the same load as the server. All machines
are held from the first round to the last. Rows of `rounds` are the edges', told apart by their
populations: `workload/population`; what passes between edges and server are rows of `transfers`.
User u of a population holds the task's shards as if the populations before it were one with it.
Source: Liu et al. 2020, "Client-edge-cloud hierarchical federated learning" (ICC), algorithm 1.
"""

from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np
import simpy
from pydantic import BeforeValidator, Field

from simulator.definitions import model_size_b
from simulator.hardware.group import Reservation
from simulator.learning.edges import Edges
from simulator.learning.rule import Rule, averaging
from simulator.population.crowd import Indices
from simulator.record.transfers import Transfer
from simulator.spec import NAME_ALONE, Count, Fault, Ref, Spec, names
from simulator.workloads.federate.between import moving, way_faults
from simulator.workloads.federate.crowd_clashes import crowd_faults
from simulator.workloads.federate.fleet import Fleet, live
from simulator.workloads.federate.job import new_job
from simulator.workloads.federate.kind import ROUND_NEEDS, ROUND_TAKES, Algorithm, Play
from simulator.workloads.federate.lesson import begin_lesson, local_of, task_of, wire_of
from simulator.workloads.federate.progress import Progress
from simulator.workloads.federate.rounds import Season, find_rules
from simulator.workloads.federate.silo_clashes import many_faults
from simulator.workloads.federate.target import basis_of, find_basis
from simulator.workloads.given import Given, no_memory_faults
from simulator.workloads.transfer import wait_all
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


class Hierarchical(Spec):
    """Edges that aggregate near their users, and a server that aggregates theirs."""

    kind: Literal["hierarchical"]
    edges: Annotated[list[Annotated[str, Ref("group")]], BeforeValidator(names), NAME_ALONE] = Field(
        description="where each population of `clients` has its updates aggregated, in their order: place/group"
    )
    edge_rounds: Count = Field(description="rounds of each edge between two with the server")


def rule(_: Hierarchical) -> Rule:
    """What an edge does to its model."""
    return averaging(1.0)


class Edge(NamedTuple):
    """One edge: its number, its machines, its rounds, and the number that its population's first user has."""

    number: int
    group: str
    season: Season
    first: int


class Tree(NamedTuple):
    """A server and its edges as they learn; `model` is there where something really does."""

    world: World
    spec: "Federate"
    name: str
    edges: list[Edge]
    fleet: Fleet
    progress: Progress
    model: Edges | None
    size_b: float

    def held(self, group: str) -> Reservation:
        """The machines of one group."""
        return self.fleet.held[group]

    def close(self, at_s: float) -> None:
        """Record what is under way as far as it came, and end the job's record."""
        for edge in self.edges:
            edge.season.close(at_s)


def federate_by_edges(world: World, spec: "Federate", name: str, rule: Rule) -> Process:
    """The life of one hierarchical learning, from submission to its last aggregation."""
    basis, groups = basis_of(spec, world.definitions), edges_of(spec)
    job, model = new_job(world, spec, name, basis), _find_model(world, spec, rule)
    asked = {job.at: job.units or 0, **{group: world.groups[group].count for group in groups}}
    lesson = None if model is None else begin_lesson(world, spec, name, model)
    progress = Progress(job, basis, lesson)
    firsts = accumulate((world.crowds[crowd].count for crowd in spec.clients), initial=0)
    edges = []
    for number, (own, first) in enumerate(zip(specs_of(spec), firsts, strict=False)):
        rules = find_rules(world, own, world.crowds[own.clients[0]])
        if rules.shards is not None:  # users are numbered through all populations
            rules = rules._replace(shards=np.roll(rules.shards, -first))
        season = Season(world, job, own, rules, progress, f"{name}/{own.clients[0]}")
        edges.append(Edge(number, groups[number], season, first))
    fleet = Fleet(world, job, asked, spec.priority)
    tree = Tree(world, spec, name, edges, fleet, progress, model, model_size_b(spec.model, world.definitions))
    yield from live(world, job, fleet, tree.close, _rounds(tree))


def edges_of(spec: "Federate") -> list[str]:
    """The machines of the edges, in the order of their populations."""
    return spec.algorithm.edges  # type: ignore[attr-defined,no-any-return]  # it is a Hierarchical


def specs_of(spec: "Federate") -> list["Federate"]:
    """The learning of each edge, as if it were alone."""
    pairs = zip(spec.clients, edges_of(spec), strict=True)
    return [spec.model_copy(update={"clients": [crowd], "server": edge, "units": None}) for crowd, edge in pairs]


def _find_model(world: World, spec: "Federate", rule: Rule) -> Edges | None:
    if spec.learn is None:
        return None
    task, local = task_of(world, spec.learn.task), local_of(spec.learn, int(spec.epochs))
    return Edges(task, local, rule, wire_of(spec.compression), len(spec.clients))


def _rounds(tree: Tree) -> Process:
    """Global rounds, until there were enough or the model is at its target."""
    env, spec, server = tree.world.env, tree.spec, tree.held(tree.spec.server or "")
    for turn in range(tree.progress.rounds):
        tree.fleet.rest("communicate")
        server.draw(0.0, "wait")
        taken: dict[int, Indices] = {}
        yield from wait_all(env, [env.process(_turn(tree, edge, turn, taken)) for edge in tree.edges])
        server.draw(spec.utilisation or 0.0, "compute")
        yield env.timeout(spec.aggregation or 0.0)
        if tree.progress.end_round(np.concatenate(list(taken.values())), env.now):
            break


def _turn(tree: Tree, edge: Edge, turn: int, taken: dict[int, Indices]) -> Process:
    """One edge's part of a global round; whoever interrupts it ends it."""
    server, held, rounds = tree.spec.server or "", tree.held(edge.group), edge_rounds_of(tree.spec)
    send = partial(Transfer, tree.name, size_b=tree.size_b, turn=turn + 1)
    latency = tree.spec.latency
    if (yield from moving(tree.world, send(sender=server, receiver=edge.group), latency)) is not None:
        return
    users = []
    try:
        for number in range(turn * rounds, (turn + 1) * rounds):
            played = yield from edge.season.play_round(number, held)
            users.append(edge.first + edge.season.took(played))
            if tree.model is not None:
                tree.model.train(edge.number, number, users[-1] % tree.model.task.clients)
    except simpy.Interrupt:
        return
    taken[edge.number] = np.concatenate(users)
    held.draw(0.0, "communicate")
    yield from moving(tree.world, send(sender=edge.group, receiver=server), latency)


def edge_rounds_of(spec: "Federate") -> int:
    """Rounds of each edge in a global round."""
    return spec.algorithm.edge_rounds  # type: ignore[attr-defined,no-any-return]  # it is a Hierarchical


def tree_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What populations, edges, server and the cables between them cannot do for such a learning."""
    edges, at, server = edges_of(spec), ("algorithm", "edges"), spec.server or ""
    if len(edges) != len(spec.clients):
        sentence = f"{len(edges)} edges for {len(spec.clients)} populations in `clients`; give each one of its own"
        yield Fault(at, sentence)
        return
    for name in sorted({name for name in (*edges, *spec.clients) if (*edges, *spec.clients).count(name) > 1}):
        yield Fault(at if "/" in name else ("clients",), f"names {name} twice; each edge has machines and users alone")
    if server in edges:
        yield Fault(at, f"{server} is the server too; let another group be the edge")
        return
    for edge in edges:
        yield from no_memory_faults("algorithm", edge, given)
    yield from _edge_faults(spec, given)
    yield from many_faults(2 * len(edges), "transfers", spec, given)
    yield from many_faults(edge_rounds_of(spec) * len(edges), "rounds of edges", spec, given)
    ways = [pair for edge in edges for pair in ((server, edge), (edge, server))]
    yield from (Fault(at, fault.sentence) for fault in way_faults("algorithm", ways, spec.latency, given))


def _edge_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What each population cannot do with its edge."""
    basis = find_basis(spec, given.own)
    rounds = None if basis is None else basis.rounds * edge_rounds_of(spec)
    for own in specs_of(spec):
        users = given.populations.get(own.clients[0])
        if users is not None:
            all_rounds = own.model_copy(update={"rounds": rounds, "curve": None})
            for fault in crowd_faults(all_rounds, given, users):
                yield fault._replace(path=("algorithm", "edges")) if fault.path == ("server",) else fault


HIERARCHICAL = Algorithm(
    Hierarchical, rule, Play(federate_by_edges, ROUND_NEEDS, ROUND_TAKES, tree_faults, crowds=None)
)
