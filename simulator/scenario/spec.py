"""The shape of a scenario file: it assembles the specs that each layer keeps beside what they describe."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import BeforeValidator, Field, WithJsonSchema, create_model, model_validator
from pydantic_core import PydanticCustomError

from simulator.definitions import Definitions, OwnDataset, OwnModel
from simulator.errors import TooManyRowsError
from simulator.footprint.accounting.method import Method
from simulator.hardware.datacenter import Datacenter
from simulator.learning.spec import TaskSpec
from simulator.network.spec import NetworkSpec
from simulator.population.spec import Population
from simulator.record.ticks import MOST_ROWS, fitting_s
from simulator.scenario.comparison import Comparison
from simulator.scenario.lever_spec import Lever
from simulator.scenario.search_spec import search_faults
from simulator.spec import (
    Fault,
    Joules,
    KilogramsCO2e,
    Name,
    PositiveSeconds,
    Ref,
    Spec,
    Text,
    WholeNumber,
    Year,
    one_kind,
    present,
    shown,
)
from simulator.vocabulary import BOUNDARIES, MAIN
from simulator.workloads import KINDS


class WorldSpec(Spec):
    """What exists."""

    year: Year | None = Field(None, description="the year whose cables there are; needed where data moves")
    atlas: Text | None = Field(None, description="a folder with tables of the internet in place of the catalogue's")
    datacenters: dict[Name, Datacenter] = Field(description="data centres by name")
    populations: dict[Name, Population] = Field({}, description="crowds of users by name")
    network: NetworkSpec = Field(NetworkSpec(), description="the internet: what its cables carry, what befalls them")

    def faults(self) -> Iterator[Fault]:
        """A data centre and a population of one name; an internet without a year."""
        if self.year is None and "network" in self.model_fields_set:
            yield Fault(("network",), "of which year? Cables come and go; give `year`, such as `year: 2025`")
        if self.year is None and self.atlas is not None:
            yield Fault(("atlas",), "of which year? Cables come and go; give `year`, such as `year: 2025`")
        for name in sorted(set(self.datacenters) & set(self.populations)):
            yield Fault(("populations", name), f"a data centre is called {name!r} too; rename one")


class Published(Spec):
    """A figure that somebody published, to stand beside ours."""

    paradigm: Annotated[str, Ref("paradigm")] = Field(MAIN, description="which of our paradigms does the same")
    boundary: Literal[tuple(BOUNDARIES)] = Field(description="how far the published figure reaches")  # type: ignore[valid-type]  # the words of a table
    energy: Joules | None = Field(None, description="the published energy")
    co2e: KilogramsCO2e | None = Field(None, description="the published greenhouse gas")
    source: Text = Field(description="who published it, where")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """A published figure without a figure."""
        if not present(raw) & {"energy", "co2e"}:
            yield Fault((), "there is no figure; give `energy` or `co2e`")


class _Workload(Spec):
    """One workload: its kind, and what that kind needs."""

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, raw: Any) -> Any:
        return one_kind(raw, "a workload", "train: {at: ...}", KINDS)


def _chosen(workload: Spec) -> list[tuple[str, Any]]:
    return [(kind, spec) for kind, spec in workload if spec is not None]


Workload = create_model(
    "Workload",
    __base__=_Workload,
    **cast(Any, {name: (kind.spec | None, Field(None, description=kind.spec.__doc__)) for name, kind in KINDS.items()}),
)


def _date(value: Any) -> datetime:
    try:
        date = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        sentence = "expected a date such as `2025-01-06` or `2025-01-06T12:00+01:00`, found {shown}"
        raise PydanticCustomError("date", sentence, {"shown": shown(value)}) from None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


_DAY = "^[0-9]{4}-?(?:(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])|W[0-5][0-9])"
_DATE = WithJsonSchema({"type": "string", "pattern": _DAY, "examples": ["2025-01-06", "2025-01-06T12:00+01:00"]})


class Scenario(Spec):
    """A scenario file: a world, and what happens in it, one way or several."""

    name: Name = Field(description="its name, which names the result too")
    seed: WholeNumber = Field(0, description="the seed of all random streams")
    start: Annotated[datetime, BeforeValidator(_date), _DATE] = Field(
        datetime(2025, 1, 1, tzinfo=UTC), description="the date of second 0; UTC where it has no offset"
    )
    horizon: PositiveSeconds | None = Field(
        None, description="when every paradigm ends; with the last workload of the longest if left out"
    )
    tick: PositiveSeconds | None = Field(None, description="the tick of the power log; a round one if left out")
    world: WorldSpec = Field(description="what exists")
    models: dict[Name, OwnModel] = Field({}, description="models that the catalogue does not have, by name")
    datasets: dict[Name, OwnDataset] = Field({}, description="data sets that the catalogue does not have, by name")
    tasks: dict[Name, TaskSpec] = Field({}, description="what small models really learn, by name")
    workloads: list[Workload] | None = Field(
        None, description="what happens, where there is one way of doing it", json_schema_extra={"minItems": 1}
    )
    paradigms: dict[Name, list[Workload]] | None = Field(
        None, description="what happens, by way of doing it", json_schema_extra={"minProperties": 1}
    )
    comparison: Comparison | None = Field(None, description="by what the paradigms are compared")
    footprint: Method = Field(Method(), description="how impacts are counted and shared")
    levers: dict[Name, Lever] = Field({}, description="what-ifs, which `aiceberg levers` pulls alone and together")
    published: list[Published] = Field([], description="published figures to stand beside ours")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Neither workloads nor paradigms, or both."""
        ways = raw.keys() & {"workloads", "paradigms"}
        if not ways:
            yield Fault((), "nothing happens; give `workloads` (one way of doing it) or `paradigms` (several)")
        if len(ways) == 2:
            yield Fault(("paradigms",), "`workloads` says already what happens; keep one of them")

        if "workloads" in ways and raw["workloads"] is None:
            yield Fault(("workloads",), "nothing happens; list at least one workload")
        if "paradigms" in ways and raw["paradigms"] is None:
            yield Fault(("paradigms",), "there is none; name at least one, with its workloads")

    def faults(self) -> Iterator[Fault]:
        """Empty lists, a tick too short for the horizon, a published figure beside nothing, a search for nothing."""
        if self.tick is not None and self.horizon is not None and self.horizon / self.tick > MOST_ROWS:
            error = TooManyRowsError(int(self.horizon / self.tick), MOST_ROWS, fitting_s(self.horizon / MOST_ROWS))
            yield Fault(("tick",), str(error))
        if self.workloads == []:
            yield Fault(("workloads",), "nothing happens; list at least one workload")
        if self.paradigms == {}:
            yield Fault(("paradigms",), "there is none; name at least one, with its workloads")
        for index, figure in enumerate(self.published):
            if "paradigm" not in figure.model_fields_set and MAIN not in (self.paradigms or {MAIN}):
                yield Fault(("published", index), "give the `paradigm` beside which it stands")
        for name, listed in (self.paradigms or {}).items():
            if not listed:
                yield Fault(("paradigms", name), "nothing happens; list at least one workload")
        if self.comparison is not None and self.comparison.search is not None:
            if self.footprint.development is not None:
                sentence = "the trainings that are tried are simulated already (`comparison: search`); keep one of them"
                yield Fault(("footprint", "development"), sentence)
            specs = [task.spec for listed in tasks(self).values() for task in listed]
            for fault in search_faults(self.comparison.search, specs):
                yield Fault(("comparison", "search", *fault.path), fault.sentence)


def definitions(scenario: Scenario) -> Definitions:
    """What the scenario defines itself."""
    target = None if scenario.comparison is None else scenario.comparison.target
    return Definitions(scenario.models, scenario.datasets, scenario.tasks, target)


class Task(NamedTuple):
    """A workload ready to run: its name, its kind and its spec."""

    name: str
    kind: str
    spec: Any


def tasks(scenario: Scenario) -> dict[str, list[Task]]:
    """The workloads of each paradigm, named."""
    by_paradigm = scenario.paradigms if scenario.paradigms is not None else {MAIN: scenario.workloads or []}
    return {name: [_task(workload) for workload in listed] for name, listed in by_paradigm.items()}


def _task(workload: Any) -> Task:
    ((kind, spec),) = _chosen(workload)
    return Task(spec.name or kind, kind, spec)
