"""The energy of networks in the account: slopes times bits, by hand, and sums that agree however they are made."""

import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_transfer_scenario, run

import simulator as sim
from simulator.catalogue import find
from simulator.footprint.boundary import reach, summarise
from simulator.footprint.entries import accounts, read_log
from simulator.footprint.power_log import tick_table
from simulator.network.element import Element
from simulator.record.elements import element_places, element_row
from simulator.record.tables import EXACT, from_rows
from simulator.units import JOULES_PER_KWH
from simulator.vocabulary import RATE

FR, US = 56.039, 369.473
"""Grams a kilowatt-hour in the table of grids."""

PARIS_GRENOBLE_NJ = 656 * 20 / 1000 + 2 * 1.0 + 2 * 1.0 + 3 * 0.3
"""Links, metro routers, exchanges, core routers of a bit: 18.02 nJ."""


def send(**fields):
    return {"from": "store", "to": "alps", "size": "25 GB", **fields}


def main(result):
    return result.summary["paradigms"]["main"]


def ticks_j(result, tick="1 s"):
    return result.ticks(tick).column("energy_j").to_numpy().sum()


def test_paris_to_grenoble_by_hand():
    """25 GB are 2e11 bits, at 18.02 nJ each 3604 J, all in France."""
    found = main(run(a_transfer_scenario([send()])))
    assert found["boundaries"]["network"]["energy_j"] == pytest.approx(3604.0, rel=1e-9)
    assert pytest.approx(18.02) == PARIS_GRENOBLE_NJ
    assert found["boundaries"]["network"]["co2e_kg"] == pytest.approx(3604.0 / 3.6e6 * FR / 1000)
    assert list(found["by_place"]) == ["internet/FR"]


def test_paris_to_ashburn_by_hand():
    """2e11 bits: 13 nJ/b under the sea, charged to both countries' mean; 20 pJ/b/km and sites on either side.

    France: metro router, exchange, two core routers, a landing, 560 km. United States: the same, 388 km.
    """
    found = main(run(a_transfer_scenario([send(to="far")])))
    sites_nj = 1 + 1 + 2 * 0.3 + 5
    by_hand_nj = {
        "internet/FR": sites_nj + 560 * 20 / 1000,
        "internet/FR-US": 6400 * 6.06 / 1000,
        "internet/US": sites_nj + 388 * 20 / 1000,
    }
    grids = {"internet/FR": FR, "internet/FR-US": (FR + US) / 2, "internet/US": US}
    assert {place: part["energy_j"] for place, part in found["by_place"].items()} == pytest.approx(
        {place: 200 * nj for place, nj in by_hand_nj.items()}, rel=1e-9
    )
    assert {place: part["co2e_kg"] for place, part in found["by_place"].items()} == pytest.approx(
        {place: 200 * nj / JOULES_PER_KWH * grids[place] / 1000 for place, nj in by_hand_nj.items()}, rel=1e-9
    )


def test_a_hop_between_two_countries_has_the_mean_of_their_grids_and_names_them():
    result = run(a_transfer_scenario([send(to="far")]))
    signals = {row["place"]: row for row in result.table("signals").to_pylist() if row["place"].startswith("internet/")}
    assert {place: row["row"] for place, row in signals.items()} == {
        "internet/FR": "fr",
        "internet/FR-US": "mean of fr, us",
        "internet/US": "us",
    }
    assert signals["internet/FR-US"]["value"] == pytest.approx((FR + US) / 2)


def test_an_asset_of_the_network_has_its_slope_and_its_first_and_last_bit():
    result = run(a_transfer_scenario([send(latency="lower_bound")]))
    assets = {row["asset"]: row for row in result.table("assets").to_pylist()}
    latency_s = 656 * 4.9e-6
    assert assets["lyon>grenoble"] == {
        "paradigm": "main",
        "asset": "lyon>grenoble",
        "kind": "link",
        "place": "internet/FR",
        "zone": "fr",
        "row": "lyon:grenoble",
        "part_of": "",
        "owner": "",
        "count": 1,
        "in_service_from_s": pytest.approx(latency_s),
        "in_service_to_s": pytest.approx(latency_s + 20),
        "lifetime_y": None,
        "slope_j_per_b": pytest.approx(126 * 20e-12),
        "power_row": "overland",
        "capacity_bps": 200e12,
        "length_km": 126.0,
        "most_w": None,
        "rest_w": None,
        "charged": "",
    }
    assert "store/uplink>paris" not in assets


def test_a_country_without_a_grid_has_the_assumed_one():
    """Bermuda: 480 gCO2e/kWh, listed."""
    data = a_transfer_scenario([send(to="island")])
    data["world"]["datacenters"]["island"] = {"city": "hamilton-bm", "grid": "500 gCO2e/kWh", "uplink": "1 Gbps"}
    result = run(data)
    signals = {row["place"]: row for row in result.table("signals").to_pylist()}
    assert (signals["internet/BM"]["value"], signals["internet/BM"]["row"]) == (480.0, "grid-elsewhere")
    told = {row["id"]: row for row in result.manifest["assumptions"]}["grid-elsewhere"]
    assert (told["value"], told["unit"], told["confidence"]) == (480.0, "gCO2e/kWh", "unverified")


def test_the_boundary_says_that_it_is_made_of_averages_and_that_users_lines_are_not_in_it():
    sentence = run(a_transfer_scenario([send()])).manifest["boundaries"]["main"]["network"]
    assert "averages per bit" in sentence
    assert "without users' access lines" in sentence


def test_the_shipped_scenario_adds_its_network_to_its_facility():
    """`small`: 2e11 bits over 530 km; `large`: 4e11 over 656 km; the training is at the facility."""
    result = sim.run("small/transfer")
    ladder = main(result)["boundaries"]
    small_nj = 530 * 20 / 1000 + 2 * 1.0 + 2 * 1.0 + 2 * 0.3
    by_hand_j = 200 * small_nj + 400 * PARIS_GRENOBLE_NJ
    assert ladder["network"]["energy_j"] - ladder["facility"]["energy_j"] == pytest.approx(by_hand_j, rel=1e-9)
    assert list(ladder) == ["accelerator", "facility", "network", "embodied", "life_cycle"]
    assert main(result)["by_workload"]["small"]["energy_j"] == pytest.approx(200 * small_nj, rel=1e-9)


PLACES = ("store", "alps", "far")
SENDINGS = st.lists(
    st.tuples(st.permutations(PLACES), st.integers(1, 5000), st.sampled_from([0, 0, 7, 300])), min_size=1, max_size=4
)


def sendings(drawn):
    return [
        {"name": f"t{n}", "from": ends[0], "to": ends[1], "size": f"{size} GB", "start": f"{start} s"}
        for n, (ends, size, start) in enumerate(drawn)
    ]


@given(SENDINGS, st.one_of(st.none(), st.integers(1, 2000)))
@settings(max_examples=25, deadline=None)
def test_ticks_shares_and_bits_times_slopes_are_one_sum(drawn, horizon):
    data = a_transfer_scenario(sendings(drawn), **({} if horizon is None else {"horizon": f"{horizon} s"}))
    result = run(data)
    found = main(result)
    whole_j = found["boundaries"].get("network", {"energy_j": 0.0})["energy_j"]
    near = pytest.approx(whole_j, rel=1e-9, abs=1e-9)
    assert ticks_j(result, "13 s") == near
    for key in ("by_place", "by_workload", "by_activity"):
        assert sum(part["energy_j"] for part in found[key].values()) == near
    slopes = {row["asset"]: row["slope_j_per_b"] for row in result.table("assets").to_pylist()}
    sent_b = {
        row["workload"]: row["size_bytes"] * 8 * row["done_share"] for row in result.table("transfers").to_pylist()
    }
    pairs = {(row["asset"], row["workload"]) for row in result.table("channels").to_pylist()}
    assert sum(slopes.get(asset, 0.0) * sent_b[workload] for asset, workload in pairs) == near


def test_every_number_comes_back_from_the_exact_tables_and_an_opened_folder_has_the_same_ticks(tmp_path):
    result = sim.run("small/transfer", tmp_path / "out")
    tables = {name: pq.read_table(tmp_path / "out" / f"{name}.parquet") for name in EXACT}
    assert summarise(tables) == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert sim.open_results(tmp_path / "out").ticks("1 s").equals(result.ticks("1 s"))


WIFI = Element("access", ("fr",), "wifi", 0.05e-6)


def a_record(*channels, elements):
    """Tables of one paradigm of 100 s: channels as (asset, activity, quantity, [(at, value)…]), and elements in use."""
    rows = [
        ("main", n, asset, "watch", activity, quantity) for n, (asset, activity, quantity, _) in enumerate(channels)
    ]
    changes = sorted((at_s, n, value) for n, channel in enumerate(channels) for at_s, value in channel[3])
    places = element_places(elements)
    signals = [
        ("main", s.signal, place.name, 0.0, float(s.series.values[0]), s.row, s.source)
        for place in places.values()
        for s in place.signals
    ]
    ends = [("main", 0.0, "start", "test", ""), ("main", 100.0, "end", "test", "")]
    return {
        "assets": from_rows("assets", [("main", *element_row(n, e, (0.0, 100.0))) for n, e in elements.items()]),
        "channels": from_rows("channels", rows),
        "changes": from_rows("changes", [("main", *change) for change in changes]),
        "reservations": from_rows("reservations", []),
        "events": from_rows("events", ends),
        "signals": from_rows("signals", signals),
        "pue_curves": from_rows("pue_curves", []),
        "embodied": from_rows("embodied", []),
        "trials": from_rows("trials", []),
    }


def test_an_access_line_draws_its_watts_and_its_bits():
    """18 W for 100 s, and 10 Mbps for 40 s at 0.05 W/Mbps: 1800 J + 20 J; the uplink, no asset, draws nothing."""
    tables = a_record(
        ("users/wifi", "idle", "power_w", [(0.0, 18.0)]),
        ("users/wifi", "download", RATE, [(20.0, 1e7), (60.0, 0.0)]),
        ("a/uplink>paris", "transfer", RATE, [(20.0, 1e7), (60.0, 0.0)]),
        elements={"users/wifi": WIFI},
    )
    found = summarise(tables)["paradigms"]["main"]
    assert {name: b["energy_j"] for name, b in found["boundaries"].items()} == pytest.approx({"network": 1820.0})
    assert {name: part["energy_j"] for name, part in found["by_activity"].items()} == pytest.approx(
        {"idle": 1800.0, "download": 20.0}
    )
    assert {entry.boundary for entry in accounts(read_log(tables, "main")).drawn} == {"network"}
    ticks = tick_table(tables, 10.0, by=["activity"]).to_pylist()
    assert sum(row["energy_j"] for row in ticks) == pytest.approx(1820.0)
    assert [row["power_w"] for row in ticks if row["activity"] == "download"] == pytest.approx(
        [0, 0, *[0.5] * 4, *[0] * 4]
    )


def test_bits_are_weighed_by_a_grid_that_changes():
    """0.5 W for 100 s, half of it at 100 g/kWh and half at 300."""
    tables = a_record(("users/wifi", "download", RATE, [(0.0, 1e7)]), elements={"users/wifi": WIFI})
    steps = [
        ("main", "grid_gco2e_per_kwh", "internet/FR", at_s, g, "", "") for at_s, g in ((0.0, 100.0), (50.0, 300.0))
    ]
    found = summarise({**tables, "signals": from_rows("signals", steps)})["paradigms"]["main"]["boundaries"]["network"]
    assert found["co2e_kg"] == pytest.approx(50.0 / 3.6e6 * 200 / 1000)


def test_the_boundary_says_what_of_users_lines_is_among_it():
    whole = a_record(("users/wifi", "download", "power_w", [(0.0, 18.0)]), elements={"users/wifi": WIFI})
    assert "users' access lines by their bits, and their draw at rest" in reach(whole, "main").boundaries["network"]
    marginal = a_record(("users/wifi", "download", RATE, [(0.0, 1e7)]), elements={"users/wifi": WIFI})
    assert reach(marginal, "main").boundaries["network"].endswith("users' access lines by their bits alone")


def test_two_slopes_that_share_a_row_of_the_log_are_weighed_each_by_its_own():
    """Two lines of one workload and place, 1e7 and 2e7 bps: 0.5 W and 2 W."""
    other = WIFI._replace(slope_j_per_b=0.1e-6)
    rates = [("one", "download", RATE, [(0.0, 1e7)]), ("two", "download", RATE, [(0.0, 2e7)])]
    ticks = tick_table(a_record(*rates, elements={"one": WIFI, "two": other}), 100.0)
    assert ticks.column("power_w").to_pylist() == pytest.approx([2.5])


def test_the_grid_of_the_assumption_is_within_its_range():
    low, high = find("assumption", "grid-elsewhere").find_range("intensity_gco2e_per_kwh")
    assert low < 480 < high
