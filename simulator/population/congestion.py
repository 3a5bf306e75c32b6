"""A round whose downloads and uploads are held back by the links that they share.

Every member's transfer is a flow, capped by the rate of its own line, over the links of its
way; rates are max-min fair (network/flows). A download that is done is followed by the
member's computing and its upload; who drops out leaves its links. The capacities are what
the links have left beside the traffic that is there when the round begins.

The round is gone through twice: first to its close, then, with the close known, to read what
each member had carried at each edge of the stretches that are recorded. So what is recorded
is what the links carried, and no link carries more than it can.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.network.sharing import Flow
from simulator.population.session import (
    BEGIN,
    COMPUTED,
    DOWNLOADED,
    PAID,
    PAID_AGAIN,
    UPLOADED,
    Members,
    Sessions,
    Sizes,
    close_round,
)

DOWN, UP, DROP = range(3)


class Ways(NamedTuple):
    """The links of each member's download and upload, and what each link has left, in bits per second."""

    down: Sequence[tuple[str, ...]]
    up: Sequence[tuple[str, ...]]
    left_bps: Mapping[str, float]


class Carried(NamedTuple):
    """Bits that each member had downloaded and uploaded at each edge, both of shape (edges, n)."""

    down_b: Floats
    up_b: Floats


def play_congested(
    members: Members, sizes: Sizes, ways: Ways, drop_s: Floats, goal: int, deadline_s: float
) -> Sessions:
    """The round on shared links; `drop_s` is when each member drops out, infinite where never."""
    race = _Race(members, sizes, ways, drop_s)
    missing, last_s = goal, inf
    for at_s, _, way in race.run(deadline_s):
        if at_s > last_s:
            break  # nobody who comes later is waited for, but all of one instant are seen
        missing -= way == UP
        if missing <= 0:
            last_s = min(last_s, at_s)
    return close_round(race.moments_s, drop_s, goal, deadline_s)


def carried_b(members: Members, sizes: Sizes, ways: Ways, sessions: Sessions, edges_s: Floats) -> Carried:
    """What each member had carried at each edge of a round that is closed."""
    stop_s = sessions.moments_s[UPLOADED]
    race = _Race(members, sizes, ways, np.where(sessions.accepted, inf, stop_s))
    found = Carried(np.zeros((len(edges_s), len(stop_s))), np.zeros((len(edges_s), len(stop_s))))
    for number, edge_s in enumerate(edges_s.tolist()):
        for _ in race.run(edge_s):
            pass
        found.down_b[number], found.up_b[number] = race.sent_b()
    return found


class _Race:
    """The members on their links, from the beginning of the round on."""

    __slots__ = (
        *("_engine", "_flows", "_members", "_order", "_queue", "_sent_b", "_sizes", "_stopped"),
        *("_under_way", "_ways", "moments_s"),
    )

    def __init__(self, members: Members, sizes: Sizes, ways: Ways, drop_s: Floats) -> None:
        from simulator.network.flows.engine import Engine  # heavy, and only what links hold back needs it

        self._members, self._sizes, self._ways = members, sizes, ways
        self._engine = Engine(ways.left_bps)
        n = len(members.latency_s)
        self.moments_s = np.full((6, n), inf)
        self.moments_s[BEGIN], self.moments_s[PAID] = 0.0, members.latency_s
        self._sent_b, self._stopped, self._order = np.zeros((2, n)), np.zeros(n, bool), n
        self._flows = [0] * n  # the last flow of each
        self._under_way: dict[int, tuple[int, int]] = {}  # which way and whose each flow is
        self._queue = [(latency_s, number, DOWN, number) for number, latency_s in enumerate(members.latency_s.tolist())]
        self._queue += [(at_s, n + number, DROP, number) for number, at_s in enumerate(drop_s.tolist()) if at_s < inf]
        heapq.heapify(self._queue)

    def run(self, until_s: float) -> Iterator[tuple[float, int, int]]:
        """Go on to a moment; each transfer that is done on the way: when, whose, which."""
        engine, queue = self._engine, self._queue
        while True:
            next_s = min(queue[0][0] if queue else inf, engine.next_completion_s())
            if next_s > until_s or next_s == inf:
                break
            for flow, at_s in engine.advance(max(next_s, engine.now_s)):
                yield (at_s, *self._done(flow, at_s))
            while queue and queue[0][0] <= engine.now_s:
                self._begin(*heapq.heappop(queue)[2:])
        if np.isfinite(until_s):
            for flow, at_s in engine.advance(max(until_s, engine.now_s)):
                yield (at_s, *self._done(flow, at_s))

    def sent_b(self) -> Floats:
        """What each member has downloaded and uploaded so far, shape (2, n)."""
        sent_b = self._sent_b.copy()
        for flow, (way, number) in self._under_way.items():
            sent_b[way, number] += self._sizes[way] - self._engine.left_b(flow)
        return sent_b

    def _begin(self, what: int, number: int) -> None:
        if what == DROP:
            self._stop(number)
        elif not self._stopped[number]:
            routes, rates_bps = ((self._ways.down, self._members.down_bps), (self._ways.up, self._members.up_bps))[what]
            flow = Flow(routes[number], self._sizes[what], "round", 1.0, float(rates_bps[number]))
            self._flows[number] = name = self._engine.add(flow)
            self._under_way[name] = what, number

    def _stop(self, number: int) -> None:
        self._stopped[number] = True
        flow = self._flows[number]
        if flow in self._under_way and self._under_way[flow][1] == number:
            way, _ = self._under_way.pop(flow)
            self._sent_b[way, number] += self._sizes[way] - self._engine.remove(flow)

    def _done(self, flow: int, at_s: float) -> tuple[int, int]:
        way, number = self._under_way.pop(flow)
        self._sent_b[way, number] += self._sizes[way]
        if way == UP:
            self.moments_s[UPLOADED, number] = at_s
            return number, way
        computed_s = at_s + self._members.compute_s[number]
        paid_s = computed_s + self._members.latency_s[number]
        self.moments_s[DOWNLOADED, number], self.moments_s[COMPUTED, number] = at_s, computed_s
        self.moments_s[PAID_AGAIN, number] = paid_s
        self._order += len(self._stopped)
        heapq.heappush(self._queue, (float(paid_s), self._order, UP, number))
        return number, way
