"""How much of a machine's making falls on a time, an owner or a use: linear rules, criterion by criterion.

    calendar        time / life
    active hours    time at work / (life x share of it in which it works)
    production      work / work of a life
    second hand     the first owner bears all of the making (cut-off), or its part by years or by what the
                    machine lost in price; the second bears the rest, and the refurbishing
    early retirement  the rest of an unfinished life falls on its cause, or its years are fewer for all
    repair          (making + repairs + refurbishing) / years of the whole life

Shares may exceed 1: who needs a machine for longer than it lasts needs more than one. What is
said of kilograms of CO2e holds for metals, energy and money alike, for every rule is linear.
Whatever the split, its parts sum to the whole. A year has 365.25 days.
Sources: ISO/IEC 21031:2024 (SCI), M = TE x TS x RS, for the calendar; Luccioni et al. 2022 (BLOOM) for
active hours; ADEME 2022 for second hand; Scope3 for a device's second at work,
PE / (365 x life x hours a day x 3600).
"""

import math
from collections.abc import Callable, Mapping, Sequence

from simulator.errors import UsageError
from simulator.footprint.carbon import co2e_kg
from simulator.units import SECONDS_PER_DAY, SECONDS_PER_YEAR

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


def production_share(work_flop: float, lifetime_flop: float) -> float:
    """The part that falls on some work, of a machine that is worn by work and not by years.

    >>> production_share(1e18, lifetime_flop=1e22)
    0.0001
    """
    if lifetime_flop <= 0.0:
        raise UsageError(
            f"a life of {lifetime_flop:g} FLOP", "no work can be a part of it", "give what a life computes"
        )
    return work_flop / lifetime_flop


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


def second_hand(made_kg: float, refurbished_kg: float, share: float = 1.0) -> tuple[float, float]:
    """What the first and the second owner bear; `share` is the first one's part of the making, all of it if cut off.

    >>> second_hand(84.0, 7.0)
    (84.0, 7.0)
    >>> [round(kg, 1) for kg in second_hand(84.0, 7.0, first_by_time(3.0, 2.0))]
    [50.4, 40.6]
    """
    first_kg = made_kg * share
    return first_kg, made_kg - first_kg + refurbished_kg


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


def yearly_kg(
    made_kg: float, lifetime_y: float, repairs_kg: Sequence[float] = (), refurbished_kg: float = 0.0
) -> float:
    """What a year costs of a machine whose life is longer for repairs and for being refurbished; all of its life.

    >>> round(yearly_kg(84.0, 5.0, refurbished_kg=7.0), 6)
    18.2
    """
    return (made_kg + math.fsum(repairs_kg) + refurbished_kg) * SECONDS_PER_YEAR / _life_s(lifetime_y)


def break_even_y(more_kg: float, saved_j: float, gco2e_per_kwh: float) -> float:
    """How many years a new machine must serve to save what its making costs more; `saved_j` is saved each year.

    The old machine's time counts: where it is slower, it draws its watts for longer. Infinite where nothing is saved.

    >>> round(break_even_y(100.0, saved_j=500 * 3.6e6, gco2e_per_kwh=100.0), 6)  # 500 kWh a year, 50 kg a year
    2.0
    """
    saved_kg = co2e_kg(saved_j, gco2e_per_kwh)
    return more_kg / saved_kg if saved_kg > 0.0 else math.inf


def whole_device_j(idle_w: float, active_w: float, busy_s: float, active_s: float) -> float:
    """All that a user's device draws while it is busy: somebody holds it for this and for nothing else."""
    return active_w * busy_s


def marginal_j(idle_w: float, active_w: float, busy_s: float, active_s: float) -> float:
    """What the work adds to a device that would be on anyway."""
    return (active_w - idle_w) * busy_s


def time_share_j(idle_w: float, active_w: float, busy_s: float, active_s: float) -> float:
    """The same, and its part of what the device draws at rest day and night, by its seconds of use.

    A day's uses bear together what the device draws in the day.
    """
    return marginal_j(idle_w, active_w, busy_s, active_s) + idle_w * SECONDS_PER_DAY * busy_s / active_s


DEVICE_RULES: Mapping[str, Callable[[float, float, float, float], float]] = {
    "whole-device": whole_device_j,
    "marginal": marginal_j,
    "time-share": time_share_j,
}
"""Joules of a user's device by watts at rest and in use, seconds busy, and seconds a day that it is in use."""


def device_share(busy_s: float, lifetime_y: float, active_s: float) -> float:
    """The part of a user's device that falls on busy seconds, if it is in use for so many seconds a day.

    >>> round(84e3 * device_share(60.0, lifetime_y=2.5, active_s=4.38 * 3600), 2)  # grams a minute of a phone
    0.35
    """
    return active_share(busy_s, lifetime_y, active_s / SECONDS_PER_DAY)


def _life_s(lifetime_y: float) -> float:
    """A life in seconds; raises UsageError where there is none to spread the making over."""
    if not 0.0 < lifetime_y < math.inf:
        raise UsageError(
            f"a life of {lifetime_y:g} years", "there is nothing to spread the making over", "give a life above 0 years"
        )
    return lifetime_y * SECONDS_PER_YEAR
