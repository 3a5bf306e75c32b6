"""Whole sweeps in jobs of a real Slurm: what they come to is what they come to here, whatever happens to the jobs."""

import signal
import subprocess
import time
from collections import Counter

import pytest
from sweep_work import OBEY, SWEEPER, in_time, lines, records, results, table

from simulator import sweeps

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells


@pytest.fixture
def on_slurm(slurm):
    """Run a sweep whose points obey in the queue, which is empty again afterwards."""

    def run(file, out, report=None):
        more = {"engine": "slurm", "profile": slurm.profile, "report": in_time(report)}
        return sweeps.sweep(file, out, compute=OBEY, **more)

    yield run
    wait_until(lambda: not slurm.jobs())


def wait_until(condition, within_s=30.0):
    end = time.monotonic() + within_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition(), f"not within {within_s:g} s"


def local(file, out):
    return sweeps.sweep(file, out, workers=2, compute=OBEY, report=in_time())


def test_forty_points_in_jobs_are_the_bytes_of_those_here_though_some_kill_or_raise(lab, on_slurm, tmp_path):
    lab.order({7: ["slip"], 20: ["perish"]})
    file = lab.sweep()
    for run, out in ((on_slurm, tmp_path / "slurm"), (local, tmp_path / "local")):
        assert run(file, out).status.counts == {"ok": 38, "failed": 1, "killed": 1}
    assert (lab.ran()[20], set(lab.ran())) == (6, set(range(1, 41)))
    assert sum(lab.ran().values()) < 2 * 39 + 6 + 20  # dask runs again what a dead worker had not handed over
    there, here = results(tmp_path / "slurm"), results(tmp_path / "local")
    assert len(there) == 40
    assert [name for name, found in there.items() if found != here[name]] == []
    assert table(tmp_path / "slurm") == table(tmp_path / "local")
    bad = {record["status"]: record for record in records(tmp_path / "slurm") if record["status"] != "ok"}
    assert (bad["killed"]["error"], bad["failed"]["error"]) == ("3 workers died of it", "KeyError: 'no such thing'")


def test_a_sweep_whose_jobs_are_all_cancelled_is_done_all_the_same(slurm, lab, on_slurm, tmp_path):
    lab.order(every=["sleep", 0.2])
    cancelled = []

    def cancel(progress):
        if not cancelled and len(lab.ran()) >= 13:
            cancelled.extend(slurm.jobs())
            slurm.call("scancel", *cancelled)

    found = on_slurm(lab.sweep(), tmp_path / "out", report=cancel)
    assert (len(cancelled), found.status.counts) == (2, {"ok": 40})
    assert len(results(tmp_path / "out")) == 40
    assert Counter(lab.ran().values())[1] >= 30  # again: what the two jobs had in hand


def test_a_driver_that_is_killed_leaves_no_job_and_its_sweep_goes_on_here(slurm, lab, tmp_path):
    lab.order(every=["sleep", 0.2])
    file, out = lab.sweep(), tmp_path / "out"
    with subprocess.Popen([*map(str, (*SWEEPER, file, out, "slurm", slurm.profile))]) as driver:
        try:
            wait_until(lambda: len(lab.ran()) >= 15)
            driver.send_signal(signal.SIGKILL)
        finally:
            driver.kill()
    wait_until(lambda: not slurm.jobs())
    done = {record["id"] for record in records(out)}
    assert 10 <= len(done) < 40
    lab.order()
    before = lab.ran()
    assert local(file, out).status.counts == {"ok": 40}
    assert len(lines(out)) == 40
    assert sum((lab.ran() - before).values()) == 40 - len(done)
    local(file, tmp_path / "whole")
    assert table(out) == table(tmp_path / "whole")
