"""The figures of one result, each written as PNG on request."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from simulator.errors import UsageError
from simulator.record.store import FIGURES
from simulator.view import iceberg, power

QUANTITIES = ("co2e_kg", "energy_j")


class Figures:
    """What a result can be drawn as; every method returns the path that it wrote."""

    def __init__(self, summary: Mapping[str, Any], ticks: Callable[..., pa.Table]) -> None:
        self._summary, self._ticks = summary, ticks

    def power(self, path: str | Path, tick: str | None = None) -> Path:
        """Power per tick, stacked by workload and activity."""
        power.draw(self._summary, self._ticks(tick, ("workload", "activity")), _png(path))
        return Path(path)

    def iceberg(self, path: str | Path, quantity: str = "co2e_kg") -> Path:
        """The nested boundaries, `co2e_kg` or `energy_j`, areas true to scale."""
        if quantity not in QUANTITIES:
            raise UsageError(f"an iceberg of {quantity!r}", "no such quantity", f"there is {', '.join(QUANTITIES)}")
        iceberg.draw(self._summary, _png(path), quantity)
        return Path(path)

    def save(self, folder: Path) -> None:
        """Write all of `FIGURES` into a folder."""
        self.power(folder / FIGURES[0])
        self.iceberg(folder / FIGURES[1])


def _png(path: str | Path) -> Path:
    """The path, if a PNG can be written there; raises UsageError."""
    target = Path(path)
    if target.suffix != ".png":
        raise UsageError(str(path), "figures are written as PNG", "give a name that ends in .png")
    if not target.parent.is_dir():
        raise UsageError(str(path), f"there is no folder {target.parent}", "make it first")
    return target
