"""The folder of a sweep: what is planned, what was recorded; any number of drivers and workers write to it.

    sweep.json             which plan is the newest
    plans/ID.json          a plan: the sweep, its base scenario, what computes it; never changed
    plans/ID.parquet       its points in their order: id, factors, row of the sample, repeat, seed
    records/*.jsonl        what points came to, a file a worker (records.py)
    kept/, overruns/       what `keep` asks for; where a point was when its time was over
    results.parquet        the table, written by `collect`

A plan is called by the hash of its content, so that drivers with other plans do not disturb each
other; every file that changes is put in place by one rename.
"""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import ResultsError
from simulator.record.store import read_json, sealed, to_json, write_table
from simulator.study.sweep.load import Factor
from simulator.study.sweep.plan import Plan, model_version
from simulator.study.sweep.scale import find_numbers
from simulator.study.sweep.spec import UNIT

FORMAT = "aiceberg-sweep/1"
NEWEST = "sweep.json"
RECORDS, PLANS, KEPT, OVERRUNS, DRIVERS = "records", "plans", "kept", "overruns", "drivers"


class Kept(NamedTuple):
    """A plan as its folder holds it: its id, its document, and the table of its points."""

    id: str
    document: dict[str, Any]
    design: pa.Table


def check_folder(folder: Path) -> None:
    """Raises ResultsError if the folder of a sweep is to be where something else is."""
    if folder.exists() and not folder.is_dir():
        raise ResultsError(str(folder), "is a file", "choose another `-o`")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / NEWEST).exists() and not (folder / PLANS).is_dir():
        names = ", ".join(sorted(path.name for path in folder.iterdir())[:3])
        raise ResultsError(str(folder), f"holds other things than a sweep ({names})", "choose another `-o`")


def open_folder(folder: Path) -> None:
    """Make the folder of a sweep; raises ResultsError if it holds something else, or cannot be written."""
    check_folder(folder)
    try:
        for part in (PLANS, RECORDS):  # plans first: by them a driver that comes just now knows what it is
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(str(folder), f"cannot be written ({error.strerror})", "choose another `-o`") from None


def write_plan(folder: Path, plan: Plan) -> str:
    """Keep a plan, name it the newest, and return its id; raises OSError where there is no room."""
    document, design = sealed(_document(plan)), _design(plan)
    named = hashlib.sha256(to_json(document).encode())
    for column in design.column("point").to_pylist():
        named.update(column.encode())
    plan_id = named.hexdigest()[:12]
    newest_text = to_json({"format": FORMAT, "plan": plan_id})
    with suppress(OSError):  # it is there as it is, perhaps in a folder that is to be read alone
        is_newest = (folder / NEWEST).read_text(encoding="utf-8") == newest_text
        if is_newest and all((folder / PLANS / f"{plan_id}.{kind}").exists() for kind in ("json", "parquet")):
            return plan_id
    put(folder / PLANS / f"{plan_id}.parquet", lambda path: write_table(design, path))
    put(folder / PLANS / f"{plan_id}.json", lambda path: path.write_text(to_json(document), encoding="utf-8"))
    put(folder / NEWEST, lambda path: path.write_text(newest_text, encoding="utf-8"))
    return plan_id


def read_plan(folder: Path, plan_id: str | None = None) -> Kept:
    """A plan (the newest, if none is named); raises ResultsError where there is none, or another version's."""
    document = read_document(folder, plan_id or newest(folder))
    design = folder / PLANS / f"{document['id']}.parquet"
    try:
        return Kept(document["id"], document, pq.read_table(design))
    except (OSError, pa.ArrowInvalid) as error:
        raise ResultsError(
            str(folder), f"{design.name} is missing or damaged ({error})", "run the sweep again"
        ) from None


def newest(folder: Path) -> str:
    """The id of the newest plan of a folder."""
    if not is_sweep(folder):
        raise ResultsError(str(folder), f"has no {NEWEST}: no folder of a sweep", "give what `sweep run -o` wrote")
    found = read_json(folder, NEWEST)
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("plan"), str):
        raise ResultsError(str(folder), f"its {NEWEST} is not that of {FORMAT}", "run the sweep again, elsewhere")
    return str(found["plan"])


def read_document(folder: Path, plan_id: str) -> dict[str, Any]:
    """The document of a plan, with its id; raises ResultsError where it is not as it was written."""
    found = read_json(folder / PLANS, f"{plan_id}.json")
    if not isinstance(found, dict) or found != sealed(found):
        raise ResultsError(str(folder), f"its plan {plan_id} is not as it was written", "run the sweep again")
    return {**found, "id": plan_id}


def is_sweep(folder: Path) -> bool:
    """Whether a folder is that of a sweep."""
    return (folder / NEWEST).is_file()


def find_kept(folder: Path, keep: str, point: str) -> Path | None:
    """Where what is kept of a point beside its measures is, or will be; None where nothing is."""
    names = {"ticks": f"{point}.parquet", "folder": point}
    return folder / KEPT / names[keep] if keep in names else None


def put(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all; raises ResultsError where it cannot be."""
    partial = path.parent / f".{path.name}.{os.getpid()}.partial"
    try:
        write(partial)
        partial.replace(path)
    except OSError as error:
        state = f"{path.name} could not be written ({os.strerror(error.errno) if error.errno else error})"
        raise ResultsError(str(path.parent), state, "make room, or look at the permissions") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _document(plan: Plan) -> dict[str, Any]:
    sweep, spec = plan.sweep, plan.sweep.spec
    sample = None if spec.sample is None else spec.sample.model_dump(include={"method", "n", "seed", "levels"})
    return {
        "format": FORMAT,
        "name": spec.name,
        "source": sweep.source,
        "sweep": sweep.data,
        "model": model_version(plan.compute),
        "compute": plan.compute,
        "base": {"source": sweep.base.source, "text": sweep.base.text},
        "comparison": sweep.base.data.get("comparison"),
        "factors": [_factor(factor) for factor in sweep.factors],
        "sample": sample,
        "repeats": spec.repeats,
        "limits": {"time_s": spec.limits.time, "memory_b": spec.limits.memory, "attempts": spec.limits.attempts},
        "keep": spec.keep,
        "points": len(plan.points),
    }


def _factor(factor: Factor) -> dict[str, Any]:
    ends, numbers = factor.ends, find_numbers(factor.values)
    told = {} if ends is None else {"low": ends.low, "high": ends.high, "scale": ends.scale}
    unit = numbers[1] if numbers is not None else "" if ends is None else ends.unit
    return {"name": factor.name, "section": factor.section, "paths": list(factor.paths), "unit": unit, **told}


def _design(plan: Plan) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "point": pa.array([point.id for point in plan.points], pa.string()),
        "row": pa.array([point.row.sampled for point in plan.points], pa.int64()),
        "replicate": pa.array([point.replicate for point in plan.points], pa.int64()),
        "seed": pa.array([point.seed for point in plan.points], pa.int64()),
    }
    drawn = [factor.name for factor in plan.sweep.factors if factor.section == "sample"]
    for index, factor in enumerate(plan.sweep.factors):
        columns[factor.name] = _column(factor, [point.row.values[index] for point in plan.points])
    for index, name in enumerate(drawn):
        shares = [plan.unit[point.row.sampled, index] for point in plan.points]
        columns[UNIT + name] = pa.array(shares, pa.float64())
    return pa.table(columns)


def _column(factor: Factor, values: list[Any]) -> pa.Array:
    """Numbers as they are, quantities of one unit as numbers; all else as text, mappings and lists as JSON."""
    kinds = {type(value) for value in values}
    if kinds <= {int} and all(abs(value) < 2**63 for value in values):
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([float(value) for value in values], pa.float64())
    if factor.ends is not None:
        return pa.array([float(value.removesuffix(factor.ends.unit)) for value in values], pa.float64())
    numbers = find_numbers(factor.values)
    if numbers is not None:
        number_of = dict(zip(factor.values, numbers[0], strict=True))
        return pa.array([number_of[value] for value in values], pa.float64())
    return pa.array([value if isinstance(value, str) else json.dumps(value) for value in values], pa.string())
