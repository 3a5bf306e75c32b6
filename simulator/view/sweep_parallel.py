"""Parallel coordinates: every factor an axis of its own, every run a line across them, coloured by the measure."""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from simulator.record.integrate import Floats
from simulator.units import show_count
from simulator.view.sweep_data import Axis, Runs, varying
from simulator.view.sweep_units import about

_MOST_LINES = 2000
_MOST_TICKS = 6
_ACROSS = 6
"""Ticks along an axis that stands for more values than it has room for."""


def draw_parallel(runs: Runs) -> Figure:
    """A panel a paradigm, one scale of colour."""
    names, of = varying(runs), runs.measure()
    ways = [runs.factor(name) for name in names]
    own = np.array(runs.table.column("paradigm").to_pylist())
    width = max(7.0, 1.7 * (len(names) + 1) + 1.5)
    figure = Figure(figsize=(width, 0.9 + 3.6 * len(runs.paradigms)), layout="constrained")
    panels = figure.subplots(len(runs.paradigms), 1, squeeze=False)[:, 0]
    low, high = float(of.at.min()), float(of.at.max())
    norm = LogNorm(low, high) if of.log and low < high else Normalize(low, high)
    across = np.column_stack([_heights(axis) for axis in (*ways, of)])
    for axes, paradigm in zip(panels, runs.paradigms, strict=True):
        here = np.flatnonzero(own == paradigm)
        told = _lines(axes, across[here], of.at[here], norm)
        axes.set_title(f"{paradigm}{told}", loc="left", fontsize=11)
        for place, axis in enumerate(ways):
            _scale(axes, place, axis, "right")
        _scale(axes, len(ways), of, "left")
        _frame(axes, [axis.label for axis in (*ways, of)])
    colours = colormaps["cividis"]
    lines = LineCollection([], cmap=colours, norm=norm)
    figure.colorbar(lines, ax=list(panels), label=of.label, pad=0.02, format="{x:g}")
    figure.supxlabel("; ".join(("a line a run, the highest on top", *runs.notes)), fontsize=9, color="#555555")
    return figure


def _heights(axis: Axis) -> Floats:
    """Where positions of an axis stand between 0 and 1; a run without a value of this factor stands at the foot."""
    at, values = (np.log(axis.at), np.log(axis.values)) if axis.log else (axis.at, axis.values)
    span = values[-1] - values[0]
    heights = (at - values[0]) / span if span > 0 else np.full(len(at), 0.5)
    return np.asarray(np.nan_to_num(heights, nan=-0.06), dtype=np.float64)


def _lines(axes: Axes, across: Floats, values: Floats, norm: Normalize) -> str:
    """Draw the runs, the lowest first; says so if they are too many to be drawn all."""
    order = np.argsort(values, kind="stable")
    drawn = order
    if len(order) > _MOST_LINES:
        drawn = order[np.linspace(0, len(order) - 1, _MOST_LINES).round().astype(int)]
    places = np.arange(across.shape[1], dtype=np.float64)
    lines = LineCollection(
        [np.column_stack((places, across[run])) for run in drawn],
        cmap=colormaps["cividis"],
        norm=norm,
        linewidth=float(np.clip(30.0 / np.sqrt(len(drawn)), 0.5, 1.5)),
        alpha=float(np.clip(8.0 / np.sqrt(len(drawn)), 0.25, 0.9)),
    )
    lines.set_array(values[drawn])
    axes.add_collection(lines)
    return (
        f": {len(drawn)} of {len(order)} runs drawn"
        if len(drawn) < len(order)
        else f": {show_count(len(order), 'run')}"
    )


def _scale(axes: Axes, place: int, axis: Axis, side: str) -> None:
    """The axis of one column: its line, and its values with this side of theirs at it."""
    axes.axvline(place, color="#555555", linewidth=0.8, zorder=3)
    gap = -0.03 if side == "right" else 0.03
    for text, height in _ticks(axis):
        axes.plot([place - 0.015, place + 0.015], [height, height], color="#555555", linewidth=0.8, zorder=3)
        axes.annotate(
            text,
            (place + gap, height),
            ha=side,
            va="center",
            fontsize=8,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        )


def _ticks(axis: Axis) -> list[tuple[str, float]]:
    """What is told, and at which heights: the values themselves, or some between the lowest and the highest."""
    values = axis.values
    if axis.words or len(values) <= _MOST_TICKS:
        own = axis._replace(at=values)
        return list(zip(map(axis.said, values), _heights(own).tolist(), strict=True))
    ends = (values[0], values[-1])
    even = np.geomspace(*ends, _ACROSS) if axis.log else np.linspace(*ends, _ACROSS)
    return list(zip(map(about, even), np.linspace(0.0, 1.0, _ACROSS).tolist(), strict=True))


def _frame(axes: Axes, labels: list[str]) -> None:
    axes.set(xlim=(-0.45, len(labels) - 0.6), ylim=(-0.08, 1.05), yticks=[])
    axes.set_xticks(range(len(labels)), labels, fontsize=9)
    axes.tick_params(axis="x", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
