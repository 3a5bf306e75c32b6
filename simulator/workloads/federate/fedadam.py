"""FedAdam: the mean update is a gradient to the server, which takes Adam's step along it.

    m <- beta1 m + (1 - beta1) d,   v <- beta2 v + (1 - beta2) d^2,   w <- w + rate x m / (sqrt(v) + adaptivity)

d is the mean update by samples. The betas and the adaptivity are those of the paper's experiments
where the scenario gives none.
Source: Reddi et al. 2021, "Adaptive federated optimization" (ICLR), algorithm 2 and section 5.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from simulator.learning.aggregate import Adaptive
from simulator.learning.rule import Rule, adam
from simulator.spec import Fault, PositiveNumber, Share, Spec
from simulator.workloads.federate.kind import Algorithm
from simulator.workloads.federate.rounds import ROUNDS
from simulator.workloads.federate.silos import SILO_ROUNDS


class FedAdam(Spec):
    """Adam's steps along the mean updates."""

    kind: Literal["fedadam"]
    rate: PositiveNumber = Field(description="the server's learning rate")
    adaptivity: PositiveNumber = Field(1e-3, description="what keeps small second moments from making long steps")
    beta1: Share = Field(0.9, description="how much of the first moment is kept")
    beta2: Share = Field(0.99, description="how much of the second moment is kept")

    def faults(self) -> Iterator[Fault]:
        """Moments that never move."""
        for name, kept in (("beta1", self.beta1), ("beta2", self.beta2)):
            if kept == 1.0:
                yield Fault((name,), "a moment that is kept whole never moves from where it began; keep it below 1")


def rule(spec: FedAdam) -> Rule:
    """What it does to the model."""
    return adam(Adaptive(spec.rate, spec.beta1, spec.beta2, spec.adaptivity))


FEDADAM = Algorithm(FedAdam, rule, ROUNDS, SILO_ROUNDS)
