"""FedProx: FedAvg whose clients are held near the model that they began with.

    loss + proximal / 2 x |w - w_start|^2

Source: Li et al. 2020, "Federated optimization in heterogeneous networks" (MLSys), equation 2.
"""

from typing import Literal

from pydantic import Field

from simulator.learning.rule import Rule, averaging
from simulator.spec import PositiveNumber, Spec
from simulator.workloads.federate.kind import Algorithm
from simulator.workloads.federate.rounds import ROUNDS
from simulator.workloads.federate.silos import SILO_ROUNDS


class FedProx(Spec):
    """The mean of the updates, of clients that do not go far."""

    kind: Literal["fedprox"]
    proximal: PositiveNumber = Field(description="how strongly a client is held near the model it began with")
    rate: PositiveNumber = Field(1.0, description="how far the server goes along the mean update; 1: all the way")


def rule(spec: FedProx) -> Rule:
    """What it does to the model."""
    return averaging(spec.rate, spec.proximal)


FEDPROX = Algorithm(FedProx, rule, ROUNDS, SILO_ROUNDS)
