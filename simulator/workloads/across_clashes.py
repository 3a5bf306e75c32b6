"""What a training over several data centres asks of its places and of the cables that they do not have."""

from collections.abc import Iterator

from simulator.hardware.unit import Stock
from simulator.network.path import End, Path
from simulator.spec import Fault
from simulator.units import show_count
from simulator.workloads.across import count_rounds, sites_of
from simulator.workloads.across_spec import Across
from simulator.workloads.ends import find_group_end, nowhere, try_way
from simulator.workloads.given import Given, memory_faults
from simulator.workloads.training_spec import Train
from simulator.workloads.training_time import find_slow_down

MOST_ROUNDS = 100_000
"""Each is as many rows of transfers as there are places."""


def across_clashes(spec: Train, across: Across, stock: Stock, given: Given) -> Iterator[Fault]:
    """The faults, one at a time; names that nobody has are told where they stand."""
    for group in across.groups:
        yield from _group_faults(spec, group, stock, given)
    if count_rounds(spec, across) > MOST_ROUNDS:
        rounds = count_rounds(spec, across)
        yield Fault(("across", "every"), f"{rounds} exchanges are more than 100 000; let more steps lie between two")
    sites = sites_of(spec, across)
    if len(set(sites)) == len(sites) and all(site in given.stocks for site in sites):
        yield from _way_faults(sites, across, given)


def _group_faults(spec: Train, group: str, stock: Stock, given: Given) -> Iterator[Fault]:
    """A group that is at home, of other machines, or of fewer."""
    at = ("across", "groups")
    if group == spec.at:
        yield Fault(at, f"names {group}, where it trains anyway; name groups elsewhere")
        return
    other = given.stocks.get(group)
    if other is None:
        return
    yield from memory_faults(group, given, spec.memory_utilisation is not None)
    if (other.unit.device, other.unit.devices) != (stock.unit.device, stock.unit.devices):
        yield Fault(
            at, f"{group} has other machines than {spec.at}: the slower would hold up the others; take like ones"
        )
    elif spec.mfu is not None and find_slow_down(spec, other.unit) != find_slow_down(spec, stock.unit):
        yield Fault(at, f"a power cap slows {group} and {spec.at} unequally; cap both alike, or give `step_time`")
    elif other.units < (stock.units if spec.units is None else spec.units):
        each = stock.units if spec.units is None else spec.units
        yield Fault(
            at,
            f"{group} has {show_count(other.units, 'machine')}, and {each} train in each place; "
            "give `units`, or more there",
        )


def _way_faults(sites: tuple[str, ...], across: Across, given: Given) -> Iterator[Fault]:
    """Places that nothing joins."""
    found = [find_group_end("across", site, given.datacenters, given.stocks) for site in sites]
    yield from dict.fromkeys(end for end in found if isinstance(end, Fault))
    ends = [end for end in found if isinstance(end, End)]
    apart = len({end.site for end in ends}) > 1
    lost = [end for end in ends if apart and not end.city]
    yield from (nowhere("across", end.site) for end in lost)
    if given.setting is None or lost or len(ends) < len(sites):
        return
    for sender, receiver in zip(ends, (*ends[1:], ends[0]), strict=True):
        if sender.site != receiver.site:
            way = try_way("across", given.setting, sender, receiver, across.latency)
            if isinstance(way, Fault):
                yield way
            elif isinstance(way, Path) and not way.capacities_bps:
                yield Fault(
                    ("across",), f"nothing limits what {sender.name} sends to {receiver.name}; give an `uplink`"
                )
