"""A sweep's table as a figure: one of four kinds, each of one measure.

bands      a factor on x, a line a paradigm, and how wide all that varies besides spreads the measure
heat       two factors, the mean measure as colour; or the ratio of two paradigms, and where the winner flips
parallel   all factors side by side, a line a run, coloured by the measure
tornado    how far the mean goes with each factor alone, the widest on top
"""

from collections.abc import Callable, Mapping, Sequence
from textwrap import fill

import pyarrow as pa
from matplotlib.figure import Figure

from simulator.errors import UsageError
from simulator.scenario.sentences import nearest
from simulator.view.sweep_bands import draw_bands
from simulator.view.sweep_data import Runs, find_runs, varying
from simulator.view.sweep_heat import draw_heat
from simulator.view.sweep_parallel import draw_parallel
from simulator.view.sweep_tornado import draw_tornado
from simulator.view.sweep_units import spoken

KINDS: dict[str, tuple[int, Callable[..., Figure]]] = {
    "bands": (1, draw_bands),
    "heat": (2, draw_heat),
    "parallel": (0, draw_parallel),
    "tornado": (0, draw_tornado),
}
"""How many factors each kind has axes for (0: it draws all of them), and what draws it."""


def draw(
    table: pa.Table,
    factors: Sequence[str],
    kind: str,
    of: str,
    x: str | None = None,
    y: str | None = None,
    paradigm: str | Sequence[str] | None = None,
    title: str | None = None,
    units: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a measure of a sweep; raises UsageError for what cannot be drawn.

    `paradigm` is one of them, two (`a/b`, or a list) for the ratio of a heat map, or none for all; `units` are of
    factors that stand in the table as bare numbers.
    """
    if kind not in KINDS:
        raise UsageError(f"a figure of kind {kind!r}", "there is none", nearest(kind, KINDS))
    paradigms = _paradigms(table, paradigm)
    runs = find_runs(table, factors, of, paradigms, units or {})
    if paradigms:
        runs = runs._replace(paradigms=tuple(name for name in paradigms if name in runs.paradigms))
    count, drawn = KINDS[kind]
    axes = _axes(runs, kind, [name for name in (x, y) if name is not None], count)
    figure = drawn(runs, *axes)
    figure.suptitle(fill(title or f"{spoken(of)} by {' and '.join(axes) or 'its factors'}", 80), fontsize=13)
    return figure


def _paradigms(table: pa.Table, asked: str | Sequence[str] | None) -> list[str] | None:
    """The paradigms that are asked for; a text is one, or two around a `/`."""
    if asked is None or not isinstance(asked, str):
        return None if asked is None else list(asked)
    return [asked] if asked in table.column("paradigm").to_pylist() else asked.split("/")


def _axes(runs: Runs, kind: str, asked: list[str], count: int) -> list[str]:
    """The factors on the axes: those that are asked for, or the only ones that vary."""
    about = f"a figure of kind {kind}"
    for name in asked:
        if name not in runs.factors:
            raise UsageError(f"{about} by {name!r}", "there is no such factor", nearest(name, runs.factors))
    vary = varying(runs)
    if not vary:
        raise UsageError(about, "no factor varies in the runs that ended well", "there is nothing to compare; run more")
    if count == 0 or len(asked) > count or len(set(asked)) < len(asked):
        if asked:
            wants = {0: "draws all factors: leave x and y out", 1: "has one factor, x: leave y out"}
            raise UsageError(about, f"cannot have {' and '.join(asked)} as axes", wants.get(count, "give two factors"))
        return []
    rest = [name for name in vary if name not in asked]
    if (len(asked) < count and len(rest) > count - len(asked)) or len(asked) + len(rest) < count:
        needs = "a factor on x" if count == 1 else "a factor on x and another on y"
        raise UsageError(about, f"needs {needs}", f"those that vary are {', '.join(f'`{name}`' for name in vary)}")
    chosen = asked if len(asked) == count else [*asked, *rest]
    for name in chosen:
        if name not in vary:
            raise UsageError(f"{about} by {name}", "has one value only", nearest(name, vary))
    return chosen
