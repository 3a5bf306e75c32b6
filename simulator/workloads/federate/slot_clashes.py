"""What a crowd or the ways between it and its server cannot do for clients that do not wait for each other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.errors import MissingValueError, UnknownNameError
from simulator.network.access import known_lines
from simulator.population.available import Traced
from simulator.population.expected import expected_users
from simulator.population.slot_draws import MOST_SESSIONS
from simulator.population.spec import Population
from simulator.spec import Fault
from simulator.workloads.ends import loads_b
from simulator.workloads.federate.crowd_clashes import crowd_faults, crowd_ways
from simulator.workloads.federate.load import client_load
from simulator.workloads.federate.target import find_basis
from simulator.workloads.given import Given

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


def slot_clashes(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What cannot be simulated, or never ends, where a version is made of so many updates."""
    basis, buffer = find_basis(spec, given.own), spec.algorithm.buffer  # type: ignore[attr-defined]  # a FedBuff
    yield from slot_faults(spec, given)
    if basis is not None:
        yield from many_faults(f"{basis.rounds:,} versions of {buffer:,} updates", basis.rounds * buffer)


def many_faults(what: str, sessions: int) -> Iterator[Fault]:
    """More sessions than can be held."""
    if sessions > MOST_SESSIONS:
        yield Fault(("rounds",), f"{what}; at most {MOST_SESSIONS:,} can be held at once")


def slot_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What slots cannot do, whatever makes a version."""
    users = given.populations.get(spec.clients[0])
    if users is None:
        return  # told where the name or the population stands
    yield from crowd_faults(spec, given, users)
    if isinstance(users.available, Traced):
        sentence = "who does not wait for others begins whenever one ends, and slots know no trace; take rounds"
        yield Fault(("clients",), f"{sentence}, or `available: nights`")
    if given.setting is not None and given.setting.network.events:
        sentence = "its ways are fixed when it begins, so that its users would not heed what befalls cables"
        yield Fault(("clients",), f"{sentence}; take rounds, or leave `events` of the network out")
    there, concurrency = expected_users(users), spec.algorithm.concurrency  # type: ignore[attr-defined]  # who has slots
    if there is not None and there.least < concurrency:
        found = f"{concurrency:,} at once, and at the worst hour {there.least:,.3g} of {users.count:,} are there"
        yield Fault(("algorithm", "concurrency"), f"{found}; lower it, for slots do not wait")
    yield from _link_faults(spec, given, users)


def _link_faults(spec: "Federate", given: Given, users: Population) -> Iterator[Fault]:
    """Links that what all clients send in the mean would not fit."""
    try:
        load = client_load(spec, users, given.own)
    except (MissingValueError, UnknownNameError):
        return  # told already
    lines, concurrency = known_lines(users.access), spec.algorithm.concurrency  # type: ignore[attr-defined]  # a FedBuff
    ways = [way for way in crowd_ways(spec, given, users) if not isinstance(way, Fault)]
    if not lines or not ways:
        return
    slowest_s = max(load.down_b / line.down_bps + load.up_b / line.up_bps for line in lines)
    session_s = slowest_s + load.samples * load.sample_s
    capacities_bps = {link: bps for way, _ in ways for link, bps in way.capacities_bps.items()}
    asked = loads_b((way, share * concurrency * load.down_b) for way, share in ways)
    for link, size_b in asked.items():
        if size_b / session_s > capacities_bps[link]:
            found = f"{concurrency:,} clients at once ask {link} for {size_b / session_s / 1e9:.3g} Gb/s in the mean"
            sentence = f"{found}, and it carries {capacities_bps[link] / 1e9:g}; lower it: links hold no slot back"
            yield Fault(("algorithm", "concurrency"), sentence)
            return
