"""The per-tick power log of a result: the recorded watts, and the building's, tick by tick.

The overhead of a channel is (PUE - 1) x its watts at every moment, so its ticks follow from
the same changes. Where the PUE follows the load, they are means over the clock F of
footprint/overhead.py instead of time, times what F advances in a tick over the tick's length.
A rate times what a bit costs is watts too. The energies of all rows of a
paradigm add up to its widest operational boundary.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simulator.errors import UsageError
from simulator.footprint.boundary import reach
from simulator.footprint.entries import Tables, find_factor, find_pue, paradigms, signals_of, span_s
from simulator.footprint.overhead import IT_KINDS, Clock, Curve, Parts, clock_at, curves_of, log_pieces, parts_of
from simulator.record.integrate import Floats, Ints
from simulator.record.pieces import LongTable, of_paradigm
from simulator.record.ticks import Grid, Moves, deltas, mean_power_w, moves, tick_grid, ticks_of
from simulator.vocabulary import KIND_BOUNDARIES

KEYS = ("place", "workload", "activity", "asset", "kind")
"""What a log may be grouped by."""

DEFAULT_KEYS = ("place", "workload", "activity")


class _Line(NamedTuple):
    """Channels that go into the same rows of the log: their own, and those of their overhead times a factor.

    `by_load` is the place whose PUE follows its load, "" where one factor holds for the whole run.
    """

    key: tuple[str, ...]
    overhead_key: tuple[str, ...]
    overhead: float
    by_load: str = ""


def tick_table(tables: Tables, tick_s: float, by: Sequence[str] = DEFAULT_KEYS) -> pa.Table:
    """The log at this tick, grouped by some of place, workload, activity, asset and kind.

    Raises UsageError for another key and TooManyRowsError beyond 1e8 rows.
    """
    for key in by:
        if key not in KEYS:
            raise UsageError(f"ticks by {key!r}", "no such key", f"choose from {', '.join(KEYS)}")
    return pa.concat_tables([_paradigm_ticks(tables, paradigm, tick_s, tuple(by)) for paradigm in paradigms(tables)])


def _paradigm_ticks(tables: Tables, paradigm: str, tick_s: float, by: tuple[str, ...]) -> pa.Table:
    lines, factors = _lines(tables, paradigm, by)
    kept = sorted({line for line in lines if line is not None})
    keys = sorted({line.key for line in kept} | {line.overhead_key for line in kept if line.overhead or line.by_load})
    grid = tick_grid(span_s(tables, paradigm), tick_s, len(keys))
    numbers = {line: number for number, line in enumerate(kept)}
    line_of = np.array([-1 if line is None else numbers[line] for line in lines], np.int64)
    share = _Share(line_of, factors)
    power_w = _power_w(_line_powers_w(tables, paradigm, share, len(kept), grid), kept, keys)
    if len(grid.at_s):
        for number, over_w in _overheads_by_load_w(tables, paradigm, share, kept, grid):
            power_w[keys.index(kept[number].overhead_key)] += over_w
    groups, ticks = power_w.shape
    columns: dict[str, pa.Array] = {"paradigm": _repeated([paradigm], groups * ticks)}
    for place, key in enumerate(by):
        columns[key] = _repeated([group[place] for group in keys], ticks)
    columns["at_s"] = pa.array(np.tile(grid.at_s, groups))
    columns["length_s"] = pa.array(np.tile(grid.length_s, groups))
    columns["power_w"] = pa.array(power_w.reshape(-1))
    columns["energy_j"] = pa.array((power_w * grid.length_s).reshape(-1))
    return pa.table(columns)


def _repeated(values: list[str], times: int) -> pa.Array:
    names = sorted(set(values))
    index = np.repeat(np.array([names.index(v) for v in values], np.int32), times)
    return pa.DictionaryArray.from_arrays(index, pa.array(names, pa.string()))


def _lines(tables: Tables, paradigm: str, by: tuple[str, ...]) -> tuple[list[_Line | None], Floats]:
    """The line of each channel, None for what the widest boundary does not hold; and the watts of one unit of it."""
    assets = {row["asset"]: row for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
    signals, computed, curves = signals_of(tables, paradigm), reach(tables, paradigm), curves_of(tables, paradigm)
    building = computed.holds("facility", computed.widest)
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    factors = [find_factor(channel, assets) for channel in channels]
    found: list[_Line | None] = []
    for channel, factor in zip(channels, factors, strict=True):
        if factor is None:
            found.append(None)  # perhaps the line of a data centre, which is no asset
            continue
        asset = assets[channel["asset"]]
        known = {**channel, **asset}
        in_building = building and asset["kind"] in IT_KINDS
        overhead = (find_pue(signals, asset["place"]) or 1.0) - 1.0 if in_building else 0.0
        own, over = (tuple(row[key] for key in by) for row in (known, {**known, "activity": "overhead"}))
        held = computed.holds(KIND_BOUNDARIES[asset["kind"]], computed.widest)
        by_load = asset["place"] if in_building and asset["place"] in curves else ""
        found.append(_Line(own, over, overhead, by_load) if held else None)
    return found, np.array([0.0 if factor is None else factor for factor in factors])


class _Share(NamedTuple):
    """Where each channel goes and what makes watts of its values: the number of its line (-1: none), a factor."""

    line: Ints
    factor: Floats


def _line_powers_w(tables: Tables, paradigm: str, share: _Share, lines: int, grid: Grid) -> Floats:
    """Mean watts of each line in each tick, shape (lines, ticks)."""
    return _means(tables, _Log(tables, paradigm, share, grid), lines, grid)


def _overheads_by_load_w(
    tables: Tables, paradigm: str, share: _Share, kept: list[_Line], grid: Grid
) -> Iterator[tuple[int, Floats]]:
    """The lines of places whose PUE follows their load, by number, and the building's mean watts for each tick."""
    for place in sorted({line.by_load for line in kept} - {""}):
        own = [number for number, line in enumerate(kept) if line.by_load == place]
        own_line = np.array([*(own.index(n) if n in own else -1 for n in range(len(kept))), -1], np.int64)
        over_w = _overheads_w(tables, paradigm, place, share._replace(line=own_line[share.line]), len(own), grid)
        yield from zip(own, over_w, strict=True)


def _overheads_w(tables: Tables, paradigm: str, place: str, share: _Share, lines: int, grid: Grid) -> Floats:
    """Mean watts of the building for each line of a place whose PUE follows its load, shape (lines, ticks)."""
    curve, parts = curves_of(tables, paradigm)[place], parts_of(tables, paradigm, place)
    edges_s = np.append(grid.at_s, grid.at_s[-1] + grid.length_s[-1])
    shown = clock_at(log_pieces(tables, paradigm), Clock(curve, parts), edges_s)
    by_clock = _Log(tables, paradigm, share, grid, _Shown(curve, parts, shown))
    return _means(tables, by_clock, lines, grid) * (np.diff(shown) / grid.length_s)


def _means(tables: Tables, log: "_Log", lines: int, grid: Grid) -> Floats:
    short = not isinstance(tables["changes"], LongTable)
    return mean_power_w(list(log) if short else log, lines, grid)


class _Shown(NamedTuple):
    """A place's clock, and what it shows at the edges of the ticks."""

    curve: Curve
    parts: Parts
    at_edges: Floats

    def gone(self, shown: Floats, tick: Ints) -> Floats:
        """The share of its tick that is over, by the clock; 0 where the clock stands still in it."""
        begin, length = self.at_edges[tick], self.at_edges[tick + 1] - self.at_edges[tick]
        moving = length > 0
        return np.clip(np.where(moving, (shown - begin) / np.where(moving, length, 1.0), 0.0), 0.0, 1.0)


class _Log:
    """What the changes add to the ticks, piece by piece, as often as it is gone over; by a place's clock if given."""

    __slots__ = ("_by", "_grid", "_paradigm", "_scaled", "_share", "_tables")

    def __init__(self, tables: Tables, paradigm: str, share: _Share, grid: Grid, by: _Shown | None = None) -> None:
        self._tables, self._paradigm, self._share, self._grid, self._by = tables, paradigm, share, grid, by
        self._scaled = bool((share.factor[share.line >= 0] != 1.0).any())

    def __iter__(self) -> Iterator[Moves]:
        level, by = np.zeros(len(self._share.line)), self._by
        clock = None if by is None else Clock(by.curve, by.parts)
        for piece in log_pieces(self._tables, self._paradigm):
            at_s, channel, value = piece
            gone = None
            if by is not None and clock is not None:
                gone = by.gone(clock.advance(piece)[0], ticks_of(at_s, self._grid))
            power_w = value * self._share.factor[channel] if self._scaled else value
            delta_w, line = deltas(channel, power_w, level), self._share.line[channel]
            here = line >= 0
            if not here.all():
                at_s, delta_w, line = at_s[here], delta_w[here], line[here]
                gone = None if gone is None else gone[here]
            yield moves(at_s, line, delta_w, self._grid, gone)


def _power_w(line_powers_w: Floats, kept: list[_Line], keys: list[tuple[str, ...]]) -> Floats:
    """Mean watts of each row of the log: the lines' own, and their overheads."""
    if [line.key for line in kept] == keys and not any(line.overhead for line in kept):
        return line_powers_w
    rows = {key: number for number, key in enumerate(keys)}
    power_w = np.zeros((len(keys), line_powers_w.shape[1]))
    for line, line_power_w in zip(kept, line_powers_w, strict=True):
        power_w[rows[line.key]] += line_power_w
        if line.overhead:
            power_w[rows[line.overhead_key]] += line.overhead * line_power_w
    return power_w
