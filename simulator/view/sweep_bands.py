"""A factor on x, the measure on y: the median of each paradigm, and P5 to P95 over what else varies.

Numbers are joined by a line and a band. Words have no between: each paradigm has a mark and a bar beside the others'.
"""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.record.integrate import Floats
from simulator.view.sweep_data import COLOURS, MARKERS, Axis, Runs, cells, set_log, set_ticks, stretches

_LEAST_FOR_BAND = 10
"""With fewer runs than this at some place of the axis, the runs themselves are drawn: P5 and P95 of few are luck."""
_MOST_STRETCHES, _RUNS_A_STRETCH = 16, 20
_BESIDE = 0.14
"""How far apart paradigms stand at one word."""


class Band(NamedTuple):
    """A paradigm along an axis: where there are runs, their median, P5 and P95, and the fewest at one place."""

    x: Floats
    middle: Floats
    low: Floats
    high: Floats
    fewest: int


def draw_bands(runs: Runs, x: str) -> Figure:
    """A line a paradigm."""
    figure = Figure(figsize=(8.5, 5.2), layout="constrained")
    axes = figure.add_subplot()
    along, of = runs.factor(x), runs.measure()
    own = np.array(runs.table.column("paradigm").to_pylist())
    most = int(np.clip(len(own) / len(runs.paradigms) / _RUNS_A_STRETCH, 4, _MOST_STRETCHES))
    _, edges = stretches(along, most)
    bands = {name: band_of(along.at[own == name], of.at[own == name], edges) for name in runs.paradigms}
    few = min(band.fewest for band in bands.values()) < _LEAST_FOR_BAND
    for number, (paradigm, band) in enumerate(bands.items()):
        beside = _BESIDE * (number - (len(bands) - 1) / 2) if along.words else 0.0
        style: dict[str, Any] = {
            "color": COLOURS[number % len(COLOURS)],
            "marker": MARKERS[number % len(MARKERS)],
            "label": paradigm,
        }
        if few:
            here = own == paradigm
            dots = {"markersize": 3, "alpha": 0.4, "linewidth": 0, "zorder": 2, **style, "label": None}
            axes.plot(along.at[here] + beside, of.at[here], **dots)
        _draw(axes, band, beside, few, style, bool(along.words))
    set_ticks(axes, "x", along)
    _set_measure(axes, of)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)
    shape = "bar" if along.words else "band"
    says = f"{'mark' if along.words else 'line'}: median; "
    says += "dots: the runs" if few else f"{shape}: P5 to P95 over what else varies"
    figure.supxlabel("; ".join((says, *runs.notes)), fontsize=9, color="#555555")
    return figure


def band_of(at: Floats, values: Floats, edges: Floats) -> Band:
    """The band of a measure, from positions along an axis that is cut at these edges."""
    where = cells(at, edges)
    there = [cell for cell in range(len(edges) - 1) if (where == cell).any()]
    own = [values[where == cell] for cell in there]
    x = np.array([np.median(at[where == cell]) for cell in there])
    low, middle, high = (np.array([np.percentile(v, share) for v in own]) for share in (5, 50, 95))
    return Band(x, middle, low, high, min(map(len, own), default=0))


def _draw(axes: Axes, band: Band, beside: float, few: bool, style: dict[str, Any], words: bool) -> None:
    if words:
        spread = None if few else np.array([band.middle - band.low, band.high - band.middle])
        axes.errorbar(band.x + beside, band.middle, spread, markersize=7, linewidth=0, elinewidth=2, capsize=4, **style)
        return
    if not few:
        axes.fill_between(band.x, band.low, band.high, color=style["color"], alpha=0.18, linewidth=0, zorder=1)
    axes.plot(band.x, band.middle, markersize=5, linewidth=1.8, zorder=3, **style)


def _set_measure(axes: Axes, of: Axis) -> None:
    """The y axis: by powers of ten, from 0, or around figures that lie far from it."""
    axes.set(ylabel=of.label)
    if of.log:
        set_log(axes, "y", of.at)
    elif 0.0 <= float(of.at.min()) < 0.5 * float(of.at.max()):
        axes.set_ylim(bottom=0.0)
