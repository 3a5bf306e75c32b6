"""Who is lowest under other rules and factor sets, cell by cell; one other than in the headline is marked."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from simulator.units import show

NOTE = "charged to the workloads, per unit; `consequential`: marginal CO2e of operation alone, nothing for what is made"
FLIP = "◆ "
"""What marks a cell whose winner is another one than the headline's."""


def matrix(found: Any) -> Iterator[Table | Text]:
    """A row a rule, a column a factor set: who is lowest, with how much, at the headline's boundary or another one."""
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 1),
        title="who is lowest in CO2e, by rule and factor set",
        title_justify="left",
    )
    table.add_column("rule", overflow="fold")
    for name in found.factors:
        table.add_column(name, overflow="fold")
    for choice in found.choices:
        table.add_row(
            choice, *(_cell(cell, found.cells[0], found.criterion) for cell in found.cells if cell.choice == choice)
        )
    yield table
    yield _verdict(found)
    yield Text(NOTE, style="dim")


def _verdict(found: Any) -> Text:
    """Whether the headline holds in every cell."""
    headline, known = found.cells[0], sum(bool(cell.lowest) for cell in found.cells)
    if not headline.lowest:
        return Text(f"the headline is not computed: {headline.why}", style="yellow")
    if found.flips:
        marked = f"{FLIP.strip()} marks {found.flips} of {known} cells"
        return Text(f"the answer FLIPS: {marked} where another than {headline.lowest} is lowest", style="bold yellow")
    return Text(f"{headline.lowest} is lowest in all {known} cells: no rule, no factor set turns that", style="bold")


def _cell(cell: Any, headline: Any, criterion: str) -> Text:
    if not cell.lowest:
        return Text("not computed", style="dim")
    least = min(cell.figures.values())
    narrower = "" if cell.boundary == headline.boundary else f" ({cell.boundary})"
    text = f"{FLIP if cell.flips else ''}{cell.lowest} {show(least, criterion)}{narrower}"
    return Text(text, style="yellow" if cell.flips else "")
