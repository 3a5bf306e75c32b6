"""What machines, users and cables cannot do for a service."""

from collections.abc import Iterator

from simulator.errors import SimulatorError, UnknownNameError
from simulator.network.access import known_lines
from simulator.network.path import End, Path, home
from simulator.network.setting import Setting
from simulator.population.power import build_use_power_w
from simulator.population.spec import Population
from simulator.spec import LONGEST_S, Fault, too_long
from simulator.units import show
from simulator.workloads.ends import find_end, loads_b, nowhere, try_way
from simulator.workloads.given import Given, memory_faults, units_faults
from simulator.workloads.serving_spec import MOST_IN_THE_MEAN, MOST_OF_A_LINK, Serve


def serving_clashes(spec: Serve, given: Given) -> Iterator[Fault]:
    """What the machines, the clock or the users' ways cannot do for this service."""
    if spec.at not in given.stocks:
        return  # told where the name or the group stands
    stock = given.stocks[spec.at]
    too_many = list(units_faults("replicas", spec.replicas, spec.at, stock))
    if too_many:
        yield from too_many
        return
    yield from memory_faults(spec.at, given, spec.memory_utilisation is not None)
    replicas = stock.units if spec.replicas is None else spec.replicas
    longest_s = spec.during + spec.requests * spec.service_time / replicas
    if longest_s > LONGEST_S:
        yield Fault(("service_time" if spec.during < longest_s / 2 else "during",), too_long("serving", longest_s))
    if spec.users is not None:
        yield from _asking_faults(spec, spec.users, given)


def _asking_faults(spec: Serve, name: str, given: Given) -> Iterator[Fault]:
    """A service that no cable reaches, a device of unknown watts, more bytes than a link carries."""
    users, place = given.populations.get(name), spec.at.split("/")[0]
    if users is None or place not in given.datacenters:
        return  # told where the name or the place stands
    try:
        build_use_power_w(users)
    except UnknownNameError:
        return  # told where the name stands
    except SimulatorError as error:
        yield Fault(("users",), str(error))
    server = find_end(place, given.datacenters)
    if server is not None and not server.city:
        yield nowhere("at", place)
    elif given.setting is not None and given.setting.network.events:
        sentence = "the ways of a service are fixed when it opens, so that its users would not heed what befalls cables"
        yield Fault(("users",), f"{sentence}; leave `users` out, or `events` of the network")
    elif server is not None and given.setting is not None:
        yield from _link_faults(spec, users, server, given.setting)


def _link_faults(spec: Serve, users: Population, server: End, setting: Setting) -> Iterator[Fault]:
    """Links that the mean rates of all requests, or of all answers, would not fit."""
    lines, parts, capacities_bps = known_lines(users.access), list[tuple[Path, float]](), dict[str, float]()
    line_s = min(((spec.request or 0.0) / a.up_bps + (spec.response or 0.0) / a.down_bps for a in lines), default=0.0)
    if line_s > LONGEST_S:
        yield Fault(("response",), too_long("one answer", line_s))
        return
    for city, share in users.places.items():
        here = home(city)
        for sender, receiver, size_b in ((here, server, spec.request), (server, here, spec.response)):
            way = try_way("users", setting, sender, receiver, spec.latency)
            if not isinstance(way, Path):
                yield from () if way is None else (way,)
                return
            capacities_bps.update(way.capacities_bps)
            parts.append((way, share * spec.requests * (size_b or 0.0)))
    for link, size_b in loads_b(parts).items():
        mean_bps = size_b / spec.during
        share = MOST_OF_A_LINK * MOST_IN_THE_MEAN
        most_bps = share * capacities_bps[link]
        if mean_bps > most_bps:
            asked, most = show(mean_bps, "rate_bps"), show(most_bps, "rate_bps")
            sentence = f"in the mean {asked} would pass {link}, of which a service may fill {share:.0%}, {most}"
            yield Fault(("users",), f"{sentence}; ask less, or for longer")
