"""The clients of a round: what each learns from, and its luck, which depends on nobody beside it.

    order of a client's samples in an epoch = by numbers that are drawn for all training samples at once

One generator a turn, keyed by (seed, "batches", task, turn), draws a number for each epoch and sample. So
clients can be trained together or apart, and two with the same shard and turn do the same.
It costs 40 us a turn of digits and grows with data and epochs, whoever trains; a generator for
each client would cost 12 us a client, a third of what training them side by side takes.
"""

from typing import NamedTuple

import numpy as np

from simulator.engine.rng import Streams
from simulator.learning.arrays import Indices


class Clients(NamedTuple):
    """Whose turn it is: shards (numbers of samples), their own numbers and turns; `samples` are in all."""

    streams: Streams
    task: str
    samples: int
    shards: tuple[Indices, ...]
    numbers: tuple[int, ...]
    turns: tuple[int, ...]

    def orders(self, epochs: int) -> list[Indices]:
        """The samples of each client, shuffled anew for each epoch: (epochs, samples of the shard)."""
        found: list[Indices] = [np.empty(0, np.int64)] * len(self.shards)
        for turn in dict.fromkeys(self.turns):
            drawn = self.streams.generator("batches", self.task, turn).random((epochs, self.samples))
            for client, (shard, own) in enumerate(zip(self.shards, self.turns, strict=True)):
                if own == turn:
                    found[client] = shard[drawn[:, shard].argsort(axis=1)]
        return found

    def generator(self, client: int) -> np.random.Generator:
        """A generator of one client's own, for learners that draw as they like."""
        return self.streams.generator("batches", f"{self.task}/{self.numbers[client]}", self.turns[client])
