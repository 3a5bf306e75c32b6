"""Batches on processes of this machine, without dask: who is lost with a worker, and that none outlives its driver."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sweep_work
from sweep_work import a_batch, all_ended

from simulator.study.sweep.engine import Ended
from simulator.study.sweep.local import LocalPool, cores

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells


@pytest.fixture
def pool():
    opened = LocalPool(2)
    yield opened
    opened.close()


def alive(pids):
    """Those that run; one that nobody reaped does not."""
    return [pid for pid in pids if state(pid) not in ("", "Z")]


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def pids(folder):
    return {int(path.suffix[1:]) for path in folder.iterdir()}


def wait_until(condition, within_s=20.0):
    end = time.monotonic() + within_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition(), f"not within {within_s:g} s"


def test_each_batch_brings_back_how_its_points_ended_from_as_many_processes_as_were_asked_for(pool, tmp_path):
    ended = all_ended(pool, [a_batch(tmp_path, f"a{n}", f"b{n}", sleep_s=0.1) for n in range(6)])
    assert ended == [Ended(n, [(f"a{n}", "ok"), (f"b{n}", "ok")]) for n in range(6)]
    assert len(pids(tmp_path) - {os.getpid()}) == pool.slots == 2


def test_waiting_takes_as_long_as_it_may_where_nothing_ends(pool, tmp_path):
    pool.submit(0, sweep_work.do, a_batch(tmp_path, "a", sleep_s=600))
    began_s = time.monotonic()
    assert pool.wait(0.3) == []
    assert 0.25 < time.monotonic() - began_s < 5


def test_a_worker_that_dies_loses_its_batch_alone_and_is_replaced(pool, tmp_path):
    pool.submit(0, sweep_work.do, a_batch(tmp_path, "a", sleep_s=2))
    pool.submit(1, sweep_work.die, a_batch(tmp_path, "poison"))
    first = pool.wait(30)
    pool.submit(2, sweep_work.do, a_batch(tmp_path, "b"))
    ended = sorted([*first, *pool.wait(30), *pool.wait(30)])
    assert ended == [Ended(0, [("a", "ok")]), Ended(1, None), Ended(2, [("b", "ok")])]


def test_workers_that_die_while_they_have_nothing_to_do_are_replaced(pool, tmp_path):
    all_ended(pool, [a_batch(tmp_path, f"a{n}", sleep_s=0.3) for n in range(2)])
    idle = pids(tmp_path)
    for pid in idle:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not alive(idle))
    ended = all_ended(pool, [a_batch(tmp_path, f"b{n}") for n in range(2)])
    assert {one.number for one in ended} == {0, 1}
    ended = all_ended(pool, [a_batch(tmp_path, f"c{n}") for n in range(2)])
    assert ended == [Ended(n, [(f"c{n}", "ok")]) for n in range(2)]


def test_a_full_disk_is_an_answer(pool, tmp_path):
    (ended,) = all_ended(pool, [a_batch(tmp_path, "a")], sweep_work.fill_the_disk)
    assert (ended.number, ended.statuses, ended.error.errno) == (0, None, 28)


def test_an_error_of_our_own_comes_out_of_wait_and_leaves_no_worker(tmp_path):
    pool = LocalPool(1)
    all_ended(pool, [a_batch(tmp_path, "a")])
    with pytest.raises(AssertionError, match="1 points is one too many"):
        all_ended(pool, [a_batch(tmp_path, "b")], sweep_work.be_wrong)
    pool.close()
    assert alive(pids(tmp_path)) == []


def test_closing_ends_workers_that_are_busy_at_once(tmp_path):
    pool = LocalPool(2)
    for number in range(2):
        pool.submit(number, sweep_work.do, a_batch(tmp_path, f"a{number}", sleep_s=600))
    wait_until(lambda: len(pids(tmp_path)) == 2)
    began_s = time.monotonic()
    pool.close()
    assert time.monotonic() - began_s < 3
    assert alive(pids(tmp_path)) == []


def started(folder, **more):
    """A driver whose two workers are busy for ten minutes."""
    environment = {**os.environ, "PYTHONPATH": sweep_work.importable()}
    command = [*sweep_work.DRIVER, "local", "2", str(folder), "600"]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **more)


def test_workers_end_within_two_seconds_of_a_driver_that_is_killed(tmp_path):
    with started(tmp_path) as driver:
        try:
            wait_until(lambda: len(pids(tmp_path)) == 2)
            driver.send_signal(signal.SIGKILL)
            wait_until(lambda: not alive(pids(tmp_path)), within_s=2.0)
        finally:
            driver.kill()


def spawned(driver):
    """The workers of a driver, however little of them is there yet."""
    children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text(encoding="utf-8").split()
    return [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_ctrl_c_reaches_the_driver_alone_even_while_workers_start(tmp_path):
    """A terminal sends it to all of them; one alone says so."""
    with started(tmp_path, start_new_session=True) as driver:
        try:
            wait_until(lambda: len(spawned(driver)) == 2)
            os.killpg(driver.pid, signal.SIGINT)
            told = driver.communicate(timeout=30)[1]
        finally:
            driver.kill()
    assert told.count("KeyboardInterrupt") == 1, told


def test_there_is_a_worker_for_each_processor_that_we_may_use():
    asked = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    asked += "from simulator.study.sweep.local import cores; print(cores())"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)
    assert (told.stdout, 1 <= cores() <= os.cpu_count()) == ("1\n", True)
