"""Step series of outside quantities are integrated exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.series import Series, always, within

STEPS = st.lists(st.tuples(st.floats(0.1, 100.0), st.floats(0.0, 1000.0)), min_size=1, max_size=20)


def a_series(steps):
    at_s = np.concatenate(([0.0], np.cumsum([length for length, _ in steps])[:-1]))
    return Series(at_s, np.array([value for _, value in steps]), float("inf"))


@given(STEPS, st.floats(0.0, 1500.0))
def test_the_integral_is_the_sum_of_the_steps_up_to_the_moment(steps, at_s):
    series, expected, begin_s = a_series(steps), 0.0, 0.0
    for n, (length_s, value) in enumerate(steps):
        last = n == len(steps) - 1
        expected += value * max(0.0, (at_s if last else min(at_s, begin_s + length_s)) - begin_s)
        begin_s += length_s
    assert series.cumulative(np.array([at_s]))[0] == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_constant_holds_for_ever():
    assert always(5.0).constant
    assert always(5.0).cumulative(np.array([0.0, 1e9])).tolist() == [0.0, 5e9]


def test_only_the_steps_in_force_during_the_run_are_kept_and_the_first_begins_with_it():
    series = Series(np.array([-20.0, -10.0, 5.0, 15.0, 25.0]), np.arange(5.0), 35.0)
    kept = within(series, 15.0)
    assert kept.at_s.tolist() == [0.0, 5.0]
    assert kept.values.tolist() == [1.0, 2.0]


@given(STEPS, st.floats(0.5, 1500.0))
def test_what_is_kept_integrates_to_the_same(steps, end_s):
    series = a_series(steps)
    moment = np.array([end_s])
    assert within(series, end_s).cumulative(moment) == pytest.approx(series.cumulative(moment))


def test_nothing_is_read_before_the_series_begins():
    with pytest.raises(AssertionError, match="before the series begins"):
        Series(np.array([5.0]), np.array([1.0]), 10.0).cumulative(np.array([1.0]))
