"""Which of two figures is the lower: what is a tie, and how sure a share of wins is.

The interval of a share is Wilson's (1927, "Probable inference"), good for few trials too (Brown, Cai & DasGupta 2001,
"Interval estimation for a binomial proportion"); ties vary less than wins, so that with them it is rather too wide.
"""

from math import isclose, sqrt
from statistics import NormalDist

TIE = 1e-9
"""Two figures whose difference is less than this share of the larger are the same, but for rounding."""

LEVEL_SHARE = 0.95
"""How often an interval holds what it is of."""


def is_same(value: float, ours: float) -> bool:
    """Whether two figures are equal but for rounding."""
    return isclose(value, ours, rel_tol=TIE)


def share_ends(share: float, count: int) -> tuple[float, float]:
    """The ends of the 95 % interval of a share of so many trials, which hold the share itself.

    >>> share_ends(0.75, 2)
    (0.197..., 0.973...)
    """
    z = NormalDist().inv_cdf(0.5 + 0.5 * LEVEL_SHARE)
    centre, whole = share + z**2 / (2 * count), 1 + z**2 / count
    half = z * sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    low, high = (centre - half) / whole, (centre + half) / whole  # rounding may put them just within the share
    return max(0.0, min(share, low)), min(1.0, max(share, high))
