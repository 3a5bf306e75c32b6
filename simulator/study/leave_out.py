"""Whether three constants of latency were fitted too closely: fitted anew without a region, tested on its pairs.

    ours = 2 x light x (overland ratio x overland km + submarine ratio x submarine km) + added
    fit: least sum of |ours / published - 1|, no constant below zero

For each region in turn the constants are fitted to the pairs that do not touch it, and tested
on those that do; every pair is tested twice, once for each of its ends. Beside it stand the
shipped constants, fitted to other pings, and what the same form can do at best, fitted to all
the pairs that it is tested on. A great circle times a stretch plus a constant, fitted anew in
the same way, is what somebody without a map would do.

The fit is a linear programme, so it is exact and the same each time. The ways are not fitted
anew: they are those of least cost by the table of route classes.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple

from simulator.catalogue import Row, find
from simulator.network.atlas import great_circle_km
from simulator.network.tables import CATALOGUE, SUBMARINE, AtlasTables
from simulator.network.trip import find_trip
from simulator.study.report import Aside


class Pair(NamedTuple):
    """One published round trip, and light there and back over each kind of its kilometres."""

    ends: tuple[str, str]
    published_ms: float
    overland_ms: float
    submarine_ms: float
    great_circle_ms: float


Terms = Callable[[Pair], tuple[float, ...]]
"""What each constant is multiplied with, in milliseconds."""


def by_cables(pair: Pair) -> tuple[float, ...]:
    """Light over land, light under the sea, and 1 for what is added."""
    return pair.overland_ms, pair.submarine_ms, 1.0


def by_great_circle(pair: Pair) -> tuple[float, ...]:
    """Light on the great circle, and 1 for what is added."""
    return pair.great_circle_ms, 1.0


def pair_of(row: Row, tables: AtlasTables = CATALOGUE) -> Pair:
    """A row of a table of round trips, with the kilometres of its way in the row's year."""
    a, b = row.text("a"), row.text("b")
    hops = find_trip(a, b, int(row.source("rtt_ms").year), tables=tables).hops
    submarine_km = sum(hop.km for hop in hops if hop.kind == SUBMARINE)
    overland_km = sum(hop.km for hop in hops if hop.kind != SUBMARINE)
    ends = [
        [find("city", city).number(column, "correct the row") for column in ("lat_deg", "lon_deg")] for city in (a, b)
    ]
    circle_km = great_circle_km(*((lat_deg, lon_deg) for lat_deg, lon_deg in ends))
    light_ms = 2e-3 * find("network-assumption", "latency-light").number("light_us_per_km", "correct the row")
    published_ms = row.number("rtt_ms", "correct the row")
    return Pair((a, b), published_ms, light_ms * overland_km, light_ms * submarine_km, light_ms * circle_km)


def fit(pairs: Sequence[Pair], terms: Terms) -> tuple[float, ...]:
    """The constants, none below zero, whose sum of relative deviations from what was published is least.

    >>> pairs = [Pair(("a", "b"), 2.0 * km + 3.0, km, 0.0, km) for km in (10.0, 20.0, 40.0)]
    >>> fit(pairs, by_great_circle)
    (2.0, 3.0)
    """
    import numpy as np
    from scipy.optimize import linprog

    scaled = np.array([terms(pair) for pair in pairs]) / np.array([[pair.published_ms] for pair in pairs])
    members, constants = scaled.shape
    slack = np.eye(members)  # of each pair, no less than its deviation on either side
    bounds = np.block([[scaled, -slack], [-scaled, -slack]])
    right = np.concatenate((np.ones(members), -np.ones(members)))
    found = linprog(np.concatenate((np.zeros(constants), np.ones(members))), A_ub=bounds, b_ub=right)
    assert found.success, found.message
    return tuple(round(float(value), 9) for value in found.x[:constants])


def errors(pairs: Iterable[Pair], terms: Terms, constants: Sequence[float]) -> list[float]:
    """By how much ours is off for each pair, as a share of what was published."""
    return [
        abs(sum(c * term for c, term in zip(constants, terms(pair), strict=True)) / pair.published_ms - 1.0)
        for pair in pairs
    ]


def can_leave_out(pairs: Sequence[Pair]) -> bool:
    """Whether there are more pairs than constants without any of the regions.

    >>> can_leave_out([Pair(("a", "b"), 1.0, 1.0, 1.0, 1.0)] * 9)
    False
    """
    regions = {end for pair in pairs for end in pair.ends}
    return all(sum(region not in pair.ends for pair in pairs) > len(by_cables(pairs[0])) for region in regions)


def leave_one_out(pairs: Sequence[Pair], shipped: Sequence[float]) -> Aside:
    """Median errors on each region's pairs, of constants fitted without them and of others, and on all."""
    whole = fit(pairs, by_cables)
    lines: list[tuple[str, ...]] = []
    sizes: list[list[float]] = [[], [], [], []]
    for region in sorted({end for pair in pairs for end in pair.ends}):
        tested = [pair for pair in pairs if region in pair.ends]
        others = [pair for pair in pairs if region not in pair.ends]
        refitted = fit(others, by_cables)
        found = [
            errors(tested, by_cables, refitted),
            errors(tested, by_cables, shipped),
            errors(tested, by_cables, whole),
            errors(tested, by_great_circle, fit(others, by_great_circle)),
        ]
        for size, new in zip(sizes, found, strict=True):
            size.extend(new)
        lines.append((region, *_constants(refitted), *_medians(found)))
    lines.append(("all, each pair twice", *[""] * len(whole), *_medians(sizes)))
    lines += [
        ("shipped", *_constants(shipped), *[""] * 4),
        (f"fitted to all {len(pairs)}", *_constants(whole), *[""] * 4),
    ]
    return Aside(
        "median error on the pairs of a region, by constants fitted without them and by others", COLUMNS, lines
    )


COLUMNS = (
    *("region left out", "overland", "submarine", "added ms"),
    *("fitted without it", "shipped", "fitted to all", "great circle, without it"),
)


def _constants(values: Sequence[float]) -> list[str]:
    return [f"{value:.3f}" for value in values]


def _medians(sizes: Iterable[Sequence[float]]) -> list[str]:
    return [f"{median(size):.1%}" for size in sizes]
