"""What a figure of a sweep reads from its table: the runs that ended well, and columns as positions on axes.

A factor whose values are numbers, or quantities of one kind ("10 Gbps"), has an even axis, or one of powers of ten
where its values are spaced more evenly by those. All else is words, in the order in which they come.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from simulator.columns import SWEEP_COLUMNS
from simulator.errors import QuantityError, UsageError
from simulator.record.integrate import Floats
from simulator.scenario.sentences import nearest
from simulator.units import DIMENSIONS, parse, show_count
from simulator.view.sweep_units import spoken, unit_of

COLOURS = ("#1d6285", "#e08a1e", "#7a4f9a", "#3a3a3a", "#5aaecb", "#b8552f", "#8a7a2f", "#a83a5b")
MARKERS = "os^DvPX*"
"""Of paradigms; colours that colour-blind readers tell apart by lightness too, and a marker each."""
MOST_VALUES = 24
"""A factor with more values than this was drawn, not listed: it is cut into stretches of its axis."""
_MOST_TICKS = 8
_SPREAD = 30.0
"""A measure whose P95 is so many times its P5 has an axis of powers of ten."""
_LEAST_SPREAD = 5.0
"""A factor whose highest value is not so many times its lowest has an even axis."""
_NARROW = 200.0
_QUANTITY = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\D.*?)\s*")


class Axis(NamedTuple):
    """A column: where each row stands (nan where it is null), what its words are if it has any, whether by powers."""

    name: str
    unit: str
    at: Floats
    words: tuple[str, ...]
    log: bool

    @property
    def label(self) -> str:
        """Its name and unit, in lines of readable length."""
        return fill(f"{self.name} ({self.unit})" if self.unit else self.name, 44)

    @property
    def values(self) -> Floats:
        """Its distinct positions, in order."""
        return np.unique(self.at[~np.isnan(self.at)])

    def said(self, position: float) -> str:
        """What a position is called, numbers in full where they are of readable length."""
        if self.words:
            return self.words[round(position)]
        return f"{position:.0f}" if 1e4 <= abs(position) < 1e7 and position % 1 == 0 else f"{position:.5g}"


class Runs(NamedTuple):
    """The runs to draw: those that ended well and have the measure; what is to be known of the others."""

    table: pa.Table
    factors: tuple[str, ...]
    of: str
    paradigms: tuple[str, ...]
    units: Mapping[str, str]
    notes: tuple[str, ...]

    def of_paradigm(self, paradigm: str) -> "Runs":
        """Those of one paradigm."""
        return self._replace(table=self.table.filter(pc.field("paradigm") == paradigm), paradigms=(paradigm,))

    def factor(self, name: str) -> Axis:
        """A factor as an axis."""
        column = self.table.column(name)
        if is_number(column.type):
            at = np.array([np.nan if v is None else float(v) for v in column.to_pylist()])
            return Axis(name, self.units.get(name, ""), at, (), is_spaced_by_ratios(at))
        return _text_axis(name, column.to_pylist())

    def measure(self, even: bool = False) -> Axis:
        """The measure in a unit for people; never by powers of ten if an even axis is asked for."""
        values = self.table.column(self.of).to_numpy()
        low, middle, high = (float(v) for v in np.percentile(values, [5, 50, 95]))
        log = not even and float(values.min()) > 0.0 and high > _SPREAD * low
        size, unit = unit_of(self.of, middle if log else float(np.abs(values).max()))
        return Axis(spoken(self.of), unit, values / size, (), log)


def is_number(kind: pa.DataType) -> bool:
    """Whether a column is one of numbers."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def is_spaced_by_ratios(at: Floats) -> bool:
    """Whether values lie more evenly on a scale of ratios than on one of differences.

    >>> is_spaced_by_ratios(np.array([1.0, 10.0, 100.0])), is_spaced_by_ratios(np.array([1.0, 50.0, 100.0]))
    (True, False)
    """
    values = np.unique(at[~np.isnan(at)])
    if len(values) < 3 or values[0] <= 0.0 or values[-1] < _LEAST_SPREAD * values[0]:
        return False
    even = np.linspace(0.0, 1.0, len(values))
    off = [float(np.abs((v - v[0]) / (v[-1] - v[0]) - even).max()) for v in (values, np.log(values))]
    return off[1] < off[0]


def _text_axis(name: str, texts: list[str | None]) -> Axis:
    words = tuple(dict.fromkeys(text for text in texts if text is not None))
    found = _find_quantities(words)
    places = dict(zip(words, range(len(words)) if found is None else found[0], strict=True))
    at = np.array([np.nan if text is None else places[text] for text in texts], dtype=np.float64)
    return Axis(name, "", at, words, False) if found is None else Axis(name, found[1], at, (), is_spaced_by_ratios(at))


def _find_quantities(words: Sequence[str]) -> tuple[list[float], str] | None:
    """The numbers, in the unit of the first, if all are quantities of one dimension."""
    match = _QUANTITY.fullmatch(words[0]) if words else None
    if match is None:
        return None
    for dimension in DIMENSIONS:
        try:
            size = parse(f"1 {match[2]}", dimension)
            return [float(f"{parse(word, dimension) / size:.12g}") for word in words], match[2]
        except QuantityError:
            continue
    return None


def find_runs(
    table: pa.Table,
    factors: Sequence[str],
    of: str,
    paradigms: Sequence[str] | None,
    units: Mapping[str, str],
) -> Runs:
    """What can be drawn of a measure, of some paradigms or of all; raises UsageError where there is nothing."""
    asked = f"a figure of {of}"
    well = table.filter(pc.field("status") == "ok")
    if not well.num_rows:
        raise UsageError(asked, "no point ended well", "look at `aiceberg sweep status`, then run or retry the points")
    measures = [
        field.name
        for field in table.schema
        if pa.types.is_floating(field.type) and field.name not in (*SWEEP_COLUMNS, *factors)
    ]
    if of not in measures:
        raise UsageError(asked, "there is no such measure", nearest(of, measures))
    there = list(dict.fromkeys(well.column("paradigm").to_pylist()))
    for name in paradigms or ():
        if name not in there:
            raise UsageError(f"paradigm {name!r}", "there is no such paradigm", nearest(name, there))
    chosen = [name for name in there if not paradigms or name in paradigms]
    own = well.filter(pc.is_in(well.column("paradigm"), pa.array(chosen)))
    whole = own.filter(pc.is_valid(own.column(of)))
    have = set(whole.column("paradigm").to_pylist())
    if not have:
        raise UsageError(asked, f"has no value in any run of {', '.join(chosen)}", "choose another measure")
    notes = (*_lost_notes(table), *_null_notes(own, whole, chosen))
    return Runs(whole, tuple(factors), of, tuple(name for name in chosen if name in have), units, notes)


def _lost_notes(table: pa.Table) -> list[str]:
    """How many points did not end well, and how."""
    states = dict(zip(table.column("point").to_pylist(), table.column("status").to_pylist(), strict=True))
    lost = Counter(state for state in states.values() if state != "ok")
    if not lost:
        return []
    told = ", ".join(f"{count} {state}" for state, count in sorted(lost.items()))
    return [f"left out: {sum(lost.values())} of {show_count(len(states), 'point')} ({told})"]


def _null_notes(own: pa.Table, whole: pa.Table, chosen: Sequence[str]) -> list[str]:
    before, after = (Counter(t.column("paradigm").to_pylist()) for t in (own, whole))
    return [
        f"{name} has no such value in {before[name] - after[name]} of {show_count(before[name], 'run')}"
        for name in chosen
        if after[name] < before[name]
    ]


def varying(runs: Runs) -> list[str]:
    """The factors that have more than one value."""
    return [name for name in runs.factors if len(runs.factor(name).values) > 1]


def stretches(axis: Axis, most: int) -> tuple[Floats, Floats]:
    """Middles and edges of the cells of an axis: one a listed value, or as many even stretches as asked."""
    values = np.log10(axis.values) if axis.log else axis.values
    if len(values) <= MOST_VALUES:
        middles = values
        between = (values[1:] + values[:-1]) / 2
        first, last = (between[0] - values[0], values[-1] - between[-1]) if len(values) > 1 else (0.5, 0.5)
        edges = np.concatenate(([values[0] - first], between, [values[-1] + last]))
    else:
        edges = np.linspace(values[0], values[-1], most + 1)
        middles = (edges[1:] + edges[:-1]) / 2
    return (10.0**middles, 10.0**edges) if axis.log else (middles, edges)


def cells(at: Floats, edges: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """The cell that each position is in; -1 for those that are nowhere."""
    found = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isnan(at), -1, found)


def set_log(axes: Axes, way: str, values: Floats) -> None:
    """An axis of powers of ten, or of 1, 2 and 5 of each where there are few of them; in plain numbers."""
    axes.set(**{f"{way}scale": "log"})
    side = axes.xaxis if way == "x" else axes.yaxis
    narrow = float(values.max()) < _NARROW * float(values.min())
    side.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if narrow else (1.0,)))
    side.set_major_formatter("{x:g}")
    side.set_minor_formatter(NullFormatter())


def set_ticks(axes: Axes, way: str, axis: Axis) -> None:
    """Scale, ticks and label of the x or y axis: words and few values stand where they are."""
    side = axes.xaxis if way == "x" else axes.yaxis
    if axis.log:
        set_log(axes, way, axis.values)
    values = axis.values
    if axis.words or len(values) <= _MOST_TICKS:
        side.set_ticks(list(values), [fill(axis.said(v), 16) for v in values])
        side.set_ticks([], minor=True)
    axes.set(**{f"{way}label": axis.label})
