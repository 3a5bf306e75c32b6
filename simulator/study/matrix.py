"""Whether an answer holds under other rules and other factors: who is lowest in every cell of rule x factor set.

    cell = what all workloads of a paradigm are charged with, per functional unit, at the widest boundary
           that all paradigms have in that cell

A rule decides what nobody asked for costs the workloads, a factor set what making and electricity cost.
The headline is the first cell: the rule `reserved`, all else by each result's own method. A cell flips where another
paradigm is lowest than in the headline. Rules are not physics, so that a headline that flips is no fact.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from simulator.lower import is_same

if TYPE_CHECKING:
    from simulator.footprint.accounting.accounts import Accounts

SHOWN_RULES = ("reserved", "used", "energy", "reserve-then-use", "shapley")
"""The rules that need nothing but the record."""
CHOICES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    *((rule, {"rule": rule}) for rule in SHOWN_RULES),
    ("active hours", {"basis": "active"}),
    ("time-share", {"equipment": "time-share"}),
    ("lines while used", {"network": "per-subscriber"}),
    ("networks by byte", {"network": "per-byte"}),
    ("networks by peak", {"network": "peak"}),
    ("consequential", {"ledger": "consequential"}),
)
"""The rows: a rule each, then lives by active hours, users' equipment by its day, the rest of networks by other
answers, and nothing for what is made."""
NEEDS = {"equipment": "devices", "network": "network"}
"""The boundary without which a choice changes nothing, and has no row."""
SETS: tuple[tuple[str, Sequence[str]], ...] = (
    ("as run", ()),
    ("boavizta", ("boavizta",)),
    ("vendor", ("vendor",)),
    ("ecologits", ("ecologits",)),
    ("act, then llmcarbon", ("act", "llmcarbon")),
)
"""The columns: factor sets, of making, and of electricity where a set has that too."""

Account = Callable[[Mapping[str, Any], Sequence[str], str], "Accounts"]
"""The account of one result by a choice, factor sets and a criterion."""


class Way(Protocol):
    """What is read of a paradigm that delivered something."""

    @property
    def name(self) -> str:
        """What it is called beside the others."""

    @property
    def paradigm(self) -> str:
        """What its result calls it."""

    @property
    def result(self) -> str:
        """The name of its result."""

    @property
    def units(self) -> float:
        """How many functional units it delivers."""


class Cell(NamedTuple):
    """Who is lowest under a rule and a factor set; figures per unit by column, at a boundary; why there is none."""

    choice: str
    factors: str
    boundary: str
    figures: Mapping[str, float]
    lowest: str
    flips: bool
    why: str = ""


class Matrix(NamedTuple):
    """Every cell, the first of which is the headline."""

    criterion: str
    choices: list[str]
    factors: list[str]
    cells: list[Cell]

    @property
    def flips(self) -> int:
        """In how many cells another one is lowest than in the headline."""
        return sum(cell.flips for cell in self.cells)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**self._asdict(), "cells": [cell._asdict() for cell in self.cells], "flips": self.flips}


def build_matrix(ways: Sequence[Way], accounts: Mapping[str, Account], criterion: str = "co2e_kg") -> Matrix:
    """The matrix of ways that delivered something; `accounts` by the name of the result that a way is of."""
    as_run = [one for account in accounts.values() for one in account({}, (), criterion).of.values()]
    reached = {"", *(boundary for one in as_run for boundary in one.reach.boundaries)}
    choices = [one for one in CHOICES if all(NEEDS.get(key, "") in reached for key in one[1])]
    cells = [_cell(ways, accounts, choice, factors, criterion) for choice in choices for factors in SETS]
    headline = cells[0].lowest
    cells = [cell._replace(flips=bool(cell.lowest and headline and cell.lowest != headline)) for cell in cells]
    return Matrix(criterion, [choice for choice, _ in choices], [name for name, _ in SETS], cells)


def _cell(
    ways: Sequence[Way],
    accounts: Mapping[str, Account],
    choice: tuple[str, Mapping[str, Any]],
    factors: tuple[str, Sequence[str]],
    criterion: str,
) -> Cell:
    named = "marginal_co2e_kg" if choice[1].get("ledger") == "consequential" and criterion == "co2e_kg" else criterion
    found = {name: account(choice[1], factors[1], named) for name, account in accounts.items()}
    reached = [found[way.result].boundaries(way.paradigm, named) for way in ways]
    common = [b for b in reached[0] if all(b in one for one in reached)]
    if not common:
        return Cell(choice[0], factors[0], "", {}, "", flips=False, why="no boundary is known of all")
    boundary = common[-1]
    figures = {way.name: found[way.result].charged(named, way.paradigm, boundary) / way.units for way in ways}
    least = min(figures.values())
    lowest = [name for name, value in figures.items() if is_same(value, least)]
    return Cell(choice[0], factors[0], boundary, figures, " = ".join(lowest), flips=False)
