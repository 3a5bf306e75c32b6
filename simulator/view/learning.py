"""Accuracy against what it cost: time, energy, CO2e or bytes; a line a paradigm, the target across.

A line goes from look to look at the model. Its big mark is the first look at the target, or the last one where it
was missed; the legend says what it took. Where one line ends at ten times another's amount the axis is one of powers
of ten; there a line begins after the first step, for what a model had cost before is as good as nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from simulator.units import show
from simulator.view.sweep_data import COLOURS, MARKERS, set_log
from simulator.view.sweep_units import unit_of

AMOUNTS = {
    "time_s": ("at_s", "time since the start", "time_s"),
    "energy_j": ("energy_j", "energy", "energy_j"),
    "co2e_kg": ("co2e_kg", "CO2e", "co2e_kg"),
    "moved_bytes": ("moved_bytes", "bytes of rounds and transfers", "size_bytes"),
}
"""What accuracy may stand against: its column of a result's curves, its words, the quantity that it is shown as."""
_APART = 10.0
"""Paradigms whose ends lie so many times apart share an axis of powers of ten."""
_NOTE = "what a paradigm had spent by then, within its widest boundary"
Rows = Sequence[Mapping[str, Any]]


def draw(name: str, curves: Rows, target: float | None, by: Sequence[str]) -> Figure:
    """A panel for each of these amounts."""
    lines = lines_of(curves)
    figure = Figure(figsize=(1.5 + 5.0 * len(by), 4.6 + 0.2 * len(lines)), layout="constrained")
    panels = figure.subplots(1, len(by), sharey=True, squeeze=False)[0]
    for axes, amount in zip(panels, by, strict=True):
        _panel(axes, lines, target, amount)
    panels[0].set_ylabel("test samples told right")
    figure.suptitle(f"{name}: how good the model is for what it took", fontsize=13)
    figure.supxlabel(_NOTE, fontsize=9, color="#555555")
    return figure


def lines_of(curves: Rows) -> dict[str, Rows]:
    """The looks at each model by what it is called: its paradigm, and its workload where that has several."""
    workloads: dict[str, dict[str, None]] = {}
    for row in curves:
        workloads.setdefault(row["paradigm"], {})[row["workload"]] = None
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in curves:
        several = len(workloads[row["paradigm"]]) > 1
        found.setdefault(f"{row['paradigm']}: {row['workload']}" if several else row["paradigm"], []).append(row)
    return dict(found)


def find_reached(rows: Rows, target: float | None) -> Mapping[str, Any] | None:
    """The first look at which a model was at its target; None where it never was, or there is none."""
    return None if target is None else next((row for row in rows if row["accuracy"] >= target), None)


def _panel(axes: Axes, lines: Mapping[str, Rows], target: float | None, amount: str) -> None:
    column, words, quantity = AMOUNTS[amount]
    ends = [rows[-1][column] for rows in lines.values()]
    log = min(ends) > 0 and max(ends) >= _APART * min(ends)
    size, unit = unit_of(amount, max(ends))
    for number, (label, rows) in enumerate(lines.items()):
        kept = [row for row in rows if not log or (row["step"] > 0 and row[column] > 0)]
        style: dict[str, Any] = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        at, accuracies = [row[column] / size for row in kept], [row["accuracy"] for row in kept]
        last = find_reached(rows, target) or rows[-1]
        said = f"{label}: {last['accuracy']:.1%} for {show(last[column], quantity, digits=3)}"
        axes.plot(at, accuracies, label=said, linewidth=1.8, markersize=3.5, zorder=3, **style)
        axes.plot(last[column] / size, last["accuracy"], markersize=10, markeredgecolor="white", zorder=4, **style)
    if log:
        at = [*ends, *(row[column] for rows in lines.values() for row in rows if row["step"] > 0 and row[column] > 0)]
        set_log(axes, "x", np.array(at) / size)
    if target is not None:
        axes.axhline(target, color="#3a3a3a", linewidth=1.0, linestyle="--", zorder=2, label=f"target: {target:.4g}")
    axes.set(xlabel=f"{words} ({unit})", ylim=(0.0, 1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False, fontsize=9)
