"""Cables that broke, as they were published: where traffic went, what was left, how long packets took.

2008 rests on capacities and a demand that are assumed; 2022 over the satellite is the range of such satellites,
and only the round trip on the mended cable is a prediction.
"""

import pytest

import simulator as sim
from simulator.network.atlas import build_atlas
from simulator.network.outage import links_down, without
from simulator.network.spec import Closure

DEMAND = "world.network.demands.0.rate"
RED_SEA = ["aae-1", "eassy", "eig", "falcon", "fea", "imewe", "peace", "sea-me-we-3", "sea-me-we-4", "sea-me-we-5"]
RED_SEA += ["seacom"]


def round_trips_ms(name, **values):
    """The round trips of each ping of a scenario, one a way, None where there was none."""
    found = {}
    for row in sim.run(name, values=values).table("pings").to_pylist():
        found.setdefault(row["workload"], []).append(None if row["rtt_s"] is None else 1000 * row["rtt_s"])
    return found


def europe_to_egypt(atlas):
    """The cables that join Egypt's north to Europe."""
    ends = ("alexandria", "port-said")
    europe = {"it", "fr", "gr", "gb", "es", "pt", "mt", "cy"}
    return {
        link.cable
        for end in ends
        if end in atlas
        for other in atlas[end]
        if atlas.nodes[other]["country"] in europe
        for link in atlas.edges[end, other]["links"]
    }


def test_the_cut_of_2008_leaves_one_cable_between_europe_and_egypt():
    """CommsUpdate 2008-01-31: SeaMeWe-3 is the only one left."""
    whole = build_atlas(2007)
    assert europe_to_egypt(whole) == {"fea", "sea-me-we-3", "sea-me-we-4"}
    down = {
        (min(a, b), max(a, b), link.cable)
        for a, b, links in whole.edges(data="links")
        for link in links
        if link.cable in ("fea", "sea-me-we-4")
    }
    assert europe_to_egypt(without(whole, down)) == {"sea-me-we-3"}


def test_the_cut_of_2008_sends_london_to_mumbai_round_the_world():
    """Asked: at least 1.5 times; the low and the high demand are printed without a gate."""
    found = round_trips_ms("papers/cable_cut_2008")
    low, high = (round_trips_ms("papers/cable_cut_2008", **{DEMAND: bps}) for bps in ("300 Gbps", "620 Gbps"))
    policy = round_trips_ms("papers/cable_cut_2008", **{"world.network.routing": "policy"})
    for name, run in (("480 Gbps", found), ("300 Gbps", low), ("620 Gbps", high), ("least cost", policy)):
        print(name, {pair: ["none" if ms is None else round(ms) for ms in ways] for pair, ways in run.items()})
    before, during, after = found["london-mumbai"]
    assert during / before >= 1.5
    assert after == before
    assert [round(ms) for ms in (before, during)] == [185, 382]
    assert [round(ms) for ms in low["london-mumbai"][:2]] == [157, 395]
    assert high["london-mumbai"][1] is None
    assert [round(ms) for ms in policy["london-mumbai"][:2]] == [157, 204]


def test_the_demand_of_2008_is_carried_in_the_way_the_header_says():
    events = sim.run("papers/cable_cut_2008").table("events").to_pylist()
    told = [event["cause"] for event in events if event["event"] == "demand"]
    assert told[0].startswith("480 Gbps of 480 Gbps over 2 ways, round trip 161 ms")
    assert told[1].startswith("480 Gbps of 480 Gbps over 9 ways, round trip 287 ms")
    assert told[2] == told[0]
    more = sim.run("papers/cable_cut_2008", values={DEMAND: "620 Gbps"}).table("events").to_pylist()
    carried = [event["cause"] for event in more if event["event"] == "demand"]
    assert carried[1].startswith("514 Gbps of 620 Gbps")


def test_eleven_cables_pass_the_red_sea_in_2024_and_eight_are_left():
    atlas = build_atlas(2024)
    passing = {cable for _, _, cable in links_down(atlas, Closure(at="0 s", choke_point="red-sea"))}
    assert sorted(passing) == RED_SEA
    assert len(passing - {"eig", "seacom", "aae-1"}) == 8


def test_three_cables_less_in_the_red_sea_change_round_trips_by_less_than_a_twentieth():
    for pair, ways in round_trips_ms("papers/red_sea_2024").items():
        print(pair, [round(ms, 1) for ms in ways])
        assert all(abs(ms / ways[0] - 1) < 0.05 for ms in ways)


def test_tonga_hangs_on_a_satellite_for_38_days_and_then_on_its_cable():
    """Kentik: 670 ms over the satellite, 139 ms on the mended cable."""
    result = sim.run("papers/tonga_2022")
    before, above, after = result.table("pings").to_pylist()
    print(f"satellite {1000 * above['rtt_s']:.0f} ms (670), cable {1000 * after['rtt_s']:.1f} ms (139)")
    assert 0.600 <= above["rtt_s"] <= 0.700
    assert above["until_s"] - above["at_s"] == pytest.approx(38 * 86_400)
    assert after["rtt_s"] == pytest.approx(0.139, rel=0.10)
    assert after["rtt_s"] == before["rtt_s"]
    first, second = (
        {row["workload"]: row for row in result.table("transfers").to_pylist()}[name] for name in ("before", "after")
    )
    assert first["end_s"] == pytest.approx(16e12 / 10e9, rel=1e-3)
    assert second["end_s"] - second["submit_s"] == pytest.approx(16e12 / 120e6, rel=1e-3)
