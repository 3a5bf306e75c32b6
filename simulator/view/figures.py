"""The figures of one result, each written as PNG on request."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from simulator.view import iceberg, power

FILES = ("power.png", "iceberg.png")
"""The figures that a run puts into its folder."""


class Figures:
    """What a result can be drawn as; every method returns the path that it wrote."""

    def __init__(self, summary: Mapping[str, Any], ticks: Callable[..., pa.Table]) -> None:
        self._summary, self._ticks = summary, ticks

    def power(self, path: str | Path, tick: str | None = None) -> Path:
        """Power per tick, stacked by workload and activity."""
        power.draw(self._summary, self._ticks(tick, ("workload", "activity")), Path(path))
        return Path(path)

    def iceberg(self, path: str | Path, quantity: str = "co2e_kg") -> Path:
        """The nested boundaries, `co2e_kg` or `energy_j`, areas true to scale."""
        iceberg.draw(self._summary, Path(path), quantity)
        return Path(path)

    def save(self, folder: Path) -> None:
        """Write all of `FILES` into a folder."""
        self.power(folder / FILES[0])
        self.iceberg(folder / FILES[1])
