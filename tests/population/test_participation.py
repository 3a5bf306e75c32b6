"""Who took part: Gini by pen and paper, deciles of the law, sums that add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import PHONES

from simulator.engine.rng import Streams
from simulator.population.crowd import Crowd
from simulator.population.participation import ALL, Participation, Taken, decile_edges, gini, users_by_decile
from simulator.population.spec import Population


def crowd(**fields):
    return Crowd("phones", Population.model_validate({**PHONES, **fields}), Streams(1))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([0, 0, 0, 4], 0.75),
        ([4, 0, 0, 0], 0.75),
        ([1, 1, 1, 1], 0.0),
        ([0, 0], 0.0),
        ([1, 3], 0.25),
        ([1, 2, 3], 2 / 9),
    ],
)
def test_the_gini_coefficient_by_pen_and_paper(counts, expected):
    assert gini(np.array(counts)) == pytest.approx(expected)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_the_gini_coefficient_is_half_the_mean_difference_over_the_mean(counts):
    mean = sum(counts) / len(counts)
    found = gini(np.array(counts))
    differences = sum(abs(one - other) for one in counts for other in counts)
    assert 0.0 <= found < 1.0
    assert found == pytest.approx(differences / (2 * len(counts) ** 2 * mean) if mean else 0.0)


@given(st.integers(0, 20), st.integers(1, 30))
def test_nothing_is_unequal_where_all_have_the_same(count, users):
    assert gini(np.full(users, count)) == 0.0


def test_a_tenth_of_the_users_lies_between_two_edges():
    """100 000 drawn: 10 000 in each decile, within 5 sd."""
    speed = crowd(count=100_000, speed_spread=1.8).columns().speed
    assert users_by_decile(speed, decile_edges(1.8)) == pytest.approx([10_000] * 10, abs=5 * (1e5 * 0.1 * 0.9) ** 0.5)


@st.composite
def rounds(draw):
    """Rounds of some of 50 users, some of whom are accepted."""
    found = []
    for _ in range(draw(st.integers(0, 5))):
        users = np.array(draw(st.lists(st.integers(0, 49), unique=True)), np.int64)
        flags = draw(st.lists(st.booleans(), min_size=len(users), max_size=len(users)))
        found.append((users, np.array(flags, bool)))
    return found


@given(rounds(), st.sampled_from([1, 1.8, 3]))
def test_nobody_is_lost_between_the_deciles(played, spread):
    took = Participation(crowd(count=50, speed_spread=spread))
    for users, accepted in played:
        took.add(users, accepted)
    rows = took.deciles()
    assert sum(row.users for row in rows) == 50
    assert sum(row.selected for row in rows) == sum(len(users) for users, _ in played)
    assert sum(row.accepted for row in rows) == sum(int(accepted.sum()) for _, accepted in played)
    assert all(row.accepted <= row.selected for row in rows)
    assert [row.decile for row in rows] == ([ALL] if spread == 1 else list(range(1, 11)))
    assert 0.0 <= took.gini() < 1.0


def test_the_fastest_are_in_the_last_decile_and_what_they_do_counts_there():
    users = crowd(count=1000, speed_spread=2)
    took, speed = Participation(users), users.columns().speed
    ends = np.array([int(speed.argmin()), int(speed.argmax())])
    took.add(ends, np.array([False, True]))
    took.add(ends, np.array([True, True]))
    rows = took.deciles()
    assert [(row.selected, row.accepted) for row in rows if row.selected] == [(2, 1), (2, 2)]
    assert [row.decile for row in rows if row.selected] == [1, 10]


def test_users_that_are_all_alike_are_one_row():
    took = Participation(crowd(count=4))
    took.add(np.array([3]), np.array([True]))
    assert took.deciles() == [Taken(ALL, 4, 1, 1)]
    assert took.gini() == 0.75
