"""Power by what an accelerator works on: arithmetic, memory, or nothing.

    P = idle                                                        where nothing works
    P = min(max, floor + memory x u_memory + flop x u_flop)          otherwise

u_flop is the load, a share of the peak FLOP/s, and u_memory the share of the memory's
bandwidth. A memory-bound accelerator is far from idle and far from its TDP, which no line by
load alone says. The table `power_phases.csv` gives floor and slopes as shares of the TDP of
devices that serve language models; elsewhere the scenario gives watts.
"""

from typing import Literal

from pydantic import Field

from simulator.catalogue import Row, rows
from simulator.errors import MissingValueError
from simulator.hardware.power_fields import DeviceWatts, Power, check_rising, idle_of, watts_of
from simulator.spec import Spec, Watts

COLUMNS = {"floor": "floor_share", "memory": "memory_share", "flop": "flop_share"}
"""The fields that the table of phases knows for some devices, and their columns."""


class Phase(Spec):
    """At rest, bound by memory, or bound by arithmetic."""

    kind: Literal["phase"]
    idle: Watts | None = Field(None, description="watts at rest; the row's idle_w if left out")
    floor: Watts | None = Field(None, description="watts at the least work; a share of the TDP if left out")
    memory: Watts | None = Field(None, description="watts more at full bandwidth; a share of the TDP if left out")
    flop: Watts | None = Field(None, description="watts more at peak FLOP/s; a share of the TDP if left out")
    max: DeviceWatts = Field("tdp", description="watts that are never exceeded: `700 W`, `tdp` or `typical`")


def phase(spec: Phase, row: Row) -> Power:
    """The power function of an accelerator's phases; raises MissingValueError where nobody fitted them."""
    idle_w, max_w = idle_of(spec.idle, row), watts_of(spec.max, row)
    floor_w, memory_w, flop_w = (_watts(getattr(spec, field), field, row) for field in COLUMNS)
    check_rising(row, idle=idle_w, floor=floor_w, max=max_w)

    def power(load: float, memory: float = 0.0) -> float:
        works = load > 0 or memory > 0
        return min(max_w, floor_w + memory * memory_w + load * flop_w) if works else idle_w

    return power


def find_phase_row(row: Row) -> Row | None:
    """The fitted phases of a device; None where the catalogue has none."""
    return next((found for found in rows("power-phase").values() if found.text("device") == row.id), None)


def _watts(given_w: float | None, field: str, row: Row) -> float:
    """Watts as written, else the fitted share of the device's TDP."""
    if given_w is not None:
        return given_w
    fitted = find_phase_row(row)
    if fitted is None:
        known = ", ".join(f"`{found.text('device')}`" for found in rows("power-phase").values())
        remedy = f"give `floor`, `memory` and `flop` in watts; the catalogue knows them for {known}"
        raise MissingValueError(row.id, f"fitted {field} of the power model `phase`", remedy)
    tdp_w = row.number("tdp_w", f"give `{field}` in watts")
    return tdp_w * fitted.number(COLUMNS[field], f"give `{field}` in watts")
