"""What the YAML says of a transfer, what of it contradicts itself, and what the world cannot do for it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import Field, create_model

from simulator.network.path import End, Path
from simulator.network.setting import Setting
from simulator.spec import LONGEST_S, Bits, Fault, Rate, Ref, Spec, too_long
from simulator.workloads.amount import amount_faults, amount_field, find_amount_b
from simulator.workloads.ends import find_end, nowhere, try_way
from simulator.workloads.fields import After, MovedModel, OwnName, Start
from simulator.workloads.given import Given


class TransferFields(Spec):
    """Bytes that move from one data centre to another."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="a data set of this file or of the catalogue, to be moved whole"
    )
    model: MovedModel = None
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
        yield from amount_faults(raw)

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


def transfer_clashes(spec: TransferFields, given: Given) -> Iterator[Fault]:
    """What the data centres, the cables or the catalogue cannot do for this transfer."""
    size_b = find_amount_b(spec, given.own)
    if isinstance(size_b, Fault):
        yield size_b
    ends = {field: find_end(name, given.datacenters) for field, name in zip(("from", "to"), spec.ends, strict=True)}
    known = {field: end for field, end in ends.items() if end is not None}
    yield from (nowhere(field, end.name) for field, end in known.items() if not end.city)
    if given.setting is not None and len(known) == 2 and all(end.city for end in known.values()):
        yield from _way_faults(spec, given.setting, known["from"], known["to"], size_b)


def _way_faults(
    spec: TransferFields, setting: Setting, sender: End, receiver: End, size_b: float | Fault | None
) -> Iterator[Fault]:
    way = try_way("to", setting, sender, receiver, spec.latency)
    if not isinstance(way, Path):
        yield from () if way is None else (way,)
        return
    if not way.capacities_bps and spec.rate_cap is None:
        sentence = (
            f"both ends are in {sender.city} and nothing limits it; give one of them an `uplink`, or it a `rate_cap`"
        )
        yield Fault((), sentence)
        return
    fastest_bps = min(way.narrowest_bps, spec.rate_cap or way.narrowest_bps)
    if isinstance(size_b, float):
        time_s = size_b / fastest_bps + way.latency_s
        if time_s > LONGEST_S:
            yield Fault((amount_field(spec),), too_long("the transfer", time_s))
