"""One model that learns at several edges: each moves its own with its clients, until the server takes their mean.

    edge      FedAvg among its own clients, round after round (pupil.py)
    server    w = sum n_e w_e / sum n_e,  n_e the samples that edge e learned from since the last time

Source: Liu et al. 2020, "Client-edge-cloud hierarchical federated learning" (ICC), algorithm 1.
"""

import numpy as np

from simulator.learning.aggregate import weighted_mean
from simulator.learning.arrays import Indices
from simulator.learning.learner import Local
from simulator.learning.pupil import Pupil, Wire
from simulator.learning.rule import Rule
from simulator.learning.score import Score, score
from simulator.learning.task import Task, initial_params


class Edges:
    """The models of so many edges, and the one that the server last made of them."""

    __slots__ = ("_pupils", "_samples", "params", "task")

    def __init__(self, task: Task, local: Local, rule: Rule, wire: Wire, edges: int) -> None:
        self.task, self.params = task, initial_params(task)
        self._pupils = [Pupil(task, local, rule, wire) for _ in range(edges)]
        self._samples = np.zeros(edges)

    def train(self, edge: int, turn: int, shards: Indices) -> None:
        """Move the model of one edge by what the clients of these shards train; by nobody's it does not move."""
        if len(shards):
            self._samples[edge] += self._pupils[edge].learn(turn, shards)

    def learn(self, turn: int, shards: Indices) -> float:
        """Make one model of those of all edges; how many samples went into it."""
        samples = float(self._samples.sum())
        if samples:
            self.params = weighted_mean(np.array([pupil.params for pupil in self._pupils]), self._samples)
        for pupil in self._pupils:
            pupil.params = self.params
        self._samples = np.zeros_like(self._samples)
        return samples

    def score(self) -> Score:
        """How good the server's model is."""
        return score(self.task, self.params)
