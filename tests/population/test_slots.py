"""Slots by hand, as columns and as events: who arrives, which version there is, how stale an update is."""

from math import inf
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.rng import Streams
from simulator.population.session import COMPUTED, DOWNLOADED, PAID, UPLOADED, Members, Sizes
from simulator.population.slot_draws import Tasked, draw_from_crowd
from simulator.population.slots import Drawn, SlotRules, Slots, cut
from simulator.population.slots_heap import Client, play_events

SIZES = Sizes(20.0, 10.0)


def rules(concurrency, buffer, timeout_s=inf, aggregation_s=0.0, sizes=SIZES):
    return SlotRules(concurrency, buffer, timeout_s, aggregation_s, sizes)


def computing(*slots_s, drop_share=(inf, inf)):
    """Slots whose clients compute so long, each time, and do nothing else; and stop at this share of it."""

    def draw(number, begin_s):
        one, none = np.ones(len(slots_s)), np.zeros(len(slots_s))
        return Drawn(np.arange(len(slots_s)), Members(none, one, one, np.array(slots_s), np.array(drop_share)))

    return draw


def clients(seed, turn, slots, whole_s=False, dropout=0.0):
    """The clients of all slots in one turn; whole seconds meet often."""
    luck = Streams(seed).generator("test", "", turn)
    shares = luck.random((6, slots))
    if whole_s:
        times_s, rates_bps = np.ceil(4 * shares[0]), np.full(slots, 10.0)
    else:
        times_s, rates_bps = np.exp(shares[0]), 5.0 + 10.0 * shares[1]
    drops = np.where(shares[2] < dropout, shares[3], inf)
    return Drawn(luck.integers(1000, size=slots), Members(np.full(slots, 1.0), rates_bps, rates_bps, times_s, drops))


def drawn_by(seed, slots, turns=1, slower=False, **fields):
    """So many turns a block; `slower`: computing takes twice as long in every other 10 s."""

    def draw(number, begin_s):
        parts = [clients(seed, number * turns + turn, slots, **fields) for turn in range(turns)]
        user = np.concatenate([part.user for part in parts])
        columns = zip(*(part.members for part in parts), strict=True)
        members = Members(*(np.concatenate(column) for column in columns))
        if slower:
            members = members._replace(compute_s=members.compute_s * (1.0 + begin_s // 10.0 % 2.0))
        return Drawn(user, members)

    return draw


def one_by_one(seed, slots, slower=False, **fields):
    """The same clients, one at a time."""

    def next_client(slot, turn, begin_s):
        user, members = clients(seed, turn, slots, **fields)
        latency_s, down_bps, up_bps, compute_s, drop_share = (float(column[slot]) for column in members)
        factor = 1.0 + begin_s // 10.0 % 2.0 if slower else 1.0
        return Client(int(user[slot]), latency_s, down_bps, up_bps, compute_s * factor, drop_share)

    return next_client


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_two_slots_by_hand():
    """Arrivals at 3, 5, 6, 9, 10 and 12 s, two a version: at 5, 9 and 12 s."""
    found = Slots(computing(3.0, 5.0), rules(2, 2, sizes=Sizes(0.0, 0.0))).until_versions(3)
    assert found.version_s.tolist() == [0.0, 5.0, 9.0, 12.0]
    assert found.close_s == 12.0
    assert found.begin_s.tolist() == [0.0, 3.0, 6.0, 9.0, 0.0, 5.0, 10.0]
    assert found.moments_s[UPLOADED].tolist() == [3.0, 6.0, 9.0, 12.0, 5.0, 10.0, 12.0]
    assert found.arrived.tolist() == [True] * 6 + [False]
    assert found.version_at_begin.tolist() == [0, 0, 1, 2, 0, 1, 2]
    assert found.aggregated_in.tolist() == [1, 2, 2, 3, 1, 3, -1]
    assert found.staleness.tolist() == [0, 1, 0, 0, 0, 1, -1]


def test_an_aggregation_that_takes_time_makes_updates_staler():
    """2 s each: at 7, 11 and 14 s, so the third client of slot 0, at 6 s, still gets version 0."""
    found = Slots(computing(3.0, 5.0), rules(2, 2, aggregation_s=2.0, sizes=Sizes(0.0, 0.0))).until_versions(3)
    assert found.version_s.tolist() == [0.0, 7.0, 11.0, 14.0]
    assert found.version_at_begin.tolist() == [0, 0, 0, 1, 2, 0, 0, 1]
    assert found.staleness.tolist() == [0, 1, 1, 1, -1, 0, 2, -1]


def test_who_arrives_while_the_last_version_is_made_is_in_vain():
    found = Slots(computing(3.0, 5.0), rules(2, 2, aggregation_s=2.5, sizes=Sizes(0.0, 0.0))).until_versions(1)
    assert (found.close_s, found.arrived.tolist()) == (7.5, [True, True, False, True, False])
    assert found.accepted.tolist() == [True, False, False, True, False]


def test_an_aggregation_waits_for_the_one_before():
    """Full at 5, 9 and 12 s, 5 s each: 10, 15 and 20 s."""
    found = Slots(computing(3.0, 5.0), rules(2, 2, aggregation_s=5.0, sizes=Sizes(0.0, 0.0))).until_versions(3)
    assert found.version_s.tolist() == [0.0, 10.0, 15.0, 20.0]


def test_who_drops_out_or_takes_too_long_does_not_count_and_frees_the_slot():
    """Slot 0 drops out at half of 3 s, slot 1 is stopped at 4 of 5 s, slot 2 arrives just in time."""
    draw = computing(3.0, 5.0, 4.0, drop_share=(0.5, inf, inf))
    found = Slots(draw, rules(3, 1, timeout_s=4.0, sizes=Sizes(0.0, 0.0))).until_versions(1)
    assert found.begin_s.tolist() == [0.0, 1.5, 3.0, 0.0, 0.0]
    assert found.moments_s[COMPUTED].tolist() == [1.5, 3.0, 4.0, 4.0, 4.0]
    assert found.dropped.tolist() == [True, True, False, False, False]
    assert found.timed_out.tolist() == [False, False, False, True, False]
    assert found.arrived.tolist() == [False, False, False, False, True]


def test_who_would_have_dropped_out_after_the_time_out_has_not_dropped():
    """At 3 of 4 s, but is stopped at 2 s."""
    draw = computing(4.0, drop_share=(0.75,))
    found = Slots(draw, rules(1, 1, timeout_s=2.0, sizes=Sizes(0.0, 0.0))).until_versions(1, most_s=3.0)
    assert (found.dropped.tolist(), found.timed_out.tolist()) == ([False, False], [True, False])


def test_a_session_is_that_of_a_round_from_its_begin_on():
    """1 s, 20 b at 10 b/s, 3 s, 1 s, 10 b at 5 b/s; 9 s each."""
    one = np.ones(1)
    draw = lambda number, begin_s: Drawn(np.array([7]), Members(one, 10 * one, 5 * one, 3 * one, inf * one))  # noqa: E731
    found = Slots(draw, rules(1, 1)).until_versions(2)
    assert found.moments_s.T.tolist() == [[0, 1, 3, 6, 7, 9], [9, 10, 12, 15, 16, 18]]
    assert (found.user.tolist(), found.staleness.tolist()) == ([7, 7], [0, 0])


def test_a_time_after_which_nobody_goes_on():
    """One of 3 s arrives, two are under way at 4 s."""
    found = Slots(computing(3.0, 5.0), rules(2, 2, sizes=Sizes(0.0, 0.0))).until_versions(9, most_s=4.0)
    assert (found.close_s, found.moments_s[UPLOADED].tolist()) == (4.0, [3.0, 4.0, 4.0])
    assert (found.arrived.tolist(), found.version_s.tolist()) == ([True, False, False], [0.0])


def test_where_nobody_ever_arrives_it_goes_on_to_that_time():
    draw, all_stop = computing(3.0, 5.0), rules(2, 1, timeout_s=2.0, sizes=Sizes(0.0, 0.0))
    found = Slots(draw, all_stop).until_versions(1, most_s=5.0)
    assert (found.timed_out.tolist(), found.arrived.any()) == ([True, True, False] * 2, False)


def log_normal(slots, turns=64):
    def draw(number, begin_s):
        luck = Streams(3).generator("law", "", number)
        one = np.ones(slots * turns)
        times_s = 30.0 * np.exp(0.6 * luck.standard_normal(len(one)))
        return Drawn(np.arange(len(one)), Members(0.1 * one, 10 * one, 10 * one, times_s, inf * one))

    return draw


@pytest.mark.parametrize(
    ("concurrency", "buffer"), [(1, 1), (2, 1), (10, 40), (60, 7), (100, 10), (100, 100), (500, 10)]
)
def test_an_update_is_as_stale_as_others_arrive_meanwhile(concurrency, buffer):
    """Between two arrivals of a slot there are C, of which the last is its own: (C - 1) / b, near C / b for many."""
    found = Slots(log_normal(concurrency), rules(concurrency, buffer)).until_versions(200_000 // buffer)
    steady = found.aggregated_in > len(found.version_s) // 5
    mean = found.staleness[steady].mean()
    assert mean == pytest.approx((concurrency - 1) / buffer, rel=0.005)
    if concurrency >= 60:
        assert mean == pytest.approx(concurrency / buffer, rel=0.02)


def test_versions_that_come_later_add_what_arrives_while_they_are_made():
    """An aggregation of 2 s adds the versions that are full in 2 s: arrivals a second x 2 s / 10."""
    found = Slots(log_normal(100), rules(100, 10, aggregation_s=2.0)).until_versions(10_000)
    steady = found.aggregated_in > 2000
    per_s = 10 * 9999 / (found.version_s[-1] - found.version_s[1])
    assert found.staleness[steady].mean() == pytest.approx(9.9 + 2.0 * per_s / 10, rel=0.01)


WAYS = {
    "seed": st.integers(0, 99),
    "slots": st.integers(1, 7),
    "buffer": st.integers(1, 9),
    "whole_s": st.booleans(),
    "dropout": st.sampled_from([0.0, 0.3]),
    "timeout_s": st.sampled_from([inf, 6.0]),
    "aggregation_s": st.sampled_from([0.0, 0.3, 2.0]),
}


@given(**WAYS, slower=st.booleans(), most_s=st.sampled_from([inf, 25.0]))
@settings(max_examples=150, deadline=None)
def test_events_and_columns_are_one(seed, slots, buffer, whole_s, dropout, timeout_s, aggregation_s, slower, most_s):
    given = rules(slots, buffer, timeout_s, aggregation_s)
    ways = {"slower": slower, "whole_s": whole_s, "dropout": dropout}
    most_s = most_s if timeout_s == inf else 25.0  # all may take too long
    columns = Slots(drawn_by(seed, slots, **ways), given).until_versions(5, most_s)
    events = play_events(one_by_one(seed, slots, **ways), given, 5, most_s)
    assert same(columns, events)
    assert len(columns.user) >= slots


@given(**WAYS)
@settings(max_examples=60, deadline=None)
def test_slots_are_never_empty_and_never_shared(seed, slots, buffer, whole_s, dropout, timeout_s, aggregation_s):
    """Each session of a slot begins where the one before ended; the first at 0, the last goes to the close."""
    draw = drawn_by(seed, slots, 3, whole_s=whole_s, dropout=dropout)
    found = Slots(draw, rules(slots, buffer, timeout_s, aggregation_s)).until_versions(4, most_s=40.0)
    (first,) = np.nonzero(found.begin_s == 0.0)
    ends_s = found.moments_s[UPLOADED]
    assert len(first) == slots
    assert ends_s[np.append(first[1:], len(ends_s)) - 1].tolist() == [found.close_s] * slots
    later = np.delete(np.arange(len(ends_s)), first)
    assert found.begin_s[later].tolist() == ends_s[later - 1].tolist()
    for at_s in np.linspace(0.0, found.close_s, 20, endpoint=False):
        assert ((found.begin_s <= at_s) & (ends_s > at_s)).sum() == slots


@given(**WAYS)
@settings(max_examples=60, deadline=None)
def test_each_version_has_its_updates_and_none_is_there_before_them(
    seed, slots, buffer, whole_s, dropout, timeout_s, aggregation_s
):
    draw = drawn_by(seed, slots, 3, whole_s=whole_s, dropout=dropout)
    found = Slots(draw, rules(slots, buffer, timeout_s, aggregation_s)).until_versions(4, most_s=40.0)
    numbers, counts = np.unique(found.aggregated_in[found.accepted], return_counts=True)
    assert numbers.tolist() == list(range(1, len(found.version_s)))
    assert set(counts.tolist()) <= {buffer}
    assert (found.moments_s[UPLOADED] + aggregation_s <= found.version_s[found.aggregated_in])[found.accepted].all()
    assert (found.staleness[found.accepted] >= 0).all()
    assert found.arrived[found.accepted].all()
    assert not (found.arrived & (found.dropped | found.timed_out)).any()
    under_way = ~(found.arrived | found.dropped | found.timed_out)
    assert under_way.sum() <= slots


@given(**WAYS, at=st.floats(0.0, 1.2), before=st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_to_cut_is_to_have_asked_for_less(seed, slots, buffer, whole_s, dropout, timeout_s, aggregation_s, at, before):
    draw = drawn_by(seed, slots, 3, whole_s=whole_s, dropout=dropout)
    slotted = Slots(draw, rules(slots, buffer, timeout_s, aggregation_s))
    whole = slotted.until_versions(4, most_s=40.0)
    at_s = at * whole.close_s
    once = cut(whole, at_s)
    assert once.close_s == min(at_s, whole.close_s)
    assert same(cut(once, before * at_s), cut(whole, before * at_s))
    if 0.0 < at_s <= whole.close_s:
        assert same(once, Slots(draw, rules(slots, buffer, timeout_s, aggregation_s)).until_versions(99, at_s))
    time_s = once.moments_s[UPLOADED] - once.begin_s
    assert time_s.sum() == pytest.approx(slots * once.close_s)


@given(WAYS["seed"], st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_blocks_do_not_matter_nor_whether_somebody_asked_before(seed, turns, versions):
    plain = Slots(drawn_by(seed, 5), rules(5, 3, aggregation_s=1.0)).until_versions(7)
    slots = Slots(drawn_by(seed, 5, turns), rules(5, 3, aggregation_s=1.0))
    slots.until_versions(versions)
    assert same(slots.until_versions(7), plain)


def a_crowd():
    """Eight users in two blocks: the first six at 10 b/s, the others at 20 b/s; twice the samples, half the speed."""
    rates_bps = np.array([10.0] * 6 + [20.0] * 2)
    what = {"speed": np.full(8, 0.5), "samples": np.full(8, 2.0), "down_bps": rates_bps, "up_bps": rates_bps / 2}
    columns = SimpleNamespace(**what)
    block_of = lambda users: (users >= 6).astype(int)  # noqa: E731
    return SimpleNamespace(name="phones", count=8, columns=lambda: columns, block_of=block_of)


def test_clients_are_any_users_with_what_is_theirs():
    draw = draw_from_crowd(a_crowd(), Streams(1), 100, Tasked(np.array([0.1, 0.2]), 5.0, 0.25))
    user, members = draw(0, np.zeros(100))
    assert (len(user) % 100, set(user)) == (0, set(range(8)))
    assert members.latency_s.tolist() == np.where(user < 6, 0.1, 0.2).tolist()
    assert members.down_bps.tolist() == np.where(user < 6, 10.0, 20.0).tolist()
    assert members.up_bps.tolist() == np.where(user < 6, 5.0, 10.0).tolist()
    assert set(members.compute_s) == {20.0}
    stopped = members.drop_share < inf
    assert stopped.mean() == pytest.approx(0.25, abs=0.01)
    assert np.quantile(members.drop_share[stopped], [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.02)


def test_each_block_of_clients_is_another_and_always_the_same():
    draw, again = (draw_from_crowd(a_crowd(), Streams(1), 100, Tasked(np.zeros(2), 5.0, 0.0)) for _ in range(2))
    none = np.zeros(100)
    later = again(1, none).user
    assert draw(0, none).user.tolist() == again(0, none).user.tolist()
    assert draw(1, none).user.tolist() == later.tolist()
    assert draw(0, none).user.tolist() != later.tolist()


def test_more_slots_than_a_block_has_sessions_have_one_client_each():
    many = 70_000
    assert (
        len(draw_from_crowd(a_crowd(), Streams(1), many, Tasked(np.zeros(2), 5.0, 0.0))(0, np.zeros(many)).user) == many
    )


def test_a_million_sessions_are_known_at_once():
    found = Slots(log_normal(1000), rules(1000, 100)).until_versions(10_000)
    assert len(found.user) == 1_000_000 + 1000 - 1
    assert (np.diff(found.moments_s[:, :1000], axis=0) >= 0.0).all()
    assert found.moments_s[PAID, 0] < found.moments_s[DOWNLOADED, 0]
