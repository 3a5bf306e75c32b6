"""What a workload may count on: what the scenario around it gives, as far as nothing is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulator.definitions import Definitions
from simulator.hardware.datacenter import Datacenter
from simulator.hardware.power import reads_memory
from simulator.hardware.unit import Stock
from simulator.network.setting import Setting
from simulator.population.spec import Population
from simulator.spec import Fault


class Given(NamedTuple):
    """The machines by place/group, data centres and populations by name, the scenario's definitions, the internet."""

    stocks: Mapping[str, Stock]
    datacenters: Mapping[str, Datacenter]
    populations: Mapping[str, Population]
    own: Definitions
    setting: Setting | None


def asks_for_memory(at: str, given: Given) -> bool:
    """Whether the power of a group follows from the use of its memory; its place may be malformed."""
    place, _, group = at.partition("/")
    site = given.datacenters.get(place)
    machines = None if site is None else site.servers.get(group) or site.devices.get(group)
    return reads_memory(getattr(machines, "power", None) or getattr(machines, "node_power", None))


def memory_faults(at: str, given: Given, told: bool) -> Iterator[Fault]:
    """Watts that follow from the use of memory, of which nothing is said."""
    if not told and asks_for_memory(at, given):
        sentence = f"what {at} draws depends on the use of its memory; give a share, such as 0.5"
        yield Fault(("memory_utilisation",), sentence)


def no_memory_faults(field: str, at: str, given: Given) -> Iterator[Fault]:
    """Watts that follow from the use of memory, of which this kind of workload can say nothing."""
    if asks_for_memory(at, given):
        sentence = f"what {at} draws depends on the use of its memory, which only `train` and `serve` know"
        yield Fault((field,), f"{sentence}; take another power model than `phase` there")


def units_faults(field: str, asked: int | None, at: str, stock: Stock) -> Iterator[Fault]:
    """More machines than a group has."""
    if asked is not None and asked > stock.units:
        yield Fault((field,), f"asks for {asked}, and {at} has {stock.units}; ask for fewer, or raise its `count`")
