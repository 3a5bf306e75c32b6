"""All paradigms are closed at one end, and both totals are kept: what was in service, and everything owned."""

import pytest
from hypothesis import given, settings
from strategies import a_scenario, loaded, operation, run, scenarios

import simulator as sim
from simulator.footprint.boundary import summarise
from simulator.record.tables import EXACT

IDLE_W, LOADED_W, HOST_W = 8 * 63.0, 8 * 400.0, 996.0
"""A dgx-a100: its accelerators at rest and at work, and its host, which draws the same at both."""

HOUR = {"at": "lab/nodes", "units": 1, "utilisation": 1.0}


def two_ways(owned="reserved", **changes):
    """One node for 1 h, and for 3 h; there are two nodes, and gpus that nobody uses."""
    data = a_scenario([])
    del data["workloads"]
    lab = data["world"]["datacenters"]["lab"]
    lab["servers"]["nodes"] = {"model": "dgx-a100", "count": 2, "owned": owned}
    del lab["devices"]
    ways = {name: [{"train": {**HOUR, "time": f"{hours} h"}}] for name, hours in (("short", 1), ("long", 3))}
    return {**data, "paradigms": ways, **changes}


def found(data):
    return run(data).summary["paradigms"]


def kwh(total):
    return {name: b["energy_j"] / 3.6e6 for name, b in operation(total).items()}


def ends(result, paradigm):
    events = result.table("events").to_pylist()
    return [(row["event"], row["at_s"], row["cause"]) for row in events if row["paradigm"] == paradigm][-2:]


def test_all_paradigms_have_the_window_of_the_longest_and_each_says_when_it_was_done():
    result = run(two_ways())
    ways = result.summary["paradigms"]
    assert {name: (p["duration_s"], p["done_s"]) for name, p in ways.items()} == {
        "short": (3 * 3600.0, 3600.0),
        "long": (3 * 3600.0, 3 * 3600.0),
    }
    assert ends(result, "short") == [("done", 3600.0, ""), ("end", 3 * 3600.0, "the longest paradigm")]
    assert ends(result, "long") == [("done", 3 * 3600.0, ""), ("end", 3 * 3600.0, "last workload")]


def test_what_is_always_owned_rests_until_the_longest_paradigm_ends():
    """Two nodes for 3 h, one at work for 1 h or 3 h: accelerators 504 W or 3.2 kW, hosts 996 W all the time."""
    ways = found(two_ways("always"))
    hosts_kwh = 2 * 3 * HOST_W / 1e3
    for name, busy_h in (("short", 1), ("long", 3)):
        accelerators_kwh = (busy_h * LOADED_W + (6 - busy_h) * IDLE_W) / 1e3
        expected = {"accelerator": accelerators_kwh, "server": accelerators_kwh + hosts_kwh}
        expected["facility"] = 1.25 * expected["server"]
        assert kwh(ways[name]["boundaries"]) == pytest.approx(expected)
        assert ways[name]["owned"] == ways[name]["boundaries"]


def test_what_is_reserved_counts_until_its_last_release_and_owned_counts_all_for_the_window():
    ways = found(two_ways())
    for name, busy_h in (("short", 1), ("long", 3)):
        server_kwh = busy_h * (LOADED_W + HOST_W) / 1e3
        spare_kwh = (6 - busy_h) * (IDLE_W + HOST_W) / 1e3
        assert kwh(ways[name]["boundaries"])["facility"] == pytest.approx(1.25 * server_kwh)
        assert kwh(ways[name]["owned"])["facility"] == pytest.approx(1.25 * (server_kwh + spare_kwh))
        owned = ways[name]["owned"]["facility"]
        assert owned["co2e_kg"] == pytest.approx(owned["energy_j"] / 3.6e6 * 0.056039)


def test_a_group_that_nobody_used_counts_as_owned_alone():
    """8 bare GPUs at 63 W beside two nodes, for the window of 3 h; and their making, 316.07 kg each in 6 y."""
    data = two_ways()
    data["world"]["datacenters"]["lab"]["devices"] = {"gpus": {"model": "a100-sxm4-40gb", "count": 8}}
    for name, way in found(data).items():
        without = found(two_ways())[name]
        assert way["boundaries"] == without["boundaries"]
        more_kwh = kwh(way["owned"])["accelerator"] - kwh(without["owned"])["accelerator"]
        assert more_kwh == pytest.approx(3 * 8 * 63.0 / 1e3)
        more_kg = way["owned"]["embodied"]["co2e_kg"] - without["owned"]["embodied"]["co2e_kg"]
        made_kg = 3 * 8 * (316.07 / 6 + 0.4 * 2000 / 20) / 8766  # each 400 W of a building of 2000 kg/kW in 20 y
        assert more_kg == pytest.approx(1.25 * more_kwh * 0.056039 + made_kg)


def test_what_is_spare_meets_the_grid_of_its_own_hours(tmp_path):
    """1 kg/kWh in the first hour, 3 kg/kWh in the next two: a GPU at work for 1 h, then spare for 2 h at 63 W."""
    rows = "".join(f"2025-01-01T0{h}:00Z,{1000 if h == 0 else 3000}\n" for h in range(4))
    (tmp_path / "grid.csv").write_text("at,gco2e_per_kwh\n" + rows)
    (tmp_path / "a.yaml").write_text(
        """name: a
horizon: 3 h
world: {datacenters: {lab: {grid_series: grid.csv, devices: {gpus: {model: a100-sxm4-40gb, count: 1}}}}}
workloads: [train: {at: lab/gpus, time: 1 h, utilisation: 1}]
"""
    )
    way = sim.run(tmp_path / "a.yaml").summary["paradigms"]["main"]
    assert way["boundaries"]["accelerator"]["co2e_kg"] == pytest.approx(0.4)
    assert way["owned"]["accelerator"]["co2e_kg"] == pytest.approx(0.4 + 2 * 0.063 * 3)


def test_a_place_without_a_building_known_leaves_none_of_all_that_is_owned():
    data = two_ways()
    gpus = {"gpus": {"model": "a100-sxm4-40gb", "count": 1}}
    data["world"]["datacenters"]["elsewhere"] = {"grid": "PL", "devices": gpus}
    result = run(data)
    way = result.summary["paradigms"]["short"]
    assert list(way["boundaries"]) == ["accelerator", "server", "facility", "embodied", "life_cycle"]
    assert list(way["owned"]) == ["accelerator", "server"]
    assert list(result.manifest["owned_boundaries"]["short"]) == ["accelerator", "server"]


def test_at_the_horizon_done_is_unknown_where_something_is_unfinished():
    ways = found(two_ways(horizon="2 h"))
    assert {name: (p["duration_s"], p["done_s"]) for name, p in ways.items()} == {
        "short": (7200.0, 3600.0),
        "long": (7200.0, None),
    }
    result = run(two_ways(horizon="2 h"))
    assert ends(result, "long") == [("unfinished", 7200.0, "horizon"), ("end", 7200.0, "horizon")]


def test_a_paradigm_alone_has_a_window_of_its_own():
    alone = sim.run(loaded(two_ways("always")), paradigm="short").summary["paradigms"]["short"]
    assert alone["duration_s"] == alone["done_s"] == 3600.0


def test_the_order_of_the_paradigms_changes_no_number_of_theirs():
    data = two_ways("always")
    turned = {**data, "paradigms": dict(reversed(data["paradigms"].items()))}
    assert found(data) == found(turned)


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_owned_is_never_less_than_reserved(data):
    way = run(data).summary["paradigms"]["main"]
    assert set(way["boundaries"]) <= set(way["owned"])
    for boundary, reserved in way["boundaries"].items():
        for quantity, least in reserved.items():
            assert way["owned"][boundary][quantity] >= least


@settings(max_examples=30, deadline=None)
@given(scenarios())
def test_owned_is_reserved_where_everything_is_always_owned(data):
    lab = data["world"]["datacenters"]["lab"]
    for group in (*lab["servers"].values(), *lab["devices"].values()):
        group["owned"] = "always"
    way = run(data).summary["paradigms"]["main"]
    assert way["owned"] == way["boundaries"] != {}


@settings(max_examples=20, deadline=None)
@given(scenarios(), scenarios())
def test_ticks_add_up_to_the_widest_boundary_over_the_window_and_tables_to_the_summary(one, other):
    data = {key: value for key, value in one.items() if key != "workloads"}
    data["paradigms"] = {"one": one["workloads"], "other": other["workloads"]}
    result = run(data)
    ways = result.summary["paradigms"]
    assert ways["one"]["duration_s"] == ways["other"]["duration_s"]
    ticks = result.ticks("10 min").to_pylist()
    for name, way in ways.items():
        drawn = list(operation(way["boundaries"]).values())
        widest_j = drawn[-1]["energy_j"] if drawn else 0.0
        assert sum(r["energy_j"] for r in ticks if r["paradigm"] == name) == pytest.approx(widest_j, rel=1e-9)
        lengths_s = {r["at_s"]: r["length_s"] for r in ticks if r["paradigm"] == name}
        assert not lengths_s or sum(lengths_s.values()) == pytest.approx(way["duration_s"])
    assert summarise({name: result.table(name) for name in EXACT}) == result.summary
