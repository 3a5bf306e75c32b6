"""Integrals over stretches: nothing lost, whatever the edges; and the record that is made of them."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.ledger import Ledger
from simulator.network.path import Path
from simulator.population.overlap import integrals, sums_by_block
from simulator.population.power import ClientWatts
from simulator.population.record import CrowdRecord, bits_alone
from simulator.population.session import BEGIN, COMPUTED, DOWNLOADED, UPLOADED, Members, Sessions, Sizes, reached_s
from simulator.population.slots import Drawn, SlotRules, Slots, cut
from simulator.population.ways import CrowdWays

SIZES = Sizes(20.0, 10.0)


def luck(seed):
    return np.random.Generator(np.random.Philox(seed))


def played(seed=1, slots=6, versions=8, dropout=0.2, timeout_s=30.0):
    """Slots of which some drop out and some take too long; the number of the user is that of its block."""

    def draw(number, begin_s):
        drawn = luck(1000 * seed + number)
        rates_bps, shares = 2.0 + 8.0 * drawn.random((2, slots)), drawn.random((2, slots))
        drops = np.where(shares[0] < dropout, shares[1], np.inf)
        user, times_s = drawn.integers(3, size=slots), 10.0 * np.exp(drawn.standard_normal(slots))
        return Drawn(user, Members(np.full(slots, 0.5), *rates_bps, times_s, drops))

    return Slots(draw, SlotRules(slots, 4, timeout_s, 1.0, SIZES)).until_versions(versions)


def test_one_span_by_hand():
    """From 1 to 3 at a level of 5, and one that lasts from before the first edge to after the last."""
    edges_s = np.array([0.5, 2.0, 2.5, 4.0])
    found = integrals(edges_s, np.array([1.0, 0.0]), np.array([3.0, 9.0]), np.array([0, 1]), 3, np.array([5.0, 2.0]))
    assert found.tolist() == [[0.0, 5.0, 7.5, 10.0], [0.0, 3.0, 4.0, 7.0], [0.0, 0.0, 0.0, 0.0]]


@given(st.integers(0, 999), st.integers(0, 30), st.integers(1, 8), st.booleans())
@settings(max_examples=100)
def test_it_is_what_each_span_overlaps(seed, spans, stretches, levels):
    drawn = luck(seed)
    from_s = np.round(10.0 * drawn.random(spans), seed % 3)
    to_s = from_s + np.round(5.0 * drawn.random(spans), seed % 3)
    edges_s = np.unique(np.round(12.0 * drawn.random(stretches + 1), 2))
    if len(edges_s) < 2:
        edges_s = np.array([0.0, 3.0])
    group, level = drawn.integers(3, size=spans), drawn.random(spans) * 100.0
    found = integrals(edges_s, from_s, to_s, group, 3, level if levels else None)
    reach_s = np.clip(edges_s, from_s[:, None], to_s[:, None])
    each = (reach_s - reach_s[:, :1]) * (level if levels else np.ones(spans))[:, None]
    expected = np.array([each[group == number].sum(axis=0) for number in range(3)])
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert (np.diff(found, axis=1) >= 0.0).all()


def test_where_nothing_lasts_nothing_is_left_by_rounding():
    """A third of a bit a second, thrice, and then no more."""
    from_s, to_s = np.array([0.0, 0.1, 0.2]), np.array([0.7, 0.8, 0.9])
    edges_s = np.array([0.0, 0.5, 1.0, 1e9])
    found = integrals(edges_s, from_s, to_s, np.zeros(3, int), 1, np.array([0.1, 0.2, 0.3]))
    assert found[0, 2] == found[0, 3] == pytest.approx(0.7 * 0.6)


def test_spans_that_are_shorter_than_what_rounding_leaves_are_never_negative():
    """A nanosecond each, an age before the edge."""
    from_s = luck(1).random(2000)
    found = integrals(np.array([0.0, 1e9]), from_s, from_s + 1e-9, np.arange(2000) // 10, 200)
    assert found.min() == 0.0


@given(st.integers(0, 99), st.floats(0.01, 1.0), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_wherever_it_is_cut_no_second_and_no_bit_is_lost(seed, at, stretches):
    whole = played(seed)
    part = cut(whole, at * whole.close_s)
    good, vain = sums_by_block(part, part.user, 3, np.linspace(0.0, part.close_s, stretches + 1))
    both = good[..., -1] + vain[..., -1]
    spans_s = (np.diff(part.moments_s[[BEGIN, DOWNLOADED, COMPUTED, UPLOADED]], axis=0)).sum(axis=1)
    assert both[:3].sum(axis=1) == pytest.approx(spans_s)
    assert both[:3].sum() == pytest.approx(6 * part.close_s)
    accepted = part.accepted.sum()
    assert good[3:, :, -1].sum(axis=1) == pytest.approx([accepted * SIZES.down_b, accepted * SIZES.up_b])
    assert good[:3, 1, -1].sum() == pytest.approx(
        (part.moments_s[UPLOADED] - part.begin_s)[part.accepted & (part.user == 1)].sum()
    )
    came = part.arrived & ~part.accepted
    assert vain[4].sum(axis=0)[-1] >= came.sum() * SIZES.up_b * (1 - 1e-9)


def a_record():
    """A record of three blocks in two cities, on a ledger that nothing else writes; and whom it tells of use."""
    blocks = tuple(SimpleNamespace(city=city, line=f"{city}/{n}") for n, city in enumerate(("oslo", "oslo", "paris")))
    told = []
    crowd = SimpleNamespace(
        blocks=blocks,
        cities=("oslo", "paris"),
        watts=ClientWatts(3.0, 1.0, 2.0),
        excess=None,
        device=lambda city: f"{city}/device",
        charged_line_w=lambda block: 0.5,
        city_sums=lambda rows: np.array([rows[0] + rows[1], rows[2]]),
        used=lambda block, workload, from_s, to_s, *busy_s: told.append((block.line, from_s, to_s)),
    )
    traffic = SimpleNamespace(carried=lambda names, from_s, to_s: told.append((*names, from_s, to_s)))
    way = Path({"link": 1e9}, 0.0, 1.0, (), (), {})
    ledger = Ledger(SimpleNamespace(now=0.0))
    return CrowdRecord(ledger, traffic, crowd, CrowdWays((way,) * 3, (way,) * 3), "job"), ledger, told


def changes(ledger, record):
    record.flush()
    return [column.tolist() for column in ledger.changes()]


def test_sums_are_recorded_as_the_sessions_that_they_are_of():
    whole, edges_s = played(dropout=0.0, timeout_s=np.inf), np.array([0.0, 7.0, 20.0, 31.0])
    part = cut(whole, 31.0)
    sessions = Sessions(part.close_s, part.moments_s, part.accepted, part.dropped)
    reached = reached_s(sessions, edges_s)
    one, ledger, told = a_record()
    found = one.write(5.0, part.user, part.accepted, edges_s, reached, bits_alone(reached, part.down_bps, part.up_bps))
    other, other_ledger, other_told = a_record()
    other_found = other.write_sums(5.0, edges_s, *sums_by_block(part, part.user, 3, edges_s))
    assert found == pytest.approx(other_found)
    assert found.lost_b > 0.0
    assert told == other_told
    for column, other_column in zip(changes(ledger, one), changes(other_ledger, other), strict=True):
        assert column == pytest.approx(other_column)


def test_stretches_that_follow_each_other_add_up_to_one():
    """Half an hour as one, and as three parts of it: the bits told are the same."""
    whole, edges_s = played(), np.linspace(0.0, 30.0, 7)
    part = cut(whole, 30.0)
    one, *_ = a_record()
    found = one.write_sums(0.0, edges_s, *sums_by_block(part, part.user, 3, edges_s))
    other, _, told = a_record()
    parts = [edges_s[:3], edges_s[2:4], edges_s[3:]]
    others = [other.write_sums(0.0, edges, *sums_by_block(part, part.user, 3, edges)) for edges in parts]
    assert np.sum(others, axis=0) == pytest.approx(found)
    assert [pair[-2:] for pair in told if pair[0] == "link"][::2] == [(0.0, 10.0), (10.0, 15.0), (15.0, 30.0)]
    assert all(before <= after for before, after in pairwise(told_s for *_, told_s in told))
