"""FedAvg: the server's model becomes the mean of what the clients trained, weighed by their samples.

    w <- sum n_k w_k / sum n_k

Source: McMahan et al. 2017, "Communication-efficient learning of deep networks from
decentralized data", algorithm 1.
"""

from typing import Literal

from pydantic import Field

from simulator.learning.rule import Rule, averaging
from simulator.spec import PositiveNumber, Spec
from simulator.workloads.federate.kind import Algorithm
from simulator.workloads.federate.rounds import ROUNDS
from simulator.workloads.federate.silos import SILO_ROUNDS


class FedAvg(Spec):
    """The mean of the updates, by samples."""

    kind: Literal["fedavg"]
    rate: PositiveNumber = Field(1.0, description="how far the server goes along the mean update; 1: all the way")


def rule(spec: FedAvg) -> Rule:
    """What it does to the model."""
    return averaging(spec.rate)


FEDAVG = Algorithm(FedAvg, rule, ROUNDS, SILO_ROUNDS)
