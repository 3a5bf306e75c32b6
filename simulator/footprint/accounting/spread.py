"""How uncertain a factor is: its value at so many standard deviations of luck.

    luck z ~ Normal(0, 1), one for each name of a factor, whatever it multiplies and wherever

    a range [low, high]      value x (high / value)^(z / z95) above the value, value x (low / value)^(-z / z95) below:
                             half a log-normal on each side, median = value, P5 = low, P95 = high
    low is 0 or less, or     triangular(low, value, high) at Phi(z): the value is likeliest, nothing lies beyond
    the value is an end      the ends, and the median is not the value
    low = high = value       the value
    no range                 value x spread_ratio^z, by the confidence of its source
    given, exact             the value: what the scenario says is a choice, not luck

Luck is keyed by (seed, "factor", name), so that one factor in a hundred terms is drawn once, and what is compared
shares it. Assumption: names are independent. A product of two cells (transport as a share of making) is a
name of its own, as uncertain as the extremes of both; two sets' values of one thing have two names.
Source: the rows `spread-*` of the table assumptions; spreads of two halves: Wallis 2014, "The two-piece normal,
binormal, or double Gaussian distribution".
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from simulator.catalogue import find
from simulator.engine.rng import Streams
from simulator.footprint.accounting.term import EXACT, GIVEN
from simulator.footprint.making.factors import Factor
from simulator.record.integrate import Floats

Z95 = 1.6448536269514722
"""Standard deviations below which 95 of 100 normal draws lie."""
CERTAIN = (GIVEN, EXACT)


class Spread(NamedTuple):
    """How unequal figures of a confidence are that have no range, who says so, and how many factors took it."""

    confidence: str
    spread_ratio: float
    source: str
    factors: int


def is_drawn(factor: Factor) -> bool:
    """Whether luck moves a factor at all.

    >>> is_drawn(Factor("grid/fr", 56.0, None, None, "a study", "published"))
    True
    >>> is_drawn(Factor("pue of lab", 1.2, None, None, "the scenario", "given"))
    False
    """
    if factor.confidence in CERTAIN:
        return False
    return factor.value != 0.0 if _range(factor) is None else factor.low != factor.high


def values_at(factor: Factor, z: Floats) -> Floats:
    """What a factor is at so many standard deviations of luck.

    >>> values_at(Factor("card", 100.0, 50.0, 300.0, "a study", "published"), np.array([-Z95, 0.0, Z95])).round(9)
    array([ 50., 100., 300.])
    """
    if not is_drawn(factor):
        return np.full(len(z), factor.value)
    ends = _range(factor)
    if ends is None:
        return np.asarray(factor.value * spread_ratio(factor.confidence) ** z)
    low, high = ends
    if 0.0 < low < factor.value < high:
        return np.asarray(
            factor.value * np.where(z < 0.0, (factor.value / low) ** (z / Z95), (high / factor.value) ** (z / Z95))
        )
    return _triangular(min(low, factor.value), factor.value, max(high, factor.value), z)


def _triangular(low: float, value: float, high: float, z: Floats) -> Floats:
    from scipy.special import ndtr

    share, width = ndtr(z), high - low
    turn = (value - low) / width
    below = low + np.sqrt(share * width * (value - low))
    above = high - np.sqrt((1.0 - share) * width * (high - value))
    return np.asarray(np.where(share < turn, below, above))


def luck(seed: int, name: str, count: int) -> Floats:
    """The luck of a factor in so many draws: the same for its name in any account, the first ones of more."""
    return Streams(seed).generator("factor", name).standard_normal(count)


def spread_ratio(confidence: str) -> float:
    """One standard deviation up over the median, of figures of this confidence that have no range.

    >>> spread_ratio("published")
    1.26
    """
    return find("assumption", f"spread-{confidence}").number("spread_ratio", "correct the row")


def spreads_of(factors: Iterable[Factor]) -> list[Spread]:
    """The spreads that stand in for ranges that these factors do not have, by confidence."""
    bare = [f.confidence for f in {f.name: f for f in factors}.values() if is_drawn(f) and _range(f) is None]
    return [
        Spread(
            name,
            spread_ratio(name),
            find("assumption", f"spread-{name}").source("spread_ratio").source,
            bare.count(name),
        )
        for name in sorted(set(bare))
    ]


def _range(factor: Factor) -> tuple[float, float] | None:
    return None if factor.low is None or factor.high is None else (factor.low, factor.high)
