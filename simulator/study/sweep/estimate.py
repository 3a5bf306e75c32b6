"""How long a sweep will take: from what its points took so far, else from a few that are tried for it."""

import tempfile
import time
from pathlib import Path

from simulator.study.sweep.engine import Batch, Point
from simulator.study.sweep.folder import open_folder, write_plan
from simulator.study.sweep.local import LocalPool
from simulator.study.sweep.run import Prepared
from simulator.study.sweep.work import run_batch

TRY_S = 20.0
"""For how long points are tried, at most, twice: the first one imports and compiles."""
_KNOWN = 1000


def find_point_s(prepared: Prepared) -> float | None:
    """The mean seconds that a point takes on a warm worker; None where none ended in time."""
    known = [point.id for point in prepared.plan.points if point.id in prepared.records.standing][:_KNOWN]
    found = [record["provenance"].get("wall_s") for _, record in prepared.records.documents(known)]
    walls_s = [wall_s for wall_s in found if wall_s is not None]
    if walls_s or not prepared.left:
        return sum(walls_s) / len(walls_s) if walls_s else None
    left = prepared.left
    chosen = {point.id: point for point in (left[0], left[len(left) // 2], left[-1])}
    return _find_tried_s(prepared, tuple(chosen.values()))


def _find_tried_s(prepared: Prepared, points: tuple[Point, ...]) -> float | None:
    with tempfile.TemporaryDirectory() as name:
        open_folder(Path(name))
        plan = write_plan(Path(name), prepared.plan)
        pool = LocalPool(1)
        try:
            for number, chosen in enumerate((points[:1], points)):
                began_s = time.monotonic()
                pool.submit(number, run_batch, Batch(name, chosen, prepared.plan.compute, plan))
                ended = pool.wait(TRY_S)
                if not ended or ended[0].statuses is None:
                    return None
            return (time.monotonic() - began_s) / len(points)
        finally:
            pool.close()
