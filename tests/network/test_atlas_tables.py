"""An atlas of one's own: its tables in place of the catalogue's, its mistakes told all at once, by file and line."""

import csv

import pytest
from strategies import MADE_UP, STRAIT

import simulator as sim
from simulator.catalogue import find, rows
from simulator.errors import AtlasError, UnknownNameError, UsageError
from simulator.network.atlas import build_atlas, great_circle_km
from simulator.network.importers.writing import write_tables
from simulator.network.tables import ATLAS_TABLES, CATALOGUE, columns_of, read_tables
from simulator.network.tables_check import _length_problems


@pytest.fixture
def folder(tmp_path):
    write_tables(tmp_path / "mine", STRAIT)
    return tmp_path / "mine"


def change(folder, table, old, new):
    """Replace a text in a table, which holds it."""
    path = folder / table
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def told(folder):
    with pytest.raises(AtlasError) as error:
        read_tables(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in error.value.problems]


def test_its_tables_replace_those_of_the_catalogue_and_others_stay(folder):
    tables = read_tables(folder)
    assert list(tables.rows("cable")) == ["strait"]
    assert tables.rows("ixp") == rows("ixp")
    assert tables.rows("facility") == {}
    atlas = build_atlas(2025, tables)
    cables = {link.cable for _, _, links in atlas.edges(data="links") for link in links if link.kind == "submarine"}
    assert cables == {"strait"}


def test_a_landing_reaches_its_metro_by_a_backhaul_and_those_of_the_catalogue_are_gone(folder):
    """Of the great circle times 1.35."""
    atlas = build_atlas(2025, read_tables(folder))
    metro, landing = (find("city", "lisbon"), (38.6, -9.3))
    direct_km = great_circle_km((metro.find_number("lat_deg"), metro.find_number("lon_deg")), landing)
    assert atlas.edges["north", "lisbon"]["km"] == pytest.approx(1.35 * direct_km)
    assert atlas.edges["north", "lisbon"]["kind"] == "backhaul"
    assert "bude" not in atlas
    assert set(rows("city")) <= set(atlas)


def test_a_route_takes_its_cables_and_calls_them_by_their_names(folder):
    found = sim.route("casablanca", "lisbon", atlas=folder)
    assert found.cables == ("south:casablanca", "strait", "north:lisbon")
    assert found.names["strait"] == "Strait"
    assert found.year == 2020
    assert found.hops[1].capacity_bps is None
    assert "strait" not in sim.route("casablanca", "lisbon").cables
    with pytest.raises(UnknownNameError, match="did you mean `strait`"):
        sim.route("casablanca", "lisbon", atlas=folder, without=["strit"])
    with pytest.raises(UnknownNameError, match=r"no cable is called 'dunant'; the atlas has `strait`$"):
        sim.route("casablanca", "lisbon", atlas=folder, without=["dunant"])
    with pytest.raises(UnknownNameError, match="no place is called 'bude'"):
        sim.route("bude", "lisbon", atlas=folder)


def test_the_same_files_are_the_same_atlas_and_other_ones_another(folder):
    before = build_atlas(2025, read_tables(folder))
    assert build_atlas(2025, read_tables(folder)) is before
    assert build_atlas(2025) is build_atlas(2025, CATALOGUE)
    change(folder, "cable_segments.csv", ",700,", ",800,")
    assert build_atlas(2025, read_tables(folder)).edges["south", "north"]["km"] == 800.0
    assert before.edges["south", "north"]["km"] == 700.0


def test_exchanges_and_facilities_stand_in_their_city(folder):
    hall = {"id": "hall", "name": "Hall", "city": "lisbon", "country": "pt"} | MADE_UP
    write_tables(folder, {"ixp": [hall], "facility": [hall]})
    atlas = build_atlas(2025, read_tables(folder))
    assert (atlas.nodes["lisbon"]["ixps"], atlas.nodes["lisbon"]["facilities"]) == (("hall",), ("hall",))
    assert (atlas.nodes["paris"]["ixps"], atlas.nodes["paris"]["facilities"]) == ((), ())


def test_published_round_trips_of_an_atlas_stand_beside_ours_on_its_cables(folder):
    trip = {"id": "casablanca:lisbon", "name": "Casablanca - Lisbon", "a": "casablanca", "b": "lisbon", "rtt_ms": "13"}
    write_tables(folder, {"round-trip": [trip | MADE_UP]})
    report = sim.accuracy("internet", atlas=folder)
    (line,) = report.comparisons
    assert line.ours == pytest.approx(sim.route("casablanca", "lisbon", year=2025, atlas=folder).rtt_ms / 1000)


def test_everything_wrong_is_told_at_once_by_file_and_line(folder):
    """Casablanca to Lisbon is about 570 km."""
    change(folder, "cables.csv", "submarine", "submarin")
    change(folder, "cables.csv", "2020", "soon")
    change(folder, "cable_segments.csv", "strait,south", "straits,south")
    change(folder, "cable_segments.csv", ",700,", ",70,")
    change(folder, "landing_points.csv", "lisbon", "atlantis")
    change(folder, "landing_points.csv", "38.6", "98.6")
    with (folder / "landing_points.csv").open("a") as file:
        file.write("south,South\n")
    sentences = "\n".join(told(folder))
    for sentence in (
        "landing_points.csv:4: has 2 cells, and the first line 11 columns",
        "cables.csv:2: strait, route_class: there is no route-class 'submarin'",
        "cables.csv:2: strait: rfs_year 'soon' is no year, and it is in service",
        "cable_segments.csv:2: strait:south:north, cable: there is no cable 'straits'",
        "landing_points.csv:2: north, metro: there is no city 'atlantis'",
        "landing_points.csv:2: north, lat_deg: 98.6 is too large",
    ):
        assert sentence in sentences, sentences


@pytest.mark.parametrize(
    ("table", "old", "new", "sentence"),
    [
        ("cable_segments.csv", ",700,", ",70,", "strait:south:north: its 70 km are less than the great circle"),
        ("cable_segments.csv", ",700,", ",long,", "length_km: 'long' is no number such as `72` or `72 [60, 90]`"),
        ("cable_segments.csv", ",700,", ",-1,", "length_km: -1 is not above 0; unknown is an empty cell"),
        ("cable_segments.csv", ",700,", ",,", "length_km: is empty"),
        ("cable_segments.csv", ",700,", ',"700 [800, 900]",', "700 [800, 900] is not within its range"),
        ("cable_segments.csv", "south,north", "south,south", "joins a place to itself"),
        ("cable_segments.csv", "south,north", "south,nowhere", "b: there is no city or landing 'nowhere'"),
        ("cable_segments.csv", "in service", "broken", "status: 'broken' is none of in service, planned, retired"),
        ("cables.csv", "in service,", "retired,", "status_year '' is no year, and it is retired"),
        ("cables.csv", "2020", "1985", "has no capacity_tbps, and nothing is assumed for cables of 1985; give it"),
        ("cables.csv", "assumed", "guessed", "confidence: 'guessed' is none of measured, published"),
        ("cables.csv", "made up", "", "source: is empty"),
        ("cables.csv", "strait,Strait", "Strait!,Strait", "'Strait!' is no id"),
        ("landing_points.csv", "north,North", "lisbon,North", "lisbon: is a city too; give it another id"),
        ("landing_points.csv", "north,North", "south,North", "landing_points.csv:3: south: stands in line 2 already"),
        ("landing_points.csv", "lat_deg", "latitude", "lacks the column `lat_deg` and has the column `latitude`"),
    ],
)
def test_a_malformed_table_is_refused(folder, table, old, new, sentence):
    change(folder, table, old, new)
    assert [one for one in told(folder) if sentence in one], told(folder)


def test_a_line_end_within_a_cell_or_column_is_shown_escaped(folder):
    change(folder, "cables.csv", "strait,Strait", '"str\nait",Strait')
    change(folder, "cables.csv", "in service,", '"in\nservice",')
    change(folder, "cables.csv", "2020", "soon")
    change(folder, "landing_points.csv", "lat_deg", '"lat\ndeg"')
    sentences = told(folder)
    assert [one for one in sentences if "\n" in one] == []
    assert any(r"str\nait: rfs_year 'soon' is no year, and it is in\nservice" in one for one in sentences)
    assert any(r"has the column `lat\ndeg`" in one for one in sentences)


def test_a_folder_that_is_none_or_holds_other_files_is_refused(tmp_path, folder):
    with pytest.raises(UsageError, match="there is no such folder"):
        read_tables(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    assert told(tmp_path / "empty")[0].endswith("holds no table; an atlas has " + ", ".join(ATLAS_TABLES.values()))
    (folder / "cities.csv").write_text("id\n")
    (folder / ".hidden").write_text("")
    assert told(folder)[0].startswith("cities.csv: is no table; an atlas has cables.csv")


def test_cables_without_their_segments_leave_the_catalogues_segments_behind(tmp_path):
    write_tables(tmp_path, {"cable": STRAIT["cable"], "landing": STRAIT["landing"]})
    sentences = told(tmp_path)
    assert [sentence.split(":")[0] for sentence in sentences] == ["cables.csv", "landing_points.csv"]
    assert all("give cable_segments.csv too" in sentence for sentence in sentences)


def test_a_table_that_is_no_csv_no_text_or_empty_is_refused(folder):
    (folder / "ixps.csv").write_bytes(b"id,name\n\xff\xfe\n")
    (folder / "facilities.csv").write_text("")
    (folder / "round_trips.csv").write_text("id\n")
    sentences = "\n".join(told(folder))
    assert "ixps.csv:2: is not UTF-8 text" in sentences
    assert "facilities.csv: is empty; its first line is `id,name,aliases,city" in sentences
    assert "round_trips.csv:1: lacks the column `name`" in sentences


@pytest.mark.parametrize("kind", list(ATLAS_TABLES))
def test_a_table_without_a_row_is_refused(folder, kind):
    write_tables(folder, {kind: []})
    assert f"{ATLAS_TABLES[kind]}:1: has no row below it; add one, or delete the file" in told(folder)


def test_a_route_on_cables_that_are_all_planned_asks_for_its_year(folder):
    change(folder, "cables.csv", "in service,", "planned,")
    with pytest.raises(UsageError, match=r"cables\.csv: none of its cables is in service; say of which year"):
        sim.route("casablanca", "lisbon", atlas=folder)
    with pytest.raises(UsageError, match="no cable joins them in 2025"):
        sim.route("casablanca", "lisbon", atlas=folder, year=2025)


def test_the_tables_of_the_catalogue_are_an_atlas_without_fault(tmp_path):
    """All in one folder, and the graph is the catalogue's."""
    for name, file in ATLAS_TABLES.items():
        if name != "facility":
            with (tmp_path / file).open("w", newline="") as target:
                writer = csv.DictWriter(target, columns_of(name))
                writer.writeheader()
                writer.writerows({c: row.text(c) for c in columns_of(name)} for row in rows(name).values())
    tables = read_tables(tmp_path)
    assert [kind for kind in ATLAS_TABLES if kind != "facility" and list(tables.rows(kind)) != list(rows(kind))] == []
    assert set(build_atlas(2025, tables).edges) == set(build_atlas(2025).edges)


def test_a_choke_point_that_is_none_and_a_link_to_itself_are_told(folder):
    change(folder, "cable_segments.csv", "700", "")
    change(folder, "cable_segments.csv", "south,north", "south,south")
    with pytest.raises(AtlasError) as caught:
        read_tables(folder)
    assert any("joins a place to itself" in problem.sentence for problem in caught.value.problems)
    cells = dict.fromkeys(columns_of("segment"), "") | {"a": "south", "b": "north", "choke_points": "nowhere"}
    told = list(_length_problems("segment", cells, lambda kind: {}))
    assert told == ["'nowhere' is no choke point; there is egypt, luzon, malacca, red-sea"]
