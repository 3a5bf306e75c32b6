"""Who draws what, as piecewise-constant signals, integrated exactly.

    E = sum over changes of value x (next change - this change)

A channel is (asset, workload, activity, quantity). A change closes the channel's running
integral and appends (time, channel, value) to three flat columns of 8 + 4 + 8 bytes: no
objects, nothing polled. Saying the same value twice is free. Whole arrays from compiled
loops enter by `extend`. Reading the log sorts it by time; equal times keep their order.

A log of `spill.SPILL_AT` changes goes to disk, and the columns begin anew. Whether it is so
long is asked by `relieve`, which the run's loop calls between events: `set` and `switch`
pay nothing for it.
"""

from array import array
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import simpy

from simulator.engine import spill
from simulator.engine.probe import Call
from simulator.engine.spill import Block, Changes, Floats, Ints, Spill, in_order, joined, merged
from simulator.vocabulary import ACTIVITIES, POWER


class Channel(NamedTuple):
    """What a signal is about; the quantity names its unit, as in `power_w`."""

    asset: str
    workload: str
    activity: str
    quantity: str


class Ledger:
    """The one record of a run's signals; times are read from the environment's clock, `tell` is told each change."""

    __slots__ = (
        "_at_s",
        "_channel",
        "_env",
        "_integral",
        "_level",
        "_note_at",
        "_note_channel",
        "_note_value",
        "_number",
        "_since",
        "_spill",
        "_tell",
        "_value",
        "channels",
    )

    def __init__(self, env: simpy.Environment, tell: Call | None = None) -> None:
        self._env, self._tell = env, tell
        self.channels: list[Channel] = []
        self._number: dict[Channel, int] = {}
        self._level: list[float] = []
        self._since: list[float] = []
        self._integral: list[float] = []
        self._spill = Spill()
        self._at_s, self._channel, self._value = array("d"), array("i"), array("d")
        self._note_at, self._note_channel, self._note_value = (
            self._at_s.append,
            self._channel.append,
            self._value.append if tell is None else self._telling(tell),
        )

    def _telling(self, tell: Call) -> Callable[[float], None]:
        """The note of a value that also tells a watched run's probes of the change."""
        # a change is noted in the order time, channel, value: with the value it is complete
        at_s, channel, channels, note = self._at_s, self._channel, self.channels, self._value.append

        def note_value(value: float) -> None:
            note(value)
            tell(at_s[-1], channels[channel[-1]], value)

        return note_value

    def channel(self, asset: str, workload: str, activity: str, quantity: str = POWER) -> int:
        """The number of a channel, which is made at the first asking and begins at 0."""
        key = Channel(asset, workload, activity, quantity)
        number = self._number.get(key)
        if number is None:
            assert activity in ACTIVITIES, activity
            number = self._number[key] = len(self.channels)
            self.channels.append(key)
            self._level.append(0.0)
            self._since.append(0.0)
            self._integral.append(0.0)
        return number

    def set(self, channel: int, value: float) -> None:
        """From now on the channel has this value."""
        level = self._level
        held = level[channel]
        if value == held:
            return
        now = self._env._now  # the property costs 4.6 times an attribute
        since = self._since
        if held:
            self._integral[channel] += held * (now - since[channel])
        since[channel] = now
        level[channel] = value
        self._note_at(now)
        self._note_channel(channel)
        self._note_value(value)

    def switch(self, old: tuple[int, ...], new: tuple[int, ...], values: tuple[float, ...]) -> None:
        """From now on every channel of `old` is 0, and then those of `new` have these values."""
        # inlined from calls of set: a quarter of a run's loop, benchmarks/floor.py
        now = self._env._now
        level, since, integral = self._level, self._since, self._integral
        note_at, note_channel, note_value = self._note_at, self._note_channel, self._note_value
        for channel in old:
            held = level[channel]
            if held:
                integral[channel] += held * (now - since[channel])
                since[channel] = now
                level[channel] = 0.0
                note_at(now)
                note_channel(channel)
                note_value(0.0)
        for channel, value in zip(new, values, strict=True):
            held = level[channel]
            if value != held:
                if held:
                    integral[channel] += held * (now - since[channel])
                since[channel] = now
                level[channel] = value
                note_at(now)
                note_channel(channel)
                note_value(value)

    def extend(self, at_s: Floats, channels: Ints, values: Floats) -> None:
        """Take many changes at once: arrays of one length, in order of time, none before a channel's last change.

        Raises AssertionError where a channel would go back in time.
        """
        at_s, values = np.asarray(at_s, float), np.asarray(values, float)
        channels = np.asarray(channels, np.int32)
        order = np.argsort(channels, kind="stable")
        starts = np.flatnonzero(np.diff(channels[order], prepend=-1))
        for part in np.split(order, starts[1:]) if len(order) else ():
            self._extend_one(int(channels[part[0]]), at_s[part], values[part])
        for column, new in ((self._at_s, at_s), (self._channel, channels), (self._value, values)):
            column.frombytes(np.ascontiguousarray(new).tobytes())
        if self._tell is not None:
            for time_s, number, value in zip(at_s.tolist(), channels.tolist(), values.tolist(), strict=True):
                self._tell(time_s, self.channels[number], value)
        self.relieve()

    def _extend_one(self, channel: int, at_s: Floats, values: Floats) -> None:
        times = np.concatenate(([self._since[channel]], at_s))
        spans = np.diff(times)
        assert (spans >= 0).all(), (self.channels[channel], "goes back in time")
        held = np.concatenate(([self._level[channel]], values[:-1]))
        self._integral[channel] += float(held @ spans)
        self._since[channel], self._level[channel] = float(times[-1]), float(values[-1])

    def level(self, channel: int) -> float:
        """The channel's present value."""
        return self._level[channel]

    def integral(self, channel: int) -> float:
        """The channel's value integrated from the start to now; joules for watts."""
        return self._integral[channel] + self._level[channel] * (self._env.now - self._since[channel])

    def relieve(self) -> None:
        """Put the columns on disk if they have become long; raises ResultsError where it does not take them."""
        if len(self._at_s) >= spill.SPILL_AT:
            self._spill.add(self._columns())
            for column in (self._at_s, self._channel, self._value):
                del column[:]

    @property
    def spilled(self) -> bool:
        """Whether some of the log is on disk."""
        return self._spill.rows > 0

    def changes(self) -> Changes:
        """The log so far, in order of time, whole: long ones are read by `chunks`."""
        return joined(list(self.chunks()))

    def chunks(self) -> Iterator[Changes]:
        """The log so far, in order of time, in stretches that fit in memory; one stretch if nothing was spilled."""
        return merged(self.runs()) if self.spilled else iter((self._columns(),))

    def runs(self) -> list[list[Block]]:
        """The log so far for `merged`, as often as it is asked for; what the ledger is told later is not in it."""
        rest = self._columns()
        last = [Block(float(rest.at_s[0]), float(rest.at_s[-1]), lambda: rest)] if len(rest.at_s) else []
        return [*self._spill.runs(), last]

    def _columns(self) -> Changes:
        """What is in memory, in order of time."""
        return in_order(
            Changes(
                np.frombuffer(self._at_s.tobytes(), float),
                np.frombuffer(self._channel.tobytes(), np.int32),
                np.frombuffer(self._value.tobytes(), float),
            )
        )

    def __len__(self) -> int:
        return self._spill.rows + len(self._at_s)
