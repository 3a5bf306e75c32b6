"""Which links an event takes down, and the atlas without them.

A link is one cable between two places. An edge of the atlas loses the capacity of its links that
are down, and is gone with its last one; places stay.
"""

from collections.abc import Collection, Iterator
from typing import Any

import networkx as nx

from simulator.network.atlas import edge_of
from simulator.network.spec import Closure, Cut, Outage
from simulator.network.tables import SUBMARINE, WHOLE, AtlasTables, tables_of

Event = Cut | Outage | Closure
Down = tuple[str, str, str]
"""A link: its two places in order of their names, and its cable."""


def link_of(a: str, b: str, cable: str) -> Down:
    """The name of the link of a cable between two places, either way round."""
    return (a, b, cable) if a < b else (b, a, cable)


def links_of(atlas: nx.Graph, cables: Collection[str]) -> frozenset[Down]:
    """The links of these cables."""
    return frozenset(link_of(a, b, link.cable) for a, b, link in _links(atlas) if link.cable in cables)


def links_down(atlas: nx.Graph, event: Event) -> frozenset[Down]:
    """The links of an atlas that an event takes down.

    >>> from simulator.network.atlas import build_atlas
    >>> sorted(links_down(build_atlas(2025), Cut(at="0 s", cables=["marea"])))
    [('bilbao', 'virginia-beach', 'marea')]
    """
    tables = tables_of(atlas)
    if isinstance(event, Outage):
        place = event.landing.lower()
        found = ((a, b, link) for a, b, link in _links(atlas) if link.kind == SUBMARINE and place in (a, b))
        return frozenset(link_of(a, b, link.cable) for a, b, link in found)
    if isinstance(event, Closure):
        there = set(_passing(event.choke_point.lower(), tables))
    else:
        whole = links_of(atlas, {cable.lower() for cable in event.cables})
        segments = (tables.find("segment", name) for name in event.segments)
        there = {*whole, *(link_of(row.text("a"), row.text("b"), row.text("cable")) for row in segments)}
    return frozenset(there & {link_of(a, b, link.cable) for a, b, link in _links(atlas)})


def name_of(event: Event) -> str:
    """What goes down, in words."""
    if isinstance(event, Outage):
        return event.landing
    return event.choke_point if isinstance(event, Closure) else ", ".join((*event.cables, *event.segments))


def without(atlas: nx.Graph, down: Collection[Down]) -> nx.Graph:
    """The frozen atlas without these links."""
    left = atlas.copy()
    for a, b in {(a, b) for a, b, _ in down}:
        links = atlas.edges[a, b]["links"]
        kept = [link for link in links if link_of(a, b, link.cable) not in down]
        if not kept:
            left.remove_edge(a, b)
        elif len(kept) < len(links):
            left.edges[a, b].update(edge_of(kept))
    left.graph[WHOLE] = atlas.graph.get(WHOLE, atlas)
    return nx.freeze(left)


def _links(atlas: nx.Graph) -> Iterator[tuple[str, str, Any]]:
    return ((a, b, link) for a, b, links in atlas.edges(data="links") for link in links)


def _passing(choke_point: str, tables: AtlasTables) -> Iterator[Down]:
    """The segments and overland links that pass a choke point."""
    for kind in ("segment", "overland"):
        for row in tables.rows(kind).values():
            if choke_point in row.text("choke_points").split(";"):
                yield link_of(row.text("a"), row.text("b"), row.text("cable") if kind == "segment" else row.id)
