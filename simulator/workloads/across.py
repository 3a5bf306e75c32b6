"""A training over several data centres: all compute, then add what they learnt over the cables, and wait for it.

    round      `every` steps at once in all places, then a ring: each place sends the next
               2 (k - 1) / k of the parameters that learn, in 16 bits (Patarasu and Yuan 2009)
    machines   those of all places together; each takes its part of every batch

The sendings share the cables with all else that flows, take other ways when one breaks, and machines
draw what they do while they wait for each other until the last is through. With `every` of more than
one the places drift apart in between (local SGD: Stich 2019; DiLoCo: Douillard et al. 2023), which costs
rounds to the same target that are not simulated: the steps are given. An interruption gives all
machines back; the round that it cut is begun again, and what it did is drawn for nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from math import ceil, inf
from typing import NamedTuple

import simpy

from simulator.hardware.group import Parts, Reservation
from simulator.record.jobs import Job, hold, let_go
from simulator.record.transfers import Transfer
from simulator.workloads.across_spec import Across
from simulator.workloads.laid_out import gradients_of
from simulator.workloads.layout_time import NUMBER_B
from simulator.workloads.reserved import finish, pause
from simulator.workloads.training_spec import Train
from simulator.workloads.transfer import carry
from simulator.workloads.ways import end_of
from simulator.world import Process, World


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

    __slots__ = ("exchanges", "job", "rounds", "total", "waited_s")

    def __init__(self, world: World, job: Job, rounds: Round) -> None:
        self.job, self.total = job, rounds
        self.rounds = 0
        self.exchanges = 0
        """Those begun; a pause cuts one that is begun again."""
        self.waited_s = 0.0
        world.closing.append(self.close)

    def close(self, until_s: float) -> None:
        """Say how much is done: rounds, not time, for nobody knows how long the cables take."""
        let_go(self.job, until_s)
        self.job.done_share = self.rounds / self.total.turns
        held_s = self.job.device_s / self.job.devices
        self.job.exposed_share = self.waited_s / held_s if held_s else None


def _together(world: World, spec: Train, across: Across, done: Progress) -> Process:
    """Hold the machines of all places, and go on with the rounds that are left."""
    job, rounds = done.job, done.total
    groups = [world.groups[name] for name in sites_of(spec, across)]
    with ExitStack() as stack:
        held = [stack.enter_context(Reservation(group, rounds.units, job.workload, spec.priority)) for group in groups]
        for reservation in held:
            yield from reservation.wait_granted()
        hold(job, world.env.now)
        world.events.add(world.env.now, "begin", job.workload)
        try:
            while done.rounds < rounds.turns:
                _draw(held, rounds.step)
                yield world.env.timeout(rounds.length_s(done.rounds))
                _draw(held, rounds.waiting)
                began_s = world.env.now
                done.exchanges += 1
                yield from _exchange(world, spec, across, job.workload, done.exchanges)
                done.waited_s += world.env.now - began_s
                done.rounds += 1
        finally:
            done.close(world.env.now)


def _draw(held: Sequence[Reservation], parts: Parts) -> None:
    for reservation in held:
        reservation.draw_parts(parts)


def _exchange(world: World, spec: Train, across: Across, name: str, turn: int) -> Process:
    """Each place sends the next its part of the ring, all at once; over when the last is through."""
    flows = []
    for record in _records(world, spec, across, name, turn):
        ends = end_of(world, record.sender), end_of(world, record.receiver)
        flows.append(world.env.process(carry(world, record, ends, across.latency, inf)))
    try:
        yield world.env.all_of(flows)
    except simpy.Interrupt as interruption:
        for flow in flows:
            if flow.is_alive:
                flow.interrupt(interruption.cause)
        yield world.env.all_of(flows)
        raise


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
