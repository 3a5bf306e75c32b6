"""What a workload may count on: what the scenario around it gives, as far as nothing is wrong with it."""

from collections.abc import Mapping
from typing import NamedTuple

from simulator.definitions import Definitions
from simulator.hardware.datacenter import Datacenter
from simulator.hardware.unit import Stock
from simulator.population.spec import Population


class Given(NamedTuple):
    """The machines by place/group, data centres and populations by name, the scenario's own definitions, the year."""

    stocks: Mapping[str, Stock]
    datacenters: Mapping[str, Datacenter]
    populations: Mapping[str, Population]
    own: Definitions
    year: int | None
