"""What the YAML says of a transfer, what of it contradicts itself, and what the world cannot do for it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import BeforeValidator, Field, create_model

from simulator.definitions import Definitions, dataset_size_b, model_size_b
from simulator.errors import MissingValueError, SimulatorError, UnknownNameError
from simulator.hardware.datacenter import find_city, place_known
from simulator.network.path import End, path
from simulator.spec import LONGEST_S, Bits, Fault, Name, OrJson, Rate, Ref, Seconds, Spec, present
from simulator.units import show
from simulator.workloads.given import Given
from simulator.workloads.training_spec import names

SIZES = ("dataset", "model", "size")


class TransferFields(Spec):
    """Bytes that move from one data centre to another."""

    name: Name | None = Field(None, description="its name; the kind's if left out")
    after: Annotated[list[str], BeforeValidator(names), Ref("workload"), OrJson({"type": "string"})] = Field(
        [], description="workloads that must be done before: a name, or a list of names"
    )
    start: Seconds = Field(0.0, description="how long to wait first")
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="a data set of this file or of the catalogue, to be moved whole"
    )
    model: Annotated[str, Ref("model")] | None = Field(
        None, description="a model of this file or of the catalogue, whose parameters are moved"
    )
    size: Bits | None = Field(None, description="how much is to be moved, such as `5 TB`")
    to: Annotated[str, Ref("datacenter")] = Field(description="the data centre that receives")
    rate_cap: Rate | None = Field(None, description="the rate that it never exceeds, such as `10 Gbps`")
    latency: Literal["policy", "lower_bound"] = Field(
        "policy", description="the way of least cost, or of fewest kilometres with nothing added"
    )

    @property
    def ends(self) -> tuple[str, str]:
        """The data centres that send and receive; `from` is no name that Python can write."""
        return getattr(self, "from"), self.to

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """No size, or several."""
        given = [field for field in SIZES if field in present(raw)]
        if not given:
            yield Fault((), "nothing says how much is to be moved; give `dataset`, `model`, or `size`, such as `5 TB`")
        for field in given[1:]:
            yield Fault((field,), f"`{given[0]}` says already how much is to be moved; keep one of them")

    def faults(self) -> Iterator[Fault]:
        """A transfer that goes nowhere."""
        sender, receiver = self.ends
        if sender == receiver:
            yield Fault(("to",), "it ends where it begins; name another data centre, or leave the transfer out")


Transfer = create_model(
    "Transfer",
    __base__=TransferFields,
    __doc__=TransferFields.__doc__,
    **cast(
        Any, {"from": (Annotated[str, Ref("datacenter")], Field(description="the data centre that sends"))}
    ),  # a word of Python's own, which no class body can hold
)


class Sized(Protocol):
    """What says how much is to be moved: one of the three is given."""

    @property
    def size(self) -> float | None:
        """So many bits."""

    @property
    def dataset(self) -> str | None:
        """As a whole data set has."""

    @property
    def model(self) -> str | None:
        """As the parameters of a model have."""


def size_b(spec: Sized, own: Definitions) -> float:
    """The bits that are to be moved; raises MissingValueError where nothing says how large a thing is."""
    if spec.size is not None:
        return spec.size
    if spec.dataset is not None:
        return dataset_size_b(spec.dataset, own, "give the transfer a `size` instead")
    assert spec.model is not None, "presence_faults() asks for one of three"
    return model_size_b(spec.model, own)


def transfer_clashes(spec: TransferFields, given: Given) -> Iterator[Fault]:
    """What the data centres, the cables or the catalogue cannot do for this transfer."""
    sizes_b = []
    try:
        with suppress(UnknownNameError):  # told where the name stands
            sizes_b.append(size_b(spec, given.own))
    except MissingValueError as error:
        yield Fault((next(field for field in SIZES if getattr(spec, field) is not None),), str(error))
    ends: list[End] = []
    for field, name in zip(("from", "to"), spec.ends, strict=True):
        datacenter = given.datacenters.get(name)
        if datacenter is None or (present(dict(datacenter)) & {"region", "city"} and not place_known(datacenter)):
            continue  # told where the name or the data centre stands
        ends.append(End(name, find_city(datacenter), datacenter.uplink))
        if not ends[-1].city:
            yield Fault(
                (field,), f"nothing says where `{name}` is, so that no cable reaches it; give it `region:` or `city:`"
            )
    if given.year is not None and len(ends) == 2 and all(end.city for end in ends):
        yield from _way_faults(spec, given.year, ends, sizes_b)


def _way_faults(spec: TransferFields, year: int, ends: list[End], sizes_b: list[float]) -> Iterator[Fault]:
    sender, receiver = ends
    try:
        way = path(year, sender, receiver, spec.latency)
    except SimulatorError as error:
        yield Fault(("to",), str(error))
        return
    if not way.capacities_bps and spec.rate_cap is None:
        sentence = (
            f"both ends are in {sender.city} and nothing limits it; give one of them an `uplink`, or it a `rate_cap`"
        )
        yield Fault((), sentence)
        return
    fastest_bps = min(way.narrowest_bps, spec.rate_cap or way.narrowest_bps)
    for bits in sizes_b:
        time_s = bits / fastest_bps + way.latency_s
        if time_s > LONGEST_S:
            sentence = f"the transfer would take {show(time_s, 'time_s')}; at most 300 000 y can be simulated"
            yield Fault((next(field for field in SIZES if getattr(spec, field) is not None),), sentence)
