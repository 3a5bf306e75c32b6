"""What the YAML says of a crowd of users: what they have, where they are, how they are reached.

Shares of places and of access technologies are independent of each other: the same mix of
technologies everywhere. Spreads are factors: with `speed_spread: 1.8` a client one standard
deviation above the median is 1.8 times as fast, one below 1.8 times as slow (log-normal);
1 makes all alike.

`state` says where the device takes its power from while it works, `account` how much of it
is charged to the workload:

    charging   plugged in: what it draws passes the charger
    battery    unplugged: it passes the charger and the battery later
    mains      no battery: it draws from the plug as it is
    marginal   what device and line draw beyond their rest, for they would rest anyway
    whole      all that device and line draw while they work for the workload

What users' equipment draws while it works for nobody is theirs and is not recorded.
"""

from collections.abc import Iterator
from math import fsum, isclose
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from simulator.catalogue import rows
from simulator.errors import SimulatorError
from simulator.hardware.datacenter import GRID, zone_or_intensity
from simulator.spec import AtLeastOne, Fault, Machines, PositiveNumber, PositiveShare, Ref, Spec, Watts

State = Literal["charging", "battery", "mains"]
Account = Literal["marginal", "whole"]
Places = dict[Annotated[str, Ref("city")], PositiveShare]
Accesses = dict[Annotated[str, Ref("access")], PositiveShare]


class ClientPower(Spec):
    """What one device draws, all of it, while it does something for a workload."""

    compute: Watts = Field(description="while it computes")
    receive: Watts = Field(description="while it receives")
    send: Watts = Field(description="while it sends")
    idle: Watts = Field(description="at rest")
    use: Watts | None = Field(None, description="while its user asks and waits; the row's typical use if left out")


class Population(Spec):
    """A crowd of users, each with one device."""

    device: Annotated[str, Ref("device")] = Field(description="a device of the catalogue")
    count: Machines = Field(description="how many users")
    places: Places = Field(description="share of the users by city; the shares add up to 1")
    access: Accesses = Field(description="share of the users by access technology; the shares add up to 1")
    state: State = Field(description="where a device takes its power from: charging, battery or mains")
    account: Account = Field(description="what of device and line is charged to a workload: marginal or whole")
    samples: PositiveNumber | None = Field(None, description="samples that a user has, in the mean")
    samples_spread: AtLeastOne = Field(1.0, description="how unequal the users' samples are, a factor; 1: all alike")
    speed_spread: AtLeastOne | None = Field(
        None, description="how unequal the devices' speeds are, a factor; `client-speed-spread` if left out"
    )
    rate_spread: AtLeastOne | None = Field(
        None, description="how unequal the lines' rates are, a factor; `client-rate-spread` if left out"
    )
    power: ClientPower | None = Field(None, description="watts of a device; those of its class if left out")
    grid: Annotated[float | str, BeforeValidator(zone_or_intensity), Ref("grid", or_quantity=True), GRID] | None = (
        Field(None, description="a grid zone or an intensity for all; each city's country if left out")
    )

    def faults(self) -> Iterator[Fault]:
        """Shares that do not add up, a city without a grid, a device whose watts nobody knows."""
        for field in ("places", "access"):
            yield from _share_faults(field, getattr(self, field))
        for city in () if self.grid is not None else self.places:
            row = rows("city").get(city.lower())
            if row is not None and row.text("country") not in rows("grid"):
                sentence = "the catalogue has no grid for its country; give `grid:`, such as `57 gCO2e/kWh`"
                yield Fault(("places", city), sentence)
        yield from _power_faults(self)


def _share_faults(field: str, shares: dict[str, float]) -> Iterator[Fault]:
    total = fsum(shares.values())
    if not shares or not isclose(total, 1.0, rel_tol=1e-9):
        found = f"the shares add up to {total:g}; they must add up to 1"
        yield Fault((field,), found if shares else "there is none; give shares that add up to 1")
    if len({name.lower() for name in shares}) < len(shares):
        yield Fault((field,), "one name stands twice, in small and in capital letters; keep one")


def _power_faults(spec: Population) -> Iterator[Fault]:
    from simulator.population.power import build_client_power  # which takes this spec

    if spec.device.lower() in rows("device"):
        try:
            build_client_power(spec)
        except SimulatorError as error:
            yield Fault(("device",) if spec.power is None else ("power",), str(error))
