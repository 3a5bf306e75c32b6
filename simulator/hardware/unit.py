"""One piece of hardware as the queue hands it out: its components and what each draws.

A unit is a bare device, or a server. `draws(load, memory)` gives the watts of every component
of one unit, in the order of `components`; a group of identical units multiplies. The load is
the share of the accelerators' peak FLOP/s, or of full work; memory the share of their memory's
bandwidth, which most power models ignore.
"""

from typing import NamedTuple, Protocol

from simulator.catalogue import Row
from simulator.hardware.fabric import Fabric


class Component(NamedTuple):
    """A part of a unit that is recorded on its own: its asset kind, row and number per unit."""

    kind: str
    row: Row | None
    per_unit: int


class Draws(Protocol):
    """The watts of every component of a unit."""

    def __call__(self, load: float, memory: float = 0.0) -> tuple[float, ...]:
        """The watts at a load and a use of memory, both from 0 to 1."""


class SlowDown(Protocol):
    """How much longer a unit's work takes because its power is capped."""

    def __call__(self, load: float, memory: float) -> float:
        """Time with the cap over time without it, 1 or more, at a load and a use of memory."""


def _unhindered(load: float, memory: float) -> float:
    return 1.0


class Unit(NamedTuple):
    """What one piece is made of, and the watts of each component at a load."""

    components: tuple[Component, ...]
    draws: Draws
    device: Row | None
    devices: int
    server: bool
    assumptions: tuple[str, ...] = ()
    fabric: Fabric | None = None
    """What joins it to other servers; None where nothing says."""
    accelerator_fabric: Fabric | None = None
    """What joins its accelerators, for each of them; None where nothing says."""
    slow_down: SlowDown = _unhindered
    """How much longer its work takes at a load, because of a power cap."""
    slow_down_assumptions: tuple[str, ...] = ()
    """What is assumed of that, to be listed where it makes something longer."""

    @property
    def full_w(self) -> float:
        """The most that it can draw: all components, at full load and full use of memory."""
        return sum(self.draws(1.0, 1.0))


class Stock(NamedTuple):
    """The machines of a group: what one unit is, and how many there are."""

    unit: Unit
    units: int
