"""What workers of the sweep's tests do: functions that they import by name. The values of a batch's points say how."""

import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from simulator import sweeps
from simulator.errors import UsageError
from simulator.study.sweep.engine import Batch, Point
from simulator.study.sweep.work import simulate

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
    engine = sweeps.opener(engine_name, int(workers), profile[0] if profile else None)()
    try:
        for number in range(int(workers)):
            engine.submit(number, do, a_batch(folder, f"p{number}", sleep_s=float(sleep_s)))
        while True:
            engine.wait(1.0)
    finally:
        engine.close()


OBEY = "sweep_work:obey"
SWEEPER = [sys.executable, "-c", "import sweep_work; sweep_work.sweep()"]
"""The command of a driver of a whole sweep whose points obey: to be followed by sweep, folder, engine, a profile."""


def sweep():
    file, out, engine_name, *profile = sys.argv[1:]
    sweeps.sweep(file, out, engine=engine_name, workers=2, profile=profile[0] if profile else None, compute=OBEY)


def in_time(report=None, within_s=90.0):
    """A report that ends a sweep which hangs."""
    end = time.monotonic() + within_s

    def watched(progress):
        assert time.monotonic() < end, f"not done within {within_s:g} s: {progress}"
        if report is not None:
            report(progress)

    return watched


BASE = """\
name: lab
world: {datacenters: {lab: {grid: FR, pue: 1.2, devices: {gpu: {model: a100-sxm4-40gb, count: 1}}}}}
workloads:
  - train: {at: lab/gpu, time: 8 h, utilisation: 1.0}
"""


class Lab:
    """Sweeps whose points are numbered (by their `pue`) and do as they are ordered; who ran what is kept in `ran/`."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "ran").mkdir(parents=True)
        (folder / "base.yaml").write_text(BASE, encoding="utf-8")
        self.order()

    def sweep(self, count=40, more="", name="lab"):
        """The file of a sweep of so many points."""
        numbers = ", ".join(f"{1 + number / 1000:g}" for number in range(1, count + 1))
        text = f"name: {name}\nbase: base.yaml\ngrid: {{pue: {{path: {PUE}, values: [{numbers}]}}}}\n{more}"
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def order(self, orders=None, every=()):
        """What befalls which number, and all others, before they simulate: deeds below, with what each takes."""
        text = json.dumps({**{str(number): deed for number, deed in (orders or {}).items()}, "every": list(every)})
        (self.folder / "orders.json").write_text(text, encoding="utf-8")

    def ran(self):
        """How often each number was begun."""
        return Counter(int(path.name.split(".")[0]) for path in (self.folder / "ran").iterdir())

    def workers(self):
        """The processes that ran points, the latest last."""
        marks = sorted(
            (path.name.split(".") for path in (self.folder / "ran").iterdir()), key=lambda mark: int(mark[2])
        )
        return [int(pid) for _, pid, _ in marks]


PUE = "world.datacenters.lab.pue"


def obey(loaded, keep):
    """Leave a mark, do what this number is ordered to do, then simulate."""
    folder = Path(loaded.source).parent
    number = round(1000 * (loaded.data["world"]["datacenters"]["lab"]["pue"] - 1))
    (folder / "ran" / f"{number}.{os.getpid()}.{time.time_ns()}").touch()
    orders = json.loads((folder / "orders.json").read_text(encoding="utf-8"))
    deed, *told = orders.get(str(number)) or orders["every"] or ["nothing"]
    found = DEEDS[deed](*told)
    return simulate(loaded, keep) if found is None else found


def perish():
    os.kill(os.getpid(), signal.SIGKILL)


def slip():
    raise KeyError("no such thing")


def refuse():
    raise UsageError("this point", "is refused", "choose another")


def spin():
    """Compute for a quarter of an hour without ever letting go of the interpreter."""
    from numba import njit

    @njit("int64(int64)")
    def turn(times):
        state = 1
        for _ in range(times):
            state = (state * 6364136223846793005 + 1442695040888963407) & 0x7FFFFFFFFFFFFFFF
        return state

    turn(10**12)


def eat(size_bytes):
    import numpy as np

    np.ones(int(size_bytes), dtype=np.uint8)


DEEDS = {
    "nothing": lambda: None,
    "perish": perish,
    "slip": slip,
    "refuse": refuse,
    "sleep": time.sleep,
    "spin": spin,
    "eat": eat,
    "quit": sys.exit,
    "say": lambda found: found,
}
"""What may befall a point."""


def lines(out):
    """All lines of the records of a sweep that are of points, as they stand there."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((out / "records").glob("*.jsonl"))]
    assert all(text.endswith("\n") for text in texts if text), "a line is torn"
    return [line for text in texts for line in text.splitlines() if not line.startswith('{"worker"')]


def records(out):
    """All records of a sweep."""
    return [json.loads(line) for line in lines(out)]


def results(out):
    """What is recorded of each point as the bytes that it was written in, provenance left out."""
    found = {}
    for line in lines(out):
        told = line.partition('"results": ')[2].rpartition(', "provenance"')[0]
        point = line.partition('"id": "')[2][:16]
        assert found.setdefault(point, told) == told, "two runs of a point came to different bytes"
    return found


def table(out):
    """The bytes of the collected table."""
    return sweeps.open_sweep(out).collect().read_bytes()
