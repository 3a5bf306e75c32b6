"""What the tests of learning share: a small task made by hand, and digits as the laws are measured on."""

from functools import cache

import numpy as np
import pytest

from simulator.engine.rng import Streams
from simulator.learning.data import Split
from simulator.learning.model import Net
from simulator.learning.spec import TaskSpec
from simulator.learning.task import Task, build_task


def make_task(sizes, widths=(3, 2), seed=1):
    """A task of shards of these sizes, its samples normal, its classes drawn."""
    draw = Streams(seed).generator("a task")
    count, classes = sum(sizes), max(2, widths[-1])
    x, y = draw.standard_normal((count, widths[0])), draw.integers(0, classes, count)
    data = Split(x, y, x[:4], y[:4], tuple(str(label) for label in range(classes)), None)
    shards = np.split(draw.permutation(count), np.cumsum(sizes)[:-1])
    return Task("a", Streams(seed), data, Net(widths), tuple(shards))


@cache
def make_digits(seed, alpha):
    """Digits on 100 clients with softmax regression; no alpha means iid."""
    kind = "iid" if alpha is None else {"kind": "dirichlet", "alpha": alpha}
    spec = TaskSpec.model_validate({"data": "digits", "model": "softmax", "clients": 100, "partition": kind})
    return build_task(spec, Streams(seed), "digits")


@pytest.fixture(scope="session")
def a_task():
    """The builder of small tasks."""
    return make_task


@pytest.fixture(scope="session")
def digits():
    """The builder of digits by seed and alpha."""
    return make_digits
