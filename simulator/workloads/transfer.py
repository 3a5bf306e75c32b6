"""A transfer as a process: bytes wait for their latency, then share the links of their way.

The way is that of the world's year when the transfer is submitted, and kept. An interruption
ends it: what went through stays counted, nothing is sent again.
"""

from collections.abc import Generator
from math import inf

import simpy

from simulator.network.path import End, Path, path
from simulator.record.transfers import Transfer
from simulator.workloads.transfer_spec import TransferFields, size_b
from simulator.world import World

Process = Generator[simpy.events.Event, None, None]


def transfer(world: World, spec: TransferFields, name: str) -> Process:
    """The life of one transfer, from submission to its last byte."""
    env, traffic, cap_bps = world.env, world.traffic, inf if spec.rate_cap is None else spec.rate_cap
    way = find_way(world, spec)
    record = new_record(world, spec, name)
    record.submit_s, record.status = env.now, "unfinished"
    record.latency_s, record.km, record.cables = way.latency_s, way.km, way.cables
    world.events.add(env.now, "submit", name)
    for link, capacity_bps in way.capacities_bps.items():
        traffic.add_link(link, capacity_bps)
    world.elements.update(way.elements)
    links, sites = tuple(way.capacities_bps), way.sites
    try:
        yield from traffic.send(links, record.size_b, name, way.latency_s, cap_bps, sites)
        record.status = "finished"
        world.events.add(env.now, "finish", name)
    except simpy.Interrupt as interruption:
        record.status = "cancelled"
        world.events.add(env.now, "cancel", name, str(interruption.cause or ""))
    record.end_s, record.sent_b = env.now, traffic.sent_b(name)


def find_way(world: World, spec: TransferFields) -> Path:
    """The way between the two data centres; what of it is assumed is listed."""
    assert world.year is not None, "the scenario is refused without one"
    sender, receiver = (
        End(place.name, place.city, place.uplink_bps) for place in (world.places[name] for name in spec.ends)
    )
    way = path(world.year, sender, receiver, spec.latency)
    world.assumptions.update(dict.fromkeys(way.assumptions))
    return way


def new_record(world: World, spec: TransferFields, name: str) -> Transfer:
    """Open the record of a transfer, submitted or never to be."""
    record = Transfer(name, *spec.ends, size_b(spec, world.definitions))
    world.transfers.append(record)
    return record
