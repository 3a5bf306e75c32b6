"""Who reserved, used and heated an asset, step by step: what rules of allocation divide it by.

    reserved[w, k]  = pieces that workload w holds over step k / pieces
    in service[k]   = the same of all, and of the pieces that count and nobody holds
    used[w, k]      = reserved[w, k] less its pieces that do nothing but `wait`, the mean of the step (rest.py)
    energy[w]       = joules of w's own channels;  `unassigned` apart

Steps are cut wherever a reservation begins or ends, so that reserved and in service are exact
over each. Users' equipment is held by the mean of what works, and uses what it holds. Links and
sites, which nobody reserves, have no `reserved`; they are in service from their first to their
last bit, and `used` are parts of the bits that they carried. The window is from second 0 to the
paradigm's end. Limit: workloads x steps of an asset are held in memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

import numpy as np

from simulator.footprint.entries import Tables, find_factor, span_s
from simulator.footprint.overhead import log_pieces
from simulator.footprint.sharing.rest import Held, Lone, at_work
from simulator.footprint.sharing.stretches import integrals_at
from simulator.record.integrate import Floats
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import POWER, RATE, UNASSIGNED, USERS

Row = Mapping[str, Any]


class Hold(NamedTuple):
    """A row of `reservations`: so large a share of an asset's pieces, for whom, from when to when."""

    workload: str
    from_s: float
    to_s: float
    share: float


class Usage(NamedTuple):
    """An asset over a paradigm's window: shares of its pieces by (workload, step), joules by workload.

    `reserved` is None where nobody reserves such an asset; `used`, `energy_j` and `idle_j` where the log was not read.
    """

    asset: str
    workloads: tuple[str, ...]
    edges_s: Floats
    in_service: Floats
    reserved: Floats | None
    used: Floats | None = None
    energy_j: Floats | None = None
    idle_j: float | None = None

    @property
    def length_s(self) -> Floats:
        """How long each step is."""
        return np.diff(self.edges_s)

    @property
    def service_s(self) -> float:
        """Seconds in service, times the share of the pieces: what a piece's mean service is."""
        return float(self.in_service @ self.length_s)


def read_usages(tables: Tables, paradigm: str, log: bool = True) -> dict[str, Usage]:
    """How each asset of a paradigm was used, by its name; without the log, only what was reserved."""
    end_s = span_s(tables, paradigm)
    assets = of_paradigm(tables["assets"], paradigm).to_pylist()
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    holds, of_asset = _holds(tables, paradigm), _by_asset(channels)
    found = {
        row["asset"]: _reserved(row, holds.get(row["asset"], ()), of_asset.get(row["asset"], ()), end_s)
        for row in assets
    }
    return _with_log(tables, paradigm, assets, channels, found) if log else found


def _by_asset(channels: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for channel in channels:
        found.setdefault(channel["asset"], []).append(channel)
    return found


def _holds(tables: Tables, paradigm: str) -> dict[str, list[Hold]]:
    found: dict[str, list[Hold]] = {}
    table = of_paradigm(tables["reservations"], paradigm)
    columns = (table.column(name).to_pylist() for name in ("asset", *Hold._fields))
    for asset, *held in zip(*columns, strict=True):
        found.setdefault(asset, []).append(Hold(*held))
    return found


def _reserved(row: Row, holds: Sequence[Hold], channels: Sequence[Row], end_s: float) -> Usage:
    """What of an asset was in service and reserved, from what is known without the log."""
    drawing = {c["workload"] for c in channels if c["quantity"] in (POWER, RATE)}
    names = tuple(sorted({*drawing, *(hold.workload for hold in holds)} - {UNASSIGNED}))
    if not row["owner"]:
        from_s, to_s = row["in_service_from_s"], row["in_service_to_s"]
        edges_s = np.zeros(1) if from_s is None else np.unique([from_s, to_s])
        return Usage(row["asset"], names, edges_s, np.ones(len(edges_s) - 1), None)
    edges_s = np.unique([0.0, end_s, *(hold.from_s for hold in holds), *(hold.to_s for hold in holds)])
    held = _pieces(edges_s, (*names, UNASSIGNED), holds, row["count"])
    return Usage(row["asset"], names, edges_s, held.sum(axis=0) / row["count"], held[:-1] / row["count"])


def _pieces(edges_s: Floats, names: Sequence[str], holds: Sequence[Hold], count: int) -> Floats:
    """How many pieces each holds over each step; whole where all are, so that no rounding is left over."""
    place = {name: number for number, name in enumerate(names)}
    who = np.array([place[hold.workload] for hold in holds], np.int64)
    from_s, to_s, share = (np.array([hold[column] for hold in holds], float) for column in (1, 2, 3))
    held = share * count
    whole = np.rint(held)
    if np.allclose(held, whole, rtol=0.0, atol=1e-6):
        held = whole
    moves = np.zeros((len(names), len(edges_s)))
    np.add.at(moves, (who, np.searchsorted(edges_s, from_s)), held)
    np.subtract.at(moves, (who, np.searchsorted(edges_s, to_s)), held)
    return np.asarray(np.maximum(np.cumsum(moves, axis=1)[:, :-1], 0.0))


def _with_log(
    tables: Tables, paradigm: str, assets: Sequence[Row], channels: Sequence[Row], found: Mapping[str, Usage]
) -> dict[str, Usage]:
    """The same with what the log says of use and joules."""
    end_s = span_s(tables, paradigm)
    looked_up = {name: _edges(usage, end_s) for name, usage in found.items()}
    lone = Lone({name: held for name, usage in found.items() if (held := _find_held(usage)) is not None}, channels)
    edges_s = [looked_up.get(channel["asset"], np.zeros(0)) for channel in channels]
    at_edges = integrals_at(log_pieces(tables, paradigm), edges_s, lone.watched, lone.watch)
    rows = {row["asset"]: row for row in assets}
    of_asset: dict[str, list[tuple[Row, Floats]]] = {name: [] for name in found}
    for channel, integral in zip(channels, at_edges, strict=True):
        if channel["asset"] in rows:
            of_asset[channel["asset"]].append((channel, integral))
    return {name: _filled(usage, rows, of_asset[name], lone.find_w(name)) for name, usage in found.items()}


def _edges(usage: Usage, end_s: float) -> Floats:
    """Where the log is looked up: at the steps' edges, or of what has no steps of its own at the end alone."""
    return np.array([0.0, end_s]) if usage.reserved is None else usage.edges_s


def _find_held(usage: Usage) -> Held | None:
    return None if usage.reserved is None else Held(usage.workloads, usage.edges_s, usage.reserved)


def _filled(
    usage: Usage, rows: Mapping[str, Row], channels: Sequence[tuple[Row, Floats]], lone_w: float | None
) -> Usage:
    own_j: dict[str, list[float]] = {}
    for workload, joules in _drawn(rows, channels):
        own_j.setdefault(workload, []).append(joules)
    energy_j = np.array([fsum(own_j.get(name, ())) for name in usage.workloads])
    held = _find_held(usage)
    if held is None:
        used = _carried(usage, channels, energy_j)
    else:
        used = held.reserved if rows[usage.asset]["owner"] == USERS else at_work(held, channels, lone_w)
    return usage._replace(used=used, energy_j=energy_j, idle_j=fsum(own_j.get(UNASSIGNED, ())))


def _drawn(rows: Mapping[str, Row], channels: Sequence[tuple[Row, Floats]]) -> Iterator[tuple[str, float]]:
    """The joules of each channel, and whose they are."""
    for channel, integral in channels:
        factor = find_factor(channel, rows)
        if factor is not None:
            yield channel["workload"], factor * float(integral[-1])


def _carried(usage: Usage, channels: Sequence[tuple[Row, Floats]], energy_j: Floats) -> Floats:
    """Each workload's part of the bits, or of the joules, of what nobody reserves."""
    bits = np.zeros(len(usage.workloads))
    for channel, integral in channels:
        if channel["quantity"] == RATE and channel["workload"] in usage.workloads:
            bits[usage.workloads.index(channel["workload"])] += integral[-1]
    parts = bits if bits.any() else energy_j
    steps = len(usage.in_service)
    return np.repeat((parts / parts.sum() if parts.any() else parts)[:, None], steps, axis=1)
