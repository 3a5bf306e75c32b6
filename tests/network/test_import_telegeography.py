"""TeleGeography's map data: what it says becomes rows, what it does not say stays empty or is left out, and told.

The copies here are made up, in the format of the public ones, whose licence keeps them out.
"""

import csv
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import AtlasError, UsageError
from simulator.network.atlas import great_circle_km
from simulator.network.importers.geometry import follow
from simulator.network.importers.telegeography import import_telegeography

DEGREE_KM = 111.1949
"""A degree of the equator of a globe of 6371 km: 2 pi 6371 / 360."""

SPOTS = {
    "Suva, Fiji": (-18.14, 178.44),
    "Apia, Samoa": (-13.83, -171.77),
    "Lisbon, Portugal": (38.7, -9.2),
    "Casablanca, Morocco": (33.6, -7.6),
    "Fortaleza, Brazil": (-3.72, -38.54),
    "Dakar, Senegal": (14.7, -17.4),
}


def id_of(name):
    return name.lower().replace(", ", "-").replace(" ", "-")


def a_landing(name, point=None, **changes):
    return {"id": id_of(name), "name": name, "country": name.rpartition(", ")[2], "is_tbd": None, **changes}


def a_cable(name, *landings, **changes):
    landings = [a_landing(one) if isinstance(one, str) else one for one in landings]
    raw = {"id": id_of(name), "name": name, "length": "1,200 km", "rfs": "2018 Q2", "landing_points": landings}
    return {**raw, "owners": "nobody", "url": None, **changes}


def straight(*names):
    """A drawn line from place to place, longitude first as GeoJSON has it."""
    return [[SPOTS[name][1], SPOTS[name][0]] for name in names]


@pytest.fixture
def a_copy(tmp_path):
    """Write a copy: cables with their lines, points of landings; its folder."""

    def write(*drawn, spots=SPOTS):
        (tmp_path / "copy" / "cable").mkdir(parents=True)
        (tmp_path / "copy" / "landing-point").mkdir()
        features = []
        for cable, lines in drawn:
            (tmp_path / "copy" / "cable" / f"{cable['id']}.json").write_text(json.dumps(cable))
            shape = {"type": "MultiLineString", "coordinates": lines}
            properties = {
                "id": cable["id"],
                "name": cable["name"],
                "color": "#939597",
                "feature_id": f"{cable['id']}-0",
            }
            features.append({"type": "Feature", "properties": properties, "geometry": shape})
        points = [
            {"properties": a_landing(name), "geometry": {"type": "Point", "coordinates": [lon, lat]}}
            for name, (lat, lon) in spots.items()
        ]
        for name, listed in (("cable/cable-geo", features), ("landing-point/landing-point-geo", points)):
            text = json.dumps({"type": "FeatureCollection", "features": listed})
            (tmp_path / "copy" / f"{name}.json").write_text(text)
        return tmp_path / "copy"

    return write


PACIFIC = a_cable("Pacific", "Suva, Fiji", "Apia, Samoa")
SPLIT = [[[178.44, -18.14], [180.0, -17.4]], [[-180.0, -17.4], [-171.77, -13.83]]]
"""How maps of the whole world draw it: cut at 180 degrees."""
ATLANTIC = a_cable("Atlantic", "Lisbon, Portugal", "Casablanca, Morocco")


def lengths(found):
    return {(row["cable"], row["a"], row["b"]): float(row["length_km"]) for row in found.rows["segment"]}


@pytest.mark.parametrize(
    "lines",
    [
        SPLIT,
        [[[178.44, -18.14], [180.0, -17.4], [188.23, -13.83]]],
        [[[178.44, -18.14], [179.99, -17.4], [-179.99, -17.4], [-171.77, -13.83]]],
        [[[178.44, -18.14], [-171.77, -13.83]]],
        [[[-181.56, -18.14], [-180.0, -17.4], [-171.77, -13.83]]],
    ],
    ids=["cut in two", "beyond 180", "jumping", "one long jump", "below -180"],
)
def test_a_cable_over_the_antimeridian_is_as_long_as_published_however_it_is_drawn(a_copy, lines):
    found = import_telegeography(a_copy((PACIFIC, lines)), 2021)
    assert lengths(found) == {("pacific", "apia-samoa", "suva-fiji"): 1200.0}
    assert (found.left_out, found.notes) == ([], [])


def test_rows_say_what_the_copy_says_with_source_year_and_confidence(a_copy):
    found = import_telegeography(a_copy((PACIFIC, SPLIT)), 2021)
    (cable,) = found.rows["cable"]
    assert (cable["id"], cable["rfs_year"], cable["length_km"], cable["status"]) == (
        "pacific",
        "2018",
        "1200",
        "in service",
    )
    landings = {row["id"]: (row["country"], row["metro"], row["lat_deg"]) for row in found.rows["landing"]}
    assert landings == {"suva-fiji": ("fj", "suva", "-18.1400"), "apia-samoa": ("ws", "apia", "-13.8300")}
    for row in (row for listed in found.rows.values() for row in listed):
        assert "TeleGeography" in row["source"] or "drawn line" in row["source"]
        assert (row["year"], row["confidence"]) in {("2021", "published"), ("2021", "derived")}


def test_a_capacity_is_unknown_unless_the_catalogue_has_the_cable(a_copy):
    """MAREA, 200 Tbps, is in the catalogue; nobody knows `Atlantic`."""
    marea = a_cable("MAREA", "Lisbon, Portugal", "Casablanca, Morocco")
    line = [straight("Lisbon, Portugal", "Casablanca, Morocco")]
    found = import_telegeography(a_copy((ATLANTIC, line), (marea, line)), 2021)
    known = {row["id"]: row for row in found.rows["cable"]}
    assert known["atlantic"].get("capacity_tbps", "") == ""
    assert known["atlantic"]["confidence:route_class"] == "assumed"
    assert known["marea"]["capacity_tbps"] == "200"
    assert known["marea"]["source:capacity_tbps"].startswith("catalogue, cable marea")


def test_a_missing_length_stays_empty_and_its_segments_are_the_drawn_line_times_the_assumed_row(a_copy):
    cable = {**ATLANTIC, "length": "n.a."}
    found = import_telegeography(a_copy((cable, [straight("Lisbon, Portugal", "Casablanca, Morocco")])), 2021)
    assert found.rows["cable"][0]["length_km"] == ""
    (segment,) = found.rows["segment"]
    direct_km = great_circle_km(SPOTS["Lisbon, Portugal"], SPOTS["Casablanca, Morocco"])
    assert float(segment["length_km"]) == pytest.approx(1.12 * direct_km, abs=0.1)
    assert segment["confidence"] == "assumed"
    (note,) = found.notes
    assert "has no published length (it says 'n.a.')" in str(note)


@pytest.mark.parametrize(("length", "ratio"), [("300 km", 0.5), ("5,850 km", 10)])
def test_a_length_that_contradicts_the_line_is_told_and_not_spread_over_it(a_copy, length, ratio):
    """Lisbon to Casablanca is 585 km: 300 km do not reach, 5850 km are ten times as long."""
    cable = {**ATLANTIC, "length": length}
    found = import_telegeography(a_copy((cable, [straight("Lisbon, Portugal", "Casablanca, Morocco")])), 2021)
    assert found.rows["cable"][0]["length_km"] == length.replace(" km", "").replace(",", "")
    assert list(lengths(found).values()) == [pytest.approx(1.12 * 585, rel=0.01)]
    assert f"is {ratio:.1f}" in str(found.notes[0])


def test_a_length_that_is_a_little_too_short_gives_the_great_circle(a_copy):
    """570 km of the 585 km from Lisbon to Casablanca."""
    cable = {**ATLANTIC, "length": "570 km"}
    found = import_telegeography(a_copy((cable, [straight("Lisbon, Portugal", "Casablanca, Morocco")])), 2021)
    direct_km = great_circle_km(SPOTS["Lisbon, Portugal"], SPOTS["Casablanca, Morocco"])
    assert list(lengths(found).values()) == [pytest.approx(direct_km, abs=0.1)]
    assert found.notes == []


def test_everything_wrong_is_told_at_once_with_file_and_feature_and_the_rest_is_imported(a_copy):
    spots = {**SPOTS, "Recife, Brazil": (8.05, 34.88), "Nowhere, Pitcairn": (-25.07, -130.1)}
    lines = [straight("Lisbon, Portugal", "Casablanca, Morocco")]
    strange = a_cable(
        "Strange", a_landing("Poseidonis, Atlantis"), "Recife, Brazil", "Nowhere, Pitcairn", "Lisbon, Portugal"
    )
    later = a_cable("Later", "Lisbon, Portugal", a_landing("Casablanca, Morocco", id="cap", is_tbd=True))
    folder = a_copy(
        (ATLANTIC, lines),
        (strange, lines),
        (later, lines),
        ({**ATLANTIC, "id": "undated", "rfs": "n.a."}, lines),
        ({**ATLANTIC, "id": "tomorrow", "rfs_year": 2071}, lines),
        ({**PACIFIC, "id": "far"}, lines),
        spots=spots,
    )
    (folder / "cable" / "torn.json").write_text('{"id": "torn",\n "landing_points": [')
    found = import_telegeography(folder, 2021)
    assert [row["id"] for row in found.rows["cable"]] == ["atlantic"]
    told = "\n".join(str(problem).replace(str(folder), "") for problem in found.left_out)
    for sentence in (
        "/cable/torn.json:2:21: is no JSON (Expecting value)",
        "/cable/strange.json: landing poseidonis-atlantis: no country is called 'Atlantis'; left out",
        "/cable/strange.json: landing recife-brazil: 8.05, 34.88 is 7935 km from all of br that is known",
        "landing nowhere-pitcairn: -25.07, -130.1 is farther than 700 km from the metros of pn",
        "/cable/later.json: landing cap: is still to be determined; left out",
        "cable tomorrow: nothing is known or assumed of what cables of 2071 carry; left out",
        "cable undated: has no year of service",
        "cable far, landing suva-fiji: is 18",
        "cable strange: less than two of its landings can be used; left out",
    ):
        assert sentence in told, told


def test_nothing_usable_is_an_error_with_all_problems(a_copy):
    with pytest.raises(AtlasError, match=r"(?s)has no year of service.*nothing in it can be used"):
        import_telegeography(a_copy(({**ATLANTIC, "rfs": None}, SPLIT)), 2021)


def test_a_folder_that_is_none_or_holds_no_lines_or_two_copies_is_a_sentence(a_copy, tmp_path):
    with pytest.raises(UsageError, match="there is no such folder"):
        import_telegeography(tmp_path / "missing", 2021)
    folder = a_copy((ATLANTIC, SPLIT))
    with pytest.raises(UsageError, match=r"has no cable-geo\.json"):
        import_telegeography(folder / "landing-point", 2021)
    (folder / "cable-geo.json").write_text("{}")
    with pytest.raises(UsageError, match="holds 2 copies"):
        import_telegeography(folder, 2021)


def test_other_json_and_broken_features_are_told_or_passed_over(a_copy):
    folder = a_copy((ATLANTIC, [straight("Lisbon, Portugal", "Casablanca, Morocco")]))
    (folder / "config.json").write_text('{"creation_time": "2021-06-29"}')
    (folder / "cable" / "all.json").write_text('[{"id": "atlantic"}]')
    (folder / "landing-point" / "landing-point-geo.json").write_text("[1, 2]")
    geo = json.loads((folder / "cable" / "cable-geo.json").read_text())
    geo["features"] += [{"properties": None, "geometry": {"coordinates": "here"}}]
    (folder / "cable" / "cable-geo.json").write_text(json.dumps(geo))
    with pytest.raises(AtlasError) as error:
        import_telegeography(folder, 2021)
    assert "landing-point-geo.json: is no GeoJSON with features" in str(error.value)
    assert "cable-geo.json: feature 1: is no MultiLineString" in str(error.value)
    assert "landing lisbon-portugal: has no coordinates" in str(error.value)


def test_a_drawn_cable_without_a_json_of_its_own_is_told(a_copy):
    line = [straight("Lisbon, Portugal", "Casablanca, Morocco")]
    folder = a_copy((ATLANTIC, line), (PACIFIC, SPLIT))
    (folder / "cable" / "pacific.json").unlink()
    found = import_telegeography(folder, 2021)
    assert [row["id"] for row in found.rows["cable"]] == ["atlantic"]
    (told,) = found.left_out
    where = folder / "cable" / "cable-geo.json"
    assert str(told) == f"{where}: feature pacific: no JSON that can be read is of this cable; left out"


def test_each_malformed_feature_is_told(a_copy):
    folder = a_copy((ATLANTIC, [straight("Lisbon, Portugal", "Casablanca, Morocco")]))
    for name in ("cable/cable-geo.json", "landing-point/landing-point-geo.json"):
        geo = json.loads((folder / name).read_text())
        geo["features"] = [{"type": "Feature"}, None, 7, *geo["features"]]
        (folder / name).write_text(json.dumps(geo))
    told = [(problem.where.rpartition("/")[2], problem.path) for problem in import_telegeography(folder, 2021).left_out]
    names = ("cable-geo.json", "landing-point-geo.json")
    assert told == [(name, f"feature {number}") for name in names for number in range(3)]


def test_the_second_version_gives_coordinates_as_texts_and_the_country_in_the_name(a_copy):
    def old(name):
        lat, lon = SPOTS[name]
        return {"landing_point_id": 1, "id": id_of(name), "name": name, "latlon": f"{lat},{lon}"}

    cable = a_cable("Old", old("Lisbon, Portugal"), old("Casablanca, Morocco"), rfs="2001 September")
    found = import_telegeography(a_copy((cable, [straight("Lisbon, Portugal", "Casablanca, Morocco")]), spots={}), 2015)
    assert {row["country"] for row in found.rows["landing"]} == {"pt", "ma"}
    assert found.rows["cable"][0]["rfs_year"] == "2001"


def test_a_planned_cable_is_planned(a_copy):
    cable = {**ATLANTIC, "is_planned": True, "rfs_year": 2031}
    found = import_telegeography(a_copy((cable, [straight("Lisbon, Portugal", "Casablanca, Morocco")])), 2026)
    assert [row["status"] for kind in ("cable", "segment") for row in found.rows[kind]] == ["planned", "planned"]


def test_the_way_across_egypt_is_overland_and_of_its_class(a_copy):
    spots = {"Alexandria, Egypt": (31.2, 29.9), "Suez, Egypt": (29.97, 32.55), "Lisbon, Portugal": (38.7, -9.2)}
    cable = a_cable("Canal", *spots, length="n.a.")
    line = [[lon, lat] for lat, lon in (spots[n] for n in ("Lisbon, Portugal", "Alexandria, Egypt", "Suez, Egypt"))]
    found = import_telegeography(a_copy((cable, [line]), spots=spots), 2021)
    kinds = {row["b"]: (row["kind"], row["route_class"], row["choke_points"]) for row in found.rows["segment"]}
    assert kinds == {"lisbon-portugal": ("submarine", "", ""), "suez-egypt": ("overland", "egypt-crossing", "egypt")}


def test_a_stretch_says_which_choke_points_it_comes_into():
    """A line along the 10th degree north, from 0 to 30 east; a landing at 10 parts it."""
    boxes = {"here": (9, 11, 19, 21), "beside": (9, 11, 31, 32), "north": (10.5, 11, 5, 6)}
    found = follow([[(10.0, 0.0), (10.0, 30.0)]], {"a": (10.0, 0.0), "b": (10.0, 10.0), "c": (10.0, 30.0)}, boxes)
    assert {frozenset(one[:2]): one.passes for one in found.stretches} == {
        frozenset("ab"): frozenset(),
        frozenset("bc"): {"here"},
    }
    over = follow(
        [[(0.0, 170.0), (0.0, -170.0)]], {"a": (0.0, 170.0), "b": (0.0, -170.0)}, {"gap": (-1, 1, -179, -178)}
    )
    assert [one.passes for one in over.stretches] == [{"gap"}]


def test_landings_are_ordered_along_the_line_not_as_they_are_listed():
    line = [(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 3.0)]
    found = follow([line], {"c": (0.0, 3.0), "a": (0.0, 0.0), "b": (0.1, 1.5)})
    stretches = {frozenset(one[:2]): one.km for one in found.stretches}
    assert stretches == {
        frozenset("ab"): pytest.approx(1.5 * DEGREE_KM),
        frozenset("bc"): pytest.approx(1.5 * DEGREE_KM),
    }


def test_where_lines_part_is_a_branching_unit():
    """A trunk of ten degrees, and from its middle five degrees north: three stretches of five degrees."""
    trunk, branch = [(0.0, 0.0), (0.0, 10.0)], [(0.0, 5.0), (5.0, 5.0)]
    found = follow([trunk, branch], {"a": (0.0, 0.0), "b": (0.0, 10.0), "c": (5.0, 5.0)})
    assert found.units == {1: (0.0, 5.0)}
    assert sorted(one.km for one in found.stretches) == [pytest.approx(5 * DEGREE_KM)] * 3
    assert {end for one in found.stretches for end in one[:2]} == {"a", "b", "c", 1}


def test_a_branch_that_is_drawn_nearly_to_its_trunk_belongs_to_it():
    """0.05 degrees are 5.6 km, 0.5 degrees 56 km."""
    trunk, landings = [(0.0, 0.0), (0.0, 10.0)], {"a": (0.0, 0.0), "b": (0.0, 10.0), "c": (5.0, 5.0)}
    assert follow([trunk, [(0.05, 5.0), (5.0, 5.0)]], landings).off == {}
    assert list(follow([trunk, [(0.5, 5.0), (5.0, 5.0)]], landings).off) == ["c"]


def test_a_ring_keeps_both_its_ways_and_a_doubled_line_the_shorter_one():
    ring = [(0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0), (0.0, 0.0)]
    corners = {"a": (0.0, 0.0), "b": (0.0, 2.0), "c": (2.0, 2.0), "d": (2.0, 0.0)}
    assert len(follow([ring], corners).stretches) == 4
    found = follow([ring], {"a": (0.0, 0.0), "b": (0.0, 2.0)})
    assert [one.km for one in found.stretches] == [pytest.approx(2 * DEGREE_KM)]
    assert found.doubled == 1
    assert found.drawn_km == pytest.approx(8 * DEGREE_KM, rel=1e-3)


def test_two_landings_of_one_spot_are_one_and_two_of_one_end_have_a_way_between_them():
    line = [(0.0, 0.0), (0.0, 5.0)]
    found = follow([line], {"a": (0.0, 0.0), "b": (0.0, 5.0), "same": (0.0, 5.0), "beside": (0.1, 5.0)})
    assert found.off == {"same": "stands where b does"}
    assert {frozenset(one[:2]): round(one.km) for one in found.stretches} == {
        frozenset("ab"): 556,
        frozenset(("b", "beside")): 11,
    }


latitudes = st.lists(st.integers(-60, 60), min_size=2, max_size=8, unique=True).map(sorted)


@given(latitudes, st.lists(st.floats(-180, 179.9), min_size=8, max_size=8), st.floats(-360, 360))
def test_what_is_drawn_is_all_counted_wherever_the_map_is_cut(lats, lons, shift):
    """A line northwards, which cannot cross itself, with a landing at each end: its length, at any longitude."""
    line = list(zip(lats, lons, strict=False))
    turned = [(lat, (lon + shift + 180) % 360 - 180) for lat, lon in line]
    total_km = sum(great_circle_km(a, b) for a, b in pairwise(line))
    for drawn in (line, turned):
        found = follow([drawn], {"a": drawn[0], "b": drawn[-1]})
        assert [one.km for one in found.stretches] == [pytest.approx(total_km, abs=0.1)]
        assert found.drawn_km == pytest.approx(total_km, abs=0.1)


def test_the_command_writes_tables_tells_what_is_left_out_and_does_not_overwrite(a_copy, cli, tmp_path):
    line = [straight("Lisbon, Portugal", "Casablanca, Morocco")]
    folder = a_copy((ATLANTIC, line), ({**PACIFIC, "rfs": None}, SPLIT))
    done = cli("import", "telegeography", str(folder), "-o", "mine", "--year", "2021")
    assert done.returncode == 0
    assert "pacific.json: cable pacific: has no year of service" in done.stderr
    assert "cables.csv (1 rows), cable_segments.csv (1 rows), landing_points.csv (2 rows); 1 left out" in done.stdout
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == [
        "cable_segments.csv",
        "cables.csv",
        "landing_points.csv",
    ]
    with (tmp_path / "mine" / "cables.csv").open(newline="") as file:
        assert [row["capacity_tbps"] for row in csv.DictReader(file)] == [""]
    again = cli("import", "telegeography", str(folder), "-o", "mine")
    assert again.returncode == 2
    assert "mine: has cables.csv, cable_segments.csv, landing_points.csv already" in again.stderr
    forced = json.loads(cli("import", "telegeography", str(folder), "-o", "mine", "--force", "--json").stdout)
    assert forced["written"]["cables.csv"] == 1
    assert forced["left_out"][0]["path"] == "cable pacific"


def test_nothing_is_written_where_nothing_can_be_used(a_copy, cli, tmp_path):
    done = cli("import", "telegeography", str(a_copy(({**PACIFIC, "rfs": None}, SPLIT))), "-o", "mine")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing in it can be used; nothing was written" in done.stderr
    assert not (tmp_path / "mine").exists()
