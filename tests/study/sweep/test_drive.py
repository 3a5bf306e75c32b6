"""Whole sweeps on this machine: whatever befalls workers, drivers and disks, each point ends up with its record."""

import json
import os
import re
import signal
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from math import isfinite
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sweep_work
from sweep_work import OBEY, SWEEPER, in_time, lines, records, results, table

import simulator as sim
from simulator import sweeps
from simulator.errors import ResultsError, UsageError
from simulator.study.sweep.engine import Batch, Point
from simulator.study.sweep.local import LocalPool
from simulator.study.sweep.work import run_batch

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells

LONG = """
name: long
base: small/rare_or_often
overrides: {paradigms.often.train.steps: 4e6, paradigms.rare.train.steps: 4e6}
grid: {failures: {path: paradigms.often.train.failures.rate, values: [0.03, 0.1, 0.15, 0.3]}}
repeats: 10
"""


def run(file, out, report=None, **more):
    """Run what is left of a sweep whose points obey."""
    return sweeps.sweep(file, out, workers=2, compute=OBEY, report=in_time(report), **more)


def number_of(out):
    """The number of each point by its id."""
    rows = sweeps.open_sweep(out).table.to_pylist()
    return {row["point"]: round(1000 * (row["pue"] - 1)) for row in rows}


def by_number(out):
    """The record of each number; every point has exactly one."""
    named = number_of(out)
    found = {named[record["id"]]: record for record in records(out)}
    assert len(found) == len(records(out)), "a point is recorded twice"
    return found


def statuses(out):
    return Counter(record["status"] for record in by_number(out).values())


def wait_until(condition, within_s=30.0):
    end = time.monotonic() + within_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition(), f"not within {within_s:g} s"


def alive(pids):
    """Those that run; one that nobody reaped does not."""
    found = []
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text.rpartition(") ")[2][0] != "Z":
            found.append(pid)
    return found


def whole_lines(out):
    """How many lines there are, while somebody writes more."""
    return sum(path.read_bytes().count(b'\n{"crc"') for path in (out / "records").glob("*.jsonl"))


@contextmanager
def driver(*command, **more):
    """A process that drives a sweep, and is gone afterwards."""
    environment = {**os.environ, "PYTHONPATH": sweep_work.importable(), "COLUMNS": "120"}
    texts = [str(part) for part in command]
    with subprocess.Popen(
        texts, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    ) as one:
        try:
            yield one
        finally:
            one.kill()


def test_the_bytes_do_not_depend_on_workers_nor_on_hash_seeds(cli, tmp_path):
    """Forty real points, the table and each record."""
    found = {}
    for name, workers, seed in (("a", "1", "0"), ("b", "2", "1"), ("c", "2", "2")):
        done = cli("sweep", "run", "studies/small", "-o", name, "-j", workers, PYTHONHASHSEED=seed)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        found[name] = results(tmp_path / name), table(tmp_path / name)
    assert len(found["a"][0]) == 40
    assert found["a"] == found["b"] == found["c"]


def test_a_point_that_kills_its_process_is_one_killed_record_and_costs_no_other_a_run(lab, tmp_path):
    lab.order({20: ["perish"]})
    found = run(lab.sweep(), tmp_path / "out")
    record = by_number(tmp_path / "out")[20]
    assert found.status.counts == {"ok": 39, "killed": 1}
    assert (record["status"], record["error"], record["provenance"]["deaths"]) == ("killed", "3 workers died of it", 3)
    assert lab.ran() == {number: 3 if number == 20 else 1 for number in range(1, 41)}


def test_two_poisons_side_by_side_are_told_apart_and_attempts_is_what_the_file_says(lab, tmp_path):
    lab.order({20: ["perish"], 21: ["perish"]})
    run(lab.sweep(more="limits: {attempts: 2}\n"), tmp_path / "out")
    assert {number for number, one in by_number(tmp_path / "out").items() if one["status"] == "killed"} == {20, 21}
    assert lab.ran() == {number: 2 if number in (20, 21) else 1 for number in range(1, 41)}


def test_a_point_that_raises_is_one_failed_record_with_its_sentence_and_place(lab, tmp_path):
    lab.order({7: ["slip"], 8: ["refuse"], 9: ["quit", 3], 10: ["say", {"paradigms": float("nan")}]})
    found = run(lab.sweep(), tmp_path / "out")
    told = by_number(tmp_path / "out")
    assert found.status.counts == {"ok": 36, "failed": 4}
    assert (told[7]["error"], "in slip" in told[7]["traceback"]) == ("KeyError: 'no such thing'", True)
    assert (told[8]["error"], "traceback" in told[8]) == ("this point: is refused; choose another", False)
    assert told[9]["error"] == "SystemExit: 3"
    assert "JSON compliant" in told[10]["error"]
    assert set(lab.ran().values()) == {1}


def test_a_point_beyond_its_time_is_told_with_its_place_even_in_a_compiled_loop(lab, tmp_path):
    """Neither lets the others wait: one sleeps, one never lets go of the interpreter."""
    lab.order({5: ["sleep", 600], 6: ["spin"]})
    run(lab.sweep(more="limits: {time: 4 s}\n"), tmp_path / "out")
    told = by_number(tmp_path / "out")
    assert statuses(tmp_path / "out") == {"ok": 38, "timeout": 2}
    assert {told[5]["error"], told[6]["error"]} == {"took longer than its limit"}
    assert ("in obey" in told[5]["traceback"], "in spin" in told[6]["traceback"]) == (True, True)
    assert lab.ran() == dict.fromkeys(range(1, 41), 1)
    assert list((tmp_path / "out" / "overruns").iterdir()) == []


def test_a_point_beyond_its_memory_fails_with_the_limit_in_the_sentence(lab, tmp_path):
    lab.order({5: ["eat", 2e9]})
    run(lab.sweep(10, more="limits: {memory: 500 MB}\n"), tmp_path / "out")
    assert statuses(tmp_path / "out") == {"ok": 9, "failed": 1}
    assert "more memory than its limit of 0.5 GB (" in by_number(tmp_path / "out")[5]["error"]


def test_a_worker_that_is_killed_from_outside_costs_no_point_its_record(lab, tmp_path):
    lab.order(every=["sleep", 0.1])
    killed = []

    def kill_one(progress):
        if not killed and len(lab.ran()) > 5:
            killed.append(lab.workers()[-1])
            os.kill(killed[0], signal.SIGKILL)

    found = run(lab.sweep(), tmp_path / "out", report=kill_one)
    assert (len(killed), found.status.counts) == (1, {"ok": 40})
    assert sum(lab.ran().values()) <= 41


def test_a_killed_driver_leaves_no_worker_and_what_is_done_is_never_run_again(lab, tmp_path):
    lab.order(every=["sleep", 0.2])
    file, out = lab.sweep(), tmp_path / "out"
    with driver(*SWEEPER, file, out, "local") as one:
        wait_until(lambda: out.is_dir() and whole_lines(out) >= 13)
        one.send_signal(signal.SIGKILL)
        wait_until(lambda: not alive(lab.workers()), within_s=2.0)
    done = {record["id"] for record in records(out)}
    assert 13 <= len(done) < 40
    lab.order()
    assert run(file, out).status.counts == {"ok": 40}
    named = number_of(out)
    assert {lab.ran()[named[name]] for name in done} == {1}
    assert max(lab.ran().values()) <= 2
    run(file, tmp_path / "whole")
    assert (table(out), results(out)) == (table(tmp_path / "whole"), results(tmp_path / "whole"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sweep_that_is_interrupted_says_so_and_goes_on_with_the_same_command(aiceberg, tmp_path, number):
    (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
    out, command = tmp_path / "out", (aiceberg, "sweep", "run", "long.yaml", "-o", "out", "-j", "2")
    with driver(*command, cwd=tmp_path, start_new_session=True) as one:
        wait_until(lambda: out.is_dir() and whole_lines(out) >= 4)
        os.killpg(one.pid, number)
        told = one.communicate(timeout=30)
    left = f"interrupted ({number.name}): what is recorded is kept in out; the same command goes on\n"
    assert (one.returncode, told) == (128 + number, ("", left))
    done = len(lines(out))
    assert 4 <= done < 40
    with driver(*command, cwd=tmp_path) as one:
        told = one.communicate(timeout=60)
    assert (one.returncode, told[1]) == (0, f"long: {done} of 40 points are done\n")
    assert len(results(out)) == 40


def test_points_that_are_new_in_an_edited_file_are_run_and_no_others(lab, tmp_path):
    run(lab.sweep(10), tmp_path / "out")
    found = run(lab.sweep(13), tmp_path / "out")
    assert found.status.counts == {"ok": 13}
    assert lab.ran() == dict.fromkeys(range(1, 14), 1)
    assert sweeps.open_sweep(tmp_path / "out").table.num_rows == 13


def test_another_sweeps_points_are_taken_over_as_they_stand(lab, tmp_path):
    lab.order({2: ["slip"]})
    run(lab.sweep(10), tmp_path / "one")
    lab.order()
    found = run(lab.sweep(12, name="other"), tmp_path / "other", reuse=[tmp_path / "one"])
    assert found.status.counts == {"ok": 12}
    assert lab.ran() == {number: 2 if number == 2 else 1 for number in range(1, 13)}
    for other, sentence in ((tmp_path / "other", "is the sweep's own folder"), (tmp_path / "lab", "has no sweep.json")):
        with pytest.raises(sim.SimulatorError, match=sentence):
            run(lab.sweep(12, name="other"), tmp_path / "other", reuse=[other])


@pytest.mark.parametrize("keep", ["nothing", "ticks", "folder"])
def test_what_is_kept_of_each_point_is_what_the_file_asks_for(lab, tmp_path, keep):
    run(lab.sweep(3, more=f"keep: {keep}\n"), tmp_path / "out")
    kept = tmp_path / "out" / "kept"
    names = number_of(tmp_path / "out")
    if keep == "nothing":
        assert not kept.exists()
    elif keep == "ticks":
        assert sorted(path.name for path in kept.iterdir()) == sorted(f"{name}.parquet" for name in names)
        assert all(pq.read_table(path).num_rows for path in kept.iterdir())
    else:
        assert {path.name for path in kept.iterdir()} == set(names)
        recorded = {
            record["id"]: record["results"]["paradigms"]["main"]["boundaries"] for record in records(tmp_path / "out")
        }
        opened = {
            path.name: sim.open_results(path).summary["paradigms"]["main"]["boundaries"] for path in kept.iterdir()
        }
        assert recorded == opened


def test_where_every_worker_dies_it_stops_and_says_so(lab, tmp_path):
    lab.order(every=["perish"])
    with pytest.raises(
        ResultsError, match="10 points in a row killed their workers and none ended in between; run one of"
    ):
        run(lab.sweep(more="limits: {attempts: 1}\n"), tmp_path / "out")
    assert {record["status"] for record in records(tmp_path / "out")} == {"killed"}
    assert len(records(tmp_path / "out")) == 10
    assert alive(lab.workers()) == []


def test_what_failed_is_tried_again_in_another_turn_and_the_one_that_ended_well_counts(lab, tmp_path):
    lab.order({3: ["slip"], 4: ["slip"], 5: ["perish"]})
    file, out = lab.sweep(6, more="limits: {attempts: 1}\n"), tmp_path / "out"
    assert run(file, out).status.counts == {"ok": 3, "failed": 2, "killed": 1}
    assert run(file, out).status.counts == {"ok": 3, "failed": 2, "killed": 1}
    lab.order({4: ["slip"]})
    assert run(file, out, again=("failed", "killed")).status.counts == {"ok": 5, "failed": 1}
    named = number_of(out)
    turns = sorted((named[record["id"]], record["turn"], record["status"]) for record in records(out))
    again = [(3, 1, "failed"), (3, 2, "ok"), (4, 1, "failed"), (4, 2, "failed"), (5, 1, "killed"), (5, 2, "ok")]
    assert turns == [(1, 1, "ok"), (2, 1, "ok"), *again, (6, 1, "ok")]
    rows = {named[row["point"]]: row["status"] for row in sweeps.open_sweep(out).table.to_pylist()}
    assert rows == {1: "ok", 2: "ok", 3: "ok", 4: "failed", 5: "ok", 6: "ok"}


def test_a_worker_of_another_version_refuses(lab, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.study.sweep.folder.model_version", lambda compute: "aiceberg 99")
    with pytest.raises(UsageError, match=r"planned for aiceberg 99, this worker has aiceberg .*; install the same"):
        run(lab.sweep(4), tmp_path / "out")
    assert records(tmp_path / "out") == []
    assert lab.ran() == {}


def test_progress_counts_up_tells_failures_and_when_it_will_be_done(lab, tmp_path):
    lab.order({2: ["slip"]}, every=["sleep", 0.05])
    told = []
    run(lab.sweep(), tmp_path / "out", report=told.append)
    done = [sum(step.counts.values()) for step in told]
    assert done == sorted(done)
    assert [step.left for step in told] == [40 - count for count in done]
    assert told[-1].counts == {"ok": 39, "failed": 1}
    assert told[-1].left == 0
    expected_s = [step.left_s for step in told if step.left_s is not None]
    assert expected_s
    assert all(isfinite(left_s) and 0 <= left_s < 60 for left_s in expected_s)


def test_two_drivers_of_one_sweep_share_it(lab, tmp_path):
    lab.order(every=["sleep", 0.3])
    file, out = lab.sweep(60), tmp_path / "out"
    with driver(*SWEEPER, file, out, "local") as one, driver(*SWEEPER, file, out, "local") as other:
        told = [each.communicate(timeout=90) for each in (one, other)]
    assert ([one.returncode, other.returncode], told) == ([0, 0], [("", "")] * 2)
    assert set(lab.ran()) == set(range(1, 61))
    assert sum(lab.ran().values()) <= 60 + 20  # what two workers begin in the two seconds between looks, and one each
    lab.order()
    run(file, tmp_path / "alone")
    assert table(out) == table(tmp_path / "alone")
    assert list((out / "drivers").iterdir()) == []


def test_drivers_of_two_plans_of_one_folder_do_not_disturb_each_other(lab, tmp_path):
    lab.order(every=["sleep", 0.05])
    files, out = (lab.sweep(30), lab.sweep(40, name="other")), tmp_path / "out"
    with driver(*SWEEPER, files[0], out, "local") as one, driver(*SWEEPER, files[1], out, "local") as other:
        told = [each.communicate(timeout=90) for each in (one, other)]
    assert ([one.returncode, other.returncode], told) == ([0, 0], [("", "")] * 2)
    lab.order()
    for file, count in zip(files, (30, 40), strict=True):
        begun = sum(lab.ran().values())
        assert run(file, out).status.counts == {"ok": count}
        assert sum(lab.ran().values()) == begun
        run(file, tmp_path / "alone" / file.stem)
        assert table(out) == table(tmp_path / "alone" / file.stem)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode and os.environ.get("CI") == "true":
        pytest.fail(f"no small disk to test with: {done.stderr}")
    if done.returncode:
        pytest.skip(f"no small disk to test with: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], timeout=20, check=True)


@pytest.mark.parametrize("keep", ["nothing", "ticks", "folder"])
def test_a_full_disk_stops_it_and_nothing_is_lost(cli, lab, small_disk, keep):
    file, out, filler = lab.sweep(more=f"keep: {keep}\n"), small_disk / "out", small_disk / "filler"
    filler.write_bytes(b"." * (512 - {"nothing": 40, "ticks": 60, "folder": 300}[keep]) * 1024)
    command = ("sweep", "run", str(file), "-o", str(out), "-j", "2")
    done = cli(*command)
    kept = len(results(out))
    told = re.fullmatch(
        r"(.*): no room is left for the records; (\d+) of 40 points are done and kept; (.*)\n", done.stderr
    )
    assert (done.returncode, done.stdout, bool(told)) == (2, "", True), done.stderr
    assert told.group(1, 3) == (str(out), "make room, then run the same command again")
    assert 0 <= kept - int(told[2]) < 5  # the other worker went on until it was ended
    assert 0 < kept < 40
    again = cli(*command)
    assert again.returncode == 2, again.stderr
    assert "no room is left" in again.stderr
    filler.unlink()
    small = subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], timeout=20, check=True)
    assert small.returncode == 0
    done = cli(*command)
    assert (done.returncode, len(results(out))) == (0, 40), done.stderr
    assert not list(out.rglob("*.partial"))


def test_an_engine_is_closed_whatever_its_sweep_came_to(lab, tmp_path, monkeypatch):
    closed = []
    monkeypatch.setattr(LocalPool, "close", lambda pool, close=LocalPool.close: (closed.append(pool), close(pool)))

    def stop(progress):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        run(lab.sweep(4), tmp_path / "out", report=stop)
    assert len(closed) == 1
    assert list((tmp_path / "out" / "drivers").iterdir()) == []


def test_a_batch_is_of_its_plan_and_not_of_the_newest(lab, tmp_path):
    out = tmp_path / "out"
    run(lab.sweep(2), out)
    (plan,) = (path.stem for path in (out / "plans").glob("*.json"))
    run(lab.sweep(3, more="keep: ticks\n", name="other"), out)
    kept = sorted((out / "kept").iterdir())
    first = {row["pue"]: row for row in sweeps.open_sweep(out).table.to_pylist()}[1.001]
    point = Point(first["point"], {sweep_work.PUE: 1.001, "seed": first["seed"]}, turn=2)
    assert run_batch(Batch(str(out), (point,), OBEY, plan)) == [(point.id, "ok")]
    assert sorted((out / "kept").iterdir()) == kept
    assert json.loads((out / "sweep.json").read_text(encoding="utf-8"))["plan"] != plan
