"""What a way passes through: each element and what a bit costs there, from rows and kilometres by hand."""

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import find, rows
from simulator.network.atlas import build_atlas
from simulator.network.element import GRID_ELSEWHERE, way_elements
from simulator.network.route import route

ATLAS = build_atlas(2025)
NJ, PJ = 1e-9, 1e-12


def along(a, b):
    return way_elements(ATLAS, route(ATLAS, a, b).places)


def slopes(a, b):
    return {name: element.slope_j_per_b for name, element in along(a, b).elements.items()}


def test_paris_to_grenoble_in_full():
    """530 + 126 km x 20 pJ/b/km; metro routers 1 nJ/b, core routers 0.3 nJ/b, an exchange at both ends of 1 nJ/b."""
    assert slopes("paris", "grenoble") == pytest.approx(
        {
            "paris/edge": 1 * NJ,
            "paris/exchange": 1 * NJ,
            "paris/router": 0.3 * NJ,
            "paris>lyon": 530 * 20 * PJ,
            "lyon/router": 0.3 * NJ,
            "lyon>grenoble": 126 * 20 * PJ,
            "grenoble/edge": 1 * NJ,
            "grenoble/exchange": 1 * NJ,
            "grenoble/router": 0.3 * NJ,
        }
    )


def test_paris_to_ashburn_under_the_atlantic():
    """Dunant: 6400 km x 6.06 pJ/b/km and a landing station of 5 nJ/b on each side; backhauls of 560 and 388 km."""
    found = slopes("paris", "ashburn")
    assert found["st-hilaire>virginia-beach"] == pytest.approx(6400 * 6.06 * PJ)
    assert found["paris>st-hilaire"] == pytest.approx(560 * 20 * PJ)
    assert {name: s for name, s in found.items() if name.endswith("/landing")} == {
        "st-hilaire/landing": pytest.approx(5 * NJ),
        "virginia-beach/landing": pytest.approx(5 * NJ),
    }
    by_hand = 2 * 1 + 2 * 1 + 4 * 0.3 + 2 * 5 + (6400 * 6.06 + (560 + 388) * 20) / 1000
    assert sum(found.values()) == pytest.approx(by_hand * NJ)


def test_an_atlantic_crossing_with_its_landings_costs_what_its_source_says():
    """0.05 W/Mbps = 50 nJ/b for 6600 km."""
    cable = find("network-power", "submarine").number("energy_pj_per_b_per_km", "")
    landing = find("network-power", "landing-station").number("energy_nj_per_b", "")
    assert 6600 * cable / 1000 + 2 * landing == pytest.approx(50, rel=1e-3)


def test_an_element_names_its_kind_its_countries_and_its_row():
    found = along("paris", "ashburn").elements
    assert found["st-hilaire>virginia-beach"][:3] == ("link", ("fr", "us"), "dunant")
    assert found["paris>st-hilaire"][:3] == ("link", ("fr",), "st-hilaire:paris")
    assert found["paris/edge"][:3] == ("site", ("fr",), "metro-router")


def test_within_one_city_a_bit_meets_its_metro_router_and_its_exchange():
    assert list(along("paris", "paris").elements) == ["paris/edge", "paris/exchange"]


def test_a_city_without_an_exchange_has_no_element_of_one():
    place = next(name for name, data in ATLAS.nodes(data=True) if data["kind"] == "metro" and not data["ixps"])
    assert list(along(place, place).elements) == [f"{place}/edge"]


def test_a_branching_unit_has_no_site_and_a_hop_to_it_stands_in_the_country_of_its_end_on_land():
    found = along("washington", "madrid").elements
    assert "long-island>bu-grace" in found
    assert found["long-island>bu-grace"].countries == ("us",)
    assert [name for name in found if name.startswith("bu-") and "/" in name] == []


def test_a_hop_between_two_branching_units_stands_in_the_countries_that_they_join():
    found = way_elements(ATLAS, ("bu-jupiter", "bu-jupiter-w")).elements
    joined = {ATLAS.nodes[n]["country"] for bu in ("bu-jupiter", "bu-jupiter-w") for n in ATLAS[bu]} - {""}
    assert found["bu-jupiter>bu-jupiter-w"].countries == tuple(sorted(joined))
    assert len(joined) > 1


def test_a_country_without_a_grid_is_an_assumption():
    assert "bm" not in rows("grid")
    assert GRID_ELSEWHERE in along("hamilton-bm", "hamilton-bm").assumptions
    assert GRID_ELSEWHERE not in along("paris", "ashburn").assumptions


def test_the_way_back_costs_as_much_and_stands_at_the_same_sites():
    there, back = along("marseille", "singapore").elements, along("singapore", "marseille").elements
    assert sum(e.slope_j_per_b for e in there.values()) == pytest.approx(sum(e.slope_j_per_b for e in back.values()))
    assert {n for n in there if "/" in n} == {n for n in back if "/" in n}


CITIES = st.sampled_from(sorted(max(nx.connected_components(ATLAS), key=len) & set(rows("city"))))


@given(CITIES, CITIES, CITIES)
def test_a_name_is_one_element_whatever_the_way_and_every_element_stands_on_land(a, b, c):
    first, second = along(a, b).elements, along(a, c).elements
    assert {name: second[name] for name in first.keys() & second.keys()} == {
        name: first[name] for name in first.keys() & second.keys()
    }
    for element in first.values():
        assert element.slope_j_per_b > 0
        assert element.countries == tuple(sorted(set(element.countries)))
        assert element.countries
        assert "" not in element.countries


@given(CITIES, CITIES)
def test_there_is_an_element_for_every_hop_and_a_metro_router_at_both_ends(a, b):
    places, found = route(ATLAS, a, b).places, along(a, b).elements
    assert [n for n in found if ">" in n] == [f"{x}>{y}" for x, y in pairwise(places)]
    assert [n for n in found if n.endswith("/edge")] == list(dict.fromkeys((f"{a}/edge", f"{b}/edge")))
