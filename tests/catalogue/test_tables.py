"""The catalogue: every row sourced, every number with its unit, every name of something else there."""

import csv
import re
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from simulator.catalogue import TABLES, find, rows, suggest
from simulator.catalogue.table import COMPANIONS, Row, Source
from simulator.errors import MissingValueError, UnknownNameError
from simulator.vocabulary import CONFIDENCES, DEVICE_KINDS

TEXT = re.compile(
    "id|name|class|aliases|source|year|confidence|note|statement|accelerator|cpu|intra_fabric|inter_fabric|device|"
    "accelerator_fabric|node_fabric|machine|"
    "server|task|beside|precision|recompute|attention|sequence_parallel|gated|fabric|"
    "power_boundary|back_solved|solved_from|energy_kind|energy_cause|co2e_cause|restates|excluded|family|families|classes|"
    "sample_unit|pass_unit|resolution|latent|form|modality|provider|region|city|country|"
    "continent|timezone|model|intensity|cable|a|b|kind|status|route_class|choke_points|metro|"
    "set|target|zone|scope|per|covers|.*:.*"
)
"""The columns of words; all others hold numbers."""

UNITS = re.compile(
    ".+_(w|y|h|d|flop_per_s|flop_per_sample|flop_per_token|flop_per_peer|op_per_s|bytes|bytes_per_s|bytes_per_s_per_accelerator|"
    "eur|usd|eur_per_hour|usd_per_hour|s|nats|kgco2e|gco2e_per_kwh|kwh_per_gb|l_per_kwh|mwh|t|deg|count|ratio|share|exponent|km|tbps|gbps|mbps|us|w_per_mbps|nj_per_b|pj_per_b_per_km|w_per_km|ms|us_per_km|percent|"
    "kgsb|mj|kgsb_per_kwh|mj_per_kwh|usd_per_kwh|twh|mtco2e|"
    "wh|kwh|l|kg|cm2|gb|gb_per_cm2|kgco2e_per_cm2|kgco2e_per_gb|kgco2e_per_kg|flop)|"
    "year_introduced|rfs_year|status_year|least_year|below_year"
)
"""What ends the name of a column of numbers; years of introduction, service, status and validity are the calendar's."""

ZEROS = {
    ("access", "cable", "marginal_w_per_mbps"): "the low end of the average fixed line",
    ("access", "copper", "marginal_w_per_mbps"): "the low end of the average fixed line",
    ("access", "fibre", "marginal_w_per_mbps"): "the low end of the average fixed line",
    ("access", "wifi", "marginal_w_per_mbps"): "the source's low end: a box draws the same whatever it carries",
    ("assumption", "accelerator-load-serving", "value_share"): "the low end of all that is possible",
    ("assumption", "host-at-load", "value_share"): "the low end of all that is possible",
    ("assumption", "overlap-data-parallel", "value_share"): "the low end of all that is possible",
    ("region", "azure:indiasouthcentral", "wue_l_per_kwh"): "printed 0: cooled without water",
    ("region", "azure:newzealandnorth", "wue_l_per_kwh"): "printed 0: cooled without water",
    ("server", "2xepyc-9654", "accelerators_count"): "a server of CPUs alone",
    ("server", "azure-1u", "accelerators_count"): "a server of CPUs alone",
    ("server", "grid5000-dahu", "accelerators_count"): "a server of CPUs alone",
    ("server", "r740", "accelerators_count"): "a server of CPUs alone",
}
"""The only values that are 0, and why; unknown is an empty cell."""

BELOW_0 = {"lat_deg", "lon_deg", "d_w", "utc_offset_h", "weekend_share"}
"""Columns that may be negative: coordinates, clocks, what is added to the logarithm of a CPU's curve, on weekends."""

NUMBER = r"-?\d+(?:\.\d+)?"
CELL = re.compile(rf"({NUMBER})(?: \[({NUMBER}), ({NUMBER})\])?")
NOTES = re.compile(
    r"(^|[\s(\"'])(~/|/[a-z]\w*/)|\b[A-Z]:\\|\bshared/|\b(embodied|hardware|training_footprints|fl_footprints)\.csv|"
    r"\bunet\.py|\bcounted here|\bfrom it\b|\bseed\b|\bWARNING\b",
    re.IGNORECASE,
)
"""An absolute path, a file that never left the author's desk, or a remark to oneself."""


NOTED = (
    "from /data/x.csv",
    "~/x",
    "(shared/a.md",
    "HF embodied.csv",
    "C:\\x",
    "by unet.py",
    "counted here",
    "the seed slide",
)


def read(file):
    text = resources.files("simulator.catalogue").joinpath("tables", file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


CELLS = {kind: read(file) for kind, file in TABLES.items()}
SOURCES = {kind: read(file) for kind, file in COMPANIONS.items()}


@pytest.fixture(params=TABLES)
def kind(request):
    return request.param


def numbers(kind):
    """(id, column, text) of every number of a table."""
    return [
        (row["id"], column, text)
        for row in CELLS[kind]
        for column, text in row.items()
        if text and not TEXT.fullmatch(column)
    ]


def low_value_high(text):
    value, low, high = CELL.fullmatch(text).groups()
    return float(low or value), float(value), float(high or value)


def test_every_row_fills_every_column_and_no_more(kind):
    assert [row["id"] for row in CELLS[kind] if None in row or None in row.values()] == []


def test_every_id_is_lower_case_and_unique(kind):
    ids = [row["id"] for row in CELLS[kind]]
    assert [id_ for id_ in ids if not re.fullmatch(r"[a-z0-9.:-]+", id_)] == []
    assert len(set(ids)) == len(ids)
    assert list(rows(kind)) == ids


def test_every_row_has_a_name_a_source_a_year_and_a_confidence(kind):
    for row in CELLS[kind]:
        assert row["name"].strip(), row["id"]
        assert row["source"].strip(), row["id"]
        assert re.fullmatch(r"(19|20)\d\d", row["year"]), row["id"]
        assert row["confidence"] in CONFIDENCES, row["id"]


def test_every_value_has_a_source_a_year_and_a_confidence(kind):
    for row in rows(kind).values():
        for column in row.columns:
            source = row.source(column)
            assert source.source.strip(), (row.id, column)
            assert re.fullmatch(r"(19|20)\d\d", source.year), (row.id, column)
            assert source.confidence in CONFIDENCES, (row.id, column)


def test_no_alias_is_an_id_or_stands_for_two_things(kind):
    aliases = [alias.lower() for row in rows(kind).values() for alias in row.aliases]
    assert set(aliases) & set(rows(kind)) == set()
    assert sorted(aliases) == sorted(set(aliases))


def test_every_column_of_numbers_has_its_unit_in_its_name(kind):
    columns = [column for column in CELLS[kind][0] if not TEXT.fullmatch(column)]
    assert columns
    assert [column for column in columns if not UNITS.fullmatch(column)] == []


def test_every_number_is_a_value_alone_or_within_its_range(kind):
    for id_, column, text in numbers(kind):
        assert CELL.fullmatch(text), (id_, column, text)
        low, value, high = low_value_high(text)
        assert low <= value <= high, (id_, column, text)


def test_every_number_is_positive_but_those_below_0_and_the_zeros_that_are_explained(kind):
    found = {
        (kind, id_, column)
        for id_, column, text in numbers(kind)
        if column not in BELOW_0 and low_value_high(text)[0] <= 0
    }
    assert found == {zero for zero in ZEROS if zero[0] == kind}
    assert [text for _, column, text in numbers(kind) if column not in BELOW_0 and text.startswith("-")] == []


def test_shares_and_ratios_are_possible(kind):
    for id_, column, text in numbers(kind):
        low, _, high = low_value_high(text)
        assert high <= 1 or not column.endswith("_share"), (id_, column)
        assert low >= 1 or column != "pue_ratio", (id_, column)
        assert abs(low) <= {"lat_deg": 90, "lon_deg": 180}.get(column, abs(low)), (id_, column)


def test_a_source_of_a_column_has_that_column_and_a_value_in_it(kind):
    for row in CELLS[kind]:
        for column, text in row.items():
            part, colon, about = column.partition(":")
            if colon:
                assert part in Source._fields, column
                assert about in row, column
                assert row[about] or not text, (row["id"], column)


def test_a_value_from_memory_or_of_no_known_source_is_unverified(kind):
    said = {(row.id, c): row.source(c) for row in rows(kind).values() for c in ("", *row.columns)}
    doubtful = [key for key, s in said.items() if "[memory" in s.source or "none known" in s.source]
    assert [key for key in doubtful if said[key].confidence != "unverified"] == []


def test_no_cell_points_to_a_machine_or_to_working_notes():
    assert all(NOTES.search(text) for text in NOTED)
    tables = [*CELLS.values(), *SOURCES.values()]
    assert [text for table in tables for row in table for text in row.values() if NOTES.search(text)] == []


def test_the_companion_sources_cover_each_value_and_nothing_else():
    for kind, lines in SOURCES.items():
        listed = [(line["id"], line["column"]) for line in lines]
        assert len(set(listed)) == len(listed)
        assert set(listed) == {(row.id, c) for row in rows(kind).values() for c in row.columns if c != "class"}


def test_the_companion_sources_are_whole():
    for line in [line for lines in SOURCES.values() for line in lines]:
        assert line["source"].strip(), line
        assert re.fullmatch(r"(19|20)\d\d", line["year"]), line
        assert line["confidence"] in CONFIDENCES, line


def test_there_is_as_much_as_there_should_be():
    least = {"grid": 190, "device": 160, "server": 40, "city": 350, "region": 180, "model": 133, "dataset": 67}
    least |= {"training": 61}
    least |= {"cable": 169, "segment": 661, "landing": 131, "overland": 627, "ixp": 126}
    assert {kind: len(rows(kind)) for kind in least if len(rows(kind)) < least[kind]} == {}


def test_every_class_of_device_has_a_kind_of_asset():
    assert {row.text("class") for row in rows("device").values()} <= set(DEVICE_KINDS)


@pytest.mark.parametrize(
    ("kind", "column", "named"),
    [
        ("server", "accelerator", "device"),
        ("training", "device", "device"),
        ("training", "model", "model"),
        ("training", "restates", "training"),
        ("published-run", "model", "model"),
        ("step-time", "model", "model"),
        ("step-time", "server", "server"),
        ("region", "city", "city"),
        ("region", "country", "grid"),
        ("segment", "cable", "cable"),
        ("segment", "route_class", "route-class"),
        ("cable", "route_class", "route-class"),
        ("overland", "route_class", "route-class"),
        ("landing", "metro", "city"),
        ("ixp", "city", "city"),
        ("power-phase", "device", "device"),
    ],
)
def test_what_a_row_names_is_in_the_catalogue(kind, column, named):
    names = {row.text(column) for row in rows(kind).values()} - {""}
    assert names
    assert names - set(rows(named)) == set()


def test_the_phases_of_a_device_are_fitted_once():
    devices = [row.text("device") for row in rows("power-phase").values()]
    assert len(set(devices)) == len(devices)


def test_a_server_has_accelerators_if_it_names_one():
    for row in rows("server").values():
        assert bool(row.text("accelerator")) == bool(row.find_number("accelerators_count")), row.id


def test_every_time_zone_exists():
    zones = {row.text("timezone") for row in rows("city").values()}
    assert {ZoneInfo(zone).key for zone in zones} == zones


def test_the_devices_of_the_talk_cite_it():
    for name in ("talk-cpu", "talk-gpu", "talk-tpu"):
        row = find("device", name)
        for column in ("", *row.columns):
            assert "Pint of Science 2023" in row.source(column).source, (name, column)


def test_the_devices_of_the_talk_draw_what_its_slide_says():
    """CPU 100 W, GPU 400 W, TPU 200 W."""
    watts = {name: find("device", f"talk-{name}").find_number("tdp_w") for name in ("cpu", "gpu", "tpu")}
    assert watts == {"cpu": 100.0, "gpu": 400.0, "tpu": 200.0}


def test_h100_and_b200_have_no_training_watts_of_their_own():
    """Only whole servers of them were measured, so `typical` is refused for them."""
    boards = [row for id_, row in rows("device").items() if id_.startswith(("h100-", "b200-"))]
    assert len(boards) >= 4
    assert [row.id for row in boards if row.text("typical_training_w")] == []


def test_grids_are_those_of_codecarbon():
    """global_energy_mix.json of CodeCarbon 3.3.2: USA 369.473, France 56.039 g/kWh."""
    grids = {zone: find("grid", zone).number("intensity_gco2e_per_kwh", "") for zone in ("us", "fr")}
    assert grids == {"us": 369.473, "fr": 56.039}


def test_find_does_not_mind_the_case():
    assert find("device", "A100-SXM4-40GB") is find("device", "a100-sxm4-40gb")


def test_an_alias_is_refused_and_its_id_suggested():
    for kind in TABLES:
        for row in rows(kind).values():
            for alias in row.aliases:
                with pytest.raises(UnknownNameError) as caught:
                    find(kind, alias)
                assert caught.value.hint == f"did you mean `{row.id}`?"


@pytest.mark.parametrize(
    ("kind", "name", "hint"),
    [
        ("device", "a100-sxm4-40g", "did you mean `a100-sxm4-40gb` or "),
        ("device", "NVIDIA A100 PCIe 40GB", "did you mean `a100-pcie-40gb`?"),
        ("grid", "Frnace", "did you mean `fr`"),
        ("region", "gcp:europe-west", "did you mean `gcp:europe-west"),
        ("city", "xyzzyx", "`aiceberg catalogue list city` shows them all"),
    ],
)
def test_an_unknown_name_gets_a_hint(kind, name, hint):
    with pytest.raises(UnknownNameError) as caught:
        find(kind, name)
    assert caught.value.hint == suggest(name, kind)
    assert caught.value.hint.startswith(hint)
    assert str(caught.value) == f"no {kind} is called {name!r}; {caught.value.hint}"


def test_a_hint_on_a_table_of_an_atlas_says_what_is_there():
    """The command lists the catalogue's rows alone."""
    own = {
        f"c{number}": Row("cable", {"id": f"c{number}", "name": f"C {number}", "aliases": ""}, {})
        for number in range(5)
    }
    assert suggest("xyzzyx", "cable", own) == "the atlas has 5, such as `c0`, `c1`, `c2`"
    assert suggest("xyzzyx", "cable", {"c1": own["c1"]}) == "the atlas has `c1`"
    assert suggest("xyzzyx", "facility", {}) == "the atlas has none"
    assert suggest("xyzzyx", "cable", rows("cable")) == "`aiceberg catalogue list cable` shows them all"


A_ROW = Row(
    "device",
    {
        "id": "toaster",
        "name": "A toaster",
        "aliases": "Grille-pain; Toast-O",
        "tdp_w": "900 [800, 1000]",
        "idle_w": "",
        "price_eur": "30",
        "source": "its label",
        "year": "2020",
        "confidence": "published",
        "source:price_eur": "the shop",
        "year:price_eur": "2023",
        "confidence:price_eur": "",
    },
    {"tdp_w": Source("a wattmeter", "2021", "measured")},
)


def test_a_missing_value_names_row_column_and_remedy():
    with pytest.raises(MissingValueError) as caught:
        A_ROW.number("idle_w", "give `idle:` watts")
    assert str(caught.value) == "toaster has no idle_w in the catalogue; give `idle:` watts"


def test_a_missing_value_is_none_if_one_only_looks():
    assert A_ROW.find_number("idle_w") is None
    assert A_ROW.find_range("idle_w") is None


def test_a_cell_gives_its_value_and_its_range_apart():
    assert (A_ROW.find_number("tdp_w"), A_ROW.find_range("tdp_w")) == (900.0, (800.0, 1000.0))
    assert (A_ROW.number("price_eur", ""), A_ROW.find_range("price_eur")) == (30.0, None)


def test_the_source_of_a_value_is_the_companions_then_its_own_then_the_rows():
    assert A_ROW.source("tdp_w") == Source("a wattmeter", "2021", "measured")
    assert A_ROW.source("price_eur") == Source("the shop", "2023", "published")
    assert A_ROW.source("idle_w") == A_ROW.source() == Source("its label", "2020", "published")


def test_the_columns_of_a_row_are_those_with_a_value_of_its_own():
    assert A_ROW.columns == ("tdp_w", "price_eur")
    assert A_ROW.aliases == ("Grille-pain", "Toast-O")
