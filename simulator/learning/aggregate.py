"""How a server makes one model of its clients': FedAvg, FedAdam and FedBuff.

    FedAvg    w = sum n_k w_k / sum n_k                             McMahan et al. 2017, AISTATS, algorithm 1
    FedAdam   m = beta1 m + (1 - beta1) D;  v = beta2 v + (1 - beta2) D^2
              w = w + rate m / (sqrt(v) + tau)                      Reddi et al. 2021, ICLR, algorithm 2
    FedBuff   w = w + rate / K sum (1 + s_k)^-exponent (w_k - w_k at its start)
                                                                    Nguyen et al. 2022, AISTATS, algorithm 1

D is FedAvg's step, sum n_k w_k / sum n_k - w; FedAdam's moments are not corrected for their beginning at zero,
as in its source. s_k counts the server's updates since client k started.
"""

from typing import NamedTuple

import numpy as np

from simulator.learning.arrays import Floats, Indices


class Adaptive(NamedTuple):
    """FedAdam's constants: the server's rate, the decay of both moments, and what the second root is added to."""

    rate: float
    beta1: float
    beta2: float
    tau: float


class Moments(NamedTuple):
    """What FedAdam remembers from round to round: (P,) each, zeros to begin with."""

    first: Floats
    second: Floats


def weighted_mean(params: Floats, weights: Floats | Indices) -> Floats:
    """FedAvg: the mean (P,) of models (S, P) by weights (S,), usually their samples.

    >>> weighted_mean(np.array([[0.0, 2.0], [4.0, 2.0]]), np.array([3, 1])).tolist()
    [1.0, 2.0]
    """
    return np.asarray(weights @ params / weights.sum(), float)


def adam_step(model: Floats, delta: Floats, moments: Moments, rule: Adaptive) -> tuple[Floats, Moments]:
    """FedAdam: the model (P,) after a round whose FedAvg would have moved it by `delta`, and the moments to keep."""
    first = rule.beta1 * moments.first + (1.0 - rule.beta1) * delta
    second = rule.beta2 * moments.second + (1.0 - rule.beta2) * delta**2
    return model + rule.rate * first / (np.sqrt(second) + rule.tau), Moments(first, second)


def buffered_step(model: Floats, deltas: Floats, staleness: Indices, exponent: float, rate: float) -> Floats:
    """FedBuff: the model (P,) after a full buffer of deltas (K, P), each with its staleness (K,).

    >>> buffered_step(np.zeros(1), np.array([[1.0], [4.0]]), np.array([0, 3]), exponent=0.5, rate=1.0).tolist()
    [1.5]
    """
    return np.asarray(model + rate * np.mean((1.0 + staleness)[:, None] ** -exponent * deltas, axis=0), float)
