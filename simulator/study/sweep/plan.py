"""The points of a sweep: what each sets, its seed, and its name, which is a hash of what it is.

    id = SHA-256(resolved scenario, seed included; the files that it names; what computes it)[:16]
    seed of repeat 0 = the sweep's;  of repeat k = BLAKE2b-48(seed, k), at all points, or (seed, k, point)

Neither depends on where a point stands in the sweep: a value more in a grid names and seeds no
other point anew, and two sweeps that share points share their results. What computes it is the
version, the format of results and the catalogue: another figure in a table makes other points.
Order: all points of one repeat before the next, so that an early look sees the whole space.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.catalogue import digest
from simulator.errors import ScenarioError, UsageError
from simulator.network.tables import read_tables
from simulator.packages import version_of
from simulator.record.store import FORMAT
from simulator.scenario.factors import files_in
from simulator.scenario.samples import samples_in
from simulator.scenario.sentences import problem_at
from simulator.scenario.series import series_in
from simulator.scenario.traces import traces_in
from simulator.study.sweep.condition import compiled
from simulator.study.sweep.engine import SIMULATE
from simulator.study.sweep.load import Factor, LoadedSweep, set_at
from simulator.study.sweep.sample import row_count, unit_design
from simulator.study.sweep.spec import MOST_POINTS, MOST_SEED

_SEED_BYTES = 6
"""A seed that JSON and every spreadsheet holds exactly."""


class Row(NamedTuple):
    """One combination of factors: a value each, in their order; which row of the sample it is, if one is drawn."""

    values: tuple[Any, ...]
    sampled: int | None


class Planned(NamedTuple):
    """One point of a sweep: its id, its combination, which repeat, and the seed of that."""

    id: str
    row: Row
    replicate: int
    seed: int


class Plan(NamedTuple):
    """All points of a sweep, and the sampled design in the unit cube (rows x factors; empty if nothing is drawn)."""

    sweep: LoadedSweep
    points: list[Planned]
    unit: np.ndarray
    compute: str = SIMULATE

    def values(self, point: Planned) -> dict[str, Any]:
        """What a point sets, by path: overrides, factors, seed."""
        found = dict(self.sweep.spec.overrides)
        for factor, value in zip(self.sweep.factors, point.row.values, strict=True):
            found.update(dict.fromkeys(factor.paths, value))
        return {**found, "seed": point.seed}


def count_points(sweep: LoadedSweep) -> int:
    """How many points a sweep has before any is left out."""
    spec = sweep.spec
    combinations = 1
    for factor in spec.grid.values():
        combinations *= len(factor.values)
    if spec.zip:
        combinations *= len(next(iter(spec.zip.values())).values)
    if spec.sample is not None:
        combinations *= row_count(spec.sample.method, spec.sample.n, list(spec.sample.ranges))
    return combinations * spec.repeats


def build_plan(sweep: LoadedSweep, compute: str = SIMULATE) -> Plan:
    """The points of a sweep; `compute` is what computes them, `module:function`.

    Raises UsageError where there are too many, or all are left out, ScenarioError for a condition that cannot be told.
    """
    spec = sweep.spec
    if count_points(sweep) > MOST_POINTS:
        asked, most = (f"{count:,}".replace(",", " ") for count in (count_points(sweep), MOST_POINTS))
        state = f"has {asked} points, at most {most} are run"
        raise UsageError(sweep.source, state, "give shorter lists, a smaller n, or draw a sample instead of a grid")
    unit = _unit(sweep)
    rows = _kept(sweep, list(_rows(sweep, unit)))
    if not rows:
        raise UsageError(sweep.source, "every point is left out", "take a condition out of `exclude`")
    points = []
    folder = Path(sweep.base.source).parent
    first_seed = spec.seed if spec.seed is not None else int(sweep.base.data.get("seed", 0))  # `1e3` is 1000
    if first_seed > MOST_SEED:
        remedy = f"give a `seed` of at most {MOST_SEED}"
        raise UsageError(sweep.source, f"its seed is {first_seed}, more than a table holds exactly", remedy)
    for replicate in range(spec.repeats):
        for row in rows:
            data = _resolved(sweep, row)
            mark = "" if spec.common_random_numbers else _canonical(data)
            seed = seed_of(first_seed, replicate, mark)
            points.append(Planned(point_id({**data, "seed": seed}, folder, compute), row, replicate, seed))
    return Plan(sweep, points, unit, compute)


def seed_of(seed: int, replicate: int, mark: str = "") -> int:
    """The seed of a repeat; `mark` is what tells a point's luck from that of others, where it is not common.

    >>> seed_of(7, 0), seed_of(7, 1) == seed_of(7, 1), seed_of(7, 1) == seed_of(7, 2)
    (7, True, False)
    """
    if replicate == 0 and not mark:
        return seed
    text = "\0".join((str(seed), str(replicate), mark))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_SEED_BYTES).digest(), "little")


def point_id(data: Mapping[str, Any], folder: Path, compute: str = SIMULATE) -> str:
    """The name of a resolved scenario, whatever its layout; the files that it names are looked for in `folder`."""
    told = (_canonical(data), _canonical(_files(data, folder)), model_version(compute))
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]


@cache
def model_version(compute: str = SIMULATE) -> str:
    """What computes a point: version, format of results, catalogue, and by what if that is not ours."""
    by = "" if compute == SIMULATE else f", by {compute}"
    return f"aiceberg {version_of('aiceberg')}, {FORMAT}, catalogue {digest()[:16]}{by}"


def _unit(sweep: LoadedSweep) -> np.ndarray:
    sample = sweep.spec.sample
    if sample is None:
        return np.zeros((0, 0))
    return unit_design(sample.method, list(sample.ranges), sample.n, sample.seed, sample.levels)


def _rows(sweep: LoadedSweep, unit: np.ndarray) -> Iterator[Row]:
    """Every combination: of the grid, times the rows of the lists that walk together, times the sampled rows."""
    grid = [factor for factor in sweep.factors if factor.section == "grid"]
    walking = [factor for factor in sweep.factors if factor.section == "zip"]
    drawn = [factor for factor in sweep.factors if factor.section == "sample"]
    together = list(zip(*(factor.values for factor in walking), strict=True)) or [()]
    samples: list[tuple[tuple[Any, ...], int | None]] = [
        (_drawn(drawn, shares), number) for number, shares in enumerate(unit.tolist())
    ] or [((), None)]
    for combination in product(*(factor.values for factor in grid)):
        for walked in together:
            for values, number in samples:
                yield Row((*combination, *walked, *values), number)


def _drawn(factors: Sequence[Factor], shares: Sequence[float]) -> tuple[Any, ...]:
    return tuple(f.ends.said(f.ends.at(u)) for f, u in zip(factors, shares, strict=True) if f.ends is not None)


def _kept(sweep: LoadedSweep, rows: list[Row]) -> list[Row]:
    names = [factor.name for factor in sweep.factors]
    for index, condition in enumerate(sweep.spec.exclude):
        try:
            is_left_out = compiled(condition)
            rows = [row for row in rows if not is_left_out(dict(zip(names, row.values, strict=True)))]
        except UsageError as error:
            problem = problem_at(sweep.document, ("exclude", index), str(error))
            raise ScenarioError(sweep.source, (problem,)) from None
    return rows


def _resolved(sweep: LoadedSweep, row: Row) -> Any:
    data = sweep.base.data
    for factor, value in zip(sweep.factors, row.values, strict=True):
        for place in factor.places:
            data = set_at(data, place, value)
    return data


def _canonical(data: Any) -> str:
    return json.dumps(_plain(data), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(data: Any) -> Any:
    """Data in which a whole number is one number, however it is written: `1e6`, `1000000.0` and `1000000`.

    Beyond 2^53 it is the float that a scenario takes it for.
    """
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    if isinstance(data, float) and data.is_integer() and abs(data) < 2.0**53:
        return int(data)
    if isinstance(data, int) and abs(data) >= 2**53:
        return float(data)
    return data


def _files(data: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The SHA-256 of the files that a scenario names; of one that cannot be read nothing: its point will say so."""
    world = data.get("world")
    found: dict[str, Any] = {}
    if not isinstance(world, dict):
        return found
    for _, series in series_in(data):
        found[series.file] = _file_hash(folder / series.file)
    tables = (*(trace.path for trace in traces_in(data)), *(table.path for table in samples_in(data)))
    for path in (*tables, *files_in(data)):
        found[path] = _file_hash(folder / path)
    if isinstance(world.get("atlas"), str):
        found.update(read_tables(folder / world["atlas"]).files(world["atlas"]))
    return found


def _file_hash(path: Path) -> str:
    if not path.is_file():
        return ""
    found = path.stat()
    return _hash_of(path, found.st_mtime_ns, found.st_size)


@cache
def _hash_of(path: Path, changed_ns: int, size_bytes: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
