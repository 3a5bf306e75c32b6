"""When a round closes, whom it accepts and whom it calls dropped or late: cases by hand."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.population.session import (
    UPLOADED,
    Members,
    Sizes,
    close_round,
    cut,
    drop_times_s,
    moments_alone,
    reached_s,
)


def closed(ends_s, drops_s=None, goal=1, deadline_s=inf):
    """A round whose members compute until these moments and do nothing else."""
    moments_s = np.zeros((6, len(ends_s)))
    moments_s[3:] = ends_s
    drop_s = np.full(len(ends_s), inf) if drops_s is None else np.array(drops_s, float)
    return close_round(moments_s, drop_s, goal, deadline_s)


def test_it_closes_at_the_upload_that_was_waited_for_and_stops_the_rest():
    found = closed([30.0, 10.0, 20.0], goal=2)
    assert found.close_s == 20.0
    assert found.accepted.tolist() == [False, True, True]
    assert found.dropped.tolist() == [False, False, False]
    assert found.moments_s[UPLOADED].tolist() == [20.0, 10.0, 20.0]


def test_it_closes_at_the_deadline_with_fewer():
    found = closed([30.0, 10.0, 20.0], goal=3, deadline_s=25.0)
    assert (found.close_s, found.accepted.tolist()) == (25.0, [False, True, True])


def test_who_arrives_at_the_deadline_is_accepted():
    assert closed([30.0, 25.0], goal=2, deadline_s=25.0).accepted.tolist() == [False, True]


def test_a_deadline_after_the_goal_changes_nothing():
    assert closed([30.0, 10.0], goal=1, deadline_s=25.0).close_s == 10.0


def test_nobody_tells_the_server_who_dropped_out_so_it_waits_for_the_deadline():
    found = closed([30.0, 10.0], [5.0, inf], goal=2, deadline_s=100.0)
    assert (found.close_s, found.accepted.tolist(), found.dropped.tolist()) == (100.0, [False, True], [True, False])


def test_too_few_without_a_deadline_end_with_the_last_who_stopped():
    found = closed([30.0, 10.0], [25.0, inf], goal=2)
    assert (found.close_s, found.accepted.tolist(), found.dropped.tolist()) == (25.0, [False, True], [True, False])
    assert closed([30.0, 40.0], [25.0, inf], goal=2).close_s == 40.0


def test_a_round_from_which_all_drop_out_accepts_nobody():
    found = closed([30.0, 40.0], [25.0, 5.0], goal=1)
    assert (found.close_s, found.accepted.any(), found.dropped.tolist()) == (25.0, False, [True, True])


def test_of_those_who_arrive_together_the_first_by_number_are_taken():
    assert closed([10.0, 10.0, 10.0], goal=2).accepted.tolist() == [True, True, False]


def test_who_would_have_dropped_out_after_the_close_has_not_dropped():
    found = closed([30.0, 10.0], [20.0, inf], goal=1)
    assert (found.dropped.tolist(), found.moments_s[UPLOADED].tolist()) == ([False, False], [10.0, 10.0])


def test_a_drop_out_comes_at_a_share_of_the_session():
    one = np.ones(2)
    members = Members(one, 10 * one, 5 * one, 3 * one, np.array([0.5, inf]))
    alone_s = moments_alone(members, Sizes(20.0, 20.0))
    assert alone_s[:, 0].tolist() == [0.0, 1.0, 3.0, 6.0, 7.0, 11.0]
    assert drop_times_s(members, alone_s).tolist() == [5.5, inf]


def test_a_round_that_is_cut_stops_all_there_and_keeps_whose_work_would_have_counted():
    found = cut(closed([30.0, 10.0, 20.0], goal=2), 15.0)
    assert (found.close_s, found.moments_s[UPLOADED].tolist()) == (15.0, [15.0, 10.0, 15.0])
    assert found.accepted.tolist() == [False, True, True]


def test_at_an_edge_a_moment_is_reached_or_the_edge_is():
    reached = reached_s(closed([30.0, 10.0], goal=2), np.array([0.0, 20.0, 30.0]))
    assert reached[UPLOADED].tolist() == [[0.0, 0.0], [20.0, 10.0], [30.0, 10.0]]


TIMES = st.lists(st.floats(1.0, 1e4), min_size=13, max_size=13)


@given(TIMES, st.lists(st.floats(0.0, 1e4), min_size=13, max_size=13), st.one_of(st.just(inf), st.floats(1.0, 1e4)))
@settings(max_examples=100)
def test_selecting_more_is_never_slower(ends_s, drops_s, deadline_s):
    """Ten updates of thirteen come no later than ten of the first ten; with a deadline, no fewer."""
    few, many = (closed(ends_s[:n], drops_s[:n], 10, deadline_s) for n in (10, 13))
    assert many.accepted.sum() >= few.accepted.sum()
    if few.accepted.sum() == 10 or deadline_s < inf:
        assert many.close_s <= few.close_s


@given(TIMES, st.integers(1, 13), st.one_of(st.just(inf), st.floats(1.0, 1e4)))
@settings(max_examples=100)
def test_nobody_goes_on_after_the_close_and_no_more_are_accepted_than_waited_for(ends_s, goal, deadline_s):
    found = closed(ends_s, goal=goal, deadline_s=deadline_s)
    assert found.accepted.sum() <= goal
    assert found.moments_s.max() <= found.close_s <= deadline_s
    assert (np.diff(found.moments_s, axis=0) >= 0.0).all()
    if deadline_s == inf:
        assert found.close_s == pytest.approx(sorted(ends_s)[goal - 1])
