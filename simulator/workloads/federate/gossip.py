"""Gossip: nodes without a server learn, send their models to their neighbours, and mix what they get.

    round   all compute | each sends its model to every neighbour | wait for the last | mix
    bits    sum over the nodes of degree x model
    mix     w_i <- sum W_ij w_j,  W by the degrees of the two alone (learning/gossip.py)

Mixing takes no time: it adds a few numbers for each of a model. What is told of the models is the mean of what
each knows, not what their mean would know. All machines are held from the first round to the last; those
that wait for bits, or for the slowest, draw what they do at rest. For groups of machines alone: users'
devices have no ways to each other here.
Source: Lian et al. 2017, "Can decentralized algorithms outperform centralized algorithms?" (NeurIPS),
algorithm 1; weights by Xiao, Boyd & Kim 2007.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import simpy
from pydantic import Field

from simulator.definitions import model_size_b
from simulator.learning.gossip import mixing_matrix
from simulator.learning.nodes import Nodes
from simulator.population.session import Sizes
from simulator.record.transfers import Transfer
from simulator.spec import Fault, Spec
from simulator.workloads.federate.between import moving, way_faults
from simulator.workloads.federate.course import Course, begin_course
from simulator.workloads.federate.fleet import live
from simulator.workloads.federate.kind import Algorithm, Play
from simulator.workloads.federate.lesson import Lesson, begin_lesson, local_of, task_of
from simulator.workloads.federate.silo_clashes import many_faults, silo_faults
from simulator.workloads.federate.silo_load import SILO_TAKES, Silo
from simulator.workloads.federate.topology import Pairs, Random, Topology, pairs_of
from simulator.workloads.given import Given
from simulator.workloads.transfer import wait_all
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

Draw = Callable[[int, np.random.Generator], Pairs]
"""From a number of nodes to who are neighbours."""


class Gossip(Spec):
    """Nodes that mix their models with their neighbours', without a server."""

    kind: Literal["gossip"]
    topology: Topology = Field(
        description="who of the clients, in their order, are neighbours: `ring`, `complete`, or "
        "`{kind: random, degree: 3}`"
    )


def rule(spec: Gossip) -> Draw:
    """Whose models are mixed."""
    return partial(pairs_of, spec.topology)


def gossip(world: World, spec: "Federate", name: str, draw: Draw) -> Process:
    """The life of one learning by gossip, from submission to its last mixing."""
    size_b, nodes = model_size_b(spec.model, world.definitions), len(spec.clients)
    pairs = draw(nodes, world.streams.generator("topology", name))
    course = begin_course(world, spec, name, _find_lesson(world, spec, name, pairs))
    yield from live(world, course.job, course.fleet, course.progress.close, _rounds(course, pairs, size_b))


def _find_lesson(world: World, spec: "Federate", name: str, pairs: Pairs) -> Lesson | None:
    if spec.learn is None:
        return None
    nodes = len(spec.clients)
    mixing = mixing_matrix(nodes, pairs)
    local = local_of(spec.learn, int(spec.epochs))
    return begin_lesson(world, spec, name, Nodes(task_of(world, spec.learn.task), local, np.arange(nodes), mixing))


def _rounds(course: Course, pairs: Pairs, size_b: float) -> Process:
    """Round after round, until there were enough or the models are at their target."""
    env, silos = course.world.env, course.silos
    beside: list[list[str]] = [[] for _ in silos]
    for one, other in pairs:
        beside[one].append(silos[other].group)
        beside[other].append(silos[one].group)
    sent_b = 2 * len(pairs) * size_b
    for turn in range(course.progress.rounds):
        begin_s = env.now
        turns = [_turn(course, silo, near, size_b, turn) for silo, near in zip(silos, beside, strict=True)]
        yield from wait_all(env, [env.process(one) for one in turns])
        if course.end_round(turn, begin_s, env.now, Sizes(sent_b, sent_b)):
            break


def _turn(course: Course, silo: Silo, neighbours: list[str], size_b: float, turn: int) -> Process:
    """One node's part of a round; whoever interrupts it ends it."""
    env, held = course.world.env, course.held(silo.group)
    held.draw(silo.load, "compute")
    try:
        yield env.timeout(silo.compute_s)
        held.draw(0.0, "communicate")
        records = [Transfer(course.name, silo.group, near, size_b, turn=turn + 1) for near in neighbours]
        parts = [env.process(moving(course.world, record, course.spec.latency)) for record in records]
        yield from wait_all(env, parts)
    except simpy.Interrupt:
        return


def gossip_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What machines and cables cannot do for such a learning."""
    topology, nodes = spec.algorithm.topology, len(spec.clients)  # type: ignore[attr-defined]  # it is a Gossip
    yield from silo_faults(spec, given)
    if nodes < 2:
        yield Fault(("clients",), "one node has nobody to gossip with; name another, or take `local-only`")
    elif isinstance(topology, Random) and (topology.degree >= nodes or topology.degree * nodes % 2):
        sentence = f"{nodes} nodes cannot have {topology.degree} neighbours each; the degree is below their number, "
        yield Fault(("algorithm", "topology", "degree"), f"{sentence}and one of the two is even")
    else:
        degree = topology.degree if isinstance(topology, Random) else 2 if topology.kind == "ring" else nodes - 1
        yield from many_faults(degree * nodes, "transfers", spec, given)
        yield from way_faults("clients", _pairs(spec, topology), spec.latency, given)


def _pairs(spec: "Federate", topology: Topology) -> Iterator[tuple[str, str]]:
    """All who may send to each other, whatever luck says of who does."""
    nodes = len(spec.clients)
    whole = topology.kind != "ring"
    for one in range(nodes):
        others = range(nodes) if whole else {(one + 1) % nodes, (one - 1) % nodes}
        yield from ((spec.clients[one], spec.clients[other]) for other in sorted(others) if other != one)


GOSSIP = Algorithm(Gossip, rule, silos=Play(gossip, frozenset(), SILO_TAKES, gossip_faults))
