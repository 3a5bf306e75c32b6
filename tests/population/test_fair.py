"""Fair selection: who came through often is taken less, by the law that is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import PHONES, a_federate_scenario, run

from simulator.engine.rng import Streams
from simulator.population.crowd import Crowd
from simulator.population.pool import Lucky, Seen
from simulator.population.selection_fair import ByFairness, Fair
from simulator.population.spec import Population

DRAWS = 4000


def blocks(count=10):
    return Crowd("phones", Population.model_validate({**PHONES, "count": count}), Streams(1)).blocks


def a_rule(exponent, rounds):
    """The rule after rounds that these users came through."""
    rule = Fair(ByFairness(kind="fair", exponent=exponent))
    for users in rounds:
        rule.saw(np.array(users, np.int64), np.ones(len(users)))
    return rule


def shares(rule, pool, asked, users):
    """How often each of these users is taken."""
    draw, taken = Streams(1).generator("test"), np.zeros(users)
    for _ in range(DRAWS):
        taken[rule.choose(pool, draw, asked, 0.0)] += 1
    return taken / DRAWS


def sd(share):
    return (share * (1.0 - share) / DRAWS) ** 0.5


def test_who_came_through_once_counts_for_a_quarter_at_exponent_two():
    """Weights 1/4 and 1: one of five is the known one."""
    found = shares(a_rule(2.0, [[0]]), Seen(blocks(), np.array([0, 7])), 1, 10)
    assert found[0] == pytest.approx(0.2, abs=5 * sd(0.2))
    assert found[0] + found[7] == pytest.approx(1.0)


def test_the_known_and_the_many_new_share_by_their_weights():
    """Of ten, one came through three times, weight 1/4, one once, 1/2: the others 8 of 8.75; new ones are alike."""
    pool = Lucky(blocks(), np.ones(1), Streams(1).generator("pool"))
    found = shares(a_rule(1.0, [[4], [9, 4], [4]]), pool, 1, 10)
    expected = np.where(np.arange(10) == 4, 0.25, np.where(np.arange(10) == 9, 0.5, 1.0)) / 8.75
    assert found == pytest.approx(expected, abs=5 * sd(1 / 8.75))


def test_drawing_is_without_replacement():
    """Two of three with weights 1/2, 1, 1: the known one is left out with (2 x 1/2.5 x 1/1.5) = 8/15."""
    found = shares(a_rule(1.0, [[0]]), Seen(blocks(), np.array([0, 1, 2])), 2, 10)
    assert found[0] == pytest.approx(7 / 15, abs=5 * sd(7 / 15))
    assert found.sum() == pytest.approx(2.0)


@given(st.lists(st.lists(st.integers(0, 9), unique=True), max_size=6), st.sets(st.integers(0, 9)), st.integers(0, 12))
def test_so_many_are_taken_of_those_who_are_there_none_twice(rounds, there, asked):
    rule = a_rule(3.0, rounds)
    users = rule.choose(Seen(blocks(), np.array(sorted(there), np.int64)), Streams(1).generator("test"), asked, 0.0)
    assert len(set(users.tolist())) == len(users) == min(asked, len(there))
    assert set(users.tolist()) <= there


@given(st.lists(st.lists(st.integers(0, 30), unique=True), max_size=6))
def test_it_counts_how_often_each_came_through(rounds):
    rule, every = a_rule(1.0, rounds), [user for users in rounds for user in users]
    assert rule._known.tolist() == sorted(set(every))
    assert rule._times.tolist() == [every.count(user) for user in sorted(set(every))]


def test_the_higher_the_exponent_the_more_even_is_participation():
    """A hundred phones, ten a round, thirty rounds: three each if all were equal."""
    rules = ["random", *({"kind": "fair", "exponent": exponent} for exponent in (1, 4, 16))]
    ginis = []
    for rule in rules:
        result = run(a_federate_scenario({"selection": rule, "cohort": 10, "rounds": 30}, {"count": 100}))
        ginis.append(result.table("participation").to_pylist()[0]["gini"])
    assert ginis == sorted(ginis, reverse=True)
    assert ginis[-1] < 0.1 < 0.25 < ginis[0]
