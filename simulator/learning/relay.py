"""One model that goes from client to client, and that each trains in turn on what it holds.

    w <- what client 0 makes of w,  then client 1 of that, ...

Nothing is averaged: whose turn was last is remembered best.
Source: Chang et al. 2018, "Distributed deep learning networks among institutions for medical imaging" (JAMIA),
cyclical weight transfer.
"""

from simulator.learning.arrays import Indices
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.score import Score, score
from simulator.learning.task import Task, initial_params


class Relay:
    """The model as it goes round.

    >>> import numpy as np
    >>> from simulator.engine.rng import Streams
    >>> from simulator.learning.spec import TaskSpec
    >>> from simulator.learning.task import build_task
    >>> spec = TaskSpec.model_validate({"data": "iris", "model": "softmax", "clients": 6})
    >>> relay = Relay(build_task(spec, Streams(1), "iris"), Local(epochs=5, batch=10, rate=0.1))
    >>> before = relay.score().accuracy
    >>> relay.learn(0, np.arange(6)), relay.score().accuracy > before
    (600.0, True)
    """

    __slots__ = ("_local", "params", "task")

    def __init__(self, task: Task, local: Local) -> None:
        self.task, self._local = task, local
        self.params = initial_params(task)

    def learn(self, turn: int, shards: Indices) -> float:
        """Go once through the clients that hold these shards, in their order; how many samples that took."""
        samples = 0.0
        for shard in shards.tolist():
            trained = train_clients(self.task, self.params, [shard], turn, self._local)
            self.params = trained.params[0]
            samples += float(trained.samples[0]) * self._local.epochs
        return samples

    def score(self) -> Score:
        """How good the model is."""
        return score(self.task, self.params)
