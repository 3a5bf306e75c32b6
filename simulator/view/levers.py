"""Levers on the terminal: what each saves, ranked; all of them together; what they save less than their sum."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.units import show
from simulator.view.account import HEADS

WORSE, NOTHING = "red", "dim"


def ranked(found: Any) -> RenderableType:
    """The levers of a scenario: a table a paradigm, and what to know before believing it."""
    per = "" if found.functional_unit is None else f", per unit: {found.functional_unit}"
    parts: list[RenderableType] = [Text(f"{found.name}: levers on {HEADS[found.criterion]}{per}", style="bold")]
    for ranking in found.rankings:
        parts += [Text(), *_head(found, ranking), _table(found, ranking), *_sum(found, ranking)]
    notes = (Text(f"note: {note}", style="yellow") for note in found.notes)
    return Group(*parts, *notes)


def _head(found: Any, ranking: Any) -> Iterator[Text]:
    yield Text(f"{ranking.paradigm}: {show(ranking.value, found.criterion)} at {ranking.boundary} without any lever")


def _table(found: Any, ranking: Any) -> Table:
    rebounds = any(line.rebound is not None for line in ranking.levers)
    table = Table(box=None, pad_edge=False)
    table.add_column("lever", overflow="fold")
    heads = ("saves", "of all", *(("rebound", "after it") if rebounds else ()))
    for name in heads:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("by")
    table.add_column("what it is", overflow="fold")
    for line in (*ranking.levers, ranking.together):
        style = WORSE if (line.value or 0.0) < 0.0 else NOTHING if line.value is None else ""
        table.add_row(line.name, *_cells(line, found.criterion, rebounds), *_words(line), style=style)
    return table


def _cells(line: Any, criterion: str, rebounds: bool) -> Iterator[str]:
    """The numbers of a lever; one that makes things worse saves less than nothing."""
    if line.value is None:
        yield from ("unfinished", "", *(("", "") if rebounds else ()))
        return
    yield show(line.value, criterion)
    yield "" if line.share is None else f"{line.share:.1%}"
    if rebounds:
        yield "" if line.rebound is None else f"{line.rebound:.0%}"
        yield "" if line.after is None else show(line.after, criterion)


def _words(line: Any) -> Iterator[str]:
    yield "simulation" if line.simulated else "account"
    worse = "WORSE" if line.value is not None and line.value < 0.0 else ""
    yield "; ".join(text for text in (worse, line.says, line.aside) if text)


def _sum(found: Any, ranking: Any) -> Iterator[Text]:
    """What the levers save less, or more, together than each alone."""
    if ranking.interaction is None:
        return
    alone = ranking.together.value + ranking.interaction
    less = "less" if ranking.interaction >= 0.0 else "more"
    amounts = (show(one, found.criterion) for one in (alone, abs(ranking.interaction)))
    yield Text("interaction: alone they add up to {}; together they save {} {}".format(*amounts, less))
