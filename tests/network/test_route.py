"""Routes: there and back alike, over real edges, never faster than light, honest about what does not exist."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import SimulatorError, UnknownNameError, UsageError
from simulator.network.atlas import Link, build_atlas, edge_of, great_circle_km
from simulator.network.route import route

ATLAS = build_atlas(2025)
places = st.sampled_from(sorted(ATLAS))
models = st.sampled_from(["policy", "lower_bound"])


def a_line(*links):
    """A graph a - b - c - ... with these links."""
    atlas = nx.Graph(year=2025)
    for (a, b), link in zip(zip("abcdef", "bcdefg", strict=True), links, strict=False):
        atlas.add_edge(a, b, **edge_of([link]))
    return atlas


SEA = Link("sea", "submarine", 1000.0, 1000.0, None, "", 2000)
LAND = Link("land", "overland", 500.0, 1000.0, None, "", None)
TAIL = Link("tail", "backhaul", 100.0, 100.0, None, "", None)


def test_the_round_trip_is_what_pen_and_paper_give():
    """2 x 4.9 us/km x (1.216 x 1000 + 1.244 x 600 km) + 3.6 ms; the bound: 2 x 4.9 us/km x 1600 km."""
    atlas = a_line(SEA, LAND, TAIL)
    found = route(atlas, "a", "d")
    assert found.rtt_ms == pytest.approx(0.0098 * (1216 + 746.4) + 3.6)
    assert (found.places, found.cables, found.km, found.cost_km) == (tuple("abcd"), ("sea", "land", "tail"), 1600, 2100)
    assert route(atlas, "a", "d", "lower_bound").rtt_ms == pytest.approx(15.68)


def test_policy_takes_the_cheap_way_and_counts_its_true_kilometres():
    atlas = a_line(SEA, SEA)
    atlas.add_edge("a", "c", **edge_of([LAND._replace(cost_km=4000.0)]))
    assert route(atlas, "a", "c").places == ("a", "b", "c")
    assert route(atlas, "a", "c").km == 2000
    assert route(atlas, "a", "c", "lower_bound").places == ("a", "c")


def test_of_two_links_on_a_hop_policy_counts_the_cheap_one_and_the_bound_the_short_one():
    atlas = nx.Graph(year=2025)
    atlas.add_edge("a", "b", **edge_of([SEA, LAND._replace(cost_km=4000.0)]))
    assert route(atlas, "a", "b").cables == ("sea",)
    assert route(atlas, "a", "b", "lower_bound").cables == ("land",)


@given(a=places, b=places, latency=models)
def test_there_and_back_are_the_same_way(a, b, latency):
    there, back = route(ATLAS, a, b, latency), route(ATLAS, b, a, latency)
    assert (there.km, there.cost_km, there.rtt_ms) == (back.km, back.cost_km, back.rtt_ms)
    assert (there.places, there.cables) == (back.places[::-1], back.cables[::-1])


def test_there_and_back_are_the_same_way_where_many_ways_cost_the_same():
    """Four by four places, each street at the same cost and of another length."""
    town = nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 4))
    atlas = nx.Graph(year=2025)
    for n, (a, b) in enumerate(town.edges):
        atlas.add_edge(str(a), str(b), **edge_of([SEA._replace(km=100.0 + n)]))
    pairs = [(a, b) for a in atlas for b in atlas]
    assert [(a, b) for a, b in pairs if route(atlas, a, b).km != route(atlas, b, a).km] == []


@given(a=places, b=places, latency=models)
def test_every_hop_is_an_edge_and_carries_the_cable_that_is_named(a, b, latency):
    found = route(ATLAS, a, b, latency)
    assert (found.places[0], found.places[-1], len(set(found.places))) == (a, b, len(found.places))
    hops = list(zip(found.places, found.places[1:], found.cables, strict=False))
    assert len(hops) == len(found.cables) == len(found.places) - 1
    assert all(cable in ATLAS.edges[x, y]["cables"] for x, y, cable in hops)


@given(a=places, b=places, c=places)
def test_a_way_by_another_place_never_costs_less(a, b, c):
    direct = route(ATLAS, a, c).cost_km
    assert direct <= (route(ATLAS, a, b).cost_km + route(ATLAS, b, c).cost_km) * (1 + 1e-12)


@given(a=places, b=places)
def test_nothing_is_faster_than_the_lower_bound_nor_that_than_light_on_the_great_circle(a, b):
    """Rounded coordinates allow 2 km a hop."""
    bound = route(ATLAS, a, b, "lower_bound")
    assert route(ATLAS, a, b).rtt_ms >= bound.rtt_ms
    ends = [(ATLAS.nodes[p]["lat_deg"], ATLAS.nodes[p]["lon_deg"]) for p in (a, b)]
    assert bound.km + 2 * len(bound.cables) >= great_circle_km(*ends)


@given(a=places, b=places)
def test_the_cost_is_that_of_networkx(a, b):
    assert route(ATLAS, a, b).cost_km == pytest.approx(nx.dijkstra_path_length(ATLAS, a, b, weight="cost_km"))


def test_from_a_place_to_itself_there_are_no_kilometres():
    assert route(ATLAS, "paris", "paris") == (("paris",), (), 0.0, 0.0, 3.6)
    assert route(ATLAS, "paris", "paris", "lower_bound").rtt_ms == 0.0


def test_a_cloud_region_stands_for_its_city_whatever_the_case():
    assert route(ATLAS, "gcp:europe-west9", "AWS:us-east-1") == route(ATLAS, "Paris", "ashburn")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("pariss", "did you mean `paris`"),
        ("gcp:europe-west", "did you mean `gcp:europe-west"),
        ("virginia beach", "did you mean `virginia-beach`?"),
        ("Marseilles", "did you mean `marseille`"),
        ("xyzzy", "`aiceberg catalogue list city` shows them all"),
    ],
)
def test_an_unknown_place_gets_a_hint(name, hint):
    with pytest.raises(UnknownNameError) as caught:
        route(ATLAS, "paris", name)
    assert str(caught.value).startswith(f"no place is called {name!r}; {hint}")


def test_a_landing_without_a_cable_yet_is_said_to_be_so():
    with pytest.raises(UsageError) as caught:
        route(build_atlas(2022), "bu-amitie", "paris")
    assert str(caught.value) == "bu-amitie: no cable reaches it in 2022; choose a later year, or its metro"


def test_two_places_that_nothing_joins_are_said_to_be_so():
    with pytest.raises(SimulatorError) as caught:
        route(build_atlas(2012), "paris", "nukualofa")
    assert str(caught.value) == (
        "route from paris to nukualofa: no cable joins them in 2012; "
        "choose a later year, or two places that cables join"
    )


def test_another_latency_model_is_refused():
    with pytest.raises(UsageError, match="latency='fast': there is no such model"):
        route(ATLAS, "paris", "lyon", "fast")


def test_a_cut_in_a_copy_moves_the_traffic_and_a_repair_brings_it_back():
    atlas = ATLAS.copy()
    before = route(atlas, "virginia-beach", "bilbao")
    links = atlas.edges["virginia-beach", "bilbao"]["links"]
    atlas.remove_edge("virginia-beach", "bilbao")
    assert route(atlas, "virginia-beach", "bilbao").km > before.km
    atlas.add_edge("virginia-beach", "bilbao", **edge_of(links))
    assert route(atlas, "virginia-beach", "bilbao") == before == route(ATLAS, "virginia-beach", "bilbao")


def test_a_dearer_link_is_seen_though_no_edge_was_added_or_removed():
    atlas = a_line(SEA, SEA)
    atlas.add_edge("a", "c", **edge_of([SEA]))
    assert route(atlas, "a", "c").places == ("a", "c")
    atlas.edges["a", "c"].update(edge_of([SEA._replace(cost_km=9000.0)]))
    assert route(atlas, "a", "c").places == ("a", "b", "c")
