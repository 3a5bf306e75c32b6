"""What the YAML says of data that come together and of models that go out, and what of it cannot be."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Annotated, Any, NamedTuple, cast

from pydantic import BeforeValidator, Field, create_model

from simulator.network.access import known_lines
from simulator.network.path import End, Path, home
from simulator.network.setting import Setting
from simulator.spec import LONGEST_S, NAME_ALONE, Bits, Fault, PositiveSeconds, Ref, Spec, names, too_long
from simulator.workloads.amount import amount_faults, amount_field, find_amount_b
from simulator.workloads.ends import busiest_s, find_end, nowhere, try_way
from simulator.workloads.fields import After, MovedModel, OwnName, Start, Ways
from simulator.workloads.given import Given


class Moving(Spec):
    """Fields of all that moves between one data centre and several sites."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="a data set of this file or of the catalogue"
    )
    model: MovedModel = None
    size: Bits | None = Field(None, description="how much, such as `5 TB`")
    during: PositiveSeconds | None = Field(
        None, description="over how long the users of a population begin, evenly; needed with a population"
    )
    latency: Ways = "policy"

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """No size, or several."""
        yield from amount_faults(raw)

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
    def upward(self) -> bool:
        """Whether the sites send and the data centre receives."""
        return self.ends[1] == "from"

    @property
    def sites(self) -> list[str]:
        """The sites on the other."""
        return list(getattr(self, self.ends[1]))


def _one(description: str) -> Any:
    return Annotated[str, Ref("datacenter")], Field(description=description)


def _several(description: str) -> Any:
    kind = Annotated[list[str], BeforeValidator(names), Ref("site"), NAME_ALONE]
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
    size_b = find_amount_b(spec, given.own)
    if isinstance(size_b, Fault):
        yield size_b
    crowds = [site for site in spec.sites if site in given.populations]
    if crowds and spec.during is None:
        yield Fault((), f"{crowds[0]} are many users; say over how long they begin, such as `during: 1 d`")
    one, many = spec.ends
    centre = find_end(spec.centre, given.datacenters)
    if centre is not None and not centre.city:
        yield nowhere(one, spec.centre)
    for site in spec.sites:
        end = find_end(site, given.datacenters)
        if end is not None and not end.city:
            yield nowhere(many, site)
    if given.setting is not None and centre is not None and centre.city:
        part_b = size_b / (len(spec.sites) if spec.upward else 1) if isinstance(size_b, float) else 0.0
        parts: list[tuple[Path, float]] = []
        line_s = 0.0
        for far in _far_ends(spec, given, part_b):
            line_s = max(line_s, far.line_s)
            for way in _ways(spec, given.setting, centre, far.end):
                if isinstance(way, Fault):
                    yield way
                else:
                    parts.append((way, far.size_b))
        time_s = max(line_s, busiest_s(parts))
        if time_s > LONGEST_S:
            yield Fault((amount_field(spec),), too_long("moving it", time_s))


class _Far(NamedTuple):
    """One of the many ends, the bits that it sends or receives, and how long the line of each user takes at least."""

    end: End
    size_b: float
    line_s: float


def _far_ends(spec: Moving, given: Given, part_b: float) -> Iterator[_Far]:
    """The sites, and the cities of populations, whose users send a part together or receive it each."""
    for site in spec.sites:
        end = find_end(site, given.datacenters)
        if end is not None and end.city:
            yield _Far(end, part_b, 0.0)
        elif site in given.populations:
            users = given.populations[site]
            each_b = part_b / (users.count if spec.upward else 1)
            lines_bps = [line.up_bps if spec.upward else line.down_bps for line in known_lines(users.access)]
            line_s = each_b / max(lines_bps, default=inf)
            yield from (_Far(home(city), each_b * users.count * share, line_s) for city, share in users.places.items())


def _ways(spec: Moving, setting: Setting, centre: End, far: End) -> Iterator[Path | Fault]:
    """The way to one of them, or why there is none."""
    field = spec.ends[1]
    way = try_way(field, setting, centre, far, spec.latency)
    if isinstance(way, Path) and not way.capacities_bps and far.name:
        sentence = (
            f"`{far.name}` and `{centre.name}` are in {far.city} and nothing limits it; give one of them an `uplink`"
        )
        yield Fault((field,), sentence)
    elif way is not None:
        yield way
