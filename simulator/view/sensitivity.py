"""What a measure hangs on: a table a group on the terminal, and a figure of bars (Sobol') or of dots (Morris)."""

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.errors import UsageError
from simulator.units import show_count
from simulator.view.sweep_units import spoken, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FIRST, _TOTAL = "#1d6285", "#e08a1e"
_COLUMNS = {
    "saltelli": ("S1", "95 % interval", "ST", "95 % interval"),
    "morris": ("mu*", "95 % interval", "mu", "sigma"),
}
_MEANINGS = {
    "saltelli": "S1: share of the variance that a factor explains alone; ST: share that it has a hand in",
    "morris": "mu*: mean size of the effect of a factor over its range; sigma: how much it depends on the rest",
}


def indices(found: Any) -> RenderableType:
    """A sensitivity for the terminal, the factors that matter most first."""
    repeats = "" if found.repeats == 1 else f", the mean of {found.repeats} repeats each"
    head = f"{found.of}: {found.method}, {show_count(found.rows, 'row')}{repeats}"
    parts: list[RenderableType] = [Text(head, style="bold"), Text(_MEANINGS[found.method])]
    size, unit = _unit(found)
    if unit and found.method == "morris":
        parts.append(Text(f"in {unit}"))
    for group in found.groups:
        parts += [Text(), Text(told(group.by), style="bold")]
        parts.append(Text(group.constant) if group.constant else _table(group, found.method, size))
        parts += [Text(f"note: {line}", style="yellow") for line in group.warnings]
    return Group(*parts)


def told(by: Mapping[str, Any]) -> str:
    """Which group it is.

    >>> told({"paradigm": "central", "country": "FR"})
    'central, country FR'
    """
    others = [f"{name} {value}" for name, value in by.items() if name != "paradigm"]
    return ", ".join([*([str(by["paradigm"])] if "paradigm" in by else []), *others]) or "all"


def _unit(found: Any) -> tuple[float, str]:
    """The unit in which effects are told: that of the largest."""
    effects = [index.mu_star.value for group in found.groups for index in group.indices if found.method == "morris"]
    return unit_of(found.of, max(effects, default=0.0))


def _table(group: Any, method: str, size: float) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("factor", overflow="fold")
    for name in _COLUMNS[method]:
        table.add_column(name, justify="right", no_wrap=True)
    for index in _sorted(group, method):
        table.add_row(index.factor, *_cells(index, method, size))
    return table


def _sorted(group: Any, method: str) -> list[Any]:
    name = "total" if method == "saltelli" else "mu_star"
    return sorted(group.indices, key=lambda index: (-getattr(index, name).value, index.factor))


def _cells(index: Any, method: str, size: float) -> Iterator[str]:
    if method == "saltelli":
        for found in (index.first, index.total):
            yield f"{found.value:.3f}"
            yield f"{found.low:.3f} to {found.high:.3f}"
        return
    yield f"{index.mu_star.value / size:.4g}"
    yield f"{index.mu_star.low / size:.4g} to {index.mu_star.high / size:.4g}"
    yield f"{index.mu / size:.4g}"
    yield f"{index.sigma / size:.4g}"


def draw(found: Any, title: str | None = None) -> "Figure":
    """The figure, a panel a group; raises UsageError where the measure varies in none."""

    from matplotlib.figure import Figure

    groups = [group for group in found.groups if group.indices]
    if not groups:
        raise UsageError(f"a figure of {found.of}", found.groups[0].constant, "choose another measure")
    tall = 0.5 * len(found.factors) + 0.9 if found.method == "saltelli" else 4.2
    figure = Figure(figsize=(8.0, 1.3 + tall * len(groups)), layout="constrained")
    panels = figure.subplots(len(groups), 1, squeeze=False, sharex=found.method == "saltelli")[:, 0]
    for axes, group in zip(panels, groups, strict=True):
        (_bars if found.method == "saltelli" else _dots)(axes, group, found)
        axes.set_title(told(group.by), loc="left", fontsize=11)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=9, title=_note(found))
    figure.legends[0].get_title().set(fontsize=9, color="#555555")
    figure.suptitle(fill(title or f"what {spoken(found.of)} hangs on", 80), fontsize=13)
    return figure


def _note(found: Any) -> str:
    still = [told(group.by) for group in found.groups if not group.indices]
    left_out = f"; it does not vary for {', '.join(still)}" if still else ""
    return fill(f"{show_count(found.rows, 'row')} by {found.method}; lines: 95 % intervals{left_out}", 110)


def _bars(axes: "Axes", group: Any, _: Any) -> None:
    """S1 above ST for each factor, the largest ST on top."""
    ordered = _sorted(group, "saltelli")[::-1]
    for offset, name, colour, label in (
        (0.2, "first", _FIRST, "S1: alone"),
        (-0.2, "total", _TOTAL, "ST: with all its interactions"),
    ):
        estimates = [getattr(index, name) for index in ordered]
        rows = [row + offset for row in range(len(ordered))]
        spread = [[e.value - e.low for e in estimates], [e.high - e.value for e in estimates]]
        line = {"ecolor": "#3a3a3a", "capsize": 2, "elinewidth": 1.0}
        values = [e.value for e in estimates]
        axes.barh(rows, values, 0.36, xerr=spread, color=colour, label=label, error_kw=line)
    axes.axvline(0.0, color="#3a3a3a", linewidth=0.8)
    axes.set_yticks(range(len(ordered)), [fill(index.factor, 32) for index in ordered], fontsize=9)
    axes.set_xlabel("share of the variance")
    axes.label_outer()
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)


def _dots(axes: "Axes", group: Any, found: Any) -> None:
    """A dot a factor; above the line that sigma = mu* draws, the effect changes its size or sign with the rest."""
    size, unit = _unit(found)
    told_unit = f" ({unit})" if unit else ""
    most = max(index.mu_star.high / size for index in group.indices)
    for place, index in enumerate(_sorted(group, "morris")):
        low, value, high = (v / size for v in (index.mu_star.low, index.mu_star.value, index.mu_star.high))
        at, spread = (value, index.sigma / size), [[value - low], [high - value]]
        axes.errorbar(*at, xerr=spread, fmt="o", color=_FIRST, markersize=6, elinewidth=1, capsize=2)
        axes.annotate(index.factor, at, (5, -12 if place % 2 else 5), textcoords="offset points", fontsize=9)
    axes.plot([0.0, most], [0.0, most], color="#9a9a9a", linewidth=1.0, linestyle="--", label="sigma = mu*")
    axes.set(xlabel=f"mu* of {spoken(found.of)}{told_unit}", ylabel=f"sigma{told_unit}")
    axes.margins(x=0.12, y=0.12)
    axes.grid(color="#e6e6e6", linewidth=0.6)
