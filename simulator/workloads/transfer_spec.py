"""What the YAML says of a transfer, what of it contradicts itself, and what the world cannot do for it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

from pydantic import Field, create_model

from simulator.network.path import End, Path, find_inner_path
from simulator.network.setting import Setting
from simulator.spec import LONGEST_S, Bits, Fault, Rate, Ref, Spec, too_long
from simulator.workloads.amount import amount_faults, amount_field, find_amount_b
from simulator.workloads.ends import find_group_end, nowhere, try_way
from simulator.workloads.fields import After, MovedModel, OwnName, Start, Ways
from simulator.workloads.given import Given


class TransferFields(Spec):
    """Bytes that move from one data centre, or group of machines, to another."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="a data set of this file or of the catalogue, to be moved whole"
    )
    model: MovedModel = None
    size: Bits | None = Field(None, description="how much is to be moved, such as `5 TB`")
    to: Annotated[str, Ref("end")] = Field(description="what receives: a data centre, or a group of its servers")
    rate_cap: Rate | None = Field(None, description="the rate that it never exceeds, such as `10 Gbps`")
    latency: Ways = "policy"

    @property
    def ends(self) -> tuple[str, str]:
        """What sends and what receives; `from` is no name that Python can write."""
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
        elif _site(sender) == _site(receiver) and ("/" in sender) != ("/" in receiver):
            yield Fault(("to",), f"`{receiver}` and `{sender}` are one place; name a group of it on both ends")


Transfer = create_model(
    "Transfer",
    __base__=TransferFields,
    __doc__=TransferFields.__doc__,
    **cast(
        Any,
        {
            "from": (
                Annotated[str, Ref("end")],
                Field(description="what sends: a data centre, or a group of its servers"),
            )
        },
    ),  # a word of Python's own, which no class body can hold
)


def transfer_clashes(spec: TransferFields, given: Given) -> Iterator[Fault]:
    """What the data centres, the cables or the catalogue cannot do for this transfer."""
    size_b = find_amount_b(spec, given.own)
    if isinstance(size_b, Fault):
        yield size_b
    found = {
        field: find_group_end(field, name, given.datacenters, given.stocks)
        for field, name in zip(("from", "to"), spec.ends, strict=True)
    }
    yield from (end for end in found.values() if isinstance(end, Fault))
    known = {field: end for field, end in found.items() if isinstance(end, End)}
    if not _crosses(*spec.ends):
        inner = find_inner_path(*known.values()) if len(known) == 2 else None
        yield from () if inner is None else _time_faults(spec, inner, size_b)
        return
    yield from (nowhere(field, end.site) for field, end in known.items() if not end.city)
    if given.setting is not None and len(known) == 2 and all(end.city for end in known.values()):
        yield from _way_faults(spec, given.setting, known["from"], known["to"], size_b)


def crosses_internet(raw: Mapping[str, Any]) -> bool:
    """Whether a transfer, as the file says it, leaves its data centre."""
    return _crosses(str(raw.get("from", "")), str(raw.get("to", "")))


def _crosses(sender: str, receiver: str) -> bool:
    """Whether these are not two groups of one data centre."""
    return "/" not in sender or "/" not in receiver or _site(sender) != _site(receiver)


def _site(end: str) -> str:
    return end.partition("/")[0]


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
    yield from _time_faults(spec, way, size_b)


def _time_faults(spec: TransferFields, way: Path, size_b: float | Fault | None) -> Iterator[Fault]:
    """A transfer that takes longer than can be simulated."""
    fastest_bps = min(way.narrowest_bps, spec.rate_cap or way.narrowest_bps)
    if isinstance(size_b, float):
        time_s = size_b / fastest_bps + way.latency_s
        if time_s > LONGEST_S:
            yield Fault((amount_field(spec),), too_long("the transfer", time_s))
