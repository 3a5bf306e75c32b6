"""Who is whose neighbour, where nodes learn without a server.

ring       each node and the next, the last and the first
complete   everybody and everybody
random     each node has so many neighbours, drawn once from all such graphs that hold together
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from simulator.spec import Count, Fault, Spec, kinds_alone

Pairs = tuple[tuple[int, int], ...]
"""Neighbours by number, each pair once."""


class Ring(Spec):
    """Each node and the next."""

    kind: Literal["ring"]


class Complete(Spec):
    """Everybody and everybody."""

    kind: Literal["complete"]


class Random(Spec):
    """A graph that luck draws, in which all have as many neighbours."""

    kind: Literal["random"]
    degree: Count = Field(description="neighbours of each node, 2 or more")

    def faults(self) -> Iterator[Fault]:
        """Pairs that would never hear of others."""
        if self.degree < 2:
            yield Fault(("degree",), "pairs alone never hear of the others; give 2 or more")


Topology = Annotated[Ring | Complete | Random, *kinds_alone("ring", "complete")]


def pairs_of(topology: Ring | Complete | Random, nodes: int, luck: np.random.Generator) -> Pairs:
    """Who are neighbours, of nodes from 0 on.

    >>> pairs_of(Ring(kind="ring"), 4, np.random.default_rng(0))
    ((0, 1), (0, 3), (1, 2), (2, 3))
    >>> len(pairs_of(Random(kind="random", degree=3), 8, np.random.default_rng(0)))
    12
    """
    if isinstance(topology, Random):
        return _drawn(topology.degree, nodes, luck)
    if isinstance(topology, Complete):
        return tuple(combinations(range(nodes), 2))
    beside = {(min(a, b), max(a, b)) for a, b in ((node, (node + 1) % nodes) for node in range(nodes)) if a != b}
    return tuple(sorted(beside))


def _drawn(degree: int, nodes: int, luck: np.random.Generator) -> Pairs:
    import networkx as nx  # heavy, and most learnings have no such graph

    while True:
        graph = nx.random_regular_graph(degree, nodes, seed=int(luck.integers(2**31)))
        if nx.is_connected(graph):
            return tuple(sorted((min(a, b), max(a, b)) for a, b in graph.edges))
