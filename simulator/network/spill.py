"""Ways that have room: the path of least cost first, and what does not fit spills over to the next one.

    take the path of least cost over links that are not full; it carries the least room of its links;
    what is left takes the next path, for which those links are full; and so on

The room of a link is its capacity less what demands of others take of it (for a demand, less what crowds
take too), not what transfers use of it at present: those share. Paths of one transfer may
have links in common as long as these have room; never one that an earlier path filled.
A satellite is no way for what does not fit on cables: only for ends that no cable joins.
Successive least-cost paths; Ahuja, Magnanti & Orlin 1993, Network Flows, section 9.7, without the return arcs.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

import networkx as nx

from simulator.errors import UsageError
from simulator.network.path import directions, edge_capacity_bps
from simulator.network.route import route
from simulator.network.sharing import FULL
from simulator.network.tables import SATELLITE


class Wanted(NamedTuple):
    """From where to where, how much, by which model of latency, and whether as much comes back."""

    a: str
    b: str
    rate_bps: float
    latency: str = "policy"
    back: bool = False


def find_ways_with_room(
    atlas: nx.Graph, wanted: Wanted, taken_bps: Callable[[str], float]
) -> Iterator[tuple[tuple[str, ...], float]]:
    """The places of each path and the rate that it takes on, until all of it has found room or no path has any.

    `taken_bps` says what is taken of a link `a>b` already. An infinite rate takes the first path alone, and
    all the room that it has. What comes back needs its room on each path too.
    """
    a, b, want_bps, latency, back = wanted
    try:
        places = route(atlas, a, b, "lower_bound" if latency == "lower_bound" else "policy").places
    except UsageError:
        return
    rooms = _Rooms(atlas, taken_bps, back)
    above = any(atlas.edges[hop]["kind"] == SATELLITE for hop in pairwise(places))
    cost = partial(_cost_km, rooms, above, latency == "lower_bound")
    left_bps = want_bps
    while True:  # each path fills a link, or is the last
        if not all(rooms.room_bps(*hop) for hop in pairwise(places)):  # the first is from a tree that is kept
            try:
                places = tuple(nx.dijkstra_path(atlas, a, b, weight=cost))
            except nx.NetworkXNoPath:
                return
        rate_bps = min([left_bps, *(rooms.room_bps(*hop) for hop in pairwise(places))])
        yield places, rate_bps
        left_bps -= rate_bps
        if left_bps <= FULL * want_bps or want_bps == inf:
            return
        rooms.take(places, rate_bps)


def _cost_km(rooms: "_Rooms", above: bool, bare: bool, start: str, end: str, edge: dict[str, Any]) -> float | None:
    """What a hop costs, None where it is full, or in the sky for ends that cables join."""
    if (edge["kind"] == SATELLITE and not above) or not rooms.room_bps(start, end):
        return None
    cost_km: float = min(link.km for link in edge["links"]) if bare else edge["cost_km"]
    return cost_km


class _Rooms:
    """The room on the links of an atlas, less what was taken of it while paths were found."""

    __slots__ = ("_atlas", "_back", "_capacities_bps", "_here_bps", "_taken_bps")

    def __init__(self, atlas: nx.Graph, taken_bps: Callable[[str], float], back: bool) -> None:
        self._atlas, self._taken_bps, self._back = atlas, taken_bps, back
        self._capacities_bps: dict[tuple[str, str], float] = {}
        self._here_bps: dict[str, float] = {}

    def room_bps(self, start: str, end: str) -> float:
        """What is free from one place to the next, and back if as much comes back; 0 where that is next to nothing."""
        capacity_bps = self._capacities_bps.get((start, end))
        if capacity_bps is None:
            capacity_bps = self._capacities_bps[start, end] = edge_capacity_bps(self._atlas.edges[start, end])
        passed = self._passed(start, end)
        free_bps = min(capacity_bps - self._taken_bps(link) - self._here_bps.get(link, 0.0) for link in passed)
        return free_bps if free_bps > FULL * capacity_bps else 0.0

    def take(self, places: tuple[str, ...], rate_bps: float) -> None:
        """Let so much go over these places."""
        for link in (link for hop in pairwise(places) for link in self._passed(*hop)):
            self._here_bps[link] = self._here_bps.get(link, 0.0) + rate_bps

    def _passed(self, start: str, end: str) -> tuple[str, ...]:
        there, back = directions(start, end)
        return (there, back) if self._back else (there,)
