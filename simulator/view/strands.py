"""The lines of the map: one a cable between two places, as wide as what it carries.

    without a run   width as the square root of design capacity, level by the decade of service
    with a run      width as the bits of both directions together, level by utilisation (that of
                    the busier direction) or by what their electricity emitted (of both)

Capacities span four orders of magnitude, so that only their roots can be told apart on paper.
Where an edge of the atlas has several cables, bits are drawn on the one whose kilometres count.
A level is the number of a class of colour; what lies between two bounds is one class.
"""

from bisect import bisect_right
from collections.abc import Sequence
from math import floor, log10, sqrt
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from simulator.catalogue import rows
from simulator.errors import UsageError
from simulator.footprint.carried import Carried
from simulator.network.atlas import PLANNED
from simulator.network.path import link_capacity_bps
from simulator.record.integrate import Floats
from simulator.units import BITS_PER_TERABIT
from simulator.view.basemap import along_great_circles, cable_ways, unwrap

UTILISATION, CARBON = "utilisation", "carbon"
COLOURS = (UTILISATION, CARBON)
DECADES = (2000, 2010, 2020)
UTILISATIONS = (0.001, 0.01, 0.1, 0.5)


class Strand(NamedTuple):
    """A line: its points (longitude, latitude), its kind, its width as a share of the widest, its level."""

    way: Floats
    kind: str
    share: float
    level: int
    assumed: bool
    """Whether its capacity is nobody's word but the catalogue's assumption."""


class Strands(NamedTuple):
    """Lines, what the widest of them stands for (bits, or bits a second), and the bounds of their levels."""

    lines: tuple[Strand, ...]
    most: Any
    bounds: tuple[float, ...]


def by_capacity(atlas: nx.Graph) -> Strands:
    """Every cable and overland link of the atlas; all years have one scale, the widest cable ever laid."""
    found = []
    for a, b, links in atlas.edges(data="links"):
        for link in links:
            level = 0 if link.rfs_year is None else bisect_right(DECADES, link.rfs_year)
            found.append((a, b, link, link_capacity_bps(link), level))
    laid = [row for row in rows("cable").values() if row.text("status") != PLANNED]
    most_bps = max(row.find_number("capacity_tbps") or 0.0 for row in laid) * BITS_PER_TERABIT
    lines = [
        Strand(
            way_of(atlas, a, b, link.cable), link.kind, sqrt(capacity_bps / most_bps), level, link.capacity_bps is None
        )
        for a, b, link, capacity_bps, level in found
    ]
    return Strands(tuple(lines), most_bps, DECADES)


def by_traffic(atlas: nx.Graph, links: Sequence[Carried], colour: str, most_b: float) -> Strands:
    """What a run's links carried, the widest line standing for `most_b`; colour is one of `COLOURS`.

    Raises UsageError where it ran on another atlas.
    """
    pairs: dict[tuple[str, str, str], list[Carried]] = {}
    for link in links:
        a, b = sorted((link.start, link.end))
        pairs.setdefault((a, b, link.cable), []).append(link)
    strange = sorted(f"{a}>{b}" for a, b, _ in pairs if not atlas.has_edge(a, b))
    if strange:
        state = f"its links are not those of the catalogue, such as {strange[0]}"
        raise UsageError("a map of that run", state, "it ran on an atlas of its own, of which no map is drawn")
    values = {key: _value(both, colour) for key, both in pairs.items()}
    bounds = UTILISATIONS if colour == UTILISATION else _powers(max(values.values(), default=0.0))
    lines = []
    for (a, b, cable), both in pairs.items():
        kind = next(
            (link.kind for link in atlas.edges[a, b]["links"] if link.cable == cable), atlas.edges[a, b]["kind"]
        )
        share = sum(link.size_b for link in both) / most_b
        level = bisect_right(bounds, values[a, b, cable])
        lines.append(Strand(way_of(atlas, a, b, cable), kind, share, level, False))
    return Strands(tuple(lines), most_b, bounds)


def way_of(atlas: nx.Graph, a: str, b: str, cable: str) -> Floats:
    """Where a cable between two places is drawn: along its way at sea, else along a great circle.

    >>> from simulator.network.atlas import build_atlas
    >>> way_of(build_atlas(2025), "bilbao", "virginia-beach", "marea")[[0, -1]].round(2).tolist()
    [[-75.98, 36.85], [-2.93, 43.26]]
    """
    ways = cable_ways()
    corners = next((ways[name] for name in (f"{cable}:{a}:{b}", f"{cable}:{b}:{a}") if name in ways), None)
    if corners is None:
        corners = unwrap(np.array([(atlas.nodes[place]["lon_deg"], atlas.nodes[place]["lat_deg"]) for place in (a, b)]))
    return along_great_circles(corners)


def most_carried_b(links: Sequence[Carried]) -> float:
    """The bits of the busiest pair of places, both directions together; 0 where nothing was carried."""
    found: dict[tuple[str, ...], float] = {}
    for link in links:
        ends = (*sorted((link.start, link.end)), link.cable)
        found[ends] = found.get(ends, 0.0) + link.size_b
    return max(found.values(), default=0.0)


def _value(both: Sequence[Carried], colour: str) -> float:
    if colour == CARBON:
        return sum(link.emitted_kg for link in both)
    return max(link.utilisation for link in both)


def _powers(most: float) -> tuple[float, ...]:
    """Four powers of ten, the last one at most `most`."""
    last = floor(log10(most)) if most > 0 else 0
    return tuple(10.0**power for power in range(last - 3, last + 1))
