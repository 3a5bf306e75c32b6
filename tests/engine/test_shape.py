"""Synthetic years of a grid: waves by pen and paper, a mean that holds, noise of the law that it names."""

from datetime import UTC, datetime
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.rng import Streams
from simulator.engine.shape import HOUR_S, YEAR_S, Noise, Shape, Wave, hours_of, levels, pattern

DAY_S = 86400.0
PLAIN = Shape(
    season=Wave(0.2, 172 * DAY_S, YEAR_S),
    weekend=Wave(-0.1, 0.0, float("inf")),
    day=(Wave(0.5, 12 * HOUR_S, DAY_S), Wave(0.0, 0.0, DAY_S / 2)),
    summer_day=(Wave(0.1, 12 * HOUR_S, DAY_S), Wave(0.0, 0.0, DAY_S / 2)),
    noise=(Noise(0.3, 50 * HOUR_S), Noise(0.1, 2 * HOUR_S)),
    low=0.4,
    high=1.6,
)


def level_at(shape, date):
    """The pattern at a local hour."""
    moment = np.array([date.replace(tzinfo=UTC).timestamp()])
    return float(pattern(shape, moment, np.array([float(date.timetuple().tm_yday)]))[0])


@pytest.mark.parametrize(
    ("date", "level"),
    [
        (datetime(2025, 6, 21, 12), 1.7),  # Saturday, day 172: 1 + 0.2 - 0.1 + 0.5 + 0.1
        (datetime(2025, 6, 21, 18), 1.1),  # the daily waves are at 0: 1 + 0.2 - 0.1
        (datetime(2025, 6, 21, 0), 0.5),  # 1 + 0.2 - 0.1 - 0.5 - 0.1
        (datetime(2024, 6, 20, 12), 1.8),  # Thursday, day 172 of a leap year: no weekend
    ],
)
def test_the_pattern_is_the_sum_of_its_waves(date, level):
    assert level_at(PLAIN, date) == pytest.approx(level)


def test_a_weekend_is_saturday_and_sunday():
    """19 to 23 June 2025 at noon: 1.8, less 0.1 on the 21st and the 22nd."""
    found = [level_at(PLAIN, datetime(2025, 6, day, 12)) for day in range(19, 24)]
    assert found == pytest.approx([1.8, 1.8, 1.7, 1.7, 1.8], abs=1e-3)


def test_half_a_year_from_the_solstice_the_daily_waves_of_summer_are_turned_round():
    """172 + 182.625 days: s = -1, so at noon 1 - 0.2 + 0.5 - 0.1 = 1.2 (a Monday)."""
    moment = np.array([datetime(2025, 12, 22, 12, tzinfo=UTC).timestamp()])
    assert pattern(PLAIN, moment, np.array([172 + 182.625])) == pytest.approx(1.2)


@given(st.integers(1971, 2099), st.sampled_from([-28800.0, 0.0, 19800.0]), st.integers(0, 1000) | st.none())
@settings(max_examples=20)
def test_every_calendar_year_has_the_mean_1(year, offset_s, seed):
    luck = None if seed is None else Streams(seed).generator("weather")
    found = levels(PLAIN, year, offset_s, luck)
    assert len(found) == (8784 if year % 4 == 0 else 8760) == hours_of(year)  # 2000 is a leap year too
    assert abs(found.mean() - 1.0) < 1e-9
    assert found.max() / found.min() <= 1.6 / 0.4 * (1 + 1e-12)


def test_clocks_ahead_of_utc_see_the_same_hour_earlier():
    """Noon of a place an hour ahead is 11 h of UTC."""
    here, east = (levels(PLAIN, 2025, offset_s, None) for offset_s in (0.0, HOUR_S))
    noon = 24 * 7 + 12
    assert east[noon - 1] / east[noon + 11] == pytest.approx(here[noon] / here[noon + 12], rel=1e-6)


def test_noise_has_its_standard_deviation_and_forgets_as_fast_as_it_says():
    """Of 200 000 hours with tau 10 h: sd 0.2, correlation e^(-0.1) from hour to hour, e^(-1) over ten."""
    walk = Noise(0.2, 10 * HOUR_S).walk(Streams(5).generator("noise").standard_normal(200_000))
    assert walk.std() == pytest.approx(0.2, rel=0.03)
    assert np.corrcoef(walk[1:], walk[:-1])[0, 1] == pytest.approx(exp(-0.1), rel=0.01)
    assert np.corrcoef(walk[10:], walk[:-10])[0, 1] == pytest.approx(exp(-1), rel=0.1)


def test_a_walk_follows_its_recursion_by_hand():
    """sd 2, tau such that half is kept: 2 x 1 = 2, then 2 / 2 + 2 sqrt(3/4) x (-1) = 1 - sqrt 3."""
    noise = Noise(2.0, HOUR_S / np.log(2.0))
    assert noise.walk(np.array([1.0, -1.0])) == pytest.approx([2.0, 1.0 - 3**0.5])
