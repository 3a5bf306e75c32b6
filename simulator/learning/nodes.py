"""Models that learn apart, each from what one client holds, and that may be mixed with their neighbours'.

    turn    every node trains its own model on its own shard;  then  w = W w  where they gossip
    score   the mean over all nodes of what each knows of the common test split

All begin alike. Nodes with the same shard do the same as long as nobody mixes: one model stands for all of
them, and counts as many times.
Source: Lian et al. 2017, "Can decentralized algorithms outperform centralized algorithms?" (NeurIPS),
algorithm 1, whose local step is here a whole turn.
"""

import numpy as np

from simulator.learning.arrays import Floats, Indices
from simulator.learning.gossip import mix
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.score import Score, score
from simulator.learning.task import Task, initial_params


class Nodes:
    """The models of nodes, given by the shard that each holds; `mixing` is a matrix (K, K) of `gossip`.

    >>> from simulator.engine.rng import Streams
    >>> from simulator.learning.spec import TaskSpec
    >>> from simulator.learning.task import build_task
    >>> spec = TaskSpec.model_validate({"data": "iris", "model": "softmax", "clients": 6})
    >>> nodes = Nodes(build_task(spec, Streams(1), "iris"), Local(epochs=5, batch=10, rate=0.1), np.array([0, 1, 1]))
    >>> before = nodes.score().accuracy
    >>> nodes.learn(0, np.arange(6)), nodes.score().accuracy > before
    (300.0, True)
    """

    __slots__ = ("_counts", "_local", "_mixing", "_shards", "params", "task")

    def __init__(self, task: Task, local: Local, held: Indices, mixing: Floats | None = None) -> None:
        self.task, self._local, self._mixing = task, local, mixing
        self._shards, self._counts = np.unique(held, return_counts=True)
        assert mixing is None or len(self._shards) == len(held) == len(mixing), "who mixes has a shard of its own"
        self.params = np.tile(initial_params(task), (len(self._shards), 1))

    def learn(self, turn: int, shards: Indices) -> float:
        """Train the nodes that hold one of these shards, then mix all; how many samples that took."""
        chosen = np.flatnonzero(np.isin(self._shards, shards))
        own = self._shards[chosen].tolist()
        trained = train_clients(self.task, self.params[chosen], own, turn, self._local)
        self.params[chosen] = trained.params
        if self._mixing is not None:
            self.params = mix(self.params, self._mixing)
        return float(trained.samples @ self._counts[chosen]) * self._local.epochs

    def score(self) -> Score:
        """How good the nodes' models are, in the mean."""
        each = [score(self.task, one) for one in self.params]
        return Score(*np.average(each, axis=0, weights=self._counts).tolist())
