"""The public face of sweeps: run one, open one, and what can be asked of it."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import ResultsError, UsageError
from simulator.scenario.load import dump, load
from simulator.scenario.sentences import nearest
from simulator.scenario.shipped import find_scenario
from simulator.study import repeats as _repeats
from simulator.study.sweep import collect as _collect
from simulator.study.sweep.condition import is_same
from simulator.study.sweep.drive import Progress
from simulator.study.sweep.engine import SIMULATE
from simulator.study.sweep.folder import RECORDS, read_plan
from simulator.study.sweep.load import LoadedSweep, load_sweep, load_sweep_text
from simulator.study.sweep.local import LocalPool, cores
from simulator.study.sweep.records import OK, Records
from simulator.study.sweep.run import AGAIN, Open, prepare
from simulator.study.sweep.run import run as _run
from simulator.study.sweep.status import Status
from simulator.study.sweep.status import status as _status

if TYPE_CHECKING:
    import pyarrow as pa

    from simulator.study.sweep.sensitivity import Sensitivity
    from simulator.view.figures import Picture

LOCAL = "local"
MOST_WORKERS = 10_000
_MOST_CASES = 12
"""So many comparisons are read; of more, those that matter are chosen."""


class Sweep:
    """A sweep's folder: `status`, `table`, `sensitivity()`, `plot()`, `compare()`, and one `point()`'s record."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._kept = read_plan(self.folder)
        if not (self.folder / RECORDS).is_dir():
            raise ResultsError(str(self.folder), f"its {RECORDS} are gone", "put them back, or run the sweep again")
        self._records = Records(self.folder)
        self._records.refresh()
        self.name: str = self._kept.document["name"]
        self.factors: list[str] = [factor["name"] for factor in self._kept.document["factors"]]

    @property
    def status(self) -> Status:
        """How its points stand now."""
        return _status(self.folder, self._kept, self._records)

    @cached_property
    def table(self) -> "pa.Table":
        """A row a point and paradigm: factors, status, measures; the same bytes whatever ran it."""
        return _collect.collect(self._kept, self._records)

    def collect(self) -> Path:
        """Write the table as `results.parquet` in the folder."""
        return _collect.write_collected(self.folder, self.table)

    def point(self, name: str) -> dict[str, Any]:
        """The whole record of a point by its id, provenance and traceback included."""
        for _, record in self._records.documents([name]):
            return record
        raise UsageError(f"point {name!r}", "has no record here", "ids stand in the column `point` of the table")

    def sensitivity(self, of: str, seed: int = 0) -> "Sensitivity":
        """What of a measure each sampled factor explains, by paradigm and by the factors that were not drawn."""
        from simulator.study.sweep.sensitivity import sensitivity  # SALib and scipy

        sample, asked = self._kept.document["sample"], f"sensitivity of {self.name}"
        if sample is None:
            raise UsageError(asked, "nothing is drawn in this sweep", "give it a `sample` of method saltelli or morris")
        drawn = [f["name"] for f in self._kept.document["factors"] if f["section"] == "sample"]
        by = ("paradigm", *(name for name in self.factors if name not in drawn))
        unit = _collect.unit_design(self._kept)
        return sensitivity(self.table, sample["method"], drawn, unit, of, by, sample["levels"], seed)

    def plot(
        self,
        kind: str,
        of: str,
        *,
        x: str | None = None,
        y: str | None = None,
        paradigm: str | Sequence[str] | None = None,
        path: str | Path | None = None,
        force: bool = False,
    ) -> "Picture":
        """A picture of a measure: `bands`, `heat`, `parallel`, `tornado` or `sensitivity`; written as PNG to a path."""
        from simulator.view.figures import Picture
        from simulator.view.sensitivity import draw as draw_sensitivity
        from simulator.view.sweep import draw  # matplotlib
        from simulator.view.target import find_free_png, write_whole

        target = find_free_png(path, force)
        if kind == "sensitivity":
            picture = Picture(draw_sensitivity(self.sensitivity(of)))
        else:
            units = {f["name"]: f["unit"] for f in self._kept.document["factors"] if f["unit"]}
            picture = Picture(draw(self.table, self.factors, kind, of, x, y, paradigm, self.name, units))
        if target is not None:
            write_whole(picture._repr_png_(), target)
        return picture

    def compare(
        self, shows: str | None = None, where: Mapping[str, Any] | None = None
    ) -> list[_repeats.RepeatedComparison]:
        """Paradigms beside the first over the repeats, for each combination of factors that `where` leaves."""
        cases = self._cases(where or {})
        if len(cases) > _MOST_CASES:
            state = f"has {len(cases)} combinations of {', '.join(self.factors)}"
            raise UsageError(f"compare {self.folder}", state, "choose some, such as `--where 'NAME=VALUE'`")
        document = self._kept.document
        found = []
        for told, repeats in cases.items():
            name = f"{self.name} ({told})" if told else self.name
            found.append(_repeats.compare_repeats(name, repeats, document["comparison"], shows))
        return found

    def _cases(self, where: Mapping[str, Any]) -> dict[str, list[_repeats.Repeat]]:
        """Repeats by combination of factors, in the order of the plan."""
        for name in where:
            if name not in self.factors:
                raise UsageError(f"--where {name}", "no factor is called so", nearest(name, self.factors))
        units = {f["name"]: f["unit"] for f in self._kept.document["factors"]}
        rows = self._kept.design.to_pylist()
        chosen = [row for row in rows if all(_is(row[name], value, units[name]) for name, value in where.items())]
        if not chosen:
            asked = ", ".join(f"{name}={value}" for name, value in where.items())
            raise UsageError(
                f"--where {asked}", "no point has these values", "`aiceberg sweep status` tells the factors"
            )
        records = dict(self._records.documents(list(dict.fromkeys(row["point"] for row in chosen))))
        found: dict[str, list[_repeats.Repeat]] = {}
        seen: set[tuple[str, str]] = set()
        for row in chosen:
            told = ", ".join(f"{name} {row[name]} {units[name]}".rstrip() for name in self.factors)
            listed = found.setdefault(told, [])
            record = records.get(row["point"])
            again = (told, row["point"]) in seen  # two rows of a design may be one and the same point
            seen.add((told, row["point"]))
            if record is not None and record["status"] == OK and not again:
                listed.append(_repeats.Repeat(row["seed"], record["results"]["paradigms"]))
        return found


def _is(value: Any, asked: Any, unit: str) -> bool:
    """Whether a factor's value is the one that was asked for: as a number, by what a quantity is worth, or as text."""
    told = asked if isinstance(asked, str) else json.dumps(asked)
    if isinstance(value, str):
        return is_same(value, told)
    with suppress(ValueError):
        return float(told) == float(value)
    return is_same(f"{value!r} {unit}", told)


def sweep(
    file: str | Path | LoadedSweep,
    out: str | Path | None = None,
    *,
    engine: str = LOCAL,
    workers: int | None = None,
    profile: str | Path | None = None,
    reuse: Sequence[str | Path] = (),
    again: Collection[str] = (),
    report: Callable[[Progress], None] | None = None,
    compute: str = SIMULATE,
) -> Sweep:
    """Run a sweep file (a path, a shipped sweep's name or a loaded one), or what of it is not done yet.

    Results go to `out` (`sweeps/NAME` if left out), where an earlier run of it is gone on with. `engine` is `local`,
    `dask`, `tcp://host:port`, `slurm`, `oar` or `pbs` (with a `profile`); `again` names statuses to run anew.
    Points that fail are records like others: see `status`. Raises ScenarioError with all that is wrong with the file.
    """
    statuses = (again,) if isinstance(again, str) else tuple(again)
    for status in statuses:
        if status not in AGAIN:
            raise UsageError(f"again {status!r}", "nothing stands so that could run again", nearest(status, AGAIN))
    start = opener(engine, workers, profile)
    loaded = file if isinstance(file, LoadedSweep) else load_sweep(file)
    folder = folder_of(loaded) if out is None else Path(out)
    prepared = prepare(loaded, folder, [Path(other) for other in reuse], statuses, compute)
    _run(prepared, start, report or (lambda _: None))
    return open_sweep(folder)


def open_sweep(folder: str | Path) -> Sweep:
    """Open the folder of a sweep, done or not; raises ResultsError where there is none."""
    return Sweep(folder)


def repeat(scenario: str | Path, repeats: int | None = None) -> LoadedSweep:
    """A sweep of nothing but repeats of a scenario: so many, else as its `comparison` says."""
    loaded = load(scenario)
    said = loaded.spec.comparison.repeats if loaded.spec.comparison is not None else 1
    count = said if repeats is None else repeats
    if count < 2:
        remedy = "give `--repeats 20`, or `comparison: {repeats: 20, ...}` in the scenario"
        raise UsageError(str(scenario), "one run has no interval", remedy)
    base = find_scenario(str(scenario)).resolve()
    return load_sweep_text(dump({"name": loaded.spec.name, "base": str(base), "repeats": count}), str(base))


def folder_of(loaded: LoadedSweep) -> Path:
    """Where a sweep is kept that names no folder: `sweeps/NAME`."""
    return Path("sweeps") / loaded.spec.name


def opener(engine: str, workers: int | None, profile: str | Path | None) -> Open:
    """What starts the workers of an engine, once it is known that there is something for them to do.

    Raises UsageError where there is no such engine, or a number of workers that cannot be.
    """
    if workers is not None and (not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS):
        raise UsageError(f"{workers!r} workers", f"expected a whole number from 1 to {MOST_WORKERS}", "write such as 4")
    if engine != LOCAL:
        from simulator.study.sweep.cluster import ENGINES, open_cluster
        from simulator.study.sweep.profile import load_profile

        if engine not in ENGINES and "://" not in engine:
            raise UsageError(f"--engine {engine}", "there is no such engine", nearest(engine, (LOCAL, *ENGINES)))
        found = None if profile is None else load_profile(str(profile))
        return lambda: open_cluster(engine, workers, found)
    if profile is not None:
        raise UsageError("--engine local", "it submits no jobs, so it has no profile", "leave --profile out")
    return lambda: LocalPool(workers or cores())
