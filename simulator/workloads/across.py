"""A training over several data centres: all compute, then add what they learnt over the cables, and wait for it.

    round      `every` steps at once in all places, then a ring: each place sends the next
               2 (k - 1) / k of the parameters that learn, in 16 bits (Patarasu and Yuan 2009)
    machines   those of all places together; each takes its part of every batch

The sendings share the cables with all else that flows, take other ways when one breaks, and machines
draw what they do while they wait for each other until the last is through. With `every` of more than
one the places drift apart in between (local SGD: Stich 2019; DiLoCo: Douillard et al. 2023), which costs
rounds to the same target that are not simulated: the steps are given. An interruption gives all
machines back; the round that it cut is begun again, and what it did is drawn for nothing.

Machines are asked for one place after the other, in the order of their names, which is the same for
every training, so that no two of them wait for each other; those held already stand by.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from math import ceil, inf
from typing import NamedTuple

import simpy

from simulator.hardware.group import Part, Parts, Reservation
from simulator.record.jobs import Job, hold, let_go
from simulator.record.transfers import Transfer
from simulator.workloads.across_spec import Across
from simulator.workloads.laid_out import gradients_of
from simulator.workloads.layout_time import NUMBER_B
from simulator.workloads.reserved import finish, pause
from simulator.workloads.training_spec import Train
from simulator.workloads.transfer import carry, wait_all
from simulator.workloads.ways import end_of
from simulator.world import Process, World

STANDING_BY = (Part("wait", 0.0),)
"""What machines do that are held while others lack."""


class Round(NamedTuple):
    """What every round does: its length but for the exchange, how many there are (`turns`), and what is drawn."""

    units: int
    """Machines in each place."""
    compute_s: float
    last_s: float
    turns: int
    step: Parts
    waiting: Parts

    def length_s(self, number: int) -> float:
        """Seconds of computing of one round; the last may have fewer steps."""
        return self.last_s if number == self.turns - 1 else self.compute_s


def sites_of(spec: Train, across: Across) -> tuple[str, ...]:
    """The groups that train together, that of `at` first."""
    return (spec.at, *across.groups)


def count_rounds(spec: Train, across: Across) -> int:
    """How often all add what they learnt, the end included."""
    assert spec.steps is not None, "presence_faults() asks for steps"
    return ceil(spec.steps / across.every)


def rounds_of(spec: Train, across: Across, units: int, step_s: float, plays: tuple[Parts, Parts]) -> Round:
    """The rounds of a training on so many machines in each place, whose steps take so long; what step and wait draw."""
    assert spec.steps is not None, "presence_faults() asks for steps"
    count = count_rounds(spec, across)
    last = spec.steps - (count - 1) * across.every
    return Round(units, across.every * step_s, last * step_s, count, *plays)


def train_across(world: World, spec: Train, job: Job, rounds: Round) -> Process:
    """The life of a training over several data centres, from submission to its last release."""
    env, across = world.env, spec.across
    assert across is not None, "a training in one place is another process"
    world.jobs.append(job)
    world.events.add(env.now, "submit", job.workload)
    done = Progress(world, job, rounds)
    while done.rounds < rounds.turns and job.status != "cancelled":
        try:
            yield from _together(world, spec, across, done)
        except simpy.Interrupt as interruption:
            pause(world, job, str(interruption.cause or ""))
    world.closing.remove(done.close)
    finish(world, job)


class Progress:
    """How far a training over several data centres has come; the run closes it where it ends before."""

    __slots__ = ("early", "early_device_s", "exchange_from_s", "exchanges", "job", "rounds", "total", "waited_s")

    def __init__(self, world: World, job: Job, rounds: Round) -> None:
        self.job, self.total = job, rounds
        self.rounds = 0
        self.exchanges = 0
        """Those begun; a pause cuts one that is begun again."""
        self.waited_s = 0.0
        self.exchange_from_s: float | None = None
        """Since when an exchange is under way; None while none is."""
        self.early: list[Reservation] = []
        """Those that stand by until all are held."""
        self.early_device_s = 0.0
        world.closing.append(self.close)

    def begin(self, now_s: float) -> None:
        """All machines are held: what some of them stood by is charged too."""
        spans = [span for reservation in self.early if (span := reservation.span()) is not None]
        each = self.job.devices / (self.job.units or 1)
        early_device_s = sum((now_s - span.from_s) * span.units * each for span in spans)
        self.early_device_s += early_device_s
        self.job.device_s += early_device_s
        self.early = []

    def end_exchange(self, now_s: float) -> None:
        """Count what an exchange has lasted, whether it is through or was cut; nothing where none is under way."""
        if self.exchange_from_s is not None:
            self.waited_s += now_s - self.exchange_from_s
        self.exchange_from_s = None

    def close(self, until_s: float) -> None:
        """Say how much is done: rounds, not time, for nobody knows how long the cables take."""
        self.begin(until_s)
        self.end_exchange(until_s)
        let_go(self.job, until_s)
        self.job.done_share = self.rounds / self.total.turns
        held_s = (self.job.device_s - self.early_device_s) / self.job.devices
        self.job.exposed_share = self.waited_s / held_s if held_s else None


def _together(world: World, spec: Train, across: Across, done: Progress) -> Process:
    """Hold the machines of all places, and go on with the rounds that are left."""
    job, env = done.job, world.env
    with ExitStack() as stack:
        try:
            yield from _gather(world, spec, across, done, stack)
            held = done.early
            done.begin(env.now)
            hold(job, env.now)
            world.events.add(env.now, "begin", job.workload)
            while done.rounds < done.total.turns:
                yield from _round(world, spec, across, done, held)
        finally:
            done.close(env.now)


def _gather(world: World, spec: Train, across: Across, done: Progress, stack: ExitStack) -> Process:
    """Hold machines in one place after the other; whoever holds some waits only for those of later names."""
    for name in sorted(sites_of(spec, across)):
        asked = Reservation(world.groups[name], done.total.units, done.job.workload, spec.priority)
        reservation = stack.enter_context(asked)
        if not reservation.granted:
            _draw(done.early, STANDING_BY)
        yield from reservation.wait_granted()
        done.early.append(reservation)


def _round(world: World, spec: Train, across: Across, done: Progress, held: Sequence[Reservation]) -> Process:
    """Compute in all places, then add what they learnt."""
    _draw(held, done.total.step)
    yield world.env.timeout(done.total.length_s(done.rounds))
    _draw(held, done.total.waiting)
    done.exchange_from_s = world.env.now
    done.exchanges += 1
    yield from _exchange(world, spec, across, done.job.workload, done.exchanges)
    done.end_exchange(world.env.now)
    done.rounds += 1


def _draw(held: Sequence[Reservation], parts: Parts) -> None:
    for reservation in held:
        reservation.draw_parts(parts)


def _exchange(world: World, spec: Train, across: Across, name: str, turn: int) -> Process:
    """Each place sends the next its part of the ring, all at once; over when the last is through."""
    flows = []
    for record in _records(world, spec, across, name, turn):
        ends = end_of(world, record.sender), end_of(world, record.receiver)
        flows.append(world.env.process(carry(world, record, ends, across.latency, inf)))
    yield from wait_all(world.env, flows)


def _records(world: World, spec: Train, across: Across, name: str, turn: int) -> Iterator[Transfer]:
    sites = sites_of(spec, across)
    size_b = exchange_b(gradients_of(spec, world.definitions), len(sites))
    for sender, receiver in zip(sites, (*sites[1:], sites[0]), strict=True):
        record = Transfer(name, sender, receiver, size_b, turn=turn)
        world.transfers.append(record)
        yield record


def exchange_b(parameters: float, sites: int) -> float:
    """Bits that each place sends in a round: a ring's share of all parameters.

    >>> exchange_b(1e9, 2)  # all of 16 Gb, half of them there and half back
    16000000000.0
    """
    return 2.0 * (sites - 1) / sites * parameters * NUMBER_B
