"""Workers on this machine: each a process of its own, begun anew when it dies.

One executor a worker, so that a process which dies takes down its own batch and no other
(one executor for all would fail whatever waits: BrokenProcessPool). Processes are spawned, not
forked: threads of numba and pyarrow do not survive a fork. A worker ends with its driver,
however that ends: a thread of it waits for nothing else.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for

from simulator.study.sweep.engine import Batch, Ended, Work

Statuses = list[tuple[str, str]]


class LocalPool:
    """So many worker processes; an `Engine`."""

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self._context = multiprocessing.get_context("spawn")
        self._idle = [self._begin() for _ in range(workers)]
        self._busy: dict[Future[Statuses], tuple[int, ProcessPoolExecutor]] = {}

    def submit(self, number: int, work: Work, batch: Batch) -> None:
        """Hand a batch to a worker that has none."""
        with _deaf_to_ctrl_c():  # that has its effect after the last line, where `close` finds this worker too
            try:
                future = self._idle[-1].submit(work, batch)
            except BrokenProcessPool:  # it died while it had nothing to do
                self._idle.pop().shutdown(wait=False)
                self._idle.append(self._begin())
                future = self._idle[-1].submit(work, batch)
            self._busy[future] = number, self._idle.pop()

    def wait(self, timeout_s: float) -> list[Ended]:
        """The batches that ended; a worker that died is begun anew."""
        done, _ = wait(self._busy, timeout_s, FIRST_COMPLETED)
        return [self._ended(future) for future in done]

    def close(self) -> None:
        """Kill all workers."""
        executors = [*self._idle, *(executor for _, executor in self._busy.values())]
        for executor in executors:
            for process in list((executor._processes or {}).values()):
                process.kill()
            executor.shutdown(wait=True, cancel_futures=True)

    def _ended(self, future: Future[Statuses]) -> Ended:
        number, executor = self._busy.pop(future)
        if isinstance(future.exception(), BrokenProcessPool):
            executor.shutdown(wait=False)
            self._idle.append(self._begin())
            return Ended(number, None)
        self._idle.append(executor)
        try:
            return Ended(number, future.result())
        except OSError as error:
            return Ended(number, None, error)

    def _begin(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=self._context, initializer=_end_with_driver)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Block Ctrl-C, which a terminal sends to all: a process that begins now inherits that, and leaves it to us."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_driver() -> None:
    """Have this process end when the one that began it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    driver = multiprocessing.parent_process()
    assert driver is not None

    def watch() -> None:
        wait_for([driver.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
