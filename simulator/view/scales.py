"""A result beside the scales of the world: what a year of all data centres comes to, and how many of ours make it.

    ours in theirs = what a year of theirs comes to / the widest total of a paradigm

Energies and greenhouse gases have a panel each, with an axis of powers of ten: a point for each nested total of the
result, a line for each reference, a band where it is a range. Each line is named with its scope and its year.
A reference that is told as a share alone, such as 3.5 % of all greenhouse gases, is on no axis: the whole that it is
a share of is of another year, and its scope another than that of the lines. It is told below the panels.
Limits: a year of theirs stands beside the window of ours, and none of theirs has our scope; a multiple says how large
a thing is, and not what part of it ours is.
Source: the table reference-scale (IEA 2022; The Shift Project 2021).
"""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from simulator.catalogue import Row, rows
from simulator.errors import UsageError
from simulator.units import JOULES_PER_KWH, show
from simulator.view.sweep_data import COLOURS, MARKERS
from simulator.vocabulary import BOUNDARIES, QUANTITIES

KWH_PER_TWH, KG_PER_MT = 1e9, 1e9
COLUMNS = {
    "energy_j": ("energy_twh", KWH_PER_TWH * JOULES_PER_KWH),
    "co2e_kg": ("emissions_mtco2e", KG_PER_MT),
}
"""The column of a reference that is an amount of a quantity, and how much of it one is."""
SHARE = "emissions_percent"
NUMBERS = ("", "thousand", "million", "billion", "trillion")
MOST = 4
"""So many paradigms are told beside a line."""
SHOWN = {"energy_j": JOULES_PER_KWH, "co2e_kg": 1.0}
"""What axes count in, so that their powers of ten are those of a unit."""
_WIDTH, _HEIGHT, _LINE, _LETTERS = 11.0, 3.2, 0.14, 60
"""Inches of a panel and of a line of text, and letters that such a line has."""
_BELOW, _SPAN, _ASIDE = 10.0, 1e6, 0.75
"""The smallest point over the foot of its panel, a panel's top over its foot at least, and the room for text beside
the points over that of the points."""
_COLOURS = ("#a83a5b", "#7a6a6a")


class Scale(NamedTuple):
    """A reference: what it is of, in which year, and how much that came to, in the unit of the quantity."""

    name: str
    scope: str
    year: str
    value: float
    low: float | None
    high: float | None


class Mark(NamedTuple):
    """The widest total of a paradigm."""

    paradigm: str
    boundary: str
    value: float


def scales_of(quantity: str) -> list[Scale]:
    """The references that are amounts of a quantity, the largest first.

    >>> [(scale.year, scale.value / 1e9) for scale in scales_of("co2e_kg")]  # Mt
    [('2020', 300.0)]
    """
    column, size = COLUMNS[quantity]
    found = (_scale(row, column, size) for row in rows("reference-scale").values() if row.text(column))
    return sorted(found, key=lambda scale: -scale.value)


def _scale(row: Row, column: str, size: float) -> Scale:
    ends = row.find_range(column)
    low, high = (None, None) if ends is None else (end * size for end in ends)
    value = row.number(column, "correct the row") * size
    return Scale(row.text("name"), row.text("scope"), row.source(column).year, value, low, high)


def marks_of(summary: Mapping[str, Any], quantity: str) -> list[Mark]:
    """The widest total of each paradigm that comes to something."""
    return [Mark(name, *list(of.items())[-1]) for name, of in totals_of(summary, quantity).items() if of]


def totals_of(summary: Mapping[str, Any], quantity: str) -> dict[str, dict[str, float]]:
    """The nested totals of each paradigm that a logarithm can show."""
    return {name: _above_0(found["boundaries"], quantity) for name, found in summary["paradigms"].items()}


def _above_0(boundaries: Mapping[str, Mapping[str, float]], quantity: str) -> dict[str, float]:
    return {b: boundaries[b][quantity] for b in BOUNDARIES if boundaries.get(b, {}).get(quantity, 0.0) > 0.0}


def many(times: float) -> str:
    """A number of times in words that can be read aloud, to three digits.

    >>> many(5_912_345.0), many(420.0), many(9.996e5), many(3e16)
    ('5.91 million', '420', '1 million', '3e+16')
    """
    number = float(f"{times:.3g}")
    place = int(np.floor(np.log10(number) / 3)) if number >= 1e3 else 0
    return f"{number:.3g}" if place >= len(NUMBERS) else f"{number / 1e3**place:.3g} {NUMBERS[place]}".strip()


def times_lines(scale: Scale, marks: Sequence[Mark], quantity: str) -> Iterator[str]:
    """How many of each paradigm make a year of a reference.

    >>> world = Scale("all of it", "world", "2021", 4e9, 2e9, 6e9)
    >>> list(times_lines(world, [Mark("main", "devices", 2e3)], "co2e_kg"))
    ['= 2 million x main (2 t, devices)']
    >>> list(times_lines(world, [Mark("large", "devices", 8e9)], "co2e_kg"))
    ['= 0.5 x large (8 Mt, devices)']
    """
    for paradigm, boundary, value in marks[:MOST]:
        ours = f"{paradigm} ({show(value, quantity)}, {boundary.replace('_', ' ')})"
        yield f"= {many(scale.value / value)} x {ours}"
    if len(marks) > MOST:
        yield f"and {len(marks) - MOST} more paradigms"


def share_lines() -> Iterator[str]:
    """The references that are told as shares of all greenhouse gases: on no common axis, each with scope and year."""
    for row in rows("reference-scale").values():
        if row.text(SHARE):
            year = row.source(SHARE).year
            yield f"{row.text(SHARE)} % in {year}: {row.text('scope')} ({row.source(SHARE).source})"


def draw(summary: Mapping[str, Any]) -> Figure:
    """A panel a quantity of which there is something; raises UsageError where there is nothing."""
    drawn = [quantity for quantity in QUANTITIES if marks_of(summary, quantity)]
    if not drawn:
        raise UsageError("a figure of scales", "nothing in the result comes to anything", "run what draws power")
    known = {b for quantity in drawn for of in totals_of(summary, quantity).values() for b in of}
    there = [boundary for boundary in BOUNDARIES if boundary in known]
    figure = Figure(figsize=(_WIDTH, (_HEIGHT + 0.4) * len(drawn) + 1.4), layout="constrained")
    panels = figure.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
    for axes, quantity in zip(panels, drawn, strict=True):
        _draw_points(axes, summary, quantity, there)
        _draw_scales(axes, summary, quantity, len(there) - 0.4)
    panels[-1].set_xticks(range(len(there)), [b.replace("_", " ") for b in there], fontsize=8)
    panels[-1].set_xlim(-0.5, (1.0 + _ASIDE) * len(there))
    told = ("told as shares of all greenhouse gases, on no axis, for scopes and years differ:", *share_lines())
    figure.supxlabel("\n".join(line for text in told for line in wrap(text, 130)), fontsize=8, color="#555555")
    figure.suptitle(f"{summary['name']}: beside a year of the world", fontsize=13)
    return figure


def _draw_points(axes: Axes, summary: Mapping[str, Any], quantity: str, there: Sequence[str]) -> None:
    """The nested totals of each paradigm, those of one boundary beside each other."""
    paradigms = summary["paradigms"]
    for number, (name, of) in enumerate(totals_of(summary, quantity).items()):
        at = [there.index(boundary) + 0.12 * (number - (len(paradigms) - 1) / 2) for boundary in of]
        values = [value / SHOWN[quantity] for value in of.values()]
        said = f"{name}, in {show(paradigms[name]['duration_s'], 'time_s')}"
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        axes.plot(at, values, color=colour, marker=marker, linewidth=0.8, markersize=7, label=said, zorder=3)
    axes.set(yscale="log", ylabel=QUANTITIES[quantity])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axes.legend(loc="lower right", frameon=False, fontsize=9)


def _draw_scales(axes: Axes, summary: Mapping[str, Any], quantity: str, at: float) -> None:
    """Each reference as a line with its band, the largest named above itself, the others below."""
    size, scales, marks = SHOWN[quantity], scales_of(quantity), marks_of(summary, quantity)
    values = [value / size for of in totals_of(summary, quantity).values() for value in of.values()]
    tops = [(scale.high or scale.value) / size for scale in scales]
    texts = [list(label_lines(scale, marks, quantity)) for scale in scales]
    highest, above = max(*values, *tops), len(texts[0]) + 1
    lowest = min(min(values) / _BELOW, highest / _SPAN)
    a_line = float((highest / lowest) ** (1.0 / (_HEIGHT / _LINE - above)))
    axes.set_ylim(lowest, highest * a_line**above)
    axes.yaxis.set_major_formatter(lambda amount, _: show(amount * size, quantity) if amount < 10 * highest else "")
    free = np.inf
    for number, (scale, text, high) in enumerate(zip(scales, texts, tops, strict=True)):
        colour, low = _COLOURS[number % len(_COLOURS)], (scale.low or scale.value) / size
        axes.axhline(scale.value / size, color=colour, linewidth=1.2, zorder=2)
        axes.axhspan(low, high, color=colour, alpha=0.18, linewidth=0, zorder=1)
        y, side = (high * a_line**0.3, "bottom") if not number else (min(low, free) / a_line**0.3, "top")
        axes.text(at, y, "\n".join(text), va=side, fontsize=8, color=colour, linespacing=1.2, zorder=4)
        free = y / a_line ** len(text) if number else low


def label_lines(scale: Scale, marks: Sequence[Mark], quantity: str) -> Iterator[str]:
    """What stands beside a reference: what, when, how much; of what; how many of ours make it."""
    much = show(scale.value, quantity, 3)
    if scale.low is not None and scale.high is not None:
        much += f" ({show(scale.low, quantity, 3)} to {show(scale.high, quantity, 3)})"
    yield from wrap(f"{scale.name}, {scale.year}", _LETTERS)
    yield from wrap(f"{much}: {scale.scope}", _LETTERS)
    yield from times_lines(scale, marks, quantity)
