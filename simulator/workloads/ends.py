"""Where a scenario's places meet the network, and whether cables join them: what can be told before anything runs."""

from collections.abc import Iterable, Mapping
from math import fsum

from simulator.errors import SimulatorError, UnknownNameError
from simulator.hardware.datacenter import Datacenter, find_city, place_known
from simulator.network.path import End, Path, path
from simulator.network.setting import Setting, world_atlas
from simulator.spec import Fault, present


def find_end(name: str, datacenters: Mapping[str, Datacenter]) -> End | None:
    """A data centre as the network sees it, without a city where nothing says; None for what is told elsewhere."""
    spec = datacenters.get(name)
    if spec is None or (present(dict(spec)) & {"region", "city"} and not place_known(spec)):
        return None
    return End(name, find_city(spec), spec.uplink)


def nowhere(field: str, name: str) -> Fault:
    """A data centre of which nothing says where it is."""
    sentence = f"nothing says where `{name}` is, so that no cable reaches it; give it `region:` or `city:`"
    return Fault((field,), sentence)


def try_way(field: str, setting: Setting, sender: End, receiver: End, latency: str) -> Path | Fault | None:
    """The way, or why there is none, told at a field; None where a city is unknown, which is told where it stands."""
    try:
        return path(world_atlas(setting), sender, receiver, latency)
    except UnknownNameError:
        return None
    except SimulatorError as error:
        return Fault((field,), str(error))


def loads_b(parts: Iterable[tuple[Path, float]]) -> dict[str, float]:
    """The bits that pass each link, of ways and what takes each of them."""
    found: dict[str, list[float]] = {}
    for way, size_b in parts:
        for link in way.capacities_bps:
            found.setdefault(link, []).append(size_b)
    return {link: fsum(sizes_b) for link, sizes_b in found.items()}


def busiest_s(parts: Iterable[tuple[Path, float]]) -> float:
    """How long the link that is busiest with all of it takes at least."""
    kept = list(parts)
    capacities_bps = {link: bps for way, _ in kept for link, bps in way.capacities_bps.items()}
    return max((size_b / capacities_bps[link] for link, size_b in loads_b(kept).items()), default=0.0)
