"""Batches as jobs of a real Slurm."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
import sweep_work
from sweep_work import a_batch, all_ended

from simulator.errors import UsageError
from simulator.study.sweep.cluster import open_cluster
from simulator.study.sweep.engine import Ended
from simulator.study.sweep.profile import load_profile

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells


@pytest.fixture
def engine(slurm):
    opened = open_cluster("slurm", None, load_profile(str(slurm.profile)))
    yield opened
    opened.close()
    wait_until(lambda: not slurm.jobs())


def wait_until(condition, within_s=30.0):
    end = time.monotonic() + within_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    assert condition(), f"not within {within_s:g} s"


def began(folder):
    return {path.stem for path in folder.iterdir()}


def test_batches_run_in_jobs_of_the_queue(slurm, engine, tmp_path):
    ended = all_ended(engine, [a_batch(tmp_path, f"a{n}", f"b{n}", sleep_s=0.1) for n in range(10)])
    assert ended == [Ended(n, [(f"a{n}", "ok"), (f"b{n}", "ok")]) for n in range(10)]
    assert len({path.suffix for path in tmp_path.iterdir()}) == 2
    assert len(slurm.jobs()) == 2


def test_cancelled_jobs_take_their_batches_with_them_and_are_replaced(slurm, engine, tmp_path):
    for number in range(4):
        engine.submit(number, sweep_work.do, a_batch(tmp_path, f"a{number}", sleep_s=2.0))
    wait_until(lambda: len(began(tmp_path)) == 2)
    jobs = slurm.jobs()
    slurm.call("scancel", *jobs)
    lost = [one.number for one in wait_for(engine, 2)]
    for number in lost:
        engine.submit(number, sweep_work.do, a_batch(tmp_path, f"again{number}"))
    ended = wait_for(engine, 4)
    assert [(one.number, len(one.statuses)) for one in sorted(ended)] == [(n, 1) for n in range(4)]
    assert set(slurm.jobs()).isdisjoint(jobs)


def wait_for(engine, count, within_s=40.0):
    found, end = [], time.monotonic() + within_s
    while len(found) < count and time.monotonic() < end:
        found += engine.wait(1.0)
    assert len(found) == count
    return found


def test_a_job_that_was_cancelled_while_it_waited_is_submitted_again(slurm, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.study.sweep.jobs._LOOK_EVERY_S", 0.5)
    slurm.call("scontrol", "update", "PartitionName=all", "State=DOWN")
    engine = open_cluster("slurm", 1, load_profile(str(slurm.profile)))
    try:
        slurm.call("scancel", *slurm.jobs())
        slurm.call("scontrol", "update", "PartitionName=all", "State=UP")
        assert all_ended(engine, [a_batch(tmp_path, "a")]) == [Ended(0, [("a", "ok")])]
    finally:
        slurm.call("scontrol", "update", "PartitionName=all", "State=UP")
        engine.close()
    wait_until(lambda: not slurm.jobs())


def test_jobs_leave_the_queue_when_the_driver_is_killed(slurm, tmp_path):
    driver = subprocess.Popen([*sweep_work.DRIVER, "slurm", "2", str(tmp_path), "600", str(slurm.profile)])
    try:
        wait_until(lambda: len(began(tmp_path)) == 2)
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    wait_until(lambda: not slurm.jobs())
    workers = [int(path.suffix[1:]) for path in tmp_path.iterdir()]
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []


def test_a_worker_whose_time_is_over_hands_its_batch_to_the_next(slurm, tmp_path):
    profile = {
        **load_profile(str(slurm.profile)),
        "walltime": "00:00:06",  # it leaves after 5 s
        "job_directives_skip": ["-t"],  # or the queue, which looks every 30 s, may end it in the second that is left
    }
    engine = open_cluster("slurm", 1, profile)
    try:
        ended = all_ended(engine, [a_batch(tmp_path, f"a{n}", sleep_s=1.5) for n in range(5)])
        assert [one.statuses for one in ended] == [[(f"a{n}", "ok")] for n in range(5)]
    finally:
        engine.close()
    assert len({path.suffix for path in tmp_path.iterdir()}) >= 2


def test_jobs_whose_workers_cannot_import_us_are_given_up_with_where_to_read_why(slurm, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.study.sweep.jobs._LOOK_EVERY_S", 0.5)
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['simulator'] = None\n", encoding="utf-8")
    prologue = [f"export PYTHONPATH={tmp_path}"]
    engine = open_cluster("slurm", 1, {**load_profile(str(slurm.profile)), "job_script_prologue": prologue})
    try:
        with pytest.raises(UsageError, match="3 jobs ended before a worker of theirs reported"):
            all_ended(engine, [a_batch(tmp_path, "a")])
    finally:
        engine.close()
    assert any("No module named 'simulator" in path.read_text(encoding="utf-8") for path in slurm.logs.iterdir())
