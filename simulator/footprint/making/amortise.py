"""How much of a machine's making falls on a time, an owner or a use: linear rules.

    calendar        time / life
    active hours    time at work / (life x share of it in which it works)
    second hand     the first owner bears its part by years, or by what the machine lost in price
    early retirement  the rest of an unfinished life falls on its cause, or its years are fewer for all

Shares may exceed 1: who needs a machine for longer than it lasts needs more than one. What is
said of kilograms of CO2e holds for metals, energy and money alike, for every rule is linear.
Whatever the split, its parts sum to the whole. A year has 365.25 days.
Sources: ISO/IEC 21031:2024 (SCI), M = TE x TS x RS, for the calendar; Luccioni et al. 2022 (BLOOM) for
active hours; ADEME 2022 for second hand.
"""

import math

from simulator.errors import UsageError
from simulator.units import SECONDS_PER_YEAR

CAUSE, SPREAD = "cause", "spread"


def calendar_share(time_s: float, lifetime_y: float) -> float:
    """The part of a machine's making that falls on a time, by the calendar.

    >>> calendar_share(SECONDS_PER_YEAR, lifetime_y=4.0)
    0.25
    """
    return time_s / _life_s(lifetime_y)


def active_share(used_s: float, lifetime_y: float, share: float) -> float:
    """The part that falls on seconds at work, of a machine that works for such a share of its life.

    >>> round(150.0 * active_share(3600.0, lifetime_y=6.0, share=0.85), 6)  # BLOOM: kg for an hour of a GPU
    0.003355
    """
    if not 0.0 < share <= 1.0:
        raise UsageError(
            f"a duty share of {share:g}",
            "a machine works for more than none and at most all of its life",
            "give a share above 0 and up to 1",
        )
    return used_s / (_life_s(lifetime_y) * share)


def first_by_time(first_y: float, second_y: float) -> float:
    """The first owner's part of the making, by years.

    >>> first_by_time(3.0, 2.0)
    0.6
    """
    return first_y * SECONDS_PER_YEAR / _life_s(first_y + second_y)


def first_by_price(price_usd: float, resale_usd: float) -> float:
    """The first owner's part of the making, by what the machine lost in price.

    >>> first_by_price(800.0, resale_usd=280.0)
    0.65
    """
    if not 0.0 <= resale_usd <= price_usd or price_usd == 0.0:
        raise UsageError(
            f"a resale for {resale_usd:g} of a price of {price_usd:g} dollars",
            "a part of the price must be left",
            "give a resale from 0 to the price",
        )
    return (price_usd - resale_usd) / price_usd


def retirement(served_y: float, lifetime_y: float, rule: str = CAUSE) -> tuple[float, float]:
    """What of the making falls on the years that a machine served, and what on the cause of its early end.

    By `spread` all of it falls on the years that it served, which are its life.

    >>> retirement(3.0, lifetime_y=4.0)
    (0.75, 0.25)
    >>> retirement(3.0, lifetime_y=4.0, rule="spread")
    (1.0, 0.0)
    """
    if rule not in (CAUSE, SPREAD):
        raise UsageError(f"early retirement by {rule!r}", "there is no such rule", f"take {CAUSE!r} or {SPREAD!r}")
    served = 1.0 if rule == SPREAD else min(1.0, served_y * SECONDS_PER_YEAR / _life_s(lifetime_y))
    return served, 1.0 - served


def _life_s(lifetime_y: float) -> float:
    """A life in seconds; raises UsageError where there is none to spread the making over."""
    if not 0.0 < lifetime_y < math.inf:
        raise UsageError(
            f"a life of {lifetime_y:g} years", "there is nothing to spread the making over", "give a life above 0 years"
        )
    return lifetime_y * SECONDS_PER_YEAR
