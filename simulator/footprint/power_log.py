"""The per-tick power log of a result: the recorded watts, and the building's, tick by tick.

The overhead of a channel is (PUE - 1) x its watts at every moment, so its ticks follow from
the same changes. The energies of all rows of a paradigm add up to its widest operational
boundary.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simulator.errors import UsageError
from simulator.footprint.boundary import reach, within
from simulator.footprint.entries import IT_KINDS, Entry, Tables, of_paradigm, paradigms, signals_of, span_s
from simulator.record.integrate import Floats, floats, ints
from simulator.record.ticks import Ints, deltas, group_numbers, mean_power_w, tick_grid
from simulator.vocabulary import KIND_BOUNDARIES

KEYS = ("place", "workload", "activity", "asset", "kind")
"""What a log may be grouped by."""

DEFAULT_KEYS = ("place", "workload", "activity")


class _Moves(NamedTuple):
    """Changes of power of one paradigm, each belonging to a line of the log."""

    at_s: Floats
    group: Ints
    delta_w: Floats
    groups: list[tuple[str, ...]]


def tick_table(tables: Tables, tick_s: float, by: Sequence[str] = DEFAULT_KEYS) -> pa.Table:
    """The log at this tick, grouped by some of place, workload, activity, asset and kind.

    Raises UsageError for another key and TooManyRowsError beyond 1e8 rows.
    """
    for key in by:
        if key not in KEYS:
            raise UsageError(f"ticks by {key!r}", "no such key", f"choose from {', '.join(KEYS)}")
    return pa.concat_tables([_paradigm_ticks(tables, paradigm, tick_s, tuple(by)) for paradigm in paradigms(tables)])


def _paradigm_ticks(tables: Tables, paradigm: str, tick_s: float, by: tuple[str, ...]) -> pa.Table:
    moves = _moves(tables, paradigm, by)
    grid = tick_grid(span_s(tables, paradigm), tick_s, len(moves.groups))
    power_w = mean_power_w(moves.at_s, moves.group, moves.delta_w, len(moves.groups), grid)
    groups, ticks = power_w.shape
    columns: dict[str, pa.Array] = {"paradigm": _repeated([paradigm], groups * ticks)}
    for place, key in enumerate(by):
        columns[key] = _repeated([group[place] for group in moves.groups], ticks)
    columns["at_s"] = pa.array(np.tile(grid.at_s, groups))
    columns["length_s"] = pa.array(np.tile(grid.length_s, groups))
    columns["power_w"] = pa.array(power_w.reshape(-1))
    columns["energy_j"] = pa.array((power_w * grid.length_s).reshape(-1))
    return pa.table(columns)


def _repeated(values: list[str], times: int) -> pa.Array:
    names = sorted(set(values))
    index = np.repeat(np.array([names.index(v) for v in values], np.int32), times)
    return pa.DictionaryArray.from_arrays(index, pa.array(names, pa.string()))


def _moves(tables: Tables, paradigm: str, by: tuple[str, ...]) -> _Moves:
    assets = {row["asset"]: row for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    changes = of_paradigm(tables["changes"], paradigm)
    signals, computed = signals_of(tables, paradigm), reach(tables, paradigm)
    number = ints(changes, "channel") - (channels[0]["channel"] if channels else 0)
    at_s, delta_w = floats(changes, "at_s"), deltas(number, floats(changes, "value"))
    keys: list[tuple[str, ...]] = []
    factors: list[float] = []
    for channel in channels:
        asset = assets[channel["asset"]]
        known = {**channel, **asset}
        keys.append(tuple(known[key] for key in by))
        factors.append(1.0 if _held(KIND_BOUNDARIES[asset["kind"]], computed.widest) else 0.0)
    for channel in channels:
        asset = assets[channel["asset"]]
        known = {**channel, **asset, "activity": "overhead"}
        pue = signals.get((asset["place"], "pue_ratio"), 1.0) if asset["kind"] in IT_KINDS else 1.0
        keys.append(tuple(known[key] for key in by))
        factors.append(pue - 1.0 if _held("facility", computed.widest) else 0.0)
    return _grouped(at_s, number, delta_w, keys, np.array(factors))


def _held(boundary: str, widest: str) -> bool:
    return bool(within([Entry("", "", "", boundary, 0.0, 0.0)], widest))


def _grouped(at_s: Floats, number: Ints, delta_w: Floats, keys: list[tuple[str, ...]], factors: Floats) -> _Moves:
    """Each change moves its channel's line and, by the overhead's factor, the line of its overhead."""
    used = factors != 0.0
    numbers, groups = group_numbers([key for key, use in zip(keys, used, strict=True) if use])
    group = np.full(len(keys), -1, np.int64)
    group[used] = numbers
    half = len(keys) // 2
    lines, times, moved = [], [], []
    for line in (number, number + half):
        kept = used[line]
        lines.append(group[line[kept]])
        times.append(at_s[kept])
        moved.append(delta_w[kept] * factors[line[kept]])
    return _Moves(np.concatenate(times), np.concatenate(lines), np.concatenate(moved), groups)
