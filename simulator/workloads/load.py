"""The load of accelerators at work, where the scenario gives none: an assumed row, listed where it matters."""

from simulator.catalogue import find
from simulator.hardware.unit import Unit
from simulator.world import World


def find_load(world: World, utilisation: float | None, unit: Unit, row: str) -> float:
    """The load that the scenario gives, else that of the row, which is then listed."""
    if utilisation is None and unit.draws(0.0) != unit.draws(1.0):
        world.assumptions[row] = None
    return load_of(utilisation, row)


def load_of(utilisation: float | None, row: str) -> float:
    """The load that the scenario gives, else that of the row."""
    return find("assumption", row).number("value_share", "correct the row") if utilisation is None else utilisation
