"""A transfer as a process: bytes wait for their latency, then share the links of their ways.

The ways are those of the internet when the transfer is submitted. Where a cable on them goes down or a
better way comes back, what is left takes the ways that there are now and pays their latency; where there is
none it waits. An interruption by anybody else ends it: what went through stays counted, nothing is sent again.
"""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from itertools import pairwise
from math import inf

import simpy

from simulator.network.internet import REROUTED, Lane, Sender
from simulator.network.path import End
from simulator.record.transfers import Transfer
from simulator.workloads.amount import amount_b, amount_doubts
from simulator.workloads.transfer_spec import TransferFields
from simulator.workloads.ways import end_of, find_lanes, find_when_free, internet_of, note_way
from simulator.world import Process, World

DONE_SHARE = 1e-12
"""What rounding may leave of a size that is through."""


def transfer(world: World, spec: TransferFields, name: str) -> Process:
    """The life of one transfer, from submission to its last byte."""
    sender, receiver = (end_of(world, place) for place in spec.ends)
    record = new_record(world, spec, name)
    world.assumptions.update(dict.fromkeys(amount_doubts(spec, world.definitions)))
    world.events.add(world.env.now, "submit", name)
    cap_bps = inf if spec.rate_cap is None else spec.rate_cap
    cause = yield from carry(world, record, (sender, receiver), spec.latency, cap_bps)
    world.events.add(world.env.now, "finish" if cause is None else "cancel", name, cause or "")


def carry(
    world: World, record: Transfer, ends: tuple[End, End], latency: str, cap_bps: float
) -> Generator[simpy.Event, None, str | None]:
    """Move what a record says, fill it in, and return the cause where it was interrupted."""
    env, cause = world.env, None
    record.submit_s, record.status = env.now, "unfinished"
    try:
        yield from _move(world, record, ends, latency, cap_bps)
        record.status = "finished"
    except simpy.Interrupt as interruption:
        record.status, cause = "cancelled", str(interruption.cause or "")
    record.end_s, record.sent_b = env.now, world.traffic.sent_b(record.tag)
    return cause


def wait_all(env: simpy.Environment, parts: Sequence[simpy.Process]) -> Process:
    """Wait for all of several processes; an interruption interrupts them, and is told on when all have ended."""
    try:
        yield env.all_of(parts)
    except simpy.Interrupt as interruption:
        for part in parts:
            if part.is_alive:
                part.interrupt(interruption.cause)
        yield env.all_of(parts)
        raise


def _move(world: World, record: Transfer, ends: tuple[End, End], latency: str, cap_bps: float) -> Process:
    """Send all of it, on other ways whenever they change."""
    find, left_b = partial(find_lanes, world, *ends, latency, cap_bps), record.size_b
    while left_b > DONE_SHARE * record.size_b:
        process = world.env.active_process
        assert process is not None, "a transfer is sent by a process"
        sender = Sender(process, find)
        if not sender.lanes:
            yield from _wait_for_way(world, record, ends, find)
            continue
        _note_ways(world, record, sender.lanes)
        if world.internet is not None:
            world.internet.register(sender)
        try:
            yield from _send(world, record, sender.lanes, left_b)
            return
        except simpy.Interrupt as interruption:
            if interruption.cause is not REROUTED:
                raise
            if record.begin_s is not None and record.begin_s > world.env.now:
                record.begin_s = None  # its latency was not paid: it has not begun
        finally:
            if world.internet is not None:
                world.internet.forget(sender)
        left_b = record.size_b - world.traffic.sent_b(record.tag)


def _wait_for_way(
    world: World, record: Transfer, ends: tuple[End, End], find: Callable[[], tuple[Lane, ...]]
) -> Process:
    """Wait until there is a way with room, and count for how long if it had begun."""
    record.held_s = None if record.begin_s is None else world.env.now
    cause = f"{record.sender} to {record.receiver}: {internet_of(world).why_none(*ends)}"
    try:
        yield from find_when_free(world, record.workload, lambda: find() or None, cause)
    finally:
        record.waited_s, record.held_s = record.waited_until_s(world.env.now), None


def _note_ways(world: World, record: Transfer, lanes: tuple[Lane, ...]) -> None:
    """Fill in the way that it takes, that of most of its bits, and note that it is another one if it is."""
    first = max(lanes, key=lambda lane: lane.cap_bps).way
    if record.begin_s is None:
        record.begin_s = world.env.now + min(lane.way.latency_s for lane in lanes)
    if record.cables is not None and (record.cables, record.ways) != (first.cables, len(lanes)):
        record.reroutes += 1
        several = "" if len(lanes) == 1 else f" and {len(lanes) - 1} more"
        cause = f"{record.sender} to {record.receiver} over {', '.join(first.cables)}{several}"
        world.events.add(world.env.now, "reroute", record.workload, cause)
    record.ways, record.latency_s, record.km, record.cables = len(lanes), first.latency_s, first.km, first.cables
    for lane in lanes:
        note_way(world, lane.way)
        for link, capacity_bps in lane.way.capacities_bps.items():
            world.traffic.add_link(link, capacity_bps)


def _send(world: World, record: Transfer, lanes: tuple[Lane, ...], size_b: float) -> Process:
    """Send so many bits: over several ways in proportion to what each has room for."""
    if len(lanes) == 1:
        yield from _over(world, record, lanes[0], size_b)
        return
    all_bps = sum(lane.cap_bps for lane in lanes)
    ends_b = [size_b * sum(lane.cap_bps for lane in lanes[:number]) / all_bps for number in range(len(lanes))]
    parts_b = [end_b - begin_b for begin_b, end_b in pairwise([*ends_b, size_b])]
    parts = [
        world.env.process(_until_stopped(_over(world, record, lane, part_b)))
        for lane, part_b in zip(lanes, parts_b, strict=True)
    ]
    yield from wait_all(world.env, parts)


def _over(world: World, record: Transfer, lane: Lane, size_b: float) -> Process:
    way = lane.way
    links = tuple(way.capacities_bps)
    return world.traffic.send(links, size_b, record.workload, way.latency_s, lane.cap_bps, way.sites, record.tag)


def _until_stopped(sending: Process) -> Process:
    """What is sent until somebody stops it."""
    try:
        yield from sending
    except simpy.Interrupt:
        return


def new_record(world: World, spec: TransferFields, name: str) -> Transfer:
    """Open the record of a transfer, submitted or never to be."""
    record = Transfer(name, *spec.ends, amount_b(spec, world.definitions))
    world.transfers.append(record)
    return record
