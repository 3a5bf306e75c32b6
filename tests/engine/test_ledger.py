"""The ledger integrates what it is told, exactly, and keeps every change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_ledger, finite_w, power_steps, times_s, wait

from simulator.engine.ledger import Channel


def test_two_levels_integrate_to_their_rectangles():
    """100 W for 10 s, then 50 W for 4 s: 1200 J."""
    env, ledger = a_ledger()
    channel = ledger.channel("a", "job", "compute")
    ledger.set(channel, 100.0)
    wait(env, 10.0)
    ledger.set(channel, 50.0)
    wait(env, 4.0)
    assert ledger.integral(channel) == 1200.0


def test_a_channel_is_found_again_by_its_four_names():
    _, ledger = a_ledger()
    first = ledger.channel("a", "job", "compute")
    assert ledger.channel("a", "job", "compute") == first
    assert ledger.channel("a", "job", "compute", "rate_bps") != first
    assert ledger.channels[first] == Channel("a", "job", "compute", "power_w")


@given(power_steps())
def test_the_integral_is_the_sum_of_rectangles(steps):
    env, ledger = a_ledger()
    channel = ledger.channel("a", "job", "compute")
    expected_j = power_w = 0.0
    for time_s, next_w in steps:
        before_s = env.now
        wait(env, time_s)
        expected_j += power_w * (env.now - before_s)  # the clock rounds the shortest waits
        power_w = next_w
        ledger.set(channel, power_w)
    assert ledger.integral(channel) == pytest.approx(expected_j, rel=1e-9, abs=1e-9)


@given(power_steps(), st.integers(0, 30))
def test_saying_the_same_power_twice_is_free(steps, at):
    env, ledger = a_ledger()
    channel = ledger.channel("a", "job", "compute")
    for number, (time_s, power_w) in enumerate(steps):
        wait(env, time_s)
        ledger.set(channel, power_w)
        if number == at:
            before = len(ledger), ledger.integral(channel)
            ledger.set(channel, power_w)
            assert (len(ledger), ledger.integral(channel)) == before


@given(st.lists(st.tuples(times_s, st.integers(0, 3), finite_w), max_size=40))
def test_extending_by_arrays_is_setting_one_by_one(rows):
    rows.sort(key=lambda row: row[0])
    env, one_by_one = a_ledger()
    other_env, at_once = a_ledger()
    for ledger in (one_by_one, at_once):
        for n in range(4):
            ledger.channel(f"a{n}", "job", "compute")
    for at_s, channel, value in rows:
        if at_s > env.now:
            env.run(until=at_s)
        one_by_one.set(channel, value)
    columns = [np.array(column) for column in zip(*rows, strict=True)] if rows else [np.zeros(0)] * 3
    at_once.extend(columns[0], columns[1].astype(np.int32), columns[2])
    env.run(until=2e5)
    other_env.run(until=2e5)
    for n in range(4):
        assert at_once.integral(n) == pytest.approx(one_by_one.integral(n), rel=1e-9, abs=1e-6)
        assert at_once.level(n) == one_by_one.level(n)


def test_an_array_that_goes_back_in_time_is_a_bug():
    _, ledger = a_ledger()
    channel = ledger.channel("a", "job", "compute")
    with pytest.raises(AssertionError, match="goes back in time"):
        ledger.extend(np.array([2.0, 1.0]), np.array([channel, channel], np.int32), np.array([1.0, 2.0]))


def test_the_log_is_in_order_of_time_and_equal_times_keep_theirs():
    env, ledger = a_ledger()
    a, b = ledger.channel("a", "job", "compute"), ledger.channel("b", "job", "compute")
    wait(env, 5.0)
    ledger.set(a, 1.0)
    ledger.set(b, 2.0)
    ledger.set(a, 3.0)
    late = ledger.channel("c", "job", "idle")
    ledger.extend(np.array([1.0]), np.array([late], np.int32), np.array([4.0]))
    log = list(zip(*ledger.changes(), strict=True))
    assert log == [(1.0, late, 4.0), (5.0, a, 1.0), (5.0, b, 2.0), (5.0, a, 3.0)]


def test_a_change_costs_at_most_25_bytes():
    _, ledger = a_ledger()
    channel = ledger.channel("a", "job", "compute")
    for n in range(100_000):
        ledger.set(channel, float(n % 2 + 1))
    size_bytes = sum(
        column.buffer_info()[1] * column.itemsize for column in (ledger._at_s, ledger._channel, ledger._value)
    )
    assert size_bytes / len(ledger) <= 25
