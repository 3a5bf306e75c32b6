"""The per-tick log, rendered from the changes: the exact mean power of every tick.

A change of dW with the fraction r of its tick still to come adds dW r to that tick's mean
and dW (1 - r) to the next one's; the running sum is the mean power. Hence the sum over ticks
of mean x length is the integral, for any tick. The last tick may be short: its fractions
are of its own length. Rounding dust below 1e-9 of a group's peak is written 0.
"""

from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

import numpy as np

from simulator.errors import TooManyRowsError
from simulator.record.integrate import Floats, Ints, by_channel, edges

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


class Moves(NamedTuple):
    """What changes of power add to cells of (group x tick): to the mean of their own tick, and to the next one's."""

    cell: Ints
    here_w: Floats
    next_cell: Ints
    next_w: Floats


def ticks_of(at_s: Floats, grid: Grid) -> Ints:
    """The tick in which each moment is; the last one for what comes after it."""
    tick: Ints = np.minimum((at_s / grid.length_s[0]).astype(np.int64), len(grid.at_s) - 1)
    tick -= (at_s < grid.at_s[tick]).astype(np.int64)
    return tick


def moves(at_s: Floats, group: Ints, delta_w: Floats, grid: Grid, gone: Floats | None = None) -> Moves:
    """What changes of the groups' power add to which cells.

    `gone` is the share of its tick that is over at each change, where it is not that of its time: means
    are then over what the shares are of.
    """
    ticks = len(grid.at_s)
    if not ticks:
        return Moves(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros(0))
    inside = at_s < grid.at_s[-1] + grid.length_s[-1]
    if not inside.all():
        at_s, group, delta_w = at_s[inside], group[inside], delta_w[inside]
        gone = None if gone is None else gone[inside]
    tick = ticks_of(at_s, grid)
    rest = 1.0 - ((at_s - grid.at_s[tick]) / grid.length_s[tick] if gone is None else gone)
    cell = group * ticks + tick
    goes_on = tick < ticks - 1
    return Moves(cell, delta_w * rest, cell[goes_on] + 1, (delta_w * (1.0 - rest))[goes_on])


def mean_power_w(log: Iterable[Moves], groups: int, grid: Grid) -> Floats:
    """Mean watts of each group in each tick, shape (groups, ticks); the log is gone over twice.

    Twice, because each cell first takes all that its own tick moves and then what comes from
    the tick before: one order of summation, however the log is cut.
    """
    ticks = len(grid.at_s)
    moved_w = np.zeros(groups * ticks)
    for part in log:
        np.add.at(moved_w, part.cell, part.here_w)
    for part in log:
        np.add.at(moved_w, part.next_cell, part.next_w)
    power_w = moved_w.reshape(groups, ticks)
    np.cumsum(power_w, axis=1, out=power_w)
    size_w = np.abs(power_w)
    power_w[size_w < 1e-9 * size_w.max(axis=1, initial=0.0)[:, None]] = 0.0
    return power_w


def deltas(channel: Ints, value: Floats, level: Floats) -> Floats:
    """By how much each change moves its channel, in order of time; `level` is each channel's value, and is brought on.

    >>> level = np.zeros(2)
    >>> deltas(np.array([0, 1, 0]), np.array([5.0, 7.0, 4.0]), level), level
    (array([ 5.,  7., -1.]), array([4., 7.]))
    """
    order = by_channel(channel)
    held, after = channel[order], value[order]
    first, last = edges(held)
    before = np.roll(after, 1)
    before[first] = level[held[first]]
    level[held[last]] = after[last]
    result = np.empty(len(value))
    result[order] = after - before
    return result
