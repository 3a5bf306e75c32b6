"""What workers of the sweep's tests do: functions that they import by name. The values of a batch's points say how."""

import os
import signal
import sys
import time
from pathlib import Path

from simulator.study.sweep.cluster import open_cluster
from simulator.study.sweep.engine import Batch, Point
from simulator.study.sweep.profile import load_profile

TESTS = str(Path(__file__).parent)


def importable() -> str:
    """PYTHONPATH under which a new interpreter finds this module too."""
    return os.pathsep.join(filter(None, [TESTS, os.environ.get("PYTHONPATH")]))


def a_batch(folder, *ids, **values):
    """A batch whose points all have the same values."""
    return Batch(str(folder), tuple(Point(name, values) for name in ids), "sweep_work:nothing")


def do(batch):
    """Leave `<id>.<pid>` in the folder for each point that began, then sleep for `sleep_s`; all is well."""
    for point in batch.points:
        (Path(batch.folder) / f"{point.id}.{os.getpid()}").touch()
        time.sleep(point.values.get("sleep_s", 0))
    return [(point.id, "ok") for point in batch.points]


def die(batch):
    """End the worker at once, as the kernel does when memory is out."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill_the_disk(batch):
    raise OSError(28, "No space left on device", batch.folder)


def be_wrong(batch):
    raise AssertionError(f"{len(batch.points)} points is one too many")


def need_what_is_not_there(batch):
    raise ModuleNotFoundError("No module named 'my_models'", name="my_models")


def all_ended(engine, batches, work=do, within_s=60.0):
    """Submit all, keep as many in flight as there are slots; what came back, in the order of the numbers."""
    waiting, flying, ended = dict(enumerate(batches)), 0, []
    end = time.monotonic() + within_s
    while (waiting or flying) and time.monotonic() < end:
        while waiting and flying < engine.slots:
            number = min(waiting)
            engine.submit(number, work, waiting.pop(number))
            flying += 1
        for one in engine.wait(1.0):
            ended.append(one)
            flying -= 1
    assert not waiting, f"{len(waiting)} of {len(batches)} were never submitted"
    assert not flying, f"{flying} never came back"
    return sorted(ended)


DRIVER = [sys.executable, "-c", "import sweep_work; sweep_work.drive()"]
"""The command of a driver to be killed: to be followed by engine, workers, folder, seconds of a batch, a profile."""


def drive():
    """Give each worker a batch and wait for ever."""
    engine_name, workers, folder, sleep_s, *profile = sys.argv[1:]
    engine = open_cluster(engine_name, int(workers), load_profile(profile[0]) if profile else None)
    for number in range(int(workers)):
        engine.submit(number, do, a_batch(folder, f"p{number}", sleep_s=float(sleep_s)))
    while True:
        engine.wait(1.0)
