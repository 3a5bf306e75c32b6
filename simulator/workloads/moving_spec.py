"""What the YAML says of data that come together and of models that go out, and what of it cannot be."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, create_model

from simulator.errors import MissingValueError, SimulatorError, UnknownNameError
from simulator.hardware.datacenter import Datacenter, find_city, place_known
from simulator.network.path import End, path
from simulator.spec import Bits, Fault, Name, OrJson, PositiveSeconds, Ref, Seconds, Spec, present
from simulator.workloads.given import Given
from simulator.workloads.training_spec import names
from simulator.workloads.transfer_spec import SIZES, size_b

_LISTED = OrJson({"type": "string"})


class Moving(Spec):
    """Fields of all that moves between one data centre and several sites."""

    name: Name | None = Field(None, description="its name; the kind's if left out")
    after: Annotated[list[str], BeforeValidator(names), Ref("workload"), _LISTED] = Field(
        [], description="workloads that must be done before: a name, or a list of names"
    )
    start: Seconds = Field(0.0, description="how long to wait first")
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="a data set of this file or of the catalogue"
    )
    model: Annotated[str, Ref("model")] | None = Field(
        None, description="a model of this file or of the catalogue, whose parameters are moved"
    )
    size: Bits | None = Field(None, description="how much, such as `5 TB`")
    during: PositiveSeconds | None = Field(
        None, description="over how long the users of a population begin, evenly; needed with a population"
    )
    latency: Literal["policy", "lower_bound"] = Field(
        "policy", description="the ways of least cost, or of fewest kilometres with nothing added"
    )

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """No size, or several."""
        given = [field for field in SIZES if field in present(raw)]
        if not given:
            yield Fault((), "nothing says how much is to be moved; give `dataset`, `model`, or `size`, such as `5 TB`")
        for field in given[1:]:
            yield Fault((field,), f"`{given[0]}` says already how much is to be moved; keep one of them")

    def faults(self) -> Iterator[Fault]:
        """Nobody to move it to or from, or one of them twice."""
        many = self.ends[1]
        if not self.sites:
            yield Fault((many,), "there is none; name at least one")
        for number, site in enumerate(self.sites):
            if site == self.centre:
                yield Fault((many, number), f"it ends where it begins, at `{site}`; name another")
            if site in self.sites[:number]:
                yield Fault((many, number), f"`{site}` stands twice; keep one")

    @property
    def ends(self) -> tuple[str, str]:
        """The fields that name the one data centre and the several sites."""
        return ("to", "from") if isinstance(getattr(self, "from"), list) else ("from", "to")

    @property
    def centre(self) -> str:
        """The data centre on the one side."""
        return str(getattr(self, self.ends[0]))

    @property
    def sites(self) -> list[str]:
        """The sites on the other."""
        return list(getattr(self, self.ends[1]))


def _one(description: str) -> Any:
    return Annotated[str, Ref("datacenter")], Field(description=description)


def _several(description: str) -> Any:
    kind = Annotated[list[str], BeforeValidator(names), Ref("site"), OrJson({"type": "string"})]
    return kind, Field(description=f"{description}: data centres or populations, a name or a list of names")


# `from` is a word of Python's own, which no class body can hold
Collect = create_model(
    "Collect",
    __base__=Moving,
    __doc__="Data that sites or users hold, in equal parts, and that come together in one data centre.",
    **cast(Any, {"from": _several("who holds it"), "to": _one("the data centre that receives")}),
)
Distribute = create_model(
    "Distribute",
    __base__=Moving,
    __doc__="A model, or data, that goes out from one data centre, whole to every site or user.",
    **cast(Any, {"from": _one("the data centre that sends"), "to": _several("who receives")}),
)


def moving_clashes(spec: Moving, given: Given) -> Iterator[Fault]:
    """What the sites, the cables or the catalogue cannot do for this."""
    try:
        with suppress(UnknownNameError):  # told where the name stands
            size_b(spec, given.own)
    except MissingValueError as error:
        yield Fault((next(field for field in SIZES if getattr(spec, field) is not None),), str(error))
    crowds = [site for site in spec.sites if site in given.populations]
    if crowds and spec.during is None:
        yield Fault((), f"{crowds[0]} are many users; say over how long they begin, such as `during: 1 d`")
    one, many = spec.ends
    centre = find_end(spec.centre, given.datacenters)
    if centre is not None and not centre.city:
        yield Fault((one,), _nowhere(spec.centre))
    for site in spec.sites:
        end = find_end(site, given.datacenters)
        if end is not None and not end.city:
            yield Fault((many,), _nowhere(site))
    if given.year is not None and centre is not None and centre.city:
        for end in _far_ends(spec, given):
            yield from _way_faults(spec, given.year, centre, end)


def _nowhere(name: str) -> str:
    return f"nothing says where `{name}` is, so that no cable reaches it; give it `region:` or `city:`"


def find_end(name: str, datacenters: Mapping[str, Datacenter]) -> End | None:
    """A data centre as the network sees it; None for a population, or for what is told elsewhere."""
    spec = datacenters.get(name)
    if spec is None or (present(dict(spec)) & {"region", "city"} and not place_known(spec)):
        return None
    return End(name, find_city(spec), spec.uplink)


def _far_ends(spec: Moving, given: Given) -> Iterator[End]:
    for site in spec.sites:
        end = find_end(site, given.datacenters)
        if end is not None and end.city:
            yield end
        elif site in given.populations:
            yield from (End("", city.lower(), None) for city in given.populations[site].places)


def _way_faults(spec: Moving, year: int, centre: End, far: End) -> Iterator[Fault]:
    field = spec.ends[1]
    try:
        way = path(year, centre, far, spec.latency)
    except UnknownNameError:
        return  # told where the city stands
    except SimulatorError as error:
        yield Fault((field,), str(error))
        return
    if not way.capacities_bps and far.name:
        sentence = (
            f"`{far.name}` and `{centre.name}` are in {far.city} and nothing limits it; give one of them an `uplink`"
        )
        yield Fault((field,), sentence)
