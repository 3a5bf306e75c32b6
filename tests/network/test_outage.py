"""What goes down in an event, and what is left of the atlas without it."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import an_atlas, seas

from simulator.catalogue import rows
from simulator.network.atlas import build_atlas
from simulator.network.outage import link_of, links_down, name_of, without
from simulator.network.route import route
from simulator.network.spec import Closure, Cut, Outage

ATLAS = build_atlas(2025)


def links(atlas):
    """Every link by name, with its bits per second."""
    return {link_of(a, b, link.cable): link.capacity_bps for a, b, d in atlas.edges(data=True) for link in d["links"]}


def state(atlas):
    """All that an atlas says of its edges, whatever their order."""
    return {frozenset((a, b)): data for a, b, data in atlas.edges(data=True)}


def test_a_link_has_one_name_from_both_sides():
    assert link_of("oslo", "bergen", "north") == link_of("bergen", "oslo", "north") == ("bergen", "oslo", "north")


def test_a_cut_cable_is_down_on_all_of_its_segments_and_no_other_is():
    laid = [row for row in rows("segment").values() if row.text("status") != "planned"]
    segments = [row for row in laid if row.text("cable") == "sea-me-we-5"]
    expected = {link_of(row.text("a"), row.text("b"), "sea-me-we-5") for row in segments}
    assert len(expected) > 10
    assert links_down(ATLAS, Cut(at="0 s", cables=["SEA-ME-WE-5"])) == expected


def test_a_cut_segment_leaves_the_others_of_its_cable():
    down = links_down(ATLAS, Cut(at="0 s", segments=["grace-hopper:bu-grace:bilbao"]))
    assert down == {("bilbao", "bu-grace", "grace-hopper")}


def test_a_cut_takes_cables_and_segments_together():
    down = links_down(ATLAS, Cut(at="0 s", cables=["marea"], segments=["grace-hopper:bu-grace:bilbao"]))
    assert down == {("bilbao", "virginia-beach", "marea"), ("bilbao", "bu-grace", "grace-hopper")}


def test_an_outage_takes_what_comes_from_the_sea_and_leaves_what_goes_over_land():
    down = links_down(ATLAS, Outage(at="0 s", landing="Bilbao"))
    at_sea = {cable for a, b, cable in links(ATLAS) if "bilbao" in (a, b) and cable in rows("cable")}
    assert {"marea", "grace-hopper"} <= {cable for *_, cable in down} == at_sea
    left = without(ATLAS, down)
    assert left.has_edge("bilbao", "madrid")
    assert not left.has_edge("bilbao", "virginia-beach")


def test_a_closure_takes_what_its_choke_point_is_said_to_be_passed_by():
    down = links_down(ATLAS, Closure(at="0 s", choke_point="Red-Sea"))
    passing = {name for name, row in rows("segment").items() if "red-sea" in row.text("choke_points").split(";")}
    assert passing
    assert {cable for *_, cable in down} <= {rows("segment")[name].text("cable") for name in passing}
    assert {"aae-1", "sea-me-we-5", "peace"} <= {cable for *_, cable in down}
    assert "marea" not in {cable for *_, cable in down}


def test_an_event_is_called_by_what_goes_down():
    assert name_of(Cut(at="0 s", cables=["marea", "amitie"], segments=["x:y:z"])) == "marea, amitie, x:y:z"
    assert name_of(Outage(at="0 s", landing="marseille")) == "marseille"
    assert name_of(Closure(at="0 s", choke_point="egypt")) == "egypt"


def test_an_edge_loses_what_is_down_and_goes_with_its_last_link_and_places_stay():
    """10 and 5 Gb/s side by side; the shorter one goes first."""
    atlas = an_atlas(("a", "b", "short", 100.0, 10.0), ("a", "b", "long", 300.0, 5.0))
    one = without(atlas, [("a", "b", "short")])
    assert (one.edges["a", "b"]["capacity_bps"], one.edges["a", "b"]["km"]) == (5e9, 300.0)
    none = without(atlas, [("a", "b", "short"), ("a", "b", "long")])
    assert (list(none), list(none.edges)) == (["a", "b"], [])
    assert (atlas.edges["a", "b"]["capacity_bps"], atlas.edges["a", "b"]["km"]) == (15e9, 100.0)


def test_what_is_left_cannot_be_changed():
    with pytest.raises(nx.NetworkXError):
        without(an_atlas(("a", "b", "one", 1.0, 1.0)), []).remove_node("a")


def test_a_published_round_trip_grows_by_what_policy_says_however_often_cables_are_cut():
    """Dallas to London, 113 ms on whole cables; both ways of saying so cut the same two."""
    way = route(ATLAS, "dallas", "london")
    sea = [(a, b) for a, b in zip(way.places, way.places[1:], strict=False) if ATLAS.edges[a, b]["kind"] == "submarine"]
    down = [link_of(a, b, cable) for a, b in sea for cable in ATLAS.edges[a, b]["cables"]]
    at_once, one_by_one = without(ATLAS, down), ATLAS
    for link in down:
        one_by_one = without(one_by_one, [link])
    longer_ms = route(at_once, "dallas", "london").rtt_ms - way.rtt_ms
    assert longer_ms > 0
    for atlas in (at_once, one_by_one):
        assert route(atlas, "dallas", "london", "measured").rtt_ms == pytest.approx(113.0 + longer_ms)


@given(seas(), st.data())
def test_capacities_are_those_of_what_is_up_whatever_the_order(cables, data):
    atlas = an_atlas(*cables)
    every = links(atlas)
    down = data.draw(st.sets(st.sampled_from(sorted(every))))
    left = without(atlas, down)
    assert links(left) == {name: bps for name, bps in every.items() if name not in down}
    for _, _, edge in left.edges(data=True):
        assert edge["capacity_bps"] == sum(link.capacity_bps for link in edge["links"])
        assert edge["cost_km"] == min(link.cost_km for link in edge["links"])
    first = data.draw(st.sets(st.sampled_from(sorted(down)))) if down else set()
    assert state(without(without(atlas, first), down - first)) == state(left)
