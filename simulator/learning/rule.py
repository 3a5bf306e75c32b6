"""What an algorithm of federated learning does to a model, apart from when it does it.

    server     takes what clients trained, each from its own start, and moves its model along
    proximal   holds clients near the model that they began with (FedProx)

One server is built for each learning, for it may remember what came before (Adam's moments).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simulator.learning.aggregate import Adaptive, Moments, adam_step, buffered_step, weighted_mean
from simulator.learning.arrays import Floats, Indices

Move = Callable[[Floats, Floats, Indices, Indices], Floats]
"""From the model (P,), updates (S, P), their samples (S,) and staleness (S,) to the model that comes of them."""


class Rule(NamedTuple):
    """What becomes of a model; `build_server` takes how many parameters it has."""

    build_server: Callable[[int], Move]
    proximal: float = 0.0


def averaging(rate: float, proximal: float = 0.0) -> Rule:
    """FedAvg: so far along the mean update, by samples; FedProx where clients are held near their start."""

    def move(model: Floats, updates: Floats, samples: Indices, staleness: Indices) -> Floats:
        return model + rate * weighted_mean(updates, samples)

    return Rule(lambda _: move, proximal)


def buffered(rate: float, exponent: float) -> Rule:
    """FedBuff: so far along the mean of updates that weigh the less the older they are."""

    def move(model: Floats, updates: Floats, samples: Indices, staleness: Indices) -> Floats:
        return buffered_step(model, updates, staleness, exponent, rate)

    return Rule(lambda _: move)


def adam(rule: Adaptive) -> Rule:
    """FedAdam: a step of Adam along the mean update, by samples; each learning has moments of its own."""

    def build(parameters: int) -> Move:
        moments = Moments(np.zeros(parameters), np.zeros(parameters))

        def move(model: Floats, updates: Floats, samples: Indices, staleness: Indices) -> Floats:
            nonlocal moments
            moved, moments = adam_step(model, weighted_mean(updates, samples), moments, rule)
            return moved

        return move

    return Rule(build)
