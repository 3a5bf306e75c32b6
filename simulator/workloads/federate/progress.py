"""How far a learning has come: the rounds that brought something, and what its model has learned."""

from simulator.engine.spill import Floats
from simulator.population.crowd import Indices
from simulator.record.jobs import Job, let_go
from simulator.workloads.federate.lesson import Lesson
from simulator.workloads.federate.target import Basis

EMPTY, MISSED = "rounds without an update", "the target was not reached"


class Progress:
    """The rounds of one learning, counted."""

    __slots__ = ("_basis", "_job", "_lesson", "done", "played")

    def __init__(self, job: Job, basis: Basis, lesson: Lesson | None) -> None:
        self._job, self._basis, self._lesson = job, basis, lesson
        self.played, self.done = 0, 0
        """Rounds that are over, and of these such as brought an update."""

    @property
    def rounds(self) -> int:
        """How many there will be; where they are measured, at most."""
        return self._basis.rounds

    def end_round(self, users: Indices, now_s: float) -> bool:
        """Note that a round is over, to which these users contributed; whether the model is at its target."""
        self._count(len(users), now_s)
        if self._lesson is not None:
            self._lesson.learn(self.played - 1, users)
        return self.reached

    def end_version(self, users: Indices, begun_with: Indices, oldest: int, now_s: float) -> bool:
        """The same of a version that these users' updates made, each begun with a version of its own.

        Versions before the oldest are not begun with any more.
        """
        self._count(len(users), now_s)
        if self._lesson is not None:
            self._lesson.learn_stale(self.played, users, begun_with, oldest)
        return self.reached

    def find_losses(self, users: Indices) -> Floats | None:
        """The root mean square loss over what each of these users holds; None where no model or several learn."""
        return None if self._lesson is None else self._lesson.find_losses(users)

    def _count(self, updates: int, now_s: float) -> None:
        assert self._job.begin_s is not None, "a round is played by a job that has begun"
        self.played += 1
        self.done += updates > 0
        self._job.planned_s = (now_s - self._job.begin_s) / self.played * self.rounds

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be played: all rounds are, or the target is reached."""
        return self.reached or self.played == self.rounds

    @property
    def reached(self) -> bool:
        """Whether the model that really learns has come to the target."""
        return self._basis.accuracy is not None and self._accuracy >= self._basis.accuracy

    @property
    def _missing(self) -> str:
        """What it fell short of; empty if of nothing."""
        if self._basis.accuracy is not None:
            return "" if self.reached else MISSED
        return "" if self.done == self.rounds else EMPTY

    def close(self, at_s: float) -> None:
        """Say how much is done: rounds over those planned, or the accuracy over its target."""
        let_go(self._job, at_s)
        target = self._basis.accuracy
        share = self.done / self.rounds if target is None else min(1.0, self._accuracy / target)
        self._job.done_share = share if self.done else 0.0
        self._job.missing = self._missing
        if self.reached:
            self._job.steps = self.played

    @property
    def _accuracy(self) -> float:
        return 0.0 if self._lesson is None else self._lesson.accuracy
