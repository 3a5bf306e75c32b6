"""Sweeps as people use them: run, gone on with, opened, asked, compared; and what is refused."""

import json
import os
import shutil
from errno import EACCES, ENOSPC
from pathlib import Path

import pytest
from strategies import AtOnce, a_scenario, a_sweep, run_sweep

import simulator as sim
from simulator import sweeps
from simulator.errors import ResultsError, ScenarioError, UsageError
from simulator.scenario.load import dump
from simulator.study.sweep import estimate
from simulator.study.sweep import run as runs
from simulator.study.sweep.engine import SIMULATE
from simulator.study.sweep.estimate import find_point_s
from simulator.study.sweep.folder import open_folder, read_document, write_plan
from simulator.study.sweep.load import load_sweep_again
from simulator.study.sweep.plan import build_plan
from simulator.study.sweep.records import Writer
from simulator.study.sweep.run import AGAIN, look, prepare, run, standing
from simulator.study.sweep.work import simulate

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells

TIME, UNITS, COUNT = "workloads.first.time", "workloads.first.units", "world.datacenters.lab.devices.gpus.count"
LOAD, GRID_OF = "workloads.first.utilisation", "world.datacenters.lab.grid"
TWO = {"grid": {TIME: ["1 h", "2 h"]}}
HALF_FAILS = {"grid": {COUNT: [8, 4], UNITS: [1, 8]}}
"""Eight units of four GPUs are one point of four, of which each value alone is possible."""
FAILURES = "failures: {rate: 3, restart: 10 min, repair: 1 h}"
TRAIN = "at: lab/nodes, step_time: 10 s, steps: 2000"
LUCK = f"""\
name: luck
seed: 1
comparison: {{functional_unit: one model, repeats: 3}}
world: {{datacenters: {{lab: {{grid: FR, pue: 1.2, servers: {{nodes: {{model: dgx-a100, count: 2}}}}}}}}}}
paradigms:
  often:
    - train: {{{TRAIN}, checkpoint: {{every: 1 h, time: 5 min, load: 0.5}}, {FAILURES}}}
  rare:
    - train: {{{TRAIN}, checkpoint: {{every: 3 h, time: 5 min, load: 0.5}}, {FAILURES}}}
"""
STEPS = {"path": ["paradigms.often.train.steps", "paradigms.rare.train.steps"], "values": [1000, 2000]}


def failing_while_told_to(loaded, keep):
    return failing(loaded, keep) if "FAIL" in os.environ else simulate(loaded, keep)


def failing(loaded, keep):
    raise UsageError("lab", "is closed", "wait")


def failing_at_the_first_seed(loaded, keep):
    return failing(loaded, keep) if loaded.spec.seed == 1 else simulate(loaded, keep)


def run_again(sweep, folder, reuse=(), again=(), compute=SIMULATE):
    """What an engine was given."""
    engine, prepared = AtOnce(), prepare(sweep, folder, reuse, again, compute)
    run(prepared, lambda: engine, lambda _: None)
    return engine.points


def test_a_sweep_runs_all_of_its_points_and_tells_each(tmp_path):
    done = run_sweep(a_sweep(TWO), tmp_path / "out")
    ids = [point.id for point in build_plan(a_sweep(TWO)).points]
    assert (done.name, done.factors, done.status.counts) == ("swept", [TIME], {"ok": 2})
    assert done.table.column("point").to_pylist() == ids
    for point in ids:
        record = done.point(point)
        assert (record["id"], record["status"], record["turn"]) == (point, "ok", 1)
        assert record["provenance"].keys() == {"began_s", "wall_s", "peak_memory_bytes"}


def test_a_point_that_is_not_there_says_where_ids_stand(tmp_path):
    done = run_sweep(a_sweep(TWO), tmp_path / "out")
    with pytest.raises(UsageError) as caught:
        done.point("0" * 16)
    assert str(caught.value) == (
        "point '0000000000000000': has no record here; ids stand in the column `point` of the table"
    )


def test_what_only_some_combinations_make_impossible_is_a_failed_point(tmp_path):
    done = run_sweep(a_sweep(HALF_FAILS), tmp_path / "out")
    (failure,) = done.status.failures
    assert done.status.counts == {"ok": 3, "failed": 1}
    assert failure.factors == {COUNT: 4, UNITS: 8}
    assert "workloads[0].train.units" in failure.error
    assert [row["status"] for row in done.table.to_pylist()] == ["ok", "ok", "ok", "failed"]


class Nobody:
    """A pool whose worker comes back from nothing."""

    def __init__(self, workers):
        self.is_closed = False

    def submit(self, *_):
        pass

    def wait(self, timeout_s):
        return []

    def close(self):
        self.is_closed = True


def test_where_no_point_ends_in_time_none_is_told(tmp_path, monkeypatch):
    pools = []
    monkeypatch.setattr(estimate, "LocalPool", lambda workers: pools.append(Nobody(workers)) or pools[0])
    assert find_point_s(look(a_sweep(TWO), tmp_path / "out")) is None
    assert pools[0].is_closed


def test_what_is_recorded_is_never_run_again(tmp_path):
    first = run_again(a_sweep(TWO), tmp_path / "out")
    assert len(first) == 2
    assert run_again(a_sweep(TWO), tmp_path / "out") == []
    more = a_sweep({"grid": {TIME: ["1 h", "2 h", "3 h"]}})
    assert run_again(more, tmp_path / "out") == [build_plan(more).points[2].id]


def test_an_engine_is_not_even_begun_for_nothing(tmp_path):
    run_sweep(a_sweep(TWO), tmp_path / "out")
    prepared = prepare(a_sweep(TWO), tmp_path / "out")
    assert run(prepared, lambda: pytest.fail("begun"), lambda _: None) == {"ok": 2}


def test_what_failed_is_run_again_in_its_next_turn_where_that_is_asked(tmp_path, monkeypatch):
    compute = f"{__name__}:failing_while_told_to"
    with monkeypatch.context() as told:
        told.setenv("FAIL", "1")
        run_sweep(a_sweep(TWO), tmp_path / "out", compute)
    assert run_again(a_sweep(TWO), tmp_path / "out", compute=compute) == []
    again = run_again(a_sweep(TWO), tmp_path / "out", again=AGAIN, compute=compute)
    done = sim.open_sweep(tmp_path / "out")
    assert (len(again), done.status.counts) == (2, {"ok": 2})
    assert {done.point(point)["turn"] for point in again} == {2}


def test_rows_of_a_design_that_are_one_point_are_one_run(tmp_path):
    ranges = {"x": {"path": COUNT, "range": [8, 9], "whole": True}}
    prepared = prepare(a_sweep({"sample": {"method": "sobol", "n": 8, "ranges": ranges}}), tmp_path / "out")
    assert (len(prepared.plan.points), prepared.size, len(prepared.left)) == (8, 2, 2)
    assert run(prepared, AtOnce, lambda _: None) == standing(prepared) == {"ok": 2}


def test_a_look_writes_nothing_and_tells_what_is_left(tmp_path):
    sweep = a_sweep(TWO)
    found = look(sweep, tmp_path / "out")
    assert (len(found.left), found.plan_id, found.size) == (2, "", 2)
    assert list(tmp_path.iterdir()) == []
    run_sweep(sweep, tmp_path / "out")
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    assert look(a_sweep({"grid": {TIME: ["2 h", "3 h"]}}), tmp_path / "out").left[0].values[TIME] == "3 h"
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


def test_points_of_another_folder_are_taken_over(tmp_path):
    theirs = run_sweep(a_sweep({"grid": {TIME: ["1 h", "2 h"]}}), tmp_path / "theirs")
    ours = a_sweep({"grid": {TIME: ["2 h", "3 h"]}})
    shared, own = (point.id for point in build_plan(ours).points)
    assert run_again(ours, tmp_path / "ours", [tmp_path / "theirs"]) == [own]
    done = sim.open_sweep(tmp_path / "ours")
    assert done.status.counts == {"ok": 2}
    assert done.point(shared) == theirs.point(shared)
    assert run_again(ours, tmp_path / "ours", [tmp_path / "theirs"]) == []
    heads = [path.read_text().splitlines()[0] for path in (tmp_path / "ours" / "records").iterdir()]
    assert {"worker": {"reused": str(tmp_path / "theirs")}} in map(json.loads, heads)


def test_what_failed_elsewhere_is_not_taken_over_and_what_went_well_replaces_what_failed_here(tmp_path):
    sweep = a_sweep(TWO)
    run_sweep(sweep, tmp_path / "failed", f"{__name__}:failing")
    assert len(run_again(sweep, tmp_path / "ours", [tmp_path / "failed"])) == 2
    run_sweep(sweep, tmp_path / "well")
    assert run_again(sweep, tmp_path / "failed", [tmp_path / "well"]) == []
    assert sim.open_sweep(tmp_path / "failed").status.counts == {"ok": 2}


def test_folders_that_cannot_be_taken_over_are_refused(tmp_path):
    run_sweep(a_sweep(TWO), tmp_path / "out")
    with pytest.raises(UsageError, match=r"is the sweep's own folder, whose records are used anyway; leave it out"):
        prepare(a_sweep(TWO), tmp_path / "out", [tmp_path / "out" / ".." / "out"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultsError, match=r"has no sweep.json: no folder of a sweep"):
        prepare(a_sweep(TWO), tmp_path / "out", [tmp_path / "empty"])


def test_a_folder_with_other_things_and_a_file_are_refused(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("friend")
    with pytest.raises(ResultsError, match=r"holds other things than a sweep \(dear.txt\); choose another `-o`"):
        prepare(a_sweep(TWO), tmp_path / "letters")
    with pytest.raises(ResultsError, match=r"is a file; choose another `-o`"):
        prepare(a_sweep(TWO), tmp_path / "letters" / "dear.txt")
    (tmp_path / "empty").mkdir()
    assert len(prepare(a_sweep(TWO), tmp_path / "empty").left) == 2


def no_room(*_):
    raise OSError(ENOSPC, "No space left on device")


def locked(*_, **__):
    raise PermissionError(EACCES, "Permission denied")


def test_a_disk_without_room_for_the_plan_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "write_plan", no_room)
    with pytest.raises(ResultsError, match=r"out: no room is left on its disk; make room, or choose another `-o`"):
        prepare(a_sweep(TWO), tmp_path / "out")
    monkeypatch.setattr(runs, "write_plan", locked)
    with pytest.raises(PermissionError):
        prepare(a_sweep(TWO), tmp_path / "out")


def test_a_folder_that_cannot_be_written_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "mkdir", locked)
    with pytest.raises(ResultsError, match=r"out: cannot be written \(Permission denied\); choose another `-o`"):
        open_folder(tmp_path / "out")


def test_a_worker_goes_on_in_a_folder_that_was_made_anew(tmp_path):
    run_sweep(a_sweep(TWO), tmp_path / "out")
    shutil.rmtree(tmp_path / "out")
    assert run_sweep(a_sweep(TWO), tmp_path / "out").status.counts == {"ok": 2}


def test_how_long_a_point_takes_is_told_from_those_that_ran(tmp_path):
    ids = [point.id for point in build_plan(a_sweep({"grid": {TIME: ["1 h", "2 h", "3 h"]}})).points]
    prepared = prepare(a_sweep({"grid": {TIME: ["1 h", "2 h", "3 h"]}}), tmp_path / "out")
    writer = Writer(tmp_path / "out", {})
    for point, wall_s in zip(ids, (1.0, 4.0), strict=False):
        writer.add(point, "ok", 1, {"results": {}, "provenance": {"wall_s": wall_s}})
    writer.close()
    prepared.records.refresh()
    assert find_point_s(prepared) == 2.5


def test_where_nothing_ran_and_nothing_is_left_no_time_is_told(tmp_path):
    prepared = prepare(a_sweep(TWO), tmp_path / "out")
    assert find_point_s(prepared._replace(left=[])) is None


def test_where_nothing_ran_a_few_are_tried_in_a_folder_of_their_own(tmp_path):
    prepared = look(a_sweep(TWO), tmp_path / "out")
    assert 0.0 < find_point_s(prepared) < 20.0
    assert list(tmp_path.iterdir()) == []


def test_the_document_of_a_plan_tells_what_each_factor_sets_and_in_which_unit(tmp_path):
    sample = {"method": "lhs", "n": 2, "ranges": {LOAD: [0.25, 1]}}
    prepared = prepare(a_sweep({"sample": sample, "grid": {TIME: ["1 h", "2 h"]}}), tmp_path / "out")
    factors = read_document(tmp_path / "out", prepared.plan_id)["factors"]
    assert factors == [
        {"name": TIME, "section": "grid", "paths": [TIME], "unit": "h"},
        {"name": LOAD, "section": "sample", "paths": [LOAD], "unit": "", "low": 0.25, "high": 1.0, "scale": "linear"},
    ]


def test_a_folder_of_another_format_is_refused(tmp_path):
    run_sweep(a_sweep(TWO), tmp_path / "out")
    (tmp_path / "out" / "sweep.json").write_text('{"format": "another/1", "plan": "x"}')
    with pytest.raises(ResultsError, match=r"its sweep.json is not that of aiceberg-sweep/1"):
        sim.open_sweep(tmp_path / "out")


def test_plans_of_one_folder_are_kept_and_the_newest_is_opened(tmp_path):
    run_sweep(a_sweep(TWO), tmp_path / "out")
    run_sweep(a_sweep({**TWO, "name": "other"}), tmp_path / "out")
    assert sim.open_sweep(tmp_path / "out").name == "other"
    assert len(list((tmp_path / "out" / "plans").glob("*.json"))) == 2
    assert not list((tmp_path / "out").rglob("*.partial"))


def test_a_sweep_goes_on_from_its_folder_alone(tmp_path):
    file, folder = tmp_path / "sweep.yaml", tmp_path / "out"
    (tmp_path / "base.yaml").write_text(dump(a_scenario([{"name": "first", "at": "lab/gpus", "time": "2 h"}])))
    file.write_text(f"name: a\nbase: base.yaml\ngrid:\n  {TIME}: [1 h, 2 h]\n")
    loaded = sweeps.load_sweep(file)
    prepared = prepare(loaded, folder)
    file.unlink()
    (tmp_path / "base.yaml").unlink()
    again = prepare(load_sweep_again(read_document(folder, prepared.plan_id)), folder)
    assert (again.plan_id, again.left) == (prepared.plan_id, prepared.left)


def test_a_folder_that_was_moved_is_opened_where_it_is(tmp_path):
    run_sweep(a_sweep(TWO), tmp_path / "out")
    shutil.move(tmp_path / "out", tmp_path / "there")
    assert sim.open_sweep(str(tmp_path / "there")).status.is_done


def test_collected_is_the_table(tmp_path):
    done = run_sweep(a_sweep(TWO), tmp_path / "out")
    assert done.collect() == tmp_path / "out" / "results.parquet"
    assert sim.open_sweep(tmp_path / "out").table.equals(done.table)


def test_a_sweep_of_a_file_runs_on_workers_where_its_name_says(tmp_path, monkeypatch):
    """One that runs for real, in a process of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("name: night\nbase: small/one_gpu\ngrid:\n  workloads.train.time: [1 h, 2 h]\n")
    told = []
    done = sim.sweep("a.yaml", workers=1, report=told.append)
    assert (done.folder.as_posix(), done.status.counts) == ("sweeps/night", {"ok": 2})
    assert (told[-1].counts, told[-1].left) == ({"ok": 2}, 0)
    # 400 W for one hour and for two
    assert done.table.column("accelerator_energy_j").to_pylist() == pytest.approx([0.4 * 3.6e6, 0.8 * 3.6e6])
    assert sim.sweep("a.yaml", workers=1).table.equals(done.table)


def test_the_local_engine_has_no_profile():
    with pytest.raises(UsageError, match=r"it submits no jobs, so it has no profile; leave --profile out"):
        sweeps.opener("local", 1, "slurm")


def lucky(folder, **varied):
    return run_sweep(a_sweep({"name": "luck", **varied}, LUCK), folder)


@pytest.fixture(scope="module")
def two_sizes(tmp_path_factory):
    """Two sizes of a training, two hours of checkpoint, three repeats."""
    often = {"path": "paradigms.often.train.checkpoint.every", "values": ["1 h", "90 min"]}
    return lucky(tmp_path_factory.mktemp("luck") / "out", grid={"steps": STEPS, "every": often}, repeats=3)


def test_each_combination_is_compared_over_its_repeats(two_sizes):
    found = two_sizes.compare()
    assert [one.name for one in found] == [
        f"luck (steps {steps}, every {every})" for steps in (1000, 2000) for every in ("1 h", "90 min")
    ]
    assert {len(one.seeds) for one in found} == {3}
    assert all(one.seeds == found[0].seeds for one in found)  # they share their luck
    assert {one.functional_unit for one in found} == {"one model"}


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ({"steps": 1000}, 2),
        ({"steps": "1000"}, 2),
        ({"steps": "1e3"}, 2),
        ({"every": "1 h"}, 2),
        ({"every": "60 min"}, 2),
        ({"steps": 2000, "every": "1.5 h"}, 1),
    ],
)
def test_some_combinations_are_chosen_by_what_values_are_worth(where, count, two_sizes):
    assert len(two_sizes.compare(where=where)) == count


@pytest.mark.parametrize("where", [{"steps": 3000}, {"every": "1 min"}, {"steps": "many"}, {"steps": None}])
def test_a_value_that_no_point_has_is_refused(where, two_sizes):
    with pytest.raises(UsageError, match=r"^--where \w+=.*: no point has these values; `aiceberg sweep status`"):
        two_sizes.compare(where=where)


def test_hours_are_not_taken_for_minutes(tmp_path):
    done = lucky(tmp_path / "out", grid={"h": {"path": "horizon", "values": ["10 h", "20 h"]}}, repeats=2)
    assert [one.name for one in done.compare(where={"h": 20})] == ["luck (h 20.0 h)"]
    assert [one.name for one in done.compare(where={"h": "600 min"})] == ["luck (h 10.0 h)"]
    with pytest.raises(UsageError, match=r"no point has these values"):
        done.compare(where={"h": "20 min"})


def test_words_and_flags_are_chosen_by_themselves(tmp_path):
    open_folder(tmp_path / "out")
    flags, grids = {"path": "flag", "values": [True, False]}, {"path": GRID_OF, "values": ["FR", "PL"]}
    write_plan(tmp_path / "out", build_plan(a_sweep({"grid": {"flag": flags, "grid": grids}})))
    design = sim.open_sweep(tmp_path / "out")
    assert [list(design._cases(where)) for where in ({"flag": True}, {"flag": "false", "grid": "PL"})] == [
        ["flag true, grid FR", "flag true, grid PL"],
        ["flag false, grid PL"],
    ]


def test_a_factor_that_is_not_there_is_refused(two_sizes):
    with pytest.raises(UsageError) as caught:
        two_sizes.compare(where={"stesp": 1})
    assert str(caught.value) == "--where stesp: no factor is called so; did you mean `steps`?"


def test_more_comparisons_than_anybody_reads_are_refused(tmp_path):
    values = [f"{hours} h" for hours in range(10, 23)]
    prepare(a_sweep({"grid": {"horizon": values}, "repeats": 2}, LUCK), tmp_path / "out")
    opened = sim.open_sweep(tmp_path / "out")
    with pytest.raises(UsageError) as caught:
        opened.compare()
    assert str(caught.value) == (
        f"compare {tmp_path / 'out'}: has 13 combinations of horizon; choose some, such as `--where 'NAME=VALUE'`"
    )


def test_a_sweep_is_compared_within_itself_alone(two_sizes):
    with pytest.raises(UsageError, match=r"a sweep is compared within itself; give one sweep, or results alone"):
        sim.compare(two_sizes, two_sizes)
    assert [one.name for one in sim.compare(two_sizes)] == [one.name for one in two_sizes.compare()]


def test_a_sweep_that_draws_nothing_has_no_sensitivity(two_sizes):
    with pytest.raises(UsageError, match=r"nothing is drawn in this sweep; give it a `sample`"):
        two_sizes.sensitivity("facility_energy_j")


def test_what_a_factor_explains_is_told_from_the_folder(tmp_path):
    """Watts of a GPU are linear in its load: one effect, everywhere the same."""
    sample = {"method": "morris", "n": 4, "ranges": {LOAD: [0.25, 1]}}
    done = run_sweep(a_sweep({"sample": sample}), tmp_path / "out")
    found = done.sensitivity("facility_energy_j")
    (group,) = found.groups
    assert (found.method, found.factors, found.rows) == ("morris", [LOAD], 8)
    assert group.by == {"paradigm": "main"}
    assert group.indices[0].sigma == pytest.approx(0.0, abs=1e-6 * group.indices[0].mu)


def test_a_picture_that_is_asked_for_without_a_path_is_written_nowhere(two_sizes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert two_sizes.plot("bands", "facility_energy_j", x="steps")._repr_png_()[:4] == b"\x89PNG"
    assert list(tmp_path.iterdir()) == []


def test_a_picture_is_written_where_there_is_none_yet(two_sizes, tmp_path):
    two_sizes.plot("bands", "facility_energy_j", x="steps", path=tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(UsageError, match=r"a.png: exists already"):
        two_sizes.plot("bands", "facility_energy_j", x="steps", path=tmp_path / "a.png")


@pytest.mark.parametrize(("asked", "count"), [(None, 3), (5, 5)])
def test_repeats_of_a_scenario_are_a_sweep_of_as_many_as_it_says_unless_told(asked, count, tmp_path):
    (tmp_path / "luck.yaml").write_text(LUCK)
    sweep = sweeps.repeat(tmp_path / "luck.yaml", asked)
    points = build_plan(sweep).points
    assert (sweep.spec.name, sweep.factors, len(points)) == ("luck", (), count)
    assert [point.replicate for point in points] == list(range(count))
    assert len({point.seed for point in points}) == count
    assert points[0].seed == 1


def test_repeats_run_and_are_compared(tmp_path):
    (tmp_path / "luck.yaml").write_text(LUCK)
    (found,) = run_sweep(sweeps.repeat(tmp_path / "luck.yaml"), tmp_path / "out").compare()
    assert (found.name, len(found.seeds)) == ("luck", 3)


def test_a_repeat_that_failed_is_in_no_comparison(tmp_path):
    sweep = a_sweep({"repeats": 3}, LUCK)
    (found,) = run_sweep(sweep, tmp_path / "out", f"{__name__}:failing_at_the_first_seed").compare()
    assert found.seeds == [point.seed for point in build_plan(sweep).points[1:]]


@pytest.mark.parametrize(("scenario", "repeats"), [("small/one_gpu", None), ("small/rare_or_often", 1)])
def test_one_run_has_no_interval(scenario, repeats):
    with pytest.raises(UsageError) as caught:
        sweeps.repeat(scenario, repeats)
    assert str(caught.value) == (
        f"{scenario}: one run has no interval; "
        "give `--repeats 20`, or `comparison: {repeats: 20, ...}` in the scenario"
    )


def test_repeats_of_a_shipped_scenario_have_its_files(tmp_path):
    assert len(build_plan(sweeps.repeat("small/rare_or_often")).points) == 10


def test_a_sweep_with_a_mistake_leaves_no_folder(tmp_path):
    with pytest.raises(ScenarioError):
        sim.sweep(a_sweep({"grid": {LOAD: [0.5, 2]}}), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
