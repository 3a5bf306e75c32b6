"""The local training of clients: each from its own start, on its own shard, with luck of its own.

What a client makes of a turn depends on nobody beside it (clients.py): clients may be trained
together or apart.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.errors import DivergedError
from simulator.learning.arrays import Floats, Indices
from simulator.learning.batches import steps_of
from simulator.learning.clients import Clients
from simulator.learning.learner import Local
from simulator.learning.task import Task


class Trained(NamedTuple):
    """What clients hand in: parameters (S, P), samples that each learnt from and steps that it took (S,)."""

    params: Floats
    samples: Indices
    steps: Indices


def train_clients(task: Task, start: Floats, shards: Sequence[int], turns: npt.ArrayLike, local: Local) -> Trained:
    """Train the clients that hold these shards; `start` is (S, P), or (P,) for all alike.

    `turns` numbers their rounds: one number for all, or one each. A shard may stand there
    several times. Raises DivergedError where the parameters of one grow beyond all bounds.
    """
    numbers = tuple(np.broadcast_to(turns, len(shards)).tolist())
    own = tuple(task.shards[shard] for shard in shards)
    clients = Clients(task.streams, task.name, len(task.data.y), own, tuple(shards), numbers)
    begin = np.broadcast_to(start, (len(shards), task.learner.parameters))
    with np.errstate(over="ignore", invalid="ignore"):
        params = task.learner.train(begin, task.data.x, task.data.y, clients, local)
    if not np.isfinite(params).all():
        raise DivergedError(task.name, local.rate)
    samples = np.array([len(shard) for shard in own])
    return Trained(params, samples, steps_of(samples, local.epochs, local.batch))
