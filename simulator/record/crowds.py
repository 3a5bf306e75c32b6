"""Users' equipment as rows of `assets`: the devices of each city, the lines of each city and technology.

It is in service from its first to its last work for a workload; before and after it is
its users' own. Devices that are `owned: always` are in service for the whole window:

    at rest(t) = watts at rest x devices x (1 - shares of them that work for workloads)

and hold `reservations` of nobody meanwhile, so that working and resting add up to all of them. Limit:
a workload's devices are known by their mean share from its first to its last use.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from simulator.catalogue import find
from simulator.engine.ledger import Ledger
from simulator.engine.spill import Floats
from simulator.hardware.datacenter import Place
from simulator.population.crowd import Crowd
from simulator.population.power import build_rest_w
from simulator.vocabulary import POWER, UNASSIGNED, USERS


def crowd_rows(crowd: Crowd, places: Mapping[str, Place], end_s: float) -> Iterator[Sequence[Any]]:
    """The rows of one population, less their paradigm."""
    device = find("device", crowd.spec.device)
    spans = {**crowd.spans, **dict.fromkeys(_owned(crowd), (0.0, end_s))}
    for city in crowd.cities:
        blocks = [block for block in crowd.blocks if block.city == city]
        place = places[blocks[0].place]
        home = (place.name, place.zone)
        users, lifetime_y = sum(block.users for block in blocks), device.find_number("lifetime_y")
        asset = crowd.device(city)
        service = spans.get(asset, (None, None))
        rests = (None, build_rest_w(crowd.spec), crowd.spec.account)
        yield (asset, "device", *home, device.id, "", USERS, users, *service, lifetime_y, None, "", None, None, *rests)
        for block in blocks:
            service, slope_j_per_b = spans.get(block.line, (None, None)), block.access.slope_j_per_b
            line = (block.line, "access", *home, block.access.id, "", USERS, block.users)
            rests = (None, block.access.line_idle_w, crowd.spec.account)
            yield (*line, *service, None, slope_j_per_b, "", None, None, *rests)


def crowd_uses(crowd: Crowd, end_s: float) -> Iterator[Sequence[Any]]:
    """The rows of `reservations` of one population, less their paradigm: who used what share of its equipment."""
    counts = _counts(crowd)
    for (asset, workload), use in crowd.busy.items():
        if use.piece_s > 0:
            share = use.piece_s / (counts[asset] * (use.to_s - use.from_s))
            yield asset, workload, use.from_s, use.to_s, share
    for asset in _owned(crowd):
        edges_s, at_rest = _rest_shares(crowd, asset, counts[asset], end_s)
        for share, (from_s, to_s) in zip(at_rest.tolist(), pairwise(edges_s.tolist()), strict=True):
            if share:
                yield asset, UNASSIGNED, from_s, to_s, share


def record_idle_devices(ledger: Ledger, crowd: Crowd, end_s: float) -> None:
    """Write what devices that are `owned: always` drew while they worked for nobody."""
    counts, rest_w = _counts(crowd), build_rest_w(crowd.spec)
    for asset in _owned(crowd):
        assert rest_w is not None, "faults() refuses devices whose rest nobody knows"
        edges_s, at_rest = _rest_shares(crowd, asset, counts[asset], end_s)
        if rest_w and at_rest.any():
            channel = ledger.channel(asset, UNASSIGNED, "idle", POWER)
            watts_w = np.append(at_rest * counts[asset] * rest_w, 0.0)
            ledger.extend(edges_s, np.full(len(edges_s), channel, np.int32), watts_w)


def _counts(crowd: Crowd) -> dict[str, int]:
    """How many pieces each asset has."""
    counts: dict[str, int] = {}
    for block in crowd.blocks:
        for asset in (crowd.device(block.city), block.line):
            counts[asset] = counts.get(asset, 0) + block.users
    return counts


def _owned(crowd: Crowd) -> Sequence[str]:
    """The assets that are in service whether they work or not."""
    return [crowd.device(city) for city in crowd.cities] if crowd.spec.owned == "always" else []


def _rest_shares(crowd: Crowd, asset: str, count: int, end_s: float) -> tuple[Floats, Floats]:
    """Moments from 0 to the end, and the share of an asset's pieces that rests between each two."""
    uses = [use for (name, _), use in crowd.busy.items() if name == asset and use.piece_s > 0]
    if end_s <= 0:
        return np.zeros(1), np.zeros(0)
    edges_s = np.unique([0.0, end_s, *(use.from_s for use in uses), *(use.to_s for use in uses)])
    working = np.zeros(len(edges_s) - 1)
    for use in uses:
        inside = (edges_s[:-1] >= use.from_s) & (edges_s[1:] <= use.to_s)
        working[inside] += use.piece_s / (count * (use.to_s - use.from_s))
    return edges_s, np.maximum(1.0 - working, 0.0)
