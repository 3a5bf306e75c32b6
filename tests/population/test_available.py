"""When users may be selected: shares by pen and paper in each city's own time, luck that adds up, what cannot be."""

from datetime import UTC, datetime
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import PHONES

from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.population.available import Diurnal, find_diurnal, swing
from simulator.population.crowd import Crowd
from simulator.population.presence import Whole, build_presence, eligible_shares
from simulator.population.spec import Population

WINTER = datetime(2025, 1, 6, tzinfo=UTC)
WORLD = {"places": {"paris": 0.5, "tokyo": 0.25, "new-york": 0.25}}
UTC_OF_3_LOCAL_H = {"paris": 2.0, "tokyo": 18.0, "new-york": 8.0}
"""Three in the morning there, in winter, by UTC: one hour ahead, nine ahead, five behind."""
QUARTERS_S = np.arange(96) * 900.0


def spec(**fields):
    return Population.model_validate({**PHONES, **fields})


def crowd(start=WINTER, **fields):
    return Crowd("phones", spec(**fields), Streams(1), Clock(start))


def diurnal(**fields):
    return {"kind": "diurnal", "mean": 0.3, "night_over_day": 4, "peak": "3 h", **fields}


def sentences(**fields):
    return [fault.sentence for fault in spec(**fields).faults()]


def test_nights_are_four_times_the_days_at_three_in_the_morning_of_each_city():
    """0.3 x 1.6 = 0.48 at the peak, 0.3 x 0.4 = 0.12 twelve hours later."""
    users = crowd(**WORLD, available="nights")
    presence = build_presence(users)
    shares = np.array([presence.shares(at_s) for at_s in QUARTERS_S.tolist()])
    assert shares.max(axis=0) == pytest.approx([0.48] * 3)
    assert shares.max(axis=0) / shares.min(axis=0) == pytest.approx([4.0] * 3)
    assert shares.mean(axis=0) == pytest.approx([0.3] * 3)
    peaks_h = dict(zip(users.cities, (shares.argmax(axis=0) / 4).tolist(), strict=True))
    assert peaks_h == UTC_OF_3_LOCAL_H


def test_in_summer_the_peak_of_paris_is_an_hour_earlier_by_utc_and_that_of_tokyo_is_not():
    presence = build_presence(crowd(datetime(2025, 7, 7, tzinfo=UTC), **WORLD, available="nights"))
    shares = np.array([presence.shares(at_s) for at_s in QUARTERS_S.tolist()])
    assert (shares.argmax(axis=0) / 4).tolist() == [1.0, 18.0, 7.0]


def test_a_share_is_a_step_that_lasts_a_quarter_of_an_hour_of_the_clock():
    """The run begins 100 s after a quarter: the next begins 800 s later."""
    presence = build_presence(crowd(datetime(2025, 1, 6, 12, 1, 40, tzinfo=UTC), available="nights"))
    assert [presence.next_s(at_s) for at_s in (0.0, 799.0, 800.0)] == [800.0, 800.0, 1700.0]
    assert presence.shares(0.0) == presence.shares(799.9)
    assert presence.shares(800.0) != presence.shares(799.9)


@given(st.floats(0.0, 1e13), st.integers(0, 86_400_000_000))
def test_the_next_change_is_later_whenever_one_asks(at_s, microseconds):
    start = datetime.fromtimestamp(1.7e9 + microseconds / 1e6, UTC)
    presence = build_presence(crowd(start, available="nights"))
    assert at_s < presence.next_s(at_s) <= at_s + 900.0 + 1e-2
    assert 0.12 * (1 - 1e-9) <= presence.shares(at_s)[0] <= 0.48 * (1 + 1e-9)


def test_as_many_are_there_as_the_share_says():
    """Of 1000 users 0.3, drawn 400 times: within 5 sd of the mean of 300."""
    presence = build_presence(crowd(available=diurnal(night_over_day=1)))
    none = np.zeros(0, np.int64)
    found = [int(presence.pool(turn, 0.0).numbers(none).sum()) for turn in range(400)]
    assert abs(np.mean(found) - 300) < 5 * (1000 * 0.3 * 0.7 / 400) ** 0.5
    assert np.std(found) == pytest.approx((1000 * 0.3 * 0.7) ** 0.5, rel=5 / 800**0.5)


def test_who_is_there_is_the_same_for_all_who_ask_in_one_round_and_quarter_and_other_in_another():
    presence, none = build_presence(crowd(count=100_000, available="nights")), np.zeros(0, np.int64)
    first, again, later, other = (
        int(presence.pool(turn, at_s).numbers(none).sum())
        for turn, at_s in ((0, 0.0), (0, 899.0), (0, 900.0), (1, 0.0))
    )
    assert first == again
    assert len({first, later, other}) == 3


def test_what_a_device_must_be_multiplies_the_share_and_leaves_lines_out():
    """0.5 x 0.4 of those on wifi, nobody on 4G, which is paid by volume."""
    users = crowd(access={"wifi": 0.5, "4g": 0.5}, eligible={"charging": 0.5, "idle": 0.4, "unmetered": True})
    assert eligible_shares(users) == pytest.approx([0.2, 0.0])
    assert build_presence(users).next_s(0.0) == 900.0
    half = crowd(eligible={"charging": 0.5}, available=diurnal())
    assert build_presence(half).shares(2 * 3600.0) == pytest.approx([0.5 * 0.48])


def test_who_is_always_there_needs_no_clock():
    presence = build_presence(Crowd("phones", spec(), Streams(1)))
    assert isinstance(presence, Whole)
    assert presence.next_s(0.0) == inf
    assert presence.off_s(np.arange(3), 0.0).tolist() == [inf] * 3


def test_unmetered_lines_alone_are_all_that_are_asked_where_nothing_else_is():
    presence = build_presence(crowd(access={"wifi": 0.5, "4g": 0.5}, eligible={"unmetered": True}))
    assert presence.pool(0, 0.0).numbers(np.zeros(0, np.int64)).tolist() == [500, 0]


def test_nights_have_the_values_of_the_catalogue():
    assert find_diurnal(spec(available="nights").available) == Diurnal.model_validate(diurnal())
    assert find_diurnal(spec(available="always").available) is None


def test_what_is_assumed_of_nights_and_lines_is_listed_where_devices_learn():
    nights = ["client-availability", "client-availability-night", "client-availability-peak"]
    users = crowd(access={"4g": 0.5, "wifi": 0.5}, available="nights", eligible={"unmetered": True})
    assert list(users.assumptions("compute")) == [*nights, "access/4g/metered_share"]
    assert list(crowd(available="nights").assumptions("up")) == list(crowd().assumptions("up"))
    assert list(crowd().assumptions("compute")) == []


@given(st.floats(1.0, 100.0))
def test_the_swing_gives_the_ratio_back(ratio):
    assert (1 + swing(ratio)) / (1 - swing(ratio)) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"mean": 0.63}, "is 1.01 of the devices at the peak, more than all; give at most 0.625"),
        ({"peak": "24 h"}, "is the time since midnight, below 24 h"),
    ],
)
def test_hours_that_cannot_be_are_refused(said, told):
    assert [fault.sentence for fault in Diurnal.model_validate(diurnal(**said)).faults()] == [told]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"access": {"4g": 0.5, "5g": 0.5}, "eligible": {"unmetered": True}},
            "all lines of `access` are paid by volume",
        ),
        ({"available": {"kind": "trace", "file": "on.csv"}, "eligible": {"idle": 0.5}}, "the trace says already when"),
        ({"speed_with_samples": 0.5, "samples_zipf": 1}, "all users have the same speed"),
        ({"speed_with_samples": 0.5, "speed_spread": 2}, "all users have the same samples"),
    ],
)
def test_users_whom_nobody_can_select_and_laws_that_say_nothing_are_refused(fields, told):
    (sentence,) = sentences(**fields)
    assert sentence.startswith(told)


def test_two_laws_of_samples_are_refused():
    (fault,) = Population.presence_faults({"samples_spread": 2, "samples_zipf": 1})
    assert fault.sentence == "`samples_spread` says already how unequal the samples are; keep one of them"
    assert list(Population.presence_faults({"samples_zipf": 1})) == []


def test_a_correlation_beyond_one_is_refused():
    with pytest.raises(ValidationError, match=r"must lie between -1 and 1, found 1\.5"):
        spec(speed_with_samples=1.5)
