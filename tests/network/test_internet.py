"""The internet as it is now: what is down, the ways that are left, what the traffic of others takes of them."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_ledger, a_sea, an_atlas, seas

from simulator.catalogue import find
from simulator.network.internet import Internet
from simulator.network.outage import link_of
from simulator.network.path import home
from simulator.network.setting import Setting, world_atlas
from simulator.network.spec import NetworkSpec
from simulator.network.traffic import Traffic

LIGHT_US_PER_KM, AT_SEA, ADDED_MS = 4.9, 1.216, 3.6
"""The figures of `policy`: light in fibre, the stretch at sea, and what is added at the ends."""
TWO_WAYS = (("a", "b", "direct", 1000.0, 10.0), ("a", "c", "round", 1000.0, 4.0), ("b", "c", "round", 1000.0, 4.0))
"""1000 km that carry 10 Gb/s, and 2000 km that carry 4."""
DIRECT = ("a", "b", "direct")


def one_way_s(km):
    """Half the round trip of `policy` over so many kilometres at sea."""
    return (2 * LIGHT_US_PER_KM * AT_SEA * km / 1e3 + ADDED_MS) / 2e3


def demand(a, b, gbps):
    return {"from": a, "to": b, "rate": f"{gbps} Gbps"}


def links(cables):
    return sorted({link_of(a, b, name) for a, b, name, *_ in cables})


def carried_gbps(internet):
    return [placed.carried_bps / 1e9 for placed in internet.demands]


def edges(atlas):
    return {frozenset((a, b)): edge["capacity_bps"] for a, b, edge in atlas.edges(data=True)}


def taken_bps(world):
    """What demands take of each link, in both directions."""
    taken = Counter()
    for placed in world.internet.demands:
        for lane in placed.lanes:
            for link in lane.way.capacities_bps:
                taken.update({link: lane.cap_bps, ">".join(reversed(link.split(">"))): lane.cap_bps})
    return taken


def test_a_way_is_half_the_round_trip_of_policy_and_another_one_while_its_cable_is_down():
    with a_sea(an_atlas(*TWO_WAYS)) as world:
        ends = home("a"), home("b")
        assert world.internet.find_way(*ends, "policy").latency_s == pytest.approx(one_way_s(1000))
        world.internet.take_down([DIRECT])
        assert world.internet.find_way(*ends, "policy").latency_s == pytest.approx(one_way_s(2000))
        world.internet.take_down([("a", "c", "round")])
        assert world.internet.find_way(*ends, "policy") is None
        world.internet.bring_back([DIRECT])
        assert world.internet.find_way(*ends, "policy").latency_s == pytest.approx(one_way_s(1000))


def test_what_is_down_for_two_causes_is_down_until_the_second_ends():
    with a_sea(an_atlas(*TWO_WAYS)) as world:
        whole = world.internet.atlas
        world.internet.take_down([DIRECT])
        world.internet.take_down([DIRECT, ("b", "c", "round")])
        world.internet.bring_back([DIRECT])
        assert edges(world.internet.atlas) == {frozenset("ac"): 4e9}
        world.internet.bring_back([DIRECT, ("b", "c", "round")])
        assert world.internet.atlas is whole


def test_who_waits_is_told_of_each_change_once():
    with a_sea(an_atlas(*TWO_WAYS)) as world:
        first = world.internet.wait_changed()
        world.internet.take_down([DIRECT])
        second = world.internet.wait_changed()
        assert (first.triggered, second.triggered) == (True, False)
        world.internet.bring_back([DIRECT])
        assert second.triggered


def test_a_demand_takes_its_way_there_and_back_and_what_does_not_fit_is_not_carried():
    """3 Gb/s over 10; then over the 4 that are left beside another's 2."""
    with a_sea(an_atlas(*TWO_WAYS), demands=[demand("a", "b", 3), demand("a", "c", 2)]) as world:
        assert carried_gbps(world.internet) == [3, 2]
        assert [world.traffic.occupied_bps(link) for link in ("a>b", "b>a", "a>c", "c>a", "b>c")] == [
            3e9,
            3e9,
            2e9,
            2e9,
            0,
        ]
        world.internet.take_down([DIRECT])
        assert carried_gbps(world.internet) == [3, 1]
        assert [world.traffic.occupied_bps(link) for link in ("a>b", "a>c", "c>a", "b>c")] == [0, 4e9, 4e9, 3e9]
        world.internet.bring_back([DIRECT])
        assert [world.traffic.occupied_bps(link) for link in ("a>b", "b>a", "a>c", "c>a", "b>c")] == [
            3e9,
            3e9,
            2e9,
            2e9,
            0,
        ]


def test_a_demand_for_which_nothing_is_left_carries_nothing_and_has_no_round_trip():
    with a_sea(an_atlas(*TWO_WAYS[:1]), demands=[demand("a", "b", 10), demand("a", "b", 1)]) as world:
        first, second = world.internet.demands
        assert (first.carried_bps, second.carried_bps, second.lanes) == (10e9, 0, ())
        assert second.rtt_s != second.rtt_s


def test_a_demand_takes_no_more_than_crowds_leave_in_either_direction():
    """A crowd takes 7 of the 10 Gb/s from b to a."""
    with a_sea(an_atlas(*TWO_WAYS), demands=[demand("a", "b", 5)]) as world:
        world.traffic.occupy({"b>a": 5e9})
        world.traffic.occupy({"b>a": 2e9})
        world.internet.take_down([("a", "c", "round")])
        assert carried_gbps(world.internet) == [3]
        assert world.traffic.occupied_bps("b>a") == pytest.approx(10e9)


def test_what_crowds_give_back_on_a_link_that_is_cut_leaves_nothing():
    """A third, a seventh and an eleventh of 1 Gb/s less the same in that order is no 0 in floats."""
    with a_sea(an_atlas(*TWO_WAYS)) as world:
        world.traffic.add_link("a>b", 10e9)
        for parts in (3, 7, 11):
            world.traffic.occupy({"a>b": 1e9 / parts})
        world.internet.take_down([DIRECT])
        for parts in (3, 7, 11):
            world.traffic.occupy({"a>b": -1e9 / parts})
        assert world.traffic.occupied_bps("a>b") == 0.0


def test_a_demand_spills_over_with_its_mean_round_trip():
    """12 Gb/s: 10 over 1000 km and 2 over 2000."""
    with a_sea(an_atlas(*TWO_WAYS), routing="capacity", demands=[demand("a", "b", 12)]) as world:
        (placed,) = world.internet.demands
        assert [lane.cap_bps for lane in placed.lanes] == pytest.approx([10e9, 2e9])
        assert placed.rtt_s == pytest.approx(2 * (10 * one_way_s(1000) + 2 * one_way_s(2000)) / 12)


def test_traffic_that_finds_room_goes_round_what_others_fill_and_policy_does_not():
    for routing, km in (("policy", 1000), ("capacity", 2000)):
        with a_sea(an_atlas(*TWO_WAYS), routing=routing, demands=[demand("a", "b", 10)]) as world:
            assert world.internet.find_way(home("a"), home("b"), "policy").km == km


def test_lanes_have_the_rate_that_each_way_has_room_for_and_one_alone_is_shared():
    with a_sea(an_atlas(*TWO_WAYS), routing="capacity") as world:
        ends = home("a"), home("b")
        several = world.internet.find_lanes(*ends, "policy", 13e9)
        assert [(lane.way.km, lane.cap_bps) for lane in several] == [(1000, 10e9), (2000, pytest.approx(3e9))]
        for want_bps in (2e9, float("inf")):
            (alone,) = world.internet.find_lanes(*ends, "policy", want_bps)
            assert (alone.way.km, alone.cap_bps) == (1000, want_bps)


def test_an_own_line_limits_what_is_spread_over_ways():
    """A data centre with an uplink of 5 Gb/s needs the first way alone, and shares its uplink on it."""
    with a_sea(an_atlas(*TWO_WAYS), routing="capacity") as world:
        ends = home("a")._replace(name="lab", uplink_bps=5e9), home("b")
        (lane,) = world.internet.find_lanes(*ends, "policy", 20e9)
        assert list(lane.way.capacities_bps) == ["lab/uplink>a", "a>b"]


def test_a_satellite_is_taken_where_no_cable_is_left_and_takes_its_650_ms_beside_what_lies_beyond():
    """Nuku'alofa to Auckland over a ground station in Sydney: 650 ms, and 2338 km at sea."""
    satellite = {"place": "nukualofa", "station": "sydney", "capacity": "50 Mbps"}
    setting = Setting(2025, NetworkSpec(satellites=[satellite]))
    assert find("satellite", "geo").number("rtt_ms", "there") == 650
    env, ledger = a_ledger()
    internet = Internet(env, Traffic(env, ledger), setting)
    ends = home("nukualofa"), home("auckland")
    on_cables = internet.find_way(*ends, "policy")
    assert on_cables.cables[0] == "tonga"
    internet.take_down([("nukualofa", "suva", "tonga")])
    above = internet.find_way(*ends, "policy")
    assert above.cables == ("geo", "geo", "sx-next")
    assert 2 * above.latency_s == pytest.approx(0.65 + 2 * one_way_s(2338))
    assert above.narrowest_bps == 50e6
    internet.bring_back([("nukualofa", "suva", "tonga")])
    assert internet.find_way(*ends, "policy") is on_cables


def test_a_setting_has_one_atlas_and_says_what_its_cables_carry():
    spec = NetworkSpec(cables={"MAREA": "1 Tbps"}, overland={"middle-east": "10 Gbps"})
    atlas, bare = world_atlas(Setting(2025, spec)), world_atlas(Setting(2025))
    assert world_atlas(Setting(2025, NetworkSpec(cables={"marea": "1 Tbps"}))) is not atlas
    assert world_atlas(Setting(2025, spec.model_copy(update={"routing": "capacity"}))) is atlas
    assert atlas.edges["virginia-beach", "bilbao"]["capacity_bps"] == 1e12
    here, there = edges(bare), edges(atlas)
    changed = {ends for ends in here if here[ends] != there[ends]} - {frozenset(("virginia-beach", "bilbao"))}
    classes = {find("overland", bare.edges[*ends]["cables"][0]).text("route_class") for ends in changed}
    assert classes == {"middle-east"}
    assert {there[ends] for ends in changed if len(bare.edges[*ends]["links"]) == 1} == {1e10}


@st.composite
def causes(draw, cables):
    """Sets of links that go down, and the order in which each of them does and comes back again."""
    sets = draw(st.lists(st.sets(st.sampled_from(links(cables)), min_size=1), min_size=1, max_size=4))
    order = draw(st.permutations([n for n in range(len(sets)) for _ in range(2)]))
    return [sets[n] for n in order], [order[:k].count(n) == 0 for k, n in enumerate(order)]


@given(seas(), st.data())
def test_whatever_goes_down_in_whatever_order_all_is_as_before_when_it_is_over(cables, data):
    atlas = an_atlas(*cables)
    rates = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=4))
    demands = [demand(*pair, gbps) for pair, gbps in zip(itertools.cycle([("a", "b"), ("c", "a"), ("b", "c")]), rates)]
    routing = data.draw(st.sampled_from(["policy", "capacity"]))
    with a_sea(atlas, routing=routing, demands=demands) as world:
        internet = world.internet
        before = (
            taken_bps(world),
            list(internet.demands),
            {name: world.traffic.occupied_bps(name) for name in taken_bps(world)},
        )
        down = Counter()
        for which, begins in zip(*data.draw(causes(cables)), strict=True):
            (internet.take_down if begins else internet.bring_back)(sorted(which))
            (down.update if begins else down.subtract)(which)
            up = Counter()
            for a, b, name, _, gbps in cables:
                up[frozenset((a, b))] += gbps * 1e9 * (down[link_of(a, b, name)] <= 0)
            assert edges(internet.atlas) == {ends: bps for ends, bps in up.items() if bps}
            taken = taken_bps(world)
            for link, bps in taken.items():
                assert bps <= up[frozenset(link.split(">"))] * (1 + 1e-9)
                assert world.traffic.occupied_bps(link) == pytest.approx(bps)
                assert bps == pytest.approx(taken[">".join(reversed(link.split(">")))])
            for placed, gbps in zip(internet.demands, rates, strict=True):
                assert placed.carried_bps <= gbps * 1e9 * (1 + 1e-9)
        assert internet.atlas is atlas
        assert (taken_bps(world), internet.demands) == before[:2]
        assert {name: world.traffic.occupied_bps(name) for name in before[2]} == before[2]
