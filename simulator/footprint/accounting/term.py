"""An account as products: what the record measured, times named factors, each with its source.

    amount of a term = base x product of its factors,     an impact = the sum of its terms

Everything that an account says is a sum of terms, so that a number can be followed to its rows
(`explain`), drawn again with other values of its factors (uncertainty), or added up by anybody
with a pocket calculator.
"""

from collections.abc import Iterable
from math import fsum, prod
from typing import NamedTuple

from simulator.errors import UsageError
from simulator.footprint.making.factors import Factor
from simulator.units import JOULES_PER_KWH, SECONDS_PER_YEAR

GIVEN, EXACT = "given", "exact"
"""Confidences of what the scenario says, and of what is so by definition: neither is drawn at random."""


def exact(name: str, value: float) -> Factor:
    """A factor that is so by definition."""
    return Factor(name, value, None, None, "by definition", EXACT)


KWH_PER_J = exact("kilowatt-hours a joule", 1.0 / JOULES_PER_KWH)
KG_PER_G = exact("kilograms a gram", 1e-3)
YEARS_PER_S = exact("years a second", 1.0 / SECONDS_PER_YEAR)


class Term(NamedTuple):
    """A product of one impact: where it counts, of what, for whom, doing what; what was measured, and its factors."""

    paradigm: str
    boundary: str
    phase: str
    criterion: str
    place: str
    asset: str
    item: str
    workload: str
    activity: str
    base: float
    unit: str
    factors: tuple[Factor, ...]
    inverse: tuple[Factor, ...] = ()
    """What it is divided by, such as a lifetime."""
    origin: str = ""
    """The exact tables, and rows of them, that the base was measured in."""

    @property
    def amount(self) -> float:
        """What it comes to, in the unit of its criterion."""
        return self.base * prod(f.value for f in self.factors) / prod(f.value for f in self.inverse)


class Total(NamedTuple):
    """The sum of some terms, which knows what it is of: totals of two ledgers, criteria or boundaries do not add up.

    >>> average = Total(2.0, "co2e_kg", "facility", "attributional")
    >>> (average + average).value
    4.0
    """

    value: float
    criterion: str
    boundary: str
    ledger: str

    def __add__(self, other: object) -> "Total":
        """The sum of two totals of one kind; raises UsageError where one question's answer would meet another's."""
        if not isinstance(other, Total):
            return NotImplemented
        for what, mine, theirs in zip(self._fields[1:], self[1:], other[1:], strict=True):
            if mine != theirs:
                raise UsageError(
                    f"{self.criterion} of the {self.ledger} ledger at {self.boundary}, and {other.criterion} of the "
                    f"{other.ledger} at {other.boundary}",
                    f"they are of two kinds ({what}) and do not add up",
                    "tell them beside each other",
                )
        return self._replace(value=self.value + other.value)


def total(terms: Iterable[Term]) -> float:
    """The sum of terms, rounded once."""
    return fsum(term.amount for term in terms)
