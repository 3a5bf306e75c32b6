"""What a worker does: runs points one after the other and writes down what each came to.

What is the same for all points (the plan, the atlas, compiled code) is made once a process. A
point that raises is a record like another; a disk that is full ends the batch. Beyond its time
limit the process ends itself by a watchdog that needs no interpreter lock, and leaves the place
where the point was in `overruns/`: who drives reads there that it was the time.
"""

import faulthandler
import json
import os
import platform
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from simulator.errors import SimulatorError, StaleError, UsageError
from simulator.footprint.power_log import tick_table
from simulator.record.store import write_folder, write_table
from simulator.scenario.load import Loaded, as_texts, load_text
from simulator.scenario.run import Outcome, run_scenario
from simulator.scenario.whole import peak_memory_bytes, tick_of, whole
from simulator.study.sweep.engine import Batch, Point
from simulator.study.sweep.folder import OVERRUNS, find_kept, put, read_document
from simulator.study.sweep.measures import measures
from simulator.study.sweep.plan import model_version, point_id
from simulator.study.sweep.records import FAILED, OK, Writer
from simulator.units import BITS_PER_BYTE

NO_ROOM = (ENOSPC, EDQUOT)
_JOB_IDS = ("SLURM_JOB_ID", "OAR_JOB_ID", "PBS_JOBID")

Keep = Callable[[Outcome], None]
Compute = Callable[[Loaded, Keep], dict[str, Any]]
"""From a checked scenario to what is recorded of it; hands what ran to `Keep`, which keeps what the sweep asks for."""


def simulate(loaded: Loaded, keep: Keep) -> dict[str, Any]:
    """Run a point and say what it came to."""
    outcome = run_scenario(loaded)
    keep(outcome)
    return measures(outcome)


def run_batch(batch: Batch) -> list[tuple[str, str]]:
    """Run the points of a batch; which ended how. Raises OSError where there is no room for the records."""
    desk = _desk(batch.folder, batch.plan, batch.compute)
    if desk.writer.is_gone:  # the folder is another one of the same name: workers of a scheduler outlive sweeps
        _desk.cache_clear()
        desk = _desk(batch.folder, batch.plan, batch.compute)
    return [(point.id, desk.run(point)) for point in batch.points]


class _Desk(NamedTuple):
    """What a worker has at hand for the points of one plan."""

    folder: Path
    document: dict[str, Any]
    compute: Compute
    writer: Writer

    def run(self, point: Point) -> str:
        began_s = time.time()
        attempt = _Attempt()
        with self._watched(point), attempt:
            loaded = load_text(self.document["base"]["text"], self.document["base"]["source"], as_texts(point.values))
            self._check(point, loaded)
            attempt.results = self.compute(loaded, lambda outcome: self._keep(point, loaded, outcome, began_s))
            json.dumps(attempt.results, allow_nan=False)  # what cannot be written is the failure of this point alone
        status = OK if attempt.error is None else FAILED
        told = {"results": attempt.results} if attempt.error is None else attempt.failure(self.document["limits"])
        provenance = {"began_s": began_s, "wall_s": time.time() - began_s, "peak_memory_bytes": peak_memory_bytes()}
        self.writer.add(point.id, status, point.turn, {**told, "provenance": provenance})
        return status

    def _check(self, point: Point, loaded: Loaded) -> None:
        """Refuse to record under a name what is not that: a file that the scenario names may be another one by now."""
        source = self.document["base"]["source"]
        if point_id(loaded.data, Path(source).parent, self.document["compute"]) != point.id:
            remedy = "start the command again: the sweep is then planned anew"
            raise StaleError(str(self.folder), f"a file that {source} names has changed since it was planned", remedy)

    @contextmanager
    def _watched(self, point: Point) -> Any:
        limit_s = self.document["limits"]["time_s"]
        if limit_s is None:
            yield
            return
        path = self.folder / OVERRUNS / f"{point.id}.txt"
        path.parent.mkdir(exist_ok=True)
        with path.open("w") as file:
            faulthandler.dump_traceback_later(limit_s, exit=True, file=file)
            try:
                yield
            finally:
                faulthandler.cancel_dump_traceback_later()
        path.unlink()

    def _keep(self, point: Point, loaded: Loaded, outcome: Outcome, began_s: float) -> None:
        kept = find_kept(self.folder, self.document["keep"], point.id)
        if kept is None:
            return
        kept.parent.mkdir(exist_ok=True)
        if self.document["keep"] == "folder":
            tables, manifest, documents = whole(loaded, outcome, began_s)
            write_folder(kept, tables, documents, manifest, force=True)
            return
        log = tick_table(outcome.tables, tick_of(loaded.spec, outcome.summary))
        put(kept, lambda path: write_table(log, path))


class _Attempt:
    """Catches whatever a point raises, for a sweep goes on: but not that there is no room, or that it is to stop."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}
        self.error: BaseException | None = None

    def __enter__(self) -> "_Attempt":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if not isinstance(error, Exception | SystemExit) or isinstance(error, StaleError):
            return False
        no_room = find_no_room(error)
        if no_room is not None:
            raise no_room from None
        self.error = error
        return True

    def failure(self, limits: dict[str, Any]) -> dict[str, Any]:
        """What is recorded of it: a sentence, and where it happened unless that is the user's to mend."""
        assert self.error is not None
        if isinstance(self.error, SimulatorError):
            return {"error": str(self.error)}
        sentence = f"{type(self.error).__name__}: {self.error}".rstrip(": ")
        if isinstance(self.error, MemoryError) and limits["memory_b"] is not None:
            sentence = f"more memory than its limit of {limits['memory_b'] / BITS_PER_BYTE / 1e9:g} GB ({sentence})"
        return {"error": sentence, "traceback": "".join(traceback.format_exception(self.error))}


def find_no_room(error: BaseException) -> OSError | None:
    """That there is no room left, if that is what an error comes from: itself, or what was raised for it."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in NO_ROOM:
            return found
        found = found.__context__
    return None


@lru_cache(maxsize=1)
def _desk(folder: str, plan: str, compute: str) -> _Desk:
    """The desk of this process; raises UsageError where this machine would compute something else than was planned."""
    document = read_document(Path(folder), plan)
    if document["model"] != model_version(compute):
        state = f"planned for {document['model']}, this worker has {model_version(compute)}"
        raise UsageError(folder, state, "install the same version on all machines, or plan the sweep again")
    _limit_memory(document["limits"]["memory_b"])
    module, _, name = compute.partition(":")
    found: Compute = getattr(import_module(module), name)
    return _Desk(Path(folder), document, found, Writer(Path(folder), _worker()))


def _limit_memory(memory_b: float | None) -> None:
    if sys.platform == "linux":  # elsewhere it bounds something else, or nothing
        import resource  # Unix only

        most = resource.getrlimit(resource.RLIMIT_DATA)[1]
        size_bytes = most if memory_b is None else int(memory_b / BITS_PER_BYTE)
        if most != resource.RLIM_INFINITY:
            size_bytes = min(size_bytes, most)
        resource.setrlimit(resource.RLIMIT_DATA, (size_bytes, most))


def _worker() -> dict[str, Any]:
    job = next((os.environ[name] for name in _JOB_IDS if name in os.environ), None)
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "job": job,
        "python": platform.python_version(),
        "model": model_version(),
        "began_s": time.time(),
    }
