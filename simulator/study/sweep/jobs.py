"""Jobs in a cluster's queue: submitted, and submitted anew when they are gone.

dask-jobqueue replaces a job whose worker it has seen and lost. It does not notice a job that
the queue refused, nor one that ended before its worker reported (a prologue that fails, a job
that was cancelled while it waited): those would be missing for ever, so we look after them.
"""

import subprocess
from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import Any

from simulator.errors import UsageError

_LOOK_EVERY_S = 10.0
_MOST_FRUITLESS = 3
"""How often all jobs may end without a worker of theirs having reported before we stop submitting them."""

_Told = subprocess.CompletedProcess[str]
_QUEUED: dict[str, tuple[list[str], Callable[[_Told], bool]]] = {
    "slurm": (["squeue", "-h", "-j"], lambda told: told.returncode == 0 and bool(told.stdout.strip())),
    "oar": (["oarstat", "-s", "-j"], lambda told: not any(word in told.stdout for word in ("Terminated", "Error"))),
    "pbs": (["qstat"], lambda told: told.returncode == 0),
}
"""What to ask about a job, and whether the answer means that it waits or runs."""


class Jobs:
    """The jobs of a dask-jobqueue cluster: `count` of them, whatever befalls them."""

    def __init__(self, cluster: Any, engine: str, count: int) -> None:
        self._cluster, self._engine, self.count = cluster, engine, count
        self._look_at_s = monotonic() + _LOOK_EVERY_S
        self._fruitless: set[str] = set()
        self._silent: set[str] = set()

    def submit(self) -> None:
        """Put all jobs in the queue; raises UsageError with the queue's own words where it refuses them."""
        refusal = self._cluster.sync(_submit, self._cluster, self.count)
        if refusal:
            command = self._cluster.job_cls.submit_command
            raise UsageError(command, f"it refuses the job: {refusal}", "mend the profile")
        # not `scale`: that never replaces a job
        self._cluster.adapt(minimum_jobs=self.count, maximum_jobs=self.count, interval="1s")

    def look_after(self) -> None:
        """Submit anew what is gone without dask's noticing; raises UsageError where jobs end again and again.

        Looks every ten seconds however often it is called.
        """
        if monotonic() < self._look_at_s:
            return
        self._look_at_s = monotonic() + _LOOK_EVERY_S
        jobs = {name: job.job_id for name, job in list(self._cluster.workers.items())}
        silent = {name for name in jobs if not self._reported(name)}
        if len(silent) < len(jobs):
            self._fruitless.clear()
        # those that were silent last time too: a worker takes seconds to report
        ended = {name for name in silent & self._silent if jobs[name] and not self._queued(jobs[name])}
        self._silent = silent
        self._fruitless.update(jobs[name] for name in ended)
        self._give_up_if_fruitless()
        gone = ended | {name for name, job_id in jobs.items() if not job_id}
        if gone:
            self._settle()
            self._cluster.sync(self._cluster.scale_down, gone)

    def close(self) -> None:
        """Take all jobs out of the queue."""
        self._settle()
        self._cluster.close()

    def _settle(self) -> None:
        """Let dask close although there are jobs that were never submitted, which it takes for a fault of its own."""
        for job in self._cluster.workers.values():
            if not job.job_id:
                job.status = type(job.status).failed

    def _reported(self, name: str) -> bool:
        workers = self._cluster.scheduler_info["workers"].values()
        return any(str(worker["name"]) == name or str(worker["name"]).startswith(f"{name}-") for worker in workers)

    def _queued(self, job_id: str) -> bool:
        command, means_queued = _QUEUED[self._engine]
        try:
            told = subprocess.run([*command, job_id], capture_output=True, text=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return True  # a queue that does not answer now says nothing about the job
        return means_queued(told) or "onnect" in told.stderr

    def _give_up_if_fruitless(self) -> None:
        if len(self._fruitless) >= _MOST_FRUITLESS * self.count:
            state = f"{len(self._fruitless)} jobs ended before a worker of theirs reported"
            remedy = (
                "read what they wrote (`log_directory` of the profile), mend its `job_script_prologue` or `interface`"
            )
            raise UsageError(f"--engine {self._engine}", state, remedy)


async def _submit(cluster: Any, count: int) -> str | None:
    """Submit jobs until there are `count`; what the queue said if it refused one."""
    while len(cluster.worker_spec) < count:
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        await cluster
    except (RuntimeError, ValueError) as error:  # of the command, and of an answer without a job's number
        text = str(error)
        return " ".join((text.rpartition("stderr:\n")[2].strip() or text).split())
    return None


def jobs_for(workers: int, per_job: int) -> int:
    """How many jobs hold so many workers.

    >>> jobs_for(9, per_job=4)
    3
    """
    return ceil(workers / per_job)
