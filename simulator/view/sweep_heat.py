"""Two factors on the axes, and as colour the mean measure of a paradigm, or the ratio of the means of two.

    ratio = sum of one / sum of the other, over the points of a cell where both ended well

The winner flips where the ratio is 1. Between numbers that line runs where the logarithm of the ratio, linear
between the middles of cells, is 0; between words, and around cells that say their number, along the edges.
"""

from typing import Any

import numpy as np
import pyarrow.compute as pc
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.errors import UsageError
from simulator.record.integrate import Floats
from simulator.units import show_count
from simulator.view.sweep_data import Axis, Runs, cells, set_ticks, stretches
from simulator.view.sweep_units import about, spoken

_RUNS_A_CELL, _LEAST_CELLS, _MOST_CELLS = 8, 4, 20
_MOST_NUMBERS = 64
"""With so many cells or fewer, each says its number."""
_LEAST_RATIO = 1.05
"""The colours of ratios reach so far at least, so that equal paradigms do not look different."""


def draw_heat(runs: Runs, x: str, y: str) -> Figure:
    """One paradigm, or two for their ratio; where there are others, it must be said which."""
    if len(runs.paradigms) > 2:
        told = ", ".join(f"`{name}`" for name in runs.paradigms)
        raise UsageError("a figure of kind heat", "draws one paradigm, or the ratio of two (`a/b`)", f"there is {told}")
    figure = Figure(figsize=(8.0, 6.0), layout="constrained")
    axes = figure.add_subplot()
    if len(runs.paradigms) == 2:
        says = _draw_ratio(figure, axes, runs, x, y)
    else:
        says = _draw_mean(figure, axes, runs, x, y)
    figure.supxlabel("; ".join((*says, *runs.notes)), fontsize=9, color="#555555")
    return figure


class _Cells:
    """Two axes cut into cells, and which of these each run is in."""

    def __init__(self, x: Axis, y: Axis) -> None:
        most = int(np.clip(np.sqrt(len(x.at) / _RUNS_A_CELL), _LEAST_CELLS, _MOST_CELLS))
        self.x, self.y = x, y
        self.middles_x, self.edges_x = stretches(x, most)
        self.middles_y, self.edges_y = stretches(y, most)
        columns, rows = cells(x.at, self.edges_x), cells(y.at, self.edges_y)
        self._inside = (columns >= 0) & (rows >= 0)
        self._at = (rows[self._inside], columns[self._inside])
        self.shape = (len(self.middles_y), len(self.middles_x))

    def sums(self, values: Floats) -> Floats:
        """The sum of a value over the runs of each cell, shape (y, x)."""
        found = np.zeros(self.shape)
        np.add.at(found, self._at, values[self._inside])
        return found

    def draw(self, axes: Axes, colour: Floats, **style: Any) -> QuadMesh:
        """The cells, white and hatched where nothing ran."""
        axes.set_facecolor("white")
        axes.patch.set(hatch="///", edgecolor="#dddddd")
        mesh = axes.pcolormesh(self.edges_x, self.edges_y, np.ma.masked_invalid(colour), **style)
        set_ticks(axes, "x", self.x)
        set_ticks(axes, "y", self.y)
        axes.set(xlim=(self.edges_x[0], self.edges_x[-1]), ylim=(self.edges_y[0], self.edges_y[-1]))
        return mesh

    def write(self, axes: Axes, colour: Floats, mesh: QuadMesh) -> None:
        """The number of each cell, dark on light or light on dark, where they are few enough to be read."""
        if colour.size > _MOST_NUMBERS:
            return
        for (row, column), value in np.ndenumerate(colour):
            if np.isfinite(value):
                red, green, blue, _ = mesh.to_rgba(np.array([value]))[0]
                ink = "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.5 else "white"
                x, y = float(self.middles_x[column]), float(self.middles_y[row])
                axes.text(x, y, about(value), ha="center", va="center", fontsize=8, color=ink)


def _draw_mean(figure: Figure, axes: Axes, runs: Runs, x: str, y: str) -> list[str]:
    cut, of = _Cells(runs.factor(x), runs.factor(y)), runs.measure()
    count = cut.sums(np.ones(len(of.at)))
    mean = np.divide(cut.sums(of.at), count, out=np.full(cut.shape, np.nan), where=count > 0)
    scale = {"norm": LogNorm()} if of.log and np.nanmin(mean) < np.nanmax(mean) else {}
    mesh = cut.draw(axes, mean, cmap=colormaps["cividis"], **scale)
    cut.write(axes, mean, mesh)
    figure.colorbar(mesh, ax=axes, label=f"{of.label}, mean of {runs.paradigms[0]}", format="{x:g}")
    return [_counts(count)]


def _draw_ratio(figure: Figure, axes: Axes, runs: Runs, x: str, y: str) -> list[str]:
    one, other = runs.paradigms
    both = _paired(runs)
    cut = _Cells(both[0].factor(x), both[0].factor(y))
    mine, theirs = (cut.sums(own.table.column(own.of).to_numpy()) for own in both)
    ratio = np.divide(mine, theirs, out=np.full(cut.shape, np.nan), where=(mine > 0) & (theirs > 0))
    if np.isnan(ratio).all():
        raise UsageError(f"the ratio of {one} and {other}", f"{runs.of} is 0 everywhere", "choose another measure")
    far = max(_LEAST_RATIO, float(np.nanmax(ratio)), 1.0 / float(np.nanmin(ratio)))
    mesh = cut.draw(axes, ratio, cmap=colormaps["PuOr_r"], norm=LogNorm(1.0 / far, far))
    cut.write(axes, ratio, mesh)
    ticks = np.geomspace(1.0 / far, far, 5)
    bar = figure.colorbar(mesh, ax=axes, label=f"{spoken(runs.of)}: {one} / {other}")
    bar.set_ticks(ticks.tolist(), labels=[about(tick) for tick in ticks])
    bar.minorticks_off()
    bar.ax.set_title(f"{other} lower", fontsize=8, color="#b35806")
    bar.ax.set_xlabel(f"{one} lower", fontsize=8, color="#542788")
    unpaired = runs.table.num_rows - 2 * both[0].table.num_rows
    left_out = [f"{show_count(unpaired, 'run')} without the other paradigm's left out"] if unpaired else []
    return [_draw_flip(axes, cut, ratio, one, other), _counts(cut.sums(np.ones(both[0].table.num_rows))), *left_out]


def _paired(runs: Runs) -> list[Runs]:
    """The runs of two paradigms at the points that both have, in one order."""
    tables = [runs.of_paradigm(name).table.sort_by("point") for name in runs.paradigms]
    points = [table.column("point").combine_chunks() for table in tables]
    tables = [t.filter(pc.is_in(t.column("point"), other)) for t, other in zip(tables, reversed(points), strict=True)]
    if not tables[0].num_rows:
        raise UsageError(f"the ratio of {' and '.join(runs.paradigms)}", "no point has both", "draw one of them")
    return [runs._replace(table=table) for table in tables]


def _draw_flip(axes: Axes, cut: _Cells, ratio: Floats, one: str, other: str) -> str:
    """The line where the ratio is 1, and the sentence that says what it is, or that there is none."""
    gain = np.log(ratio)
    known = gain[np.isfinite(gain)]
    if not (known < 0).any() or not (known > 0).any():
        lower = one if (known < 0).any() else other if (known > 0).any() else None
        return "both are equal everywhere" if lower is None else f"{lower} is lower everywhere"
    black = Line2D([], [], color="black", linewidth=2.0, label=f"{one} and {other} equal: the winner flips")
    axes.legend(handles=[black], loc="lower left", bbox_to_anchor=(0.0, 1.0), frameon=False, fontsize=9)
    lines = [] if _is_stepped(cut) else _contour(cut, gain)
    if not lines:
        axes.plot(*_stairs(cut, gain), color="black", linewidth=2.0, zorder=4)
        return "the line runs between cells"
    for line in lines:
        axes.plot(*line.T, color="black", linewidth=2.0, zorder=4)
    longest = max(lines, key=len)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
    middle = longest[len(longest) // 2]
    axes.annotate("equal", (middle[0], middle[1]), ha="center", va="center", fontsize=9, bbox=box, zorder=5)
    return "the line is interpolated between cells"


def _is_stepped(cut: _Cells) -> bool:
    """Whether the line runs along the edges of cells."""
    return bool(cut.x.words or cut.y.words or min(cut.shape) < 2 or cut.shape[0] * cut.shape[1] <= _MOST_NUMBERS)


def _contour(cut: _Cells, gain: Floats) -> list[Floats]:
    """The lines of 0, each of shape (corners, 2), interpolated as the axes are spaced: by powers where these are."""
    x, y = (np.log10(v) if way.log else v for v, way in ((cut.middles_x, cut.x), (cut.middles_y, cut.y)))
    scratch = Figure().add_subplot().contour(x, y, np.ma.masked_invalid(gain), levels=[0.0])
    lines = [np.array(line, dtype=np.float64) for line in scratch.allsegs[0] if len(line)]
    for place, way in enumerate((cut.x, cut.y)):
        for line in lines:
            line[:, place] = 10.0 ** line[:, place] if way.log else line[:, place]
    return lines


def _stairs(cut: _Cells, gain: Floats) -> tuple[Floats, Floats]:
    """The edges between cells with different winners, as one broken line."""
    x: list[float] = []
    y: list[float] = []
    lower = np.where(np.isnan(gain), 0, np.where(gain > 0, 1, -1))
    for row, column in zip(*np.nonzero(lower[:, 1:] * lower[:, :-1] < 0), strict=True):
        x += [cut.edges_x[column + 1]] * 2 + [np.nan]
        y += [cut.edges_y[row], cut.edges_y[row + 1], np.nan]
    for row, column in zip(*np.nonzero(lower[1:] * lower[:-1] < 0), strict=True):
        x += [cut.edges_x[column], cut.edges_x[column + 1], np.nan]
        y += [cut.edges_y[row + 1]] * 2 + [np.nan]
    return np.array(x), np.array(y)


def _counts(count: Floats) -> str:
    low, high = (int(c) for c in (count[count > 0].min(), count.max()))
    return f"{low} to {high} runs a cell" if low < high else f"{show_count(low, 'run')} a cell"
