"""Split learning: silos hold the first layers and their data, a server the rest; what passes the cut goes to and fro.

    round   silo after silo:  its layers | activations up | the server's layers | gradients down | its layers go on
    bits    2 x samples x epochs x cut, and silos x part;  the model whole never moves
    time    all of that one after another, and for each batch beyond the first the latency up and down once more

A batch waits for the one before at both ends, so that no two of these overlap; the batches of a silo are told as
one transfer up and one down, its layers' work both ways as one. What a sample takes is that of the whole model, on
each silo and on the server; of it `share` is the silo's. Weights change as if the model went round whole
(learning/relay.py). Labels are at the server, or pass for nothing. All machines are held from the first round to the
last, and draw what they do at rest but when it is their turn.
Source: Gupta & Raskar 2018, "Distributed learning of deep neural network over multiple agents" (JNCA).
"""

from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field

from simulator.errors import MissingValueError, UnknownNameError
from simulator.hardware.group import Group
from simulator.hardware.unit import Stock
from simulator.population.session import Sizes
from simulator.spec import LONGEST_S, Bits, Count, Fault, PositiveShare, Spec, too_long
from simulator.workloads.federate.between import way_faults
from simulator.workloads.federate.course import Course, begin_course, pass_on
from simulator.workloads.federate.fleet import live
from simulator.workloads.federate.kind import Algorithm, Play
from simulator.workloads.federate.lesson import find_relay
from simulator.workloads.federate.silo_clashes import many_faults, silo_faults
from simulator.workloads.federate.silo_load import LOAD, SILO_TAKES, Silo, sample_time, total_samples
from simulator.workloads.federate.target import find_basis
from simulator.workloads.given import Given
from simulator.workloads.load import find_load
from simulator.world import Process, World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


class SplitLearning(Spec):
    """A model that is cut in two, and clients that train it in turn with a server."""

    kind: Literal["split"]
    cut: Bits = Field(description="activations of one sample at the cut; its gradients are as many")
    part: Bits = Field(description="size of the clients' layers, which each hands on to the next")
    share: PositiveShare = Field(description="share of a sample's FLOPs that the clients' layers take")
    batch: Count = Field(description="samples that go to and fro at once")


class Half(NamedTuple):
    """What the server's half of the work is: seconds of a sample, and its load."""

    sample_s: float
    load: float


def rule(_: SplitLearning) -> None:
    """Nobody averages."""


def federate_split(world: World, spec: "Federate", name: str, _: None) -> Process:
    """The life of one split learning, from submission to its last round."""
    course = begin_course(world, spec, name, find_relay(world, spec, name))
    group, stock = world.groups[spec.server or ""], server_stock(spec, world.groups[spec.server or ""])
    sample_s, assumed = sample_time(spec, group.name, stock, world.definitions)
    world.assumptions.update(dict.fromkeys(assumed))
    half = Half(sample_s * (1.0 - split_of(spec).share), find_load(world, spec.client_utilisation, group.unit, LOAD))
    yield from live(world, course.job, course.fleet, course.progress.close, _rounds(course, half))


def server_stock(spec: "Federate", all_of_them: Group | Stock) -> Stock:
    """The machines of the server that take part."""
    there = all_of_them.units if isinstance(all_of_them, Stock) else all_of_them.count
    return Stock(all_of_them.unit, there if spec.units is None else spec.units)


def split_of(spec: "Federate") -> SplitLearning:
    """What the algorithm says of itself."""
    return spec.algorithm  # type: ignore[return-value]  # it is a SplitLearning


def _rounds(course: Course, half: Half) -> Process:
    """Round after round, until there were enough or the model is at its target."""
    env, spec, silos, split = course.world.env, course.spec, course.silos, split_of(course.spec)
    samples = sum(silo.samples for silo in silos) * spec.epochs
    sent_b = samples * split.cut + len(silos) * split.part
    course.fleet.rest("wait")
    for turn in range(course.progress.rounds):
        begin_s = env.now
        for silo, following in pairwise((*silos, silos[0])):
            yield from _turn(course, silo, half, turn)
            yield from pass_on(course, silo.group, following.group, split.part, turn)
        if course.end_round(turn, begin_s, env.now, Sizes(sent_b, sent_b)):
            break


def _turn(course: Course, silo: Silo, half: Half, turn: int) -> Process:
    """One silo trains with the server."""
    env, spec, split, server = course.world.env, course.spec, split_of(course.spec), course.spec.server or ""
    samples = silo.samples * spec.epochs
    yield from _compute(course, silo.group, silo.compute_s * split.share, silo.load)
    up = yield from pass_on(course, silo.group, server, samples * split.cut, turn)
    yield from _compute(course, server, samples * half.sample_s, half.load)
    down = yield from pass_on(course, server, silo.group, samples * split.cut, turn)
    further = max(0, ceil(spec.epochs * ceil(silo.samples / split.batch)) - 1)
    course.held(silo.group).draw(0.0, "communicate")
    yield env.timeout(further * ((up.latency_s or 0.0) + (down.latency_s or 0.0)))


def _compute(course: Course, group: str, time_s: float, load: float) -> Process:
    """One group computes."""
    course.held(group).draw(load, "compute")
    yield course.world.env.timeout(time_s)
    course.held(group).draw(0.0, "wait")


def split_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What machines and cables cannot do for such a learning."""
    server, silos, split = spec.server or "", len(spec.clients), split_of(spec)
    yield from silo_faults(spec, given, in_turn=True)
    if silos < 2:
        yield Fault(("clients",), "one silo has nobody to hand its layers on to; name another")
        return
    if server in spec.clients:
        yield Fault(("server",), f"{server} is one of the clients too; let another group hold the other layers")
        return
    if spec.learn is not None and spec.learn.batch != split.batch:
        sentence = f"what learns does so {spec.learn.batch} at once, and {split.batch} go to and fro; make them as many"
        yield Fault(("algorithm", "batch"), sentence)
    yield from many_faults(3 * silos, "transfers", spec, given)
    yield from _server_faults(spec, given)
    between = [pair for silo in spec.clients for pair in ((silo, server), (server, silo))]
    ways = [*between, *pairwise((*spec.clients, spec.clients[0]))]
    yield from way_faults("clients", ways, spec.latency, given)


def _server_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """A server without a peak, or one that computes for longer than can be simulated."""
    server, basis = spec.server or "", find_basis(spec, given.own)
    if server not in given.stocks or basis is None or (spec.sample_time, spec.mfu) == (None, None):
        return  # told already
    try:
        sample_s, _ = sample_time(spec, server, server_stock(spec, given.stocks[server]), given.own)
        time_s = basis.rounds * total_samples(spec, given.own) * spec.epochs * sample_s
    except UnknownNameError:
        return  # told where the name stands
    except MissingValueError as error:
        if error.args[0] not in (spec.model, spec.dataset, spec.clients[0]):  # those are told already
            yield Fault(("server",), str(error))
        return
    if time_s > LONGEST_S:
        yield Fault(("rounds",), too_long("the learning", time_s))


SPLIT = Algorithm(
    SplitLearning, rule, silos=Play(federate_split, frozenset(("server",)), SILO_TAKES | {"units"}, split_faults)
)
