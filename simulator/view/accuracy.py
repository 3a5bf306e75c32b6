"""Published figures against ours: a panel a part and quantity, on the line where they agree, with its band."""

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any, NamedTuple

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_SCALES = {
    "energy_j": (3.6e9, "MWh"),
    "co2e_kg": (1e3, "t CO2e"),
    "power_w": (1e3, "kW"),
    "time_s": (1.0, "s"),
    "device_s": (3.6e6, "1000 device-hours"),
}
_COLOURS = {"given": "#9a9a9a", "counted": "#1d6285", "missed": "#b8552f"}
_WORDS = {
    "given": "an input, solved from one, or not counted",
    "counted": "compared",
    "missed": "beyond its gate",
}
_COLUMNS, _WIDTH = 3, 48
_NARROW = 5.0
"""Published figures within such a factor are drawn on linear scales."""


class _Panel(NamedTuple):
    title: str
    band: float | None
    points: Sequence[Any]


def draw(report: Any) -> Figure:
    """Draw all parts of a report that compare at least two figures."""
    panels = list(_panels(report))
    rows = -(-len(panels) // _COLUMNS)
    figure = Figure(figsize=(4.4 * min(_COLUMNS, len(panels)), 4.3 * rows + 0.4), layout="constrained")
    for number, panel in enumerate(panels):
        _draw(figure.add_subplot(rows, min(_COLUMNS, len(panels)), number + 1), panel)
    handles = [
        matplotlib.lines.Line2D([], [], marker="o", linestyle="", color=colour, label=_WORDS[kind])
        for kind, colour in _COLOURS.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(f"{report.title}: published against simulated", fontsize=13)
    return figure


def _panels(report: Any) -> Iterator[_Panel]:
    for part in (report, *report.parts):
        quantities = dict.fromkeys(c.quantity for c in part.comparisons)
        for quantity in quantities:
            points = [c for c in part.comparisons if c.quantity == quantity]
            if len(points) > 1 and quantity in _SCALES:
                yield _Panel(part.title, part.band, points)


def _draw(axes: Axes, panel: _Panel) -> None:
    published = np.array([c.published for c in panel.points])
    scale, unit = _SCALES[panel.points[0].quantity]
    for point in panel.points:
        colour = _COLOURS[_kind(point.verdict)]
        x, y = point.published / scale, point.ours / scale
        if point.low is not None and point.high is not None:
            axes.plot([x, x], [point.low / scale, point.high / scale], color=colour, linewidth=1, alpha=0.6)
        axes.plot(x, y, "o", color=colour, markersize=4)
    narrow = published.max() < _NARROW * published.min()
    margin = 1.15 if narrow else 2.0
    edge = np.array([published.min() / scale / margin, published.max() / scale * margin])
    axes.plot(edge, edge, color="#555555", linewidth=0.8)
    if panel.band is not None:
        axes.fill_between(
            edge, edge / (1 + panel.band), edge * (1 + panel.band), color="#1d6285", alpha=0.12, linewidth=0
        )
    kind = "linear" if narrow else "log"
    axes.set(xscale=kind, yscale=kind, xlabel=f"published ({unit})", ylabel=f"ours ({unit})", xlim=edge)
    axes.set_title(fill(panel.title, _WIDTH), fontsize=9, loc="left")


def _kind(verdict: str) -> str:
    if verdict == "MISSED":
        return "missed"
    return "given" if verdict in ("circular", "carried", "not counted") else "counted"
