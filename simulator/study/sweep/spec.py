"""The shape of a sweep file: a base scenario, what varies, how often, and what each run may take.

    points = (grid product x zipped rows x sampled rows, less `exclude`) x repeats

A factor is a path into the scenario, as `--set` has it, or a name with its `path`; several paths
change together.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from simulator.columns import SWEEP_COLUMNS
from simulator.spec import (
    Bits,
    Count,
    Fault,
    Name,
    OrJson,
    PositiveSeconds,
    Spec,
    Text,
    WholeNumber,
    names,
    shown,
)
from simulator.study.sweep.scale import SCALES, parse_range
from simulator.units import BITS_PER_BYTE

MOST_POINTS = 1_000_000
LEAST_MEMORY_B, MOST_MEMORY_B = 256e6 * BITS_PER_BYTE, 1e15 * BITS_PER_BYTE
MOST_SEED = 2**53
"""A seed that JSON and every spreadsheet holds exactly."""
METHODS = {
    "lhs": "Latin hypercube: each of n strata of every factor once",
    "sobol": "Sobol' sequence, scrambled: fills the space evenly; n is a power of two",
    "halton": "Halton sequence, scrambled: evenly too, for any n",
    "morris": "n trajectories on a grid of `levels`: cheap screening, n (factors + 1) rows",
    "saltelli": "for Sobol' indices: n (factors + 2) rows; n is a power of two",
}
"""How a sample may be drawn."""
DESIGNS = ("morris", "saltelli")
"""The samples that `sweep sensitivity` can read, of which no row may be missing."""
KEEPS = {
    "nothing": "the measures alone",
    "ticks": "also the power log of each point, `kept/ID.parquet`",
    "folder": "also the whole result folder of each point, `kept/ID`",
}

Paths = Annotated[
    Annotated[list[Text], Field(min_length=1)] | None,
    BeforeValidator(names),
    OrJson({"type": "string", "minLength": 1}),
    Field(None, description="what of the scenario it sets, one path or several; its name if left out"),
]


def _values(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        sentence = "expected the list of its values, or `{path: ..., values: [...]}`, found {shown}"
        raise PydanticCustomError("values", sentence, {"shown": shown(value)})
    return {"values": value}


def _range(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        sentence = "expected its two ends, `[1, 100]`, or `{range: [1, 100], scale: log}`, found {shown}"
        raise PydanticCustomError("range", sentence, {"shown": shown(value)})
    return {"range": value}


UNIT = "unit:"
"""Before the name of a factor: the column of a plan with its share of the way between its ends."""


class Values(Spec):
    """A factor of which every value is told."""

    path: Paths
    values: list[Any] = Field(
        description="the values, as the scenario would say them", json_schema_extra={"minItems": 1}
    )

    def faults(self) -> Iterator[Fault]:
        """No value at all."""
        if not self.values:
            yield Fault(("values",), "there is no value; give at least one")


class Range(Spec):
    """A factor that is sampled between two ends."""

    path: Paths
    range: list[Any] = Field(
        description="the lowest and the highest value, plain numbers or quantities of one unit",
        json_schema_extra={"minItems": 2, "maxItems": 2},
    )
    scale: Literal[tuple(SCALES)] = Field("linear", description="linear, or log for equal ratios")  # type: ignore[valid-type]  # the words of a table
    whole: bool = Field(False, description="whole numbers alone")

    def faults(self) -> Iterator[Fault]:
        """Ends that are none."""
        found = parse_range(self.range, self.scale, self.whole)
        if isinstance(found, str):
            yield Fault(("range",), found)


_Values = Annotated[Values, BeforeValidator(_values), OrJson({"type": "array", "minItems": 1})]
_Range = Annotated[Range, BeforeValidator(_range), OrJson({"type": "array", "minItems": 2, "maxItems": 2})]


class Sample(Spec):
    """Points that are drawn."""

    method: Literal[tuple(METHODS)] = Field(description="; ".join(f"{k}: {v}" for k, v in METHODS.items()))  # type: ignore[valid-type]  # the words of a table
    n: Count = Field(description="how many points, trajectories (morris) or base points (saltelli)")
    seed: WholeNumber = Field(0, description="the seed of the draw")
    levels: Count = Field(4, description="of the grid of morris; even")
    ranges: dict[Text, _Range] = Field(
        description="between what each factor is drawn", json_schema_extra={"minProperties": 1}
    )

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Levels of what has none."""
        if "levels" in raw and raw.get("method") != "morris":
            yield Fault(("levels",), "only `method: morris` has levels; take them out")

    def faults(self) -> Iterator[Fault]:
        """Numbers that a method cannot have; nothing to draw."""
        if not self.ranges:
            yield Fault(("ranges",), "nothing is drawn; name at least one factor and its range")
        if self.method in ("sobol", "saltelli") and self.n & (self.n - 1):
            below = 1 << (self.n.bit_length() - 1)
            yield Fault(("n",), f"{self.method} balances powers of two only; write {below} or {2 * below}")
        if self.method == "morris" and (self.levels % 2 or self.levels < 2):
            yield Fault(("levels",), f"must be even, 2 or more, found {self.levels}")


class Limits(Spec):
    """What a point may take before it is given up."""

    time: PositiveSeconds | None = Field(None, description="wall time of one point; beyond it the point is `timeout`")
    memory: Bits | None = Field(None, description="memory of a worker process (Linux); beyond it the point is `failed`")
    attempts: Count = Field(3, description="how many workers may die of a point before it is `killed`")

    def faults(self) -> Iterator[Fault]:
        """Memory that no process has, or that is too little for one that does nothing."""
        if self.memory is not None and not LEAST_MEMORY_B <= self.memory <= MOST_MEMORY_B:
            yield Fault(("memory",), "a worker wants 256 MB for itself, and no machine has 1 PB; write such as `4 GB`")


def _condition(value: Any) -> Any:
    if not isinstance(value, str | dict) or not value:
        sentence = (
            "expected a condition such as `clients > 100 and country == 'PL'`, or values by factor, found {shown}"
        )
        raise PydanticCustomError("condition", sentence, {"shown": shown(value)})
    return value


Condition = Annotated[
    Any,
    BeforeValidator(_condition),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1}, {"type": "object", "minProperties": 1}]}),
]


class Sweep(Spec):
    """A sweep file."""

    name: Name = Field(description="its name, which names the folder too")
    base: Text = Field(description="the scenario that varies: a file beside this one, or the name of a shipped one")
    overrides: dict[Text, Any] = Field({}, description="values of the base replaced for all points, by path")
    grid: dict[Text, _Values] = Field({}, description="factors of which every combination is run")
    zip: dict[Text, _Values] = Field({}, description="factors that change together: their lists walk side by side")
    sample: Sample | None = Field(None, description="factors that are drawn")
    repeats: Count = Field(1, description="runs of every point, each with luck of its own")
    seed: WholeNumber | None = Field(None, description="from which the seeds of the repeats come; that of the base")
    common_random_numbers: bool = Field(
        True, description="a repeat has one seed at all points, so that they share their luck; else each its own"
    )
    exclude: list[Condition] = Field([], description="points that are left out: conditions on factors by name")
    limits: Limits = Field(Limits(), description="what a point may take")
    keep: Literal[tuple(KEEPS)] = Field("nothing", description="; ".join(f"{k}: {v}" for k, v in KEEPS.items()))  # type: ignore[valid-type]  # the words of a table

    def faults(self) -> Iterator[Fault]:
        """Nothing that varies, factors of one name, values listed twice, lists of different length, and the seed."""
        drawn = {} if self.sample is None else self.sample.ranges
        where: list[tuple[str, ...]] = [*(("grid", k) for k in self.grid), *(("zip", k) for k in self.zip)]
        where += [("sample", "ranges", k) for k in drawn]
        seeded = [at for at, paths in self.paths() if "seed" in paths]
        if not where and self.sample is None and self.repeats == 1:
            yield Fault((), "nothing varies; give `grid`, `zip`, `sample` or `repeats`")
        for index, place in enumerate(where):
            if any(place[-1] == other[-1] for other in where[:index]):
                yield Fault(place, "another factor is called so too; give it a name of its own and a `path`")
            if place[-1] in SWEEP_COLUMNS and place not in seeded:
                yield Fault(place, f"a column of the table is called {place[-1]!r}; give the factor another name")
            if place[-1].startswith(UNIT):
                yield Fault(place, f"names that begin with `{UNIT}` are the plan's own; give the factor another name")
        for name, factor in self.grid.items():  # of lists that walk together, only whole steps tell points apart
            for text, count in Counter(map(repr, factor.values)).items():
                if count > 1:
                    yield Fault(("grid", name, "values"), f"{text} is listed {count} times; list it once")
        if self.seed is not None and self.seed > MOST_SEED:
            yield Fault(("seed",), f"must be at most {MOST_SEED}, found {self.seed}")
        lengths = {name: len(factor.values) for name, factor in self.zip.items()}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} has {count}" for name, count in lengths.items())
            yield Fault(("zip",), f"the lists walk side by side and must be equally long: {told}")
        for at in seeded:
            yield Fault(at, "the seed is the sweep's: write `seed:` and `repeats:`")
        for at, paths in self.paths():
            if len(set(paths)) < len(paths):
                yield Fault(at, "one path is listed twice; list it once")
            if at[0] != "overrides" and any(path.split(".")[0] == "comparison" for path in paths):
                yield Fault(at, "all points are compared by one and the same: say it in the base, or in `overrides`")

    def paths(self) -> Iterator[tuple[tuple[str, ...], list[str]]]:
        """The paths that are set, each with the place in the file that says so."""
        yield from ((("overrides", path), [path]) for path in self.overrides)
        for section, factors in (("grid", self.grid), ("zip", self.zip)):
            yield from (((section, name), factor.path or [name]) for name, factor in factors.items())
        for name, drawn in ({} if self.sample is None else self.sample.ranges).items():
            yield ("sample", "ranges", name), drawn.path or [name]
