"""Other frameworks' models learn by the same interface: scikit-learn's, and a small one made here."""

import numpy as np
import pytest

from simulator.engine.rng import Streams
from simulator.errors import ContradictionError
from simulator.learning.adapter import Adapted
from simulator.learning.aggregate import weighted_mean
from simulator.learning.estimator import ESTIMATORS, LinearEstimator
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.score import score
from simulator.learning.spec import TaskSpec
from simulator.learning.task import build_task, initial_params

ONE_BY_ONE = Local(epochs=1, batch=1, rate=0.05)


def estimator_task(name, data="digits"):
    model = {"kind": "estimator", "name": name}
    return build_task(TaskSpec.model_validate({"data": data, "model": model, "clients": 10}), Streams(1), "a")


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("data", ["digits", "breast-cancer"])
def test_an_estimator_learns_in_rounds(name, data):
    task = estimator_task(name, data)
    params = initial_params(task)
    for turn in range(3):
        trained = train_clients(task, params, range(10), turn, ONE_BY_ONE)
        params = weighted_mean(trained.params, trained.samples)
    assert score(task, params).accuracy > 0.85


def test_an_estimator_of_one_epoch_is_scikit_learns_own():
    task = estimator_task("sgd-classifier")
    found = train_clients(task, initial_params(task), [4], 7, ONE_BY_ONE).params[0]
    own = ESTIMATORS["sgd-classifier"](0.05)
    shard = task.shards[4]
    order = shard[task.streams.generator("batches", "a/4", 7).permutation(len(shard))]
    own.partial_fit(task.data.x[order], task.data.y[order], classes=np.arange(10))
    assert found == pytest.approx(np.concatenate([own.coef_.ravel(), own.intercept_]))
    distances = own.decision_function(task.data.test_x)
    assert task.learner.scores(found, task.data.test_x) == pytest.approx(distances)


def test_an_estimator_begins_where_it_is_told_and_leaves_that_as_it_is():
    task = estimator_task("sgd-classifier")
    start = np.full((1, task.learner.parameters), 0.5)
    trained = train_clients(task, start, [0], 0, ONE_BY_ONE._replace(rate=1e-9)).params
    assert trained == pytest.approx(start, abs=1e-6)
    assert (start == 0.5).all()


def test_sizes_of_an_estimator():
    """Ten rows of 64 and an intercept each; two classes need one row."""
    ten, two = (LinearEstimator(ESTIMATORS["perceptron"], 64, classes) for classes in (10, 2))
    assert (ten.parameters, ten.forward_flop) == (650, 1280.0)
    assert (two.parameters, two.forward_flop) == (65, 128.0)


def test_an_estimator_steps_after_every_sample():
    with pytest.raises(ContradictionError, match="not after 10; say `batch: 1`"):
        train_clients(estimator_task("perceptron"), np.zeros(650), [0], 0, Local(1, 10, 0.1))


class Shift:
    """A model of one parameter that adds rate x epochs x the samples' sum, and a draw if it has luck."""

    parameters = 1
    forward_flop = 1.0

    def init(self, generator):
        return generator.random(1)

    def train(self, params, x, y, rate, batch, epochs, rng):
        return params + rate * epochs * x.sum() + 0.0 * batch + rng.random()

    def scores(self, params, x):
        return np.hstack([x[:, :1], 0.0 * x[:, :1] + params])


def test_an_adapter_is_trained_client_by_client(a_task):
    task = a_task([2, 3])._replace(learner=Adapted(Shift()))
    start = np.array([[1.0], [2.0]])
    trained = train_clients(task, start, [1, 0], 5, Local(3, 2, 0.1))
    draws = [task.streams.generator("batches", f"a/{shard}", 5).random() for shard in (1, 0)]
    sums = [task.data.x[task.shards[shard]].sum() for shard in (1, 0)]
    assert trained.params[:, 0] == pytest.approx([1.0 + 0.3 * sums[0] + draws[0], 2.0 + 0.3 * sums[1] + draws[1]])
    assert (trained.samples.tolist(), trained.steps.tolist()) == ([3, 2], [6, 3])
    assert task.learner.parameters == initial_params(task).size == task.learner.forward_flop


def test_an_adapter_is_scored_like_any_other(a_task):
    task = a_task([4])._replace(learner=Adapted(Shift()))
    expected = np.mean((task.data.test_x[:, 0] < 0.3) == (task.data.test_y == 1))
    assert score(task, np.array([0.3])).accuracy == expected


@pytest.mark.parametrize("local", [Local(1, 1, 0.1, momentum=0.5), Local(1, 1, 0.1, proximal=0.5)])
def test_an_adapter_refuses_what_it_does_not_know(a_task, local):
    task = a_task([2])._replace(learner=Adapted(Shift()))
    with pytest.raises(ContradictionError, match="no momentum and no proximal term"):
        train_clients(task, np.zeros(1), [0], 0, local)
