"""What a workload may count on: what the scenario around it gives, as far as nothing is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulator.definitions import Definitions
from simulator.hardware.datacenter import Datacenter
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


def units_faults(field: str, asked: int | None, at: str, stock: Stock) -> Iterator[Fault]:
    """More machines than a group has."""
    if asked is not None and asked > stock.units:
        yield Fault((field,), f"asks for {asked}, and {at} has {stock.units}; ask for fewer, or raise its `count`")
