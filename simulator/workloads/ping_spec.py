"""What the YAML says of a ping, and what the internet cannot do for it."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, create_model

from simulator.catalogue import rows
from simulator.network.path import home
from simulator.network.spec import FROM_CITY, cities_of, nowhere_faults
from simulator.spec import Fault, PositiveSeconds, Ref, Spec
from simulator.workloads.ends import try_way
from simulator.workloads.fields import After, OwnName, Start, Ways
from simulator.workloads.given import Given


class PingFields(Spec):
    """The round trip between two cities, watched: one packet that nothing holds back."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    to: Annotated[str, Ref("city")] = Field(description="a city")
    during: PositiveSeconds | None = Field(None, description="how long it is watched; once if left out")
    latency: Ways = "policy"

    def faults(self) -> Iterator[Fault]:
        """A ping that goes nowhere."""
        yield from nowhere_faults(self)


Ping = create_model("Ping", __base__=PingFields, __doc__=PingFields.__doc__, **FROM_CITY)


def ping_clashes(spec: PingFields, given: Given) -> Iterator[Fault]:
    """Two cities that no cable joins."""
    if given.setting is not None and all(end in rows("city") for end in cities_of(spec)):
        way = try_way("to", given.setting, home(cities_of(spec)[0]), home(cities_of(spec)[1]), spec.latency)
        if isinstance(way, Fault):
            yield way
