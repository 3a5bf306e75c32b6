"""The energy of the networks by other models than the one that the account charges: never added to it.

    power_model   what the account charges: joules a bit x bits, and watts of lines charged whole
    per_bit       averages a bit of links, sites and lines x bits, rest and spare capacity within
    router_time   routers' full power for the time that bits take of their capacity, spare ones and buildings within:
                  P / C x overcapacity x redundancy x PUE x bits
    intensity     kilowatt-hours a gigabyte of users' networks, fixed or mobile, x gigabytes of their lines

All of them answer from the bits that each asset is recorded to have carried. They differ by
orders of magnitude because they ask different things: one more bit on a line that is there
anyway costs little, a line's share of all that its network draws much. Ranges are those of the
catalogue rows, all low or all high together; a value without one stays. What a model does not
hold, it says; one that has nothing to work on says so too, and is not 0.
Sources: Malmodin 2020 and Schien et al. 2015 (access_technologies, network_powers,
network_assumptions); the table network_intensities.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum, prod
from typing import Any, NamedTuple

from simulator.catalogue import Row, find
from simulator.footprint.entries import Carrier
from simulator.network.access import build_access
from simulator.network.element import J_PER_NJ, Element
from simulator.network.rest import PER_UNIT, average_over_marginal, find_rest
from simulator.units import BITS_PER_GIGABYTE, JOULES_PER_KWH

J_PER_B_OF_KWH_PER_GB = JOULES_PER_KWH / BITS_PER_GIGABYTE
MALMODIN, SCHIEN = "Malmodin and assumed rows", "Schien, Mytton"
ONE_MORE = "what one more gigabyte costs: what stands there stands there anyway"
NO_ROUTERS = "does not apply: no router carried anything"
NO_LINES = "does not apply: no users' lines carried anything"
FULL_POWER = "max_nj_per_b"


class Value(NamedTuple):
    """A value of the catalogue: its row and column."""

    row: Row
    column: str

    @property
    def number(self) -> float:
        """The value itself."""
        return self.row.number(self.column, "correct the row")

    def ends_share(self) -> tuple[float, float]:
        """The ends of its range over the value; of one without a range, 1."""
        low, high = self.row.find_range(self.column) or (self.number, self.number)
        return low / self.number, high / self.number


class Part(NamedTuple):
    """Some joules that are proportional to each of these values."""

    energy_j: float
    values: tuple[Value, ...]

    def ends_j(self) -> tuple[float, float]:
        """The joules with all values at their low ends, and with all at their high ones."""
        low, high = zip(*(value.ends_share() for value in self.values), strict=True)
        return self.energy_j * prod(low), self.energy_j * prod(high)


class Model(NamedTuple):
    """A way to tell the energy of networks: what it holds, by whom, the parts that it is the sum of, why if of none."""

    holds: str
    source: str
    parts: Callable[[Sequence[Carrier]], Iterable[Part]]
    nothing: str = ""


def model_rows(carriers: Sequence[Carrier]) -> dict[str, Mapping[str, Any]]:
    """What each model says of what these carried; of nothing, nothing."""
    if not carriers:
        return {}
    return {name: _told(model, list(model.parts(carriers))) for name, model in MODELS.items()}


def gigabyte_models(elements: Mapping[str, Element], access: str | None = None) -> dict[str, Mapping[str, Any]]:
    """What each model says of a gigabyte that passes these, and a user's line of this technology if one is named.

    `marginal` is what one more gigabyte costs, for whatever stands there stands there anyway.

    >>> from simulator.network.element import Element
    >>> found = gigabyte_models({"lyon/router": Element("site", ("fr",), "core-router", 3e-10, "core-router")})
    >>> [round(found[model]["energy_j"], 3) for model in ("marginal", "per_bit")]  # 8e9 b x 0.03 and 0.3 nJ/b
    [0.24, 2.4]
    """
    carriers = [
        Carrier(
            name, one.kind, one.row, find_rest(one).slope_j_per_b, BITS_PER_GIGABYTE, 0.0, apart=True, power=one.power
        )
        for name, one in elements.items()
    ]
    if access is not None:
        line = build_access(access)
        carriers.append(
            Carrier("line", "access", line.id, line.slope_j_per_b, BITS_PER_GIGABYTE, 0.0, apart=True, power="")
        )
    found = model_rows(carriers)
    charged = found.pop("power_model")
    return {"marginal": {**charged, "holds": ONE_MORE}, **found}


def _told(model: Model, parts: Sequence[Part]) -> Mapping[str, Any]:
    if not parts:
        missing = dict.fromkeys(("energy_j", "low_j", "high_j"))
        return {**missing, "holds": model.nothing, "source": model.source, "year": "", "rows": []}
    ends_j = [part.ends_j() for part in parts]
    values = [value for part in parts for value in part.values]
    years = sorted({value.row.source(value.column).year for value in values})
    return {
        "energy_j": fsum(part.energy_j for part in parts),
        "low_j": fsum(low_j for low_j, _ in ends_j),
        "high_j": fsum(high_j for _, high_j in ends_j),
        "holds": model.holds,
        "source": model.source,
        "year": years[0] if len(years) == 1 else f"{years[0]}-{years[-1]}",
        "rows": sorted({f"{value.row.kind}/{value.row.id}" for value in values}),
    }


def _charged(carriers: Sequence[Carrier]) -> Iterable[Part]:
    for carrier in carriers:
        yield Part(carrier.slope_j_per_b * carrier.carried_b, (_slope(carrier),))
        if carrier.kind == "access" and carrier.rest_j:
            yield Part(carrier.rest_j, (Value(find("access", carrier.row), "line_idle_w"),))


def _averages(carriers: Sequence[Carrier]) -> Iterable[Part]:
    for carrier in carriers:
        if carrier.kind == "access":
            yield _of_gigabytes(carrier, Value(find("access", carrier.row), "average_kwh_per_gb"))
            continue
        row = find("network-power", carrier.power)
        times = average_over_marginal(row, carrier.kind) if carrier.apart else 1.0
        average_j = times * carrier.slope_j_per_b * carrier.carried_b
        yield Part(average_j, (Value(row, f"energy_{PER_UNIT[carrier.kind]}"),))


def _router_times(carriers: Sequence[Carrier]) -> Iterable[Part]:
    shared = (
        Value(find("network-assumption", "router-redundancy"), "redundancy_ratio"),
        Value(find("network-assumption", "telecom-pue"), "pue_ratio"),
    )
    for carrier in carriers:
        if carrier.kind == "site" and FULL_POWER in (row := find("network-power", carrier.power)).columns:
            values = (Value(row, FULL_POWER), Value(row, "overcapacity_ratio"), *shared)
            yield Part(prod(value.number for value in values) * J_PER_NJ * carrier.carried_b, values)


def _intensities(carriers: Sequence[Carrier]) -> Iterable[Part]:
    for carrier in carriers:
        if carrier.kind == "access" and carrier.carried_b:
            network = find("network-intensity", find("access", carrier.row).text("intensity"))
            yield _of_gigabytes(carrier, Value(network, "intensity_kwh_per_gb"))


def _of_gigabytes(carrier: Carrier, value: Value) -> Part:
    return Part(value.number * J_PER_B_OF_KWH_PER_GB * carrier.carried_b, (value,))


def _slope(carrier: Carrier) -> Value:
    """Where the joules a bit of a carrier come from."""
    if carrier.kind == "access":
        return Value(find("access", carrier.row), "marginal_w_per_mbps")
    part = "marginal" if carrier.apart else "energy"
    return Value(find("network-power", carrier.power), f"{part}_{PER_UNIT[carrier.kind]}")


MODELS = {
    "power_model": Model("what is charged here, lines by their bits or whole", MALMODIN, _charged),
    "per_bit": Model("links, sites and users' lines by averages, their rest within", MALMODIN, _averages),
    "router_time": Model("routers and exchanges alone, with those in reserve", SCHIEN, _router_times, NO_ROUTERS),
    "intensity": Model("users' networks alone, not what data centres send each other", "ADEME", _intensities, NO_LINES),
}
"""Every model by name."""
