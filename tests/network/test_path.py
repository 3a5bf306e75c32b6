"""The way between two data centres: its links in order, each with its capacity, and what of it was assumed."""

from typing import get_args

import pytest

from simulator.catalogue import doubts, rows
from simulator.network.atlas import build_atlas
from simulator.network.path import End, path
from simulator.network.route import Latency, route
from simulator.workloads.transfer_spec import Transfer

PARIS, ASHBURN = End("store", "paris", 1e10), End("trainer", "ashburn", None)


def test_a_way_goes_over_uplinks_and_every_edge_of_the_route():
    way = path(build_atlas(2025), PARIS, ASHBURN, "policy")
    assert list(way.capacities_bps) == [
        "store/uplink>paris",
        "paris>st-hilaire",
        "st-hilaire>virginia-beach",
        "virginia-beach>ashburn",
    ]


def test_a_capacity_is_the_design_capacity_or_the_assumed_row():
    """Dunant: 250 Tbps; its backhauls, whose capacity nobody publishes: 200 Tbps."""
    way = path(build_atlas(2025), PARIS, ASHBURN, "policy")
    assert list(way.capacities_bps.values()) == [1e10, 200e12, 250e12, 200e12]
    assert way.narrowest_bps == 1e10


def test_what_is_assumed_is_named():
    powers = (
        "network-power/exchange/energy_nj_per_b",
        "network-power/backhaul/energy_pj_per_b_per_km",
        "network-power/landing-station/energy_nj_per_b",
    )
    way = path(build_atlas(2025), PARIS, ASHBURN, "policy")
    assert way.assumptions == ("overland-capacity:backhaul", "overland-length", "no-uplink/trainer", *powers)


def test_a_capacity_whose_source_was_not_read_is_named_with_the_cable():
    """London to Ashburn crosses on a cable whose 10.2 Tbps nobody could read again."""
    way = path(build_atlas(2025), End("", "london", None), End("", "ashburn", None), "policy")
    doubtful = {
        name for cable in way.cables if cable in rows("cable") for name in doubts(rows("cable")[cable], "capacity_tbps")
    }
    assert "cable/exa-north-south/capacity_tbps" in doubtful
    assert doubtful <= set(way.assumptions)


def test_the_way_asked_for_again_is_the_same_object():
    assert path(build_atlas(2025), PARIS, ASHBURN, "policy") is path(build_atlas(2025), PARIS, ASHBURN, "policy")


def test_the_two_directions_share_no_link():
    there, back = path(build_atlas(2025), PARIS, ASHBURN, "policy"), path(build_atlas(2025), ASHBURN, PARIS, "policy")
    assert set(there.capacities_bps) & set(back.capacities_bps) == set()
    assert len(there.capacities_bps) == len(back.capacities_bps)


@pytest.mark.parametrize("latency", get_args(Latency))
def test_latency_is_half_the_round_trip_of_the_route(latency):
    found = route(build_atlas(2025), "london", "washington", latency)
    way = path(build_atlas(2025), End("a", "london", None), End("b", "washington", None), latency)
    assert (way.latency_s, way.km, way.cables) == (found.rtt_ms / 2000, found.km, found.cables)


def test_two_data_centres_of_one_city_have_no_link_between_but_their_uplinks():
    """No kilometres; 1.8 ms are those of the equipment at both ends."""
    way = path(build_atlas(2025), PARIS, End("b", "paris", 5e9), "policy")
    assert way.capacities_bps == {"store/uplink>paris": 1e10, "paris>b/uplink": 5e9}
    assert (way.km, way.latency_s) == (0.0, 0.0018)


def test_an_edge_of_several_cables_carries_what_they_carry_together():
    """Each cable its design capacity, or the value of the row that stands in for it."""
    atlas = build_atlas(2025)
    a, b = next((a, b) for a, b, links in atlas.edges(data="links") if len(links) > 1 and atlas[a][b]["capacity_bps"])
    way = path(build_atlas(2025), End("a", a, None), End("b", b, None), "lower_bound")
    assert way.capacities_bps[f"{a}>{b}"] == atlas[a][b]["capacity_bps"]


def test_a_scenario_may_choose_every_model_of_latency():
    assert get_args(Transfer.model_fields["latency"].annotation) == get_args(Latency)
