"""What the YAML says of levers: what-ifs that one line each sets in motion, beside the scenario that they change.

A lever is one of the kinds of `lever_values.py`, or `set:` with values by path as `--set` takes them, or several of
these together. A run does not read levers: they change none of its numbers, and `aiceberg levers` alone pulls them.
How much a lever does stands here, in the scenario; no lever has an amount of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from simulator.footprint.making.life import SPLITS
from simulator.hardware.datacenter import GRID, zone_or_intensity
from simulator.spec import (
    NAME_ALONE,
    Count,
    Fault,
    PositiveNumber,
    PositiveSeconds,
    PositiveShare,
    Pue,
    Ref,
    Spec,
    Text,
    names,
    present,
)

ABOUT = ("says", "rebound", "of")
"""The fields that say something about a lever; all others are what it does."""


class RepairLever(Spec):
    """A longer life by repairs."""

    repairs: Count = Field(description="how often it is repaired in its life")
    lifetime: PositiveSeconds = Field(description="how long it then lasts")


class SecondHandLever(Spec):
    """A device that somebody else had before."""

    first: PositiveSeconds = Field(description="how long the first owner had it")
    lifetime: PositiveSeconds = Field(description="how long it lasts, both owners together")
    split: Literal[tuple(SPLITS)] = Field("time", description="how the two share the making")  # type: ignore[valid-type]  # the words of a table
    resale: PositiveShare | None = Field(None, description="price at which it is sold over that when new; for `price`")


class Lever(Spec):
    """A what-if: what it sets, and how much of what it saves comes back elsewhere."""

    says: Text | None = Field(None, description="what it is, in words")
    rebound: PositiveNumber | None = Field(
        None, description="part of what it saves that is spent elsewhere; told beside the saving, never in it"
    )
    of: Annotated[list[Text], BeforeValidator(names), NAME_ALONE] = Field(
        [], description="of which populations, data centres, workloads or models; all that it can change if left out"
    )
    set: dict[Text, Any] = Field({}, description="values by path, as `--set` takes them; whole parts too")
    fewer_devices: PositiveNumber | None = Field(None, description="the devices of populations, times this")
    fewer_requests: PositiveNumber | None = Field(None, description="the requests of services, times this")
    device_lifetime: PositiveSeconds | None = Field(None, description="how long the devices of populations last")
    repair: RepairLever | None = Field(None, description="the devices of populations last longer, repaired")
    second_hand: SecondHandLever | None = Field(None, description="the devices of populations are second hand")
    access: Annotated[str, Ref("access")] | None = Field(None, description="the one line that populations use")
    grid: Annotated[float | str, BeforeValidator(zone_or_intensity), Ref("grid", or_quantity=True), GRID] | None = (
        Field(None, description="the zone or intensity of data centres and populations")
    )
    pue: Pue | None = Field(None, description="the PUE of data centres")
    model_size: PositiveNumber | None = Field(
        None, description="parameters and FLOPs of the models of this file, times this"
    )

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """A lever that does nothing, or `of` of nothing."""
        given = present(raw) - ({"set"} if raw.get("set") == {} else set())
        kinds = [field for field in cls.model_fields if field not in (*ABOUT, "set")]
        if not given & {"set", *kinds}:
            yield Fault((), f"it does nothing; give `set: {{PATH: VALUE}}` or one of {', '.join(kinds)}")
        elif "of" in given and not given & set(kinds):
            yield Fault(("of",), "`set` says by its paths what it is about; leave `of` out")
