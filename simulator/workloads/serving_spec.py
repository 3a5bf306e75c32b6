"""What the YAML says of a service, and how much work that is."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from simulator.spec import (
    Bits,
    Count,
    Fault,
    PositiveSeconds,
    Ref,
    Share,
    Spec,
    present,
)
from simulator.workloads.fields import After, OwnName, Priority, Start, Ways

MOST_REQUESTS = 10_000_000
"""Their times are kept in memory until they are written: some 150 bytes each, 600 where users ask."""

MOST_OF_A_LINK = 0.9
"""The share of a link that the users of one service may fill at a time: the rest is left to others."""

MOST_IN_THE_MEAN = 0.9
"""The share of that which they may fill in the mean: beyond it the answers on their way pile up."""


class Serve(Spec):
    """Requests that arrive over a time, answered by replicas of a model on the machines of one group."""

    elsewhere = dict.fromkeys(("units", "servers"), "the machines that serve are its `replicas`")

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    priority: Priority = 0
    at: Annotated[str, Ref("group")] = Field(description="where: place/group")
    replicas: Count | None = Field(
        None,
        description="servers or bare devices to reserve, each for one request at a time; the whole group's if left out",
    )
    model: Annotated[str, Ref("model")] | None = Field(None, description="a model of this file or of the catalogue")
    requests: Count = Field(description="how many arrive")
    during: PositiveSeconds = Field(
        description="the time over which they arrive, from when it opens: it has its machines, and its links"
    )
    arrivals: Literal["poisson", "regular"] = Field(
        "poisson", description="independent of each other, or evenly spaced"
    )
    service_time: PositiveSeconds = Field(description="how long one request takes on one replica, on average")
    service: Literal["constant", "exponential"] = Field(
        description="every request takes the average, or they vary exponentially"
    )
    utilisation: Share | None = Field(
        None, description="load of a replica's accelerators while it serves; `accelerator-load-serving` if left out"
    )

    memory_utilisation: Share | None = Field(
        None, description="share of the memory's bandwidth in use while it serves; asked for by power models of phases"
    )
    users: Annotated[str, Ref("population")] | None = Field(None, description="the population that asks, if it counts")
    request: Bits | None = Field(None, description="bytes of a request, where users ask")
    response: Bits | None = Field(None, description="bytes of an answer, where users ask")
    latency: Ways = "policy"

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Users without bytes, or bytes and ways of nobody."""
        given = present(raw)
        missing = [f"`{field}`" for field in ("request", "response") if field not in given]
        if "users" in given and missing:
            sentence = f"users send and receive bytes; give {' and '.join(missing)}, such as `request: 1 kB`"
            yield Fault(("users",), sentence)
        for field in ("request", "response"):
            if field in given and "users" not in given:
                yield Fault((field,), "bytes that go to nobody; name the population that asks in `users`")
        if "latency" in given and "users" not in given:
            yield Fault(
                ("latency",), "ways that nobody takes; name the population that asks in `users`, or take it away"
            )

    def faults(self) -> Iterator[Fault]:
        """More requests than memory holds."""
        if self.requests > MOST_REQUESTS:
            yield Fault(
                ("requests",),
                "at most 10 million requests fit in memory; simulate a part of them, over a part of the time",
            )


def offered_load(spec: Serve, replicas: int) -> float:
    """Work that arrives over what so many replicas can do meanwhile: erlangs per replica."""
    return spec.requests * spec.service_time / (replicas * spec.during)


def queue_grows(spec: Serve, replicas: int) -> bool:
    """Whether the mean wait has no bound, the longer they arrive: above a load of 1, and at 1 if anything is random."""
    load, certain = offered_load(spec, replicas), (spec.arrivals, spec.service) == ("regular", "constant")
    return load > 1.0 or (load == 1.0 and not certain)
