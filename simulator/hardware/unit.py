"""One piece of hardware as the queue hands it out: its components and what each draws.

A unit is a bare device, or a server. `draws(load)` gives the watts of every component of
one unit, in the order of `components`; a group of identical units multiplies.
"""

from collections.abc import Callable
from typing import NamedTuple

from simulator.catalogue import Row
from simulator.hardware.fabric import Fabric


class Component(NamedTuple):
    """A part of a unit that is recorded on its own: its asset kind, row and number per unit."""

    kind: str
    row: Row | None
    per_unit: int


class Unit(NamedTuple):
    """What one piece is made of, and the watts of each component at a load."""

    components: tuple[Component, ...]
    draws: Callable[[float], tuple[float, ...]]
    device: Row | None
    devices: int
    server: bool
    assumptions: tuple[str, ...] = ()
    fabric: Fabric | None = None
    """What joins it to other servers; None where nothing says."""
    accelerator_fabric: Fabric | None = None
    """What joins its accelerators, for each of them; None where nothing says."""


class Stock(NamedTuple):
    """The machines of a group: what one unit is, and how many there are."""

    unit: Unit
    units: int
