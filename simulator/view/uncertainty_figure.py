"""How uncertain an impact is, as a figure: the distribution of each paradigm, and what moves one of them most.

A bar of the tornado goes from the impact at a factor's P5 to that at its P95, all others at their values. Of two
paradigms it is drawn of their difference, so that what both share alike has no bar.
"""

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.footprint.accounting.uncertainty import Draws, Swing, interval
from simulator.record.integrate import Floats
from simulator.units import show
from simulator.view.account import HEADS
from simulator.view.sweep_data import COLOURS
from simulator.view.uncertainty import MOST_SWINGS, spread_lines

_LOW, _HIGH, _BINS = "#9fd3e8", "#1d6285", 60


def draw_uncertainty(draws: Draws, swings: Sequence[Swing], of: str) -> Figure:
    """The distributions, one below the other on one axis, and the tornado of `of` under them."""
    shown = swings[:MOST_SWINGS]
    heights = [0.8 * len(draws.names) + 0.8, 0.5 * max(len(shown), 1) + 0.8]
    figure = Figure(figsize=(8.5, 1.0 + sum(heights)), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=heights)
    unit, size = _unit_of(draws.values, draws.criterion)
    _ridges(above, draws, size)
    above.set_xlabel(f"{HEADS[draws.criterion]} at {draws.boundary}, {unit}")
    ends = np.array([swing.impacts for swing in shown]).ravel()
    unit, size = _unit_of(ends, draws.criterion)
    _bars(below, shown, size)
    below.set_title(f"{of}: one factor at a time, at its P5 (light) and its P95 (dark)", loc="left", fontsize=10)
    below.set_xlabel(f"{HEADS[draws.criterion]}, {unit}")
    notes = "\n".join(line.plain for line in spread_lines(draws))
    figure.supxlabel(notes, fontsize=8, color="#6b6b6b")
    return figure


def _unit_of(values: Floats, criterion: str) -> tuple[str, float]:
    """The unit that a person would choose for the largest of these, and how much of the criterion's own it is.

    >>> _unit_of(np.array([1200.0, -3.0]), "co2e_kg")
    ('t', 1000.0)
    """
    largest = float(np.abs(values).max(initial=0.0))
    number, unit = show(largest, criterion, digits=12).split(maxsplit=1)
    return unit, largest / float(number) if largest else 1.0


def _ridges(axes: Axes, draws: Draws, size: float) -> None:
    """A distribution a paradigm, the first on top, each with its P5, P50 and P95."""
    low, high = float(draws.values.min()) / size, float(draws.values.max()) / size
    for row, name in enumerate(draws.names):
        values, base, colour = draws.of(name) / size, float(-row), COLOURS[row % len(COLOURS)]
        found = interval(values)
        if high > low:
            counts, edges = np.histogram(values, _BINS, (low, high))
            axes.stairs(base + 0.8 * counts / counts.max(), edges, baseline=base, fill=True, color=colour, alpha=0.35)
        axes.plot([found.low, found.high], [base, base], color=colour, linewidth=3.0, solid_capstyle="butt")
        axes.plot([found.value], [base], "o", color=colour, markersize=6.0)
    axes.set_yticks([-row for row in range(len(draws.names))], draws.names)
    axes.set_ylim(-len(draws.names) + 0.6, 0.95)
    axes.set_title("distribution; line from P5 to P95, dot at P50", loc="left", fontsize=10)
    _plainly(axes)


def _bars(axes: Axes, swings: Sequence[Swing], size: float) -> None:
    """A bar a factor, the widest on top."""
    for row, swing in enumerate(reversed(swings)):
        base = swing.value / size
        for impact, colour in zip(swing.impacts, (_LOW, _HIGH), strict=True):
            axes.barh(row, impact / size - base, left=base, height=0.62, color=colour, zorder=2)
        axes.plot([base, base], [row - 0.4, row + 0.4], color="#3a3a3a", linewidth=1.0, zorder=3)
    labels = [fill(swing.factor.name.replace("/", "/ "), 42).replace("/ ", "/") for swing in reversed(swings)]
    axes.set_yticks(range(len(swings)), labels, fontsize=8)
    _plainly(axes)


def _plainly(axes: Axes) -> None:
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
