"""What a crowd of users, its server or the ways between them cannot do for a federated learning."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from simulator.errors import MissingValueError, UnknownNameError
from simulator.network.access import known_lines
from simulator.network.path import Path, home
from simulator.population.expected import expected_users
from simulator.population.spec import Population
from simulator.spec import LONGEST_S, Fault, too_long
from simulator.workloads.ends import busiest_s, find_end, nowhere, try_way
from simulator.workloads.federate.excess_clashes import excess_faults
from simulator.workloads.federate.load import Load, client_load
from simulator.workloads.federate.target import find_basis
from simulator.workloads.given import Given

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


SELDOM = 0.05
"""Users in the mean: below it a round would wait for days until one is there."""


def crowd_faults(spec: "Federate", given: Given, users: Population) -> Iterator[Fault]:
    """What a crowd cannot do."""
    if spec.cohort is not None and spec.selected > users.count:
        sentence = f"{spec.selected:,} of {spec.clients[0]} would be selected, and there are {users.count:,}; lower it"
        yield Fault(("cohort",), sentence)
    yield from excess_faults(spec, users)
    there = expected_users(users)
    if there is not None and there.most < SELDOM:
        sentence = (
            f"at the best hour {there.most:.2g} of {users.count:,} are there; let more be `available` or `eligible`"
        )
        yield Fault(("clients",), sentence)
    ways = list(crowd_ways(spec, given, users))
    yield from (way for way in ways if isinstance(way, Fault))
    try:
        with suppress(UnknownNameError):  # told where the name stands
            load = client_load(spec, users, given.own)
            yield from _length_faults(spec, given, users, load, [way for way in ways if not isinstance(way, Fault)])
    except MissingValueError as error:
        field = {spec.clients[0]: "clients", spec.dataset: "dataset"}.get(str(error.args[0]), "model")
        yield Fault((field,), str(error))


def _length_faults(
    spec: "Federate", given: Given, users: Population, load: Load, ways: Sequence[tuple[Path, float]]
) -> Iterator[Fault]:
    """More rounds, of the median device on the fastest of the lines, than can be simulated."""
    basis = find_basis(spec, given.own)
    if basis is None:
        return  # told already
    lines = known_lines(users.access)
    moving_s = min((load.down_b / line.down_bps + load.up_b / line.up_bps for line in lines), default=0.0)
    moving_s = max(moving_s, busiest_s((way, (spec.cohort or 1) * share * load.down_b) for way, share in ways))
    session_s = moving_s + load.samples * load.sample_s + load.extra_s
    round_s = (spec.aggregation or 0.0) + (session_s if spec.deadline is None else min(session_s, spec.deadline))
    if basis.rounds * round_s > LONGEST_S:
        yield Fault(("rounds",), too_long("the learning", basis.rounds * round_s))


def crowd_ways(spec: "Federate", given: Given, users: Population) -> Iterator[tuple[Path, float] | Fault]:
    """The way down to each city with its share of the users, or why there is none."""
    if spec.server is None:
        return
    server = find_end(spec.server.split("/")[0], given.datacenters)
    if server is None:
        return  # told where the name or the data centre stands
    if not server.city:
        yield nowhere("server", server.name)
    elif given.setting is not None:
        for city, share in users.places.items():
            way = try_way("clients", given.setting, server, home(city), spec.latency)
            if way is not None:
                yield way if isinstance(way, Fault) else (way, share)
