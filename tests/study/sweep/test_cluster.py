"""Batches on processes of this machine and on a scheduler that somebody else started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sweep_work
from sweep_work import a_batch, all_ended

from simulator.errors import UsageError
from simulator.study.sweep import extra
from simulator.study.sweep.cluster import open_cluster
from simulator.study.sweep.engine import Ended

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells

THEIRS = {
    "n_workers": 1,
    "threads_per_worker": 1,
    "memory_limit": 0,
    "dashboard_address": ":0",
    "scheduler_kwargs": {"dashboard": False},
}
"""A scheduler and a worker that somebody else started."""


@pytest.fixture(scope="module")
def engine():
    opened = open_cluster("dask", 2)
    yield opened
    opened.close()


def pids(folder):
    return {int(path.suffix[1:]) for path in folder.iterdir()}


def alive(pid):
    """Whether a process runs; one that nobody reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, within_s=20.0):
    end = time.monotonic() + within_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition(), f"not within {within_s:g} s"


def test_each_batch_brings_back_how_its_points_ended(engine, tmp_path):
    ended = all_ended(engine, [a_batch(tmp_path, f"a{n}", f"b{n}") for n in range(9)])
    assert ended == [Ended(n, [(f"a{n}", "ok"), (f"b{n}", "ok")]) for n in range(9)]


def test_batches_run_in_as_many_processes_as_were_asked_for_and_not_in_ours(engine, tmp_path):
    all_ended(engine, [a_batch(tmp_path, f"a{n}", sleep_s=0.1) for n in range(8)])
    assert len(pids(tmp_path) - {os.getpid()}) == 2


def test_every_worker_has_work_and_a_batch_waits_for_whoever_is_done_first(engine):
    assert engine.slots == 2 + 2


def test_waiting_takes_as_long_as_it_may_where_nothing_ends(engine):
    began_s = time.monotonic()
    assert engine.wait(0.3) == []
    assert 0.25 < time.monotonic() - began_s < 5


def test_a_worker_that_is_killed_loses_its_batch_alone_and_is_replaced(engine, tmp_path):
    engine.submit(7, sweep_work.die, a_batch(tmp_path, "poison"))
    assert all_ended_of(engine, 1) == [Ended(7, None)]
    ended = all_ended(engine, [a_batch(tmp_path, f"a{n}", sleep_s=0.3) for n in range(8)])
    assert [one.statuses for one in ended] == [[(f"a{n}", "ok")] for n in range(8)]
    assert len(pids(tmp_path)) == 2


def all_ended_of(engine, count, within_s=30.0):
    found, end = [], time.monotonic() + within_s
    while len(found) < count and time.monotonic() < end:
        found += engine.wait(1.0)
    return sorted(found)


def test_a_full_disk_is_an_answer(engine, tmp_path):
    ended = all_ended(engine, [a_batch(tmp_path, "a")], sweep_work.fill_the_disk)
    assert [(one.number, one.statuses, one.error.errno) for one in ended] == [(0, None, 28)]


def test_an_error_of_our_own_comes_out_of_wait(engine, tmp_path):
    with pytest.raises(AssertionError, match="1 points is one too many"):
        all_ended(engine, [a_batch(tmp_path, "a")], sweep_work.be_wrong)


def test_a_module_that_a_worker_has_not_is_named_with_what_to_do(engine, tmp_path):
    with pytest.raises(UsageError, match=r"cannot import my_models; .*job_script_prologue"):
        all_ended(engine, [a_batch(tmp_path, "a")], sweep_work.need_what_is_not_there)


def test_closing_ends_workers_that_are_busy_at_once(tmp_path):
    engine = open_cluster("dask", 1)
    engine.submit(0, sweep_work.do, a_batch(tmp_path, "a", sleep_s=600))
    wait_until(lambda: pids(tmp_path))
    began_s = time.monotonic()
    engine.close()
    assert time.monotonic() - began_s < 3
    assert [pid for pid in pids(tmp_path) if alive(pid)] == []


def test_workers_end_when_the_driver_is_killed(tmp_path):
    environment = {**os.environ, "PYTHONPATH": sweep_work.importable()}
    driver = subprocess.Popen([*sweep_work.DRIVER, "dask", "2", str(tmp_path), "600"], env=environment)
    wait_until(lambda: len(pids(tmp_path)) == 2)
    children = {*pids(tmp_path), *below(driver.pid)}
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    wait_until(lambda: not [pid for pid in children if alive(pid)])


def below(pid):
    """All processes that a process started, and those that they did."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rpartition(") ")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended just now
    children = {child for child, parent in parents.items() if parent == pid}
    return children.union(*(below(child) for child in children))


def test_a_scheduler_that_is_there_is_joined_by_its_address_and_outlives_us(tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(**THEIRS) as theirs:
        for _ in range(2):
            engine = open_cluster(theirs.scheduler_address)
            assert engine.slots == 1 + 2
            assert all_ended(engine, [a_batch(tmp_path, "a")]) == [Ended(0, [("a", "ok")])]
            engine.close()


def test_a_scheduler_that_goes_away_takes_the_batches_with_it_and_then_nothing_more_is_submitted(tmp_path):
    distributed = pytest.importorskip("distributed")
    theirs = distributed.LocalCluster(**THEIRS)
    engine = open_cluster(theirs.scheduler_address)
    engine.submit(3, sweep_work.do, a_batch(tmp_path, "a", sleep_s=600))
    wait_until(lambda: pids(tmp_path))
    theirs.close()
    assert all_ended_of(engine, 1) == [Ended(3, None)]
    with pytest.raises(UsageError, match="the scheduler: it is gone"):
        engine.submit(4, sweep_work.do, a_batch(tmp_path, "b"))
    engine.close()


@pytest.mark.parametrize(
    ("engine", "profile", "sentence"),
    [
        ("slrum", None, "there is no such engine; did you mean `slurm`"),
        ("dask", {"cores": 1}, "it submits no jobs, so it has no profile"),
        ("oar", None, "it wants a profile; copy `oar-gricad` or `oar-grid5000`"),
        ("pbs", {"engine": "oar"}, "the profile is for oar"),
        ("tcp://127.0.0.1:1", None, "no scheduler answers"),
        ("tcp://nowhere:1", None, "no scheduler answers"),
        ("tcp://nowhere", None, "is no address of a scheduler; write such as tcp://node1:8786"),
        ("http://x", None, "is no address of a scheduler"),
    ],
)
def test_what_cannot_be_opened_says_why_and_what_to_do(engine, profile, sentence, monkeypatch):
    monkeypatch.setattr("simulator.study.sweep.cluster._CONNECT_S", 0.5)
    with pytest.raises(UsageError, match=sentence):
        open_cluster(engine, 1, profile)


@pytest.mark.parametrize(("engine", "command"), [("slurm", "sbatch"), ("pbs", "qsub")])
def test_a_queue_whose_command_is_not_here_is_asked_for_on_the_front_end(engine, command, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=f"there is no `{command}` here; run this on the cluster's front end"):
        open_cluster(engine, 1)


def test_without_the_extra_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'aiceberg\[cluster\]'"):
        extra.require("distributed")


def shim(folder, name, *lines):
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def oar(tmp_path, monkeypatch):
    """A folder of commands that is looked in first, and a profile for an OAR that they play."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    shim(tmp_path, "oardel", f'echo "$@" >>{tmp_path}/deleted')
    return {"engine": "oar", "cores": 1, "memory": "1 GiB", "walltime": "00:10:00", "interface": "lo"} | {
        "memory_per_core_property_name": "not_applicable"
    }


def test_jobs_are_submitted_with_the_script_and_deleted_at_the_end(oar, tmp_path):
    shim(tmp_path, "oarsub", f'printf "%s\\n" "$@" >>{tmp_path}/submitted', "echo OAR_JOB_ID=$$")
    engine = open_cluster("oar", 2, oar)
    engine.close()
    submitted = (tmp_path / "submitted").read_text(encoding="utf-8")
    assert submitted.count("/nodes=1/core=1,walltime=00:10:00") == 2
    assert submitted.count("-m distributed.cli.dask_worker tcp://127.0.0.1:") == 2
    assert len((tmp_path / "deleted").read_text(encoding="utf-8").split()) == 2


def test_a_job_that_the_queue_refuses_is_told_in_its_words(oar, tmp_path):
    shim(tmp_path, "oarsub", "echo '[ERROR] you have no project' >&2", "exit 5")
    with pytest.raises(UsageError, match=r"oarsub: it refuses the job: \[ERROR\] you have no project; mend the"):
        open_cluster("oar", 2, oar)


def test_jobs_that_end_before_their_worker_reports_are_submitted_again_but_not_for_ever(oar, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.study.sweep.jobs._LOOK_EVERY_S", 0.2)
    shim(tmp_path, "oarsub", f"echo job >>{tmp_path}/submitted", "echo OAR_JOB_ID=$$")
    shim(tmp_path, "oarstat", 'echo "$3 : Error"')
    engine = open_cluster("oar", 1, oar)
    try:
        with pytest.raises(UsageError, match="3 jobs ended before a worker of theirs reported; read what they wrote"):
            all_ended_of(engine, 1)
        assert (tmp_path / "submitted").read_text(encoding="utf-8").split() == ["job"] * 3
    finally:
        engine.close()


def test_a_job_that_is_refused_later_is_submitted_again(oar, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.study.sweep.jobs._LOOK_EVERY_S", 0.2)
    refuse = f"[ $(wc -l <{tmp_path}/submitted) = 2 ] && exit 1"
    shim(tmp_path, "oarsub", f"echo job >>{tmp_path}/submitted", refuse, "echo OAR_JOB_ID=$$")
    shim(tmp_path, "oarstat", f'[ $(wc -l <{tmp_path}/submitted) = 1 ] && echo "$3 : Error" || echo "$3 : Waiting"')
    engine = open_cluster("oar", 1, oar)
    try:
        end = time.monotonic() + 20
        while (tmp_path / "submitted").read_text(encoding="utf-8").count("job") < 3 and time.monotonic() < end:
            engine.wait(0.2)
    finally:
        engine.close()
    assert (tmp_path / "submitted").read_text(encoding="utf-8").count("job") == 3
