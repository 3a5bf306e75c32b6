"""The way from one data centre to another: its links, how long light takes, and what a bit costs on it.

    sender -> its uplink -> city -> edges of the atlas -> city -> its uplink -> receiver

Every edge of the atlas is two links, `a>b` and `b>a`: full duplex, each direction with the
whole design capacity of all cables of the edge together. Where a cable's is unknown, the
assumed row that the atlas names fills it. A data centre stands in its city; an uplink that
it is given is two links of its own, without one nothing but the cables limits it. Latency is
one way, half the round trip of `route`; nothing else of the traffic in the world is there.
What draws power on the way, links and sites, stands in network/element.py.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from simulator.catalogue import doubts, find, rows
from simulator.network.element import Element, way_elements

if TYPE_CHECKING:
    import networkx as nx

    from simulator.network.route import Route

BITS_PER_TERABIT = 1e12
LENGTH = "overland-length"
GIVEN = "given"
"""What of an atlas holds the cables and classes of links whose capacity the scenario gives."""
OPEN_UPLINK = "no-uplink/"
"""What begins the name of the assumption that nothing but the cables limits a data centre."""


class End(NamedTuple):
    """A data centre as the network sees it: its name, its city, what its uplink carries (None: no limit).

    Users, who reach their city by lines of their own, are an end without a name.
    """

    name: str
    city: str
    uplink_bps: float | None


def home(city: str) -> End:
    """The users of a city as the network sees them."""
    return End("", city.lower(), None)


class Path(NamedTuple):
    """The links of a way with their capacities, what of it was assumed, and what draws power on it."""

    capacities_bps: dict[str, float]
    latency_s: float
    km: float
    cables: tuple[str, ...]
    assumptions: tuple[str, ...]
    elements: dict[str, Element]

    @property
    def sites(self) -> tuple[str, ...]:
        """The elements that carry what the way carries and have no capacity of their own."""
        return tuple(name for name in self.elements if name not in self.capacities_bps)

    @property
    def doubtful_times(self) -> tuple[str, ...]:
        """What of the assumptions its round trip is made of."""
        return tuple(name for name in self.assumptions if name == LENGTH or name.endswith(("/length_km", "/rtt_ms")))

    @property
    def narrowest_bps(self) -> float:
        """What its narrowest link carries; infinite where it has no link."""
        return min(self.capacities_bps.values(), default=inf)


_paths: WeakKeyDictionary[Any, dict[tuple[End, End, str], Path]] = WeakKeyDictionary()


def path(atlas: "nx.Graph", sender: End, receiver: End, latency: str) -> Path:
    """The way from a data centre to another in a frozen atlas, the same object at each call.

    Both have a city. `latency` is one of the models of `route`. Raises UsageError where no cable joins them,
    UnknownNameError for a city that is none.

    >>> from simulator.network.atlas import build_atlas
    >>> way = path(build_atlas(2025), End("a", "paris", 1e11), End("b", "grenoble", None), "policy")
    >>> list(way.capacities_bps)
    ['a/uplink>paris', 'paris>lyon', 'lyon>grenoble']
    >>> way.capacities_bps["a/uplink>paris"], way.km, way.assumptions[:2]
    (100000000000.0, 656.0, ('overland-capacity:europe', 'overland-length'))
    >>> way.sites
    ('paris/edge', 'paris/exchange', 'paris/router', 'lyon/router',
     'grenoble/edge', 'grenoble/exchange', 'grenoble/router')
    """
    from simulator.network.route import route  # heavy, and most scenarios send nothing

    known = _paths.setdefault(atlas, {})
    key = sender, receiver, latency
    if key not in known:
        known[key] = path_along(atlas, route(atlas, sender.city, receiver.city, latency), sender, receiver)
    return known[key]


def path_along(atlas: "nx.Graph", found: "Route", sender: End, receiver: End) -> Path:
    """The way from a data centre to another on a route that was found."""
    capacities_bps: dict[str, float] = {}
    assumptions: dict[str, None] = {}
    if sender.uplink_bps is not None:
        capacities_bps[f"{sender.name}/uplink>{sender.city}"] = sender.uplink_bps
    for a, b in pairwise(found.places):
        edge = atlas.edges[a, b]
        capacities_bps[f"{a}>{b}"] = edge_capacity_bps(edge)
        assumptions.update(dict.fromkeys((*edge["capacity_assumptions"], *_capacity_doubts(atlas, edge))))
    if receiver.uplink_bps is not None:
        capacities_bps[f"{receiver.city}>{receiver.name}/uplink"] = receiver.uplink_bps
    elements, taken = way_elements(atlas, found.places)
    assumptions.update(dict.fromkeys((*_others(found.cables, (sender, receiver)), *taken)))
    return Path(capacities_bps, found.rtt_ms / 2e3, found.km, found.cables, tuple(assumptions), elements)


def _capacity_doubts(atlas: "nx.Graph", edge: dict[str, Any]) -> Iterator[str]:
    """The capacities of an edge's cables that are doubtful, less those that the scenario gives."""
    for link in edge["links"]:
        if link.cable in rows("cable") and link.cable not in atlas.graph.get(GIVEN, ()):
            yield from doubts(rows("cable")[link.cable], "capacity_tbps")


def edge_capacity_bps(edge: dict[str, Any]) -> float:
    """What all cables of an edge carry together in one direction."""
    return sum(
        _assumed_bps(link.assumption) if link.capacity_bps is None else link.capacity_bps for link in edge["links"]
    )


def _assumed_bps(row: str) -> float:
    return find("network-assumption", row).number("capacity_tbps", "correct the row") * BITS_PER_TERABIT


def _others(cables: tuple[str, ...], ends: tuple[End, ...]) -> Iterator[str]:
    """What else was assumed: lengths, overland ones by the row of their stretch; and lines without a limit."""
    overland = [rows("overland")[cable] for cable in cables if cable in rows("overland")]
    if any(row.find_number("length_km") is None or doubts(row, "length_km") for row in overland):
        yield LENGTH
    yield from (
        name for cable in cables if cable in rows("cable") for name in doubts(find("cable", cable), "length_km")
    )
    yield from (
        name for cable in cables if cable in rows("satellite") for name in doubts(rows("satellite")[cable], "rtt_ms")
    )
    yield from (OPEN_UPLINK + end.name for end in ends if end.name and end.uplink_bps is None)
