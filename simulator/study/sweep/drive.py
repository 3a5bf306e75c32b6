"""Points to workers until every one has a record: batches, workers that die, progress, other drivers.

A batch lasts about half a second, so that handing it over costs nothing; near the end batches are
small, so that no worker is left with the rest. When a worker dies, the first point of its batch
that has no record is what it died of: that one runs alone from then on, and is `killed` when it
took `attempts` workers with it, or `timeout` where it left an overrun. All others go on as if
nothing had happened. Several drivers may work on one folder: each leaves out what it sees
recorded by others, and one that comes second begins at the other end.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simulator.errors import ResultsError, UsageError
from simulator.study.sweep.engine import Batch, Ended, Engine, Point
from simulator.study.sweep.folder import OVERRUNS
from simulator.study.sweep.others import Presence
from simulator.study.sweep.records import KILLED, TIMEOUT, Records, Writer
from simulator.study.sweep.work import NO_ROOM, run_batch

_BATCH_S = 0.5
_MOST_IN_A_BATCH = 200
_WAIT_S = 0.2
_LOOK_EVERY_S = 2.0
_MOST_KILLED_IN_A_ROW = 10
"""So many points that each kill their workers, none ending in between: the machines are at fault, not they."""


class Progress(NamedTuple):
    """How far a sweep has come: points by status, those still to do, seconds since it began, seconds to go."""

    counts: dict[str, int]
    left: int
    spent_s: float
    left_s: float | None


Report = Callable[[Progress], None]


class Task(NamedTuple):
    """What a driver is to do: points of one plan of a folder, and how each is computed."""

    folder: Path
    plan: str
    points: Sequence[Point]
    compute: str
    attempts: int


def drive(task: Task, engine: Engine, records: Records, report: Report) -> None:
    """Have an engine run points, each to a record of its turn; raises ResultsError where no room is left."""
    driver = Driver(task, engine, records, report)
    with Presence(task.folder, task.plan) as presence:
        if presence.others():
            driver.todo.reverse()
        while driver.todo or driver.flight:
            driver.hand_out()
            for ended in engine.wait(_WAIT_S):
                driver.take(ended)
            if presence.is_time(_LOOK_EVERY_S) and presence.others():
                driver.leave_out()
            driver.tell()


class Driver:
    """The points that are still to do, those in flight, and those that are suspected of killing workers."""

    def __init__(self, task: Task, engine: Engine, records: Records, report: Report) -> None:
        self.todo = deque(task.points)
        self.flight: dict[int, tuple[Point, ...]] = {}
        self._task, self._engine, self._records, self._report = task, engine, records, report
        self._deaths: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._began_s = time.monotonic()
        self._point_s = _BATCH_S
        self._first_s: float | None = None
        self._begun_s: dict[int, float] = {}
        self._number = self._killed_in_a_row = self._stillborn = 0
        self._files = records.files
        self._writer: Writer | None = None

    def hand_out(self) -> None:
        """Give every worker that has none a batch."""
        while self.todo and len(self.flight) < self._engine.slots:
            points = self._next_batch()
            self._number += 1
            self.flight[self._number] = points
            self._begun_s[self._number] = time.monotonic()
            task = self._task
            self._engine.submit(self._number, run_batch, Batch(str(task.folder), points, task.compute, task.plan))

    def take(self, ended: Ended) -> None:
        """Note what a batch did."""
        points = self.flight.pop(ended.number)
        spent_s = time.monotonic() - self._begun_s.pop(ended.number)
        if ended.error is not None:
            raise self._stopped(ended.error)
        if ended.statuses is None:
            self._lost(points)
            return
        self._point_s = spent_s / len(points)
        self._first_s = self._first_s or time.monotonic()
        self._killed_in_a_row = 0
        for _, status in ended.statuses:
            self._counts[status] += 1

    def leave_out(self) -> None:
        """Drop what others have done in the meantime."""
        self._records.refresh()
        done = [point for point in self.todo if self._is_done(point)]
        if done:
            self._counts.update(self._records.standing[point.id].status for point in done)
            self.todo = deque(point for point in self.todo if not self._is_done(point))

    def tell(self) -> None:
        """Say how far it has come."""
        left = len(self.todo) + sum(map(len, self.flight.values()))
        now_s, done = time.monotonic(), sum(self._counts.values())
        left_s = None
        if self._first_s is not None and done > 1:  # what came before was starting the workers
            left_s = left * (now_s - self._first_s) / (done - 1)
        self._report(Progress(dict(self._counts), left, now_s - self._began_s, left_s))

    def _next_batch(self) -> tuple[Point, ...]:
        first = self.todo.popleft()
        if self._deaths[first.id]:
            return (first,)
        fair = -(-len(self.todo) // (2 * self._engine.slots))
        size = max(1, min(int(_BATCH_S / max(self._point_s, 1e-6)), fair, _MOST_IN_A_BATCH))
        found = [first]
        while len(found) < size and self.todo and not self._deaths[self.todo[0].id]:
            found.append(self.todo.popleft())
        return tuple(found)

    def _lost(self, points: tuple[Point, ...]) -> None:
        """A worker died: of the first of its points that has no record."""
        self._records.refresh()
        self._check_begun()
        left = [point for point in points if not self._is_done(point)]
        self._counts.update(self._records.standing[p.id].status for p in points if self._is_done(p))
        if not left:
            return
        if not self._has_begun():
            self.todo.extendleft(reversed(left))
            return
        suspect, innocent = left[0], left[1:]
        overrun = self._task.folder / OVERRUNS / f"{suspect.id}.txt"
        where = overrun.read_text(encoding="utf-8", errors="replace") if overrun.is_file() else ""
        self._deaths[suspect.id] += 1
        self.todo.extendleft(reversed(innocent))
        if where:
            self._record(suspect, TIMEOUT, {"error": "took longer than its limit", "traceback": where})
            overrun.unlink(missing_ok=True)
        elif self._deaths[suspect.id] >= self._task.attempts:
            deaths = self._deaths[suspect.id]
            self._record(suspect, KILLED, {"error": f"{deaths} worker{'s' if deaths > 1 else ''} died of it"})
            self._killed_in_a_row += 1
            self._check_machines()
        else:
            self.todo.appendleft(suspect)

    def _check_begun(self) -> None:
        """A worker opens its records before its first point: where none did, it is not the points that they die of."""
        if self._has_begun():
            return
        self._stillborn += 1
        if self._stillborn > self._task.attempts:
            state = f"{self._stillborn} workers ended before they began"
            remedy = "in a script of your own, call it under `if __name__ == '__main__':`; else look at what they wrote"
            raise UsageError(str(self._task.folder), state, remedy)

    def _has_begun(self) -> bool:
        return self._first_s is not None or self._records.files > self._files

    def _check_machines(self) -> None:
        if self._killed_in_a_row >= _MOST_KILLED_IN_A_ROW:
            state = f"{self._killed_in_a_row} points in a row killed their workers and none ended in between"
            remedy = "run one of them with `aiceberg run`, look at memory, then `aiceberg sweep retry`"
            raise ResultsError(str(self._task.folder), state, remedy)

    def _record(self, point: Point, status: str, told: dict[str, Any]) -> None:
        try:
            if self._writer is None:
                self._writer = Writer(self._task.folder, {"driver": True})
            provenance = {"deaths": self._deaths[point.id], "noted": time.time()}
            self._writer.add(point.id, status, point.turn, {**told, "provenance": provenance})
        except OSError as error:
            raise self._stopped(error) from None
        self._counts[status] += 1

    def _is_done(self, point: Point) -> bool:
        return is_done(self._records, point)

    def _stopped(self, error: OSError) -> Exception:
        """What is said where the records cannot be written; an error of another kind is no matter of room."""
        if error.errno not in NO_ROOM:
            return error
        self._records.refresh()
        done = sum(self._is_done(point) for point in self._task.points)
        state = f"no room is left for the records; {done} of {len(self._task.points)} points are done and kept"
        return ResultsError(str(self._task.folder), state, "make room, then run the same command again")


def is_done(records: Records, point: Point) -> bool:
    """Whether a point has a record of its turn, or of a later one."""
    found = records.standing.get(point.id)
    return found is not None and found.turn >= point.turn
