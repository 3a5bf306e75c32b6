"""Boundaries nest, shares add up to the whole, and every number comes back from the exact tables."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from strategies import a_scenario, loaded, operation, run, scenarios

import simulator as sim
from simulator.footprint.boundary import summarise
from simulator.footprint.power_log import tick_table
from simulator.record.tables import EXACT, from_rows
from simulator.vocabulary import ACTIVITIES, ASSET_KINDS, BOUNDARIES, SIGNALS

SUMMARISED = [
    *("talk/stable_diffusion_v1", "small/queue", "small/checkpoints", "papers/gpt3", "small/norway"),
    *("small/solar_day", "small/wide_or_narrow", "small/transfer", "small/pue_by_load"),
]

ONE_HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}


def boundaries(result, paradigm="main"):
    """The boundaries of operation; what making adds is in test_embodied.py."""
    return operation(result.summary["paradigms"][paradigm]["boundaries"])


def test_the_ladder_of_one_server_for_one_hour():
    """dgx-a100: 8 x 400 W, host 1500 - 8 x 63 = 996 W, PUE 1.25, France 56.039 g/kWh."""
    found = boundaries(run(a_scenario([ONE_HOUR])))
    expected_kwh = {"accelerator": 3.2, "server": 4.196, "facility": 4.196 * 1.25}
    assert {name: b["energy_j"] / 3.6e6 for name, b in found.items()} == pytest.approx(expected_kwh)
    assert found["facility"]["co2e_kg"] == pytest.approx(4.196 * 1.25 * 0.056039)


def test_without_a_pue_there_is_no_facility():
    data = a_scenario([ONE_HOUR])
    del data["world"]["datacenters"]["lab"]["pue"]
    assert list(boundaries(run(data))) == ["accelerator", "server"]


def test_bare_accelerators_have_no_server_boundary_and_their_facility_says_so():
    result = run(a_scenario([{**ONE_HOUR, "at": "lab/gpus"}]))
    assert list(boundaries(result)) == ["accelerator", "facility"]
    assert "no server described around them" in result.manifest["boundaries"]["main"]["facility"]


def test_a_server_metered_whole_has_no_accelerator_boundary():
    data = a_scenario([{**ONE_HOUR, "at": "lab/pod"}])
    power = {"kind": "constant", "power": "330 W"}
    pod = {"accelerator": "v100-sxm2-32gb", "accelerators": 1, "node_power": power, "count": 2}
    data["world"]["datacenters"]["lab"]["servers"]["pod"] = pod
    assert {name: b["energy_j"] for name, b in boundaries(run(data)).items()} == pytest.approx(
        {"server": 330 * 3600, "facility": 330 * 3600 * 1.25}
    )


def test_equipment_of_users_counts_at_the_boundary_devices_and_has_no_building():
    data = a_scenario([{**ONE_HOUR, "at": "lab/phones"}])
    phones = {"model": "smartphone", "count": 10, "power": {"kind": "constant", "power": "2 W"}}
    data["world"]["datacenters"]["lab"]["devices"]["phones"] = phones
    assert {name: b["energy_j"] for name, b in boundaries(run(data)).items()} == {"devices": 2.0 * 3600}


def test_machines_that_no_paradigm_used_do_not_count():
    data = a_scenario([ONE_HOUR])
    data["world"]["datacenters"]["elsewhere"] = {
        "grid": "PL",
        "devices": {"idle": {"model": "a100-sxm4-40gb", "count": 9}},
    }
    assert boundaries(run(data)) == boundaries(run(a_scenario([ONE_HOUR])))


def test_where_nothing_ran_nothing_is_computed():
    result = run(a_scenario([{**ONE_HOUR, "start": "2 h"}], horizon="1 h"))
    assert boundaries(result) == {}
    assert result.summary["paradigms"]["main"]["by_workload"] == {}


def test_each_paradigm_has_its_own_world():
    data = a_scenario([])
    del data["workloads"]
    data["paradigms"] = {"long": [{"train": {**ONE_HOUR, "time": "2 h"}}], "short": [{"train": ONE_HOUR}]}
    result = run(data)
    long, short = (boundaries(result, name)["facility"]["energy_j"] for name in ("long", "short"))
    assert long == pytest.approx(2 * short)


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_boundaries_nest_and_shares_sum_to_the_widest(data):
    result = run(data)
    found = result.summary["paradigms"]["main"]
    assert set(found["by_activity"]) <= set(ACTIVITIES)
    assert {row["kind"] for row in result.table("assets").to_pylist()} <= set(ASSET_KINDS)
    assert {row["signal"] for row in result.table("signals").to_pylist()} <= set(SIGNALS)
    for quantity in ("energy_j", "co2e_kg"):
        nested = [b[quantity] for b in found["boundaries"].values() if quantity in b]
        assert nested == sorted(nested)
    assert list(found["boundaries"]) == [name for name in BOUNDARIES if name in found["boundaries"]]
    for quantity in ("energy_j", "co2e_kg"):
        widest = list(boundaries(result).values())[-1][quantity] if nested else 0.0
        for key in ("by_place", "by_workload", "by_activity"):
            assert sum(part[quantity] for part in found[key].values()) == pytest.approx(widest, rel=1e-9, abs=1e-12)


@settings(max_examples=30)
@given(scenarios())
def test_what_a_workload_reserved_alone_is_charged_to_it_whole(data):
    """Joules of each job in `jobs` and its share in the summary differ by the building's overhead only."""
    result = run(data)
    found = result.summary["paradigms"]["main"]
    pue = data["world"]["datacenters"]["lab"].get("pue", 1.0)
    for row in result.jobs.to_pylist():
        share = found["by_workload"].get(row["workload"], {"energy_j": 0.0})
        assert share["energy_j"] == pytest.approx(row["energy_j"] * pue, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", SUMMARISED)
def test_every_number_of_the_summary_comes_back_from_the_exact_tables(name, tmp_path):
    sim.run(name, tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    for path in (tmp_path / "out").iterdir():
        if path.stem not in EXACT or path.suffix != ".parquet":
            path.unlink()
    tables = {path.stem: pq.read_table(path) for path in (tmp_path / "out").iterdir()}
    assert sorted(tables) == sorted(EXACT)
    assert summarise(tables) == summary


def test_co2e_is_energy_times_the_grid_of_its_place():
    data = loaded(a_scenario([ONE_HOUR]))
    found = boundaries(sim.run(data))["server"]
    assert found["co2e_kg"] / (found["energy_j"] / 3.6e6) == pytest.approx(0.056039)


def test_only_watts_are_energy():
    """A channel of another quantity on the same asset changes no joule."""
    result = run(a_scenario([ONE_HOUR]))
    tables = {name: result.table(name) for name in EXACT}
    number = tables["channels"].num_rows
    asset = tables["channels"].column("asset")[0].as_py()
    other = from_rows("channels", [("main", number, asset, "train", "compute", "rate_bps")])
    change = from_rows("changes", [("main", 0.0, number, 1e9)])
    more = {**tables, "channels": pa.concat_tables([tables["channels"], other])}
    more["changes"] = pa.concat_tables([change, tables["changes"]])
    assert summarise(more) == summarise(tables)
    assert tick_table(more, 60.0).column("energy_j").equals(tick_table(tables, 60.0).column("energy_j"))


def test_without_every_pue_no_cooling_is_counted_under_another_name():
    """One place has a PUE, one has none, and phones stand in a third: `devices` adds the phones' joules alone."""
    phones = {"model": "smartphone", "count": 1, "power": {"kind": "constant", "power": "2 W"}}
    elsewhere = {"devices": {"phones": phones, "gpus": {"model": "a100-sxm4-40gb", "count": 1}}, "grid": "PL"}
    trainings = [
        {**ONE_HOUR, "name": n, "at": at} for n, at in zip("abc", ("lab/nodes", "b/gpus", "b/phones"), strict=True)
    ]
    data = a_scenario(trainings)
    data["world"]["datacenters"]["b"] = elsewhere
    result = run(data)
    found = boundaries(result)
    assert list(found) == ["accelerator", "server", "devices"]
    assert found["devices"]["energy_j"] - found["server"]["energy_j"] == pytest.approx(2 * 3600)
    assert "overhead" not in result.summary["paradigms"]["main"]["by_activity"]
    assert "without the buildings" in result.manifest["boundaries"]["main"]["devices"]
    assert result.ticks("1 min").column("energy_j").to_numpy().sum() == pytest.approx(found["devices"]["energy_j"])


def test_a_place_that_was_used_for_no_time_decides_nothing():
    data = a_scenario([ONE_HOUR, {"name": "late", "at": "b/gpus", "time": "1 h", "utilisation": 1.0, "start": "1 h"}])
    data["world"]["datacenters"]["b"] = {"grid": "PL", "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 1}}}
    assert list(boundaries(run({**data, "horizon": "1 h"}))) == ["accelerator", "server", "facility"]
