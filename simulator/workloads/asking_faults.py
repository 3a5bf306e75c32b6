"""What users and cables cannot do for a service that they ask."""

from collections.abc import Iterator
from math import fsum
from typing import Protocol

from simulator.errors import SimulatorError, UnknownNameError
from simulator.hardware.datacenter import find_city, place_known
from simulator.network.path import End, path
from simulator.population.power import build_use_power_w
from simulator.population.spec import Population
from simulator.spec import Fault, present
from simulator.units import show
from simulator.workloads.given import Given


class Asked(Protocol):
    """What a service says of those who ask it."""

    @property
    def at(self) -> str:
        """The place and group that serve."""

    @property
    def users(self) -> str | None:
        """The population that asks."""

    @property
    def request(self) -> float | None:
        """Bits of a request."""

    @property
    def response(self) -> float | None:
        """Bits of an answer."""

    @property
    def requests(self) -> int:
        """How many arrive."""

    @property
    def during(self) -> float:
        """The time over which they arrive."""

    @property
    def latency(self) -> str:
        """The model of the ways."""


def asking_faults(spec: Asked, given: Given) -> Iterator[Fault]:
    """A service that no cable reaches, a device of unknown watts, more bytes than a link carries."""
    place = spec.at.split("/")[0]
    users, datacenter = given.populations.get(spec.users or ""), given.datacenters.get(place)
    if users is None or datacenter is None:
        return  # told where the name or the place stands
    try:
        build_use_power_w(users)
    except SimulatorError as error:
        yield Fault(("users",), str(error))
    if present(dict(datacenter)) & {"region", "city"} and not place_known(datacenter):
        return  # told where the data centre stands
    city = find_city(datacenter)
    if not city:
        yield Fault(
            ("at",), f"nothing says where `{place}` is, so that no cable reaches it; give it `region:` or `city:`"
        )
    elif given.year is not None:
        yield from _link_faults(spec, users, End(place, city, datacenter.uplink), given.year)


def _link_faults(spec: Asked, users: Population, server: End, year: int) -> Iterator[Fault]:
    """Links that the mean rates of all requests, or of all answers, would not fit."""
    mean_bps: dict[str, list[float]] = {}
    capacities_bps: dict[str, float] = {}
    for city, share in users.places.items():
        home = End("", city.lower(), None)
        for ends, size_b in (((home, server), spec.request), ((server, home), spec.response)):
            try:
                way = path(year, *ends, spec.latency)
            except UnknownNameError:
                return  # told where the city stands
            except SimulatorError as error:
                yield Fault(("users",), str(error))
                return
            capacities_bps.update(way.capacities_bps)
            for link in way.capacities_bps:
                mean_bps.setdefault(link, []).append(share * spec.requests * (size_b or 0.0) / spec.during)
    for link, parts_bps in mean_bps.items():
        if fsum(parts_bps) > capacities_bps[link]:
            asked, there = show(fsum(parts_bps), "rate_bps"), show(capacities_bps[link], "rate_bps")
            yield Fault(
                ("users",), f"they would send {asked} over {link}, which carries {there}; ask less, or for longer"
            )
