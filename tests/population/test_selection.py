"""Whom a round takes: all alike as ever, those who bring most, those whose electricity is cleanest."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from strategies import PHONES, a_federate_scenario, a_season

from simulator.catalogue import find
from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.engine.series import Series, always
from simulator.population.cohort import Cohorts, Rules
from simulator.population.crowd import Crowd
from simulator.population.pool import Lucky, Seen
from simulator.population.selection import RANDOM, SELECTIONS, Selection, build_selector
from simulator.population.session import Sizes
from simulator.population.spec import Population
from simulator.population.utility import ByUtility, highest

CLOCK = Clock(datetime(2025, 1, 6, tzinfo=UTC))
TWO = {"places": {"warsaw": 0.5, "paris": 0.5}}
UTILITY = {"kind": "utility", "exploration": 0.1, "preferred": "10 s", "exponent": 2}


def crowd(**fields):
    return Crowd("phones", Population.model_validate({**PHONES, **fields}), Streams(1), CLOCK)


def draw(turn=0):
    return Streams(1).generator("test", "", turn)


def everybody(users):
    return Lucky(users.blocks, np.ones(len(users.blocks)), draw())


def selector(said, users, grids=()):
    rules = Rules(10, 10, 60.0, 0.0, Sizes(1.0, 1.0), 10.0, 1.0)
    return build_selector(TypeAdapter(Selection).validate_python(said), users, grids, rules)


def season_of(rule="random", learning=None, **phones):
    """A season, and the cohorts of the same learning whose phones are not always there, or chosen by a rule."""
    season = a_season(a_federate_scenario(learning, {key: phones[key] for key in phones if key == "places"}))
    users = Crowd("phones", Population.model_validate({**PHONES, **phones}), Streams(0), CLOCK)
    world = season.world
    return users, Cohorts(users, season.ways, world.traffic, world.streams, season.rules, selector(rule, users))


def test_where_all_are_always_there_the_same_users_are_taken_as_ever():
    """A golden: the first two rounds of seed 0, by the draws of before there was any rule."""
    season = a_season(a_federate_scenario())
    rounds = [season.cohorts.find_play(turn).users.tolist() for turn in (0, 1)]
    assert rounds == [
        [49, 163, 214, 245, 368, 397, 532, 547, 587, 933],
        [17, 29, 401, 427, 429, 476, 603, 679, 785, 982],
    ]


def test_a_round_at_night_has_as_many_as_one_of_all_and_others():
    """Of the users of two places other numbers are there, so that the split is another."""
    places = {"places": {"paris": 0.5, "oslo": 0.5}}
    (_, at_night), (_, always_there) = season_of(available="nights", **places), season_of(**places)
    users = [at_night.find_play(turn, at_s=0.0).users.tolist() for turn in range(5)]
    assert [len(set(found)) for found in users] == [10] * 5
    assert users != [always_there.find_play(turn).users.tolist() for turn in range(5)]
    assert at_night.find_play(0, at_s=899.0).users.tolist() == users[0]


def test_of_few_users_all_who_are_there_are_taken_and_nobody_where_none_is():
    """Eight users of whom 0.3 are there at a time: 0 to 8, never more, and 0.7^8 = 6 % of the time nobody."""
    still = {"kind": "diurnal", "mean": 0.3, "night_over_day": 1, "peak": "3 h"}
    _, cohorts = season_of(count=8, available=still)
    found = [cohorts.find_play(turn, at_s=0.0) for turn in range(300)]
    numbers = [0 if played is None else len(played.users) for played in found]
    assert np.mean(numbers) == pytest.approx(2.4, abs=5 * (8 * 0.3 * 0.7 / 300) ** 0.5)
    assert {cohorts.find_next_s(turn, 0.0) for turn in range(300) if numbers[turn] == 0} == {900.0}
    assert {cohorts.find_next_s(turn, 0.0) for turn in range(300) if numbers[turn]} == {None}


def test_who_is_there_cannot_be_told_without_the_moment():
    _, cohorts = season_of(available="nights")
    with pytest.raises(AssertionError, match="who is selected depends on the moment"):
        cohorts.find_play(0)


def test_every_rule_has_the_name_that_its_spec_has():
    assert {kind: spec.model_fields["kind"].annotation.__args__ for kind, (spec, _) in SELECTIONS.items()} == {
        kind: (kind,) for kind in SELECTIONS
    }
    assert TypeAdapter(Selection).validate_python("random") == RANDOM


def test_carbon_takes_paris_before_warsaw():
    """Of 10 users each, 12 are asked for: all of Paris, then two of Warsaw, though that comes first."""
    users = crowd(count=20, **TWO)
    grids = [always(find("grid", zone).number("intensity_gco2e_per_kwh", "")) for zone in ("pl", "fr")]
    chosen = selector("carbon", users, grids).choose(everybody(users), draw(), 12, 0.0)
    assert np.bincount(users.block_of(chosen)).tolist() == [2, 10]
    assert len(set(chosen.tolist())) == 12


def test_carbon_follows_the_grid_and_takes_places_that_are_alike_in_their_order():
    users = crowd(count=20, **TWO)
    rule = selector("carbon", users, [Series(np.array([0.0, 10.0]), np.array([50.0, 9.0]), 99.0), always(50.0)])
    taken = [users.block_of(rule.choose(everybody(users), draw(), 5, at_s)).tolist() for at_s in (0.0, 9.9, 10.0)]
    assert taken == [[0] * 5] * 3
    rule = selector("carbon", users, [Series(np.array([0.0, 10.0]), np.array([51.0, 9.0]), 99.0), always(50.0)])
    taken = [users.block_of(rule.choose(everybody(users), draw(), 5, at_s)).tolist() for at_s in (0.0, 9.9, 10.0)]
    assert taken == [[1] * 5, [1] * 5, [0] * 5]


def test_carbon_takes_only_those_who_are_there():
    users = crowd(count=20, **TWO)
    rule = selector("carbon", users, [always(700.0), always(50.0)])
    chosen = rule.choose(Seen(users.blocks, np.array([0, 1, 2, 15])), draw(), 3, 0.0)
    assert np.bincount(users.block_of(chosen)).tolist() == [2, 1]


def test_a_round_by_utility_begins_with_anybody():
    users = crowd()
    chosen = selector(UTILITY, users).choose(everybody(users), draw(), 50, 0.0)
    assert len(set(chosen.tolist())) == 50


def test_utility_prefers_those_who_are_fast_and_gives_new_ones_their_share():
    """100 were seen, 50 of them in 5 s and 50 in 40 s: 0.9 of 40 places go to fast ones, within 5 sd."""
    users, seen = crowd(), np.arange(0, 200, 2)
    rule = selector(UTILITY, users)
    rule.saw(seen, np.where(seen < 100, 5.0, 40.0))
    new = 0
    for turn in range(100):
        chosen = rule.choose(everybody(users), draw(turn), 40, 0.0)
        known = np.intersect1d(chosen, seen)
        assert np.all(known < 100)
        new += len(chosen) - len(known)
    assert new / 4000 == pytest.approx(0.1, abs=5 * (0.1 * 0.9 / 4000) ** 0.5)


def test_utility_is_samples_times_loss_times_what_is_lost_by_being_slow():
    """Samples alike; 20 s over 10 s: a quarter. Losses 1, 5: 5/4 beats 1, and 3/4 does not."""
    users = crowd(count=3)
    rule = selector({**UTILITY, "exploration": 1e-9}, users)
    rule.saw(np.array([2, 0]), np.array([20.0, 5.0]), np.array([5.0, 1.0]))
    assert rule.choose(Seen(users.blocks, np.array([0, 2])), draw(), 1, 0.0).tolist() == [2]
    rule.saw(np.array([2]), np.array([20.0]), np.array([3.0]))
    assert rule.choose(Seen(users.blocks, np.array([0, 2])), draw(), 1, 0.0).tolist() == [0]


def test_users_with_more_samples_are_more_useful():
    users = crowd(count=4, samples_zipf=1)
    rule = selector({**UTILITY, "exploration": 1e-9}, users)
    rule.saw(np.arange(4), np.full(4, 1.0))
    assert rule.choose(everybody(users), draw(), 1, 0.0).tolist() == [int(users.columns().samples.argmax())]


def test_places_that_new_ones_cannot_fill_go_to_those_who_are_known():
    users = crowd(count=10)
    rule = selector({**UTILITY, "exploration": 1}, users)
    rule.saw(np.arange(9), np.full(9, 1.0))
    assert sorted(rule.choose(everybody(users), draw(), 10, 0.0).tolist()) == list(range(10))
    assert sorted(rule.choose(Seen(users.blocks, np.array([3, 9])), draw(), 5, 0.0).tolist()) == [3, 9]


@given(st.lists(st.tuples(st.lists(st.integers(0, 30), unique=True), st.floats(1.0, 100.0)), max_size=6))
def test_what_is_known_of_a_user_is_the_last_that_was_seen(rounds):
    users = crowd(count=31)
    rule, last = selector({**UTILITY, "preferred": "1 s", "exponent": 1}, users), {}
    for numbers, time_s in rounds:
        rule.saw(np.array(numbers, np.int64), np.full(len(numbers), time_s))
        last.update(dict.fromkeys(numbers, 1.0 / time_s))
    assert rule._known.tolist() == sorted(last)
    assert rule._scores.tolist() == pytest.approx([last[user] for user in sorted(last)])


@given(st.lists(st.integers(0, 5)), st.integers(0, 40))
def test_the_highest_are_the_first_of_a_stable_order(scores, number):
    expected = sorted(sorted(range(len(scores)), key=lambda n: -scores[n])[:number])
    assert highest(np.array(scores, float), number).tolist() == expected


def test_rounds_by_utility_become_shorter_than_those_of_anybody():
    """What is told after each round is who was accepted and when."""
    fields = {"count": 200, "speed_spread": 3}
    _, by_utility = season_of(UTILITY, **fields)
    _, at_random = season_of(**fields)
    closes = []
    for cohorts in (by_utility, at_random):
        total_s = 0.0
        for turn in range(40):
            played = cohorts.find_play(turn, at_s=0.0)
            cohorts.saw(played)
            total_s += played.sessions.close_s
        closes.append(total_s)
    assert closes[0] < 0.7 * closes[1]


def test_a_rule_says_all_that_it_needs():
    assert ByUtility.model_validate(UTILITY).preferred == 10.0
    with pytest.raises(ValueError, match="exploration"):
        TypeAdapter(Selection).validate_python("utility")
