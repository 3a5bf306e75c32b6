"""The same task learnt in one place: SGD on all training data, the yardstick of every other way.

Each epoch shuffles anew (streams `batches`, task / all) and its velocity begins at rest.
"""

from typing import NamedTuple

import numpy as np

from simulator.learning.arrays import Floats
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.score import score
from simulator.learning.task import Task, initial_params


class Epoch(NamedTuple):
    """What a model knows after so many epochs."""

    epoch: int
    accuracy: float
    loss_nats: float
    params: Floats


def train_centrally(task: Task, local: Local, target_accuracy: float, most_epochs: int) -> tuple[Epoch, ...]:
    """The curve of learning on all data, epoch by epoch from 1, until the target is reached or time is up.

    `local` says rate, batch and momentum; its epochs are counted here.
    """
    everything = task._replace(name=f"{task.name}/all", shards=(np.arange(len(task.data.y)),))
    params, curve = initial_params(task), []
    for epoch in range(1, most_epochs + 1):
        params = train_clients(everything, params, [0], epoch, local._replace(epochs=1)).params[0]
        curve.append(Epoch(epoch, *score(task, params), params))
        if curve[-1].accuracy >= target_accuracy:
            break
    return tuple(curve)
