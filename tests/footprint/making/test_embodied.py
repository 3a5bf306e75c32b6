"""What making takes, by hand: phones, cards with their host, buildings, cables; and what nobody says."""

from functools import cache
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_federate_scenario, a_scenario, a_transfer_scenario, run

from simulator.columns import TABLES
from simulator.footprint.making.embodied import (
    Quantities,
    charged,
    embodied_rows,
    embodied_table,
    is_known,
    making_kg,
    row_of,
    unknown,
)
from simulator.footprint.making.factors import Factor, build_sets
from simulator.footprint.making.items import ACTIVE_S, BITS, PIECE_S
from simulator.record.tables import EXACT, from_rows

HOURS_A_YEAR = 8766.0
PHASES = ("manufacture", "transport", "end_of_life")
HOUR = {"name": "a", "at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}


def table(name, rows):
    return from_rows(name, [[row.get(column) for column in TABLES[name]] for row in rows])


def a_record(*assets, pue=False):
    """Tables of some assets that were in service."""
    blank = {
        "paradigm": "main",
        "asset": "a",
        "place": "lab",
        "zone": "fr",
        "row": "",
        "part_of": "",
        "owner": "always",
    }
    blank |= {"count": 1, "in_service_from_s": 0.0, "in_service_to_s": 9.0, "power_row": "", "charged": ""}
    signal = {
        "paradigm": "main",
        "place": "lab",
        "signal": "pue_ratio",
        "at_s": 0.0,
        "value": 1.2,
        "row": "",
        "source": "",
    }
    return {
        "assets": table("assets", [{**blank, **asset} for asset in assets]),
        "signals": table("signals", [signal] if pue else []),
        "pue_curves": table("pue_curves", []),
    }


def made(*assets, basis="calendar", sets=None, pue=False):
    return embodied_table(a_record(*assets, pue=pue), sets or build_sets([], []), {}, basis).to_pylist()


def of(rows, item, phase="manufacture", criterion="co2e_kg"):
    return next(r for r in rows if (r["item"], r["phase"], r["criterion"]) == (item, phase, criterion))


PHONE = {"kind": "device", "row": "smartphone", "owner": "users"}


def test_a_phone_of_84_kilograms_costs_3_83_grams_an_hour_of_two_and_a_half_years():
    """84 / (2.5 x 8766 h)."""
    row = of(made(PHONE), "device")
    assert (row["amount"], row["lifetime_y"]) == (84.0, 2.5)
    assert charged(row, 3600.0) * 1e3 == pytest.approx(84e3 / (2.5 * HOURS_A_YEAR)) == pytest.approx(3.83, abs=0.005)


def test_and_21_grams_an_hour_at_work_for_it_works_4_38_hours_a_day():
    row = of(made(PHONE, basis="active"), "device")
    assert row["over"] == ACTIVE_S
    assert row["duty_share"] * 24 == pytest.approx(4.38, abs=0.02)
    assert charged(row, 3600.0) * 1e3 == pytest.approx(21.0, abs=0.1)


def test_eight_cards_and_their_host_cost_133_grams_an_hour():
    """DGX H100: 8 x 164 kg and 5700 kg in 6 y; a rack of 30 kg in 12 y."""
    hour_kg = {
        "card": charged(of(made({"kind": "accelerator", "row": "h100-sxm5-80gb"}), "accelerator"), 8 * 3600.0),
        "host": charged(of(made({"kind": "host", "row": "dgx-h100", "part_of": "lab/nodes"}), "host"), 3600.0),
        "rack": charged(of(made({"kind": "host", "row": "dgx-h100", "part_of": "lab/nodes"}), "rack"), 3600.0),
    }
    assert hour_kg["card"] == pytest.approx(8 * 164 / (6 * HOURS_A_YEAR))
    assert hour_kg["host"] == pytest.approx(5700 / (6 * HOURS_A_YEAR))
    assert hour_kg["rack"] == pytest.approx(30 / (12 * HOURS_A_YEAR))
    assert sum(hour_kg.values()) * 1e3 == pytest.approx(133.6, abs=0.1)


def test_a_server_metered_whole_costs_what_its_parts_do():
    """7012 kg = 5700 + 8 x 164."""
    whole = of(made({"kind": "node", "row": "dgx-h100"}), "node")["amount"]
    assert whole == pytest.approx(5700 + 8 * 164)


def test_a_kilowatt_of_machines_has_a_kilowatt_of_its_building():
    """2000 kg in 20 y for 1 kW: an hour of a card of 700 W takes 8 g of it."""
    rows = made({"kind": "accelerator", "row": "h100-sxm5-80gb", "most_w": 700.0}, pue=True)
    row = of(rows, "building")
    assert (row["amount"], row["per"], row["times"], row["lifetime_y"]) == (2000.0, "kw", 0.7, 20.0)
    assert (
        charged(row, 3600.0) * 1e3
        == pytest.approx(0.7 * 2000e3 / (20 * HOURS_A_YEAR))
        == pytest.approx(7.985, abs=1e-3)
    )


def test_where_no_building_is_known_none_is_charged():
    rows = made({"kind": "accelerator", "row": "h100-sxm5-80gb", "most_w": 700.0})
    assert {row["item"] for row in rows} == {"accelerator"}


def test_each_row_says_what_it_is_of_and_where_it_was_read():
    row = of(made(PHONE), "device")
    assert row["row"] == "base:smartphone"
    assert "NegaOctet" in row["source"]
    assert (row["low"], row["high"], row["confidence"]) == (30.7, 84.0, "published")
    assert (row["per"], row["times"], row["over"]) == ("piece", 1.0, PIECE_S)


def test_its_phases_are_told_apart():
    """A phone whose source follows it to the gate: 2 % more for bringing, 0.5 % for throwing away."""
    rows = made({**PHONE, "row": "iphone-13-pro"})
    assert [of(rows, "device", phase)["amount"] for phase in PHASES] == pytest.approx([58.0, 1.16, 0.29])


def test_what_is_told_to_the_grave_has_its_end_in_it():
    rows = made({**PHONE, "row": "laptop"})
    assert [of(rows, "device", phase)["amount"] for phase in PHASES] == [181.0, 0.0, 0.0]


def test_what_nobody_says_is_a_row_without_an_amount():
    """A cable without a capacity: CO2e of it is asked for and unknown, its metals are not even asked for."""
    rows = made({"kind": "link", "power_row": "submarine", "owner": ""})
    assert [(row["phase"], row["criterion"], row["amount"], row["row"]) for row in rows] == [
        (phase, "co2e_kg", None, "") for phase in PHASES
    ]
    assert not any(is_known(row) for row in rows)
    assert unknown(rows, PHASES, {"a"}) == ["a (submarine)"]
    assert unknown(rows, PHASES, set()) == []


def test_machines_that_nobody_used_are_told_and_equipment_that_nobody_used_is_not():
    idle = {"in_service_from_s": None, "in_service_to_s": None}
    assert made({"kind": "accelerator", "row": "h100-sxm5-80gb", **idle})
    assert made({**PHONE, **idle}) == []
    assert made({"kind": "link", "owner": "", "power_row": "overland", **idle}) == []


def test_a_file_of_ones_own_stands_before_the_set_base(tmp_path):
    own = tmp_path / "mine.csv"
    own.write_text(
        "target,manufacture_kgco2e,lifetime_y,source,year,confidence\nsmartphone,50,4,my phone,2024,measured\n"
    )
    sets = build_sets([], [str(own)])
    row = of(made(PHONE, sets=sets), "device")
    assert (row["amount"], row["lifetime_y"], row["row"], row["source"]) == (50.0, 4.0, "mine:smartphone", "my phone")
    assert charged(row, 3600.0) == pytest.approx(50 / (4 * HOURS_A_YEAR))


def test_the_name_of_a_factor_is_that_of_its_row():
    factor = Factor("embodied/base:smartphone/manufacture_kgco2e", 84.0, None, None, "", "")
    assert row_of(factor) == "base:smartphone"
    assert row_of(factor._replace(name="scenario")) == "scenario"


ROW = {"amount": 84.0, "times": 1.0, "lifetime_y": 2.5, "duty_share": 0.2, "over": PIECE_S, "per": "piece"}


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({}, True),
        ({"amount": None}, False),
        ({"amount": 0.0}, True),
        ({"lifetime_y": None}, False),
        ({"duty_share": None}, True),
        ({"duty_share": None, "over": ACTIVE_S}, False),
        ({"over": BITS, "per": "km", "lifetime_y": None}, False),
        ({"over": BITS, "per": "gb", "lifetime_y": None}, True),
    ],
)
def test_a_row_is_known_if_it_says_an_amount_and_over_how_long(fields, known):
    assert is_known({**ROW, **fields}) is known


amounts = st.floats(0.0, 1e6)


@given(amounts, st.floats(0.0, 1e9), st.floats(0.1, 50.0), st.floats(0.01, 1.0), st.floats(0.0, 1.0))
def test_parts_of_the_time_make_up_the_whole_and_half_a_life_costs_twice(amount, seconds, lifetime_y, duty, part):
    for over in (PIECE_S, ACTIVE_S):
        row = {**ROW, "amount": amount, "lifetime_y": lifetime_y, "duty_share": duty, "over": over}
        whole = charged(row, seconds)
        assert charged(row, part * seconds) + charged(row, (1 - part) * seconds) == pytest.approx(whole)
        assert charged({**row, "lifetime_y": lifetime_y / 2}, seconds) == pytest.approx(2 * whole)


def test_a_whole_life_costs_the_whole():
    assert charged(ROW, 2.5 * HOURS_A_YEAR * 3600) == pytest.approx(84.0)
    assert charged({**ROW, "over": ACTIVE_S}, 0.2 * 2.5 * HOURS_A_YEAR * 3600) == pytest.approx(84.0)


@cache
def an_hour(owned):
    data = a_scenario([HOUR])
    data["world"]["datacenters"]["lab"]["servers"]["nodes"]["owned"] = owned
    return run(data)


def ladder(result, key="boundaries"):
    return {name: figures["co2e_kg"] for name, figures in result.summary["paradigms"]["main"][key].items()}


NODE_HOUR_KG = (3058 + 8 * 564.47) / (6 * HOURS_A_YEAR) + 30 / (12 * HOURS_A_YEAR)
"""DGX A100: its host and eight cards in 6 y, its part of a rack in 12."""
BUILDING_HOUR_KG = 2000 / (20 * HOURS_A_YEAR)
"""For 1 kW."""


def most_kw(result):
    """What a node can draw."""
    assets = {row["asset"]: row for row in result.table("assets").to_pylist() if row["asset"].startswith("lab/nodes")}
    return fsum(row["most_w"] * row["count"] / 4 for row in assets.values()) / 1e3


def test_a_reserved_node_is_charged_for_its_hour_and_owned_ones_for_all_of_theirs():
    """One of four nodes for one hour: reserved, one node-hour; owned always, four."""
    for owned, nodes in (("reserved", 1), ("always", 4)):
        result = an_hour(owned)
        found = ladder(result)
        hour_kg = NODE_HOUR_KG + most_kw(result) * BUILDING_HOUR_KG
        assert found["embodied"] - found["facility"] == pytest.approx(nodes * hour_kg)
    assert an_hour("reserved").table("assets").to_pylist()[0]["most_w"] == 400.0


def test_of_everything_owned_all_four_count_however_they_were_reserved():
    """Eight bare cards that nobody used count too."""
    result = an_hour("reserved")
    found = ladder(result, "owned")
    bare_hour_kg = 8 * (316.07 / (6 * HOURS_A_YEAR) + 0.4 * BUILDING_HOUR_KG)
    hour_kg = 4 * (NODE_HOUR_KG + most_kw(result) * BUILDING_HOUR_KG) + bare_hour_kg
    assert found["embodied"] - found["facility"] == pytest.approx(hour_kg)


def test_the_last_boundary_adds_bringing_and_throwing_away():
    """2 % and 0.5 % of host and rack, 0.88 + 2.35 kg a card; a building's are in it."""
    found = ladder(an_hour("reserved"))
    hour_kg = (0.025 * 3058 + 8 * 3.23) / (6 * HOURS_A_YEAR) + 0.025 * 30 / (12 * HOURS_A_YEAR)
    assert found["life_cycle"] - found["embodied"] == pytest.approx(hour_kg)


def test_phones_are_charged_for_the_seconds_that_they_worked():
    """iPhone 13 Pro: 58 kg in 2.5 y."""
    result = run(a_federate_scenario())
    tables = {name: result.table(name) for name in EXACT}
    busy_s = fsum(
        1000 * row["share"] * (row["to_s"] - row["from_s"])
        for row in tables["reservations"].to_pylist()
        if row["asset"] == "phones/paris/device"
    )
    rows = [row for row in embodied_rows(tables, "main", "co2e_kg") if row["asset"] == "phones/paris/device"]
    over = Quantities({"phones/paris/device": busy_s}, {}, {})
    assert making_kg(rows, over, ["manufacture"]) == pytest.approx(busy_s * 58 / (2.5 * HOURS_A_YEAR * 3600))
    assert busy_s > 3 * 10 * 20.0  # three rounds of ten phones that compute for 20 s each, and send besides


def test_a_transfer_is_charged_by_its_bits():
    """25 GB over 530 + 126 km on land, and three places with three or two pieces of equipment each."""
    result = run(a_transfer_scenario([{"from": "store", "to": "alps", "size": "25 GB"}]))
    found = ladder(result)
    each_way_bps = 200e12
    cables_kg = 25 * 8e9 * 6300 * 656 * 3.03 / (30 * HOURS_A_YEAR * 3600 * 2 * each_way_bps)
    sites = [row for row in result.table("assets").to_pylist() if row["kind"] == "site"]
    assert found["embodied"] - found["network"] == pytest.approx(cables_kg + len(sites) * 25 * 1e-6)


def test_a_result_says_what_it_lacks_and_what_it_took_from_the_set_base():
    result = run(a_scenario([HOUR], footprint={"embodied": "vendor"}))
    told = result.manifest["footprint"]
    assert told["unknown"] == {"main": []}
    assert "embodied/base:kind.rack/manufacture_kgco2e" in told["fallbacks"]
    assert told["method"] == {"embodied": "vendor"}


def test_an_asset_without_any_row_is_unknown_and_not_nothing():
    assert unknown([], PHASES, {"b", "a"}) == ["a", "b"]
