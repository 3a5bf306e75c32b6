"""Windows by hand and against a loop over one client at a time: who comes when, and what of it counts."""

from math import ceil, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.rng import Streams
from simulator.population.session import BEGIN, UPLOADED, Members, Sizes
from simulator.population.slots import Drawn
from simulator.population.windows import WindowRules, play_windows

NOTHING = Sizes(0.0, 0.0)


def computing(*slots_s, drop_share=inf):
    """Slots whose clients compute so long, each time, and do nothing else."""

    def draw(number, begin_s):
        one, none = np.ones(len(slots_s)), np.zeros(len(slots_s))
        return Drawn(np.arange(len(slots_s)), Members(none, one, one, np.array(slots_s), drop_share * one))

    return draw


def by_luck(seed, slots, turns=1):
    """Clients who compute for up to 40 s, of whom one in four drops out; so many turns a block."""

    def draw(number, begin_s):
        parts = [Streams(seed).generator("test", "", number * turns + turn).random((3, slots)) for turn in range(turns)]
        times, drops, where = np.hstack(parts)
        one = np.ones(slots * turns)
        drop_share = np.where(drops < 0.25, where, inf)
        return Drawn(np.arange(slots * turns) % slots, Members(0.5 * one, one, one, 40.0 * times, drop_share))

    return draw


def test_who_is_late_counts_in_the_next_window_one_version_old():
    """Windows of 10 s, each aggregated for 2: at 8 s in time; at 11 s for the next; at 23 s for the one after."""
    found = play_windows(computing(8.0, 11.0, 23.0), WindowRules(3, 10.0, 2.0, NOTHING), 4, inf)
    assert found.version_s.tolist() == [0.0, 12.0, 24.0, 36.0, 48.0]
    assert found.begin_s.tolist() == [0.0, 12.0, 24.0, 36.0, 0.0, 12.0, 24.0, 36.0, 0.0, 24.0]
    assert found.version_at_begin.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 2]
    assert found.aggregated_in.tolist() == [1, 2, 3, 4, 2, 3, 4, -1, 3, -1]
    assert found.staleness.tolist() == [0, 0, 0, 0, 1, 1, 1, -1, 2, -1]


def test_who_comes_as_the_window_ends_is_in_time_and_the_next_begins_with_what_it_made():
    found = play_windows(computing(10.0), WindowRules(1, 10.0, 0.0, NOTHING), 3, inf)
    assert (found.staleness.tolist(), found.begin_s.tolist()) == ([0, 0, 0], [0.0, 10.0, 20.0])


def test_who_drops_out_counts_nowhere_and_is_followed_at_the_next_version():
    found = play_windows(computing(8.0, drop_share=0.5), WindowRules(1, 10.0, 2.0, NOTHING), 2, inf)
    assert (found.dropped.tolist(), found.accepted.tolist()) == ([True, True], [False, False])
    assert found.moments_s[UPLOADED].tolist() == [4.0, 16.0]


def test_a_moment_before_the_last_version_cuts_what_is_under_way():
    found = play_windows(computing(8.0), WindowRules(1, 10.0, 0.0, NOTHING), 9, 15.0)
    assert (found.close_s, found.version_s.tolist()) == (15.0, [0.0, 10.0])
    assert found.moments_s[UPLOADED].tolist() == [8.0, 15.0]
    assert found.accepted.tolist() == [True, False]


def one_by_one(draw, rules, versions):
    """The same, one slot and client after the other: (begin, seconds, version that took it) of each."""
    period_s = rules.window_s + rules.aggregation_s
    found = []
    for slot in range(rules.concurrency):
        begun, turn = 0, 0
        while begun < versions:
            members = draw(turn, None).members
            whole_s = 2 * members.latency_s[slot] + members.compute_s[slot]
            time_s = whole_s * min(1.0, members.drop_share[slot])
            into = begun + 1
            while begun * period_s + time_s > into * period_s - rules.aggregation_s:
                into += 1
            counts = members.drop_share[slot] == inf and into <= versions
            found.append((begun * period_s, min(time_s, (versions - begun) * period_s), into if counts else -1))
            begun += max(1, ceil(time_s / period_s))
            turn += 1
    return found


@given(
    seed=st.integers(0, 999),
    slots=st.integers(1, 5),
    window_s=st.floats(1.0, 60.0),
    aggregation_s=st.sampled_from([0.0, 3.0]),
    versions=st.integers(1, 8),
)
def test_columns_are_what_one_client_after_another_does(seed, slots, window_s, aggregation_s, versions):
    rules = WindowRules(slots, window_s, aggregation_s, NOTHING)
    found = play_windows(by_luck(seed, slots), rules, versions, inf)
    begin_s, time_s, into = zip(*one_by_one(by_luck(seed, slots), rules, versions), strict=True)
    assert found.begin_s.tolist() == pytest.approx(begin_s)
    assert (found.moments_s[UPLOADED] - found.moments_s[BEGIN]).tolist() == pytest.approx(time_s)
    assert found.aggregated_in.tolist() == list(into)


@given(seed=st.integers(0, 999), turns=st.integers(2, 9))
def test_how_many_are_drawn_at_once_changes_nothing(seed, turns):
    rules = WindowRules(3, 15.0, 1.0, NOTHING)
    one, many = (play_windows(by_luck(seed, 3, turns=number), rules, 6, inf) for number in (1, turns))
    assert all(np.array_equal(a, b) for a, b in zip(one, many, strict=True))
