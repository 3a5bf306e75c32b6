"""The cores of a host, shared fairly by the threads that run on it.

    speed of a thread = speed of a core x min(1, cores / threads)
    load              = min(threads, cores) / cores

A thread runs on one core at most; more threads than cores take equal turns, infinitely
short (processor sharing). All threads have one speed, so one virtual time V, the FLOP that
a thread would have done since the beginning, serves all: work that begins at V is done at
V + its FLOP. V is as fine as the clock, speed x 1 unit in its last place. A change costs
O(log n) however many run. No cost of switching, no memory bandwidth, no clock that falls
with load.

Watts: what the host draws at rest is `unassigned`; what it draws above that is split over
those who compute, as their threads. The host is in service from its making on.
Source of the model: Kleinrock 1967, "Time-shared systems: a theoretical treatment".
"""

import heapq
import math
from collections.abc import Generator
from itertools import count

import simpy

from simulator.engine.ledger import Ledger
from simulator.engine.meter import Meter
from simulator.hardware.power_fields import Power
from simulator.vocabulary import UNASSIGNED


class Task:
    """Threads that began together with equal work; `done` is the event to wait for."""

    __slots__ = ("activity", "done", "running", "tag_flop", "threads", "workload")

    def __init__(self, done: simpy.Event, threads: int, tag_flop: float, workload: str, activity: str) -> None:
        self.done, self.threads, self.tag_flop = done, threads, tag_flop
        self.workload, self.activity = workload, activity
        self.running = True


class Cores:
    """The cores of one host: its asset name, how many, FLOP per second of each, and its watts by load."""

    __slots__ = (
        "_asset",
        "_env",
        "_ledger",
        "_meters",
        "_numbers",
        "_power",
        "_progress_flop",
        "_queue",
        "_settling",
        "_since_s",
        "_threads",
        "_wake",
        "cores",
        "speed_flop_per_s",
    )

    def __init__(
        self, env: simpy.Environment, ledger: Ledger, asset: str, cores: int, speed_flop_per_s: float, power: Power
    ) -> None:
        """Raises AssertionError without a core or a speed: both are checked where they are read."""
        assert cores >= 1, (asset, cores)
        assert 0 < speed_flop_per_s < math.inf, (asset, speed_flop_per_s)
        self._env, self._ledger, self._asset, self._power = env, ledger, asset, power
        self.cores, self.speed_flop_per_s = cores, speed_flop_per_s
        self._queue: list[tuple[float, int, Task]] = []
        self._numbers = count()
        self._threads: dict[tuple[str, str], int] = {}
        self._progress_flop, self._since_s = 0.0, env.now
        self._wake: simpy.Event | None = None
        self._settling = False
        self._meters: dict[str, Meter] = {}
        Meter(ledger, asset).draw(power(0.0), UNASSIGNED, "idle")

    @property
    def threads(self) -> int:
        """How many threads run at present."""
        return sum(self._threads.values())

    @property
    def load(self) -> float:
        """Busy cores over cores."""
        return min(self.threads, self.cores) / self.cores

    def compute(
        self, threads: int, work_flop: float, workload: str, activity: str = "compute"
    ) -> Generator[simpy.Event, None, None]:
        """Run so many threads of so many FLOP each and wait until all are done: `yield from cores.compute(…)`.

        Whoever is interrupted meanwhile gives the cores back. Raises what `start` raises.
        """
        task = self.start(threads, work_flop, workload, activity)
        try:
            yield task.done
        finally:
            self.cancel(task)

    def start(self, threads: int, work_flop: float, workload: str, activity: str = "compute") -> Task:
        """Begin so many threads of so many FLOP each; only `cancel` or the end gives the cores back.

        Raises AssertionError without a thread, or for work that is negative or endless.
        """
        assert threads >= 1, (self._asset, threads)
        assert 0 <= work_flop < math.inf, (self._asset, work_flop)
        self._pass()
        tag_flop = self._progress_flop + work_flop
        task = Task(self._env.event(), threads, tag_flop, workload, activity)
        key = activity, workload
        self._threads[key] = self._threads.get(key, 0) + threads
        heapq.heappush(self._queue, (tag_flop, next(self._numbers), task))
        self._change()
        return task

    def cancel(self, task: Task) -> float:
        """Stop a task and return the FLOP that each of its threads had still to do; 0 if it is done."""
        if not task.running:
            return 0.0
        self._pass()
        self._leave(task)
        self._change()
        return max(0.0, task.tag_flop - self._progress_flop)

    def _speed(self) -> float:
        return self.speed_flop_per_s * min(1.0, self.cores / self.threads)

    def _pass(self) -> None:
        now_s = self._env.now
        if self._threads:
            self._progress_flop += self._speed() * (now_s - self._since_s)
        self._since_s = now_s

    def _leave(self, task: Task) -> None:
        task.running = False
        key = task.activity, task.workload
        self._threads[key] -= task.threads
        if not self._threads[key]:
            del self._threads[key]

    def _change(self) -> None:
        """Report and plan once for all changes of this instant, after them."""
        self._wake = None
        if not self._settling:
            self._settling = True
            self._env.timeout(0.0).callbacks.append(self._settle)

    def _settle(self, _: simpy.Event) -> None:
        self._settling = False
        self._report()
        while self._queue and not self._queue[0][2].running:
            heapq.heappop(self._queue)
        if self._queue:
            left_flop = self._queue[0][0] - self._progress_flop
            self._wake = self._env.timeout(max(0.0, left_flop / self._speed()))
            self._wake.callbacks.append(self._complete)

    def _complete(self, wake: simpy.Event) -> None:
        if wake is not self._wake:
            return  # planned before something changed
        self._progress_flop, self._since_s = self._queue[0][0], self._env.now
        while self._queue and self._queue[0][0] <= self._progress_flop:
            task = heapq.heappop(self._queue)[2]
            if task.running:
                self._leave(task)
                task.done.succeed()
        self._change()

    def _report(self) -> None:
        rest_w, threads = self._power(0.0), self.threads
        above_w = self._power(self.load) - rest_w
        shares: dict[str, dict[str, float]] = {activity: {} for activity in self._meters}
        for (activity, workload), own in self._threads.items():
            shares.setdefault(activity, {})[workload] = above_w * own / threads
        for activity, powers_w in shares.items():
            if activity not in self._meters:
                self._meters[activity] = Meter(self._ledger, self._asset)
            self._meters[activity].share(powers_w, activity)
