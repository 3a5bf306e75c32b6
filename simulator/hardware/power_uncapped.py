"""The table of power models that can stand below a cap, and a field that takes one of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.catalogue import Row
from simulator.hardware.power_curves import Log, Piecewise, logarithm, piecewise
from simulator.hardware.power_fields import Power
from simulator.hardware.power_levels import Constant, Linear, Stepped, constant, linear, stepped
from simulator.hardware.power_phase import Phase, phase
from simulator.spec import Spec, kind_field

Kinds = dict[str, tuple[type[Spec], Callable[[Any, Row], Power]]]

UNCAPPED: Kinds = {
    "constant": (Constant, constant),
    "linear": (Linear, linear),
    "stepped": (Stepped, stepped),
    "piecewise": (Piecewise, piecewise),
    "phase": (Phase, phase),
    "log": (Log, logarithm),
}
"""All power models but the cap on one of them: what the YAML says, and the function that it means."""


def power_field(kinds: Kinds) -> Any:
    """The type of a field that takes one of these: `linear`, or `{kind: linear, max: 350 W}`."""
    return kind_field({kind: spec for kind, (spec, _) in kinds.items()})


if TYPE_CHECKING:
    UncappedPower = Spec
else:
    UncappedPower = power_field(UNCAPPED)
"""A power model below a cap."""


def build_uncapped(spec: Any, row: Row) -> Power:
    """The power function of a device without a cap; raises MissingValueError where its row lacks watts."""
    return UNCAPPED[spec.kind][1](spec, row)
