"""Data that come together, and models that go out, as processes: many transfers at once.

    collect      every site, and every city and access technology of a population, sends its part
    distribute   every site receives all of it, and so does every user

Between data centres each is a transfer. The users of a city and technology are one flow:

    bits    = users x bits of each        rate <= bits / during, and <= users / mean(1 / rate of a line)

for they begin evenly over `during`, and no more can be busy than there are; links hold it back
as they do any flow. A device is busy for its bits over the rate of its own line, longer by as
much as the links slow the flow. An interruption ends all; what went through stays counted.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from math import inf
from typing import NamedTuple

import simpy

from simulator.network.path import End, home
from simulator.population.crowd import Block, Crowd
from simulator.population.stream import Stream, record_streams
from simulator.record.transfers import Transfer
from simulator.workloads.amount import amount_b, amount_doubts
from simulator.workloads.moving_spec import Moving
from simulator.workloads.transfer import carry, wait_all
from simulator.workloads.ways import end_of
from simulator.world import Process, World


class Part(NamedTuple):
    """One flow of many: its record, its ends and rate, and the users at its end, if there are."""

    record: Transfer
    ends: tuple[End, End]
    cap_bps: float
    crowd: Crowd | None
    block: Block | None


def move(world: World, spec: Moving, name: str) -> Process:
    """The life of a collection or a distribution, from its first bit to its last."""
    env = world.env
    parts = list(_parts(world, spec, name))
    world.assumptions.update(dict.fromkeys(amount_doubts(spec, world.definitions)))
    world.events.add(env.now, "submit", name)
    close = partial(_record_users, world, name, spec.upward, parts)
    world.closing.append(close)
    flows = [env.process(carry(world, part.record, part.ends, spec.latency, part.cap_bps)) for part in parts]
    try:
        yield from wait_all(env, flows)
        world.events.add(env.now, "finish", name)
    except simpy.Interrupt as interruption:
        world.events.add(env.now, "cancel", name, str(interruption.cause or ""))
    close(env.now)
    world.closing.remove(close)


def _record_users(world: World, name: str, upward: bool, parts: Sequence[Part], at_s: float) -> None:
    """Record what the users' equipment did until then: all is through, or the run ends."""
    by_crowd: dict[str, list[Stream]] = {}
    for part in parts:
        record = part.record
        begin_s = record.begin_s
        if part.crowd is None or part.block is None or begin_s is None:
            continue
        end_s = at_s if record.end_s is None else record.end_s
        if end_s > begin_s:
            moved_b = world.traffic.sent_b(record.tag)
            stream = Stream(part.block, begin_s, end_s, moved_b, part.cap_bps, record.waited_until_s(end_s))
            by_crowd.setdefault(part.crowd.name, []).append(stream)
    for crowd, streams in by_crowd.items():
        record_streams(world.ledger, world.crowds[crowd], name, upward, streams)


def _parts(world: World, spec: Moving, name: str) -> Iterator[Part]:
    part_b = _part_b(world, spec)
    for site in spec.sites:
        if site in world.crowds:
            yield from _crowd_parts(world, spec, name, world.crowds[site], part_b)
        else:
            ends = _ends(world, spec, end_of(world, site))
            yield Part(_record(world, spec, name, site, part_b), ends, inf, None, None)


def _part_b(world: World, spec: Moving) -> float:
    """The bits of each site, or of each user that receives."""
    whole_b = amount_b(spec, world.definitions)
    return whole_b / len(spec.sites) if spec.upward else whole_b


def _crowd_parts(world: World, spec: Moving, name: str, crowd: Crowd, part_b: float) -> Iterator[Part]:
    assert spec.during is not None, "moving_clashes() asks for it"
    world.assumptions.update(dict.fromkeys(crowd.assumptions("up" if spec.upward else "down")))
    rates_bps = crowd.columns().up_bps if spec.upward else crowd.columns().down_bps
    for block in crowd.blocks:
        block_b = part_b * block.users / crowd.count if spec.upward else part_b * block.users
        cap_bps = min(block_b / spec.during, block.users / float((1.0 / rates_bps[block.first : block.last]).mean()))
        ends = _ends(world, spec, home(block.city, block.access.latency_s))
        yield Part(_record(world, spec, name, block.line, block_b), ends, cap_bps, crowd, block)


def _ends(world: World, spec: Moving, far: End) -> tuple[End, End]:
    centre = end_of(world, spec.centre)
    return (far, centre) if spec.upward else (centre, far)


def _record(world: World, spec: Moving, name: str, far: str, part_b: float) -> Transfer:
    ends = (far, spec.centre) if spec.upward else (spec.centre, far)
    record = Transfer(name, *ends, part_b)
    world.transfers.append(record)
    return record


def never_moved(world: World, spec: Moving, name: str) -> None:
    """Record one whose turn had not come when the run ended."""
    part_b = _part_b(world, spec)
    for site in spec.sites:
        receivers = world.crowds[site].count if site in world.crowds and not spec.upward else 1
        _record(world, spec, name, site, part_b * receivers)
