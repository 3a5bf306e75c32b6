"""What learns, whatever it is made of: parameters go in as flat vectors, and come out as such.

Callers know `Learner` alone. Our own models (`model.py`) train all clients of a round as one
array; another framework's is an `Adapter` of one client at a time (`adapter.py`).
"""

from typing import NamedTuple, Protocol

import numpy as np

from simulator.learning.arrays import Floats, Indices
from simulator.learning.clients import Clients


class Local(NamedTuple):
    """What a client does in its turn: so many epochs of minibatch SGD.

    `proximal` is mu of FedProx, which adds mu / 2 |w - w_start|^2 to the loss (Li et al. 2020, MLSys, equation 2).
    """

    epochs: int
    batch: int
    rate: float
    momentum: float = 0.0
    proximal: float = 0.0


class Learner(Protocol):
    """A model that can be started, trained on the shards of several clients, and asked."""

    @property
    def parameters(self) -> int:
        """How many numbers it is made of."""

    @property
    def forward_flop(self) -> float:
        """Floating-point operations of asking it about one sample: 2 for each weight; biases left out."""

    def init(self, generator: np.random.Generator) -> Floats:
        """Parameters (P,) to begin with."""

    def train(self, start: Floats, x: Floats, y: Indices, clients: Clients, local: Local) -> Floats:
        """The parameters (S, P) of S clients, each after its own start (S, P) and on its own shard of x, y."""

    def scores(self, params: Floats, x: Floats) -> Floats:
        """What one model (P,) makes of samples (n, d): scores (n, classes) whose softmax is its belief."""
