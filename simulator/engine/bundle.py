"""Many signals that change together, written as step functions a stretch at a time.

A crowd is not metered one by one: what it draws is known as mean levels over short stretches,
all signals at once. A bundle keeps such stretches and hands them to the ledger in batches. A
signal becomes a channel when it first is something else than 0; between two stretches that do
not touch, all are 0. Signals of one name add up to one channel: what a router carries there and back.
"""

from collections.abc import Sequence

import numpy as np

from simulator.engine.ledger import Channel, Ledger
from simulator.engine.spill import Floats

_BATCH = 64
"""Stretches that are kept before the ledger is told."""


class Bundle:
    """Signals that are written together, each a part of the level of one channel.

    >>> import simpy
    >>> ledger = Ledger(simpy.Environment())
    >>> bundle = Bundle(ledger, [Channel("phones", "job", "compute", "power_w")])
    >>> bundle.add(np.array([0.0, 1.0, 3.0]), np.array([[5.0, 2.0]]))
    >>> bundle.flush()
    >>> ledger.changes().at_s.tolist(), ledger.changes().value.tolist()
    ([0.0, 1.0, 3.0], [5.0, 2.0, 0.0])
    """

    __slots__ = ("_edges", "_ledger", "_levels", "_numbers", "_signals", "_whose")

    def __init__(self, ledger: Ledger, signals: Sequence[Channel]) -> None:
        self._ledger, self._signals = ledger, list(dict.fromkeys(signals))
        places = {signal: number for number, signal in enumerate(self._signals)}
        self._whose = np.array([places[signal] for signal in signals], int)
        self._numbers = np.full(len(self._signals), -1, np.int32)
        self._edges: list[Floats] = []
        self._levels: list[Floats] = []

    def add(self, edges_s: Floats, levels: Floats) -> None:
        """Take a stretch: k + 1 rising moments, none before the last one's end, and levels of shape (signals, k)."""
        self._edges.append(edges_s)
        self._levels.append(levels)
        if len(self._edges) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Tell the ledger all that is kept."""
        if not self._edges:
            return
        zero = np.zeros((len(self._whose), 1))
        at_s, levels = np.concatenate(self._edges), np.hstack([part for row in self._levels for part in (row, zero)])
        self._edges, self._levels = [], []
        # where the next stretch begins at the end of one, its level alone holds
        kept = np.append(at_s[1:] > at_s[:-1], True)
        at_s, levels = at_s[kept], levels[:, kept]
        levels = self._summed(levels)
        self._make_channels(levels)
        before = np.hstack([np.zeros((len(levels), 1)), levels[:, :-1]])
        moment, signal = np.nonzero((levels != before).T)
        self._ledger.extend(at_s[moment], self._numbers[signal], levels.T[moment, signal])

    def _summed(self, levels: Floats) -> Floats:
        """The level of each channel: the sum of the signals that bear its name."""
        if len(self._signals) == len(self._whose):
            return levels
        found = np.zeros((len(self._signals), levels.shape[1]))
        np.add.at(found, self._whose, levels)
        return found

    def _make_channels(self, levels: Floats) -> None:
        for number in np.flatnonzero((self._numbers < 0) & levels.any(axis=1)):
            self._numbers[number] = self._ledger.channel(*self._signals[number])
