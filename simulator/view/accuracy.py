"""Published figures against ours: a panel a part and quantity, on the line where they agree; the errors below.

    error = ours / published - 1,    in per cent, with the band of the part as a stripe

Six decades on one line hide a per cent, which is why every panel has its errors. Plain numbers, such as shares,
have those alone. Three kinds are told apart: inside the band, outside it (a gate on all together, other software,
or a stated cause lets it be), and beyond a gate of its own.
"""

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from simulator.errors import UsageError
from simulator.vocabulary import NUMBER

_SCALES = {
    "energy_j": (3.6e9, "MWh"),
    "co2e_kg": (1e3, "t CO2e"),
    "power_w": (1e3, "kW"),
    "time_s": (1.0, "s"),
    "device_s": (3.6e6, "1000 device-hours"),
    NUMBER: (1.0, ""),
}
_COLOURS = {"given": "#9a9a9a", "inside": "#1d6285", "outside": "#e08a1e", "missed": "#c02020"}
_WORDS = {
    "given": "an input, solved from one, or not counted",
    "inside": "compared, inside the band",
    "outside": "outside the band, or beyond P5 to P95",
    "missed": "misses its gate",
}
_COLUMNS, _WIDTH = 3, 48
_NARROW = 5.0
"""Published figures within such a factor, and errors within so many bands, are drawn on linear scales."""


class _Panel(NamedTuple):
    title: str
    band: float | None
    points: Sequence[Any]

    def bounds(self) -> tuple[float, float] | None:
        """What ours over published may be; a band of 1 or more is a factor both ways, for nothing is less than 0."""
        if self.band is None:
            return None
        return (1.0 - self.band if self.band < 1.0 else 1.0 / (1.0 + self.band)), 1.0 + self.band

    def colour(self, point: Any) -> str:
        """What kind of point it is."""
        if point.verdict == "MISSED":
            return _COLOURS["missed"]
        if point.verdict in ("circular", "carried", "not counted"):
            return _COLOURS["given"]
        low, high = self.bounds() or (-np.inf, np.inf)
        inside = low <= point.ours / point.published <= high and not point.verdict.startswith("beyond")
        return _COLOURS["inside" if inside else "outside"]


def draw(report: Any) -> Figure:
    """Draw all parts of a report that compare at least two figures; raises UsageError where none does."""
    panels = list(_panels(report))
    if not panels:
        state = "compares no two published figures, so that there is nothing to draw"
        raise UsageError(f"a figure of {report.title}", state, "ask for its table alone, without a figure")
    columns, rows = min(_COLUMNS, len(panels)), -(-len(panels) // _COLUMNS)
    figure = Figure(figsize=(max(6.4, 4.4 * columns), 6.0 * rows + 0.6), layout="constrained")
    places = figure.subfigures(rows, columns, squeeze=False).flat
    for place, panel in zip(places, panels, strict=False):
        _draw(place, panel)
    left_out = ", ".join(part.name for part in report.parts if not any(_panels(part)))
    figure.legend(
        handles=_handles(),
        loc="outside lower center",
        ncols=min(4, 2 * columns),
        frameon=False,
        fontsize=9,
        title=f"without a picture, for they are tables alone: {left_out}" if left_out else None,
        title_fontsize=8,
    )
    figure.suptitle(f"{report.title}: published against simulated", fontsize=13)
    return figure


def _handles() -> list[matplotlib.lines.Line2D]:
    return [
        matplotlib.lines.Line2D([], [], marker="o", linestyle="", color=colour, label=_WORDS[kind])
        for kind, colour in _COLOURS.items()
    ]


def _panels(report: Any) -> Iterator[_Panel]:
    for part in (report, *report.parts):
        quantities = dict.fromkeys(c.quantity for c in part.comparisons)
        for quantity in quantities:
            points = [c for c in part.comparisons if c.quantity == quantity]
            if len(points) > 1 and quantity in _SCALES:
                yield _Panel(part.title, part.band, points)


def _draw(place: SubFigure, panel: _Panel) -> None:
    if panel.points[0].quantity == NUMBER:
        axes = place.subplots()
        _draw_numbers(axes, panel)
    else:
        axes, below = place.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _draw_line(axes, panel)
        _draw_errors(below, panel)
    axes.set_title(fill(panel.title, _WIDTH), fontsize=9, loc="left")


def _draw_line(axes: Axes, panel: _Panel) -> None:
    """Ours over published, and the line where they agree."""
    scale, unit = _SCALES[panel.points[0].quantity]
    published = np.array([c.published for c in panel.points]) / scale
    for point in panel.points:
        x, colour = point.published / scale, panel.colour(point)
        if point.low is not None and point.high is not None:
            axes.plot([x, x], [point.low / scale, point.high / scale], color=colour, linewidth=1, alpha=0.6)
        axes.plot(x, point.ours / scale, "o", color=colour, markersize=4)
    narrow = published.max() < _NARROW * published.min()
    margin = 1.15 if narrow else 2.0
    edge = np.array([published.min() / margin, published.max() * margin])
    axes.plot(edge, edge, color="#555555", linewidth=0.8)
    bounds = panel.bounds()
    if bounds is not None:
        axes.fill_between(edge, edge * bounds[0], edge * bounds[1], color=_COLOURS["inside"], alpha=0.12, linewidth=0)
    kind = "linear" if narrow else "log"
    axes.set(xscale=kind, yscale=kind, ylabel=f"ours ({unit})", xlim=edge)


def _draw_errors(axes: Axes, panel: _Panel) -> None:
    """The error of each point, below it; even within some bands and by powers of ten beyond, if it is much larger."""
    scale, unit = _SCALES[panel.points[0].quantity]
    for point in panel.points:
        x, colour = point.published / scale, panel.colour(point)
        if point.low is not None and point.high is not None:
            axes.plot([x, x], _percent(point, point.low, point.high), color=colour, linewidth=1, alpha=0.6)
        axes.plot(x, *_percent(point, point.ours), "o", color=colour, markersize=4)
    axes.axhline(0.0, color="#555555", linewidth=0.8)
    bounds, largest = panel.bounds(), max(abs(point.error) for point in panel.points)
    if panel.band is not None and bounds is not None:
        axes.axhspan(*(100.0 * (bound - 1.0) for bound in bounds), color=_COLOURS["inside"], alpha=0.12, linewidth=0)
        if largest > _NARROW * panel.band:
            axes.set_yscale("symlog", linthresh=100.0 * panel.band, linscale=1.0)
            axes.yaxis.set_major_formatter("{x:g}")
    axes.set(xlabel=f"published ({unit})", ylabel="error (%)")


def _draw_numbers(axes: Axes, panel: _Panel) -> None:
    """A line a number: how far ours is from what was published, which stands at 0, and what both are."""
    for number, point in enumerate(panel.points):
        colour = panel.colour(point)
        if point.low is not None and point.high is not None:
            axes.plot(_percent(point, point.low, point.high), [number, number], color=colour, linewidth=1.5, alpha=0.6)
        axes.plot(*_percent(point, point.ours), number, "o", color=colour, markersize=6)
        told = f"{point.what}:\npublished {point.published:.4g}, ours {point.ours:.4g}"
        if point.low is not None and point.high is not None:
            told = f"{told} ({point.low:.4g} to {point.high:.4g}, P5 to P95)"
        axes.annotate(told, (0.02, number - 0.15), xycoords=("axes fraction", "data"), fontsize=8)
    axes.axvline(0.0, color="#555555", linewidth=0.8)
    axes.set(xlabel="error (%)", yticks=[], ylim=(len(panel.points) - 0.5, -0.5))


def _percent(point: Any, *values: float) -> list[float]:
    """By how many per cent values are above the published one."""
    return [100.0 * (value / point.published - 1.0) for value in values]
