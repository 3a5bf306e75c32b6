"""One model of a server that learns from its clients: they train, it moves.

    start      the model of the version that each client took, made smaller on its way down
    update     what it trained minus that start, made smaller on its way up
    private    where asked for: clipped as they arrive, with noise (privacy.py), and all weigh alike
    server     the algorithm's rule (rule.py) takes the updates, their samples and staleness

Versions are kept while somebody may still begin with them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.learning.arrays import Floats, Indices
from simulator.learning.compress import Compressor, Whole
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.privacy import Privacy, made_private
from simulator.learning.rule import Rule
from simulator.learning.score import Score, sample_losses, score
from simulator.learning.task import Task, initial_params


class Wire(NamedTuple):
    """How the model goes down, and updates go up."""

    down: Compressor = Whole()
    up: Compressor = Whole()


class Pupil:
    """A server's model as it learns.

    >>> from simulator.engine.rng import Streams
    >>> from simulator.learning.rule import averaging
    >>> from simulator.learning.spec import TaskSpec
    >>> from simulator.learning.task import build_task
    >>> spec = TaskSpec.model_validate({"data": "iris", "model": "softmax", "clients": 6})
    >>> pupil = Pupil(build_task(spec, Streams(1), "iris"), Local(epochs=5, batch=10, rate=0.1), averaging(1.0))
    >>> before = pupil.score().accuracy
    >>> pupil.learn(0, np.arange(6)), pupil.score().accuracy > before
    (600.0, True)
    """

    __slots__ = ("_local", "_memory", "_move", "_privacy", "_wire", "params", "task")

    def __init__(
        self,
        task: Task,
        local: Local,
        rule: Rule,
        wire: Wire = Wire(),  # noqa: B008 — a constant
        privacy: Privacy | None = None,
    ) -> None:
        self.task, self._wire, self._privacy = task, wire, privacy
        self._local = local._replace(proximal=rule.proximal)
        self._move = rule.build_server(task.learner.parameters)
        self._memory: dict[int, Floats] = {}
        """What each shard's clients remember of updates that did not all arrive."""
        self.params = initial_params(task)

    def learn(self, turn: int, shards: Indices) -> float:
        """Move by what the clients of these shards train from the model as it is; how many samples that took."""
        start = np.broadcast_to(self.sent_down(turn), (len(shards), len(self.params)))
        return self.learn_from(turn, start, shards, np.full(len(shards), turn), np.zeros(len(shards), np.int64))

    def learn_from(self, turn: int, starts: Floats, shards: Indices, turns: Indices, staleness: Indices) -> float:
        """Move by what clients train, each from its own start (S, P); how many samples that took."""
        trained = train_clients(self.task, starts, shards.tolist(), turns, self._local)
        updates = self._sent_up(turn, trained.params - starts, shards.tolist())
        weights = trained.samples
        if self._privacy is not None:
            luck = self.task.streams.generator("privacy", self.task.name, turn)
            updates, weights = made_private(updates, self._privacy, luck), np.ones_like(weights)
        self.params = self._move(self.params, updates, weights, staleness)
        return float(trained.samples.sum()) * self._local.epochs

    def sent_down(self, turn: int) -> Floats:
        """The model (P,) as it arrives at clients."""
        luck = self.task.streams.generator("sent down", self.task.name, turn)
        nothing = np.zeros((1, len(self.params)))
        return np.asarray(self._wire.down.send(self.params[None], nothing, luck).arrived[0], float)

    def score(self) -> Score:
        """How good the model is."""
        return score(self.task, self.params)

    def losses(self, shards: Indices) -> Floats:
        """The root mean square loss of the model over the samples of each of these shards."""
        task = self.task
        found = []
        for shard in shards.tolist():
            own = task.shards[shard]
            loss = sample_losses(task.learner.scores(self.params, task.data.x[own]), task.data.y[own])
            found.append(np.sqrt(np.mean(loss**2)))
        return np.array(found)

    def _sent_up(self, turn: int, updates: Floats, shards: Sequence[int]) -> Floats:
        """What arrives of updates; what does not is remembered by shard."""
        nothing = np.zeros(updates.shape[1])
        before = np.array([self._memory.get(shard, nothing) for shard in shards])
        luck = self.task.streams.generator("sent up", self.task.name, turn)
        arrived, memory = self._wire.up.send(updates, before, luck)
        if memory is not before:
            self._memory.update(zip(shards, memory, strict=True))
        return arrived
