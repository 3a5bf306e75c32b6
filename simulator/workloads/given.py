"""What a workload may count on: what the scenario around it gives, as far as nothing is wrong with it."""

from collections.abc import Mapping
from typing import NamedTuple

from simulator.definitions import Definitions
from simulator.hardware.datacenter import Datacenter
from simulator.hardware.unit import Stock


class Given(NamedTuple):
    """The machines by place/group, the data centres by name, the scenario's own definitions, the year."""

    stocks: Mapping[str, Stock]
    datacenters: Mapping[str, Datacenter]
    own: Definitions
    year: int | None
