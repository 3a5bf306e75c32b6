"""The tap through which something draws power: moving it moves the whole draw.

A meter is always in one state: so many watts for whom, doing what. A new state replaces the
old one in a single call, so nothing can be counted twice or left running. Only the engine
knows channels; everybody else names assets, workloads and activities.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from simulator.engine.ledger import Ledger
from simulator.engine.spill import Floats, Ints


class State(NamedTuple):
    """What a meter can be in: its channels, and the watts of each."""

    channels: tuple[int, ...]
    powers_w: tuple[float, ...]


class Meter:
    """What assets that change state together draw: one asset, or the components of one machine."""

    __slots__ = ("_assets", "_channels", "_key", "_known", "_ledger", "_mixes")

    def __init__(self, ledger: Ledger, *assets: str) -> None:
        self._ledger, self._assets = ledger, assets
        self._key: tuple[str, str] | None = None
        self._channels: tuple[int, ...] = ()
        self._known: dict[tuple[str, str], tuple[int, ...]] = {}
        self._mixes = False

    def draw(self, power_w: float, workload: str, activity: str) -> None:
        """From now on the whole draw of the one asset is this many watts, for this workload, doing this."""
        key = (workload, activity)
        if key == self._key:
            self._ledger.set(self._channels[0], power_w)
        else:
            self.enter(self.state((power_w,), workload, activity))
            self._key = key

    def state(self, powers_w: tuple[float, ...], workload: str, activity: str) -> State:
        """A state to enter, perhaps many times: the watts of each asset, all for this workload, doing this."""
        key = (workload, activity)
        channels = self._known.get(key)
        if channels is None:
            channels = self._known[key] = tuple(self._ledger.channel(asset, *key) for asset in self._assets)
        return State(channels, powers_w)

    def mixture(self, powers_w: Mapping[str, tuple[float, ...]], workload: str) -> State:
        """A state to enter in which the draw is split over activities: by activity, the watts of each asset."""
        self._mixes = True
        states = [self.state(watts_w, workload, activity) for activity, watts_w in powers_w.items()]
        return State(
            tuple(channel for state in states for channel in state.channels),
            tuple(power_w for state in states for power_w in state.powers_w),
        )

    def enter(self, state: State) -> None:
        """From now on the whole draw is that of this state."""
        channels, powers_w = state
        if channels is self._channels:
            for channel, power_w in zip(channels, powers_w, strict=True):
                self._ledger.set(channel, power_w)
            return
        left = self._channels
        if self._mixes:  # two mixtures may do the same in part, which goes on
            left = tuple(channel for channel in left if channel not in channels)
        self._ledger.switch(left, channels, powers_w)
        self._key, self._channels = None, channels

    def share(self, powers_w: Mapping[str, float], activity: str) -> None:
        """From now on the draw of the one asset is split over these workloads, in watts each, all doing this."""
        (asset,) = self._assets
        channels = tuple(self._ledger.channel(asset, workload, activity) for workload in powers_w)
        left = tuple(channel for channel in self._channels if channel not in channels)
        self._ledger.switch(left, channels, tuple(powers_w.values()))
        self._key, self._channels = None, channels

    def draw_steps(self, at_s: Floats, workload: str, powers_w: Mapping[str, Floats]) -> None:
        """From each of these past moments on the draw is split over activities: watts of shape (moments, assets).

        What was drawn before must be one of these activities. The last moment holds on until the draw changes.
        """
        if not len(at_s):
            return
        channels = tuple(c for activity in powers_w for c in self.state((), workload, activity).channels)
        assert set(self._channels) <= set(channels), (self._assets, "drew for something else")
        values = np.concatenate(tuple(powers_w.values()), axis=1)
        numbers = np.tile(np.array(channels, np.int32), len(at_s))
        self._ledger.extend(np.repeat(at_s, len(channels)), numbers, values.reshape(-1))
        self._key, self._channels = None, channels

    def enter_each(self, at_s: Floats, which: Ints, states: Sequence[State]) -> None:
        """From each of these past moments on the whole draw is that of one of these states, given by its number.

        The moments are in order, and none before the last change. The last state holds on until the draw changes.
        """
        channels = tuple(dict.fromkeys((*self._channels, *(c for state in states for c in state.channels))))
        place = {channel: column for column, channel in enumerate(channels)}
        table = np.zeros((len(states), len(channels)))
        for row, state in enumerate(states):
            table[row, [place[channel] for channel in state.channels]] = state.powers_w
        values = table[which]
        before = np.vstack([[self._ledger.level(channel) for channel in channels], values[:-1]])
        rows, columns = np.nonzero(values != before)
        self._ledger.extend(at_s[rows], np.array(channels, np.int32)[columns], values[rows, columns])
        self._key, self._channels = None, states[which[-1]].channels

    def off(self) -> None:
        """From now on nothing is drawn."""
        self._ledger.switch(self._channels, (), ())
        self._key, self._channels = None, ()
