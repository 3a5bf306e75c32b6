"""What a few repeats tell: means, differences, ratios and chances, each with its 95 % interval.

    mean        x ± t(n - 1) s(x) / sqrt n                      of n repeats
    difference  d ± t(m - 1) s(d) / sqrt m,  d = x - y          of m pairs
    ratio       all q with (x - q y)^2 <= t(m - 1)^2 s(x - q y)^2 / m
    P(x < y)    share of the pairs in which x is lower, a tie is half of one

Student's interval is exact for normal repeats; of few and skewed ones it covers less. The ratio's is Fieller's
(1954, "Some problems in interval estimation"): it holds 1 exactly where the difference's holds 0, so that they
never contradict, and it needs no draws; a bootstrap of three pairs has ten outcomes. It has no ends where the
mean of y is not told from 0. P has Wilson's (lower.py). Each interval stands alone: of many, one in twenty misses.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import fsum, sqrt
from statistics import quantiles
from typing import NamedTuple

from simulator.lower import LEVEL_SHARE, is_same, share_ends

FEWEST_FOR_QUANTILES = 20
"""Repeats of which one lies beyond P5 and one beyond P95; of fewer the ends are told."""

Pairs = Sequence[tuple[float, float]]
"""Two figures of each repeat that has both."""


class Estimate(NamedTuple):
    """A figure and the ends of its 95 % interval; None where one repeat, or a first near 0, gives it none."""

    value: float
    low: float | None = None
    high: float | None = None

    def excludes(self, value: float) -> bool:
        """Whether there is an interval, and this is not in it."""
        return self.low is not None and self.high is not None and not self.low <= value <= self.high


class Beside(NamedTuple):
    """A paradigm beside the first, of the repeats that both finished."""

    pairs: int
    difference: Estimate
    ratio: Estimate | None
    lower: Estimate


def average(values: Sequence[float]) -> float:
    """The mean; of equal values exactly themselves, so that rounding gives them no spread.

    >>> average([0.1] * 3)
    0.1
    """
    return values[0] + fsum(value - values[0] for value in values) / len(values)


def _covariance(values: Sequence[float], others: Sequence[float]) -> float:
    mean, other_mean = average(values), average(others)
    products = ((a - mean) * (b - other_mean) for a, b in zip(values, others, strict=True))
    return fsum(products) / (len(values) - 1)


@lru_cache
def _student(degrees: int) -> float:
    from scipy.special import stdtrit  # what scipy.stats.t.ppf calls, without the rest of scipy.stats

    return float(stdtrit(degrees, 0.5 + 0.5 * LEVEL_SHARE))


def mean_of(values: Sequence[float]) -> Estimate:
    """The mean of repeats and Student's interval of it; one value has no interval.

    >>> mean_of([1.0, 2.0, 3.0]), mean_of([4.0])
    (Estimate(value=2.0, low=-0.484..., high=4.484...), Estimate(value=4.0, low=None, high=None))
    """
    mean = average(values)
    if len(values) < 2:
        return Estimate(mean)
    half = _student(len(values) - 1) * sqrt(_covariance(values, values) / len(values))
    return Estimate(mean, mean - half, mean + half)


def ratio_of(pairs: Pairs) -> Estimate | None:
    """The mean of the first of each pair over that of the second, and Fieller's interval; None over 0.

    Written for q = ratio + step: e = x - ratio y has the mean 0, so that nothing cancels, and the root is real.

    >>> ratio_of([(2.0, 4.0), (3.0, 6.0)]), ratio_of([(1.0, 0.0), (2.0, 0.0)])
    (Estimate(value=0.5, low=None, high=None), None)
    >>> ratio_of([(9.0, 10.0), (10.0, 10.0), (11.0, 10.0)])
    Estimate(value=1.0, low=0.751..., high=1.248...)
    """
    own, base = zip(*pairs, strict=True)
    below = average(base)
    if below == 0.0:
        return None
    ratio = average(own) / below
    if len(pairs) < 2:
        return Estimate(ratio)
    scale = _student(len(pairs) - 1) ** 2 / len(pairs)
    rest = [mine - ratio * theirs for mine, theirs in pairs]
    leading = below * below - scale * _covariance(base, base)
    if leading <= 0.0:
        return Estimate(ratio)
    cross, square = scale * _covariance(rest, base), scale * _covariance(rest, rest)
    root = sqrt(cross * cross + leading * square)
    return Estimate(ratio, ratio - (cross + root) / leading, ratio + (root - cross) / leading)


def lower_of(pairs: Pairs) -> Estimate:
    """The share of pairs whose first is lower, ties half, and Wilson's interval of it.

    >>> lower_of([(1.0, 2.0), (2.0, 2.0)])
    Estimate(value=0.75, low=0.197..., high=0.973...)
    """
    wins = fsum(0.5 if is_same(mine, theirs) else float(mine < theirs) for mine, theirs in pairs)
    share = wins / len(pairs)
    return Estimate(share, *share_ends(share, len(pairs)))


def spread_of(values: Sequence[float]) -> dict[str, float]:
    """Where the repeats themselves lie; quantiles are between neighbours (Hyndman & Fan 1996, number 7).

    >>> spread_of([3.0, 1.0, 2.0]), spread_of([float(n) for n in range(21)])
    ({'min': 1.0, 'max': 3.0}, {'P5': 1.0, 'P50': 10.0, 'P95': 19.0})
    """
    if len(values) < FEWEST_FOR_QUANTILES:
        return {"min": min(values), "max": max(values)}
    cuts = quantiles(values, n=20, method="inclusive")
    return {"P5": cuts[0], "P50": cuts[9], "P95": cuts[18]}


def beside(pairs: Pairs) -> Beside | None:
    """All that is said of a paradigm beside the first; None where no repeat has both.

    >>> beside([(1.0, 2.0), (2.0, 3.0)]).difference, beside([])
    (Estimate(value=-1.0, low=-1.0, high=-1.0), None)
    """
    if not pairs:
        return None
    difference = mean_of([mine - theirs for mine, theirs in pairs])
    return Beside(len(pairs), difference, ratio_of(pairs), lower_of(pairs))
