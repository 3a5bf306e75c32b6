"""The table of a sweep, from plans and records written by hand: which rows, in which order, with which columns."""

import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from strategies import a_scenario, a_service_scenario, a_sweep, loaded, run_sweep

from simulator.errors import ResultsError, UsageError
from simulator.scenario.run import run_scenario
from simulator.study.sweep.collect import TABLE, collect, unit_design, write_collected
from simulator.study.sweep.folder import open_folder, read_plan, write_plan
from simulator.study.sweep.measures import flat, measures
from simulator.study.sweep.plan import build_plan
from simulator.study.sweep.records import FAILED, KILLED, OK, Records, Writer

TIME, UNITS, COUNT = "workloads.first.time", "workloads.first.units", "world.datacenters.lab.devices.gpus.count"
LOAD, PUE, DEVICES = "workloads.first.utilisation", "world.datacenters.lab.pue", "world.datacenters.lab.devices"
PLANNED = ["point", "row", "replicate", "seed"]


def a_way(energy_j, done_s=60.0, **workloads):
    """What a paradigm came to, as a record has it."""
    server = {"energy_j": energy_j, "co2e_kg": energy_j / 1e6}
    told = {"boundaries": {"server": server}, "owned": {}, "by_activity": {"train": energy_j}, "workloads": workloads}
    return {"duration_s": 60.0, "done_s": done_s, **told}


def planned(folder, **varied):
    """A plan in its folder, and the ids of its points."""
    open_folder(folder)
    plan = build_plan(a_sweep(varied))
    write_plan(folder, plan)
    return [point.id for point in plan.points]


def record(folder, *told):
    """Records of (point, status, rest)."""
    writer = Writer(folder, {})
    for point, status, rest in told:
        writer.add(point, status, 1, rest)
    writer.close()


def well(point, **paradigms):
    return point, OK, {"results": {"paradigms": paradigms}, "provenance": {"wall_s": random.random()}}


def table_of(folder):
    records = Records(folder)
    records.refresh()
    return collect(read_plan(folder), records)


def test_a_row_a_point_in_the_order_of_the_plan(tmp_path):
    ids = planned(tmp_path, grid={TIME: ["1 h", "2 h"], UNITS: [1, 2]})
    record(tmp_path, *(well(point, main=a_way(float(n))) for n, point in reversed(list(enumerate(ids)))))
    table = table_of(tmp_path)
    measured = ["done_s", "duration_s", "server_co2e_kg", "server_energy_j", "train_activity_energy_j"]
    assert table.column_names == [*PLANNED, TIME, UNITS, "status", "error", "paradigm", *measured]
    assert table.select([TIME, UNITS, "server_energy_j"]).to_pylist() == [
        {TIME: float(hours), UNITS: units, "server_energy_j": float(n)}
        for n, (hours, units) in enumerate([(1, 1), (1, 2), (2, 1), (2, 2)])
    ]
    assert table.column("point").to_pylist() == ids
    assert set(table.column("status").to_pylist()) == {OK}
    assert set(table.column("row").to_pylist()) == {None}
    assert set(table.column("seed").to_pylist()) == {7}


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_file_is_the_same_whatever_the_order_of_records_and_whoever_wrote_them(order, tmp_path):
    found = []
    for shuffled in (False, True):
        folder = tmp_path / str(shuffled)
        ids = planned(folder, grid={TIME: ["1 h", "2 h"], UNITS: [1, 2]}, repeats=2)
        told = [well(point, day=a_way(n / 7), night=a_way(n / 3)) for n, point in enumerate(ids[:-1])]
        told[2] = (told[2][0], FAILED, {"error": "no", "traceback": "T"})
        if shuffled:
            random.Random(order).shuffle(told)
            record(folder, *told[:3])
            record(folder, *told[3:], (ids[0], FAILED, {"error": "an earlier try"}))
        else:
            record(folder, *told)
        found.append(write_collected(folder, table_of(folder)).read_bytes())
    assert found[0] == found[1]


def test_the_file_holds_the_table_and_what_it_is_of(tmp_path):
    ids = planned(tmp_path, grid={TIME: ["1 h", "2 h"]})
    record(tmp_path, *(well(point, main=a_way(1.5)) for point in ids))
    path = write_collected(tmp_path, table_of(tmp_path))
    assert path == tmp_path / TABLE
    assert pq.read_table(path).equals(table_of(tmp_path))
    told, kept = pq.read_schema(path).metadata, read_plan(tmp_path)
    assert (told[b"name"], told[b"plan"]) == (b"swept", kept.id.encode())
    assert told[b"model"].startswith(b"aiceberg ")


def test_paradigms_are_rows_and_a_failed_or_missing_point_is_one(tmp_path):
    ids = planned(tmp_path, grid={TIME: ["1 h", "2 h", "3 h", "4 h"]})
    killed = (ids[1], KILLED, {"error": "3 workers died of it", "provenance": {"deaths": 3}})
    record(tmp_path, well(ids[3], day=a_way(1.0), night=a_way(2.0)), killed)
    rows = table_of(tmp_path).select(["point", "status", "error", "paradigm", "server_energy_j"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (ids[0], "missing", None, None, None),
        (ids[1], KILLED, "3 workers died of it", None, None),
        (ids[2], "missing", None, None, None),
        (ids[3], OK, None, "day", 1.0),
        (ids[3], OK, None, "night", 2.0),
    ]


def test_without_any_record_all_are_missing(tmp_path):
    ids = planned(tmp_path, grid={TIME: ["1 h", "2 h"]})
    table = table_of(tmp_path)
    assert table.column("status").to_pylist() == ["missing"] * 2
    assert table.column("point").to_pylist() == ids
    assert pq.read_table(write_collected(tmp_path, table)).num_rows == 2


def test_what_another_plan_of_the_folder_ran_is_not_in_the_table(tmp_path):
    first = planned(tmp_path, grid={TIME: ["1 h", "2 h"]})
    record(tmp_path, *(well(point, main=a_way(1.0)) for point in first))
    second = planned(tmp_path, grid={TIME: ["2 h", "3 h"]})
    assert table_of(tmp_path).select(["point", "status"]).to_pydict() == {"point": second, "status": [OK, "missing"]}


def test_a_measure_that_a_paradigm_lacks_is_null(tmp_path):
    ids = planned(tmp_path, grid={TIME: ["1 h", "2 h"]})
    ask = {"answered": 4, "p95_response_s": None}
    record(tmp_path, well(ids[0], day=a_way(1.0, done_s=None)), well(ids[1], day=a_way(2.0), night=a_way(3.0, ask=ask)))
    table = table_of(tmp_path)
    assert table.column("ask_answered").to_pylist() == [None, None, 4.0]
    assert table.column("ask_p95_response_s").to_pylist() == [None, None, None]
    assert table.column("done_s").to_pylist() == [None, 60.0, 60.0]
    assert {table.schema.field(name).type for name in table.column_names[-6:]} == {pa.float64()}


PHONE = {"gpus": {"model": "a100-sxm4-40gb", "count": 8}}
FACTORS = {
    "whole numbers": (COUNT, [8, 9], pa.int64(), [8, 9], None),
    "numbers": (LOAD, [0.25, 1], pa.float64(), [0.25, 1.0], None),
    "whole numbers beyond 64 bits": ("workloads.first.samples", [1, 10**20], pa.float64(), [1.0, 1e20], None),
    "quantities of one unit": (TIME, ["1 h", "2.5 h"], pa.float64(), [1.0, 2.5], b"h"),
    "quantities of two units": (TIME, ["1 h", "90 min"], pa.string(), ["1 h", "90 min"], None),
    "texts": ("world.datacenters.lab.grid", ["FR", "PL"], pa.string(), ["FR", "PL"], None),
    "numbers and nothing": ("horizon", [None, "1 h"], pa.string(), ["null", "1 h"], None),
    "numbers as text": ("name", ["1", "2"], pa.string(), ["1", "2"], None),
    "true and false": ("common", [True, False], pa.string(), ["true", "false"], None),
    "mappings": (DEVICES, [PHONE, {}], pa.string(), [None, "{}"], None),
}


@pytest.mark.parametrize(("path", "values", "kind", "column", "unit"), FACTORS.values(), ids=FACTORS)
def test_a_factor_is_a_column_of_numbers_where_it_can_be(path, values, kind, column, unit, tmp_path):
    planned(tmp_path, grid={"x": {"path": path, "values": values}})
    table = table_of(tmp_path)
    field = table.schema.field("x")
    assert field.type == kind
    assert (field.metadata or {}).get(b"unit") == unit
    assert [told for told, said in zip(table.column("x").to_pylist(), column, strict=True) if said is not None] == [
        said for said in column if said is not None
    ]


RANGES = {
    "numbers": (LOAD, {"range": [0.5, 1]}, pa.float64(), None),
    "whole numbers": (COUNT, {"range": [8, 64], "whole": True}, pa.int64(), None),
    "quantities": (TIME, {"range": ["1 h", "2 h"]}, pa.float64(), b"h"),
    "whole quantities": (TIME, {"range": ["1 h", "9 h"], "whole": True}, pa.float64(), b"h"),
    "quantities of equal ratios": (TIME, {"range": ["1 h", "100 h"], "scale": "log"}, pa.float64(), b"h"),
}


@pytest.mark.parametrize(("path", "drawn", "kind", "unit"), RANGES.values(), ids=RANGES)
def test_a_drawn_factor_is_a_column_of_numbers_between_its_ends(path, drawn, kind, unit, tmp_path):
    sample = {"method": "halton", "n": 8, "ranges": {"x": {"path": path, **drawn}}}
    planned(tmp_path, sample=sample)
    table = table_of(tmp_path)
    field, (low, high) = table.schema.field("x"), (float(str(end).split()[0]) for end in drawn["range"])
    assert (field.type, (field.metadata or {}).get(b"unit")) == (kind, unit)
    assert all(low <= value <= high for value in table.column("x").to_pylist())
    assert table.column("row").to_pylist() == list(range(8))
    assert unit_design(read_plan(tmp_path)).shape == (8, 1)


def test_a_point_that_two_rows_of_the_design_fell_on_is_told_for_both(tmp_path):
    """Eight draws of two whole numbers, which make two points."""
    sample = {"method": "sobol", "n": 8, "ranges": {"x": {"path": COUNT, "range": [8, 9], "whole": True}}}
    ids = planned(tmp_path, sample=sample)
    assert (len(ids), len(set(ids))) == (8, 2)
    record(tmp_path, *(well(point, main=a_way(float(n))) for n, point in enumerate(sorted(set(ids)))))
    table = table_of(tmp_path)
    assert table.column("row").to_pylist() == list(range(8))
    assert table.column("point").to_pylist() == ids
    by_point = dict(zip(sorted(set(ids)), (0.0, 1.0), strict=True))
    assert table.column("server_energy_j").to_pylist() == [by_point[point] for point in ids]


def test_the_design_comes_back_row_by_row_whatever_else_varies(tmp_path):
    sample = {"method": "morris", "n": 3, "ranges": {LOAD: [0.25, 1], "pue": {"path": PUE, "range": [1.1, 2]}}}
    sweep = a_sweep({"grid": {UNITS: [1, 2]}, "sample": sample, "repeats": 2})
    open_folder(tmp_path)
    plan = build_plan(sweep)
    write_plan(tmp_path, plan)
    assert len(plan.points) == 2 * 2 * 3 * 3
    np.testing.assert_array_equal(unit_design(read_plan(tmp_path)), plan.unit)


def test_shares_of_the_design_are_not_in_the_table(tmp_path):
    planned(tmp_path, sample={"method": "lhs", "n": 2, "ranges": {LOAD: [0.25, 1]}})
    assert table_of(tmp_path).column_names == [*PLANNED, LOAD, "status", "error", "paradigm"]


def test_the_measures_of_a_paradigm_by_name():
    """All that one holds, by hand."""
    ladder = {"server": {"energy_j": 3.0, "co2e_kg": None}}
    way = {"duration_s": 60.0, "done_s": None, "boundaries": ladder, "owned": ladder, "by_activity": {"train": 2.0}}
    assert list(flat({**way, "workloads": {"ask": {"answered": 4}, "learn": {"rounds": 2}}})) == [
        ("duration_s", 60.0),
        ("done_s", None),
        ("server_energy_j", 3.0),
        ("server_co2e_kg", None),
        ("owned_server_energy_j", 3.0),
        ("owned_server_co2e_kg", None),
        ("train_activity_energy_j", 2.0),
        ("ask_answered", 4),
        ("learn_rounds", 2),
    ]


def test_the_measures_of_a_training_by_pen_and_paper():
    """Two A100 at 400 W, wholly busy, two hours: 1.6 kWh at the accelerator."""
    training = {"name": "first", "at": "lab/gpus", "time": "2 h", "units": 2, "utilisation": 1.0}
    way = measures(run_scenario(loaded(a_scenario([training]))))["paradigms"]["main"]
    assert way["duration_s"] == way["done_s"] == 7200.0
    assert way["boundaries"]["accelerator"]["energy_j"] == pytest.approx(1.6 * 3.6e6)
    assert way["workloads"] == {}


def test_what_activities_draw_adds_up_to_the_facility(tmp_path):
    """Every joule of what was reserved has an activity: as wide as the widest boundary of operation."""
    pauses = {"every": "20 min", "time": "2 min", "load": 0.1}
    training = {"at": "lab/nodes", "time": "2 h", "utilisation": 0.5, "checkpoint": pauses, "units": 2}
    base = a_scenario([{"name": "first", **training}, {"name": "second", "after": "first", **training}], seed=7)
    table = run_sweep(a_sweep({"grid": {PUE: [1.1, 1.5]}}, base), tmp_path).table
    activities = [name for name in table.column_names if name.endswith("_activity_energy_j")]
    assert len(activities) >= 2
    for row in table.to_pylist():
        total_j = sum(row[name] for name in activities)
        assert total_j == pytest.approx(row["facility_energy_j"], rel=1e-12)
        assert row["facility_energy_j"] == pytest.approx(row[PUE] * row["server_energy_j"])


def test_a_service_is_told_by_its_own_figures(tmp_path):
    """Fifty requests that take a second each, of one service: all are answered."""
    ask = {"name": "ask", "at": "lab/gpus", "requests": 50, "during": "100 s", "service_time": "1 s"}
    base = a_service_scenario([{**ask, "service": "constant", "utilisation": 0.5}], seed=7)
    sweep = a_sweep({"grid": {"workloads.ask.requests": [50, 60]}}, base)
    table = run_sweep(sweep, tmp_path).table
    assert table.column("ask_arrived").to_pylist() == [50.0, 60.0]
    assert table.column("ask_answered").to_pylist() == [50.0, 60.0]
    assert all(p95_s >= 1.0 for p95_s in table.column("ask_p95_response_s").to_pylist())


def test_a_factor_that_is_called_as_a_measure_is_refused_and_runs_nothing_anew_under_another_name(tmp_path):
    ids = planned(tmp_path, grid={"duration_s": {"path": TIME, "values": ["1 h", "2 h"]}})
    assert table_of(tmp_path).column("duration_s").to_pylist() == [1.0, 2.0]
    record(tmp_path, *(well(point, main=a_way(1.0)) for point in ids))
    with pytest.raises(UsageError) as caught:
        table_of(tmp_path)
    assert str(caught.value) == (
        "factor duration_s: a measure is called so too; "
        "give the factor another name and run the sweep again: what has run is taken over"
    )
    assert planned(tmp_path, grid={"hours": {"path": TIME, "values": ["1 h", "2 h"]}}) == ids
    assert table_of(tmp_path).column("status").to_pylist() == [OK, OK]


def test_a_folder_of_another_kind_and_a_lost_design_are_refused(tmp_path):
    with pytest.raises(ResultsError, match="no folder of a sweep"):
        read_plan(tmp_path)
    planned(tmp_path, grid={TIME: ["1 h", "2 h"]})
    (design,) = (tmp_path / "plans").glob("*.parquet")
    design.write_bytes(b"PAR1")
    with pytest.raises(ResultsError, match=r"is missing or damaged .*; run the sweep again"):
        read_plan(tmp_path)
    design.unlink()
    with pytest.raises(ResultsError, match=r"is missing or damaged .*; run the sweep again"):
        read_plan(tmp_path)
