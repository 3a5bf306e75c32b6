"""Excess power of places: how much there is, whom it carries, and what of a round it carried."""

from datetime import UTC, datetime
from itertools import pairwise, product
from math import inf, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PHONES, a_federate_scenario, run

from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.population.allotment import Blocks, find_allotment
from simulator.population.cohort import Rules
from simulator.population.crowd import Crowd
from simulator.population.excess import Excess
from simulator.population.pool import Lucky, Seen
from simulator.population.selection_excess import ByExcess, Excessive
from simulator.population.session import Sizes
from simulator.population.spec import Population

HOUR_S = 3600.0
MIDNIGHT = Clock(datetime(2025, 6, 21, tzinfo=UTC))
PARIS_S = 2.35 / 360 * 86400
"""By which the sun is earlier in Paris than in Greenwich."""


def a_roof(peak_w=800.0):
    """What Paris has, and the moment of midnight by its sun."""
    return Excess({"paris": peak_w}, ("paris",), MIDNIGHT), -PARIS_S


def there_j(excess, from_s, to_s):
    (found_j,) = excess.energy_j(from_s, to_s)
    return float(found_j)


def test_a_peak_yields_half_of_its_day_before_noon_and_nothing_at_night():
    """800 W x 12 h / pi = 3.06 kWh from 6 h to 12 h."""
    excess, midnight_s = a_roof()
    at_s = [midnight_s + hour * HOUR_S for hour in (0.0, 6.0, 12.0, 18.0, 24.0)]
    halves_j = [there_j(excess, *pair) for pair in pairwise(at_s)]
    assert halves_j == pytest.approx([0.0, 800 * 12 * HOUR_S / pi, 800 * 12 * HOUR_S / pi, 0.0], abs=1e-6)
    assert there_j(excess, at_s[2] - 30.0, at_s[2] + 30.0) == pytest.approx(800 * 60.0, rel=1e-5)


def test_the_sun_comes_four_minutes_later_a_degree_westward():
    """From Paris (2.35 deg) to New York (-74.01 deg): 18326 s."""
    excess = Excess({"paris": 1.0, "New-York": 1.0}, ("paris", "new-york"), MIDNIGHT)
    paris_j, new_york_j = (excess.energy_j(at_s, at_s + HOUR_S) for at_s in (30_000.0, 30_000.0 + 76.36 * 240))
    assert new_york_j[1] == pytest.approx(paris_j[0], rel=1e-9)
    assert Excess({"paris": 1.0}, ("paris", "new-york"), MIDNIGHT).energy_j(0.0, 86400.0)[1] == 0.0


@given(st.lists(st.floats(0.0, 1e7), min_size=3, max_size=3).map(sorted))
def test_what_there_is_adds_up_and_is_at_most_the_peak(at_s):
    excess, _ = a_roof(1.0)
    first_j, second_j = there_j(excess, *at_s[:2]), there_j(excess, *at_s[1:])
    assert first_j + second_j == pytest.approx(there_j(excess, at_s[0], at_s[2]), abs=1e-3)
    assert -1e-3 <= first_j <= at_s[1] - at_s[0] + 1e-3


def test_what_is_drawn_beyond_the_excess_is_not_carried_by_it():
    """An hour about noon and one at midnight, 1600 W each: half of the first, but for the bend of the sine."""
    excess, midnight_s = a_roof()
    for middle_h in (12.0, 24.0):
        middle_s = midnight_s + middle_h * HOUR_S
        edges_s = np.array([middle_s - HOUR_S / 2, middle_s + HOUR_S / 2])
        excess.take("learn", edges_s, np.array([[1600.0 * HOUR_S]]))
    (took,) = excess.took()
    assert took[:3] == ("learn", "paris", pytest.approx(2 * 1600 * HOUR_S))
    assert took.excess_j == pytest.approx(800 * HOUR_S, rel=0.004)
    assert took.excess_j < 800 * HOUR_S


def carried(blocks, excess_j, numbers):
    """The utility of what excess carries of so many of each block, -inf where it does not carry the least."""
    carries, left_j = np.array(numbers) * blocks.least_share, np.array(excess_j, float)
    np.subtract.at(left_j, blocks.place, carries * blocks.need_j)
    if (left_j < -1e-9).any():
        return -inf
    for n in np.argsort(-blocks.utility / blocks.need_j, kind="stable").tolist():
        more = min(numbers[n] - carries[n], max(0.0, left_j[blocks.place[n]]) / blocks.need_j[n])
        carries[n] += more
        left_j[blocks.place[n]] -= more * blocks.need_j[n]
    return float(blocks.utility @ carries)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_other_numbers_are_more_useful(data):
    """Against all there are, of three blocks in two places."""

    def whole(low, high):
        return np.array(data.draw(st.lists(st.integers(low, high), min_size=3, max_size=3)))

    least = whole(1, 4) / 4.0
    blocks = Blocks(whole(0, 3), whole(1, 9) / 1.0, whole(1, 9) * 10.0, least, np.array([0, 0, 1]))
    excess_j, asked = np.array(data.draw(st.tuples(*[st.integers(0, 150)] * 2)), float), data.draw(st.integers(1, 6))
    every = [n for n in product(*(range(there + 1) for there in blocks.there.tolist())) if sum(n) == asked]
    best = max((carried(blocks, excess_j, list(n)) for n in every), default=-inf)
    found = find_allotment(blocks, excess_j, asked)
    if found is None:
        assert best == -inf
    else:
        assert found.sum() == asked
        assert carried(blocks, excess_j + 1e-6, found.tolist()) == pytest.approx(best, abs=1e-4)


RULES = Rules(10, 10, inf, 0.0, Sizes(0.0, 0.0), 10.0, 360.0, epochs=2.0)
"""An hour of 2.5 W a phone: 9 kJ."""


def a_rule(least_epochs=2.0, rules=RULES, **phones):
    """The rule for phones of which half are in Paris and half in Tokyo, 0.1 W at noon for each of a thousand."""
    fields = {"places": {"paris": 0.5, "tokyo": 0.5}, "excess": {"paris": "50 W", "tokyo": "50 W"}, **phones}
    crowd = Crowd("phones", Population.model_validate({**PHONES, **fields}), Streams(1), MIDNIGHT)
    return crowd, Excessive(ByExcess(kind="excess", least_epochs=least_epochs), crowd, rules)


def chosen(crowd, rule, at_s, asked=10, turn=0):
    everybody = Lucky(crowd.blocks, np.ones(len(crowd.blocks)), Streams(1).generator("pool"))
    return rule.choose(everybody, Streams(1).generator("test", "", turn), asked, at_s)


def test_those_are_taken_where_the_sun_shines():
    """Noon in Paris is evening in Tokyo, and the other way round at 3 h UTC."""
    crowd, rule = a_rule()
    for at_s, block in ((11.5 * HOUR_S, 0), (2.5 * HOUR_S, 1)):
        users = chosen(crowd, rule, at_s)
        assert set(crowd.block_of(users).tolist()) == {block}
        assert len(set(users.tolist())) == 10


def test_as_many_are_taken_as_excess_carries_or_nobody():
    """About noon 50 W carry 20 phones that draw 2.5 W, but for the bend of the sine; half of the epochs of 38."""
    for least_epochs, most in ((2.0, 19), (1.0, 39)):
        crowd, rule = a_rule(least_epochs, excess={"paris": "50 W"})
        numbers = [len(chosen(crowd, rule, 11.34 * HOUR_S, asked)) for asked in (most, most + 2)]
        assert numbers == [most, 0]


def test_it_is_asked_again_each_quarter_of_an_hour_for_a_week():
    crowd, rule = a_rule(excess={"paris": "1 W"})
    assert len(chosen(crowd, rule, 0.0)) == 0
    assert [rule.next_s(at_s) for at_s in (0.0, 6.9 * 86400, 7 * 86400)] == [900.0, 6.9 * 86400 + 900.0, inf]
    assert len(chosen(crowd, rule, 11.5 * HOUR_S, asked=0)) == 0


def test_the_more_useful_are_taken_of_those_whom_it_carries():
    """At 7 h UTC it is morning in Paris and afternoon in Tokyo: both have enough for five."""
    crowd, rule = a_rule()
    rule.saw(np.array([0, 999]), np.ones(2), np.array([1.0, 1.5]))
    assert set(crowd.block_of(chosen(crowd, rule, 7.0 * HOUR_S, 3)).tolist()) == {1}
    rule.saw(np.array([1, 0]), np.ones(2), np.array([3.0, 2.0]))
    assert rule.utility().tolist() == [2.5, 1.5]
    assert set(crowd.block_of(chosen(crowd, rule, 7.0 * HOUR_S, 3)).tolist()) == {0}


def test_phones_that_draw_nothing_are_carried_at_night():
    still = {"compute": "1 W", "receive": "1 W", "send": "1 W", "idle": "1 W"}
    crowd, rule = a_rule(power=still, excess={"paris": "1 W"})
    assert len(chosen(crowd, rule, 0.0)) == 10


def test_of_places_that_are_as_good_luck_takes_one():
    crowd, rule = a_rule()
    first = {int(crowd.block_of(chosen(crowd, rule, 7.0 * HOUR_S, 1, turn))[0]) for turn in range(20)}
    assert first == {0, 1}


def test_who_is_not_there_is_not_taken():
    crowd, rule = a_rule()
    few = Seen(crowd.blocks, np.array([3, 700]))
    assert rule.choose(few, Streams(1).generator("test"), 10, 7.0 * HOUR_S).tolist() == [3, 700]


SUNNY = {"count": 100, "excess": {"paris": "200 W"}}
BY_EXCESS = {"cohort": 10, "selection": {"kind": "excess", "least_epochs": 1}}


def test_a_learning_that_begins_at_night_waits_for_the_sun():
    """Ten phones draw 25 W while they compute, which 200 W at noon are from half past six on by the sun of Paris."""
    result = run(a_federate_scenario(BY_EXCESS, SUNNY, start="2025-06-21T00:00+00:00"))
    begins_s = [row["begin_s"] for row in result.table("rounds").to_pylist()]
    assert 6 * HOUR_S <= begins_s[0] < 7 * HOUR_S
    assert begins_s[0] % 900.0 == 0.0
    assert "users or links" in {event["cause"] for event in result.table("events").to_pylist()}


def test_a_learning_that_excess_never_carries_ends_unfinished():
    phones = {**SUNNY, "excess": {"paris": "1 W"}}
    result = run(a_federate_scenario(BY_EXCESS, phones, start="2025-06-21T00:00+00:00"))
    (job,) = result.jobs.to_pylist()
    assert job["status"] == "unfinished"
    assert result.table("rounds").num_rows == 0


def test_all_that_devices_draw_is_told_with_what_excess_carried():
    """At night nothing is; where the crowd has excess there is a row whatever the rule, and the meter says the same."""
    result = run(a_federate_scenario({"cohort": 10}, SUNNY, start="2025-06-21T00:00+00:00"))
    (row,) = result.table("excess").to_pylist()
    boundaries = result.summary["paradigms"]["main"]["boundaries"]
    assert row["place"] == "phones/paris"
    assert row["drawn_j"] > 0.0
    assert row["grid_j"] == row["drawn_j"]
    assert boundaries["devices"]["energy_j"] - boundaries["network"]["energy_j"] == pytest.approx(row["drawn_j"])
    assert run(a_federate_scenario({"cohort": 10}, {"count": 100})).table("excess").num_rows == 0
