"""What falls on a time, an owner or a use: published figures, pen and paper, and that parts sum to the whole."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.footprint.making.amortise import (
    active_share,
    calendar_share,
    first_by_price,
    first_by_time,
    retirement,
)

HOUR, YEAR = 3600.0, 365.25 * 86400.0
years = st.floats(0.01, 50.0)


def test_the_making_of_the_machines_of_bloom_is_the_published_11_2_t():
    """Luccioni et al. 2022: 150 kg a GPU, 2500 kg a server of 8, 6 years, 85 % at work, 1 082 990 GPU hours."""
    share_of_an_hour = active_share(HOUR, lifetime_y=6.0, share=0.85)
    tonnes = 1_082_990 * (150.0 + 2500.0 / 8) * share_of_an_hour / 1000
    assert tonnes == pytest.approx(11.2, rel=5e-3)


def test_half_a_life_bears_half_of_the_making_by_the_calendar():
    assert calendar_share(2 * YEAR, lifetime_y=4.0) == 0.5


def test_who_needs_a_machine_for_two_lives_needs_two():
    assert calendar_share(8 * YEAR, lifetime_y=4.0) == 2.0


@given(st.floats(0.0, 1e9), years)
def test_a_machine_that_always_works_wears_by_the_calendar(used_s, lifetime_y):
    assert active_share(used_s, lifetime_y, 1.0) == calendar_share(used_s, lifetime_y)


@given(years, st.floats(0.01, 1.0))
def test_all_the_active_hours_of_a_life_bear_the_whole_making(lifetime_y, share):
    assert active_share(lifetime_y * YEAR * share, lifetime_y, share) == pytest.approx(1.0)


@given(years, years)
def test_owners_of_equal_price_and_years_are_told_apart_by_order_alone(first_y, second_y):
    assert first_by_time(first_y, second_y) + first_by_time(second_y, first_y) == pytest.approx(1.0)


def test_a_server_thrown_away_after_three_of_four_years_leaves_a_quarter_to_the_cause():
    assert retirement(3.0, 4.0) == (0.75, 0.25)


def test_or_its_years_bear_it_all():
    """1/3 of the making a year in place of 1/4."""
    assert retirement(3.0, 4.0, "spread") == (1.0, 0.0)


@given(st.floats(0.0, 100.0), years, st.sampled_from(["cause", "spread"]))
def test_what_was_written_off_and_what_was_borne_before_are_the_making(served_y, lifetime_y, rule):
    borne, written_off = retirement(served_y, lifetime_y, rule)
    assert borne + written_off == 1.0
    assert borne >= 0.0
    assert written_off >= 0.0


def test_what_outlived_its_life_has_nothing_left_to_write_off():
    assert retirement(7.0, 4.0) == (1.0, 0.0)


def test_an_hour_of_a_phone_bears_what_the_published_formula_says():
    """PE / (365 x life x hours a day x 3600) a second; of 84 kg, in years of 365.25 days: 21 g."""
    assert 84.0 * active_share(HOUR, 2.5, 4.38 / 24) == pytest.approx(84.0 / (365.25 * 2.5 * 4.38))


@pytest.mark.parametrize("lifetime_y", [0.0, -1.0, math.inf, math.nan])
def test_no_life_is_a_sentence(lifetime_y):
    with pytest.raises(UsageError, match="nothing to spread the making over; give a life above 0 years"):
        calendar_share(1.0, lifetime_y)


@pytest.mark.parametrize("share", [0.0, 1.1, math.nan])
def test_a_machine_works_for_a_part_of_its_life(share):
    with pytest.raises(UsageError, match="give a share above 0 and up to 1"):
        active_share(1.0, 4.0, share)


@pytest.mark.parametrize(("price", "resale"), [(0.0, 0.0), (100.0, 101.0), (100.0, -1.0)])
def test_a_resale_is_a_part_of_the_price(price, resale):
    with pytest.raises(UsageError, match="give a resale from 0 to the price"):
        first_by_price(price, resale)


def test_by_price_the_first_owner_bears_what_a_phone_lost_in_it():
    """Sold for 34.5 % of its price."""
    assert first_by_price(800.0, 276.0) == pytest.approx(0.655)


def test_a_rule_of_retirement_that_is_none_is_told_those_that_are():
    with pytest.raises(UsageError, match="take 'cause' or 'spread'"):
        retirement(1.0, 4.0, "forget")
