"""What each channel of a log came to by each of some moments of its own, in one pass.

    C_channel(e) = integral of its value from second 0 to the edge e,   edges in order, none below 0

The log comes whole or in stretches one after the other, each in order of time; of a stretch
each channel's changes are summed once, and only its edges are looked up. While a stretch is at
hand, a `Watch` is shown the channels that it asks for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from simulator.record.integrate import Floats, Log, by_channel, cut, edges

_ROWS, _ROWS_A_CHANNEL = 2**20, 2**10
"""Changes that are sorted at once: few enough for a cache, enough that a channel's Python costs less than its sums."""


class Stretch(NamedTuple):
    """A channel over a piece of the log: the moments from which its values hold; the first one held before it."""

    at_s: Floats
    value: Floats


Watch = Callable[[Mapping[int, Stretch]], None]


class Tally:
    """The integral of one channel so far, and what it was at the edges that have passed."""

    __slots__ = ("_edges_s", "_known", "_passed", "_total", "last")

    def __init__(self, edges_s: Floats) -> None:
        self._edges_s, self._known, self._passed, self._total = edges_s, np.zeros(len(edges_s)), 0, 0.0
        self.last = Stretch(np.zeros(1), np.zeros(1))

    def take(self, at_s: Floats, value: Floats) -> Stretch:
        """Go on with these changes; what has passed is known then."""
        stretch = Stretch(np.concatenate((self.last.at_s, at_s)), np.concatenate((self.last.value, value)))
        # what was summed before stands first, so that cutting the log changes no bit of it
        by_then = np.cumsum(np.concatenate(([self._total], stretch.value[:-1] * np.diff(stretch.at_s))))
        upto = int(np.searchsorted(self._edges_s, at_s[-1], "left"))
        self._look_up(upto, stretch, by_then)
        self._total = float(by_then[-1])
        self.last = Stretch(stretch.at_s[-1:], stretch.value[-1:])
        return stretch

    def end(self) -> Floats:
        """What it came to by each edge; the last value holds to the last of them."""
        self._look_up(len(self._edges_s), self.last, np.array([self._total]))
        return self._known

    def _look_up(self, upto: int, stretch: Stretch, by_then: Floats) -> None:
        edge_s = self._edges_s[self._passed : upto]
        before = np.searchsorted(stretch.at_s, edge_s, "right") - 1
        self._known[self._passed : upto] = by_then[before] + stretch.value[before] * (edge_s - stretch.at_s[before])
        self._passed = max(self._passed, upto)


def integrals_at(
    log: Iterable[Log], edges_s: Sequence[Floats], watched: frozenset[int] = frozenset(), watch: Watch | None = None
) -> list[Floats]:
    """The integral of each channel at each of its edges.

    >>> log = Log(np.array([0.0, 4.0, 6.0]), np.array([0, 1, 0]), np.array([2.0, 5.0, 0.0]))
    >>> [found.tolist() for found in integrals_at([log], [np.array([0.0, 3.0, 10.0]), np.array([5.0])])]
    [[0.0, 6.0, 12.0], [5.0]]
    """
    tallies = [Tally(edge_s) for edge_s in edges_s]
    seen_s = 0.0
    for at_s, channel, value in cut(log, max(_ROWS, _ROWS_A_CHANNEL * len(tallies))):
        order = by_channel(channel)
        held, from_s, to = channel[order], at_s[order], value[order]
        first, last = edges(held)
        shown = {number: tallies[number].last for number in watched}
        for number, begin, end in zip(held[first].tolist(), first.tolist(), (last + 1).tolist(), strict=True):
            stretch = tallies[number].take(from_s[begin:end], to[begin:end])
            if number in watched:
                shown[number] = stretch
        if watch is not None:
            watch({number: _from(stretch, seen_s) for number, stretch in shown.items()})
        seen_s = float(at_s[-1])
    return [tally.end() for tally in tallies]


def _from(stretch: Stretch, seen_s: float) -> Stretch:
    """The stretch from the end of what was seen before: its first value still holds then."""
    at_s = stretch.at_s.copy()
    at_s[0] = seen_s
    return Stretch(at_s, stretch.value)
