"""Paradigms beside the first over repeats, on the terminal: a table a quantity, what it says, what to know first."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.units import show, show_count
from simulator.view.compare import said
from simulator.vocabulary import QUANTITIES, TOTALS


def repeated(found: Any) -> RenderableType:
    """A comparison over repeats: its frame, a table for energy and one for CO2e, verdicts and notes."""
    ends = list(dict.fromkeys(show(end_s, "time_s") for end_s in (min(found.windows_s), max(found.windows_s))))
    unit = "" if found.functional_unit is None else f", per unit: {found.functional_unit}"
    head = f"{found.name}, {show_count(len(found.seeds), 'repeat')}, window {' to '.join(ends)}{unit}"
    parts: list[RenderableType] = [Text(head, style="bold"), Text(f"shown: {found.shows}, {TOTALS[found.shows]}")]
    parts.append(Text("n: repeats that finished; behind ± and in brackets: the 95 % interval of what stands before"))
    for quantity in QUANTITIES:
        parts += [Text(), _table([line for line in found.table if line.quantity == quantity], quantity)]
    return Group(*parts, Text(), *said(found))


def _table(lines: Sequence[Any], quantity: str) -> Table:
    unit, size = _unit_of([line.mean.value for line in lines if line.mean], quantity)
    spreads = dict.fromkeys(", ".join(line.spread) for line in lines if line.spread)
    table = Table(box=None, pad_edge=False)
    table.add_column("boundary", no_wrap=True)
    table.add_column("paradigm", overflow="fold")
    for name in ("n", f"{QUANTITIES[quantity]}, {unit}", " or ".join(spreads), "to first", "ratio", "P(< first)"):
        table.add_column(name, justify="right", overflow="fold")
    before = ""
    for line in lines:
        table.add_row(line.boundary if line.boundary != before else "", line.paradigm, *_cells(line, size))
        before = line.boundary
    return table


def _unit_of(values: Sequence[float], quantity: str) -> tuple[str, float]:
    """The unit that a person would choose for the largest, and how much of the SI unit it is.

    >>> _unit_of([7.2e6, -36.0], "energy_j")
    ('kWh', 3600000.0)
    """
    largest = max((abs(value) for value in values), default=0.0)
    number, unit = show(largest, quantity, digits=12).split(maxsplit=1)
    return unit, largest / float(number) if largest else 1.0


def _cells(line: Any, size: float) -> Iterator[RenderableType]:
    yield str(line.finished)
    if line.mean is None:
        yield Text("not computed" if line.finished else "unfinished", style="dim")
        return
    yield _give_or_take(line.mean, size)
    yield ", ".join(f"{value / size:.3g}" for value in line.spread.values())
    if line.difference is None:
        return
    yield _give_or_take(line.difference, size, sign="+")
    yield "" if line.ratio is None else f"x{line.ratio.value:.3g}{_ends(line.ratio, 3)}"
    yield f"{line.lower.value:.2g}{_ends(line.lower, 2)}"


def _give_or_take(found: Any, size: float, sign: str = "") -> str:
    """A mean and half the width of its interval, which lies evenly around it."""
    value = f"{found.value / size:{sign}.4g}"
    return value if found.low is None else f"{value} ± {(found.high - found.low) / 2 / size:.3g}"


def _ends(found: Any, digits: int) -> str:
    return "" if found.low is None else f" ({found.low:.{digits}g}, {found.high:.{digits}g})"
