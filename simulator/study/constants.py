"""The simplest rival of a prediction: one constant a group, fitted to the very figures that it is held against.

Two constants of each group: that of the least median error, and that of the least largest one. Both
lie where two figures are missed by the same share, on either side:

    c / low - 1 = 1 - c / high,    c = 2 / (1 / low + 1 / high)
"""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from statistics import median
from typing import NamedTuple


class Sizes(NamedTuple):
    """The median and the largest of errors, as shares of the figures."""

    median_error: float
    worst_error: float


class Constants(NamedTuple):
    """Errors of the constants of the least median, and of those of the least largest error."""

    of_least_median: Sizes
    of_least_worst: Sizes


def best_constants(figures: Sequence[tuple[str, float]]) -> Constants:
    """How well constants do on figures, each with the name of its group.

    >>> found = best_constants([("a", 100.0), ("a", 100.0), ("a", 60.0)])
    >>> [round(error, 3) for sizes in found for error in sizes]
    [0.0, 0.667, 0.25, 0.25]
    """
    by_median: list[float] = []
    by_worst: list[float] = []
    for group in dict.fromkeys(name for name, _ in figures):
        own = [value for name, value in figures if name == group]
        tried = [_errors(own, 2.0 / (1.0 / a + 1.0 / b)) for a, b in combinations_with_replacement(own, 2)]
        by_median += min(tried, key=lambda sizes: (median(sizes), max(sizes)))
        by_worst += min(tried, key=lambda sizes: (max(sizes), median(sizes)))
    return Constants(*(Sizes(median(sizes), max(sizes)) for sizes in (by_median, by_worst)))


def _errors(values: Sequence[float], constant: float) -> list[float]:
    return [abs(constant / value - 1.0) for value in values]
