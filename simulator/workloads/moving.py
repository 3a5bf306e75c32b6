"""Data that come together, and models that go out, as processes: many transfers at once.

    collect      every site, and every city and access technology of a population, sends its part
    distribute   every site receives all of it, and so does every user

Between data centres each is a transfer. The users of a city and technology are one flow:

    bits    = users x bits of each        rate <= bits / during, and <= users / mean(1 / rate of a line)

for they begin evenly over `during`, and no more can be busy than there are; links hold it back
as they do any flow. A device is busy
for its bits over the rate of its own line, longer by as much as the links slow the flow.
An interruption ends all; what went through stays counted.
"""

from collections.abc import Generator, Iterator
from math import inf
from typing import NamedTuple

import simpy

from simulator.network.path import End, Path, path
from simulator.population.crowd import Block, Crowd
from simulator.population.stream import Stream, record_streams
from simulator.record.transfers import Transfer
from simulator.workloads.moving_spec import Moving
from simulator.workloads.transfer_spec import size_b
from simulator.world import World

Process = Generator[simpy.events.Event, None, None]


class Part(NamedTuple):
    """One flow of many: its record, its way and rate, and the users at its end, if there are."""

    record: Transfer
    way: Path
    cap_bps: float
    crowd: Crowd | None
    block: Block | None


def move(world: World, spec: Moving, name: str) -> Process:
    """The life of a collection or a distribution, from its first bit to its last."""
    env = world.env
    parts = list(_parts(world, spec, name))
    world.events.add(env.now, "submit", name)
    closing = _Closing(world, spec, name, parts)
    world.closing.append(closing.close)
    flows = [env.process(_carry(world, part, name)) for part in parts]
    try:
        yield env.all_of(flows)
        world.events.add(env.now, "finish", name)
    except simpy.Interrupt as interruption:
        for flow in flows:
            if flow.is_alive:
                flow.interrupt(interruption.cause)
        yield env.all_of(flows)
        world.events.add(env.now, "cancel", name, str(interruption.cause or ""))
    closing.close(env.now)


def _carry(world: World, part: Part, name: str) -> Process:
    record, traffic, way = part.record, world.traffic, part.way
    record.submit_s, record.status = world.env.now, "unfinished"
    record.latency_s, record.km, record.cables = way.latency_s, way.km, way.cables
    for link, capacity_bps in way.capacities_bps.items():
        traffic.add_link(link, capacity_bps)
    try:
        yield from traffic.send(
            tuple(way.capacities_bps), record.size_b, name, way.latency_s, part.cap_bps, way.sites, record.tag
        )
        record.status = "finished"
    except simpy.Interrupt:
        record.status = "cancelled"
    record.end_s, record.sent_b = world.env.now, traffic.sent_b(record.tag)


class _Closing:
    """Records once what the users' equipment did: when all is through, or when the run ends before."""

    __slots__ = ("_done", "_name", "_parts", "_upward", "_world")

    def __init__(self, world: World, spec: Moving, name: str, parts: list[Part]) -> None:
        self._world, self._name, self._parts, self._done = world, name, parts, False
        self._upward = spec.ends[1] == "from"

    def close(self, at_s: float) -> None:
        """Record what was moved until then; a second call does nothing."""
        if self._done:
            return
        self._done = True
        by_crowd: dict[str, list[Stream]] = {}
        for part in self._parts:
            record = part.record
            if part.crowd is None or part.block is None or record.submit_s is None or record.latency_s is None:
                continue
            begin_s = record.submit_s + record.latency_s
            end_s = at_s if record.end_s is None else record.end_s
            if end_s > begin_s:
                sent_b = self._world.traffic.sent_b(record.tag)
                by_crowd.setdefault(part.crowd.name, []).append(
                    Stream(part.block, begin_s, end_s, sent_b, part.cap_bps)
                )
        for crowd, streams in by_crowd.items():
            record_streams(self._world.ledger, self._world.crowds[crowd], self._name, self._upward, streams)


def _parts(world: World, spec: Moving, name: str) -> Iterator[Part]:
    whole_b, upward = size_b(spec, world.definitions), spec.ends[1] == "from"
    for site in spec.sites:
        part_b = whole_b / len(spec.sites) if upward else whole_b
        if site in world.crowds:
            yield from _crowd_parts(world, spec, name, world.crowds[site], part_b)
        else:
            place = world.places[site]
            way = _way(world, spec, End(place.name, place.city, place.uplink_bps))
            yield Part(_record(world, spec, name, site, part_b), way, inf, None, None)


def _crowd_parts(world: World, spec: Moving, name: str, crowd: Crowd, part_b: float) -> Iterator[Part]:
    assert spec.during is not None, "moving_clashes() asks for it"
    world.assumptions.update(dict.fromkeys(crowd.assumptions()))
    upward = spec.ends[1] == "from"
    rates_bps = crowd.columns().up_bps if upward else crowd.columns().down_bps
    for block in crowd.blocks:
        block_b = part_b * block.users / crowd.count if upward else part_b * block.users
        cap_bps = min(block_b / spec.during, block.users / float((1.0 / rates_bps[block.first : block.last]).mean()))
        way = _way(world, spec, End("", block.city, None))
        yield Part(_record(world, spec, name, block.line, block_b), way, cap_bps, crowd, block)


def _way(world: World, spec: Moving, far: End) -> Path:
    assert world.year is not None, "the scenario is refused without one"
    place = world.places[spec.centre]
    centre = End(place.name, place.city, place.uplink_bps)
    way = path(world.year, *((far, centre) if spec.ends[1] == "from" else (centre, far)), spec.latency)
    world.assumptions.update(dict.fromkeys(way.assumptions))
    world.elements.update(way.elements)
    return way


def _record(world: World, spec: Moving, name: str, far: str, part_b: float) -> Transfer:
    ends = (far, spec.centre) if spec.ends[1] == "from" else (spec.centre, far)
    record = Transfer(name, *ends, part_b, f"{name}\0{far}")
    world.transfers.append(record)
    return record


def never_moved(world: World, spec: Moving, name: str) -> None:
    """Record one whose turn had not come when the run ended."""
    whole_b = size_b(spec, world.definitions)
    for site in spec.sites:
        users = world.crowds[site].count if site in world.crowds else 1
        _record(world, spec, name, site, whole_b / len(spec.sites) if spec.ends[1] == "from" else whole_b * users)
