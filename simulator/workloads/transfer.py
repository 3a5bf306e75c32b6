"""A transfer as a process: bytes wait for their latency, then share the links of their way.

The way is that of the world's year when the transfer is submitted, and kept. An interruption
ends it: what went through stays counted, nothing is sent again.
"""

from collections.abc import Generator
from math import inf

import simpy

from simulator.network.path import Path
from simulator.record.transfers import Transfer
from simulator.workloads.amount import amount_b, amount_doubts
from simulator.workloads.transfer_spec import TransferFields
from simulator.workloads.ways import end_of, find_way
from simulator.world import Process, World


def transfer(world: World, spec: TransferFields, name: str) -> Process:
    """The life of one transfer, from submission to its last byte."""
    sender, receiver = (end_of(world, place) for place in spec.ends)
    way = find_way(world, sender, receiver, spec.latency)
    record = new_record(world, spec, name)
    world.assumptions.update(dict.fromkeys(amount_doubts(spec, world.definitions)))
    world.events.add(world.env.now, "submit", name)
    cause = yield from carry(world, record, way, inf if spec.rate_cap is None else spec.rate_cap)
    world.events.add(world.env.now, "finish" if cause is None else "cancel", name, cause or "")


def carry(world: World, record: Transfer, way: Path, cap_bps: float) -> Generator[simpy.Event, None, str | None]:
    """Move what a record says, fill it in, and return the cause where it was interrupted."""
    env, traffic, cause = world.env, world.traffic, None
    record.submit_s, record.status = env.now, "unfinished"
    record.latency_s, record.km, record.cables = way.latency_s, way.km, way.cables
    for link, capacity_bps in way.capacities_bps.items():
        traffic.add_link(link, capacity_bps)
    links = tuple(way.capacities_bps)
    try:
        yield from traffic.send(links, record.size_b, record.workload, way.latency_s, cap_bps, way.sites, record.tag)
        record.status = "finished"
    except simpy.Interrupt as interruption:
        record.status, cause = "cancelled", str(interruption.cause or "")
    record.end_s, record.sent_b = env.now, traffic.sent_b(record.tag)
    return cause


def new_record(world: World, spec: TransferFields, name: str) -> Transfer:
    """Open the record of a transfer, submitted or never to be."""
    record = Transfer(name, *spec.ends, amount_b(spec, world.definitions))
    world.transfers.append(record)
    return record
