"""What groups of machines send each other: over the cables between their data centres, or inside one.

Between two data centres bits pass the uplinks and cables; a group's fabric, far wider than these, is left
out, so that any machines will do. Within one they pass the fabrics of both groups, which must be known.
"""

from collections.abc import Generator, Iterable, Iterator
from math import inf

import simpy

from simulator.network.path import End, Path, find_inner_path
from simulator.record.transfers import Transfer
from simulator.spec import Fault
from simulator.workloads.ends import find_end, find_group_end, nowhere, try_way
from simulator.workloads.given import Given
from simulator.workloads.transfer import carry
from simulator.workloads.ways import end_of
from simulator.world import World


def moving(world: World, record: Transfer, latency: str) -> Generator[simpy.Event, None, str | None]:
    """Move what a record says from one group to another, and return the cause where it was interrupted."""
    world.transfers.append(record)
    ends = (record.sender, record.receiver)
    names = ends if _together(*ends) else tuple(map(_place, ends))
    sender, receiver = (end_of(world, name) for name in names)
    return (yield from carry(world, record, (sender, receiver), latency, inf))


def way_faults(field: str, pairs: Iterable[tuple[str, str]], latency: str, given: Given) -> Iterator[Fault]:
    """Groups that nothing joins, or without a limit to what they send each other."""
    told: dict[Fault, None] = {}
    for pair in pairs:
        way = find_way(field, *pair, latency, given)
        if isinstance(way, Fault):
            told[way] = None
        elif way is not None and not way.capacities_bps:
            one, other = sorted(pair)
            told[Fault((field,), f"nothing limits what {one} and {other} send each other; give an `uplink`")] = None
    yield from told


def find_way(field: str, sender: str, receiver: str, latency: str, given: Given) -> Path | Fault | None:
    """The way from one group to another, or why there is none; None for what is told elsewhere."""
    if _together(sender, receiver):
        return _inner_way(field, sender, receiver, given)
    ends = [find_end(_place(name), given.datacenters) for name in (sender, receiver)]
    found = [end for end in ends if end is not None]
    lost = next((end for end in found if not end.city), None)
    if lost is not None:
        return nowhere(field, lost.name)
    if len(found) < 2 or given.setting is None:
        return None
    return try_way(field, given.setting, found[0], found[1], latency)


def _inner_way(field: str, sender: str, receiver: str, given: Given) -> Path | Fault | None:
    ends = [find_group_end(field, name, given.datacenters, given.stocks) for name in (sender, receiver)]
    wrong = next((end for end in ends if isinstance(end, Fault)), None)
    found = [end for end in ends if isinstance(end, End)]
    return wrong if wrong is not None or len(found) < 2 else find_inner_path(found[0], found[1])


def _together(sender: str, receiver: str) -> bool:
    """Whether two groups are of one data centre."""
    return _place(sender) == _place(receiver)


def _place(group: str) -> str:
    return group.partition("/")[0]
