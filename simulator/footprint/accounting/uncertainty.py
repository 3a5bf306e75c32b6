"""The distribution of an impact: its terms again and again, with other values of their factors.

    impact = sum over terms of base x product of factors / product of inverses,     each factor at its luck (spread.py)

Nothing is simulated again. Terms of the same drawn factors are one product, so that a thousand draws of an account
cost what its distinct factors cost. Paradigms, and results drawn with one seed, share the luck of what they share:

    P(A < B) = share of the draws in which A is lower, a tie half of one,     with Wilson's interval for their number

so that A and A come to 0.5. A tornado moves one factor to its P5 and to its P95 with all others at their values.

Limit: bases are not drawn, joules, seconds and bits as the record has them: what luck of the simulated world does
to them is told by repeats, and which factor set and which rule is taken by whoever asks (`under`): choices are
no luck, and are shown beside each other. CO2e of a grid by the hour, and a PUE that follows the load, were weighed
moment by moment and are not drawn either.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import fsum, prod
from typing import NamedTuple, Protocol

import numpy as np

from simulator.errors import UsageError
from simulator.footprint.accounting.spread import Z95, Spread, is_drawn, luck, spreads_of, values_at
from simulator.footprint.accounting.term import Term
from simulator.footprint.making.factors import Factor
from simulator.lower import TIE, share_ends
from simulator.record.integrate import Floats

Terms = Mapping[str, Sequence[Term]]
"""The terms that are summed, by what they are of: a paradigm."""


class Draws(NamedTuple):
    """Draws of one impact: a row for each of `names`, in one luck, and what it is with every factor at its value.

    `spreads` stand in for the ranges that factors do not have.
    """

    criterion: str
    boundary: str
    seed: int
    names: tuple[str, ...]
    values: Floats
    at_values: Floats
    spreads: tuple[Spread, ...]

    def of(self, name: str) -> Floats:
        """The draws of one of them."""
        if name not in self.names:
            raise UsageError(f"draws of {name!r}", "there are none", f"there are those of {', '.join(self.names)}")
        return np.asarray(self.values[self.names.index(name)])


class Interval(NamedTuple):
    """The middle of draws, and what one in twenty lies below and above: P50, P5 and P95."""

    value: float
    low: float
    high: float


class Chance(NamedTuple):
    """How often one is lower than another, and the 95 % interval that so many draws leave."""

    value: float
    low: float
    high: float


class Swing(NamedTuple):
    """The impact with every factor at its value, and at the P5 and the P95 of one, which are `ends`."""

    value: float
    factor: Factor
    ends: tuple[float, float]
    impacts: tuple[float, float]

    @property
    def width(self) -> float:
        """How far the factor moves the impact."""
        return abs(self.impacts[1] - self.impacts[0])


class Drawable(Protocol):
    """Accounts by some method."""

    def draws(self, criterion: str, boundary: str | None, count: int, seed: int) -> Draws:
        """The draws of an impact of each paradigm."""


def draw(terms: Terms, criterion: str, boundary: str, count: int = 1000, seed: int = 0) -> Draws:
    """So many draws of the sum of each of these lists of terms, which are of one criterion within one boundary."""
    sums = [_products(found) for found in terms.values()]
    every = sorted(set().union(*sums), key=_order)
    factors = list(dict.fromkeys(factor for product in every for factor, _ in product))
    lucks = {name: luck(seed, name, count) for name in dict.fromkeys(factor.name for factor in factors)}
    drawn = {factor: values_at(factor, lucks[factor.name]) for factor in factors}
    rows = np.zeros((len(sums), count))
    for product in every:
        values = _at(product, drawn, np.ones(count))
        for row, found in zip(rows, sums, strict=True):
            if product in found:
                row += found[product] * values
    at_values = np.array([_value(found) for found in sums])
    return Draws(criterion, boundary, seed, tuple(terms), rows, at_values, tuple(spreads_of(factors)))


def interval(values: Floats) -> Interval:
    """P50, P5 and P95 of draws.

    >>> interval(np.arange(101.0))
    Interval(value=50.0, low=5.0, high=95.0)
    """
    low, value, high = np.percentile(values, (5.0, 50.0, 95.0)).tolist()
    return Interval(value, low, high)


def lower(values: Floats, others: Floats) -> Chance:
    """How often the first are lower than the others, draw by draw, a tie half of one.

    >>> lower(np.array([1.0, 2.0, 3.0, 9.0]), np.array([2.0, 2.0, 4.0, 1.0]))
    Chance(value=0.625, low=0.219..., high=0.908...)
    """
    ties = np.abs(values - others) <= TIE * np.maximum(np.abs(values), np.abs(others))
    share, count = float(np.where(ties, 0.5, values < others).mean()), len(values)
    return Chance(share, *share_ends(share, count))


def tornado(terms: Iterable[Term], beside: Iterable[Term] = ()) -> list[Swing]:
    """What each factor alone does to the sum of these terms, less that of others beside them; the widest first."""
    products = _products(terms)
    for product, rest in _products(beside).items():
        products[product] = products.get(product, 0.0) - rest
    of_name: dict[str, dict[Product, float]] = {}
    for product, rest in products.items():
        for factor, _ in product:
            of_name.setdefault(factor.name, {})[product] = rest
    whole = _value(products)
    swings = (_swing(name, mine, whole) for name, mine in of_name.items())
    return sorted((swing for swing in swings if swing.width), key=lambda swing: (-swing.width, swing.factor.name))


def under(
    methods: Sequence[tuple[str, Drawable]], criterion: str, boundary: str | None, count: int = 1000, seed: int = 0
) -> list[tuple[str, Draws]]:
    """The distribution by each of several methods: choices are no luck, and stand beside each other."""
    return [(name, accounts.draws(criterion, boundary, count, seed)) for name, accounts in methods]


Product = tuple[tuple[Factor, int], ...]
"""Drawn factors and the power of each, in order of their names: what some terms have in common."""


def _products(terms: Iterable[Term]) -> dict[Product, float]:
    """Terms of the same drawn factors together, each product with the sum of all else that it stands beside."""
    found: dict[Product, list[float]] = {}
    for term in terms:
        powers: Counter[Factor] = Counter(factor for factor in term.factors if is_drawn(factor))
        powers.subtract(factor for factor in term.inverse if is_drawn(factor))
        times = prod(factor.value for factor in term.factors if factor not in powers)
        over = prod(factor.value for factor in term.inverse if factor not in powers)
        product = tuple(sorted(((f, power) for f, power in powers.items() if power), key=lambda one: _named(one[0])))
        found.setdefault(product, []).append(term.base * times / over)
    return {product: fsum(parts) for product, parts in found.items()}


def _order(product: Product) -> tuple[tuple[str, str, int], ...]:
    """An order of products that depends on nothing but what they are."""
    return tuple((*_named(factor), power) for factor, power in product)


def _named(factor: Factor) -> tuple[str, str]:
    return factor.name, repr(factor)


def _value(products: Mapping[Product, float]) -> float:
    """The sum with every factor at its value."""
    return fsum(rest * prod(f.value**power for f, power in product) for product, rest in products.items())


def _at(product: Product, drawn: Mapping[Factor, Floats], values: Floats) -> Floats:
    """The product where its factors are as drawn, beginning with these values."""
    for factor, power in product:
        values = values * drawn[factor] if power == 1 else values * drawn[factor] ** power
    return values


def _swing(name: str, products: Mapping[Product, float], whole: float) -> Swing:
    """The impact with all factors of a name at their P5, and at their P95."""
    z = np.array([-Z95, Z95])
    factors = dict.fromkeys(factor for product in products for factor, _ in product)
    at = {f: values_at(f, z) if f.name == name else np.full(2, f.value) for f in factors}
    moved = np.array([rest * _at(product, at, np.ones(2)) for product, rest in products.items()])
    low, high = (whole - _value(products) + fsum(end) for end in moved.T)
    moving = next(factor for factor in factors if factor.name == name)
    ends = values_at(moving, z).tolist()
    return Swing(whole, moving, (ends[0], ends[1]), (low, high))
