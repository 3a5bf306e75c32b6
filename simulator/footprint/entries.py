"""The account: one entry for each channel, and one for its share of the building.

    energy of a channel   = integral of its watts, or slope x integral of its rate: joules a bit x bits
    overhead of a channel = (PUE - 1) x its joules,  for IT assets of places whose PUE is known;
                            where it follows the load, the integral of footprint/overhead.py
    co2e of an entry      = grid intensity of its place x its joules, at every moment where it is a series

Entries carry everything that sums are made by: place, workload, activity and the first
boundary that takes them in. Boundaries, shares and totals are sums of the same entries, so
they add up. Facility overhead is charged to the workload whose watts caused it. The line of a
data centre is no asset, and its bits cost nothing: it is inside the facility. What machines
out of service would draw at rest is an account of its own, which nothing but the total of
everything owned adds.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from simulator.engine.series import Series
from simulator.footprint.carbon import co2e_kg
from simulator.footprint.overhead import IT_KINDS, log_pieces, overheads
from simulator.record.integrate import channel_energy_j
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import KIND_BOUNDARIES, POWER, RATE, SPARE

Tables = Mapping[str, pa.Table]


class Entry(NamedTuple):
    """Some joules of one paradigm: where, for whom, doing what, and from which boundary on they count."""

    place: str
    workload: str
    activity: str
    boundary: str
    energy_j: float
    co2e_kg: float


class Carrier(NamedTuple):
    """A link, a site or the lines of one place and technology: bits carried, joules drawn beside them.

    `apart`: its slope is what one more bit costs, and its rest is told apart.
    """

    asset: str
    kind: str
    row: str
    slope_j_per_b: float
    carried_b: float
    rest_j: float
    apart: bool
    power: str


class Accounts(NamedTuple):
    """What the machines in service drew, what those out of service would have drawn at rest, what carried bits."""

    drawn: list[Entry]
    spare: list[Entry]
    carriers: list[Carrier]


class Sum(NamedTuple):
    """The total of some entries."""

    energy_j: float
    co2e_kg: float


class Drawn(NamedTuple):
    """One channel of an asset: the rows of both, the integral of its values (joules or bits), and what that cost."""

    channel: Mapping[str, Any]
    asset: Mapping[str, Any]
    value: float
    own: Sum


def paradigms(tables: Tables) -> list[str]:
    """The paradigms of a result, in the order in which they ran."""
    return list(dict.fromkeys(tables["events"].column("paradigm").to_pylist()))


def span_s(tables: Tables, paradigm: str) -> float:
    """How long the paradigm's window is: from its `start` to its `end` event."""
    times = _times(tables, paradigm)
    return float(times["end"] - times["start"])


def find_done_s(tables: Tables, paradigm: str) -> float | None:
    """When the last workload of the paradigm ended; None where one had not by the end of the window."""
    return _times(tables, paradigm).get("done")


def _times(tables: Tables, paradigm: str) -> dict[str, float]:
    events = of_paradigm(tables["events"], paradigm).to_pylist()
    return {row["event"]: row["at_s"] for row in events if row["event"] in ("start", "done", "end")}


def in_service(asset: Mapping[str, Any]) -> bool:
    """Whether an asset was used at all."""
    return asset["in_service_from_s"] is not None and asset["in_service_to_s"] > asset["in_service_from_s"]


def signals_of(tables: Tables, paradigm: str) -> dict[tuple[str, str], Series]:
    """The series of each (place, signal)."""
    steps: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in of_paradigm(tables["signals"], paradigm).to_pylist():
        steps.setdefault((row["place"], row["signal"]), []).append((row["at_s"], row["value"]))
    columns = {key: np.array(rows, float).T for key, rows in steps.items()}
    return {key: Series(at_s, value, float("inf")) for key, (at_s, value) in columns.items()}


def find_pue(signals: Mapping[tuple[str, str], Series], place: str) -> float | None:
    """The PUE of a place, which holds for the whole run; None where it is not known, or follows the load."""
    series = signals.get((place, "pue_ratio"))
    return None if series is None else float(series.values[0])


def find_factor(channel: Mapping[str, Any], assets: Mapping[str, Mapping[str, Any]]) -> float | None:
    """What makes joules of a channel's integral: 1 for watts, joules a bit for a rate; None where nothing was drawn.

    >>> find_factor({"asset": "a>b", "quantity": "rate_bps"}, {"a>b": {"slope_j_per_b": 2e-9}})
    2e-09
    """
    if channel["quantity"] == POWER:
        return 1.0
    known = channel["quantity"] == RATE and channel["asset"] in assets
    slope_j_per_b: float | None = assets[channel["asset"]]["slope_j_per_b"] if known else None
    return slope_j_per_b


class Reading(NamedTuple):
    """A channel as the log has it, and what the building drew for it; None where nothing says, or it stands in none."""

    drawn: Drawn
    overhead: Sum | None


def read_log(tables: Tables, paradigm: str) -> list[Reading]:
    """Every channel that cost something, with its share of the building."""
    signals = signals_of(tables, paradigm)
    found = list(drawn(tables, paradigm))
    over = _overheads(tables, paradigm, signals)
    return [
        Reading(one, over.get(one.channel["channel"]) or _overhead(one, find_pue(signals, one.asset["place"])))
        for one in found
    ]


def accounts(readings: Sequence[Reading]) -> Accounts:
    """The accounts of one paradigm, from its log as it was read."""
    account: list[Entry] = []
    spare: list[Entry] = []
    for one, overhead in readings:
        kept = spare if one.channel["quantity"] == SPARE else account
        kept.extend(_of_channel(one, overhead))
    return Accounts(account, spare, list(_carriers([reading.drawn for reading in readings])))


def _carriers(found: Sequence[Drawn]) -> Iterator[Carrier]:
    """What carried bits, from what each channel came to."""
    assets = {one.asset["asset"]: one.asset for one in found if one.asset["slope_j_per_b"] is not None}
    sums: dict[tuple[str, str], list[float]] = {}
    for one in found:
        sums.setdefault((one.asset["asset"], one.channel["quantity"]), []).append(one.value)
    for name, asset in assets.items():
        carried_b, rest_j = (fsum(sums.get((name, quantity), ())) for quantity in (RATE, POWER))
        if carried_b or rest_j:
            described = (name, asset["kind"], asset["row"], asset["slope_j_per_b"])
            yield Carrier(*described, carried_b, rest_j, (name, SPARE) in sums, asset["power_row"])


def drawn(tables: Tables, paradigm: str) -> Iterator[Drawn]:
    """What each channel that cost something came to, the building left out."""
    assets = {row["asset"]: row for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    signals = signals_of(tables, paradigm)
    integrals = _integrals(tables, paradigm, channels)
    places = sorted({asset["place"] for asset in assets.values()})
    grids = {place: signals[place, "grid_gco2e_per_kwh"] for place in places}
    weighed = {p: _integrals(tables, paradigm, channels, grid) for p, grid in grids.items() if not grid.constant}
    for number, channel in enumerate(channels):
        factor = 1.0 if channel["quantity"] == SPARE else find_factor(channel, assets)
        if factor is not None:
            asset, joules = assets[channel["asset"]], factor * float(integrals[number])
            place = asset["place"]
            intensity = float(grids[place].values[0])
            mass_kg = co2e_kg(factor * weighed[place][number], 1.0) if place in weighed else co2e_kg(joules, intensity)
            yield Drawn(channel, asset, float(integrals[number]), Sum(joules, float(mass_kg)))


def _integrals(tables: Tables, paradigm: str, channels: list[dict[str, Any]], weight: Series | None = None) -> Any:
    return channel_energy_j(log_pieces(tables, paradigm), len(channels), span_s(tables, paradigm), weight)


def _overheads(tables: Tables, paradigm: str, signals: Mapping[tuple[str, str], Series]) -> dict[int, Sum]:
    """What the building drew for each channel, by its number in the result, where the PUE follows the load."""
    grids = {place: series for (place, signal), series in signals.items() if signal == "grid_gco2e_per_kwh"}
    numbers = of_paradigm(tables["channels"], paradigm).column("channel").to_pylist()
    found = overheads(tables, paradigm, grids, span_s(tables, paradigm))
    return {numbers[place]: Sum(*overhead) for place, overhead in found.items()}


def _overhead(one: Drawn, pue: float | None) -> Sum | None:
    """What the building drew for a channel, by one PUE for the whole run; None where nothing says."""
    if pue is None or one.asset["kind"] not in IT_KINDS:
        return None
    return Sum((pue - 1.0) * one.own.energy_j, (pue - 1.0) * one.own.co2e_kg)


def _of_channel(one: Drawn, overhead: Sum | None) -> Iterator[Entry]:
    place, workload = one.asset["place"], one.channel["workload"]
    yield Entry(place, workload, one.channel["activity"], KIND_BOUNDARIES[one.asset["kind"]], *one.own)
    if overhead is not None:
        yield Entry(place, workload, "overhead", "facility", *overhead)


def total(kept: list[Entry]) -> Sum:
    """The sum of entries, rounded once."""
    return Sum(fsum(e.energy_j for e in kept), fsum(e.co2e_kg for e in kept))
