"""Which way traffic goes between two places, and how long its round trip takes.

`policy` (the default) follows the path of least cost, kilometres weighed by how little
transit a class of link carries, and counts the true kilometres of that path:

    rtt = 2 x light x (1.244 x overland km + 1.216 x submarine km) + 3.6 ms

`lower_bound` follows the fewest kilometres and adds nothing: rtt = 2 x light x km, which no
packet on these cables can beat. The figures are the rows `latency-*` of the table
network_assumptions, fitted to public pings between cities. The two hops over a satellite take
half the round trip of its row each; light in empty space over its height is their lower bound.

`measured` follows the path of `policy` and takes the round trip that somebody published for
the two cities (network/round_trip.py), whatever the year. It was measured on whole cables:
where some are cut and the path becomes longer, so does the round trip, by what `policy` says:

    rtt = published + max(0, policy(atlas) - policy(the whole atlas of its year))

Limits: it knows fibre and broad policy, not who peers with whom. Within Africa, between
Africa and Asia and within South America real traffic often makes a detour through Europe or
North America, and round trips are 2 to 2.6 times as long. Queues and capacity are not here.
"""

from functools import cache
from itertools import pairwise
from math import fsum
from typing import Any, Literal, NamedTuple, get_args
from weakref import WeakKeyDictionary

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from simulator.catalogue import find, rows
from simulator.errors import UnknownNameError, UsageError
from simulator.network.atlas import Link, cheapest, shortest
from simulator.network.round_trip import COLUMN, round_trip
from simulator.network.tables import SATELLITE, SUBMARINE, WHOLE, tables_of

Latency = Literal["policy", "lower_bound", "measured"]
EMPTY_SPACE_US_PER_KM = 1e6 / 299_792.458
"""What light takes where there is no fibre: the metre is defined by it."""
NO_PLACE = -9999
"""What scipy writes for a place without predecessor."""


class Route(NamedTuple):
    """A path: its places, the cable of each hop, its kilometres, what it costs, its round trip."""

    places: tuple[str, ...]
    cables: tuple[str, ...]
    km: float
    cost_km: float
    rtt_ms: float


class _Constants(NamedTuple):
    light_us_per_km: float
    overland_ratio: float
    submarine_ratio: float
    added_ms: float


class _Mirror:
    """An atlas as a sparse matrix, with the shortest-path trees that were asked for."""

    __slots__ = ("index", "links", "matrix", "places", "trees", "version")

    def __init__(self, atlas: nx.Graph, latency: str) -> None:
        self.version = _version(atlas)
        self.places: list[str] = list(atlas)
        self.index = {place: n for n, place in enumerate(self.places)}
        choose = cheapest if latency == "policy" else shortest
        self.links: dict[tuple[int, int], Link] = {}
        for a, b, found in atlas.edges(data="links"):
            i, j = sorted((self.index[a], self.index[b]))
            self.links[i, j] = choose(found)
        weights = [link.cost_km if latency == "policy" else link.km for link in self.links.values()]
        ends = np.array(list(self.links), dtype=np.int32).reshape(-1, 2).T
        self.matrix = csr_array((weights, (ends[0], ends[1])), shape=(len(self.places),) * 2)
        self.trees: dict[int, list[int]] = {}

    def find_path(self, start: int, end: int) -> list[int] | None:
        """The places from start to end; None where nothing joins them."""
        if start not in self.trees:
            _, before = dijkstra(self.matrix, directed=False, indices=start, return_predecessors=True)
            self.trees[start] = before.tolist()
        tree, path = self.trees[start], [end]
        while path[-1] != start:
            if tree[path[-1]] == NO_PLACE:
                return None
            path.append(tree[path[-1]])
        return path[::-1]


_mirrors: WeakKeyDictionary[Any, dict[str, _Mirror]] = WeakKeyDictionary()


def route(atlas: nx.Graph, a: str, b: str, latency: str = "policy") -> Route:
    """The path from one place to another: ids of cities, landings or cloud regions.

    There and back are the same way. The cable of a hop is the one whose kilometres are
    counted; others of that hop stand in `atlas.edges[place, next]["cables"]`. From a place
    to itself there are no kilometres, and `policy` still adds what happens at the ends.
    Raises UnknownNameError with the nearest names; UsageError (both are SimulatorError)
    where no cable joins the two in the atlas's year, nobody measured them and `latency` is
    `measured`, or for another `latency`.

    >>> from simulator.network.atlas import build_atlas
    >>> found = route(build_atlas(2025), "washington", "madrid")
    >>> round(found.rtt_ms), found.places[3:5]
    (93, ('long-island', 'bu-grace'))
    """
    if latency not in get_args(Latency):
        known = ", ".join(f"`{model}`" for model in get_args(Latency))
        raise UsageError(f"latency={latency!r}", "there is no such model", f"there is {known}")
    start, end = find_place(atlas, a), find_place(atlas, b)
    mirror = _mirror(atlas, "policy" if latency == "measured" else latency)
    # Of paths of equal cost the solver may take another on the way back: always solved from one side.
    path = mirror.find_path(*sorted((mirror.index[start], mirror.index[end])))
    if path is None:
        if WHOLE in atlas.graph:
            raise UsageError(f"route from {start} to {end}", "what is cut leaves no cable between them", "cut less")
        state = f"no cable joins them in {atlas.graph['year']}"
        raise UsageError(f"route from {start} to {end}", state, "choose a later year, or two places that cables join")
    step = 1 if mirror.places[path[0]] == start else -1
    return along(atlas, tuple(mirror.places[place] for place in path[::step]), latency)


def along(atlas: nx.Graph, places: tuple[str, ...], latency: str = "policy") -> Route:
    """The route over these places, each joined to the next one.

    >>> from simulator.network.atlas import build_atlas
    >>> found = along(build_atlas(2025), ("lyon", "grenoble"))
    >>> found.km, round(found.rtt_ms, 2)  # 2 x 4.9 us/km x 1.244 x 126 km + 3.6 ms
    (126.0, 5.14)
    """
    choose = shortest if latency == "lower_bound" else cheapest
    hops = [choose(atlas.edges[hop]["links"]) for hop in pairwise(places)]
    km, cost_km = fsum(hop.km for hop in hops), fsum(hop.cost_km for hop in hops)
    if latency == "measured":
        rtt_ms = _measured_ms(atlas, places, hops)
    else:
        rtt_ms = _bound_ms(hops) if latency == "lower_bound" else _policy_ms(hops)
    return Route(places, tuple(hop.cable for hop in hops), km, cost_km, rtt_ms)


def _measured_ms(atlas: nx.Graph, places: tuple[str, ...], hops: list[Link]) -> float:
    """The published round trip, and by how much these hops are longer than the way on whole cables."""
    row = round_trip(places[0], places[-1], atlas.graph["year"], tables_of(atlas))
    whole = route(atlas.graph.get(WHOLE, atlas), places[0], places[-1])
    return row.number(COLUMN, "correct the row") + max(0.0, _policy_ms(hops) - whole.rtt_ms)


def find_place(atlas: nx.Graph, name: str) -> str:
    """The node that a name stands for: its own, or the city of a cloud region.

    Raises UnknownNameError with the nearest right names, and UsageError for a landing
    that no cable reaches in the atlas's year.
    """
    wanted = name.lower()
    tables = tables_of(atlas)
    region = rows("region").get(wanted)
    place = wanted if region is None else region.text("city")
    if place in atlas:
        return place
    kinds = ("city", "region", "landing")
    if any(place in tables.rows(kind) for kind in kinds):
        raise UsageError(name, f"no cable reaches it in {atlas.graph['year']}", "choose a later year, or its metro")
    raise UnknownNameError("place", name, tables.suggest(name, *kinds))


def _policy_ms(hops: list[Link]) -> float:
    constants = _constants()
    overland_km = fsum(hop.km for hop in hops if hop.kind not in (SUBMARINE, SATELLITE))
    submarine_km = fsum(hop.km for hop in hops if hop.kind == SUBMARINE)
    fibre_km = constants.overland_ratio * overland_km + constants.submarine_ratio * submarine_km
    above_ms = fsum(_hop_ms(hop.cable) for hop in hops if hop.kind == SATELLITE)
    return 2e-3 * constants.light_us_per_km * fibre_km + above_ms + constants.added_ms


def _hop_ms(orbit: str) -> float:
    """The round trip of one of the two hops over a satellite."""
    return find("satellite", orbit).number("rtt_ms", "correct the row") / 2.0


def _bound_ms(hops: list[Link]) -> float:
    fibre_km = fsum(hop.km for hop in hops if hop.kind != SATELLITE)
    above_km = fsum(hop.km for hop in hops if hop.kind == SATELLITE)
    return 2e-3 * (_constants().light_us_per_km * fibre_km + EMPTY_SPACE_US_PER_KM * above_km)


def _mirror(atlas: nx.Graph, latency: str) -> _Mirror:
    """The mirror of the graph as it is now: a change of its nodes or links makes a new one."""
    mirrors = _mirrors.setdefault(atlas, {})
    if latency not in mirrors or mirrors[latency].version != _version(atlas):
        mirrors[latency] = _Mirror(atlas, latency)
    return mirrors[latency]


def _version(atlas: nx.Graph) -> Any:
    """What the mirror was made from; a frozen graph is not looked through again."""
    return None if nx.is_frozen(atlas) else (tuple(atlas), tuple(atlas.edges(data="links")))


@cache
def _constants() -> _Constants:
    def value(name: str, column: str) -> float:
        return find("network-assumption", name).number(column, "correct the row")

    return _Constants(
        value("latency-light", "light_us_per_km"),
        value("latency-overland", "stretch_ratio"),
        value("latency-submarine", "stretch_ratio"),
        value("latency-added", "added_ms"),
    )
