"""A task: data, what learns them, and the clients' shards. It is built once; a round changes nothing in it.

All luck is keyed by the task's name (streams `split`, `partition`, `parameters`, `batches`), so every workload
and paradigm with a task of this name meets the same data, shards and beginnings. Building one reads
a data set and takes from milliseconds (digits) to seconds (mnist-5k): keep it.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.engine.rng import Streams
from simulator.errors import ContradictionError, MissingValueError
from simulator.learning.adapter import Adapted
from simulator.learning.arrays import Floats, Indices
from simulator.learning.data import DATA, Samples, Split, split_samples
from simulator.learning.estimator import ESTIMATORS, LinearEstimator
from simulator.learning.learner import Learner
from simulator.learning.model import Net
from simulator.learning.partition import Labels, partition
from simulator.learning.spec import Estimator, Mlp, Neuron, Softmax, TaskSpec
from simulator.learning.table import read_samples


class Task(NamedTuple):
    """What is learnt: the split data, the learner, and the numbers of each client's training samples."""

    name: str
    streams: Streams
    data: Split
    learner: Learner
    shards: tuple[Indices, ...]

    @property
    def sizes(self) -> Indices:
        """Training samples of each shard."""
        return np.array([len(shard) for shard in self.shards])

    @property
    def clients(self) -> int:
        """How many shards there are."""
        return len(self.shards)


def build_task(spec: TaskSpec, streams: Streams, name: str, folder: Path = Path()) -> Task:
    """Load, split and share out the data; CSV files are looked for from `folder`.

    Raises UsageError for data that cannot be read, ContradictionError where model, clients or
    partition do not go with them.
    """
    samples = _samples(spec, streams, name, folder)
    data = split_samples(samples, spec.test_share, streams.generator("split", name))
    learner = build_learner(spec.model, data.x.shape[1], len(data.labels))
    luck = streams.generator("partition", name)
    shards = partition(Labels(data.y, data.client), spec.clients, spec.partition, spec.sizes, luck)
    return Task(name, streams, data, learner, shards)


def _samples(spec: TaskSpec, streams: Streams, name: str, folder: Path) -> Samples:
    if isinstance(spec.data, str):
        return DATA[spec.data].load(streams.generator("data", name))
    return read_samples(folder / spec.data.csv, spec.data.label, spec.data.client)


def build_learner(spec: Softmax | Mlp | Neuron | Estimator, features: int, classes: int) -> Learner:
    """What learns; raises ContradictionError for one neuron before more than two classes."""
    if isinstance(spec, Neuron):
        if classes != 2:
            raise ContradictionError("model", f"one neuron tells two classes apart, not {classes}; take `softmax`")
        return Net((features, 1))
    if isinstance(spec, Estimator):
        return Adapted(LinearEstimator(ESTIMATORS[spec.name], features, classes))
    return Net((features, spec.hidden, classes) if isinstance(spec, Mlp) else (features, classes))


def initial_params(task: Task, model: int = 0) -> Floats:
    """Parameters (P,) to begin with; another `model` with a hidden layer begins elsewhere."""
    return task.learner.init(task.streams.generator("parameters", task.name, model))


@cache
def mean_samples(spec: TaskSpec) -> float:
    """Training samples of a client in the mean, whatever the seed; raises MissingValueError for a CSV file."""
    if not isinstance(spec.data, str):
        remedy = "give the population `samples`"
        raise MissingValueError(spec.data.csv, "number of samples a client", remedy, "before it is read")
    return float(build_task(spec, Streams(0), "").sizes.mean())
