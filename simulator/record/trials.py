"""A training that was tried to find the rates with which a paradigm learns best, a row of `trials`."""

from typing import NamedTuple

REACHED, MISSED, DIVERGED = "reached", "missed", "diverged"
"""How a trial ends."""
STATED = "stated"
"""The status of what was not tried here, but is said to have been, as a share of the training."""


class Trial(NamedTuple):
    """One whole run of a paradigm with some rates; columns as in `columns.TABLES`."""

    trial: int
    seed: int
    chosen: str
    status: str
    rate: float | None
    server_rate: float | None
    rounds: int
    time_s: float
    boundary: str
    energy_j: float
    co2e_kg: float
    owned_energy_j: float
    owned_co2e_kg: float
