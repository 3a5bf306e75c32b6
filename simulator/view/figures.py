"""The figures of one result: drawn for a notebook, or written as PNG."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from matplotlib.figure import Figure

from simulator.errors import UsageError
from simulator.record.store import FIGURES
from simulator.view import iceberg, power
from simulator.view.target import DPI, find_png

QUANTITIES = ("co2e_kg", "energy_j")


class Picture(NamedTuple):
    """A figure of matplotlib's, which notebooks show by themselves."""

    figure: Figure

    def save(self, target: Path | io.BytesIO) -> None:
        """Write it as PNG, the same bytes whenever it is drawn."""
        self.figure.savefig(target, dpi=DPI, format="png", metadata={"Software": None})

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        png = io.BytesIO()
        self.save(png)
        return png.getvalue()


class Figures:
    """What a result can be drawn as; every method returns the picture, and writes it where a path is given."""

    def __init__(self, summary: Mapping[str, Any], ticks: Callable[..., pa.Table]) -> None:
        self._summary, self._ticks = summary, ticks

    def power(self, path: str | Path | None = None, tick: str | None = None) -> Picture:
        """Power per tick, stacked by workload and activity."""
        target = find_png(path)
        return _written(power.draw(self._summary, self._ticks(tick, ("workload", "activity"))), target)

    def iceberg(self, path: str | Path | None = None, quantity: str = "co2e_kg") -> Picture:
        """The nested boundaries, `co2e_kg` or `energy_j`, areas true to scale."""
        if quantity not in QUANTITIES:
            raise UsageError(f"an iceberg of {quantity!r}", "no such quantity", f"there is {', '.join(QUANTITIES)}")
        target = find_png(path)
        return _written(iceberg.draw(self._summary, quantity), target)

    def save(self, folder: Path) -> None:
        """Write all of `FIGURES` into a folder."""
        self.power(folder / FIGURES[0])
        self.iceberg(folder / FIGURES[1])


def _written(figure: Figure, target: Path | None) -> Picture:
    picture = Picture(figure)
    if target is not None:
        picture.save(target)
    return picture
