"""A training whose epochs are measured: a small model really learns first, and says how many it takes.

    epochs   of the small model until it reaches the target's accuracy, at most those of the scenario
    time     that of so many epochs over the training's own data set: let that be as large as what the
             task's clients stand for, for a larger one takes fewer epochs to the same target
    scores   one an epoch, evenly over what was done; a pause stretches that

That the training's own model takes as many is assumed, and listed, unless it has as many parameters.
"""

from typing import NamedTuple

from simulator.definitions import count_parameters
from simulator.learning.central import Epoch, train_centrally
from simulator.learning.learner import Local
from simulator.learning.score import score
from simulator.learning.task import initial_params
from simulator.record.jobs import Job
from simulator.record.parameters import parameter_rows
from simulator.record.scores import Score
from simulator.workloads.federate.lesson import BY_PROXY, check_untaught, task_of
from simulator.workloads.federate.progress import MISSED
from simulator.workloads.training_spec import Train
from simulator.world import World

EPOCHS_MEASURED = "epochs measured"
NEVER = 2.0
"""An accuracy that nothing reaches: where there is no target all epochs are done."""


class Taught(NamedTuple):
    """What a small model made of its epochs, from before the first; samples of an epoch; the accuracy aimed at."""

    curve: tuple[Epoch, ...]
    samples: int
    target: float | None

    @property
    def epochs(self) -> int:
        """How many there were."""
        return self.curve[-1].epoch

    @property
    def missing(self) -> str:
        """What it fell short of; empty if of nothing."""
        return MISSED if self.target is not None and self.curve[-1].accuracy < self.target else ""


def teach(world: World, spec: Train, name: str) -> Taught:
    """Let the small model of a training learn."""
    assert spec.learn is not None, "who teaches has something to teach"
    assert spec.epochs is not None, "presence_faults() asks for epochs"
    task, goal = task_of(world, spec.learn.task), world.definitions.target
    if spec.model is None or task.learner.parameters != count_parameters(spec.model, world.definitions):
        world.assumptions[BY_PROXY + name] = None
    target = None if goal is None else goal.accuracy
    before = score(task, initial_params(task))
    check_untaught(name, before.accuracy, target)
    local = Local(1, spec.learn.batch, spec.learn.rate, spec.learn.momentum)
    curve = train_centrally(task, local, NEVER if target is None else target, int(spec.epochs))
    begin = initial_params(task)
    return Taught((Epoch(0, *score(task, begin), begin), *curve), len(task.data.y), target)


def tell(world: World, job: Job, taught: Taught, at_s: float) -> None:
    """Note how good the model was after each epoch that is done by then."""
    if job.begin_s is None:
        return
    at_s = at_s if job.end_s is None else job.end_s  # the window may be longer
    held_s = 0.0 if job.held_from_s is None else at_s - job.held_from_s
    done_s = job.device_s / job.devices + held_s
    for epoch, accuracy, loss_nats, params in taught.curve:
        due_s = job.planned_s * epoch / taught.epochs
        if due_s <= done_s + 1e-12 * at_s:  # of a late moment its difference is as uncertain as itself
            passed_s = (at_s - job.begin_s) * (due_s / done_s if done_s else 0.0)
            seen = float(epoch * taught.samples)
            world.scores.append(Score(job.workload, epoch, job.begin_s + passed_s, seen, accuracy, loss_nats))
            world.parameters += parameter_rows(job.workload, epoch, params)
