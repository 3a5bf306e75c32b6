"""A synthetic year of a grid, hour by hour: sun, wind and demand as waves and luck around a mean of 1.

    level = clip(1 + season + weekend + day + half_day + s (summer_day + summer_half_day) + U1 + U2, low, high)
    wave = share cos(2 pi (x - peak) / period)      s = cos(2 pi (d - 172) / 365.25)
    U(t + 1 h) = e^(-1 h / tau) U(t) + sigma sqrt(1 - e^(-2 h / tau)) N(0, 1)

The season's x is the day of the year d (1 is 1 January), the others' the hour of local standard time that
begins (daylight saving is left out); day 172 is the solstice of June, where the daily waves of summer are
added and those of winter, their opposite, are not. U1 and U2 are Ornstein-Uhlenbeck processes, one of days
(weather) and one of hours. Each year of UTC is scaled so that its mean is exactly 1: years differ in their
hours, never in their means, and U1 and U2 begin anew on each 1 January.

Limits: noise is Gaussian and the same in all seasons; no two grids share their weather. A level is no
forecast and no record of any date. Source: catalogue table grid_shapes.
"""

from datetime import UTC, datetime
from itertools import accumulate
from math import exp, sqrt
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.units import SECONDS_PER_DAY

HOUR_S = 3600.0
YEAR_S = 365.25 * SECONDS_PER_DAY
SOLSTICE_S = 172 * SECONDS_PER_DAY
_FIRST_WEEKDAY = 3
"""1 January 1970 was a Thursday, the fourth day from Monday."""
_SATURDAY = 5


class Wave(NamedTuple):
    """A cosine: its height as a share of the mean, when it is highest, and how long it takes.

    >>> Wave(0.5, 12 * 3600.0, 86400.0).at(np.array([0.0, 8 * 3600.0, 12 * 3600.0])).round(9).tolist()
    [-0.5, 0.25, 0.5]
    """

    share: float
    peak_s: float
    period_s: float

    def at(self, time_s: Floats) -> Floats:
        """Its level at each time."""
        return np.asarray(self.share * np.cos(2 * np.pi * (time_s - self.peak_s) / self.period_s), float)


class Noise(NamedTuple):
    """An Ornstein-Uhlenbeck process: its standard deviation, and how long it remembers."""

    sigma: float
    tau_s: float

    def walk(self, draws: Floats) -> Floats:
        """Its levels an hour apart, from as many standard normal draws; the first is of its stationary law."""
        kept = exp(-HOUR_S / self.tau_s)
        fresh = self.sigma * sqrt(1 - kept**2) * draws
        fresh[0] = self.sigma * draws[0]
        return np.array(list(accumulate(fresh.tolist(), lambda before, new: kept * before + new)))


class Shape(NamedTuple):
    """How a grid goes up and down around a mean of 1."""

    season: Wave
    weekend: Wave
    """Added on Saturdays and Sundays: a wave that never falls."""
    day: tuple[Wave, ...]
    summer_day: tuple[Wave, ...]
    noise: tuple[Noise, ...]
    low: float
    high: float


def pattern(shape: Shape, local_s: Floats, day_of_year: Floats) -> Floats:
    """What it is without luck, without its mean and before it is clipped, around 1.

    `local_s` is local standard time since the first moment of 1970; `day_of_year` goes from 1.
    """
    day_s = day_of_year * SECONDS_PER_DAY
    days = np.floor(local_s / SECONDS_PER_DAY)
    is_weekend = (days + _FIRST_WEEKDAY) % 7 >= _SATURDAY
    summer = np.cos(2 * np.pi * (day_s - SOLSTICE_S) / YEAR_S)
    level = 1.0 + shape.season.at(day_s) + is_weekend * shape.weekend.at(np.zeros(len(days)))
    for wave in shape.day:
        level += wave.at(local_s)
    for wave in shape.summer_day:
        level += summer * wave.at(local_s)
    return np.asarray(level, float)


def hours_of(year: int) -> int:
    """How many hours a calendar year has."""
    return round((datetime(year + 1, 1, 1) - datetime(year, 1, 1)).total_seconds() / HOUR_S)


def levels(shape: Shape, year: int, offset_s: float, luck: np.random.Generator | None) -> Floats:
    """The level of each hour of a calendar year of UTC, of mean 1, where clocks are `offset_s` ahead of UTC.

    Without `luck` it is the pattern alone. A few hours at its ends are of days 0 or 366 (367) there.
    """
    begin_s, hours = datetime(year, 1, 1, tzinfo=UTC).timestamp(), hours_of(year)
    local_s = np.asarray(begin_s + offset_s + HOUR_S * np.arange(hours), float)
    level = pattern(shape, local_s, np.floor((local_s - begin_s) / SECONDS_PER_DAY) + 1.0)
    if luck is not None:
        for noise, draws in zip(shape.noise, luck.standard_normal((len(shape.noise), hours)), strict=True):
            level += noise.walk(draws)
    level = np.clip(level, shape.low, shape.high)
    return np.asarray(level / level.mean(), float)
