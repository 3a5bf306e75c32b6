"""Batches on dask: processes of this machine, a scheduler that is there already, or jobs of a cluster's queue.

    dask               n processes of this machine
    tcp://host:port    the workers of a scheduler that somebody else started
    slurm, oar, pbs    jobs, each with a worker or more, as a profile says

What a batch did stands in files, so nothing here has to survive: a worker that dies takes its
batch with it and the driver decides whether to try again, dask does not. A worker has one
thread, no memory limit of dask's and no dashboard; it ends when the driver does.
"""

import logging
import os
import pickle
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from math import ceil
from shutil import which
from socket import create_connection
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from simulator.errors import UsageError
from simulator.scenario.sentences import nearest
from simulator.study.sweep.engine import Batch, Ended, Engine, Work
from simulator.study.sweep.extra import require
from simulator.study.sweep.jobs import Jobs, jobs_for
from simulator.study.sweep.profile import CLUSTERS, check_engine, keywords, load_profile, processes, shipped_profiles

ENGINES = ("dask", *CLUSTERS)
"""Those that are asked for by name; `tcp://host:port` (or tls://) is one too."""

_CONNECT_S = 10
_ADDRESS = re.compile(r"(?:tcp|tls)://([^/:]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})/?")
_SETTINGS = {
    # a batch whose worker died comes back at once; its attempts are the driver's to count
    "distributed.scheduler.allowed-failures": 0,
    # one batch at a worker, or a worker that dies takes one with it that never began
    "distributed.scheduler.worker-saturation": 1.0,
    # a compiled loop may hold the interpreter for as long as it takes: silence is not death, a closed socket is
    "distributed.scheduler.worker-ttl": None,
    # after which a job that is gone is replaced; dask waits 15 s
    "distributed.deploy.lost-worker-timeout": "2s",
}
_CHATTY = ("distributed", "distributed.client", "dask_jobqueue", "tornado.application", "asyncio")


def open_cluster(engine: str, workers: int | None = None, profile: Mapping[str, Any] | None = None) -> Engine:
    """Start workers, or connect to those of a scheduler: `dask`, `slurm`, `oar`, `pbs` or `tcp://host:port`.

    `workers` are processes; without, as many as the profile says, or a processor has cores. Without
    a profile, the one that travels with the package under the engine's name. Does not wait for jobs
    to run. Raises UsageError where the extra, the queue or the scheduler is not there.
    """
    if engine == "dask" or "://" in engine:
        if profile is not None:
            raise UsageError(f"--engine {engine}", "it submits no jobs, so it has no profile", "leave --profile out")
        return _opened(_connect if "://" in engine else _start_processes, engine, workers, {})
    if engine not in CLUSTERS:
        raise UsageError(f"--engine {engine}", "there is no such engine", nearest(engine, ENGINES))
    profile = _shipped(engine) if profile is None else profile
    check_engine(engine, profile)
    return _opened(_start_jobs, engine, workers or profile.get("workers"), profile)


def _shipped(engine: str) -> dict[str, Any]:
    if engine in shipped_profiles():
        return load_profile(engine)
    names = [name for name in shipped_profiles() if name.startswith(engine)]
    raise UsageError(f"--engine {engine}", "it wants a profile", f"copy `{'` or `'.join(names)}` and give its path")


def _opened(start: Any, engine: str, workers: int | None, profile: Mapping[str, Any]) -> Engine:
    """An engine of what `start` makes; nothing of it is left where that fails."""
    distributed = require("distributed")
    with ExitStack() as closing:
        closing.enter_context(_quiet())
        closing.enter_context(require("dask").config.set(_SETTINGS))
        client, slots, jobs = start(distributed, closing, engine, workers, profile)
        return _DaskEngine(distributed, client, slots, jobs, closing.pop_all())


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask tells of each worker that is lost, and the driver does so already."""
    loggers = [logging.getLogger(name) for name in _CHATTY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


_Started = tuple[Any, int, Jobs | None]


def _client(distributed: Any, closing: ExitStack, cluster: Any) -> Any:
    client = distributed.Client(cluster, set_as_default=False, timeout=_CONNECT_S)
    closing.callback(client.close)
    return client


def _start_processes(distributed: Any, closing: ExitStack, engine: str, workers: int | None, _: Any) -> _Started:
    slots = workers or os.cpu_count() or 1
    cluster = distributed.LocalCluster(
        n_workers=slots,
        threads_per_worker=1,
        memory_limit=0,
        dashboard_address=":0",  # its port is opened even where there is no dashboard
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    )
    closing.callback(cluster.close)
    client = _client(distributed, closing, cluster)
    closing.callback(_kill, cluster)
    return client, slots, None


def _kill(cluster: Any) -> None:
    """End the processes of this machine; dask would first give each four seconds to finish its batch."""
    for nanny in cluster.workers.values():
        nanny.close_gracefully()  # that is: do not start another
        if nanny.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, signal.SIGKILL)


def _connect(distributed: Any, closing: ExitStack, engine: str, workers: int | None, _: Any) -> _Started:
    address = _ADDRESS.fullmatch(engine)
    if address is None:
        raise UsageError(f"--engine {engine}", "is no address of a scheduler", "write such as tcp://node1:8786")
    try:
        create_connection((address[1].strip("[]"), int(address[2])), timeout=_CONNECT_S).close()  # dask tries on and on
        client = _client(distributed, closing, engine)
    except (OSError, ValueError, OverflowError) as error:  # nobody there; no port
        remedy = "start `dask scheduler` and its workers there first"
        raise UsageError(f"--engine {engine}", f"no scheduler answers: {error}", remedy) from None
    return client, workers or max(1, len(client.scheduler_info(n_workers=-1)["workers"])), None


def _start_jobs(
    distributed: Any, closing: ExitStack, engine: str, workers: int | None, profile: Mapping[str, Any]
) -> _Started:
    kind = getattr(require("dask_jobqueue"), CLUSTERS[engine])
    command = kind.job_cls.submit_command
    if which(command) is None:
        raise UsageError(f"--engine {engine}", f"there is no `{command}` here", "run this on the cluster's front end")
    try:
        cluster = kind(**keywords(profile))
    except (ImportError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise UsageError(f"--engine {engine}", f"dask-jobqueue says: {error}", "mend the profile") from None
    jobs = Jobs(cluster, engine, jobs_for(workers or processes(profile), processes(profile)))
    closing.callback(jobs.close)
    jobs.submit()
    return _client(distributed, closing, cluster), jobs.count * processes(profile), jobs


def run_pickled(payload: bytes) -> tuple[list[tuple[str, str]] | None, OSError | None]:
    """What a worker does with a pickled (work, batch); an error of the disk is an answer, not a failure of dask's."""
    over = Event()
    Thread(target=_leave, args=(require("distributed").get_worker(), over), daemon=True).start()
    try:
        work, batch = pickle.loads(payload)
        return work(batch), None
    except OSError as error:
        return None, error
    finally:
        over.set()


def _leave(worker: Any, over: Event) -> None:
    """End the process as soon as its worker closes: dask waits half a minute for a batch that nobody will hear of."""
    while not over.wait(1.0):
        if worker.status.name in ("closing", "closed"):
            os._exit(1)


class _DaskEngine:
    """Batches as futures of one client."""

    def __init__(self, distributed: Any, client: Any, workers: int, jobs: Jobs | None, closing: ExitStack) -> None:
        # the spare ones wait at dask's scheduler, at no worker: who is done need not wait for us to hear of it
        self.slots = workers + 1 + ceil(workers / 8)
        self._client, self._jobs, self._closing = client, jobs, closing
        self._killed = distributed.KilledWorker
        self._done = distributed.as_completed(loop=client.loop, with_results=True, raise_errors=False)
        self._numbers: dict[str, int] = {}
        # dask knows tasks by key, and forgets a key only some time after we do
        self._keys = (f"aiceberg-{uuid4().hex}-{turn}" for turn in count())

    def submit(self, number: int, work: Work, batch: Batch) -> None:
        if self._client.status != "running":
            raise UsageError("the scheduler", "it is gone", "start the command again: what is done is kept")
        key = next(self._keys)
        self._numbers[key] = number
        self._done.add(self._client.submit(run_pickled, pickle.dumps((work, batch)), key=key, pure=False))

    def wait(self, timeout_s: float) -> list[Ended]:
        if self._jobs is not None:
            self._jobs.look_after()
        with self._done.thread_condition:
            if not self._done.has_ready():
                self._done.thread_condition.wait(timeout_s)
        return [self._ended(future, outcome) for future, outcome in self._done.next_batch(block=False)]

    def _ended(self, future: Any, outcome: Any) -> Ended:
        number, status = self._numbers.pop(future.key), future.status
        future.release()
        if status == "finished":
            return Ended(number, *outcome)
        error = outcome[1] if status == "error" else None
        if error is None or isinstance(error, self._killed):
            return Ended(number, None)
        if isinstance(error, ModuleNotFoundError):
            remedy = "let the profile's `job_script_prologue` activate its environment or set PYTHONPATH"
            raise UsageError("a worker", f"it cannot import {error.name}", remedy) from error
        raise error

    def close(self) -> None:
        self._done.clear()
        self._closing.close()
