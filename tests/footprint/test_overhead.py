"""A building whose PUE follows the load: exact between changes, shared by watts, the same however it is read."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_scenario, loaded, operation, run, scenarios

import simulator as sim
from simulator.engine import spill
from simulator.engine.series import Series
from simulator.footprint.overhead import Clock, Curve, Parts, clock_at, overheads
from simulator.record.integrate import Log
from simulator.record.tables import EXACT
from simulator.scenario import run as running
from simulator.scenario.load import dump

FULL_W = 4 * (8 * 400 + 996) + 8 * 400  # four DGX A100, each with a host of 996 W, and eight A100
STEEP = [[0.0, 2.0], [0.1, 1.5], [0.5, 1.3], [1.0, 1.2]]
GPUS = {"at": "lab/gpus", "time": "3 h", "utilisation": 1.0}


def by_load(data, points):
    """The scenario with this curve for its lab."""
    data["world"]["datacenters"]["lab"]["pue"] = {"by_load": points}
    return data


def curves():
    """Curves of two to five points, of which no PUE is below 1."""
    loads = st.sets(st.floats(0.05, 0.95).map(lambda load: round(load, 3)), max_size=3)
    pues = st.lists(st.floats(1.0, 3.0).map(lambda pue: round(pue, 3)), min_size=5, max_size=5)
    return st.builds(lambda at, pue: [[a, p] for a, p in zip([0.0, *sorted(at), 1.0], pue, strict=False)], loads, pues)


def steps(result):
    """(from, to, watts of the machines in service, watts at rest of the others) between changes, read row by row."""
    quantity = {row["channel"]: row["quantity"] for row in result.table("channels").to_pylist()}
    changes = result.table("changes").to_pylist()
    end_s = result.summary["paradigms"]["main"]["duration_s"]
    times = sorted({0.0, end_s, *(row["at_s"] for row in changes)})
    level, found, index = {}, [], 0
    for from_s, to_s in pairwise(times):
        while index < len(changes) and changes[index]["at_s"] <= from_s:
            level[changes[index]["channel"]] = changes[index]["value"]
            index += 1
        watts = [sum(w for c, w in level.items() if quantity[c] == wanted) for wanted in ("power_w", "spare_w")]
        found.append((from_s, to_s, *watts))
    return found


def facility_j(result, points, spare):
    """The facility's joules by definition: PUE(IT) x IT, stretch by stretch."""
    loads, pues = zip(*points, strict=True)
    total_j = 0.0
    for from_s, to_s, it_w, rest_w in steps(result):
        it_w += rest_w if spare else 0.0
        total_j += np.interp(it_w / FULL_W, loads, pues) * it_w * (to_s - from_s)
    return total_j


def test_the_small_scenario_answers_its_question():
    """926 W at a PUE of 1.3685, then 1600 W at 1.2, an hour each: 1267.231 + 1920 Wh."""
    found = sim.run("small/pue_by_load").summary["paradigms"]["main"]
    assert found["boundaries"]["facility"]["energy_j"] / 3600 == pytest.approx(1267.231 + 1920.0)
    overheads_wh = {"first": 294.8 + 160.0, "second": 160.0, "unassigned": 46.431}
    it_wh = {"first": 1600.0, "second": 800.0, "unassigned": 126.0}
    assert {name: part["energy_j"] / 3600 for name, part in found["by_workload"].items()} == pytest.approx(
        {name: it_wh[name] + overheads_wh[name] for name in it_wh}
    )


@settings(max_examples=60, deadline=None)
@given(scenarios(), curves())
def test_the_facility_is_the_pue_of_each_moment_times_its_it_power(data, points):
    result = run(by_load(data, points))
    found = result.summary["paradigms"]["main"]
    for total, spare in (("boundaries", False), ("owned", True)):
        if "facility" in found[total]:
            expected_j = facility_j(result, points, spare)
            assert found[total]["facility"]["energy_j"] == pytest.approx(expected_j, rel=1e-9, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(scenarios(), curves(), st.sampled_from(["7 s", "1 min", "1 h", "1 d"]))
def test_the_overhead_of_all_ticks_is_its_integral(data, points, tick):
    result = run(by_load(data, points))
    found = result.summary["paradigms"]["main"]
    for key in ("workload", "activity", "place"):
        sums = {}
        for row in result.ticks(tick=tick, by=[key]).to_pylist():
            sums[row[key]] = sums.get(row[key], 0.0) + row["energy_j"]
        expected = {name: part["energy_j"] for name, part in found[f"by_{key}"].items()}
        assert sums == pytest.approx(expected, rel=1e-9, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(scenarios(), st.floats(1.0, 3.0).map(lambda pue: round(pue, 3)))
def test_a_flat_curve_is_that_pue(data, pue):
    flat = run(by_load(data, [[0.0, pue], [1.0, pue]])).summary["paradigms"]["main"]
    data["world"]["datacenters"]["lab"]["pue"] = pue
    plain = run(data).summary["paradigms"]["main"]
    for total in ("boundaries", "owned", "by_workload", "by_activity"):
        assert {name: sums["energy_j"] for name, sums in operation(flat[total]).items()} == pytest.approx(
            {name: sums["energy_j"] for name, sums in operation(plain[total]).items()}, rel=1e-9, abs=1e-6
        )


@pytest.mark.unmeasured
@settings(max_examples=30, deadline=None)
@given(scenarios(), curves(), st.integers(1, 20))
def test_a_run_that_spills_has_the_same_overhead_to_the_last_bit(data, points, changes):
    def said():
        result = sim.run(loaded(by_load(data, points)))
        ticks = [result.ticks(tick, by=["workload", "activity"]).to_pydict() for tick in ("7 s", "1 h")]
        return result.summary, result.manifest["hashes"], ticks

    whole = said()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill, "SPILL_AT", changes)
        patch.setattr(spill, "LEAST_ROWS", 3)
        patch.setattr(running, "_BATCH", 1)
        assert said() == whole


def test_the_grid_of_each_moment_weighs_the_overhead_of_that_moment(tmp_path):
    """8 GPUs at 400 W, load 3200 / 19984 W; then 4 of them: each hour its own PUE and its own intensity."""
    half = {"name": "half", "at": "lab/gpus", "units": 4, "time": "1 h", "utilisation": 1.0, "after": "all"}
    data = a_scenario([{**GPUS, "name": "all", "time": "1 h"}, half], start="2025-01-01")
    lab = by_load(data, STEEP)["world"]["datacenters"]["lab"]
    del lab["grid"]
    lab["grid_series"] = "grid.csv"
    hours = "".join(f"2025-01-01T{hour:02}:00Z,{100 * (hour + 1)}\n" for hour in range(4))
    (tmp_path / "grid.csv").write_text("at,gco2e_per_kwh\n" + hours)
    (tmp_path / "s.yaml").write_text(dump(data))
    found = sim.run(tmp_path / "s.yaml").summary["paradigms"]["main"]["boundaries"]["facility"]
    loads, pues = zip(*STEEP, strict=True)
    pue = [float(np.interp(watts / FULL_W, loads, pues)) for watts in (3200, 1600)]
    assert found["energy_j"] / 3.6e6 == pytest.approx(3.2 * pue[0] + 1.6 * pue[1])
    assert found["co2e_kg"] == pytest.approx((3.2 * pue[0] * 100 + 1.6 * pue[1] * 200) / 1000)


def test_two_buildings_each_have_their_own_load():
    """Both labs train on GPUs of 400 W: one of 2 at full load, PUE 1.2, one of 4 at half load, PUE 1.5."""
    group = {"model": "a100-sxm4-40gb", "count": 2}
    one = {"grid": "FR", "pue": {"by_load": [[0, 2.0], [1, 1.2]]}, "devices": {"gpus": group}}
    other = {"grid": "FR", "pue": {"by_load": [[0, 1.8], [1, 1.2]]}, "devices": {"gpus": {**group, "count": 4}}}
    trainings = [
        {"name": n, "at": f"{n}/gpus", "units": 2, "time": "1 h", "utilisation": 1.0} for n in ("one", "other")
    ]
    data = a_scenario(trainings)
    data["world"]["datacenters"] = {"one": one, "other": other}
    result = run(data)
    found = {name: part["energy_j"] / 3600 for name, part in result.summary["paradigms"]["main"]["by_place"].items()}
    assert found == pytest.approx({"one": 800 * 1.2, "other": 800 * 1.5})
    ticks = result.ticks(tick="1 h", by=["place", "activity"]).to_pylist()
    assert {row["place"]: row["power_w"] for row in ticks if row["activity"] == "overhead"} == pytest.approx(
        {"one": 160.0, "other": 400.0}
    )


def test_a_place_by_load_beside_one_without_a_pue_has_no_facility():
    data = by_load(a_scenario([{**GPUS, "name": "a"}, {**GPUS, "name": "b", "at": "b/gpus"}]), STEEP)
    data["world"]["datacenters"]["b"] = {"grid": "PL", "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 1}}}
    found = run(data).summary["paradigms"]["main"]
    assert "facility" not in found["boundaries"]
    assert "overhead" not in found["by_activity"]


def test_another_curve_needs_no_rerun():
    """The same record under another curve is what a run with that curve says."""
    tables = {name: run(by_load(a_scenario([GPUS]), STEEP)).table(name) for name in EXACT}
    other = run(by_load(a_scenario([GPUS]), [[0.0, 1.9], [1.0, 1.1]]))
    grids = {"lab": Series(np.zeros(1), np.array([56.039]), float("inf"))}
    changed = overheads({**tables, "pue_curves": other.table("pue_curves")}, "main", grids, 3 * 3600.0)
    expected_j = other.summary["paradigms"]["main"]["by_activity"]["overhead"]["energy_j"]
    drawn = [row["channel"] for row in tables["channels"].to_pylist() if row["quantity"] == "power_w"]
    assert sum(changed[number][0] for number in drawn) == pytest.approx(expected_j)


def test_the_clock_stands_still_at_a_pue_of_1_and_runs_by_the_rest():
    """100 W from 2 s to 6 s under PUE 1 + W / 100 W, else nothing at PUE 1."""
    curve, parts = Curve(np.array([0.0, 100.0]), np.array([1.0, 2.0])), Parts(np.array([True]), np.array([False]))
    log = [Log(np.array([2.0]), np.array([0]), np.array([100.0])), Log(np.array([6.0]), np.array([0]), np.array([0.0]))]
    at_s = np.array([0.0, 2.0, 3.0, 5.5, 6.0, 9.0])
    assert clock_at(log, Clock(curve, parts), at_s).tolist() == [0.0, 0.0, 1.0, 3.5, 4.0, 4.0]


def test_machines_that_nobody_used_are_charged_what_they_would_add():
    """Two of four GPUs work, 800 W of 1600 W; the others would rest at 126 W: 926 W x 1.3685 - 800 W x 1.4."""
    data = a_scenario([{**GPUS, "units": 2, "time": "1 h"}])
    lab = data["world"]["datacenters"]["lab"]
    del lab["servers"]
    lab["devices"]["gpus"]["count"] = 4
    lab["pue"] = {"by_load": [[0, 2.0], [0.5, 1.4], [1, 1.2]]}
    found = run(data).summary["paradigms"]["main"]
    assert found["boundaries"]["facility"]["energy_j"] / 3600 == pytest.approx(800 * 1.4)
    assert found["owned"]["facility"]["energy_j"] / 3600 == pytest.approx(926 * 1.3685)
