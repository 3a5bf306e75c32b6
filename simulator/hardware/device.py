"""Bare devices: accelerators or users' equipment without a server around them.

What a model card counts: so many GPUs at so many watts, and nothing else. The kind of asset
follows the row's class by the table in `vocabulary`.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from simulator.catalogue import find
from simulator.errors import MissingValueError, UnknownNameError
from simulator.hardware.power import Linear, PowerModel, build_power
from simulator.hardware.unit import Component, Unit
from simulator.spec import Fault, Machines, Ref, Spec
from simulator.vocabulary import DEVICE_KINDS

Owner = Literal["reserved", "always"]


class DeviceGroup(Spec):
    """Identical bare devices."""

    model: Annotated[str, Ref("device")] = Field(description="a device of the catalogue")
    count: Machines = Field(description="how many")
    power: PowerModel = Field(Linear(), description="how much one draws: constant, linear or stepped")
    owned: Owner = Field("reserved", description="counts while reserved, or `always`")

    def faults(self) -> Iterator[Fault]:
        """A power model that needs watts which the row lacks."""
        try:
            build_device(self)
        except MissingValueError as error:
            yield Fault(("power",) if "power" in self.model_fields_set else ("model",), str(error))
        except UnknownNameError:
            pass  # reported where references are checked


def build_device(group: DeviceGroup) -> Unit:
    """What one bare device draws; raises MissingValueError where its row lacks watts."""
    row = find("device", group.model)
    power = build_power(group.power, row)
    component = Component(DEVICE_KINDS[row.text("class")], row, 1)
    return Unit((component,), lambda load: (power(load),), row, 1, server=False)
