"""Power per tick, stacked by what was done for whom: one panel a paradigm, one scale of time."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.units import show

_COLOURS = {
    "communicate": "#a58ee0",
    "checkpoint": "#e0a03a",
    "restart": "#f4a6a0",
    "waste": "#3a3a3a",
    "idle": "#c9c9c9",
    "overhead": "#9fd3e8",
}
"""Activities that are one layer for all workloads, on top of the others."""
_SHADES = ("#1d6285", "#b8552f", "#5a8f3c", "#7a4f9a", "#a83a5b", "#3d8f8f", "#8a7a2f", "#3f6fc0", "#a0b060")
"""Of what each workload did, none of them near an activity's; the last is that of all beyond `_MOST_LINES`."""
_UNITS = (
    (48 * 3600.0, 86400.0, "days"),
    (2 * 3600.0, 3600.0, "hours"),
    (120.0, 60.0, "minutes"),
    (0.0, 1.0, "seconds"),
)
_MOST_LINES = 8


def draw(summary: Mapping[str, Any], ticks: pa.Table) -> Figure:
    """Draw from a log by workload and activity."""
    paradigms = list(summary["paradigms"])
    figure = Figure(figsize=(9, 1.2 + 2.9 * len(paradigms)), layout="constrained")
    longest_s = max(found["duration_s"] for found in summary["paradigms"].values())
    unit_s, unit = next((size, name) for least, size, name in _UNITS if longest_s >= least)
    panels = figure.subplots(len(paradigms), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(panels, paradigms, strict=True):
        own = ticks.filter(pc.field("paradigm") == name)
        _panel(axes, own, unit_s)
        energy_j, duration_s = pc.sum(own.column("energy_j")).as_py() or 0.0, summary["paradigms"][name]["duration_s"]
        average = show(energy_j / duration_s if duration_s else 0.0, "power_w")
        axes.set_title(f"{name}: mean {average}", loc="left", fontsize=11)
    panels[-1].set_xlabel(f"time since the start ({unit})")
    figure.suptitle(f"{summary['name']}: power per tick", fontsize=13)
    return figure


def _panel(axes: Axes, ticks: pa.Table, unit_s: float) -> None:
    lines = _lines(ticks)
    at_s = np.unique(ticks.column("at_s").to_numpy())
    if not len(at_s):
        return
    end_s = at_s[-1] + ticks.column("length_s").to_numpy()[-1]
    edges = np.append(at_s, end_s) / unit_s
    scale, unit = _scale(sum(lines.values(), np.zeros(len(at_s))))
    stacked = [np.append(power_w, power_w[-1]) / scale for power_w in lines.values()]
    colours = [_colour(label, number) for number, label in enumerate(lines)]
    axes.stackplot(edges, stacked, labels=list(lines), colors=colours, step="post", linewidth=0)
    axes.set(ylabel=f"power ({unit})", xlim=(edges[0], edges[-1]))
    axes.set_ylim(bottom=0)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)


def _lines(ticks: pa.Table) -> dict[str, npt.NDArray[np.float64]]:
    """The layers from bottom to top: what workloads did, the largest first; then rest and building."""
    found: dict[str, npt.NDArray[np.float64]] = {}
    pairs = set(zip(*(ticks.column(c).to_pylist() for c in ("workload", "activity")), strict=True))
    for workload, activity in sorted(pairs):
        here = ticks.filter((pc.field("workload") == workload) & (pc.field("activity") == activity))
        label = activity if activity in _COLOURS else f"{workload}: {activity}"
        found[label] = found.get(label, 0.0) + here.column("power_w").to_numpy()
    own = sorted((label for label in found if label not in _COLOURS), key=lambda label: (-found[label].sum(), label))
    lines = {label: found[label] for label in own[:_MOST_LINES]}
    if own[_MOST_LINES:]:
        lines["other workloads"] = np.sum([found[label] for label in own[_MOST_LINES:]], axis=0)
    return lines | {label: found[label] for label in _COLOURS if label in found}


def _scale(total_w: npt.NDArray[np.float64]) -> tuple[float, str]:
    highest_w = max(float(total_w.max(initial=0.0)), 1.0)
    return next((size, name) for size, name in ((1e6, "MW"), (1e3, "kW"), (1.0, "W")) if highest_w >= size)


def _colour(label: str, number: int) -> str:
    return _COLOURS.get(label, _SHADES[number % len(_SHADES)])
