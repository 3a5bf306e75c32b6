"""Users' equipment as rows of `assets`: the devices of each city, the lines of each city and technology.

It is in service from its first to its last work for a workload; before and after it is
its users' own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.catalogue import find
from simulator.hardware.datacenter import Place
from simulator.population.crowd import Crowd
from simulator.vocabulary import USERS


def crowd_rows(crowd: Crowd, places: Mapping[str, Place]) -> Iterator[Sequence[Any]]:
    """The rows of one population, less their paradigm."""
    device = find("device", crowd.spec.device)
    for city in crowd.cities:
        blocks = [block for block in crowd.blocks if block.city == city]
        place = places[blocks[0].place]
        home = (place.name, place.zone)
        users, lifetime_y = sum(block.users for block in blocks), device.find_number("lifetime_y")
        asset = crowd.device(city)
        service = crowd.spans.get(asset, (None, None))
        yield (asset, "device", *home, device.id, "", USERS, users, *service, lifetime_y, None, "", None)
        for block in blocks:
            service, slope_j_per_b = crowd.spans.get(block.line, (None, None)), block.access.slope_j_per_b
            line = (block.line, "access", *home, block.access.id, "", USERS, block.users)
            yield (*line, *service, None, slope_j_per_b, "", None)
