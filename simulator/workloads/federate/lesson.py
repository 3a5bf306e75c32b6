"""A small model that really learns beside the clock: trained with the updates that a round accepted.

User number u holds what client u mod K of the task's K clients holds, so that a crowd of any size learns from
one data set; where there are as many users as clients each has its own.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np

from simulator.definitions import count_parameters
from simulator.errors import ContradictionError
from simulator.learning.arrays import Floats
from simulator.learning.compress import Whole
from simulator.learning.learner import Local
from simulator.learning.pupil import Pupil, Wire
from simulator.learning.relay import Relay
from simulator.learning.rule import Rule
from simulator.learning.score import Score as Known
from simulator.learning.spec import LearnSpec
from simulator.learning.task import Task, build_task
from simulator.population.crowd import Indices
from simulator.record.parameters import parameter_rows
from simulator.record.scores import Score
from simulator.workloads.federate.modifiers import Compression, find_compressor
from simulator.world import World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

BY_PROXY = "rounds-by-proxy/"
"""What begins the name of the assumption that another model takes as many rounds as the one that learned."""


class Learns(Protocol):
    """One model or several that learn together, and are scored as one."""

    task: Task
    params: Floats

    def learn(self, turn: int, shards: Indices) -> float:
        """Train with what the clients of these shards hold; how many samples that took."""

    def score(self) -> Known:
        """How good it is."""


class Lesson:
    """What learns, and the scores that it is given."""

    __slots__ = ("_name", "_pupil", "_samples", "_versions", "_world", "accuracy")

    def __init__(self, world: World, name: str, pupil: Learns) -> None:
        self._world, self._name, self._pupil = world, name, pupil
        self._samples = 0.0
        self._versions: dict[int, Floats] = {}
        """Those that somebody may still be learning from, where clients do not wait for each other."""
        self.accuracy = 0.0
        self.tell(0)

    def learn(self, turn: int, users: Indices) -> None:
        """Train with what these users hold, and look at what came of it; of nobody nothing is learned."""
        if len(users):
            self._samples += self._pupil.learn(turn, users % len(self._pupil.task.shards))
        self.tell(turn + 1)

    def learn_stale(self, version: int, users: Indices, begun_with: Indices, oldest: int) -> None:
        """Make a version of what users trained who began with older ones; those before the oldest are forgotten.

        Of nobody nothing is learned, and the version is the one before.
        """
        assert isinstance(self._pupil, Pupil), "one model has versions"
        if not self._versions:
            self._versions[0] = self._pupil.sent_down(0)
        staleness = version - 1 - begun_with
        if len(users):
            starts = np.array([self._versions[number] for number in begun_with.tolist()])
            shards = users % len(self._pupil.task.shards)
            self._samples += self._pupil.learn_from(version, starts, shards, begun_with, staleness)
        self._versions[version] = self._pupil.sent_down(version)
        for number in [number for number in self._versions if number < oldest]:
            del self._versions[number]
        self.tell(version, float(staleness.mean()) if len(users) else None)

    def find_losses(self, users: Indices) -> Floats | None:
        """The root mean square loss of the model over what each of these users holds; None of several models."""
        if not isinstance(self._pupil, Pupil):
            return None
        return self._pupil.losses(users % len(self._pupil.task.shards))

    def tell(self, step: int, staleness: float | None = None) -> None:
        """Note how good the model is now."""
        self.accuracy, loss_nats = self._pupil.score()
        now_s = self._world.env.now
        self._world.scores.append(Score(self._name, step, now_s, self._samples, self.accuracy, loss_nats, staleness))
        self._world.parameters += parameter_rows(self._name, step, self._pupil.params)


def task_of(world: World, name: str) -> Task:
    """A learning task of the scenario, built once."""
    if name not in world.tasks:
        own = world.definitions
        world.tasks[name] = build_task(own.tasks[name], world.streams, name, own.folder)
    return world.tasks[name]


def find_lesson(world: World, spec: "Federate", name: str, rule: Rule) -> Lesson | None:
    """The model that really learns, by the algorithm's rule; None where none does."""
    if spec.learn is None:
        return None
    task, local = task_of(world, spec.learn.task), local_of(spec.learn, int(spec.epochs))
    return begin_lesson(world, spec, name, Pupil(task, local, rule, wire_of(spec.compression), spec.privacy))


def find_relay(world: World, spec: "Federate", name: str) -> Lesson | None:
    """The model that clients really train one after another; None where none does."""
    if spec.learn is None:
        return None
    return begin_lesson(
        world, spec, name, Relay(task_of(world, spec.learn.task), local_of(spec.learn, int(spec.epochs)))
    )


def begin_lesson(world: World, spec: "Federate", name: str, pupil: Learns) -> Lesson:
    """The lesson of what really learns; that the scenario's model takes as long is listed, where it is another."""
    if pupil.task.learner.parameters != count_parameters(spec.model, world.definitions):
        world.assumptions[BY_PROXY + name] = None
    lesson, target = Lesson(world, name, pupil), world.definitions.target
    check_untaught(name, lesson.accuracy, None if target is None else target.accuracy)
    return lesson


def check_untaught(name: str, accuracy: float, target: float | None) -> None:
    """Raise ContradictionError where a model is at its target before it has learned anything."""
    if target is not None and accuracy >= target:
        sentence = f"its model is at the target before it learns: {accuracy:.3g} of {target:g}; raise `accuracy`"
        raise ContradictionError(name, sentence)


def local_of(learn: LearnSpec, epochs: int) -> Local:
    """What a client does in a round."""
    return Local(epochs, learn.batch, learn.rate, learn.momentum)


def wire_of(compression: Compression | None) -> Wire:
    """How the model goes down and updates go up."""
    if compression is None:
        return Wire()
    down, up = (find_compressor(way) or Whole() for way in (compression.down, compression.up))
    return Wire(down, up)


def find_shards(world: World, spec: "Federate") -> Floats | None:
    """Samples of each client of the task over their mean, where nothing else says how many a user has."""
    users = world.crowds[spec.clients[0]].spec
    if spec.learn is None or spec.dataset is not None or users.samples is not None:
        return None
    sizes = task_of(world, spec.learn.task).sizes
    return np.asarray(sizes / sizes.mean())
