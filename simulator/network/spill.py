"""Ways that have room: the path of least cost first, and what does not fit spills over to the next one.

    take the path of least cost over links that are not full; it carries the least room of its links;
    what is left takes the next path, for which those links are full; and so on

The room of a link is its capacity less what is always there (demands of others, crowds in their
rounds), not what transfers use of it at present: those share. Paths of one transfer may
have links in common as long as these have room; never one that an earlier path filled.
A satellite is no way for what does not fit on cables: only for ends that no cable joins.
Successive least-cost paths; Ahuja, Magnanti & Orlin 1993, Network Flows, section 9.7, without the return arcs.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from math import inf
from typing import Any

import networkx as nx

from simulator.errors import UsageError
from simulator.network.atlas import SATELLITE
from simulator.network.path import edge_capacity_bps
from simulator.network.route import route

MOST_PATHS = 16
"""The paths that traffic is spread over at most."""
FULL = 1e-6
"""A link of which less than this share is free is full."""


def find_ways_with_room(
    atlas: nx.Graph, a: str, b: str, want_bps: float, taken_bps: Callable[[str], float], back: bool = False
) -> Iterator[tuple[tuple[str, ...], float]]:
    """The places of each path and the rate that it takes on, until all of it has found room or no path has any.

    `taken_bps` says what is taken of a link `a>b` already. An infinite rate takes the first path alone, and
    all the room that it has. With `back` as much comes back on each path, and needs its room too.
    """
    try:
        known = route(atlas, a, b).places  # from a tree that is kept: mostly it has room
    except UsageError:
        return
    above = any(atlas.edges[hop]["kind"] == SATELLITE for hop in pairwise(known))
    here_bps: dict[str, float] = {}

    def passed(start: str, end: str) -> tuple[str, ...]:
        return (f"{start}>{end}", f"{end}>{start}") if back else (f"{start}>{end}",)

    def room_bps(start: str, end: str, edge: dict[str, Any]) -> float:
        capacity_bps = edge_capacity_bps(edge)
        free_bps = min(capacity_bps - taken_bps(link) - here_bps.get(link, 0.0) for link in passed(start, end))
        return free_bps if free_bps > FULL * capacity_bps else 0.0

    def cost_km(start: str, end: str, edge: dict[str, Any]) -> float | None:
        if edge["kind"] == SATELLITE and not above:
            return None
        return edge["cost_km"] if room_bps(start, end, edge) else None

    left_bps, places = want_bps, known
    for _ in range(MOST_PATHS):
        if not all(room_bps(*hop, atlas.edges[hop]) for hop in pairwise(places)):
            try:
                places = tuple(nx.dijkstra_path(atlas, a, b, weight=cost_km))
            except nx.NetworkXNoPath:
                return
        hops = list(pairwise(places))
        rate_bps = min([left_bps, *(room_bps(*hop, atlas.edges[hop]) for hop in hops)])
        yield places, rate_bps
        left_bps -= rate_bps
        if left_bps <= FULL * want_bps or want_bps == inf:
            return
        for link in (link for hop in hops for link in passed(*hop)):
            here_bps[link] = here_bps.get(link, 0.0) + rate_bps
