"""The account: one entry for each channel, and one for its share of the building.

    overhead of a channel = (PUE - 1) x its joules,  for IT assets of places whose PUE is known
    co2e of an entry      = grid intensity of its place x its joules

Entries carry everything that sums are made by: place, workload, activity and the first
boundary that takes them in. Boundaries, shares and totals are sums of the same entries, so
they add up. Facility overhead is charged to the workload whose watts caused it.
"""

from collections.abc import Iterator, Mapping
from math import fsum
from typing import Any, NamedTuple

import pyarrow as pa

from simulator.footprint.carbon import co2e_kg
from simulator.record.integrate import channel_energy_j, log_of
from simulator.record.pieces import of_paradigm, pieces
from simulator.vocabulary import KIND_BOUNDARIES, POWER

Tables = Mapping[str, pa.Table]

IT_KINDS = ("accelerator", "host", "node")
"""The assets that stand in the building and cause its overhead."""


class Entry(NamedTuple):
    """Some joules of one paradigm: where, for whom, doing what, and from which boundary on they count."""

    place: str
    workload: str
    activity: str
    boundary: str
    energy_j: float
    co2e_kg: float


class Sum(NamedTuple):
    """The total of some entries."""

    energy_j: float
    co2e_kg: float


def paradigms(tables: Tables) -> list[str]:
    """The paradigms of a result, in the order in which they ran."""
    return list(dict.fromkeys(tables["events"].column("paradigm").to_pylist()))


def span_s(tables: Tables, paradigm: str) -> float:
    """How long the paradigm ran: from its `start` to its `end` event."""
    events = of_paradigm(tables["events"], paradigm).to_pylist()
    times = {row["event"]: row["at_s"] for row in events if row["event"] in ("start", "end")}
    return float(times["end"] - times["start"])


def signals_of(tables: Tables, paradigm: str) -> dict[tuple[str, str], float]:
    """The value of each (place, signal); each holds for the whole run."""
    rows = of_paradigm(tables["signals"], paradigm).to_pylist()
    return {(row["place"], row["signal"]): row["value"] for row in rows}


def entries(tables: Tables, paradigm: str) -> list[Entry]:
    """The account of one paradigm."""
    assets = {row["asset"]: row for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    signals = signals_of(tables, paradigm)
    energy_j = _energies_j(tables, paradigm, channels)
    found: list[Entry] = []
    for channel, joules in zip(channels, energy_j, strict=True):
        if channel["quantity"] == POWER:
            found.extend(_of_channel(channel, assets[channel["asset"]], float(joules), signals))
    return found


def _energies_j(tables: Tables, paradigm: str, channels: list[dict[str, Any]]) -> Any:
    first = channels[0]["channel"] if channels else 0
    log = (log_of(piece, first) for piece in pieces(tables["changes"], paradigm))
    return channel_energy_j(log, len(channels), span_s(tables, paradigm))


def _of_channel(
    channel: Mapping[str, Any], asset: Mapping[str, Any], energy_j: float, signals: Mapping[tuple[str, str], float]
) -> Iterator[Entry]:
    place, kind = asset["place"], asset["kind"]
    intensity = signals[place, "grid_gco2e_per_kwh"]
    workload = channel["workload"]
    yield Entry(place, workload, channel["activity"], KIND_BOUNDARIES[kind], energy_j, co2e_kg(energy_j, intensity))
    pue = signals.get((place, "pue_ratio"))
    if pue is not None and kind in IT_KINDS:
        over_j = (pue - 1.0) * energy_j
        yield Entry(place, workload, "overhead", "facility", over_j, co2e_kg(over_j, intensity))


def total(kept: list[Entry]) -> Sum:
    """The sum of entries, rounded once."""
    return Sum(fsum(e.energy_j for e in kept), fsum(e.co2e_kg for e in kept))
