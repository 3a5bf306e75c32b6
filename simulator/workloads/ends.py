"""Where a scenario's places meet the network, and whether cables join them: what can be told before anything runs."""

from collections.abc import Iterable, Mapping
from math import fsum

from simulator.errors import MissingValueError, SimulatorError, UnknownNameError
from simulator.hardware.datacenter import Datacenter, find_city, place_known
from simulator.hardware.fabric import EXAMPLE
from simulator.hardware.unit import Stock, Unit
from simulator.network.path import INSTANT_FABRIC, End, Lead, Path, path
from simulator.network.setting import Setting, world_atlas
from simulator.spec import Fault, present


def find_end(name: str, datacenters: Mapping[str, Datacenter]) -> End | None:
    """A data centre as the network sees it, without a city where nothing says; None for what is told elsewhere."""
    spec = datacenters.get(name)
    if spec is None or (present(dict(spec)) & {"region", "city"} and not place_known(spec)):
        return None
    return End(name, find_city(spec), spec.uplink)


def find_group_end(
    field: str, name: str, datacenters: Mapping[str, Datacenter], stocks: Mapping[str, Stock]
) -> End | Fault | None:
    """A data centre or a group of its machines as the network sees it, or why it cannot be; None as `find_end`."""
    end = find_end(name.partition("/")[0], datacenters)
    if end is None or "/" not in name:
        return end
    if name not in stocks:
        return None
    try:
        return end._replace(name=name, lead=lead_of(name, *stocks[name]))
    except MissingValueError as error:
        return Fault((field,), str(error))


def lead_of(name: str, unit: Unit, count: int) -> Lead:
    """The fabric of a group, which carries what all its machines do; raises MissingValueError where none is known."""
    if not unit.server:
        raise MissingValueError(
            name, "fabric", "it is bare devices: describe them as `servers`", "to send or receive by"
        )
    if unit.fabric is None:
        remedy = f"give its servers one, {EXAMPLE}, or the rate of a server, such as `fabric: 100 Gbps`"
        raise MissingValueError(name, "fabric", remedy, "in the scenario or the catalogue")
    latency_s, assumptions = unit.fabric.latency_s, unit.fabric.assumptions
    if latency_s is None:
        if unit.fabric.row:
            raise MissingValueError(unit.fabric.row, "latency_us", "give `fabric:` as the rate of a server")
        latency_s, assumptions = 0.0, (INSTANT_FABRIC + name,)
    return Lead(count * unit.fabric.rate_bps, latency_s, assumptions)


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
