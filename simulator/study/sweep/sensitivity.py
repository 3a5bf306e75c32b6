"""Which factor a measure hangs on: Sobol' indices of a Saltelli design, elementary effects of Morris trajectories.

    S1_i = Var(E(y | x_i)) / Var(y)                     the share that x_i explains alone
    ST_i = 1 - Var(E(y | all but x_i)) / Var(y)         the share that it has a hand in: S1, and all its interactions

    S1_i ~ mean(y_B (y_ABi - y_A)) / Var(y)             Saltelli et al. 2010, table 2 (b)
    ST_i ~ mean((y_A - y_ABi)^2) / (2 Var(y))           Jansen 1999, in table 2 (f) there

    EE_i = (y(x + D e_i) - y(x)) / D,  D = levels / (2 (levels - 1))       Morris 1991
    mu = mean(EE),  mu* = mean(|EE|),  sigma = standard deviation of EE    mu*: Campolongo et al. 2007

x are the coordinates of the unit cube, so that an effect is what the measure gains over the whole range of a factor.
Every estimator pairs rows: one that is missing is not left out, the question is refused. Intervals are of 95 % by
bootstrap over base points or trajectories (value ± 1.96 standard deviations of the resampled); with few of these
they hold less: of Ishigami's indices 87 % at n = 16, 92 % at 32, 97 % at 64. Repeats of a row are averaged before;
luck that is not averaged out counts as an interaction of all factors.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from simulator.columns import SWEEP_COLUMNS
from simulator.errors import UsageError
from simulator.record.integrate import Floats
from simulator.scenario.sentences import nearest
from simulator.study.sweep.sample import key, problem_of, salib

BESIDES = {"morris": 1, "saltelli": 2}
"""The designs that can be read; a block has so many rows more than there are factors."""
_REMEDY = "run what is missing with `aiceberg sweep run`, what did not end well with `aiceberg sweep retry`"
_WHOLE = "no row of it may be left out by `exclude`"
_RESAMPLES, _MOST_CELLS = 1000, 4_000_000
"""How often the bootstrap draws; less often where its array would be larger than this."""
_CONSTANT = 1e-12
"""Figures that differ by less than this share of the largest are one: additions in another order."""
_NEGLIGIBLE = 0.05
"""An interval narrower than this says that an index near 0 is one; S1 that sum to so much above 1 are noise."""


class Estimate(NamedTuple):
    """A value, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Index(NamedTuple):
    """The Sobol' indices of a factor, shares of the variance: of first order, and total (Sobol' 2001)."""

    factor: str
    first: Estimate
    total: Estimate

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {"factor": self.factor, "S1": self.first._asdict(), "ST": self.total._asdict()}


class Effect(NamedTuple):
    """The elementary effects of a factor, in the unit of the measure over the factor's whole range."""

    factor: str
    mu: float
    mu_star: Estimate
    sigma: float

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**self._asdict(), "mu_star": self.mu_star._asdict()}


class Group(NamedTuple):
    """What one paradigm (and one combination of other factors) comes to; `constant` says why there is no index."""

    by: dict[str, Any]
    indices: Sequence[Index | Effect]
    constant: str | None
    warnings: list[str]

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**self._asdict(), "indices": [index.as_json() for index in self.indices]}


class Sensitivity(NamedTuple):
    """The answer: of which measure, by which method, from how many rows a group."""

    method: str
    of: str
    factors: list[str]
    rows: int
    repeats: int
    groups: list[Group]

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**self._asdict(), "groups": [group.as_json() for group in self.groups]}


def sobol_indices(y: Floats, factors: Sequence[str], seed: int) -> list[Index]:
    """The indices from outputs in the order of the design, which must vary.

    Sources: Sobol' 2001 (10.1016/S0378-4754(00)00270-6); Saltelli et al. 2010 (10.1016/j.cpc.2009.09.018).
    """
    analyze = salib("analyze.sobol", "Sobol' indices").analyze
    base = _blocks(len(y), "saltelli", len(factors))
    found = analyze(
        problem_of(len(factors)),
        np.asarray(y, dtype=np.float64),
        calc_second_order=False,
        num_resamples=max(100, min(_RESAMPLES, _MOST_CELLS // base)),
        seed=key(seed, "bootstrap saltelli"),
    )
    return [
        Index(name, _estimate(found["S1"][k], found["S1_conf"][k]), _estimate(found["ST"][k], found["ST_conf"][k]))
        for k, name in enumerate(factors)
    ]


def morris_indices(u: Floats, y: Floats, factors: Sequence[str], levels: int, seed: int) -> list[Effect]:
    """The effects from a design, shape (rows, factors), and its outputs in the same order.

    Sources: Morris 1991 (10.1080/00401706.1991.10484804); Campolongo et al. 2007 (10.1016/j.envsoft.2006.10.004).
    """
    analyze = salib("analyze.morris", "elementary effects").analyze
    _blocks(len(y), "morris", len(factors))
    found = analyze(
        problem_of(len(factors)),
        np.asarray(u, dtype=np.float64),
        np.asarray(y, dtype=np.float64),
        num_resamples=_RESAMPLES,
        num_levels=levels,
        seed=key(seed, "bootstrap morris"),
    )
    return [
        Effect(
            name,
            float(found["mu"][k]),
            _estimate(found["mu_star"][k], found["mu_star_conf"][k]),
            float(found["sigma"][k]),
        )
        for k, name in enumerate(factors)
    ]


def _estimate(value: float, half: float) -> Estimate:
    return Estimate(float(value), float(value - half), float(value + half))


def _blocks(rows: int, method: str, factors: int) -> int:
    """How many base points or trajectories there are; raises UsageError for one, of which no spread can be told."""
    size = factors + BESIDES[method]
    if rows % size:
        raise AssertionError(f"{rows} rows are no {method} design of {factors} factors: blocks have {size}")
    if rows < 2 * size:
        raise UsageError(f"a {method} design of n 1", "says nothing of its own error", "draw again with a larger n")
    return rows // size


def sensitivity(
    table: pa.Table,
    method: str,
    factors: Sequence[str],
    unit: Floats,
    of: str,
    by: Sequence[str] = ("paradigm",),
    levels: int = 4,
    seed: int = 0,
) -> Sensitivity:
    """Indices of a measure from the table of a sweep, whatever its order, for each combination of the columns `by`.

    `unit` is the design, shape (rows, factors); other factors than the sampled ones belong into `by`. Raises
    UsageError where the design is no Morris or Saltelli design or has a gap, and where the measure is unknown or null.
    """
    asked = f"sensitivity of {of}"
    if method not in BESIDES:
        remedy = "sample again with `method: saltelli`, or `method: morris` for screening"
        raise UsageError(asked, f"rows by {method!r} are no design that pairs them", remedy)
    if unit.shape[1] != len(factors):
        raise AssertionError(f"a design of {unit.shape[1]} columns for {len(factors)} factors")
    size = len(factors) + BESIDES[method]
    if len(unit) % size:
        state = f"the design has {len(unit)} rows, which are no whole blocks of {size}"
        raise UsageError(asked, state, f"give the whole design; {_WHOLE}")
    if "ok" not in table.column("status").to_pylist():
        raise UsageError(asked, "none of the rows ended well", _REMEDY)
    _check_names(table, of, (*factors, *by), asked)
    records = table.select([*dict.fromkeys(("row", "replicate", "status", of, *by))]).to_pylist()
    outputs = _Outputs(asked, unit, of)
    found = [(values, *outputs.of_group(own)) for values, own in _groups(records, by, asked)]
    design = _Design(method, list(factors), unit, levels, seed)
    groups = [_group(values, y, of, design) for values, y, _ in found]
    return Sensitivity(method, of, list(factors), len(unit), max(count for *_, count in found), groups)


class _Design(NamedTuple):
    """What was drawn, and the seed of the intervals."""

    method: str
    factors: list[str]
    unit: Floats
    levels: int
    seed: int


def _check_names(table: pa.Table, of: str, columns: Sequence[str], asked: str) -> None:
    for name in columns:
        if name not in table.column_names:
            raise UsageError(asked, f"the table has no column {name!r}", nearest(name, table.column_names))
    measures = [
        field.name
        for field in table.schema
        if pa.types.is_floating(field.type) and field.name not in (*SWEEP_COLUMNS, *columns)
    ]
    if of not in measures:
        raise UsageError(asked, "there is no such measure", nearest(of, measures))


Records = list[dict[str, Any]]
_Repeats = dict[int, dict[int, float | None]]
"""The measure of each row of the design, by repeat."""


def _groups(records: Records, by: Sequence[str], asked: str) -> Iterator[tuple[dict[str, Any], Records]]:
    """The records of each combination, in order; those that did not end well, of no paradigm, belong to all."""
    outer = [name for name in by if name != "paradigm"]
    for values, own in _split(records, outer):
        if "paradigm" not in by:
            yield values, own
            continue
        ended = [record for record in own if record["paradigm"] is not None]
        if not ended:
            where = f" at {_told(values)}" if values else ""
            raise UsageError(asked, f"none of the rows{where} ended well", _REMEDY)
        lost = [record for record in own if record["paradigm"] is None]
        for paradigm, ours in _split(ended, ["paradigm"]):
            yield {name: (paradigm | values)[name] for name in by}, ours + lost


def _split(records: Records, by: Sequence[str]) -> list[tuple[dict[str, Any], Records]]:
    parts: dict[tuple[Any, ...], Records] = {}
    for record in records:
        parts.setdefault(tuple(record[name] for name in by), []).append(record)
    ordered = sorted(parts, key=lambda values: [(type(value).__name__, value or 0) for value in values])
    return [(dict(zip(by, values, strict=True)), parts[values]) for values in ordered]


def _told(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


class _Outputs(NamedTuple):
    """How records come into the order of the design that they were drawn by."""

    asked: str
    unit: Floats
    of: str

    def of_group(self, records: Records) -> tuple[Floats, int]:
        """The output of each row of the design, the mean of its repeats, and how many these are."""
        repeats: _Repeats = {}
        states: dict[int, str] = {}
        for record in records:
            row = self._row(record)
            if record["status"] != "ok":
                states[row] = record["status"]
            elif record["replicate"] in repeats.setdefault(row, {}):
                state = f"row {row} is there more than once"
                raise UsageError(self.asked, state, "something else varies: name the factors beside the sample in `by`")
            else:
                repeats[row][record["replicate"]] = record[self.of]
        self._lend(repeats, states)
        most = max(map(len, repeats.values()), default=0)
        self._refuse_gaps(repeats, states, most)
        self._refuse_nulls(repeats)
        sums = [fsum(value for value in repeats[row].values() if value is not None) for row in range(len(self.unit))]
        return np.array(sums) / most, most

    def _row(self, record: dict[str, Any]) -> int:
        row: int | None = record["row"]
        if row is None or not 0 <= row < len(self.unit):
            state = f"the table has row {row}, the design {len(self.unit)} rows"
            raise UsageError(self.asked, state, f"give the table and the whole design of one sweep; {_WHOLE}")
        return row

    def _lend(self, repeats: _Repeats, states: Mapping[int, str]) -> None:
        """Rows that fell on the same point are one run, which may stand in the table under one of them only."""
        homes = {self.unit[row].tobytes(): row for row in sorted(repeats) if row not in states}
        for row in range(len(self.unit)):
            home = homes.get(self.unit[row].tobytes())
            if row not in repeats and row not in states and home is not None:
                repeats[row] = repeats[home]

    def _refuse_gaps(self, repeats: _Repeats, states: dict[int, str], most: int) -> None:
        for row in range(len(self.unit)):
            if row not in states and len(repeats.get(row, ())) < max(1, most):
                states[row] = "missing"
        if states:
            first = ", ".join(f"{row} ({states[row]})" for row in sorted(states)[:5])
            rest = ", ..." if len(states) > 5 else ""
            gaps = f"{len(states)} of {len(self.unit)} rows of the design"
            state = f"{gaps} are missing or did not end well: {first}{rest}"
            raise UsageError(self.asked, state, f"every row is needed; {_REMEDY}")

    def _refuse_nulls(self, repeats: _Repeats) -> None:
        null = sorted(row for row, values in repeats.items() if None in values.values())
        if null:
            state = f"has no value in {len(null)} of {len(self.unit)} rows, such as row {null[0]}"
            raise UsageError(self.asked, state, "choose a measure that every paradigm has")


def _group(by: dict[str, Any], y: Floats, of: str, design: _Design) -> Group:
    size = len(design.factors) + BESIDES[design.method]
    base = y if design.method == "morris" else np.concatenate((y[::size], y[size - 1 :: size]))
    if np.ptp(base) <= _CONSTANT * np.abs(base).max():
        where = "in all rows" if design.method == "morris" else "at all base points"
        sentence = f"{of} is {y[0]:.6g} {where}: it hangs on none of the factors, and shares of nothing are undefined"
        return Group(by, [], sentence, [])
    if design.method == "morris":
        effects = morris_indices(design.unit, y, design.factors, design.levels, design.seed)
        return Group(by, effects, None, list(_effect_warnings(effects)))
    indices = sobol_indices(y, design.factors, design.seed)
    return Group(by, indices, None, list(_index_warnings(indices)))


def _index_warnings(indices: Sequence[Index]) -> Iterator[str]:
    pairs = [(f"S1 of {i.factor}", i.first) for i in indices] + [(f"ST of {i.factor}", i.total) for i in indices]
    yield from _wide([name for name, found in pairs if _is_wide(found, _NEGLIGIBLE)])
    total = fsum(index.first.value for index in indices)
    if total > 1.0 + _NEGLIGIBLE:
        yield f"the S1 sum to {total:.2f}, above the 1 that they can be: n is too small for this measure"


def _effect_warnings(effects: Sequence[Effect]) -> Iterator[str]:
    least = _NEGLIGIBLE * max(effect.mu_star.value for effect in effects)
    yield from _wide([f"mu* of {e.factor}" for e in effects if _is_wide(e.mu_star, least)])


def _is_wide(found: Estimate, least: float) -> bool:
    return found.high - found.low > max(abs(found.value), least)


def _wide(names: Sequence[str]) -> Iterator[str]:
    if names:
        told = ", ".join(names)
        yield f"wider than the value itself is the interval of {told}: rank only what does not overlap, or raise n"
