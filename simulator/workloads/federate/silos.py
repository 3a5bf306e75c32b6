"""Federated learning among groups of machines: mains-powered silos, each of them a client of every round.

    round = model down to every silo | each computes on all it holds | update up | wait for the last | aggregate

Bits share the cables with all else that flows, take other ways when one breaks, and are rows of `transfers`.
All machines, the server's too, are held from the first round to the last, and draw what they do at rest
while they wait: a silo for bits, or for the slowest of them, the server for updates. Nobody drops out, and the
round waits for all. An interruption ends it after what was done; a horizon too.
What it does to a model is the algorithm's rule, as it is for users' devices (rounds.py).
Source: Kairouz et al. 2021, "Advances and open problems in federated learning", table 1 (cross-silo).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import simpy

from simulator.learning.rule import Rule
from simulator.population.session import Sizes
from simulator.record.transfers import Transfer
from simulator.spec import Fault
from simulator.workloads.federate.between import moving, way_faults
from simulator.workloads.federate.course import Course, begin_course
from simulator.workloads.federate.fleet import live
from simulator.workloads.federate.kind import MEAN_TAKES, SERVER_NEEDS, SERVER_TAKES, Play
from simulator.workloads.federate.lesson import find_lesson
from simulator.workloads.federate.load import Wire, wire_of_model
from simulator.workloads.federate.silo_clashes import many_faults, silo_faults
from simulator.workloads.federate.silo_load import SILO_TAKES, Silo
from simulator.workloads.given import Given
from simulator.workloads.transfer import wait_all
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


def federate_silos(world: World, spec: "Federate", name: str, rule: Rule) -> Process:
    """The life of one federated learning among machines, from submission to its last aggregation."""
    wire = wire_of_model(spec, world.definitions)
    world.assumptions.update(dict.fromkeys(wire.assumptions))
    course = begin_course(world, spec, name, find_lesson(world, spec, name, rule))
    yield from live(world, course.job, course.fleet, course.progress.close, _rounds(course, wire))


def _rounds(course: Course, wire: Wire) -> Process:
    """Round after round, until there were enough or the model is at its target."""
    env, spec, server, silos = course.world.env, course.spec, course.held(course.spec.server or ""), course.silos
    for turn in range(course.progress.rounds):
        begin_s = env.now
        course.fleet.rest("communicate")
        server.draw(0.0, "wait")
        yield from wait_all(env, [env.process(_turn(course, silo, wire, turn)) for silo in silos])
        close_s = env.now
        server.draw(spec.utilisation or 0.0, "compute")
        yield env.timeout(spec.aggregation or 0.0)
        sent_b = Sizes(len(silos) * wire.down_b, len(silos) * wire.up_b)
        if course.end_round(turn, begin_s, close_s, sent_b):
            break


def _turn(course: Course, silo: Silo, wire: Wire, turn: int) -> Process:
    """One silo's part of a round; whoever interrupts it ends it."""
    name, server, latency = course.name, course.spec.server or "", course.spec.latency
    held = course.held(silo.group)
    down = Transfer(name, server, silo.group, wire.down_b, turn=turn + 1)
    if (yield from moving(course.world, down, latency)) is not None:
        return
    held.draw(silo.load, "compute")
    try:
        yield course.world.env.timeout(silo.compute_s)
    except simpy.Interrupt:
        return
    held.draw(0.0, "communicate")
    yield from moving(course.world, Transfer(name, silo.group, server, wire.up_b, turn=turn + 1), latency)


def silo_round_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What machines and cables cannot do for such a learning."""
    server = spec.server or ""
    yield from silo_faults(spec, given)
    yield from many_faults(2 * len(spec.clients), "transfers", spec, given)
    if server in spec.clients:
        yield Fault(("server",), f"{server} is one of the clients too; let another group aggregate")
        return
    ways = [pair for silo in spec.clients for pair in ((server, silo), (silo, server))]
    yield from way_faults("clients", ways, spec.latency, given)


SILO_ROUNDS = Play(federate_silos, SERVER_NEEDS, SERVER_TAKES | SILO_TAKES | MEAN_TAKES, silo_round_faults)
