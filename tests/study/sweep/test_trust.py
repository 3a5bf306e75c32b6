"""What may not be recorded or believed: of other files than were planned, by another model, from a damaged folder."""

import os
import subprocess
import sys

import pytest
from strategies import AtOnce, a_sweep, run_sweep

import simulator as sim
from simulator import sweeps
from simulator.errors import ResultsError, StaleError, UsageError
from simulator.study.sweep.engine import SIMULATE
from simulator.study.sweep.load import load_sweep
from simulator.study.sweep.plan import build_plan
from simulator.study.sweep.run import prepare, run

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells

TIME, COUNT = "workloads.first.time", "world.datacenters.lab.devices.gpus.count"
TWO = {"grid": {TIME: ["1 h", "2 h"]}}
NIGHT = """\
name: night
start: 2025-06-21T00:00+02:00
world: {datacenters: {lab: {grid_series: day.csv, devices: {gpus: {model: a100-sxm4-40gb, count: 4}}}}}
workloads:
  - train: {at: lab/gpus, time: 1 h, utilisation: 0.5}
"""
DAY = "at,gco2e_per_kwh\n2025-06-21T00:00+02:00,{}\n2025-06-21T12:00+02:00,50\n2025-06-22T00:00+02:00,50\n"
SCRIPT = """\
import simulator as sim
print(sim.sweep("sweep.yaml", "out", workers=1).status.counts)
"""


def another(loaded, keep):
    return {"paradigms": {}}


@pytest.fixture
def night(tmp_path):
    """A sweep whose base reads a CSV beside it."""
    (tmp_path / "night.yaml").write_text(NIGHT)
    (tmp_path / "day.csv").write_text(DAY.format(300))
    (tmp_path / "sweep.yaml").write_text("name: nights\nbase: night.yaml\nrepeats: 3\n")
    return tmp_path


def test_a_file_that_changes_after_planning_is_not_recorded_under_the_old_name(night):
    prepared = prepare(load_sweep(night / "sweep.yaml"), night / "out")
    (night / "day.csv").write_text(DAY.format(900))
    with pytest.raises(StaleError, match=r"names has changed since it was planned; start the command again"):
        run(prepared, AtOnce, lambda _: None)
    assert sim.open_sweep(night / "out").status.counts == {"missing": 3}
    again = prepare(load_sweep(night / "sweep.yaml"), night / "out")
    assert run(again, AtOnce, lambda _: None) == {"ok": 3}
    assert {p.id for p in again.plan.points}.isdisjoint(p.id for p in prepared.plan.points)


def test_what_another_function_computes_are_other_points(tmp_path):
    """Which neither a later run nor another sweep takes for ours."""
    sweep = a_sweep(TWO)
    run_sweep(sweep, tmp_path / "theirs", f"{__name__}:another")
    assert prepare(sweep, tmp_path / "theirs").left != []
    assert len(prepare(sweep, tmp_path / "ours", reuse=[tmp_path / "theirs"]).left) == 2
    ids = [{point.id for point in build_plan(sweep, by).points} for by in (SIMULATE, "mine:own")]
    assert ids[0].isdisjoint(ids[1])


def test_a_script_without_a_guard_is_told_and_no_point_is_blamed(night):
    (night / "own.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "own.py"], cwd=night, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 1
    assert "workers ended before they began; in a script of your own, call it under `if __name__ ==" in done.stderr
    assert sim.open_sweep(night / "out").status.counts == {"missing": 3}


@pytest.mark.parametrize("workers", [0, -1, 2.5, "a", 10**9])
def test_a_number_of_workers_that_cannot_be_is_refused_though_nothing_is_left(workers, tmp_path):
    run_sweep(a_sweep(TWO), tmp_path)
    with pytest.raises(UsageError, match="expected a whole number from 1 to 10000"):
        sweeps.sweep(a_sweep(TWO), tmp_path, workers=workers)


def test_what_does_not_stand_so_cannot_run_again(tmp_path):
    with pytest.raises(UsageError, match=r"again 'fialed': .* did you mean `failed`"):
        sweeps.sweep(a_sweep(TWO), tmp_path / "out", again="fialed")
    assert not (tmp_path / "out").exists()


def test_what_is_to_be_kept_later_is_run_again_once(tmp_path):
    run_sweep(a_sweep(TWO), tmp_path)
    more = a_sweep({**TWO, "keep": "ticks"})
    assert [point.turn for point in prepare(more, tmp_path).left] == [2, 2]
    done = run_sweep(more, tmp_path)
    assert (done.status.counts, len(list((tmp_path / "kept").iterdir()))) == ({"ok": 2}, 2)
    assert prepare(more, tmp_path).left == []


def test_rows_of_a_design_that_are_one_point_are_one_repeat(tmp_path):
    """Four draws of two whole numbers, with three seeds each: three repeats of each number."""
    ranges = {"x": {"path": COUNT, "range": [8, 9], "whole": True}}
    done = run_sweep(a_sweep({"sample": {"method": "lhs", "n": 4, "ranges": ranges}, "repeats": 3}), tmp_path)
    assert {name: len(repeats) for name, repeats in done._cases({}).items()} == {"x 8": 3, "x 9": 3}


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("sweep.json", '{"format": "aiceberg-sweep/1"}', "its sweep.json is not that of"),
        ("sweep.json", "[]", "its sweep.json is not that of"),
        ("plans/{}.json", "[]", "is not as it was written; run the sweep again"),
        ("plans/{}.json", "{}", "is not as it was written; run the sweep again"),
        ("plans/{}.json", '{"points": 3}', "is not as it was written; run the sweep again"),
        ("plans/{}.parquet", "PAR1", "is missing or damaged"),
    ],
)
def test_a_damaged_folder_is_refused_in_a_sentence_and_mended_by_another_run(file, text, sentence, tmp_path):
    run_sweep(a_sweep(TWO), tmp_path)
    (plan,) = (path.stem for path in (tmp_path / "plans").glob("*.json"))
    (tmp_path / file.format(plan)).write_text(text)
    with pytest.raises(ResultsError, match=sentence):
        sim.open_sweep(tmp_path)


def test_a_folder_whose_records_are_gone_gives_no_empty_table(tmp_path):
    done = run_sweep(a_sweep(TWO), tmp_path)
    whole = done.collect().read_bytes()
    (tmp_path / "records").rename(tmp_path / "elsewhere")
    with pytest.raises(ResultsError, match="its records are gone; put them back, or run the sweep again"):
        sim.open_sweep(tmp_path)
    assert (tmp_path / "results.parquet").read_bytes() == whole


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"plan": 3}'])
def test_a_strange_file_of_a_driver_is_nobody(text, tmp_path):
    run_sweep(a_sweep(TWO), tmp_path)
    (tmp_path / "drivers").mkdir(exist_ok=True)
    (tmp_path / "drivers" / f"elsewhere-{os.getpid()}.json").write_text(text)
    assert sim.open_sweep(tmp_path).status.drivers == []


def test_a_file_that_cannot_be_written_says_which_and_where(tmp_path, monkeypatch):
    done = run_sweep(a_sweep(TWO), tmp_path)
    (tmp_path / "results.parquet").mkdir()
    with pytest.raises(ResultsError, match=r"results.parquet could not be written \(Is a directory\); make room, or"):
        done.collect()
