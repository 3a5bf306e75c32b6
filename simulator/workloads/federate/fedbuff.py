"""FedBuff: so many clients at once, each with the model of its moment; the server moves after every few updates.

    w <- w + rate / buffer x sum (1 + staleness_k)^-exponent (w_k - w_k at its start)

`rounds` are versions of the model. A client that is done, dropped out or timed out is followed by another at once;
what of theirs went into no version is waste, as is what is under way when the learning ends.
The clock is population/slots.py: exact on columns, for nothing of a session depends on others while links hold
nobody back. Where the peak of all lines at once does not fit the links beside what is there, the learning waits
until it does, and where it never would it is refused.
Source: Nguyen et al. 2022, "Federated learning with buffered asynchronous aggregation", algorithm 1.
"""

from functools import partial
from typing import Literal

from pydantic import Field

from simulator.learning.rule import Rule, buffered
from simulator.spec import Count, PositiveNumber, PositiveSeconds, Spec
from simulator.workloads.federate.kind import SERVER_NEEDS, SERVER_TAKES, Algorithm, Play
from simulator.workloads.federate.slot_clashes import slot_clashes
from simulator.workloads.federate.versions import federate_in_versions, plan_sessions


class FedBuff(Spec):
    """Asynchronous: no client waits for another."""

    kind: Literal["fedbuff"]
    concurrency: Count = Field(description="clients that work at once")
    buffer: Count = Field(description="updates that make a new version of the model")
    timeout: PositiveSeconds | None = Field(None, description="how long a client may take; for ever if left out")
    rate: PositiveNumber = Field(1.0, description="how far the server goes along the mean update; 1: all the way")
    exponent: PositiveNumber = Field(
        0.5, description="how much less an old update weighs: (1 + versions behind) to minus this"
    )


def rule(spec: FedBuff) -> Rule:
    """What it does to the model."""
    return buffered(spec.rate, spec.exponent)


FEDBUFF = Algorithm(
    FedBuff,
    rule,
    Play(partial(federate_in_versions, plan=plan_sessions), SERVER_NEEDS, SERVER_TAKES | {"dropout"}, slot_clashes),
)
