"""A population as columns: one number a user and property, sorted by city and access technology.

    users of a block = count x share of the city x share of the technology, whole by largest remainders
    speed, rate      = median x spread ^ z,           z standard normal, drawn once for all
    samples          = mean x spread ^ z / its mean,  so that they add up to count x mean

A user keeps speed, rate and samples for the whole run, and in every paradigm: the streams
are named by the population. Rates are those of the access rows, down and up with one factor.
Columns are made when something first asks for them: 8 bytes a user and column.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import floor, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.catalogue import find
from simulator.engine.rng import Streams
from simulator.engine.spans import Spans, widen
from simulator.engine.spill import Floats
from simulator.network.access import Access, build_access
from simulator.population.power import ClientWatts, build_client_power, power_assumptions
from simulator.population.spec import Population

Indices = npt.NDArray[np.int64]
SHARED_CROWD = "shared-crowd/"
"""What begins the name of the assumption that workloads use a crowd at one time without meeting."""
SPEED_SPREAD, RATE_SPREAD = "client-speed-spread", "client-rate-spread"


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


class Columns(NamedTuple):
    """What each user has: speed over the median device's, bits per second, samples over the mean."""

    speed: Floats
    down_bps: Floats
    up_bps: Floats
    samples: Floats


class Crowd:
    """The users of one population, and what was ever used of their equipment."""

    __slots__ = (
        *("_city_of", "_columns", "_streams", "blocks", "cities", "count"),
        *("lasts", "name", "spans", "spec", "uses", "watts"),
    )

    def __init__(self, name: str, spec: Population, streams: Streams) -> None:
        self.name, self.spec, self.count = name, spec, spec.count
        self._streams = streams
        self._columns: Columns | None = None
        self.blocks = tuple(_blocks(name, spec))
        self.cities = tuple(dict.fromkeys(block.city for block in self.blocks))
        self.lasts = np.array([block.last for block in self.blocks])
        self.watts: ClientWatts = build_client_power(spec)
        self.spans: Spans = {}
        self.uses: Spans = {}
        self._city_of = np.array([[float(b.city == city) for b in self.blocks] for city in self.cities])

    def device(self, city: str) -> str:
        """The asset's name of the devices in a city."""
        return f"{self.name}/{city}/device"

    def columns(self) -> Columns:
        """What each user has, by number."""
        if self._columns is None:
            self._columns = self._draw()
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
        if "compute" in uses and self.spec.speed_spread is None:
            yield SPEED_SPREAD

    def used(self, block: Block, workload: str, from_s: float, to_s: float) -> None:
        """Note that lines and devices of a block worked for a workload from then to then."""
        widen(self.uses, workload, from_s, to_s)
        for asset in (block.line, self.device(block.city)):
            widen(self.spans, asset, from_s, to_s)

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

    def _draw(self) -> Columns:
        rate = self._factors("rate", _spread(self.spec.rate_spread, RATE_SPREAD))
        speed = self._factors("speed", _spread(self.spec.speed_spread, SPEED_SPREAD))
        samples = self._factors("samples", self.spec.samples_spread)
        sizes = [block.users for block in self.blocks]
        down_bps, up_bps = (
            np.repeat([getattr(block.access, way) for block in self.blocks], sizes) * rate
            for way in ("down_bps", "up_bps")
        )
        return Columns(speed, down_bps, up_bps, samples / samples.mean())

    def _factors(self, name: str, spread: float) -> Floats:
        if spread == 1.0:
            return np.ones(self.count)
        drawn = self._streams.generator(f"users' {name}", self.name).standard_normal(self.count)
        return np.asarray(np.exp(log(spread) * drawn), float)


def _spread(given: float | None, row: str) -> float:
    return find("assumption", row).number("spread_ratio", "correct the row") if given is None else given


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
