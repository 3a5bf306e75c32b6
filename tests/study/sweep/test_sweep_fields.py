"""Every field of every spec of sweep files changes something: no key of a sweep is read and forgotten.

Each entry of `CHANGES` is two sweeps that differ in one field. What can be seen of them without a run
must then differ: points and seeds, what the folder keeps of the plan, the table before the first record.
"""

from typing import Any, NamedTuple

import pytest
from shapes import specs
from strategies import AtOnce, a_sweep, run_sweep

import simulator as sim
from simulator.errors import UsageError
from simulator.record import store
from simulator.study.sweep import work
from simulator.study.sweep.collect import collect
from simulator.study.sweep.folder import open_folder, read_plan, write_plan
from simulator.study.sweep.load import load_sweep_text
from simulator.study.sweep.plan import build_plan
from simulator.study.sweep.records import Records
from simulator.study.sweep.run import prepare, run
from simulator.study.sweep.spec import Sweep
from simulator.study.sweep.work import NO_ROOM

TIME, UNITS, COUNT = "workloads.first.time", "workloads.first.units", "world.datacenters.lab.devices.gpus.count"
LOAD, PUE = "workloads.first.utilisation", "world.datacenters.lab.pue"
GRID = {"grid": {"x": {"path": TIME, "values": ["1 h", "2 h"]}}}
DRAWN = {"method": "lhs", "n": 4, "ranges": {"x": {"path": COUNT, "range": [8, 64]}}}
SAMPLED = {"sample": DRAWN}
SCREENED = {"sample": {**DRAWN, "method": "morris"}}


class Change(NamedTuple):
    """A sweep, and where in it another value stands."""

    base: dict[str, Any]
    path: str
    value: Any


CHANGES = {
    "Sweep.name": Change(GRID, "name", "other"),
    "Sweep.base": Change({**GRID, "base": "small/one_gpu", "grid": {"horizon": ["1 h", "2 h"]}}, "base", "small/queue"),
    "Sweep.overrides": Change(GRID, "overrides", {PUE: 1.5}),
    "Sweep.grid": Change(GRID, "grid", {"x": {"path": TIME, "values": ["1 h", "3 h"]}}),
    "Sweep.zip": Change(GRID, "zip", {UNITS: [1, 2]}),
    "Sweep.sample": Change(GRID, "sample", {**DRAWN, "ranges": {COUNT: [8, 64]}}),
    "Sweep.repeats": Change(GRID, "repeats", 2),
    "Sweep.seed": Change(GRID, "seed", 8),
    "Sweep.common_random_numbers": Change(GRID, "common_random_numbers", False),
    "Sweep.exclude": Change(GRID, "exclude", ["x == '2 h'"]),
    "Sweep.limits": Change(GRID, "limits", {"time": "1 h"}),
    "Sweep.keep": Change(GRID, "keep", "ticks"),
    "Values.path": Change(GRID, "grid.x.path", "horizon"),
    "Values.values": Change(GRID, "grid.x.values", ["1 h", "90 min"]),
    "Sample.method": Change(SAMPLED, "sample.method", "halton"),
    "Sample.n": Change(SAMPLED, "sample.n", 5),
    "Sample.seed": Change(SAMPLED, "sample.seed", 1),
    "Sample.levels": Change(SCREENED, "sample.levels", 6),
    "Sample.ranges": Change(SAMPLED, "sample.ranges", {"x": {"path": COUNT, "range": [8, 65]}}),
    "Range.path": Change(SAMPLED, "sample.ranges.x.path", "workloads.first.samples"),
    "Range.range": Change(SAMPLED, "sample.ranges.x.range", [9, 64]),
    "Range.scale": Change(SAMPLED, "sample.ranges.x.scale", "log"),
    "Range.whole": Change(SAMPLED, "sample.ranges.x.whole", True),
    "Limits.time": Change({**GRID, "limits": {"time": "1 h"}}, "limits.time", "2 h"),
    "Limits.memory": Change({**GRID, "limits": {"memory": "1 GB"}}, "limits.memory", "2 GB"),
    "Limits.attempts": Change(GRID, "limits.attempts", 1),
}
"""By field: a sweep, and the one value in which the other differs."""

ONLY_KEPT = {"Sweep.name", "Sweep.limits", "Sweep.keep", "Limits.time", "Limits.memory", "Limits.attempts"}
"""Fields that change no point: how the sweep is called, what its points may take, what is kept of them."""


FIELDS = {f"{spec.__name__}.{field}" for spec in set(specs(Sweep)) for field in spec.model_fields}


def changed(data: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """Plain data with the value of one path replaced."""
    step, *rest = path
    return {**data, step: changed(data.get(step, {}), rest, value) if rest else value}


def loaded(data: dict[str, Any]) -> Any:
    if "base" not in data:
        return a_sweep(data)
    return load_sweep_text(f"name: swept\nbase: {data['base']}\ngrid:\n  horizon: [1 h, 2 h]\n", "sweep.yaml")


def seen(data: dict[str, Any], folder: Any) -> dict[str, Any]:
    """What a sweep comes to before it runs: its points and how each is set, what its folder says of it, its table."""
    sweep = loaded(data)
    plan = build_plan(sweep)
    open_folder(folder)
    write_plan(folder, plan)
    kept = read_plan(folder)
    document = {key: value for key, value in kept.document.items() if key not in ("id", "sweep")}
    return {
        "points": [(point.id, point.seed) for point in plan.points],
        "values": [plan.values(point) for point in plan.points],
        "table": collect(kept, Records(folder)).to_pydict(),
        "document": document,
    }


def test_the_specs_of_all_parts_are_found():
    assert {"Sweep.repeats", "Values.path", "Range.scale", "Sample.levels", "Limits.memory"} <= FIELDS


def test_every_field_has_a_change_and_every_change_a_field():
    assert sorted(CHANGES) == sorted(FIELDS)
    assert FIELDS >= ONLY_KEPT


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_changes_what_is_planned(field, tmp_path):
    base, path, value = CHANGES[field]
    one, other = seen(base, tmp_path / "one"), seen(changed(base, path.split("."), value), tmp_path / "other")
    assert (one["points"] == other["points"]) == (field in ONLY_KEPT)
    if field in ONLY_KEPT:
        assert one["document"] != other["document"]


@pytest.mark.parametrize("field", sorted(ONLY_KEPT))
def test_what_only_is_kept_changes_no_result(field, tmp_path):
    base, path, value = CHANGES[field]
    one, other = seen(base, tmp_path / "one"), seen(changed(base, path.split("."), value), tmp_path / "other")
    assert one["values"] == other["values"]
    assert one["table"] == other["table"]


@pytest.mark.parametrize(
    ("keep", "found"),
    [("nothing", []), ("ticks", ["ID.parquet"]), ("folder", ["ID"])],
    ids=["nothing", "ticks", "folder"],
)
def test_what_is_to_be_kept_of_a_point_is_kept(keep, found, tmp_path):
    run_sweep(a_sweep({"grid": {TIME: ["1 h"]}, "keep": keep}), tmp_path)
    (point,) = build_plan(a_sweep({"grid": {TIME: ["1 h"]}})).points
    kept = tmp_path / "kept"
    assert sorted(path.name.replace(point.id, "ID") for path in kept.glob("*")) == found


def test_a_point_within_its_time_leaves_no_trace_of_the_limit(tmp_path):
    done = run_sweep(a_sweep({"grid": {TIME: ["1 h"]}, "limits": {"time": "1 h"}}), tmp_path)
    assert done.status.is_done, done.status
    assert list((tmp_path / "overruns").iterdir()) == []


def out_of_memory(loaded, keep):
    raise MemoryError


def broken(loaded, keep):
    raise ZeroDivisionError("of nothing")


def refused(loaded, keep):
    raise UsageError("lab", "is full", "wait")


def full(loaded, keep):
    raise OSError(NO_ROOM[0], "No space left on device")


def lost(loaded, keep):
    raise FileNotFoundError(2, "No such file", "atlas")


TOLD = {
    "out_of_memory": ({"memory": "900 GB"}, "more memory than its limit of 900 GB (MemoryError)", True),
    "broken": ({}, "ZeroDivisionError: of nothing", True),
    "refused": ({}, "lab: is full; wait", False),
    "lost": ({}, "FileNotFoundError: [Errno 2] No such file: 'atlas'", True),
}


@pytest.mark.parametrize(("name", "limits", "error", "traced"), [(k, *v) for k, v in TOLD.items()], ids=TOLD)
def test_a_point_that_raises_is_a_record_with_a_sentence(name, limits, error, traced, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_limit_memory", lambda memory_b: None)  # this process has other things to do
    sweep = a_sweep({"grid": {TIME: ["1 h", "2 h"]}, "limits": limits})
    done = run_sweep(sweep, tmp_path, f"{__name__}:{name}")
    assert done.status.counts == {"failed": 2}
    assert [failure.error for failure in done.status.failures] == [error, error]
    assert ("traceback" in done.point(done.status.failures[0].point)) is traced


def test_a_full_disk_ends_the_batch_and_is_no_record_of_a_point(tmp_path):
    with pytest.raises(OSError, match="No space left"):
        run_sweep(a_sweep({"grid": {TIME: ["1 h", "2 h"]}}), tmp_path, f"{__name__}:full")
    assert sim.open_sweep(tmp_path).status.counts == {"missing": 2}


@pytest.mark.parametrize(("keep", "module"), [("ticks", work), ("folder", store)], ids=["ticks", "folder"])
def test_a_disk_that_is_full_when_a_point_is_kept_ends_the_batch_too(keep, module, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        run_sweep(a_sweep({"grid": {TIME: ["1 h"]}, "keep": keep}), tmp_path)
    assert sim.open_sweep(tmp_path).status.counts == {"missing": 1}


def test_a_worker_of_another_version_than_the_plan_is_refused(tmp_path, monkeypatch):
    sweep = a_sweep(GRID)
    prepared = prepare(sweep, tmp_path)
    monkeypatch.setattr(work, "model_version", lambda compute: "another")
    with pytest.raises(UsageError, match=r"this worker has another; install the same version on all machines"):
        run(prepared, AtOnce, lambda _: None)
