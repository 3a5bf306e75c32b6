"""What the YAML says of the physical internet of a world: what its cables carry, and what happens to them.

    cut       cables, or single segments of them, carry nothing from a moment to their repair
    outage    every submarine cable that lands at a place is down there
    closure   everything that passes a choke point is down there

What a bit costs is told in one of two ways (network/rest.py):

    average     a bit costs the average of what it passes: rest and spare capacity are within
    marginal    a bit costs what one more bit costs, and what draws power at rest is told apart

A repair takes what the scenario says, or is `drawn` from the log-normal of the table repair_times
(one draw an event, in every paradigm the same); without one nothing is repaired within the run.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, WithJsonSchema, create_model, model_validator

from simulator.spec import NAME_ALONE, Fault, Rate, Ref, Seconds, Spec, names, one_kind, quantity, quantity_schema

DRAWN = "drawn"
Routing = Literal["policy", "capacity"]


def _given_or_drawn(value: Any) -> Any:
    return value if value == DRAWN else quantity("time", positive=True)(value)


_REPAIR = WithJsonSchema({"anyOf": [{"const": DRAWN}, quantity_schema("time", positive=True)]})
Repair = Annotated[
    Annotated[float | str, BeforeValidator(_given_or_drawn), _REPAIR] | None,
    Field(description="how long until it is mended, or `drawn`; not within this run if left out"),
]
At = Annotated[Seconds, Field(description="when, from the start")]


class Cut(Spec):
    """Cables that are cut, whole or in single segments."""

    at: At
    cables: Annotated[list[str], BeforeValidator(names), Ref("cable"), NAME_ALONE] = Field(
        [], description="cables that carry nothing, on all of their way"
    )
    segments: Annotated[list[str], BeforeValidator(names), Ref("segment"), NAME_ALONE] = Field(
        [], description="single segments that carry nothing, such as `marea:virginia-beach:bilbao`"
    )
    repair: Repair = None

    def faults(self) -> Iterator[Fault]:
        """A cut of nothing."""
        if not self.cables and not self.segments:
            yield Fault((), "nothing is cut; name `cables`, or `segments` of cables")


class Outage(Spec):
    """A landing at which no submarine cable works."""

    at: At
    landing: Annotated[str, Ref("landing-place")] = Field(
        description="a place where submarine cables land, such as `marseille`"
    )
    repair: Repair = None


class Closure(Spec):
    """A choke point that nothing passes."""

    at: At
    choke_point: Annotated[str, Ref("choke-point")] = Field(description="egypt, luzon, malacca or red-sea")
    repair: Repair = None


EVENTS: dict[str, type[Spec]] = {"cut": Cut, "outage": Outage, "closure": Closure}
"""The kinds of what happens to cables; the only list."""


class _Event(Spec):
    """One thing that happens: its kind, and what that kind needs."""

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, raw: Any) -> Any:
        return one_kind(raw, "an event", "cut: {at: ...}", EVENTS)


Event = create_model(
    "Event",
    __base__=_Event,
    **cast(Any, {kind: (spec | None, Field(None, description=spec.__doc__)) for kind, spec in EVENTS.items()}),
)


def happening(event: Any) -> tuple[str, Any]:
    """The kind of an event and its spec."""
    ((kind, spec),) = ((kind, spec) for kind, spec in event if spec is not None)
    return kind, spec


def cities_of(spec: Any) -> tuple[str, str]:
    """The two cities of a spec with `from` and `to`, in small letters; `from` is no name that Python can write."""
    return getattr(spec, "from").lower(), spec.to.lower()


def nowhere_faults(spec: Any) -> Iterator[Fault]:
    """One city at both ends."""
    if len(set(cities_of(spec))) == 1:
        yield Fault(("to",), "it ends where it begins; name another city")


FROM_CITY: Any = {"from": (Annotated[str, Ref("city")], Field(description="a city"))}
"""The field of the first city, which no class body can hold."""


class DemandFields(Spec):
    """Traffic of others between two cities, there and back: it takes its rate from the links and is not accounted."""

    to: Annotated[str, Ref("city")] = Field(description="a city")
    rate: Rate = Field(description="what flows in each direction, where the cables have it")

    def faults(self) -> Iterator[Fault]:
        """A demand that goes nowhere."""
        yield from nowhere_faults(self)


Demand = create_model("Demand", __base__=DemandFields, __doc__=DemandFields.__doc__, **FROM_CITY)


class Satellite(Spec):
    """A geostationary satellite that joins a place to a ground station elsewhere: taken only where no cable is left."""

    place: Annotated[str, Ref("city")] = Field(description="the city that would be cut off")
    station: Annotated[str, Ref("city")] = Field(description="the city of the ground station at the other end")
    capacity: Rate = Field(description="what it carries in each direction")

    def faults(self) -> Iterator[Fault]:
        """A geostationary satellite that joins a place to itself."""
        if self.place.lower() == self.station.lower():
            yield Fault(("station",), "it stands where the place is; name another city")


class NetworkSpec(Spec):
    """The physical internet: how traffic finds its way in it, what its cables carry, what happens to them."""

    routing: Routing = Field(
        "policy", description="the way of least cost, or of least cost of those with room: what is left spills over"
    )
    cables: dict[Annotated[str, Ref("cable")], Rate] = Field(
        {}, description="what a cable carries in each direction (lit), in place of its design capacity"
    )
    overland: dict[Annotated[str, Ref("route-class")], Rate] = Field(
        {}, description="what each overland link of a class carries in each direction, in place of the assumed row"
    )
    energy: Literal["average", "marginal"] = Field(
        "average", description="what a bit costs on links and sites: their average, or one more bit, their rest apart"
    )
    demands: list[Demand] = Field([], description="traffic of others that is there all the time")
    satellites: list[Satellite] = Field([], description="where satellites stand in for cables that are cut")
    events: list[Event] = Field([], description="what happens to cables")

    @property
    def says_something(self) -> bool:
        """Whether anything in it is of cables, satellites, demands or events."""
        return bool(self.cables or self.overland or self.satellites or self.demands or self.events)

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Satellites twice for one place."""
        listed = raw.get("satellites")
        given = (
            [one.get("place") if isinstance(one, dict) else None for one in listed] if isinstance(listed, list) else []
        )
        places = [place.lower() if isinstance(place, str) else None for place in given]
        for number, place in enumerate(places):
            if place is not None and place in places[:number]:
                yield Fault(("satellites", number), f"`{place}` has one already; keep one of them")
