"""The building's overhead where its PUE follows the load: exact between changes.

    overhead of a channel = integral of (PUE(W) - 1) x its watts,     W = IT watts of its place

W, the sum of the watts of all IT assets of the place, is a step function of time, and so is
PUE(W), which the table `pue_curves` gives by points with straight lines between. With the clock

    F(t) = integral of PUE(W) - 1 from 0 to t

the overhead of a channel is the integral of its watts over F, computed as energy is over time,
in one pass over the log, however long. Where the grid's intensity g varies, F is the integral
of (PUE(W) - 1) x g.

Machines out of service draw nothing, but in the total of everything owned they rest: S watts
beside W. What the building would then take more is charged to them, by a clock of their own:

    o(w) = (PUE(w) - 1) x w,     h = (o(W + S) - o(W)) / S

so that overheads add up to o(W) in one total and to o(W + S) in the other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simulator.engine.series import Series
from simulator.footprint.carbon import co2e_kg
from simulator.record.integrate import Floats, Log, channel_energy_j, log_of
from simulator.record.pieces import of_paradigm, pieces
from simulator.record.ticks import deltas
from simulator.vocabulary import POWER, SPARE

Tables = Mapping[str, pa.Table]

IT_KINDS = ("accelerator", "host", "node")
"""The assets that stand in the building and cause its overhead."""

_DUST = 1e-9
"""Below this part of the highest IT watts a sum of watts is rounding."""


class Curve(NamedTuple):
    """The PUE of a place at some IT watts, which rise; straight lines between."""

    it_power_w: Floats
    pue_ratio: Floats


class Parts(NamedTuple):
    """Which channels make the IT watts of a place, and which what its machines out of service would draw."""

    drawn: npt.NDArray[np.bool_]
    spare: npt.NDArray[np.bool_]


def curves_of(tables: Tables, paradigm: str) -> dict[str, Curve]:
    """The curves of the places whose PUE follows their load."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in of_paradigm(tables["pue_curves"], paradigm).to_pylist():
        points.setdefault(row["place"], []).append((row["it_power_w"], row["pue_ratio"]))
    return {place: Curve(*np.array(found, float).T) for place, found in points.items()}


def parts_of(tables: Tables, paradigm: str, place: str) -> Parts:
    """The channels of the IT assets of a place, by their number in the paradigm."""
    assets = of_paradigm(tables["assets"], paradigm).to_pylist()
    inside = {asset["asset"] for asset in assets if asset["place"] == place and asset["kind"] in IT_KINDS}
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    quantities = [channel["quantity"] if channel["asset"] in inside else "" for channel in channels]
    return Parts(*(np.array([quantity == wanted for quantity in quantities]) for wanted in (POWER, SPARE)))


class Clock:
    """F, and that of machines out of service, as the log is gone over once."""

    __slots__ = ("_at_s", "_curve", "_full_w", "_level_w", "_parts", "_passed", "_shown", "_sums_w")

    def __init__(self, curve: Curve, parts: Parts, passed: Callable[[Floats], Floats] = lambda at_s: at_s) -> None:
        self._curve, self._passed = curve, passed
        self._parts = Parts(*(np.append(part, False) for part in parts))
        self._full_w = float(curve.it_power_w[-1])
        self._level_w = np.zeros(len(parts.drawn) + 1)
        self._sums_w, self._shown, self._at_s = np.zeros(2), np.zeros(2), np.zeros(1)

    @property
    def nobody(self) -> int:
        """The number of a channel that is of no asset."""
        return len(self._level_w) - 1

    def advance(self, log: Log) -> tuple[Floats, Floats]:
        """What the two clocks show at each of these changes, which follow those before."""
        delta_w = deltas(log.channel, log.value, self._level_w)
        sums_w = [
            np.cumsum(np.concatenate(([before_w], np.where(part[log.channel], delta_w, 0.0))))
            for before_w, part in zip(self._sums_w, self._parts, strict=True)
        ]
        times = self._passed(np.concatenate((self._at_s, log.at_s)))
        shown = [
            # what it showed before stands first in the sum, so that cutting the log changes no bit of it
            np.cumsum(np.concatenate(([before], rates[:-1] * np.diff(times))))[1:]
            for before, rates in zip(self._shown, self._rates(*sums_w), strict=True)
        ]
        if len(log.at_s):
            self._sums_w, self._at_s = np.array([sum_w[-1] for sum_w in sums_w]), log.at_s[-1:]
            self._shown = np.array([values[-1] for values in shown])
        return shown[0], shown[1]

    def show(self, at_s: Floats) -> tuple[Floats, Floats]:
        """What the two clocks show at moments after the last change."""
        gone = self._passed(at_s) - self._passed(self._at_s)
        drawn, spare = (
            before + rates[0] * gone
            for before, rates in zip(self._shown, self._rates(*self._sums_w[:, None]), strict=True)
        )
        return drawn, spare

    def _rates(self, it_w: Floats, spare_w: Floats) -> tuple[Floats, Floats]:
        """How fast the clocks run: PUE - 1, and the overhead that each watt at rest out of service would add."""
        more = np.interp(it_w, *self._curve) - 1.0
        rests = spare_w > _DUST * self._full_w
        if not rests.any():
            return more, np.zeros(len(more))
        both_w = it_w + spare_w
        added_w = (np.interp(both_w, *self._curve) - 1.0) * both_w - more * it_w
        return more, np.where(rests, added_w / np.where(rests, spare_w, 1.0), 0.0)


def log_pieces(tables: Tables, paradigm: str) -> Iterator[Log]:
    """The log of a paradigm, its channels numbered from 0."""
    numbers = of_paradigm(tables["channels"], paradigm).column("channel")
    first = int(numbers[0].as_py()) if len(numbers) else 0
    return (log_of(piece, first) for piece in pieces(tables["changes"], paradigm))


def _over(log: Iterable[Log], clock: Clock, parts: Parts, end_s: float) -> Iterator[Log]:
    """The log with the clocks' readings for times, every channel ended at the end."""
    for piece in log:
        drawn, spare = clock.advance(piece)
        yield piece._replace(at_s=np.where(parts.spare[piece.channel], spare, drawn))
    drawn, spare = clock.show(np.array([end_s]))
    every = np.arange(len(parts.drawn))
    yield Log(np.where(parts.spare, spare, drawn), every, np.zeros(len(every)))


def overheads(
    tables: Tables, paradigm: str, grids: Mapping[str, Series], end_s: float
) -> dict[int, tuple[float, float]]:
    """Joules and kg CO2e of the building by channel (its number in the paradigm), where the PUE follows the load."""
    found: dict[int, tuple[float, float]] = {}
    for place, curve in curves_of(tables, paradigm).items():
        parts = parts_of(tables, paradigm, place)
        if not (parts.drawn | parts.spare).any():
            continue

        def integrals(clock: Clock, parts: Parts = parts) -> Any:
            log = _over(log_pieces(tables, paradigm), clock, parts, end_s)
            return channel_energy_j(log, len(parts.drawn), 0.0)

        grid = grids[place]
        joules = integrals(Clock(curve, parts))
        weighed = None if grid.constant else integrals(Clock(curve, parts, grid.cumulative))
        for number in np.flatnonzero(parts.drawn | parts.spare).tolist():
            energy_j = float(joules[number])
            whole = (energy_j, float(grid.values[0])) if weighed is None else (float(weighed[number]), 1.0)
            found[number] = energy_j, float(co2e_kg(*whole))
    return found


def clock_at(log: Iterable[Log], clock: Clock, at_s: Floats) -> Floats:
    """What the clock of machines in service shows at each of these moments, which rise."""
    shown: list[Floats] = []
    for piece in log:
        if not len(piece.at_s):
            continue
        before = int(np.searchsorted(at_s, piece.at_s[-1], side="left"))
        ahead, at_s = at_s[:before], at_s[before:]
        # the moments are changes of nobody's channel among the others
        places = np.searchsorted(piece.at_s, ahead, side="right")
        merged = Log(
            np.insert(piece.at_s, places, ahead),
            np.insert(piece.channel, places, clock.nobody),
            np.insert(piece.value, places, 0.0),
        )
        shown.append(clock.advance(merged)[0][merged.channel == clock.nobody])
    return np.concatenate((*shown, clock.show(at_s)[0]))
