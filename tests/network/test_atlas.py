"""The atlas: what is there in a year, what an edge says, and that it is always the same."""

import hashlib
import os
import subprocess
import sys

import networkx as nx
import pytest

from simulator.catalogue import Row, find, rows
from simulator.network.atlas import Link, build_atlas, edge_of, great_circle_km, in_service, overland_km

ATLAS = build_atlas(2025)


def cables(year):
    """The submarine cables of a year's atlas."""
    return {name for *_, found in build_atlas(year).edges(data="cables") for name in found} & set(rows("cable"))


def test_the_internet_of_2025_is_in_one_piece():
    assert nx.is_connected(ATLAS)


def test_it_holds_every_city_and_every_landing_of_2025():
    assert set(ATLAS) == set(rows("city")) | set(rows("landing"))


def test_a_retired_cable_is_there_to_the_end_of_its_last_year():
    """SeaMeWe-3 was ready in 1999 and retired on 2 December 2024."""
    assert ["sea-me-we-3" in cables(year) for year in (1998, 1999, 2023, 2024, 2025)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_planned_cable_is_never_there():
    planned = {row.id for row in rows("cable").values() if row.text("status") == "planned"}
    assert {"sea-me-we-6", "medusa"} <= planned
    assert [year for year in (2020, 2025, 2026, 2040) if cables(year) & planned] == []


def test_a_planned_branch_stays_out_though_its_cable_is_there():
    """The Pearls of 2Africa."""
    assert "2africa" in cables(2026)
    assert not any(
        "2africa" in build_atlas(2026).edges[a, b]["cables"]
        for a, b in (("karachi", "mumbai"), ("kuwait-city", "manama"))
        if build_atlas(2026).has_edge(a, b)
    )


def test_every_cable_in_service_is_on_an_edge():
    assert cables(2025) == {row.id for row in rows("cable").values() if in_service(row, 2025)}
    assert len(cables(2025)) == 169 - 7 - 1


def test_a_cable_comes_with_its_year():
    """MAREA: 2018."""
    assert not build_atlas(2017).has_edge("virginia-beach", "bilbao")
    edge = build_atlas(2018).edges["virginia-beach", "bilbao"]
    assert edge == {
        "kind": "submarine",
        "cables": ("marea",),
        "km": 6605.0,
        "cost_km": 6605.0,
        "capacity_bps": 200e12,
        "capacity_assumptions": (),
        "rfs_year": 2018,
        "links": (Link("marea", "submarine", 6605.0, 6605.0, 200e12, "", 2018),),
    }


def test_a_landing_or_branching_unit_is_there_once_a_cable_reaches_it():
    assert "bu-amitie" not in build_atlas(2022)
    assert build_atlas(2023).nodes["bu-amitie"]["kind"] == "branching unit"


def test_a_city_is_there_though_no_cable_reaches_it():
    """Tonga's first cable is of 2013."""
    assert list(build_atlas(2012)["nukualofa"]) == []
    assert list(build_atlas(2013)["nukualofa"]) == ["suva"]


def test_exchanges_and_cloud_regions_stand_in_their_city():
    paris = ATLAS.nodes["paris"]
    assert {"france-ix-paris", "equinix-paris"} <= set(paris["ixps"])
    assert {"gcp:europe-west9", "aws:eu-west-3"} <= set(paris["regions"])
    assert sum(len(ixps) for _, ixps in ATLAS.nodes(data="ixps")) == len(rows("ixp"))
    assert sum(len(regions) for _, regions in ATLAS.nodes(data="regions")) == len(rows("region"))


def test_a_node_says_what_and_where_it_is():
    assert {k: ATLAS.nodes["bude"][k] for k in ("kind", "name", "country", "metro")} == {
        "kind": "landing",
        "name": "Bude",
        "country": "gb",
        "metro": "london",
    }
    assert {node["kind"] for _, node in ATLAS.nodes(data=True)} == {"metro", "landing", "branching unit"}


def test_the_capacity_of_overland_is_unknown_and_names_what_would_fill_it():
    edge = ATLAS.edges["paris", "lyon"]
    assert (edge["kind"], edge["capacity_bps"]) == ("overland", None)
    assert edge["capacity_assumptions"] == ("overland-capacity:europe",)


def test_every_assumption_that_an_edge_names_is_a_row_with_a_range():
    names = {n for *_, found in ATLAS.edges(data="capacity_assumptions") for n in found}
    assert {"submarine-capacity:2000s", "overland-capacity:africa"} <= names
    assert all(find("network-assumption", name).find_range("capacity_tbps") for name in names)


def test_an_edge_lacks_capacity_if_and_only_if_it_names_an_assumption():
    for a, b, edge in ATLAS.edges(data=True):
        assert (edge["capacity_bps"] is None) == bool(edge["capacity_assumptions"]), (a, b)
        assert edge == edge_of(edge["links"])


BIG = Link("big", "submarine", 100.0, 100.0, 3e12, "", 2010)
SMALL = Link("small", "submarine", 90.0, 180.0, 1e12, "", 2000)


def test_an_edge_counts_the_kilometres_of_its_cheapest_link_and_the_capacity_of_all():
    edge = edge_of([SMALL, BIG])
    assert (edge["km"], edge["cost_km"], edge["capacity_bps"], edge["rfs_year"]) == (100.0, 100.0, 4e12, 2000)
    assert edge["cables"] == ("small", "big")


def test_one_unknown_capacity_makes_that_of_the_edge_unknown():
    dark = BIG._replace(cable="dark", capacity_bps=None, assumption="submarine-capacity:2010s", rfs_year=None)
    edge = edge_of([BIG, dark, dark._replace(cable="darker")])
    assert (edge["capacity_bps"], edge["rfs_year"]) == (None, None)
    assert edge["capacity_assumptions"] == ("submarine-capacity:2010s",)


def test_the_class_of_a_cable_not_its_capacity_makes_it_dear():
    """Columbus-III is small, Firmina is not, EllaLink crosses the South Atlantic: 2, 1 and 8 a kilometre."""
    links = {link.cable: link for *_, found in ATLAS.edges(data="links") for link in found}
    ratios = {name: links[name].cost_km / links[name].km for name in ("columbus-3", "firmina", "ellalink")}
    assert ratios == pytest.approx({"columbus-3": 2, "firmina": 1, "ellalink": 8})


def test_the_egypt_crossing_of_a_cable_is_overland_and_dear():
    (crossing,) = (link for link in ATLAS.edges["alexandria", "suez"]["links"] if link.cable == "aae-1")
    assert (crossing.kind, crossing.cost_km) == ("overland", 8 * crossing.km)


def test_an_overland_row_without_length_takes_the_assumed_stretch():
    """A degree of the equator is 2 pi 6371 / 360 = 111.19 km; 1.35 times that is 150.11 km."""
    assert great_circle_km((0.0, 0.0), (0.0, 1.0)) == pytest.approx(111.19, abs=0.01)
    row = Row("overland", {"id": "paris:lyon", "a": "paris", "b": "bude", "length_km": ""}, {})
    paris, bude = find("city", "paris"), find("landing", "bude")
    ends = [(r.find_number("lat_deg"), r.find_number("lon_deg")) for r in (paris, bude)]
    assert overland_km(row) == pytest.approx(1.35 * great_circle_km(*ends))


def test_the_atlas_of_a_year_is_built_once_and_cannot_be_changed_by_accident():
    assert build_atlas(2025) is ATLAS
    with pytest.raises(nx.NetworkXError, match=r"[Ff]rozen"):
        ATLAS.remove_edge("virginia-beach", "bilbao")
    copy = ATLAS.copy()
    copy.remove_edge("virginia-beach", "bilbao")
    assert ATLAS.has_edge("virginia-beach", "bilbao")


PRINT = """
from simulator.network.atlas import build_atlas
atlas = build_atlas(2025)
print(list(atlas.nodes(data=True)), list(atlas.edges(data=True)))
"""


def test_the_atlas_is_the_same_whatever_the_hash_seed():
    found = set()
    for seed in "012":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, check=True)
        assert len(done.stdout) > 100_000
        found.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(found) == 1
