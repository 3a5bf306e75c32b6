"""What a model knows: measured on the test split, which no client ever trains on.

    accuracy = part of the samples whose highest score is their class's
    loss     = mean of -log softmax(scores)[class], in nats

Of several models (the nodes of a gossip) it is the mean of theirs, not that of their mean.
"""

from typing import NamedTuple

import numpy as np

from simulator.learning.arrays import Floats, Indices
from simulator.learning.task import Task


class Score(NamedTuple):
    """Accuracy, a share, and loss, in nats a sample."""

    accuracy: float
    loss_nats: float


def score(task: Task, params: Floats) -> Score:
    """Accuracy and loss of a model (P,), or the mean of those of several (K, P)."""
    with np.errstate(over="ignore", invalid="ignore"):
        each = [_score(task.learner.scores(one, task.data.test_x), task.data.test_y) for one in np.atleast_2d(params)]
    return Score(*np.mean(each, axis=0).tolist())


def sample_losses(scores: Floats, y: Indices) -> Floats:
    """The loss of each sample (n,), in nats, from its scores (n, classes) and class; no number where these are none."""
    beyond = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(beyond).sum(axis=1)) - beyond[np.arange(len(y)), y])


def _score(scores: Floats, y: Indices) -> tuple[float, float]:
    return float((scores.argmax(axis=1) == y).mean()), float(sample_losses(scores, y).mean())
