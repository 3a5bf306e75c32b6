"""A model of another framework as a learner: one client after another, parameters as a flat vector.

To plug one in, write an `Adapter` and replace a task's learner: `task._replace(learner=Adapted(mine))`.
"""

from typing import Protocol

import numpy as np

from simulator.errors import ContradictionError
from simulator.learning.arrays import Floats, Indices
from simulator.learning.clients import Clients
from simulator.learning.learner import Local


class Adapter(Protocol):
    """What another framework has to offer: start, train one client, and ask. Luck comes from the generators alone."""

    @property
    def parameters(self) -> int:
        """How many numbers a model is made of."""

    @property
    def forward_flop(self) -> float:
        """Floating-point operations of asking it about one sample."""

    def init(self, generator: np.random.Generator) -> Floats:
        """Parameters (P,) to begin with."""

    def train(
        self, params: Floats, x: Floats, y: Indices, rate: float, batch: int, epochs: int, rng: np.random.Generator
    ) -> Floats:
        """The parameters after so many epochs on one client's samples; those given stay as they are."""

    def scores(self, params: Floats, x: Floats) -> Floats:
        """Scores (n, classes) of samples (n, d); a higher one is a stronger belief."""


class Adapted:
    """An adapter as a learner, trained client by client."""

    __slots__ = ("_adapter",)

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    @property
    def parameters(self) -> int:
        """How many numbers a model is made of."""
        return self._adapter.parameters

    @property
    def forward_flop(self) -> float:
        """Floating-point operations of asking it about one sample."""
        return self._adapter.forward_flop

    def init(self, generator: np.random.Generator) -> Floats:
        """Parameters (P,) to begin with."""
        return self._adapter.init(generator)

    def train(self, start: Floats, x: Floats, y: Indices, clients: Clients, local: Local) -> Floats:
        """Every client after its own start; raises ContradictionError for momentum or a proximal term."""
        if local.momentum or local.proximal:
            raise ContradictionError(
                "learning", "an adapted model knows no momentum and no proximal term; set both to 0"
            )
        trained = np.empty_like(start)
        for client, shard in enumerate(clients.shards):
            luck = clients.generator(client)
            trained[client] = self._adapter.train(
                start[client], x[shard], y[shard], local.rate, local.batch, local.epochs, luck
            )
        return trained

    def scores(self, params: Floats, x: Floats) -> Floats:
        """Scores (n, classes) of samples (n, d)."""
        return self._adapter.scores(params, x)
