"""How uncertain an impact is: its draws on the terminal and as a figure, what moves it most, method beside method.

A bar of the tornado goes from the impact at a factor's P5 to that at its P95, all others at their values. Of two
paradigms it is drawn of their difference, so that what both share alike has no bar. The named spreads that stand in
for ranges that nobody published are told below everything that rests on them.
"""

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.footprint.accounting.uncertainty import Draws, Swing, interval, lower
from simulator.record.integrate import Floats
from simulator.units import show, show_count
from simulator.view.account import HEADS
from simulator.view.sweep_data import COLOURS

MOST_SWINGS = 10
"""So many factors are shown; `--json` has all."""
_LOW, _HIGH, _BINS = "#9fd3e8", "#1d6285", 60


def uncertain(draws: Draws, swings: Sequence[Swing], of: str) -> RenderableType:
    """The draws of each paradigm beside the first, and the factors that move `of` most."""
    count = draws.values.shape[1]
    head = f"{HEADS[draws.criterion]} at {draws.boundary}: {count} draws of its factors, seed {draws.seed}"
    parts: list[RenderableType] = [Text(head, style="bold"), _table(draws)]
    if swings:
        parts += [Text(), Text(f"what moves {of} most, one factor at a time"), _tornado(swings, draws.criterion)]
    return Group(*parts, *spread_lines(draws))


def by_method(found: Sequence[tuple[str, Draws]]) -> RenderableType:
    """The distribution by each of several methods: a choice of factors or of a rule is no luck, and is not mixed."""
    table = _plain_table("method", "paradigm", "at values", "P5", "P50", "P95", "P(< first)")
    for method, draws in found:
        for number, name in enumerate(draws.names):
            table.add_row(method if not number else "", name, *_cells(draws, name))
    first = found[0][1]
    head = Text(f"{HEADS[first.criterion]} at {first.boundary} by several methods: choices, not luck", style="bold")
    return Group(head, table, *spread_lines(*(draws for _, draws in found)))


def spread_lines(*found: Draws) -> Iterator[Text]:
    """What stands in for the ranges that factors do not have, each once."""
    spreads = {spread.confidence: spread for draws in found for spread in draws.spreads}
    for name in sorted(spreads):
        said = f"{show_count(spreads[name].factors, 'factor')} without a range, {name}: "
        yield Text(f"{said}one standard deviation is x or / {spreads[name].spread_ratio:g} (assumed)", style="dim")


def as_json(draws: Draws, swings: Sequence[Swing]) -> dict[str, Any]:
    """The same as plain data, all factors of the tornado in it."""
    first = draws.names[0]
    return {
        "criterion": draws.criterion,
        "boundary": draws.boundary,
        "seed": draws.seed,
        "draws": draws.values.shape[1],
        "paradigms": {
            name: {
                "value": float(value),
                **dict(zip(("p50", "p5", "p95"), interval(draws.of(name)), strict=True)),
                "lower_than_first": None if name == first else lower(draws.of(name), draws.of(first))._asdict(),
            }
            for name, value in zip(draws.names, draws.at_values, strict=True)
        },
        "spreads": [spread._asdict() for spread in draws.spreads],
        "tornado": [
            {"factor": swing.factor._asdict(), "ends": list(swing.ends), "impacts": list(swing.impacts)}
            for swing in swings
        ],
    }


def draw_uncertainty(draws: Draws, swings: Sequence[Swing], of: str) -> Figure:
    """The distributions, one below the other on one axis, and the tornado of `of` under them."""
    shown = swings[:MOST_SWINGS]
    heights = [0.8 * len(draws.names) + 0.8, 0.5 * max(len(shown), 1) + 0.8]
    figure = Figure(figsize=(8.5, 1.0 + sum(heights)), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=heights)
    unit, size = _unit_of(draws.values, draws.criterion)
    _ridges(above, draws, size)
    above.set_xlabel(f"{HEADS[draws.criterion]} at {draws.boundary}, {unit}")
    ends = np.array([swing.impacts for swing in shown]).ravel()
    unit, size = _unit_of(ends, draws.criterion)
    _bars(below, shown, size)
    below.set_title(f"{of}: one factor at a time, at its P5 (light) and its P95 (dark)", loc="left", fontsize=10)
    below.set_xlabel(f"{HEADS[draws.criterion]}, {unit}")
    notes = "\n".join(line.plain for line in spread_lines(draws))
    figure.supxlabel(notes, fontsize=8, color="#6b6b6b")
    return figure


def _table(draws: Draws) -> Table:
    beside = ["P(< first)"] if len(draws.names) > 1 else []
    table = _plain_table("paradigm", "at values", "P5", "P50", "P95", *beside)
    for name in draws.names:
        table.add_row(name, *_cells(draws, name))
    return table


def _cells(draws: Draws, name: str) -> Iterator[str]:
    """The figures of one paradigm; what is compared with itself is not."""
    value, found = float(draws.at_values[draws.names.index(name)]), interval(draws.of(name))
    yield from (show(one, draws.criterion) for one in (value, found.low, found.value, found.high))
    if len(draws.names) == 1:
        return
    if name != draws.names[0]:
        chance = lower(draws.of(name), draws.of(draws.names[0]))
        yield f"{chance.value:.3g} ({chance.low:.3g}, {chance.high:.3g})"
    else:
        yield ""


def _tornado(swings: Sequence[Swing], criterion: str) -> Table:
    table = _plain_table("factor", "P5", "P95", "impact at P5", "at P95", "confidence")
    for swing in swings[:MOST_SWINGS]:
        ends = (f"{end:.3g}" for end in swing.ends)
        impacts = (show(impact, criterion) for impact in swing.impacts)
        table.add_row(swing.factor.name, *ends, *impacts, swing.factor.confidence)
    more = len(swings) - MOST_SWINGS
    if more > 0:
        table.add_row(Text(f"and {show_count(more, 'factor')} more", style="dim"))
    return table


def _plain_table(*heads: str) -> Table:
    """A table of figures, the words to their left."""
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for head in heads:
        words = head in ("factor", "method", "paradigm", "confidence")
        table.add_column(head, justify="left" if words else "right", overflow="fold", no_wrap=not words)
    return table


def _unit_of(values: Floats, criterion: str) -> tuple[str, float]:
    """The unit that a person would choose for the largest of these, and how much of the criterion's own it is.

    >>> _unit_of(np.array([1200.0, -3.0]), "co2e_kg")
    ('t', 1000.0)
    """
    largest = float(np.abs(values).max(initial=0.0))
    number, unit = show(largest, criterion, digits=12).split(maxsplit=1)
    return unit, largest / float(number) if largest else 1.0


def _ridges(axes: Axes, draws: Draws, size: float) -> None:
    """A distribution a paradigm, the first on top, each with its P5, P50 and P95."""
    low, high = float(draws.values.min()) / size, float(draws.values.max()) / size
    for row, name in enumerate(draws.names):
        values, base, colour = draws.of(name) / size, float(-row), COLOURS[row % len(COLOURS)]
        found = interval(values)
        if high > low:
            counts, edges = np.histogram(values, _BINS, (low, high))
            axes.stairs(base + 0.8 * counts / counts.max(), edges, baseline=base, fill=True, color=colour, alpha=0.35)
        axes.plot([found.low, found.high], [base, base], color=colour, linewidth=3.0, solid_capstyle="butt")
        axes.plot([found.value], [base], "o", color=colour, markersize=6.0)
    axes.set_yticks([-row for row in range(len(draws.names))], draws.names)
    axes.set_ylim(-len(draws.names) + 0.6, 0.95)
    axes.set_title("distribution; line from P5 to P95, dot at P50", loc="left", fontsize=10)
    _plainly(axes)


def _bars(axes: Axes, swings: Sequence[Swing], size: float) -> None:
    """A bar a factor, the widest on top."""
    for row, swing in enumerate(reversed(swings)):
        base = swing.value / size
        for impact, colour in zip(swing.impacts, (_LOW, _HIGH), strict=True):
            axes.barh(row, impact / size - base, left=base, height=0.62, color=colour, zorder=2)
        axes.plot([base, base], [row - 0.4, row + 0.4], color="#3a3a3a", linewidth=1.0, zorder=3)
    labels = [fill(swing.factor.name.replace("/", "/ "), 42).replace("/ ", "/") for swing in reversed(swings)]
    axes.set_yticks(range(len(swings)), labels, fontsize=8)
    _plainly(axes)


def _plainly(axes: Axes) -> None:
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
