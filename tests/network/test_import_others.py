"""PeeringDB's dump and tables of round trips: what fits the catalogue's cities becomes rows, the rest is told."""

import csv
import json
import os

import pytest

from simulator.catalogue import TABLES, rows
from simulator.errors import AtlasError, UsageError
from simulator.network.importers.countries import find_country
from simulator.network.importers.latency import import_latency
from simulator.network.importers.peeringdb import import_peeringdb
from simulator.network.importers.places import find_contradiction, find_metro
from simulator.network.importers.writing import table_text, write_tables
from simulator.network.tables import columns_of

DUMP = {
    "ix": {
        "data": [
            {"id": 1, "name": "Paris IX", "city": "Paris", "country": "FR", "net_count": 450, "status": "ok"},
            {"id": 2, "name": "Hesse IX", "city": "Frankfurt/Main", "country": "DE", "net_count": 0, "status": "ok"},
            {"id": 3, "name": "Nowhere IX", "city": "Ville Perdue", "country": "FR"},
            {"id": 4, "name": "Gone IX", "city": "Paris", "country": "FR", "status": "deleted"},
            {"id": 5, "name": "Far IX", "city": "Paris", "country": "ZZ"},
        ],
        "meta": {"generated": 1640908800.0},
    },
    "fac": {
        "data": [
            {"id": 7, "name": "Hall", "city": "Offenbach", "country": "DE", "latitude": 50.1, "longitude": 8.77},
            {"id": 8, "name": "Hall", "city": "Lyon", "country": "FR", "latitude": None, "longitude": None},
            {"id": 9, "name": "Lost", "city": "Dallas", "country": "US", "latitude": 45.6, "longitude": -121.2},
        ]
    },
    "ixfac": {"data": [{"ix_id": 2, "fac_id": 7}]},
}


@pytest.fixture
def a_file(tmp_path):
    """Write a file; its path."""

    def write(name, content):
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return tmp_path / name

    return write


def test_exchanges_and_buildings_stand_in_the_cities_of_the_catalogue(a_file):
    """Frankfurt/Main is no name of a city, but the exchange's building, in Offenbach, is 6 km from Frankfurt."""
    found = import_peeringdb(a_file("peeringdb.json", DUMP), None)
    ixps = {row["id"]: (row["city"], row["country"], row.get("members_count", "")) for row in found.rows["ixp"]}
    assert ixps == {"paris-ix": ("paris", "fr", "450"), "hesse-ix": ("frankfurt", "de", "")}
    halls = {row["id"]: (row["city"], row["lat_deg"]) for row in found.rows["facility"]}
    assert halls == {"hall-7": ("frankfurt", "50.1000"), "hall-8": ("lyon", "")}
    assert {(row["year"], row["confidence"]) for row in found.rows["ixp"]} == {("2021", "published")}
    assert all("peak_tbps" not in row for row in found.rows["ixp"])


def test_what_the_catalogue_does_not_know_is_left_out_and_told(a_file):
    """Dallas at 45.6 N, 121.2 W is in Oregon."""
    file = a_file("peeringdb.json", DUMP)
    told = [str(problem).removeprefix(f"{file}: ") for problem in import_peeringdb(file, None).left_out]
    assert told[:3] == [
        "ix 3 Nowhere IX: the catalogue knows no city 'Ville Perdue' in fr, and none within 100 km of it; left out",
        "ix 4 Gone IX: its status is 'deleted'; left out",
        "ix 5 Far IX: no country is called 'ZZ'; left out",
    ]
    assert told[3].startswith("fac 9 Lost: 45.6, -121.2 is 2")
    assert told[3].endswith("km from dallas, its city: coordinates or city are wrong; left out")


def test_the_year_of_a_dump_is_that_of_its_head_else_of_its_latest_change_else_asked_for(a_file):
    data = {
        "ix": {"data": [{"id": 1, "name": "A", "city": "Paris", "country": "FR", "updated": "2019-05-02T00:00:00Z"}]}
    }
    assert import_peeringdb(a_file("a.json", data), None).rows["ixp"][0]["year"] == "2019"
    del data["ix"]["data"][0]["updated"]
    with pytest.raises(UsageError, match="does not say of when it is; give its `--year`"):
        import_peeringdb(a_file("b.json", data), None)
    assert import_peeringdb(a_file("b.json", data), 2020).rows["ixp"][0]["year"] == "2020"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"ix": {"data": [1, 2', r"bad\.json:1:22: is no JSON"),
        ("[]", "is no PeeringDB dump with"),
        ('{"net": {"data": [{"id": 1}]}}', "is no PeeringDB dump with"),
        ("[" * 100_000, "is no JSON that can be read"),
        ("1" * 5000, "is no JSON that can be read"),
    ],
)
def test_other_json_is_a_sentence(a_file, content, sentence):
    with pytest.raises(UsageError, match=sentence):
        import_peeringdb(a_file("bad.json", content), None)


def test_a_dump_of_which_nothing_can_be_used_is_an_error(a_file):
    data = {"ix": {"data": [{"id": None, "name": 3, "country": ["FR"]}]}, "fac": {"data": [7]}}
    with pytest.raises(AtlasError, match=r"(?s)ix  : has no name.*nothing in it can be used"):
        import_peeringdb(a_file("bad.json", data), 2020)


TRIPS = """a,b,rtt_ms,date,source
paris,New York,77.4,2024-05-02,our probes
aws:eu-west-3,new-york,80,,
london,london,3,,
london,paris,2.0,,
london,atlantis,20,,
paris,new-york,78,2024-05-02,again
paris,new-york,soon,,
paris,new-york
paris,madrid,25,yesterday,
"""


def test_round_trips_are_rows_with_their_source_and_year(a_file):
    found = import_latency(a_file("trips.csv", TRIPS), 2025)
    cells = [
        (r["id"], r["a"], r["b"], r["rtt_ms"], r["year"], r["source"], r["confidence"])
        for r in found.rows["round-trip"]
    ]
    assert cells == [
        ("paris:new-york:2024-05-02", "paris", "new-york", "77.4", "2024", "our probes", "measured"),
        ("paris:new-york", "paris", "new-york", "80", "2025", "trips.csv", "measured"),
    ]


def test_rows_that_cannot_be_are_left_out_with_their_line(a_file):
    """Paris to London is 344 km: 2 x 344 x 4.9 us are 3.4 ms."""
    file = a_file("trips.csv", TRIPS)
    told = [str(problem).removeprefix(f"{file}:") for problem in import_latency(file, 2025).left_out]
    assert told[0] == "4: london,london,3: both ends are one city; left out"
    assert "5: london,paris,2.0: 2 ms is faster than light in fibre, 3.4 ms" in told[1]
    assert "6: london,atlantis,20: no city is called 'atlantis'; " in told[2]
    assert "7: paris,new-york,78: paris:new-york:2024-05-02 stands in line 2 already" in told[3]
    assert "8: paris,new-york,soon: 'soon' is no round trip in milliseconds" in told[4]
    assert "9: paris,new-york: has 2 cells, and the first line 5" in told[5]
    assert "10: paris,madrid,25: 'yesterday' is no date such as 2024-05-02" in told[6]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("from,to,ms\n", r"trips\.csv:1: has the columns from, to, ms; the first line is `a,b,rtt_ms,date,source`"),
        ("", r"trips\.csv:1: has the columns of nothing"),
        ('a,b,rtt_ms\n"' + "x" * 200_000, r"trips\.csv:2: is no CSV"),
    ],
)
def test_another_table_is_a_sentence(a_file, content, sentence):
    with pytest.raises(UsageError, match=sentence):
        import_latency(a_file("trips.csv", content), 2025)


def test_cells_at_the_end_of_a_row_may_be_left_out_but_none_that_is_needed(a_file):
    text = "a,b,rtt_ms,date,source\nparis,new-york,77\nparis,madrid,25,2024-05-02\nparis,rome\nparis,rome,30,,,\n"
    found = import_latency(a_file("trips.csv", text), 2025)
    assert [(row["id"], row["year"], row["source"]) for row in found.rows["round-trip"]] == [
        ("paris:new-york", "2025", "trips.csv"),
        ("paris:madrid:2024-05-02", "2024", "trips.csv"),
    ]
    assert ["has 2 cells" in str(found.left_out[0]), "has 6 cells" in str(found.left_out[1])] == [True, True]
    needed_last = import_latency(a_file("turned.csv", "date,a,b,rtt_ms\n2024,paris,rome,30\n2024,paris,rome\n"), 2025)
    assert "has 3 cells, and the first line 4" in str(needed_last.left_out[0])


def test_there_and_back_of_one_date_are_one_round_trip(a_file):
    text = "a,b,rtt_ms,date\nparis,new-york,77,2024\nnew-york,paris,78,2024\nnew-york,paris,79,2023\n"
    found = import_latency(a_file("trips.csv", text), 2025)
    assert [row["rtt_ms"] for row in found.rows["round-trip"]] == ["77", "79"]
    (told,) = found.left_out
    assert "trips.csv:3: new-york,paris,78: paris:new-york:2024 stands in line 2 already" in str(told)


@pytest.mark.parametrize(("rtt", "kept"), [("10000", 1), ("10001", 0), ("1e9", 0)])
def test_no_packet_lives_longer_than_ten_seconds(a_file, rtt, kept):
    found = import_latency(a_file("trips.csv", f"a,b,rtt_ms\nparis,rome,30\nparis,new-york,{rtt}\n"), 2025)
    assert len(found.rows["round-trip"]) == 1 + kept
    assert [f"{float(rtt):g} ms is longer than a packet lives" in str(told) for told in found.left_out] == [True] * (
        1 - kept
    )


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(a_file):
    """It begins in the third line."""
    text = 'a,b,rtt_ms,source\nparis,rome,30,\nparis,madrid,25,"ours\nparis,new-york,77,\n'
    with pytest.raises(UsageError, match=r"trips\.csv:3: is no CSV .*; close its quotation marks"):
        import_latency(a_file("trips.csv", text), 2025)


def test_a_line_end_within_a_cell_is_shown_escaped(a_file):
    found = import_latency(a_file("trips.csv", 'a,b,rtt_ms\nparis,rome,30\n"At\nlantis",paris,3\n'), 2025)
    assert r"trips.csv:4: At\nlantis,paris,3: no city is called 'At lantis'" in str(found.left_out[0])
    with pytest.raises(UsageError, match=r"has the columns a, b\\n2, rtt_ms;"):
        import_latency(a_file("trips.csv", 'a,"b\n2",rtt_ms\n'), 2025)


def test_bytes_that_are_no_text_are_a_sentence(tmp_path):
    (tmp_path / "trips.csv").write_bytes(b"a,b,rtt_ms\nparis,m\xfcnchen,20\n")
    with pytest.raises(UsageError, match=r"trips\.csv:2: is not UTF-8 text"):
        import_latency(tmp_path / "trips.csv", 2025)


def test_every_place_of_the_catalogue_is_in_its_country():
    """But branching units, which have none."""
    for row in (*rows("city").values(), *rows("landing").values()):
        point = (row.find_number("lat_deg"), row.find_number("lon_deg"))
        assert not row.text("country") or find_contradiction(row.text("country"), point) is None


def test_nearly_all_landings_of_the_catalogue_have_a_metro_within_reach():
    """Port Hedland, 1323 km from Perth, is the loneliest; Arica, Sochi and Siboney are beyond 700 km too."""
    lonely = {
        row.id
        for row in rows("landing").values()
        if row.text("metro")
        and find_metro(row.text("country"), (row.find_number("lat_deg"), row.find_number("lon_deg"))) is None
    }
    assert lonely == {"port-hedland", "arica", "sochi", "siboney"}


def test_every_country_of_the_catalogue_is_known_by_its_code_and_its_grid_by_name():
    codes = {row.text("country") for row in rows("city").values()}
    assert {code for code in codes if find_country(code) != code} == set()
    countries = [row for row in rows("grid").values() if len(row.id) == 2]
    assert {row.id for row in countries if find_country(row.name) not in (row.id, None)} == set()


def test_tables_are_in_the_format_of_the_catalogue():
    kinds = [kind for kind in ("cable", "segment", "landing", "ixp", "round-trip") if kind in TABLES]
    for kind in kinds:
        lines = table_text(kind, [{"id": "b"}, {"id": "a", "name": "A, B"}]).splitlines()
        assert tuple(lines[0].split(",")) == columns_of(kind)
        assert [row["id"] for row in csv.DictReader(lines)] == ["a", "b"]


def test_a_table_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "ixps.csv").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_tables(tmp_path, {"ixp": [{"id": "a"}]})
    assert os.listdir(tmp_path) == ["ixps.csv"]


def test_imports_into_one_atlas_add_up(a_file, cli, tmp_path):
    peering, trips = a_file("peeringdb.json", DUMP), a_file("trips.csv", TRIPS)
    done = cli("import", "peeringdb", str(peering), "-o", "mine")
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 4)
    assert done.stdout.startswith("written to mine: ixps.csv (2 rows), facilities.csv (2 rows); 4 left out")
    assert cli("import", "latency", str(trips), "-o", "mine", "--year", "2025").returncode == 0
    assert sorted(os.listdir(tmp_path / "mine")) == ["facilities.csv", "ixps.csv", "round_trips.csv"]


def test_a_building_whose_coordinates_are_none_is_kept_without_them_and_told(a_file):
    hall = {"id": 7, "name": "Hall", "city": "Frankfurt", "country": "DE", "latitude": 50.1, "longitude": 8.77}
    halls = [hall, {**hall, "id": 8, "latitude": 999}, {**hall, "id": 9, "longitude": "a"}]
    halls += [{**hall, "id": 10, "latitude": None}, {**hall, "id": 11, "latitude": None, "longitude": ""}]
    found = import_peeringdb(a_file("odd.json", {"fac": {"data": halls}}), 2021)
    assert [row["lat_deg"] for row in found.rows["facility"]] == ["50.1000", "", "", "", ""]
    assert [str(note).partition("odd.json: ")[2] for note in found.notes] == [
        "fac 8 Hall: latitude 999, longitude 8.77 is no place: kept without coordinates",
        "fac 9 Hall: latitude 50.1, longitude 'a' is no place: kept without coordinates",
        "fac 10 Hall: latitude None, longitude 8.77 is no place: kept without coordinates",
    ]


@pytest.mark.parametrize("part", ["ix", "fac"])
def test_the_second_of_one_id_is_left_out_and_leaves_the_first_as_it_is(a_file, part):
    """Offenbach is in reach of Frankfurt, the second's coordinates are of Paris."""
    first = {"id": 7, "name": "One", "city": "Offenbach", "country": "DE", "latitude": 50.1, "longitude": 8.77}
    second = {"id": 7, "name": "Two", "city": "Paris", "country": "FR", "latitude": 48.86, "longitude": 2.35}
    data = {"fac": {"data": [first, second]}}
    if part == "ix":
        data = {
            "fac": {"data": [first]},
            "ix": {"data": [first, second]},
            "ixfac": {"data": [{"ix_id": 7, "fac_id": 7}]},
        }
    found = import_peeringdb(a_file("twice.json", data), 2021)
    kind = {"ix": "ixp", "fac": "facility"}[part]
    assert [(row["id"], row["city"]) for row in found.rows[kind]] == [("one", "frankfurt")]
    assert [str(told).partition("twice.json: ")[2] for told in found.left_out] == [
        f"{part} 7 Two: another one has the id 7; left out"
    ]


def test_a_dump_with_one_thing_twice_or_other_values_than_it_should_have_is_still_read(a_file):
    one = {"id": 1, "name": "Paris IX", "city": "Paris", "country": "FR", "net_count": 10**400}
    data = {
        "ix": {"data": [one, one], "meta": {"generated": 1640908800}},
        "ixfac": {"data": [{"ix_id": [], "fac_id": {}}]},
    }
    found = import_peeringdb(a_file("odd.json", data), None)
    assert [(row["id"], row.get("members_count")) for row in found.rows["ixp"]] == [("paris-ix-1", None)]
    assert str(found.left_out[0]).endswith("ix 1 Paris IX: another one is paris-ix-1 already; left out")
