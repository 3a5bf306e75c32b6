"""The ways between a crowd and a data centre: one there and one back for each city.

A way is that of network/path.py between the city and the data centre's; the users' own lines
are not on it, they are each user's rate. Bits of all users of a city share it.

    latency of a user = latency of the way + that of its line,  one way
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.network.path import End, Path, home
from simulator.network.traffic import Traffic
from simulator.population.crowd import Crowd


class CrowdWays(NamedTuple):
    """The ways of each block of a crowd, in the order of its blocks: from the data centre, and to it."""

    down: tuple[Path, ...]
    up: tuple[Path, ...]

    @property
    def capacities_bps(self) -> dict[str, float]:
        """Every link of them, with its capacity."""
        return {link: bps for way in (*self.down, *self.up) for link, bps in way.capacities_bps.items()}

    @property
    def latencies_s(self) -> Floats:
        """One way's of each block: half of there and back, for a session takes both, of which one may be longer."""
        pairs = zip(self.down, self.up, strict=True)
        return np.array([(down.latency_s + up.latency_s) / 2 for down, up in pairs])


def find_ways_of_crowd(crowd: Crowd, server: End, find_way: Callable[[End, End], Path | None]) -> CrowdWays | None:
    """The ways between the blocks of a crowd and a data centre; None where a city has none."""
    homes = [home(block.city, block.access.latency_s) for block in crowd.blocks]
    down = tuple(way for far in homes if (way := find_way(server, far)) is not None)
    up = tuple(way for far in homes if (way := find_way(far, server)) is not None)
    return CrowdWays(down, up) if len(down) == len(up) == len(homes) else None


class Incidence(NamedTuple):
    """Which blocks' bits pass which named things: names, and a matrix of 0 and 1, shape (names, blocks)."""

    names: tuple[str, ...]
    passes: Floats

    def note_use(self, traffic: Traffic, of_blocks_b: Floats, from_s: float, to_s: float) -> None:
        """Tell the traffic which of them carried any of the blocks' bits from then to then."""
        bits_b = self.passes @ of_blocks_b
        traffic.carried((self.names[n] for n in np.flatnonzero(bits_b).tolist()), from_s, to_s)


def carriers(ways: CrowdWays) -> tuple[Incidence, Incidence]:
    """All links and sites that the blocks' downloads pass, and all that their uploads do."""
    down, up = (incidence(tuple({**way.capacities_bps, **way.elements} for way in side)) for side in ways)
    return down, up


def incidence(passed: tuple[Mapping[str, object], ...]) -> Incidence:
    """Names and matrix, from what each block's bits pass.

    >>> incidence(({"a": 1, "b": 1}, {"b": 1})).passes.tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    names = tuple(dict.fromkeys(name for block in passed for name in block))
    return Incidence(names, np.array([[float(name in block) for block in passed] for name in names]))
