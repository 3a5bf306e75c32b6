"""A way through the physical internet as a person asks for it: its hops, their cables, its time, what a byte costs.

A cut takes a cable out: every edge that it is part of loses its capacity, and disappears with its
last cable. What a gigabyte costs is the energy per bit of all that it passes (network/element.py),
without users' lines and the data centres at its ends.
"""

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import networkx as nx

from simulator.errors import UnknownNameError, UsageError
from simulator.network.atlas import build_atlas, cheapest, shortest
from simulator.network.element import Element, way_elements
from simulator.network.outage import links_of, without
from simulator.network.round_trip import COLUMN, assumption, round_trip
from simulator.network.route import route
from simulator.network.tables import ATLAS_TABLES, CATALOGUE, AtlasTables, tables_of
from simulator.units import BITS_PER_GIGABYTE, JOULES_PER_KWH


class Hop(NamedTuple):
    """From one place to the next: the cable whose kilometres count, its kind, those beside it, what all carry."""

    start: str
    end: str
    cable: str
    kind: str
    km: float
    beside: tuple[str, ...]
    capacity_bps: float | None
    """In one direction; None where that of one of them is unknown."""


class Trip(NamedTuple):
    """A way from one place to another, and back the same way."""

    year: int
    latency: str
    rtt_ms: float
    lower_bound_ms: float
    """The round trip of light on the shortest way there is."""
    km: float
    hops: tuple[Hop, ...]
    energy_kwh_per_gb: float
    assumptions: tuple[str, ...]
    names: dict[str, str]
    """What each cable is called by people, those beside the way included."""
    longer_ms: float = 0.0
    """What of a measured round trip is added because cuts make the way longer."""
    elements: Mapping[str, Element] = {}
    """All that a bit passes, by name."""
    models: Mapping[str, Mapping[str, Any]] = {}
    """What each model says that a gigabyte costs, where somebody asked."""

    @property
    def cables(self) -> tuple[str, ...]:
        """The cable of each hop, overland links included."""
        return tuple(hop.cable for hop in self.hops)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        plain = {key: value for key, value in self._asdict().items() if key != "elements"}
        return {**plain, "hops": [hop._asdict() for hop in self.hops]}


def latest_year(tables: AtlasTables = CATALOGUE) -> int:
    """The year in which the last cable of an atlas entered service; raises UsageError where all are planned or retired.

    >>> latest_year() >= 2025
    True
    """
    cables = tables.rows("cable").values()
    years = [int(row.text("rfs_year")) for row in cables if row.text("status") == "in service"]
    if not years:
        where = f"{tables.folder}/{ATLAS_TABLES['cable']}"
        raise UsageError(where, "none of its cables is in service", "say of which year the way is, with --year")
    return max(years)


def find_trip(
    a: str,
    b: str,
    year: int,
    without: Collection[str] = (),
    latency: str = "policy",
    tables: AtlasTables = CATALOGUE,
) -> Trip:
    """The way between two places in the internet of a year, less some cables; of another atlas by its tables.

    Raises UnknownNameError with the nearest names, UsageError where nothing joins them or a cable is not in service.

    >>> found = find_trip("paris", "ashburn", 2025)
    >>> [hop.cable for hop in found.hops if hop.kind == "submarine"]
    ['dunant']
    >>> round(found.rtt_ms), round(found.km)
    (91, 7348)
    """
    atlas = cut(build_atlas(year, tables), without) if without else build_atlas(year, tables)
    found, bound = route(atlas, a, b, latency), route(atlas, a, b, "lower_bound")
    choose = shortest if latency == "lower_bound" else cheapest
    hops = []
    for start, end in pairwise(found.places):
        edge = atlas.edges[start, end]
        link = choose(edge["links"])
        beside = tuple(cable for cable in edge["cables"] if cable != link.cable)
        hops.append(Hop(start, end, link.cable, link.kind, link.km, beside, edge["capacity_bps"]))
    elements, assumptions = way_elements(atlas, found.places)
    j_per_b = sum(element.slope_j_per_b for element in elements.values())
    energy_kwh_per_gb = j_per_b * BITS_PER_GIGABYTE / JOULES_PER_KWH
    longer_ms = 0.0
    if latency == "measured":
        published = round_trip(found.places[0], found.places[-1], year, tables)
        longer_ms = found.rtt_ms - published.number(COLUMN, "correct the row")
        assumptions = (assumption(published), *assumptions)
    totals = (found.rtt_ms, bound.rtt_ms, found.km, tuple(hops), energy_kwh_per_gb)
    names = {cable: cable_name(cable, tables) for hop in hops for cable in (hop.cable, *hop.beside)}
    return Trip(year, latency, *totals, assumptions, names, longer_ms, elements)


def cut(atlas: nx.Graph, cables: Collection[str]) -> nx.Graph:
    """The atlas without these cables: an edge loses what they carry, and goes with its last one.

    Raises UnknownNameError with the nearest names, UsageError for a cable that is not in the atlas's year.

    >>> whole = build_atlas(2025)
    >>> whole.has_edge("virginia-beach", "bilbao"), cut(whole, ["marea"]).has_edge("virginia-beach", "bilbao")
    (True, False)
    """
    tables = tables_of(atlas)
    known = {link.cable for _, _, links in atlas.edges(data="links") for link in links}
    gone = {cable.lower() for cable in cables}
    for cable in sorted(gone - known):
        if cable in tables.rows("cable"):
            year = atlas.graph["year"]
            raise UsageError(cable, f"is not in service in {year}", "leave it out, or choose another year")
        raise UnknownNameError("cable", cable, tables.suggest(cable, "cable"))
    return without(atlas, links_of(atlas, gone))


def cable_name(cable: str, tables: AtlasTables = CATALOGUE) -> str:
    """A cable's name for people; an overland link is called by its ends."""
    return tables.find("cable" if cable in tables.rows("cable") else "overland", cable).name
