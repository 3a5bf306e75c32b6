"""Power by the load alone, from two or three watts.

    constant  P = power
    linear    P = idle + load x (max - idle)
    stepped   P = idle at load 0, else epsilon + load x (max - epsilon)

Source of the linear model: Fan, Weber and Barroso 2007, "Power provisioning for a
warehouse-sized computer", section 4; of the stepped one: SimGrid's host energy plug-in.
"""

from typing import Literal

from pydantic import Field

from simulator.catalogue import Row
from simulator.hardware.power_fields import DeviceWatts, Power, check_rising, idle_of, watts_of
from simulator.spec import Spec, Watts


class Constant(Spec):
    """The same watts whatever the load."""

    kind: Literal["constant"]
    power: DeviceWatts = Field(description="watts while in service: `250 W`, `tdp` or `typical`")


class Linear(Spec):
    """From idle to max in proportion to the load."""

    kind: Literal["linear"] = "linear"
    idle: Watts | None = Field(None, description="watts at rest; the row's idle_w if left out")
    max: DeviceWatts = Field("tdp", description="watts at full load: `400 W`, `tdp` or `typical`")


class Stepped(Spec):
    """A step up as soon as there is work, then in proportion to the load."""

    kind: Literal["stepped"]
    idle: Watts | None = Field(None, description="watts at rest; the row's idle_w if left out")
    epsilon: Watts = Field(description="watts at the smallest load")
    max: DeviceWatts = Field("tdp", description="watts at full load: `400 W`, `tdp` or `typical`")


def constant(spec: Constant, row: Row) -> Power:
    """The power function of a constant draw."""
    power_w = watts_of(spec.power, row)
    return lambda load, memory=0.0: power_w


def linear(spec: Linear, row: Row) -> Power:
    """The power function between idle and max."""
    idle_w, max_w = idle_of(spec.idle, row), watts_of(spec.max, row)
    check_rising(row, idle=idle_w, max=max_w)
    return lambda load, memory=0.0: idle_w + load * (max_w - idle_w)


def stepped(spec: Stepped, row: Row) -> Power:
    """The power function with a step at the first work."""
    idle_w, epsilon_w, max_w = idle_of(spec.idle, row), spec.epsilon, watts_of(spec.max, row)
    check_rising(row, idle=idle_w, epsilon=epsilon_w, max=max_w)
    return lambda load, memory=0.0: epsilon_w + load * (max_w - epsilon_w) if load > 0 else idle_w
