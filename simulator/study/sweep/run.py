"""A sweep from its file to its records: what is there already is left out, the rest is run."""

import shutil
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from simulator.errors import ResultsError, UsageError
from simulator.study.sweep.drive import Report, Task, drive
from simulator.study.sweep.engine import SIMULATE, Engine, Point
from simulator.study.sweep.folder import KEPT, check_folder, find_kept, is_sweep, newest, open_folder, write_plan
from simulator.study.sweep.load import LoadedSweep
from simulator.study.sweep.others import drivers
from simulator.study.sweep.plan import Plan, build_plan
from simulator.study.sweep.records import FAILED, KILLED, OK, TIMEOUT, Records, Writer
from simulator.study.sweep.trial import try_values
from simulator.study.sweep.work import NO_ROOM

AGAIN = (FAILED, TIMEOUT, KILLED)
"""What `retry` runs again."""

Open = Callable[[], Engine]


class Prepared(NamedTuple):
    """A sweep that is about to run: its plan, by which id its folder has it, what is done and what is left."""

    plan: Plan
    folder: Path
    plan_id: str
    records: Records
    left: list[Point]

    @property
    def size(self) -> int:
        """How many points it has; some rows of a design may be one and the same."""
        return len({point.id for point in self.plan.points})


def look(sweep: LoadedSweep, folder: Path, compute: str = SIMULATE) -> Prepared:
    """Check a sweep, plan it, and see what of it a folder has already, if there is one; writes nothing.

    Raises ScenarioError with all that is wrong, ResultsError where the folder is something else.
    """
    plan, records = _seen(sweep, folder, compute)
    return Prepared(plan, folder, "", records, points_left(plan, records, folder))


def _seen(sweep: LoadedSweep, folder: Path, compute: str) -> tuple[Plan, Records]:
    """A checked sweep's plan, and the records that its folder has already."""
    check_folder(folder)
    try_values(sweep)
    plan, records = build_plan(sweep, compute), Records(folder)
    records.refresh()
    return plan, records


def prepare(
    sweep: LoadedSweep,
    folder: Path,
    reuse: Sequence[Path] = (),
    again: Collection[str] = (),
    compute: str = SIMULATE,
) -> Prepared:
    """Check and plan a sweep in its folder, and see what of it is done, here or in those to `reuse`; runs nothing.

    `again` names the statuses that do not count as done. Raises ScenarioError with all that is wrong,
    ResultsError where a folder is none of a sweep or cannot be written.
    """
    plan, records = _seen(sweep, folder, compute)
    open_folder(folder)
    try:
        plan_id = write_plan(folder, plan)
        for other in reuse:
            _take_over(plan, records, folder, other)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise ResultsError(str(folder), "no room is left on its disk", "make room, or choose another `-o`") from None
    return Prepared(plan, folder, plan_id, records, points_left(plan, records, folder, again))


def points_left(plan: Plan, records: Records, folder: Path, again: Collection[str] = ()) -> list[Point]:
    """The points without a record, each once, in the order of the plan; those to be run again in their next turn.

    Again runs what stands in `again`, and what ended well before the sweep was to keep more of it.
    """
    keep = plan.sweep.spec.keep
    found: dict[str, Point] = {}
    for point in plan.points:
        known, kept = records.standing.get(point.id), find_kept(folder, keep, point.id)
        lacks = known is not None and known.status == OK and kept is not None and not kept.exists()
        if known is None or known.status in again or lacks:
            turn = 1 if known is None else known.turn + 1
            found.setdefault(point.id, Point(point.id, plan.values(point), turn))
    return list(found.values())


def run(prepared: Prepared, engine: Open, report: Report) -> Counter[str]:
    """Run what is left of a sweep; how many of its points stand how afterwards."""
    if prepared.left:
        workers = engine()
        try:
            attempts = prepared.plan.sweep.spec.limits.attempts
            task = Task(prepared.folder, prepared.plan_id, prepared.left, prepared.plan.compute, attempts)
            drive(task, workers, prepared.records, report)
        finally:
            workers.close()
            clear_kept(prepared.folder)
    return standing(prepared)


def clear_kept(folder: Path) -> None:
    """Remove what workers had half written when they were killed, once nobody is at work there."""
    if not drivers(folder):
        for partial in (folder / KEPT).glob(".*.partial"):
            partial.unlink() if partial.is_file() else shutil.rmtree(partial, ignore_errors=True)


def standing(prepared: Prepared) -> Counter[str]:
    """How many points of a sweep stand how."""
    prepared.records.refresh()
    known = prepared.records.standing
    return Counter(known[name].status for name in {point.id for point in prepared.plan.points} if name in known)


def _take_over(plan: Plan, records: Records, folder: Path, other: Path) -> None:
    """Copy the records of points that another sweep has and this one lacks, as they stand."""
    if other.resolve() == folder.resolve():
        raise UsageError(f"--reuse {other}", "is the sweep's own folder, whose records are used anyway", "leave it out")
    if not is_sweep(other):
        newest(other)  # says what is wrong with it
    theirs = Records(other)
    theirs.refresh()
    known = records.standing
    wanted = {point.id for point in plan.points if point.id not in known or known[point.id].status != OK}
    wanted &= {name for name, found in theirs.standing.items() if found.status == OK}
    if not wanted:
        return
    writer = Writer(folder, {"reused": str(other)})
    for name, record in theirs.documents(sorted(wanted)):
        rest = {key: value for key, value in record.items() if key not in ("id", "status", "turn")}
        writer.add(name, record["status"], record["turn"], rest)
    writer.close()
    records.refresh()
