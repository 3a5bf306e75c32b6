"""The per-tick log, rendered from the changes: the exact mean power of every tick.

A change of dW with the fraction r of its tick still to come adds dW r to that tick's mean
and dW (1 - r) to the next one's; the running sum is the mean power. Hence the sum over ticks
of mean x length is the integral, for any tick. The last tick may be short: its fractions
are of its own length. Rounding dust below 1e-9 of a group's peak is written 0.
"""

from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.errors import TooManyRowsError
from simulator.record.integrate import by_channel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_ROWS = 100_000_000
NICE_S = (0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 6 * 3600.0, 86400.0, 7 * 86400.0, 365.25 * 86400.0)


class Grid(NamedTuple):
    """The ticks of a run: where each begins and how long it is, in seconds."""

    at_s: Floats
    length_s: Floats


def choose_tick_s(duration_s: float, most: int = 1000) -> float:
    """The shortest round tick that gives at most so many of them; the longest of all if none does."""
    return next((tick_s for tick_s in NICE_S if duration_s / tick_s <= most), NICE_S[-1])


def tick_grid(duration_s: float, tick_s: float, groups: int) -> Grid:
    """The ticks of a run; raises TooManyRowsError beyond 1e8 rows, with the tick that would fit."""
    count = max(1, ceil(duration_s / tick_s * (1 - 1e-12))) if duration_s > 0 else 0
    if count * groups > MOST_ROWS:
        raise TooManyRowsError(count * groups, MOST_ROWS, fitting_s(duration_s * groups / MOST_ROWS))
    at_s = np.arange(count, dtype=float) * tick_s
    length_s = np.full(count, tick_s)
    if count:
        length_s[-1] = duration_s - at_s[-1]
    return Grid(at_s, length_s)


def fitting_s(least_s: float) -> float:
    """The shortest round tick of at least so many seconds."""
    return next((tick_s for tick_s in NICE_S if tick_s >= least_s), float(ceil(least_s)))


def mean_power_w(at_s: Floats, group: Ints, delta_w: Floats, groups: int, grid: Grid) -> Floats:
    """Mean watts of each group in each tick, shape (groups, ticks), from changes of their power."""
    ticks = len(grid.at_s)
    if not ticks:
        return np.zeros((groups, 0))
    inside = at_s < grid.at_s[-1] + grid.length_s[-1]
    if not inside.all():
        at_s, group, delta_w = at_s[inside], group[inside], delta_w[inside]
    tick = np.minimum((at_s / grid.length_s[0]).astype(np.int64), ticks - 1)
    tick -= (at_s < grid.at_s[tick]).astype(np.int64)
    rest = 1.0 - (at_s - grid.at_s[tick]) / grid.length_s[tick]
    moves = np.zeros(groups * ticks)
    cell = group * ticks + tick
    np.add.at(moves, cell, delta_w * rest)
    goes_on = tick < ticks - 1
    np.add.at(moves, cell[goes_on] + 1, (delta_w * (1.0 - rest))[goes_on])
    power_w = moves.reshape(groups, ticks)
    np.cumsum(power_w, axis=1, out=power_w)
    size_w = np.abs(power_w)
    power_w[size_w < 1e-9 * size_w.max(axis=1, initial=0.0)[:, None]] = 0.0
    return power_w


def deltas(channel: Ints, value: Floats) -> Floats:
    """By how much each change moves its channel, which begins at 0; changes in order of time."""
    order = by_channel(channel)
    held, level = channel[order], value[order]
    before = np.where(np.concatenate(([True], held[1:] != held[:-1])), 0.0, np.roll(level, 1)) if len(held) else level
    result = np.empty(len(value))
    result[order] = level - before
    return result
