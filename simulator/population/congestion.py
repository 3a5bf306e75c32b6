"""A round whose downloads and uploads are held back by the links that they share.

Every member's transfer is a flow, capped by the rate of its own line, over the links of its
way; rates are max-min fair (network/flows). A download that is done is followed by the
member's computing and its upload; who drops out leaves its links. The capacities are what
the links have left beside the traffic that is there when the round begins.

The round is gone through twice: first to its close, then, with the close known, to read what
each member had carried at each edge of the stretches that are recorded. So what is recorded
is what the links carried, and no link carries more than it can.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.network.sharing import Flow
from simulator.population.session import (
    BEGIN,
    DOWNLOADED,
    PAID,
    UPLOADED,
    Members,
    Sessions,
    Sizes,
    close_round,
)

NOBODY = 2**62
"""More uploads than will ever come: the race goes on to its moment."""


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
    race = _Race(members, sizes, ways, drop_s, goal)
    race.run(deadline_s)  # nobody who comes later is waited for, but all of one instant are seen
    return close_round(race.moments_s, drop_s, goal, deadline_s)


def carried_b(members: Members, sizes: Sizes, ways: Ways, sessions: Sessions, edges_s: Floats) -> Carried:
    """What each member had carried at each edge of a round that is closed."""
    stop_s = sessions.moments_s[UPLOADED]
    race = _Race(members, sizes, ways, np.where(sessions.accepted, inf, stop_s), NOBODY)
    found = Carried(np.zeros((len(edges_s), len(stop_s))), np.zeros((len(edges_s), len(stop_s))))
    for number, edge_s in enumerate(edges_s.tolist()):
        race.run(edge_s)
        found.down_b[number], found.up_b[number] = race.sent_b()
    return found


class _Race:
    """The members on their links, from the beginning of the round on; the loop is compiled (network/flows/race.py)."""

    __slots__ = (
        *("_agenda", "_counts", "_engine", "_flows", "_members", "_moments", "_places", "_sent_b"),
        *("_sizes_b", "_whose", "moments_s"),
    )

    def __init__(self, members: Members, sizes: Sizes, ways: Ways, drop_s: Floats, goal: int) -> None:
        from simulator.network.flows import race  # heavy, and only what links hold back needs it
        from simulator.network.flows.engine import Engine, classes_of

        n = len(members.latency_s)
        self._engine = Engine(ways.left_bps)
        routes = [*ways.down, *ways.up]
        classes = classes_of(self._engine, [Flow(route, 1.0, "round") for route in routes])
        self._members = race.members_of(members, classes[:n], classes[n:])
        self._agenda, self._places, planned = race.agenda_of(members.latency_s, drop_s)
        self._counts = np.array([planned, goal])
        self._moments = np.array([race.NO_TARGET, inf])
        self._sizes_b, self._sent_b = np.array([sizes.down_b, sizes.up_b]), np.zeros((2, n))
        self._flows, self._whose = np.zeros(n, np.int32), np.zeros(n + 2, np.int32)
        self.moments_s = np.full((6, n), inf)
        self.moments_s[BEGIN], self.moments_s[PAID] = 0.0, members.latency_s

    def run(self, until_s: float) -> None:
        """Go on to a moment, or until nobody is waited for any more."""
        from simulator.network.flows.engine import work
        from simulator.network.flows.race import run

        state = (self._agenda, self._places, self._counts, self._moments, self._members, self._flows, self._whose)
        told = self._sent_b, self.moments_s[DOWNLOADED:], self._sizes_b
        work(self._engine, lambda base: run(base, *state, *told, until_s))

    def sent_b(self) -> Floats:
        """What each member has downloaded and uploaded so far, shape (2, n)."""
        from simulator.network.flows.engine import work
        from simulator.network.flows.race import add_under_way

        sent_b = self._sent_b.copy()
        work(self._engine, lambda base: add_under_way(base, self._flows, self._whose, self._sizes_b, sent_b))
        return sent_b
