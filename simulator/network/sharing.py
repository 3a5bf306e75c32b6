"""How flows that cross the same links share them at one instant: weighted max-min fairness with caps.

    rate_i <= cap_i                                     no flow is faster than it can be
    sum of rate_i over the flows of a link <= capacity  no link carries more than it can
    rate_i = min(cap_i, weight_i x level_i)             level_i: that of the flow's bottleneck,

a link that is full and on which no flow has a higher level (rate / weight). Exactly one
allocation has a bottleneck or a reached cap for every flow, and progressive filling finds
it: one common level rises from 0; a flow stops when it reaches its cap or when a link that
it crosses is full, and the others go on.

A fluid model: no packets, no losses, no slow start, no bias for short round trips (give
weights of 1 / round-trip time to have one). A link is one capacity for all that cross it;
the two directions of a cable are two links.
Source: Bertsekas and Gallager 1992, "Data Networks", 2nd edition, section 6.5.2; with
weights and caps: Radunovic and Le Boudec 2007, "A unified framework for max-min and min-max
fairness with applications", where filling is called water-filling.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.engine.spill import Floats
from simulator.errors import NetworkError, UnknownNameError

Ints = npt.NDArray[np.intp]

LEAST, MOST = 1e-60, 1e60
"""Between these, no product or quotient of the model leaves the range of doubles."""


FULL = 1e-6
"""A link of which less than this share is free is full."""


class Flow(NamedTuple):
    """What a transfer asks for; a link repeated in the route counts once.

    `weight` is its share beside another flow's; without a cap the links alone hold it back.
    """

    route: tuple[str, ...]
    size_b: float
    workload: str
    weight: float = 1.0
    cap_bps: float = math.inf


class Crossings(NamedTuple):
    """Which flow crosses which link: two columns of numbers, a row for each pair."""

    flow: Ints
    link: Ints


def fair_rates(capacities_bps: Mapping[str, float], flows: Mapping[str, Flow]) -> dict[str, float]:
    """Bits per second of each flow, all of them under way at once; their sizes do not matter.

    Raises NetworkError or UnknownNameError for a flow or a link that cannot be.

    >>> long, short = Flow(("a", "b"), 1.0, "w"), Flow(("a",), 1.0, "w", weight=2.0)
    >>> fair_rates({"a": 90.0, "b": 20.0}, {"long": long, "short": short})
    {'long': 20.0, 'short': 70.0}
    """
    check_capacities(capacities_bps)
    numbers = {link: number for number, link in enumerate(capacities_bps)}
    for name, flow in flows.items():
        check_flow(name, flow, numbers)
    crossings = cross([link_numbers(flow, numbers) for flow in flows.values()])
    weights = np.array([flow.weight for flow in flows.values()], float)
    caps_bps = np.array([flow.cap_bps for flow in flows.values()], float)
    rates_bps = fill(np.array(list(capacities_bps.values()), float), crossings, weights, caps_bps)
    return dict(zip(flows, rates_bps.tolist(), strict=True))


def fill(capacities_bps: Floats, crossings: Crossings, weights: Floats, caps_bps: Floats) -> Floats:
    """Progressive filling on arrays: the rate of each flow, in bits per second.

    A flow that crosses no link must have a cap, or nothing would ever stop it.
    """
    rates_bps, rising, level_bps = np.zeros(len(weights)), np.ones(len(weights), bool), 0.0
    cap_levels_bps = caps_bps / weights
    while rising.any():
        full_levels_bps = _full_levels(capacities_bps, crossings, weights * rising, rates_bps)
        next_bps = min(full_levels_bps.min(initial=math.inf), cap_levels_bps[rising].min())
        level_bps = max(level_bps, next_bps)  # a level never falls, whatever the rounding
        stopping = cap_levels_bps <= level_bps
        stopping[crossings.flow[full_levels_bps[crossings.link] <= level_bps]] = True
        stopping &= rising
        rates_bps[stopping] = np.minimum(caps_bps, weights * level_bps)[stopping]
        rising &= ~stopping
    return rates_bps


def _full_levels(capacities_bps: Floats, crossings: Crossings, rising_weights: Floats, rates_bps: Floats) -> Floats:
    """The common level at which each link will be full; infinite where nothing rises any more."""
    flow, link = crossings
    most = len(capacities_bps)
    weights = np.bincount(link, rising_weights[flow], most)
    left_bps = capacities_bps - np.bincount(link, rates_bps[flow], most)
    levels_bps = np.full(most, math.inf)
    np.divide(left_bps, weights, out=levels_bps, where=weights > 0)
    return levels_bps


def cross(routes: list[Ints]) -> Crossings:
    """The crossings of flows whose links are known by number."""
    lengths = [len(route) for route in routes]
    links = np.concatenate(routes) if routes else np.zeros(0, np.intp)
    return Crossings(np.repeat(np.arange(len(routes)), lengths), links)


def link_numbers(flow: Flow, numbers: Mapping[str, int]) -> Ints:
    """The numbers of a flow's links, each once."""
    return np.array([numbers[link] for link in dict.fromkeys(flow.route)], np.intp)


def check_capacities(capacities_bps: Mapping[str, float]) -> None:
    """Raise NetworkError for a capacity that is none; 0 is a link that is cut."""
    for link, capacity_bps in capacities_bps.items():
        check_number(f"link {link!r}", "capacity_bps", capacity_bps, 0.0)


def check_flow(name: str, flow: Flow, links: Mapping[str, object]) -> None:
    """Raise UnknownNameError for a link that is not there, NetworkError for a size, weight or cap that cannot be."""
    for link in flow.route:
        check_link(f"flow {name!r} crosses it", link, links)
    where = f"flow {name!r}"
    check_number(where, "size_b", flow.size_b, 0.0)
    check_number(where, "weight", flow.weight, LEAST)
    if flow.cap_bps != math.inf:
        check_number(where, "cap_bps", flow.cap_bps, LEAST)
    elif not flow.route:
        raise NetworkError(where, "neither a link nor a rate cap", "one of them, or nothing says how fast it is")


def check_link(asking: str, link: str, links: Mapping[str, object]) -> None:
    """Raise UnknownNameError for a link that is not there; `asking` says who wants it."""
    if link not in links:
        some = ", ".join(f"`{known}`" for known in list(links)[:8])
        raise UnknownNameError("link", link, f"{asking}; of {len(links)} links the first are {some or 'none'}")


def check_number(where: str, field: str, value: float, least: float) -> None:
    """Raise NetworkError unless the value is a number from the least one to 1e60."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not (number and least <= value <= MOST):
        raise NetworkError(where, f"{field} {value!r}", f"a number from {least:g} to {MOST:g}")
