"""What the YAML says of a crowd of users: what they have, where they are, how they are reached.

Shares of places and of access technologies are independent of each other: the same mix of
technologies everywhere. Spreads are factors: with `speed_spread: 1.8` a client one standard
deviation above the median is 1.8 times as fast, one below 1.8 times as slow (log-normal);
1 makes all alike. Samples may follow Zipf's law instead: the user with the r-th most has r ^ -exponent
of what the first has. Each correlation is said: `speed_with_samples` is that of the logarithms of speed
and samples, through a Gaussian copula; without it one has nothing to do with the other.

`excess` is power beside what is asked of a city, which its devices may use (excess.py): what it carried is told
beside what they drew. `available` and `eligible` (available.py) say when devices may be selected for learning.
Users ask, send and receive by themselves whenever a workload has them do so.

`state` says where the device takes its power from while it works, `account` how much of it
is charged to the workload:

    charging   plugged in: what it draws passes the charger
    battery    unplugged: it passes the charger and the battery later
    mains      no battery: it draws from the plug as it is
    marginal   what device and line draw beyond their rest, for they would rest anyway
    whole      all that device and line draw while they work for the workload

What users' equipment draws while it works for nobody is theirs and is not recorded; with `owned: always` it is, of
devices: each counts for the whole window, at rest too, and what works for nobody is `unassigned`. Lines are counted as
they are used, for a household has its own whatever a phone does.
"""

from collections.abc import Iterator, Mapping
from math import fsum, isclose
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from simulator.catalogue import rows
from simulator.errors import SimulatorError
from simulator.hardware.datacenter import GRID, zone_or_intensity
from simulator.population.available import ALWAYS, Available, Eligible, Traced, metered_share
from simulator.spec import AtLeastOne, Fault, Machines, PositiveNumber, PositiveShare, Ref, Spec, Watts, number, present

State = Literal["charging", "battery", "mains"]
Account = Literal["marginal", "whole"]
Places = dict[Annotated[str, Ref("city")], PositiveShare]
Accesses = dict[Annotated[str, Ref("access")], PositiveShare]


def _correlation(value: float) -> float:
    if not -1.0 <= value <= 1.0:
        raise PydanticCustomError("correlation", "must lie between -1 and 1, found {shown}", {"shown": f"{value:g}"})
    return value


Correlation = Annotated[
    float,
    BeforeValidator(number),
    AfterValidator(_correlation),
    WithJsonSchema({"type": "number", "minimum": -1, "maximum": 1}),
]


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
    owned: Literal["used", "always"] = Field(
        "used", description="devices count while they work for a workload, or `always`, used or not"
    )
    samples: PositiveNumber | None = Field(None, description="samples that a user has, in the mean")
    samples_spread: AtLeastOne = Field(1.0, description="how unequal the users' samples are, a factor; 1: all alike")
    samples_zipf: PositiveNumber | None = Field(
        None, description="the exponent of Zipf's law of the users' samples, instead of `samples_spread`"
    )
    speed_with_samples: Correlation = Field(
        0.0, description="correlation of speed and samples, of their logarithms; above 0: who has more is faster"
    )
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
    available: Available = Field(ALWAYS, description="when devices may be selected: always, nights, diurnal or trace")
    eligible: Eligible | None = Field(None, description="what a device must be to be selected; anything if left out")
    excess: dict[Annotated[str, Ref("city")], Watts] | None = Field(
        None,
        description="power beside what is asked of a city, at solar noon: the sun's, of a clear day at the equinox",
    )

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Two laws of the users' samples."""
        if present(raw) >= {"samples_spread", "samples_zipf"}:
            yield Fault(
                ("samples_zipf",), "`samples_spread` says already how unequal the samples are; keep one of them"
            )

    def faults(self) -> Iterator[Fault]:
        """Shares that do not add up, a city without a grid, watts that nobody knows, users whom nobody can select."""
        for field in ("places", "access"):
            yield from _share_faults(field, getattr(self, field))
        for city in () if self.grid is not None else self.places:
            row = rows("city").get(city.lower())
            if row is not None and row.text("country") not in rows("grid"):
                sentence = "the catalogue has no grid for its country; give `grid:`, such as `57 gCO2e/kWh`"
                yield Fault(("places", city), sentence)
        yield from _power_faults(self)
        yield from _correlation_faults(self)
        yield from _eligible_faults(self)
        yield from _excess_faults(self)


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


def _correlation_faults(spec: Population) -> Iterator[Fault]:
    alike = [
        *(["samples"] if spec.samples_zipf is None and spec.samples_spread == 1.0 else []),
        *(["speed"] if spec.speed_spread == 1.0 else []),
    ]
    if spec.speed_with_samples and alike:
        sentence = f"all users have the same {' and '.join(alike)}; give a spread above 1, or leave it out"
        yield Fault(("speed_with_samples",), sentence)


def _excess_faults(spec: Population) -> Iterator[Fault]:
    cities = {city.lower() for city in spec.places}
    for city in spec.excess or ():
        if city.lower() not in cities:
            yield Fault(("excess", city), f"no users are there; they are in {', '.join(spec.places)}")
    if spec.excess is not None and len({city.lower() for city in spec.excess}) < len(spec.excess):
        yield Fault(("excess",), "one name stands twice, in small and in capital letters; keep one")


def _eligible_faults(spec: Population) -> Iterator[Fault]:
    eligible = spec.eligible
    if eligible is None:
        return
    lines = [technology for technology in spec.access if technology.lower() in rows("access")]
    if eligible.unmetered and lines and all(metered_share(technology) == 1.0 for technology in lines):
        yield Fault(("eligible", "unmetered"), "all lines of `access` are paid by volume; add another, such as wifi")
    if isinstance(spec.available, Traced) and eligible.share < 1.0:
        sentence = "the trace says already when devices are on; leave `charging` and `idle` out"
        yield Fault(("eligible",), sentence)
