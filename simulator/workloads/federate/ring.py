"""A ring: one model goes from silo to silo; each trains it in turn and sends it on to the next.

    round   once around:  each computes on all it holds | sends the model on | ...,  the last sends it to the first
    bits    silos x model, half of what a server that they all talk to sends and gets
    time    the sum of what all compute, where with a server it is the longest

There is no server, and nobody averages. All machines are held from the first round to the last; whose turn it is
not draws what it does at rest. For groups of machines alone: users' devices have no ways to each other here.
Source: Chang et al. 2018, "Distributed deep learning networks among institutions for medical imaging" (JAMIA),
cyclical weight transfer.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from simulator.definitions import model_size_b
from simulator.population.session import Sizes
from simulator.spec import Fault, Spec
from simulator.workloads.federate.between import way_faults
from simulator.workloads.federate.course import Course, begin_course, pass_on
from simulator.workloads.federate.fleet import live
from simulator.workloads.federate.kind import Algorithm, Play
from simulator.workloads.federate.lesson import find_relay
from simulator.workloads.federate.silo_clashes import many_faults, silo_faults
from simulator.workloads.federate.silo_load import SILO_TAKES, Silo
from simulator.workloads.given import Given
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


class Cyclic(Spec):
    """One model that goes round."""

    kind: Literal["ring"]


def rule(_: Cyclic) -> None:
    """Nobody averages."""


def federate_around(world: World, spec: "Federate", name: str, _: None) -> Process:
    """The life of one learning by a ring, from submission to its last round."""
    course = begin_course(world, spec, name, find_relay(world, spec, name))
    size_b = model_size_b(spec.model, world.definitions)
    yield from live(world, course.job, course.fleet, course.progress.close, _rounds(course, size_b))


def _rounds(course: Course, size_b: float) -> Process:
    """Once around after the other, until there were enough or the model is at its target."""
    env, silos = course.world.env, course.silos
    sent_b = len(silos) * size_b
    course.fleet.rest("wait")
    for turn in range(course.progress.rounds):
        begin_s = env.now
        for silo, following in pairwise((*silos, silos[0])):
            yield from _turn(course, silo, following, size_b, turn)
        if course.end_round(turn, begin_s, env.now, Sizes(sent_b, sent_b)):
            break


def _turn(course: Course, silo: Silo, following: Silo, size_b: float, turn: int) -> Process:
    """One silo trains, and sends the model on."""
    course.held(silo.group).draw(silo.load, "compute")
    yield course.world.env.timeout(silo.compute_s)
    yield from pass_on(course, silo.group, following.group, size_b, turn)


def ring_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What machines and cables cannot do for such a learning."""
    silos = len(spec.clients)
    yield from silo_faults(spec, given, in_turn=True)
    if silos < 2:
        yield Fault(("clients",), "one silo has nobody to send the model on to; name another, or take `local-only`")
        return
    yield from many_faults(silos, "transfers", spec, given)
    yield from way_faults("clients", pairwise((*spec.clients, spec.clients[0])), spec.latency, given)


RING = Algorithm(Cyclic, rule, silos=Play(federate_around, frozenset(), SILO_TAKES, ring_faults))
