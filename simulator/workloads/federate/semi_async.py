"""Semi-asynchronous learning: a round is a window; who comes late is part of the next round, with an older update.

    w <- w + rate / K sum over the K that came in the window of (1 + staleness_k)^-exponent (w_k - w_k at its start)

`rounds` are windows: each ends after so long, whoever has come, and the server aggregates. Clients that are free
begin with the model that comes of it; those that are not work on, and nothing of theirs is lost but where they drop
out or the learning ends. A window in which nobody comes moves no model. Between its upload and the next model a
client's place is empty.
The clock is population/windows.py; links, and what is refused, are as for FedBuff (fedbuff.py).
Source: Wu et al. 2021, "SAFA: a semi-asynchronous protocol for fast federated learning with low overhead" (IEEE
Transactions on Computers); the weights: Nguyen et al. 2022, algorithm 1.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from simulator.learning.rule import Rule, buffered
from simulator.population.crowd import Crowd
from simulator.population.session import Sizes
from simulator.population.slots import Asynchronous
from simulator.population.ways import CrowdWays
from simulator.population.windows import WindowRules, play_windows
from simulator.spec import LONGEST_S, Count, Fault, PositiveNumber, PositiveSeconds, Spec, too_long
from simulator.workloads.federate.kind import SERVER_NEEDS, SERVER_TAKES, Algorithm, Play
from simulator.workloads.federate.load import load_of_clients
from simulator.workloads.federate.slot_clashes import many_faults, slot_faults
from simulator.workloads.federate.target import find_basis
from simulator.workloads.federate.versions import draws_of, federate_in_versions
from simulator.workloads.given import Given
from simulator.world import World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


class SemiAsync(Spec):
    """Rounds that end after a fixed time, and whose late updates count in the next one."""

    kind: Literal["semi-async"]
    window: PositiveSeconds = Field(description="how long a round lasts, whoever has come by then")
    concurrency: Count = Field(description="clients that work at once")
    rate: PositiveNumber = Field(1.0, description="how far the server goes along the mean update; 1: all the way")
    exponent: PositiveNumber = Field(
        0.5, description="how much less an old update weighs: (1 + rounds behind) to minus this"
    )


def rule(spec: SemiAsync) -> Rule:
    """What it does to the model."""
    return buffered(spec.rate, spec.exponent)


def plan_windows(
    world: World, spec: "Federate", crowd: Crowd, ways: CrowdWays, versions: int, most_s: float
) -> Asynchronous:
    """All sessions up to so many windows, or to a moment."""
    load, semi = load_of_clients(world, spec, crowd.spec), semi_of(spec)
    rules = WindowRules(semi.concurrency, semi.window, spec.aggregation or 0.0, Sizes(load.down_b, load.up_b))
    return play_windows(draws_of(world, spec, crowd, ways, load), rules, versions, most_s)


def semi_of(spec: "Federate") -> SemiAsync:
    """What the algorithm says of itself."""
    return spec.algorithm  # type: ignore[return-value]  # it is a SemiAsync


def window_clashes(spec: "Federate", given: Given) -> Iterator[Fault]:
    """What cannot be simulated."""
    basis, semi = find_basis(spec, given.own), semi_of(spec)
    yield from slot_faults(spec, given)
    if basis is not None:
        what = f"{basis.rounds:,} windows of {semi.concurrency:,} clients"
        yield from many_faults(what, basis.rounds * semi.concurrency)
        time_s = basis.rounds * (semi.window + (spec.aggregation or 0.0))
        if time_s > LONGEST_S:
            yield Fault(("algorithm", "window"), too_long("the learning", time_s))


SEMI_ASYNC = Algorithm(
    SemiAsync,
    rule,
    Play(
        partial(federate_in_versions, plan=plan_windows),
        SERVER_NEEDS,
        SERVER_TAKES | {"dropout"},
        window_clashes,
    ),
)
