"""A population as columns: one number a user and property, sorted by city and access technology.

    users of a block = count x share of the city x share of the technology, whole by largest remainders

A user keeps speed, rate and samples for the whole run, and in every paradigm (columns.py).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import floor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.catalogue import doubts, find
from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.engine.spans import Spans, widen
from simulator.engine.spill import Floats
from simulator.network.access import Access, build_access
from simulator.population.available import AVAILABILITY, METERED, NIGHT, PEAK, Nights
from simulator.population.columns import RATE_SPREAD, SPEED_SPREAD, Columns
from simulator.population.excess import find_excess
from simulator.population.power import ClientWatts, build_client_power, power_assumptions
from simulator.population.spec import Population
from simulator.population.trace import Trace

Indices = npt.NDArray[np.int64]
SHARED_CROWD = "shared-crowd/"
"""What begins the name of the assumption that workloads use a crowd at one time without meeting."""


class Block(NamedTuple):
    """The users of one city with one access technology: the stretch from `first` to before `last` of the columns."""

    city: str
    place: str
    access: Access
    line: str
    """The asset's name of their lines."""
    first: int
    last: int

    @property
    def users(self) -> int:
        """How many users."""
        return self.last - self.first


class Use(NamedTuple):
    """How long some pieces worked for a workload: together, and from when to when."""

    from_s: float
    to_s: float
    piece_s: float


class Crowd:
    """The users of one population, and what was ever used of their equipment."""

    __slots__ = (
        *("_city_of", "_columns", "blocks", "busy", "cities", "clock", "count", "excess"),
        *("lasts", "name", "spans", "spec", "streams", "trace", "uses", "watts"),
    )

    def __init__(
        self, name: str, spec: Population, streams: Streams, clock: Clock | None = None, trace: Trace | None = None
    ) -> None:
        self.name, self.spec, self.count = name, spec, spec.count
        self.streams, self.clock, self.trace = streams, clock, trace
        self.blocks = tuple(_blocks(name, spec))
        self.cities = tuple(dict.fromkeys(block.city for block in self.blocks))
        lines = [(block.access, block.users) for block in self.blocks]
        self.excess = find_excess(spec.excess, self.cities, clock)
        self._columns = Columns(name, spec, lines, streams)
        self.lasts = np.array([block.last for block in self.blocks])
        self.watts: ClientWatts = build_client_power(spec)
        self.spans: Spans = {}
        self.uses: Spans = {}
        self.busy: dict[tuple[str, str], Use] = {}
        self._city_of = np.array([[float(b.city == city) for b in self.blocks] for city in self.cities])

    def device(self, city: str) -> str:
        """The asset's name of the devices in a city."""
        return f"{self.name}/{city}/device"

    def columns(self) -> Columns:
        """What each user has, by number."""
        return self._columns

    def block_of(self, users: Indices) -> Indices:
        """The number of each user's block."""
        return np.searchsorted(self.lasts, users, side="right")

    def assumptions(self, *uses: str) -> Iterator[str]:
        """The names of what is assumed of the users, by what is used of them: up, down, compute, ask."""
        yield from power_assumptions(self.spec, uses)
        asks = "ask" in uses
        columns = [f"{way}_mbps" for way in ("down", "up") if way in uses or asks]
        if columns:
            columns += ["rtt_ms", "marginal_w_per_mbps", *(["line_idle_w"] if self.spec.account == "whole" else [])]
            for block in self.blocks:
                yield from block.access.assumptions(*columns)
            if self.spec.rate_spread is None:
                yield RATE_SPREAD
        if "compute" in uses:
            if self.spec.speed_spread is None:
                yield SPEED_SPREAD
            yield from self._availability_assumptions()

    def _availability_assumptions(self) -> Iterator[str]:
        """The names of what is assumed of when users may be selected."""
        if isinstance(self.spec.available, Nights):
            yield from (AVAILABILITY, NIGHT, PEAK)
        if self.spec.eligible is not None and self.spec.eligible.unmetered:
            for technology in dict.fromkeys(block.access.id for block in self.blocks):
                yield from doubts(find("access", technology), METERED)

    def used(self, block: Block, workload: str, from_s: float, to_s: float, device_s: float, line_s: float) -> None:
        """Note that devices and lines of a block worked for a workload from then to then, for how long together."""
        widen(self.uses, workload, from_s, to_s)
        for asset, piece_s in ((block.line, line_s), (self.device(block.city), device_s)):
            widen(self.spans, asset, from_s, to_s)
            before = self.busy.get((asset, workload), Use(from_s, to_s, 0.0))
            whole = (min(before.from_s, from_s), max(before.to_s, to_s), before.piece_s + piece_s)
            self.busy[asset, workload] = Use(*whole)

    @property
    def shared(self) -> bool:
        """Whether several workloads used it at one time, each as if it were alone."""
        ends_s = sorted(self.uses.values())
        return any(later[0] < before[1] for before, later in pairwise(ends_s))

    def city_sums(self, of_blocks: Floats) -> Floats:
        """What is known by block, in the rows of an array, by city."""
        return self._city_of @ of_blocks

    def charged_line_w(self, block: Block) -> float:
        """The watts at rest of one line of a block that a workload is charged with while it works."""
        return block.access.line_idle_w if self.spec.account == "whole" else 0.0


def _blocks(name: str, spec: Population) -> Iterator[Block]:
    accesses = {technology.lower(): build_access(technology.lower()) for technology in spec.access}
    keys = [(city, technology) for city in spec.places for technology in spec.access]
    sizes = whole_shares(spec.count, [spec.places[city] * spec.access[technology] for city, technology in keys])
    first = 0
    for (city, technology), size in zip(keys, sizes, strict=True):
        if size:
            place = f"{name}/{city.lower()}"
            access = accesses[technology.lower()]
            yield Block(city.lower(), place, access, f"{place}/{access.id}", first, first + size)
            first += size


def whole_shares(count: int, shares: Sequence[float]) -> list[int]:
    """Split a whole number by shares into whole numbers that add up to it, by largest remainders.

    >>> whole_shares(10, [0.55, 0.25, 0.2])
    [6, 2, 2]
    """
    total = sum(shares)
    exact = [count * share / total for share in shares]
    sizes = [floor(size + 1e-9) for size in exact]
    order = sorted(range(len(shares)), key=lambda n: (sizes[n] - exact[n], n))
    for n in order[: count - sum(sizes)]:
        sizes[n] += 1
    return sizes
