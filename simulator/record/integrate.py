"""Energy from the change log: each value times the time until its channel's next change.

    E_channel = sum over k of value_k x (t_(k+1) - t_k),   the last one until the end of the run

Weighed by an outside series, the time is replaced by the series' integral C over it.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simulator.engine.series import Series
from simulator.engine.spill import Floats as Floats

Ints = npt.NDArray[np.int64]

_IN_CACHE = 2**15
"""Changes that a processor sorts and sums within its cache, three times faster than ten million at once."""


class Log(NamedTuple):
    """Changes of power as three columns, in order of time; channels numbered from 0."""

    at_s: Floats
    channel: Ints
    value: Floats


def channel_energy_j(log: Iterable[Log], channels: int, end_s: float, weight: Series | None = None) -> Floats:
    """The integral of each of `channels` channels; the log whole, or in stretches one after the other.

    With a weight, of value times weight: joules times the series' unit.
    """
    passed = _seconds if weight is None else weight.cumulative
    since_s, level, energy_j = np.zeros(channels), np.zeros(channels), np.zeros(channels)
    every = np.arange(channels)
    for at_s, channel, value in cut(log, max(_IN_CACHE, 4 * channels)):
        order = by_channel(channel)
        held, from_s, to = channel[order], at_s[order], value[order]
        first, last = edges(held)
        before_s, before = np.roll(from_s, 1), np.roll(to, 1)
        before_s[first], before[first] = since_s[held[first]], level[held[first]]
        spent_j = before * (passed(from_s) - passed(before_s))
        # what was spent before stands first in the sum, so that cutting the log changes no bit of it
        parts_j = np.concatenate((energy_j, spent_j))
        energy_j = np.bincount(np.concatenate((every, held)), parts_j, channels).astype(float, copy=False)
        since_s[held[last]], level[held[last]] = from_s[last], to[last]
    return energy_j + level * (passed(np.full(channels, end_s)) - passed(since_s))


def cut(log: Iterable[Log], rows: int) -> Iterator[Log]:
    """The log in stretches of at most so many changes.

    >>> whole = Log(np.arange(5.0), np.zeros(5, np.int64), np.ones(5))
    >>> [piece.at_s.tolist() for piece in cut([whole], 2)]
    [[0.0, 1.0], [2.0, 3.0], [4.0]]
    """
    for at_s, channel, value in log:
        for at in range(0, len(at_s), rows):
            here = slice(at, at + rows)
            yield Log(at_s[here], channel[here], value[here])


def _seconds(at_s: Floats) -> Floats:
    return at_s


def edges(held: Ints) -> tuple[Ints, Ints]:
    """Where each channel's first and last change stand, in changes that are sorted by channel."""
    new = np.flatnonzero(held[1:] != held[:-1])
    return (np.concatenate(([0], new + 1)), np.append(new, len(held) - 1)) if len(held) else (new, new)


def by_channel(channel: Ints) -> Ints:
    """The order that puts changes channel by channel and keeps their order in time."""
    few = len(channel) and int(channel.max()) < 2**16
    return np.argsort(channel.astype(np.uint16) if few else channel, kind="stable")  # 16 bits are sorted by radix


def floats(table: pa.Table, name: str) -> Floats:
    """A column of a table as an array of floats."""
    return np.asarray(table.column(name).to_numpy(), np.float64)


def ints(table: pa.Table, name: str) -> Ints:
    """A column of a table as an array of whole numbers."""
    return np.asarray(table.column(name).to_numpy(), np.int64)


def log_of(changes: pa.Table, first: int) -> Log:
    """Rows of `changes` as columns, the channels renumbered from the paradigm's first one."""
    return Log(floats(changes, "at_s"), ints(changes, "channel") - first, floats(changes, "value"))
