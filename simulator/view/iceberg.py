"""The signature figure: what a calculator sees above the waterline, the rest below, areas true to scale.

A hull is cut by horizontal lines so that each slice has the share of the area that its
boundary adds to the account; the first boundary ends at the waterline. Paradigms share one
scale: the side lengths of two bergs are as the square roots of their totals.
"""

from collections.abc import Mapping
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.record.integrate import Floats
from simulator.units import show
from simulator.vocabulary import BOUNDARIES

_LEFT = (
    (0.0, -0.02),
    (0.08, -0.10),
    (0.17, -0.14),
    (0.25, -0.27),
    (0.36, -0.33),
    (0.50, -0.47),
    (0.62, -0.44),
    (0.76, -0.33),
    (0.88, -0.22),
    (1.0, -0.03),
)
_RIGHT = (
    (0.0, 0.02),
    (0.06, 0.07),
    (0.14, 0.19),
    (0.27, 0.22),
    (0.38, 0.38),
    (0.48, 0.42),
    (0.60, 0.50),
    (0.72, 0.40),
    (0.86, 0.18),
    (1.0, 0.03),
)
"""The hull from top (0) to keel (1): (depth, x) of its two sides; only its outline is drawn by taste."""

_APART = 0.08
"""How far apart labels are, as a share of the height of the frame."""
_TRIES = 20
"""How often the frame is made deeper for its labels, which then stand farther apart: enough to come to rest."""
_LETTERS = 48
"""So many letters of the title go above a berg."""
_COLOURS = ("#f4fbff", "#9fd3e8", "#5aaecb", "#2f86a8", "#1d6285", "#174a68", "#12364e", "#0d2537")


class Slice(NamedTuple):
    """One layer of a berg: its boundary and its outline, a closed polygon of (x, y)."""

    boundary: str
    outline: Floats


def slices(layers: Mapping[str, float]) -> list[Slice]:
    """The outlines of a berg whose area is the sum of the layers; the first layer stands above y = 0.

    Shape of an outline: (corners, 2).
    """
    total = sum(layers.values())
    depth, left, right = _hull()
    area = np.concatenate(([0.0], np.cumsum(np.diff(depth) * ((right - left)[1:] + (right - left)[:-1]) / 2)))
    side = float(np.sqrt(total / area[-1]))
    cuts = [
        0.0,
        *(_depth_at(share * area[-1], depth, right - left, area) for share in np.cumsum(list(layers.values())) / total),
    ]
    found = []
    for name, top, bottom in zip(layers, cuts, cuts[1:], strict=False):
        inside = depth[(depth > top) & (depth < bottom)]
        y = np.concatenate(([top], inside, [bottom]))
        x = np.concatenate((np.interp(y, depth, left), np.interp(y, depth, right)[::-1]))
        outline = np.column_stack((x, np.concatenate((cuts[1] - y, (cuts[1] - y)[::-1])))) * side
        found.append(Slice(name, outline))
    return found


def polygon_area(outline: Floats) -> float:
    """The area of a closed polygon, shape (corners, 2), by the shoelace formula."""
    x, y = outline[:, 0], outline[:, 1]
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def _hull() -> tuple[Floats, Floats, Floats]:
    (dl, xl), (dr, xr) = (np.array(side).T for side in (_LEFT, _RIGHT))
    depth = np.union1d(dl, dr)
    return depth, np.interp(depth, dl, xl), np.interp(depth, dr, xr)


def _depth_at(wanted: float, depth: Floats, width: Floats, area: Floats) -> float:
    """How deep to cut for so much area above the cut: exact, the width being linear between corners."""
    k = min(int(np.searchsorted(area, wanted, side="right")) - 1, len(depth) - 2)
    span, slope = depth[k + 1] - depth[k], (width[k + 1] - width[k]) / (depth[k + 1] - depth[k])
    rest = max(0.0, wanted - area[k])
    root = np.sqrt(max(0.0, width[k] ** 2 + 2 * slope * rest))
    return float(depth[k] + min(span, 2 * rest / (width[k] + root)))


def layers_of(boundaries: Mapping[str, Mapping[str, float]], quantity: str) -> dict[str, float]:
    """What each boundary adds to the one before; the nested totals become layers that sum to the whole."""
    names = [name for name in BOUNDARIES if quantity in boundaries.get(name, {})]
    totals = [boundaries[name][quantity] for name in names]
    return {name: total - before for name, total, before in zip(names, totals, [0.0, *totals], strict=False)}


def draw(summary: Mapping[str, Any], quantity: str = "co2e_kg") -> Figure:
    """Draw one berg a paradigm, one scale, `energy_j` or `co2e_kg`."""
    bergs = {name: layers_of(found["boundaries"], quantity) for name, found in summary["paradigms"].items()}
    drawn = {name: slices(layers) if sum(layers.values()) > 0 else [] for name, layers in bergs.items()}
    frame = _with_room(_frame([s.outline for berg in drawn.values() for s in berg]), list(drawn.values()))
    height = 5.0 * (frame.high - frame.low) / (frame.right - frame.left)
    figure = Figure(figsize=(max(6.0, 5.0 * len(bergs)), height + 1.3), facecolor="white", layout="constrained")
    for number, (name, layers) in enumerate(bergs.items()):
        axes = figure.add_subplot(1, len(bergs), number + 1)
        _sea(axes, frame)
        _berg(axes, drawn[name], layers, quantity, frame)
        total = show(sum(layers.values()), quantity)
        axes.set_title(f"{name}: {total}{' CO2e' if quantity == 'co2e_kg' else ''}", fontsize=13)
    said = fill(f"{summary['name']}: what a calculator sees, and what is below", _LETTERS * len(bergs))
    figure.suptitle(said, fontsize=14)
    figure.supxlabel("areas are to scale, within and between the bergs", fontsize=9, color="#555555")
    return figure


class _Frame(NamedTuple):
    """The window on every berg: its sides, and where labels begin."""

    left: float
    right: float
    low: float
    high: float
    labels: float


def _frame(outlines: list[Floats]) -> _Frame:
    corners = np.concatenate(outlines) if outlines else np.array([[-1.0, -1.0], [1.0, 1.0]])
    half, low, high = float(np.abs(corners[:, 0]).max()), float(corners[:, 1].min()), float(corners[:, 1].max())
    margin = 0.08 * (high - low)
    return _Frame(-1.15 * half, 2.6 * half, min(low, -0.25 * high) - margin, high + margin, 1.2 * half)


def _with_room(frame: _Frame, bergs: list[list[Slice]]) -> _Frame:
    """The frame as deep as the labels of every berg reach, whose distance grows with it."""
    for _ in range(_TRIES):
        height = frame.high - frame.low
        lowest = min((heights[-1] for berg in bergs if (heights := _label_heights(berg, height))), default=0.0)
        frame = frame._replace(low=min(frame.low, lowest - _APART * height))
    return frame


def _label_heights(berg: list[Slice], height: float) -> list[float]:
    """Where the labels of a berg stand: beside their slices, but apart from each other; in a frame of this height."""
    found: list[float] = []
    for part in berg:
        found.append(min([_middle(part), *(before - _APART * height for before in found[-1:])]))
    return found


def _middle(part: Slice) -> float:
    """Half way between the top and the bottom of a slice."""
    return float((part.outline[:, 1].min() + part.outline[:, 1].max()) / 2)


def _sea(axes: Axes, frame: _Frame) -> None:
    axes.axhspan(frame.low, 0.0, color="#d8ecf5", zorder=0)
    axes.axhline(0.0, color="#3d7ea6", linewidth=1.5, zorder=3)
    axes.set(xlim=(frame.left, frame.right), ylim=(frame.low, frame.high), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _berg(axes: Axes, berg: list[Slice], layers: Mapping[str, float], quantity: str, frame: _Frame) -> None:
    heights = _label_heights(berg, frame.high - frame.low)
    for colour, part, label_y in zip(_COLOURS, berg, heights, strict=False):
        axes.fill(*part.outline.T, facecolor=colour, edgecolor="#12364e", linewidth=0.8, zorder=2)
        middle = _middle(part)
        label = f"{part.boundary}  {show(layers[part.boundary], quantity)}"
        line = {"arrowstyle": "-", "color": "#555555", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0}
        edge = (_right_edge(part.outline, middle), middle)
        axes.annotate(label, edge, (frame.labels, label_y), va="center", fontsize=10, arrowprops=line, zorder=4)
    if len(berg) < 2:
        text = "nothing below the waterline\nis counted here"
        axes.text(0.0, 0.5 * frame.low, text, ha="center", va="center", fontsize=10, color="#3d7ea6")


def _right_edge(outline: Floats, y: float) -> float:
    """The x of a slice's right side at this height."""
    right = outline[len(outline) // 2 :]
    return float(np.interp(y, right[:, 1], right[:, 0]))
