"""How uncertain an impact is on the terminal: its draws, what moves it most, method beside method.

The named spreads that stand in for ranges that nobody published are told below everything that rests on them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.footprint.accounting.uncertainty import Draws, Swing, interval, lower
from simulator.units import show, show_count
from simulator.view.account import HEADS

MOST_SWINGS = 10
"""So many factors are shown; `--json` has all."""


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
    table = _plain_table("method", "paradigm", *_heads(found[0][1]))
    for method, draws in found:
        narrower = "" if draws.boundary == found[0][1].boundary else f" ({draws.boundary})"
        for number, name in enumerate(draws.names):
            table.add_row(f"{method}{narrower}" if not number else "", name, *_cells(draws, name))
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
    return {
        **plain(draws),
        "spreads": [spread._asdict() for spread in draws.spreads],
        "tornado": [
            {"factor": swing.factor._asdict(), "ends": list(swing.ends), "impacts": list(swing.impacts)}
            for swing in swings
        ],
    }


def plain(draws: Draws) -> dict[str, Any]:
    """The draws of each paradigm as plain data."""
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
    }


def _table(draws: Draws) -> Table:
    table = _plain_table("paradigm", *_heads(draws))
    for name in draws.names:
        table.add_row(name, *_cells(draws, name))
    return table


def _heads(draws: Draws) -> Iterator[str]:
    """What is told of each paradigm; of one alone there is no first to be lower than."""
    yield from ("at values", "P5", "P50", "P95")
    if len(draws.names) > 1:
        yield "P(< first)"


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
    table = Table(box=None, pad_edge=False)
    for head in heads:
        words = head in ("factor", "method", "paradigm", "confidence")
        table.add_column(head, justify="left" if words else "right", overflow="fold", no_wrap=not words)
    return table
