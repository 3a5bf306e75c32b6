"""Paths of least cost that have room, one after the other, until all of it is placed or nothing has room."""

from collections import Counter
from itertools import pairwise
from math import inf

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import an_atlas, seas

from simulator.network.atlas import edge_of
from simulator.network.outage import without
from simulator.network.setting import Setting, world_atlas
from simulator.network.sharing import FULL
from simulator.network.spec import NetworkSpec
from simulator.network.spill import Wanted, find_ways_with_room

DIAMOND = an_atlas(
    ("a", "b", "direct", 100.0, 10.0),
    *(("a", "c", "north", 100.0, 4.0), ("b", "c", "north", 50.0, 6.0)),
    *(("a", "d", "south", 100.0, 8.0), ("b", "d", "south", 100.0, 9.0)),
)
"""100 km that carry 10 Gb/s; 150 km that carry 4; 200 km that carry 8."""


def ways(want_gbps, taken=None, atlas=DIAMOND):
    taken_bps = Counter({link: gbps * 1e9 for link, gbps in (taken or {}).items()})
    found = find_ways_with_room(atlas, Wanted("a", "b", want_gbps * 1e9), lambda link: taken_bps[link])
    return {"".join(places): bps / 1e9 for places, bps in found}


@pytest.mark.parametrize(
    ("want_gbps", "expected"),
    [
        (3, {"ab": 3}),
        (10, {"ab": 10}),
        (12, {"ab": 10, "acb": 2}),
        (14, {"ab": 10, "acb": 4}),
        (20, {"ab": 10, "acb": 4, "adb": 6}),
        (30, {"ab": 10, "acb": 4, "adb": 8}),
        (inf, {"ab": 10}),
    ],
)
def test_what_does_not_fit_spills_over_to_the_next_path(want_gbps, expected):
    assert ways(want_gbps) == pytest.approx(expected)


def test_what_others_take_there_is_no_room_for_and_what_they_take_back_is_another_link():
    assert ways(12, {"a>b": 9, "c>b": 5, "b>a": 10}) == pytest.approx({"ab": 1, "acb": 1, "adb": 8})


def test_no_way_is_found_where_all_are_full_and_none_between_what_nothing_joins():
    assert ways(1, {"a>b": 10, "a>c": 4, "d>b": 9}) == {}
    assert ways(1, atlas=an_atlas(("a", "c", "one", 1.0, 1.0), ("b", "d", "two", 1.0, 1.0))) == {}


def test_a_link_with_less_than_a_millionth_free_is_full():
    assert ways(1, {"a>b": 10 * (1 - FULL / 2)}) == pytest.approx({"acb": 1})
    assert "ab" in ways(1, {"a>b": 10 * (1 - FULL * 2)})


def test_a_link_that_two_paths_pass_carries_both():
    """a to b over 6 Gb/s, then two cables of 4 Gb/s by different places."""
    stem = ("a", "x", "stem", 10.0, 6.0)
    fork = [("x", "y", "one", 10.0, 4.0), ("b", "y", "one", 10.0, 4.0), ("x", "z", "two", 20.0, 4.0)]
    atlas = an_atlas(stem, *fork, ("b", "z", "two", 20.0, 4.0))
    assert ways(9, atlas=atlas) == pytest.approx({"axyb": 4, "axzb": 2})


def test_it_is_spread_over_as_many_paths_as_it_takes():
    spokes = [("a", f"p{n}", "in", 10.0 + n, 1.0) for n in range(40)] + [
        ("b", f"p{n}", "on", 1.0, 1.0) for n in range(40)
    ]
    assert ways(40, atlas=an_atlas(*spokes)) == pytest.approx({f"ap{n}b": 1 for n in range(40)})


def test_the_lower_bound_takes_kilometres_for_costs():
    atlas = an_atlas(
        ("a", "b", "direct", 100.0, 10.0), ("a", "c", "cheap", 10.0, 10.0), ("b", "c", "cheap", 10.0, 10.0)
    )
    dear = [link._replace(cost_km=5.0) for link in atlas.edges["a", "b"]["links"]]
    cheap = nx.Graph(atlas)
    cheap.edges["a", "b"].update(edge_of(dear))
    for latency, places in (("policy", "ab"), ("lower_bound", "acb")):
        found = find_ways_with_room(cheap, Wanted("a", "b", 1e9, latency), lambda link: 0.0)
        assert ["".join(path) for path, _ in found] == [places]


def test_what_comes_back_needs_room_too_on_links_that_two_paths_pass_in_opposite_directions():
    """The second path from a to b passes the middle link of the first one backwards, which is full of it."""
    zigzag = [("a", "c", "one", 10.0, 1.0), ("c", "d", "one", 10.0, 1.0), ("b", "d", "one", 10.0, 1.0)]
    atlas = an_atlas(*zigzag, ("a", "d", "two", 100.0, 1.0), ("b", "c", "two", 100.0, 1.0))
    there = list(find_ways_with_room(atlas, Wanted("a", "b", 2e9), lambda link: 0.0))
    assert ["".join(places) for places, _ in there] == ["acdb", "adcb"]
    back = list(find_ways_with_room(atlas, Wanted("a", "b", 2e9, back=True), lambda link: 0.0))
    assert ["".join(places) for places, _ in back] == ["acdb"]
    around = find_ways_with_room(atlas, Wanted("a", "b", 2e9, back=True), lambda link: 1e9 * (link == "d>c"))
    assert sorted("".join(places) for places, _ in around) == ["acb", "adb"]


def test_a_satellite_is_no_way_for_what_does_not_fit_on_cables_nor_for_what_others_fill():
    """1 Pb/s from an island with one cable, and from its neighbours, whom cables join."""
    satellite = {"place": "nukualofa", "station": "sydney", "capacity": "50 Mbps"}
    atlas = world_atlas(Setting(2025, NetworkSpec(satellites=[satellite])))
    for start, end in (("nukualofa", "sydney"), ("suva", "sydney")):
        free = list(find_ways_with_room(atlas, Wanted(start, end, 1e15), lambda link: 0.0))
        full = list(find_ways_with_room(atlas, Wanted(start, end, 1e15), lambda link: 0.0 if "geo:" in link else 1e15))
        assert free
        assert not any("geo:nukualofa" in places for places, _ in (*free, *full))
    alone = without(atlas, [("nukualofa", "suva", "tonga")])
    assert list(find_ways_with_room(alone, Wanted("nukualofa", "sydney", 1e15), lambda link: 0.0)) == [
        (("nukualofa", "geo:nukualofa", "sydney"), 50e6)
    ]


@given(seas(), st.integers(1, 120), st.dictionaries(st.sampled_from(["a>b", "b>c", "b>a"]), st.integers(0, 40)))
def test_all_of_it_is_placed_or_all_the_room_is_taken_in_order_of_cost(cables, want, taken):
    atlas = an_atlas(*cables)
    taken_bps = Counter({link: gbps * 1e9 for link, gbps in taken.items()})
    found = list(find_ways_with_room(atlas, Wanted("a", "b", want * 1e9), lambda link: taken_bps[link]))
    placed_bps, used_bps = sum(bps for _, bps in found), Counter(taken_bps)
    for places, bps in found:
        assert (places[0], places[-1], len(set(places))) == ("a", "b", len(places))
        assert bps > 0
        used_bps.update({f"{a}>{b}": bps for a, b in pairwise(places)})
    costs = [sum(atlas.edges[hop]["cost_km"] for hop in pairwise(places)) for places, _ in found]
    assert costs == sorted(costs)
    free = nx.DiGraph()
    free.add_nodes_from(atlas)
    for a, b, edge in atlas.edges(data=True):
        for start, end in ((a, b), (b, a)):
            link, most_bps = f"{start}>{end}", max(edge["capacity_bps"], taken_bps[f"{start}>{end}"])
            assert used_bps[link] <= most_bps * (1 + 1e-12)
            if edge["capacity_bps"] - used_bps[link] > FULL * edge["capacity_bps"]:
                free.add_edge(start, end)
    assert placed_bps == pytest.approx(want * 1e9, rel=2 * FULL) or not nx.has_path(free, "a", "b")
