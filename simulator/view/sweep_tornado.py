"""How far the mean of a measure goes with each factor alone: main effects, the widest on top.

    listed values     the lowest and the highest mean over the runs of one value
    drawn values      the mean over the lowest fifth of the factor, and over its highest fifth

All else varies meanwhile, as it did in the sweep: a factor that matters through others alone has a short bar.
"""

from collections.abc import Iterator
from textwrap import fill
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from simulator.record.integrate import Floats
from simulator.view.sweep_data import Axis, Runs, varying
from simulator.view.sweep_units import about

_MOST_LISTED = 12
"""A factor with more values than this is told by its fifths."""
_LOW, _HIGH, _WORD = "#9fd3e8", "#1d6285", "#b0a58f"


class Swing(NamedTuple):
    """The ends of a bar, lower mean first: the mean, what the factor is there, and where it lies in its range."""

    factor: str
    means: tuple[float, float]
    said: tuple[str, str]
    colours: tuple[str, str]


def draw_tornado(runs: Runs) -> Figure:
    """A panel a paradigm, one scale."""
    names, of = varying(runs), runs.measure(even=True)
    own = np.array(runs.table.column("paradigm").to_pylist())
    ways = [runs.factor(name) for name in names]
    height = 1.5 + (0.5 * len(names) + 0.7) * len(runs.paradigms)
    figure = Figure(figsize=(8.5, height), layout="constrained")
    panels = figure.subplots(len(runs.paradigms), 1, squeeze=False, sharex=True)[:, 0]
    for axes, paradigm in zip(panels, runs.paradigms, strict=True):
        here = own == paradigm
        found = [s for axis in ways for s in swings(axis._replace(at=axis.at[here]), of.at[here])]
        _bars(axes, sorted(found, key=lambda s: (s.means[1] - s.means[0], s.factor)), float(of.at[here].mean()))
        axes.set_title(f"{paradigm}: mean {of.at[here].mean():.4g}{f' {of.unit}' if of.unit else ''}", loc="left")
    panels[-1].set_xlabel(f"mean of {of.label}")
    shades = {"low values of the factor": _LOW, "high values": _HIGH, "named values": _WORD}
    used = {patch.get_facecolor() for axes in panels for patch in axes.patches}
    handles = [Patch(facecolor=colour, label=name) for name, colour in shades.items()]
    figure.legend(
        handles=[h for h in handles if h.get_facecolor() in used],
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=9,
        title="; ".join(("main effects: each factor alone, without its interactions", *runs.notes)),
        title_fontsize=9,
    )
    return figure


def swings(axis: Axis, values: Floats) -> Iterator[Swing]:
    """The bar of a factor from its positions and the measure there; none where it does not vary."""
    places = axis.values
    if len(places) < 2:
        return
    if axis.words or len(places) <= _MOST_LISTED:
        means = [float(values[axis.at == place].mean()) for place in places]
        ends = [(means[k], axis.said(places[k]), _shade(axis, k, len(places))) for k in range(len(places))]
    else:
        known = axis.at[~np.isnan(axis.at)]
        low, high = np.quantile(known, [0.2, 0.8])
        ends = [
            (float(values[axis.at <= low].mean()), f"up to {about(low)}", _LOW),
            (float(values[axis.at >= high].mean()), f"from {about(high)}", _HIGH),
        ]
    lowest, highest = min(ends, key=lambda end: end[0]), max(ends, key=lambda end: end[0])
    name = f"{axis.name} ({axis.unit})" if axis.unit else axis.name
    yield Swing(name, (lowest[0], highest[0]), (lowest[1], highest[1]), (lowest[2], highest[2]))


def _shade(axis: Axis, place: int, count: int) -> str:
    return _WORD if axis.words else _LOW if place < count / 2 else _HIGH


def _bars(axes: Axes, found: list[Swing], base: float) -> None:
    """The bars on both sides of the base line, the widest on top, and what the factor is at each end."""
    for row, swing in enumerate(found):
        for mean, said, colour, side in zip(swing.means, swing.said, swing.colours, ("right", "left"), strict=True):
            axes.barh(row, mean - base, left=base, height=0.62, color=colour, edgecolor="white", zorder=2)
            gap = (-4, 0) if side == "right" else (4, 0)
            axes.annotate(said, (mean, row), gap, textcoords="offset points", ha=side, va="center", fontsize=8)
    axes.axvline(base, color="#3a3a3a", linewidth=1.0, zorder=3)
    axes.set_yticks(range(len(found)), [fill(swing.factor, 32) for swing in found], fontsize=9)
    axes.margins(x=0.18)
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
