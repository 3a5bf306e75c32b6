"""What one functional unit comes to, a line for each."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from simulator.footprint.accounting.unit_costs import UnitCost
from simulator.units import show

UNITS = {
    "training": "a training",
    "request": "a request",
    "token": "a token",
    "point": "a percentage point of accuracy",
    "user-year": "a user and year",
    "EFLOP": "an exaFLOP (CCI)",
}
"""How each unit is said."""


def unit_lines(rows: Iterable[UnitCost]) -> Iterator[Text]:
    """A line for each paradigm, workload and unit, its criteria beside each other."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        who = "/".join(part for part in (row.paradigm, row.workload) if part)
        amount = f"{show(row.value, row.criterion)} ({row.boundary})"
        told.setdefault((who, row.unit, f"{row.units:.4g}"), []).append(amount)
    for (who, unit, units), amounts in told.items():
        yield Text(f"{who}: {UNITS[unit]} (of {units}) {', '.join(amounts)}")
