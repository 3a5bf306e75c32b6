"""The way from one data centre to another: its links, how long light takes, and what a bit costs on it.

    sender -> its uplink -> city -> edges of the atlas -> city -> its uplink -> receiver

A group of machines reaches its data centre by its fabric, two links `store/nodes>fabric` and
`fabric>store/nodes` that carry what its machines do together. Within a data centre the fabrics
of the two groups are the whole way. A fabric's latency is that from one machine to another by
one switch, so that each end pays half of its own.

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
from simulator.network.tables import LENGTH, WHOLE, AtlasTables, segments_of, tables_of
from simulator.units import BITS_PER_TERABIT
from simulator.vocabulary import FABRIC

if TYPE_CHECKING:
    import networkx as nx

    from simulator.network.atlas import Link
    from simulator.network.route import Route

GIVEN = "given"
"""What of an atlas holds the cables and classes of links whose capacity the scenario gives."""
OPEN_UPLINK = "no-uplink/"
"""What begins the name of the assumption that nothing but the cables limits a data centre."""
INSTANT_FABRIC = "no-fabric-latency/"
"""What begins the name of the assumption that a fabric of which only the rate is known has no latency."""


class Lead(NamedTuple):
    """The fabric of a group: what all its machines carry one way, its latency, what of it was assumed."""

    capacity_bps: float
    latency_s: float
    assumptions: tuple[str, ...]


class End(NamedTuple):
    """A data centre as the network sees it: its name, its city, what its uplink carries (None: no limit).

    A group of machines, `place/group`, has a lead too. Users, who reach their city by lines of
    their own, are an end without a name.
    """

    name: str
    city: str
    uplink_bps: float | None
    lead: Lead | None = None
    line_s: float = 0.0
    """What the line of a user adds to the latency, one way."""

    @property
    def site(self) -> str:
        """The data centre, of which it may be a group."""
        return self.name.partition("/")[0]

    @property
    def widest_bps(self) -> float:
        """What its own lines let through at most; infinite where they limit nothing."""
        return min(self.uplink_bps or inf, inf if self.lead is None else self.lead.capacity_bps)


def home(city: str, line_s: float = 0.0) -> End:
    """The users of a city as the network sees them, with what their line adds to the latency."""
    return End("", city.lower(), None, None, line_s)


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
    def doubtful_capacities(self) -> tuple[str, ...]:
        """What of the assumptions its room is made of."""
        return tuple(name for name in self.assumptions if "-capacity:" in name or name.endswith("/capacity_tbps"))

    @property
    def narrowest_bps(self) -> float:
        """What its narrowest link carries; infinite where it has no link."""
        return min(self.capacities_bps.values(), default=inf)


MOST_KEPT = 100_000
"""Ways that are kept for those who ask again, for each atlas."""
_paths: WeakKeyDictionary[Any, dict[tuple[End, End, str, tuple[str, ...]], Path]] = WeakKeyDictionary()


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

    known = _known(atlas)
    key = sender, receiver, latency, ()
    if key not in known:
        known[key] = _path_along(atlas, route(atlas, sender.city, receiver.city, latency), sender, receiver, latency)
    return known[key]


def path_over(atlas: "nx.Graph", places: tuple[str, ...], sender: End, receiver: End, latency: str) -> Path:
    """The way over these places, each joined to the next one, the same object at each call."""
    from simulator.network.route import along  # heavy, and most scenarios send nothing

    known = _known(atlas)
    key = sender, receiver, latency, places
    if key not in known:
        known[key] = _path_along(atlas, along(atlas, places, latency), sender, receiver, latency)
    return known[key]


def _known(atlas: "nx.Graph") -> dict[tuple[End, End, str, tuple[str, ...]], Path]:
    """The ways of an atlas that were found before; all are forgotten when they have become very many."""
    known = _paths.setdefault(atlas, {})
    if len(known) >= MOST_KEPT:
        known.clear()
    return known


def _path_along(atlas: "nx.Graph", found: "Route", sender: End, receiver: End, latency: str) -> Path:
    """The way from a data centre to another on a route that was found, with what its latency rests on."""
    from simulator.network.round_trip import assumption, round_trip

    tables = tables_of(atlas)
    capacities_bps: dict[str, float] = {}
    assumptions: dict[str, None] = {}
    if sender.lead is not None:
        capacities_bps[f"{sender.name}>{FABRIC}"] = sender.lead.capacity_bps
    if sender.uplink_bps is not None:
        capacities_bps[f"{sender.site}/uplink>{sender.city}"] = sender.uplink_bps
    for a, b in pairwise(found.places):
        edge = atlas.edges[a, b]
        capacities_bps[f"{a}>{b}"] = edge_capacity_bps(edge)
        assumptions.update(dict.fromkeys((*edge["capacity_assumptions"], *_capacity_doubts(atlas, edge))))
    if receiver.uplink_bps is not None:
        capacities_bps[f"{receiver.city}>{receiver.site}/uplink"] = receiver.uplink_bps
    if receiver.lead is not None:
        capacities_bps[f"{FABRIC}>{receiver.name}"] = receiver.lead.capacity_bps
    if latency == "measured":
        assumptions[assumption(round_trip(sender.city, receiver.city, atlas.graph["year"], tables))] = None
    # of the whole atlas: a link costs the same joules a bit whatever is down, so that nobody pays for others' detours
    elements, taken = way_elements(atlas.graph.get(WHOLE, atlas), found.places)
    elements = {name: one._replace(capacity_bps=capacities_bps.get(name)) for name, one in elements.items()}
    assumptions.update(dict.fromkeys((*_others(found, (sender, receiver), tables), *taken)))
    leads = [end.lead for end in (sender, receiver) if end.lead is not None]
    assumptions.update(dict.fromkeys(name for lead in leads for name in lead.assumptions))
    latency_s = found.rtt_ms / 2e3 + sum(lead.latency_s for lead in leads) / 2 + sender.line_s + receiver.line_s
    return Path(capacities_bps, latency_s, found.km, found.cables, tuple(assumptions), elements)


def find_inner_path(sender: End, receiver: End) -> Path | None:
    """The way from a group of machines to another of the same data centre; None where they are elsewhere.

    >>> store, gpus = Lead(2e11, 5e-5, ()), Lead(8e11, 1e-6, ())
    >>> find_inner_path(End("lab/store", "paris", None, store), End("lab/gpus", "paris", None, gpus))[:2]
    ({'lab/store>fabric': 200000000000.0, 'fabric>lab/gpus': 800000000000.0}, 2.55e-05)
    """
    if sender.lead is None or receiver.lead is None or sender.site != receiver.site:
        return None
    capacities_bps = {f"{sender.name}>{FABRIC}": sender.lead.capacity_bps}
    capacities_bps[f"{FABRIC}>{receiver.name}"] = receiver.lead.capacity_bps
    assumptions = tuple(dict.fromkeys((*sender.lead.assumptions, *receiver.lead.assumptions)))
    return Path(capacities_bps, (sender.lead.latency_s + receiver.lead.latency_s) / 2, 0.0, (), assumptions, {})


def _capacity_doubts(atlas: "nx.Graph", edge: dict[str, Any]) -> Iterator[str]:
    """The capacities of an edge's cables that are doubtful, less those that the scenario gives."""
    cables = tables_of(atlas).rows("cable")
    for link in edge["links"]:
        if link.cable in cables and link.cable not in atlas.graph.get(GIVEN, ()):
            yield from doubts(cables[link.cable], "capacity_tbps")


def directions(a: str, b: str) -> tuple[str, str]:
    """The two links between neighbours, there and back.

    >>> directions("lyon", "grenoble")
    ('lyon>grenoble', 'grenoble>lyon')
    """
    return f"{a}>{b}", f"{b}>{a}"


def edge_capacity_bps(edge: dict[str, Any]) -> float:
    """What all cables of an edge of the atlas carry together in one direction."""
    return sum(link_capacity_bps(link) for link in edge["links"])


def link_capacity_bps(link: "Link") -> float:
    """What one cable of an edge carries; where that is unknown, what the assumed row says."""
    return _assumed_bps(link.assumption) if link.capacity_bps is None else link.capacity_bps


def _assumed_bps(row: str) -> float:
    return find("network-assumption", row).number("capacity_tbps", "correct the row") * BITS_PER_TERABIT


def _others(found: "Route", ends: tuple[End, ...], tables: AtlasTables) -> Iterator[str]:
    """What else was assumed: lengths, overland ones by the row of their stretch; and lines without a limit."""
    cables, hops = found.cables, zip(found.cables, map(frozenset, pairwise(found.places)), strict=True)
    submarine, overland = (
        [row for cable in cables if (row := tables.rows(kind).get(cable)) is not None] for kind in ("cable", "overland")
    )
    if any(row.find_number("length_km") is None or doubts(row, "length_km") for row in overland):
        yield LENGTH
    yield from (name for cable in submarine for name in doubts(cable, "length_km"))
    segments = (segments_of(tables).get(hop) for hop in hops)
    yield from (name for row in segments if row is not None for name in doubts(row, "length_km"))
    yield from (
        name for cable in cables if cable in rows("satellite") for name in doubts(rows("satellite")[cable], "rtt_ms")
    )
    yield from (OPEN_UPLINK + end.site for end in ends if end.name and end.uplink_bps is None)
