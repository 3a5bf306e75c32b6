"""One neuron as it learns: its line at a handful of looks, from pale to dark, over the points that it is to tell apart.

sigmoid(w1 x1 + w2 x2 + b) = 1/2   on the line  w1 x1 + w2 x2 + b = 0
it is to answer 1 beyond           x1 + x2 = 1.5
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.errors import UsageError
from simulator.learning.data import Split
from simulator.record.integrate import Floats
from simulator.view.learning import lines_of

_POINTS = ("#5aaecb", "#e08a1e")
"""Of those where the answer is 0, and 1."""
_MOST_POINTS, _MOST_LINES = 400, 6
TRUTH = (1.0, 1.0, -1.5)
"""w1, w2 and b of the line that there is to find."""
Rows = Sequence[Mapping[str, Any]]


def draw(name: str, parameters: Rows, curves: Rows, data: Split) -> Figure:
    """A panel a neuron; raises UsageError where none of two inputs learned."""
    found, looks = {label: weights_of(rows) for label, rows in lines_of(parameters).items()}, lines_of(curves)
    neurons = {label: weights for label, weights in found.items() if {len(w) for w in weights.values()} == {len(TRUTH)}}
    if not neurons:
        raise UsageError("a figure of one neuron", "no workload learned with one", "have one learn that task")
    figure = Figure(figsize=(1.0 + 5.0 * len(neurons), 5.9), layout="constrained")
    panels = figure.subplots(1, len(neurons), sharey=True, squeeze=False)[0]
    for axes, (label, weights) in zip(panels, neurons.items(), strict=True):
        accuracies = {row["step"]: row["accuracy"] for row in looks[label]}
        _points(axes, data)
        _lines(axes, weights, accuracies)
        _draw_line(
            axes, np.array(TRUTH), color="black", linestyle="--", linewidth=1.6, label="the truth: x1 + x2 = 1.5"
        )
        axes.set_title(label, fontsize=11)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="x1")
        axes.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.12),
            ncols=2,
            frameon=False,
            fontsize=9,
            title="after so many rounds or epochs",
        )
    panels[0].set_ylabel("x2")
    figure.suptitle(f"{name}: one neuron looks for its line", fontsize=13)
    return figure


def weights_of(rows: Rows) -> dict[int, Floats]:
    """The parameters (w1, w2, b) of a neuron by step."""
    found: dict[int, list[float]] = {}
    for row in rows:
        found.setdefault(row["step"], []).append(row["value"])
    return {step: np.array(values) for step, values in found.items()}


def shown_steps(steps: Sequence[int]) -> list[int]:
    """A handful of steps, the first and the last among them, closer together at the beginning: there it moves most.

    >>> shown_steps(range(101)), shown_steps([0, 1, 2])
    ([0, 1, 3, 10, 32, 100], [0, 1, 2])
    """
    if len(steps) <= _MOST_LINES:
        return list(steps)
    places = np.geomspace(1.0, len(steps) - 1, _MOST_LINES - 1).round().astype(int)
    return [steps[place] for place in dict.fromkeys((0, *places.tolist()))]


def _points(axes: Axes, data: Split) -> None:
    """Some of the points to learn from."""
    every = max(1, len(data.y) // _MOST_POINTS)
    x, y = data.x[::every], data.y[::every]
    for answer, colour in enumerate(_POINTS):
        x1, x2 = x[y == answer].T
        axes.scatter(x1, x2, s=9, color=colour, alpha=0.45, linewidth=0, label=f"answer {answer}")


def _lines(axes: Axes, weights: Mapping[int, Floats], accuracies: Mapping[int, float]) -> None:
    shown = shown_steps(list(weights))
    shades = matplotlib.colormaps["Purples"](np.linspace(0.35, 1.0, len(shown)))
    for shade, step in zip(shades, shown, strict=True):
        label = f"after {step}: {accuracies[step]:.0%} right"
        if not _draw_line(axes, weights[step], color=shade, linewidth=2.0, label=label):
            axes.plot([], [], color=shade, linewidth=0, label=f"{label}, no line")


def _draw_line(axes: Axes, weights: Floats, **style: Any) -> bool:
    """Draw where a neuron is undecided; one that hears neither input has no line. Whether there was one."""
    *normal, bias = weights.tolist()
    long = float(np.hypot(*normal))
    if long == 0:
        return False
    foot = -bias / long**2 * np.array(normal)
    axes.axline(tuple(foot), tuple(foot + np.array([-normal[1], normal[0]]) / long), **style)
    return True
