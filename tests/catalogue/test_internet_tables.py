"""The tables of the physical internet: what they name is there, and no fibre is shorter than the globe allows."""

import re
from collections import Counter
from itertools import chain
from statistics import median, quantiles

import pytest

from simulator.catalogue import find, rows
from simulator.network.atlas import great_circle_km

ROUNDING_KM = 2.0
"""Coordinates are rounded to 0.01 degree, lengths to a kilometre."""


def point(place):
    row = rows("city").get(place) or rows("landing")[place]
    return row.find_number("lat_deg"), row.find_number("lon_deg")


def spans():
    """Every row between two places."""
    return [*rows("segment").values(), *rows("overland").values()]


def test_every_end_of_a_cable_is_a_city_or_a_landing():
    ends = {row.text(end) for row in spans() for end in "ab"}
    assert ends - set(rows("city")) - set(rows("landing")) == set()


def test_no_landing_is_a_city_too():
    assert set(rows("landing")) & set(rows("city")) == set()


def test_nothing_joins_a_place_to_itself_and_no_id_hides_a_double():
    assert [row.id for row in spans() if row.text("a") == row.text("b")] == []
    pairs = Counter((row.kind, row.text("cable") if row.kind == "segment" else "", ends(row)) for row in spans())
    assert [pair for pair, times in pairs.items() if times > 1] == []


def ends(row):
    return frozenset((row.text("a"), row.text("b")))


def test_the_id_of_a_span_says_what_it_joins():
    for row in spans():
        names = (row.text("cable"),) if row.kind == "segment" else ()
        assert row.id == ":".join((*names, row.text("a"), row.text("b")))


def test_no_span_is_shorter_than_the_great_circle():
    short = {row.id: row.find_number("length_km") - great_circle_km(*map(point, ends(row))) for row in spans()}
    assert {id_: km for id_, km in short.items() if km < -ROUNDING_KM} == {}


def test_no_segment_is_three_times_the_great_circle():
    """The longest way round is Jeddah - Fujairah, round Arabia: 2.65 times. A slip in a coordinate would show here."""
    ratios = {row.id: row.find_number("length_km") / great_circle_km(*map(point, ends(row))) for row in spans()}
    assert {id_: ratio for id_, ratio in ratios.items() if ratio > 3} == {}


def test_every_cable_has_segments_and_a_status_that_they_follow():
    status = {row.id: row.text("status") for row in rows("cable").values()}
    assert set(status.values()) == {"in service", "planned", "retired"}
    assert {row.text("cable") for row in rows("segment").values()} == set(status)
    other = [row for row in rows("segment").values() if row.text("status") != status[row.text("cable")]]
    assert {(row.text("cable"), row.text("status")) for row in other} == {("2africa", "planned")}


def test_every_cable_has_its_years_in_order():
    for row in rows("cable").values():
        assert 1988 <= row.find_number("rfs_year") <= row.find_number("status_year") <= 2026, row.id


def test_kinds_are_known_and_only_crossings_leave_the_class_of_their_cable():
    assert {row.text("kind") for row in rows("segment").values()} == {"submarine", "overland"}
    assert {row.text("kind") for row in rows("landing").values()} == {"landing", "branching unit"}
    own = {row.text("kind") for row in rows("segment").values() if row.text("route_class")}
    assert own == {"overland"}
    assert all(row.text("route_class") for row in rows("segment").values() if row.text("kind") == "overland")
    assert all(row.text("route_class") for row in (*rows("cable").values(), *rows("overland").values()))


def test_countries_are_two_lower_case_letters_and_a_branching_unit_has_none():
    for row in chain(rows("landing").values(), rows("ixp").values()):
        wanted = "" if row.kind == "landing" and row.text("kind") == "branching unit" else "[a-z]{2}"
        assert re.fullmatch(wanted, row.text("country")), row.id


def test_an_exchange_is_in_the_country_of_its_city():
    for row in rows("ixp").values():
        assert row.text("country") == find("city", row.text("city")).text("country"), row.id


def test_a_planned_year_is_never_called_published_for_a_cable_nobody_confirmed():
    cables = [row for row in rows("cable").values() if row.source("status").confidence != "published"]
    assert cables
    said = [row for row in cables if re.search("planned|expected", row.source("rfs_year").source)]
    assert [row.id for row in said if row.source("rfs_year").confidence == "published"] == []


def test_the_multipliers_are_those_of_the_fit():
    """What is not named costs its length."""
    costs = {row.id: row.find_number("cost_ratio") for row in rows("route-class").values()}
    assert {id_: cost for id_, cost in costs.items() if cost != 1} == {
        "russia": 3,
        "central-asia": 8,
        "middle-east": 5,
        "africa": 3,
        "china": 8,
        "south-atlantic": 8,
        "small": 2,
        "egypt-crossing": 8,
        "south-asia": 5,
        "south-east-asia": 8,
        "europe": 2,
    }


def test_every_class_of_overland_link_has_an_assumed_capacity_with_a_range():
    for name in {row.text("route_class") for row in rows("overland").values()}:
        assumed(f"overland-capacity:{name}")


def assumed(name):
    row = find("network-assumption", name)
    assert row.source("capacity_tbps").confidence == "assumed"
    assert row.find_range("capacity_tbps") is not None
    return row


@pytest.mark.parametrize("decade", ["1990s", "2000s", "2010s", "2020s"])
def test_the_assumed_capacity_of_a_decade_is_the_median_of_its_cables(decade):
    cables = [r for r in rows("cable").values() if f"{r.text('rfs_year')[:3]}0s" == decade]
    known = [
        r.find_number("capacity_tbps") for r in cables if r.text("status") != "planned" and r.text("capacity_tbps")
    ]
    cuts = quantiles(known, n=10, method="inclusive")
    row = assumed(f"submarine-capacity:{decade}")
    assert row.find_number("capacity_tbps") == pytest.approx(median(known), rel=0.05)
    assert row.find_range("capacity_tbps") == pytest.approx((cuts[0], cuts[-1]), rel=0.05)
    assert f"the {len(known)} cables" in row.source().source
