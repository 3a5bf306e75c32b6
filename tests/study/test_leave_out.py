"""Constants of latency fitted anew: the least of absolute relative deviations, by pen and paper."""

import pytest

from simulator.catalogue import rows
from simulator.study.internet import shipped
from simulator.study.leave_out import Pair, by_cables, by_great_circle, errors, fit, leave_one_out, pair_of


def a_pair(published_ms, overland_ms=0.0, submarine_ms=0.0, circle_ms=0.0, ends=("a", "b")):
    return Pair(ends, published_ms, overland_ms, submarine_ms, circle_ms)


def only_overland(pair):
    return (pair.overland_ms,)


def test_constants_that_made_the_round_trips_are_found_again():
    ways = [(10.0, 0.0), (5.0, 40.0), (30.0, 20.0), (2.0, 90.0), (50.0, 1.0)]
    pairs = [a_pair(1.25 * over + 1.5 * sea + 4.0, over, sea) for over, sea in ways]
    assert fit(pairs, by_cables) == pytest.approx((1.25, 1.5, 4.0))


def test_one_pair_of_many_that_is_wrong_moves_nothing():
    pairs = [a_pair(2.0 * ms + 3.0, circle_ms=ms) for ms in (10.0, 20.0, 30.0, 40.0)]
    assert fit([*pairs, a_pair(500.0, circle_ms=25.0)], by_great_circle) == pytest.approx((2.0, 3.0))


def test_one_constant_is_the_median_of_the_ratios_weighed_by_their_inverses():
    """Published 1, 2 and 4 over 1 each: |c - 1| + |c/2 - 1| + |c/4 - 1| is 0.5 + 0.75 at c = 1, and more elsewhere."""
    pairs = [a_pair(published_ms, 1.0) for published_ms in (1.0, 2.0, 4.0)]
    assert fit(pairs, only_overland) == pytest.approx((1.0,))
    assert sum(errors(pairs, only_overland, (1.0,))) == pytest.approx(1.25)


def test_no_constant_is_below_zero():
    """1 and 3 over 2 and 4 would be c = 1 less 1; without it |2c - 1| + |4c/3 - 1| is least at c = 1/2."""
    pairs = [a_pair(1.0, circle_ms=2.0), a_pair(3.0, circle_ms=4.0)]
    assert fit(pairs, by_great_circle) == pytest.approx((0.5, 0.0))


def test_a_region_is_tested_with_constants_that_never_saw_it():
    """Six pairs of a, b, c, d hold to 2 x light + 3; those of e take twice as long, and their fit cannot know it."""
    honest = [
        ("a", "b", 10.0),
        ("a", "c", 20.0),
        ("a", "d", 30.0),
        ("b", "c", 40.0),
        ("b", "d", 50.0),
        ("c", "d", 60.0),
    ]
    pairs = [a_pair(2.0 * ms + 3.0, ms, ms, ms, (a, b)) for a, b, ms in honest]
    pairs += [a_pair(2.0 * (2.0 * 15.0 + 3.0), 15.0, 15.0, 15.0, (a, "e")) for a in "ab"]
    lines = {line[0]: line for line in leave_one_out(pairs, (1.0, 1.0, 3.0)).lines}
    assert lines["e"][4:] == ("50.0%", "50.0%", "50.0%", "50.0%")
    assert lines["d"][4:] == ("0.0%", "0.0%", "0.0%", "0.0%")


def test_the_shipped_constants_give_what_a_route_takes():
    """London to Sydney in the atlas: over land and under the sea, as `route` adds it up."""
    from simulator.network.trip import find_trip

    row = rows("round-trip")["london:sydney"]
    (error,) = errors([pair_of(row)], by_cables, shipped())
    ours_ms = find_trip("london", "sydney", 2024).rtt_ms
    assert error == pytest.approx(abs(ours_ms / row.number("rtt_ms", "") - 1.0))
