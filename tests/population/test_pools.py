"""Drawing of those who are there: as many as asked or all, each once, all alike, and nobody who is left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import PHONES

from simulator.engine.rng import Streams
from simulator.population.crowd import Crowd
from simulator.population.pool import Lucky, Seen, block_of, pick_at_random
from simulator.population.spec import Population


def blocks(count):
    fields = {"count": count, "places": {"paris": 0.6, "oslo": 0.4}, "access": {"wifi": 0.7, "4g": 0.3}}
    return Crowd("phones", Population.model_validate({**PHONES, **fields}), Streams(1)).blocks


def draw(turn=0):
    return Streams(1).generator("test", "", turn)


@st.composite
def pools(draw_from):
    """A pool of up to 200 users, some to be left out, and a number asked for."""
    count = draw_from(st.integers(4, 200))
    some = st.lists(st.integers(0, count - 1), unique=True).map(lambda users: np.array(sorted(users), np.int64))
    of = blocks(count)
    shares = np.array(draw_from(st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=len(of), max_size=len(of))))
    lucky = Lucky(of, shares, draw(draw_from(st.integers(0, 99))))
    return (
        draw_from(st.sampled_from([lucky, Seen(of, draw_from(some))])),
        draw_from(some),
        draw_from(st.integers(0, 250)),
    )


@given(pools(), st.integers(0, 99))
def test_each_is_drawn_once_and_nobody_who_is_left_out(pooled, turn):
    pool, without, asked = pooled
    users = pick_at_random(pool, draw(turn), asked, without)
    assert len(users) <= asked
    assert len(set(users.tolist())) == len(users)
    assert set(users.tolist()) & set(without.tolist()) == set()
    if isinstance(pool, Seen):
        there = set(pool.users.tolist()) - set(without.tolist())
        assert set(users.tolist()) <= there
        assert len(users) == min(asked, len(there))


@given(st.integers(4, 300), st.integers(0, 300), st.integers(0, 99))
def test_a_split_over_the_blocks_loses_nobody(count, asked, turn):
    of = blocks(count)
    users = pick_at_random(Lucky(of, np.ones(len(of)), draw(turn)), draw(turn), asked)
    assert len(users) == min(asked, count)
    assert np.bincount(block_of(users, of), minlength=len(of)).sum() == len(users)
    if asked >= count:
        assert sorted(users.tolist()) == list(range(count))


def test_those_who_are_left_are_as_likely_as_each_other():
    """Of 20 users 5 are left out and 6 of the 15 drawn: 0.4 each, within 5 sd over 4000 rounds."""
    of, without = blocks(20), np.array([0, 3, 4, 12, 19])
    times = np.zeros(20)
    for turn in range(4000):
        times[pick_at_random(Lucky(of, np.ones(len(of)), draw(turn)), draw(turn), 6, without)] += 1
    others = np.delete(times, without)
    assert times[without].tolist() == [0.0] * 5
    assert others / 4000 == pytest.approx([0.4] * 15, abs=5 * (0.4 * 0.6 / 4000) ** 0.5)


def test_users_of_a_block_of_which_fewer_are_there_are_drawn_less_often():
    """10 000 of each city, of whom 0.2 and 0.6 are there: 1 to 3 among those who are drawn."""
    of = Crowd(
        "phones",
        Population.model_validate({**PHONES, "count": 20_000, "places": {"paris": 0.5, "oslo": 0.5}}),
        Streams(1),
    ).blocks
    users = pick_at_random(Lucky(of, np.array([0.2, 0.6]), draw()), draw(1), 4000)
    assert (users < 10_000).mean() == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / 4000) ** 0.5)


def test_a_known_user_is_there_as_often_as_the_share_of_the_block_says():
    of = blocks(1000)
    there = Lucky(of, np.array([0.0, 1.0, 0.5, 0.5]), draw()).among(np.arange(1000))
    numbers = [block.users for block in of]
    found = np.bincount(block_of(np.flatnonzero(there), of), minlength=4)
    assert (found[0], found[1]) == (0, numbers[1])
    assert found[2] == pytest.approx(numbers[2] / 2, abs=5 * (numbers[2] / 4) ** 0.5)


def test_who_is_seen_is_known():
    pool = Seen(blocks(10), np.array([1, 5, 9]))
    assert pool.among(np.array([0, 1, 9])).tolist() == [False, True, True]
    assert sorted(pick_at_random(pool, draw(), 9).tolist()) == [1, 5, 9]
