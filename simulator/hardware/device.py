"""Bare devices: accelerators or users' equipment without a server around them.

What a model card counts: so many GPUs at so many watts, and nothing else. The kind of asset
follows the row's class by the table in `vocabulary`.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from simulator.catalogue import Row, find, rows
from simulator.hardware.power import PowerModel, build_power, power_doubts, power_faults
from simulator.hardware.power_cap import build_slow_down, law_doubts
from simulator.hardware.power_levels import Linear
from simulator.hardware.unit import Component, Unit
from simulator.spec import Fault, Machines, Ref, Spec
from simulator.vocabulary import DEVICE_KINDS

Owner = Literal["reserved", "always"]


class DeviceGroup(Spec):
    """Identical bare devices."""

    model: Annotated[str, Ref("device")] = Field(description="a device of the catalogue")
    count: Machines = Field(description="how many")
    power: PowerModel = Field(Linear(), description="how much one draws by its load")
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")

    def faults(self) -> Iterator[Fault]:
        """A power model that needs watts which the row lacks."""
        row = find_device(self.model)
        if row is not None:
            yield from power_faults(self.power, row, ("power",) if "power" in self.model_fields_set else ("model",))


def find_device(name: str) -> Row | None:
    """The device of that name; None for an unknown one, which is reported where names are checked."""
    return rows("device").get(name.lower())


def kind_of(row: Row) -> str:
    """The kind of asset that a device is, by its class."""
    return DEVICE_KINDS[row.text("class")]


def kind_faults(name: str, wanted: str, field: str) -> Iterator[Fault]:
    """A device of another kind than the place asks for."""
    row = find_device(name)
    if row is not None and kind_of(row) != wanted:
        sentence = f"`{row.id}` ({row.text('class')}) counts as {kind_of(row)}, not as {wanted}"
        yield Fault((field,), sentence)


def build_device(group: DeviceGroup) -> Unit:
    """What one bare device draws; raises MissingValueError where its row lacks watts."""
    row = find("device", group.model)
    power = build_power(group.power, row)
    return Unit(
        (Component(kind_of(row), row, 1),),
        lambda load, memory=0.0: (power(load, memory),),
        row,
        1,
        server=False,
        assumptions=power_doubts(group.power, row),
        slow_down=build_slow_down(group.power, row),
        slow_down_assumptions=law_doubts(group.power, row),
    )
