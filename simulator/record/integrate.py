"""Energy from the change log: each value times the time until its channel's next change.

    E_channel = sum over k of value_k x (t_(k+1) - t_k),   the last one until the end of the run

Weighed by an outside series, the time is replaced by the series' integral C over it.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simulator.engine.series import Series

Floats = npt.NDArray[np.float64]


def channel_energy_j(
    at_s: Floats,
    channel: npt.NDArray[np.int64],
    value: Floats,
    channels: int,
    end_s: float,
    weight: Series | None = None,
) -> Floats:
    """The integral of each of `channels` channels numbered from 0; changes of a channel in order of time.

    With a weight, of value times weight: joules times the series' unit.
    """
    order = by_channel(channel)
    held, since, level = channel[order], at_s[order], value[order]
    last = np.append(held[1:] != held[:-1], True) if len(held) else np.zeros(0, bool)
    until = np.where(last, end_s, np.roll(since, -1))
    span = until - since if weight is None else weight.cumulative(until) - weight.cumulative(since)
    return np.bincount(held, level * span, minlength=channels).astype(float, copy=False)


def by_channel(channel: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The order that puts changes channel by channel and keeps their order in time."""
    few = len(channel) and int(channel.max()) < 2**16
    return np.argsort(channel.astype(np.uint16) if few else channel, kind="stable")  # 16 bits are sorted by radix


def floats(table: pa.Table, name: str) -> Floats:
    """A column of a table as an array of floats."""
    return np.asarray(table.column(name).to_numpy(), np.float64)


def ints(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    """A column of a table as an array of whole numbers."""
    return np.asarray(table.column(name).to_numpy(), np.int64)
