"""Clients trained side by side learn what each would learn alone, written out as plainly as can be."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import DivergedError
from simulator.learning.clients import Clients
from simulator.learning.learner import Local
from simulator.learning.local import train_clients

ALL_WIDTHS = {"softmax": (3, 4), "mlp": (3, 5, 4), "neuron": (3, 1)}


def forward(params, widths, x):
    """The inputs of every layer of one client, and the outputs of the last."""
    inputs, begin = [x], 0
    weights = []
    for before, after in pairwise(widths):
        w = params[begin : begin + before * after].reshape(before, after)
        b = params[begin + before * after : begin + (before + 1) * after]
        begin += (before + 1) * after
        weights.append((w, b))
        inputs.append(np.maximum(inputs[-1] @ w + b, 0.0))
    w, b = weights[-1]
    return inputs[:-1], weights, inputs[-2] @ w + b


def plain_loss(params, widths, x, y):
    """The mean loss of one client's samples, by its definition."""
    z = forward(params, widths, x)[2]
    if widths[-1] == 1:
        p = 1.0 / (1.0 + np.exp(-z[:, 0]))
        return -np.mean(np.log(np.where(y == 1, p, 1.0 - p)))
    return -np.mean([np.log(np.exp(row[label]) / np.exp(row).sum()) for row, label in zip(z, y, strict=True)])


def plain_gradient(params, widths, x, y):
    inputs, weights, z = forward(params, widths, x)
    if widths[-1] == 1:
        error = (1.0 / (1.0 + np.exp(-z)) - y[:, None]) / len(y)
    else:
        belief = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        error = (belief - np.eye(widths[-1])[y]) / len(y)
    found = []
    for (w, _), before in reversed(list(zip(weights, inputs, strict=True))):
        found = [(before.T @ error).ravel(), error.sum(axis=0), *found]
        error = (error @ w.T) * (before > 0)
    return np.concatenate(found)


def plain_training(task, start, orders, local):
    """One client after the other, one step after the other."""
    trained = []
    for begin, epochs in zip(start, orders, strict=True):
        params, velocity = begin.copy(), np.zeros_like(begin)
        for order in epochs:
            for first in range(0, len(order), local.batch):
                rows = order[first : first + local.batch]
                step = plain_gradient(params, task.learner.widths, task.data.x[rows], task.data.y[rows])
                velocity = local.momentum * velocity + step + local.proximal * (params - begin)
                params = params - local.rate * velocity
        trained.append(params)
    return np.array(trained)


def starts(task, clients, seed=0):
    return task.streams.generator("start", turn=seed).standard_normal((clients, task.learner.parameters))


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    st.sampled_from(sorted(ALL_WIDTHS)),
    st.builds(
        Local,
        epochs=st.integers(1, 3),
        batch=st.integers(1, 7),
        rate=st.sampled_from([0.01, 0.3]),
        momentum=st.sampled_from([0.0, 0.9]),
        proximal=st.sampled_from([0.0, 0.5]),
    ),
)
@settings(max_examples=80, deadline=None)
def test_side_by_side_is_one_after_the_other(a_task, sizes, model, local):
    task = a_task(sizes, ALL_WIDTHS[model])
    who = list(range(len(sizes)))
    start = starts(task, len(who))
    clients = Clients(task.streams, "a", sum(sizes), task.shards, tuple(who), (3,) * len(who))
    expected = plain_training(task, start, clients.orders(local.epochs), local)
    assert train_clients(task, start, who, 3, local).params == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("model", ALL_WIDTHS)
def test_the_plain_gradient_is_the_slope_of_the_loss(a_task, model):
    """By central differences, so that both codes do not err alike."""
    task = a_task([8], ALL_WIDTHS[model])
    params = starts(task, 1)[0]
    slopes = []
    for number in range(len(params)):
        nudge = np.zeros_like(params)
        nudge[number] = 1e-5
        up, down = (
            plain_loss(p, task.learner.widths, task.data.x, task.data.y) for p in (params + nudge, params - nudge)
        )
        slopes.append((up - down) / 2e-5)
    assert plain_gradient(params, task.learner.widths, task.data.x, task.data.y) == pytest.approx(slopes, abs=1e-8)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_what_a_client_learns_depends_on_nobody_beside_it(a_task, sessions):
    """Shards may be there twice, in other turns or in the same."""
    task, local = a_task([3, 9, 5, 7]), Local(2, 4, 0.1, 0.5)
    start = starts(task, len(sessions))
    shards, turns = (list(column) for column in zip(*sessions, strict=True))
    together = train_clients(task, start, shards, turns, local)
    alone = [train_clients(task, start[n], [shards[n]], turns[n], local).params[0] for n in range(len(sessions))]
    assert together.params == pytest.approx(np.array(alone), abs=1e-12)


def test_two_users_of_one_shard_with_one_start_do_the_same(a_task):
    task = a_task([5, 8])
    found = train_clients(task, starts(task, 1)[0], [1, 0, 1], 0, Local(2, 3, 0.1)).params
    assert found[0].tolist() == found[2].tolist() != found[1].tolist()


def test_another_turn_shuffles_otherwise(a_task):
    task = a_task([8])
    start, local = starts(task, 1), Local(1, 2, 0.1)
    assert (train_clients(task, start, [0], 0, local).params != train_clients(task, start, [0], 1, local).params).any()


def test_every_epoch_shuffles_the_whole_shard_anew(a_task):
    task = a_task([8, 4])
    (order, _) = Clients(task.streams, "a", 12, task.shards, (0, 1), (0, 0)).orders(3)
    assert [sorted(epoch) for epoch in order.tolist()] == [sorted(task.shards[0].tolist())] * 3
    assert len({tuple(epoch) for epoch in order.tolist()}) == 3


def test_samples_and_steps_are_counted(a_task):
    """11 samples by 5 are 3 steps, 5 are 1; two epochs double them."""
    task = a_task([11, 5])
    found = train_clients(task, starts(task, 2), [0, 1], 0, Local(2, 5, 0.1))
    assert (found.samples.tolist(), found.steps.tolist()) == ([11, 5], [6, 2])


def test_one_neuron_does_its_first_step_by_hand(a_task):
    """From zero its belief is 1/2: with x = (1, 2, 0) of class 1 the step is rate x (1/2)(1, 2, 0, 1)."""
    task = a_task([1], (3, 1))
    task.data.x[0], task.data.y[0] = (1.0, 2.0, 0.0), 1
    found = train_clients(task, np.zeros(4), [0], 0, Local(1, 1, 0.1)).params[0]
    assert found == pytest.approx([0.05, 0.1, 0.0, 0.05])


def test_softmax_does_its_first_step_by_hand(a_task):
    """From zero both beliefs are 1/2; W lies feature by feature, then the biases."""
    task = a_task([1])
    task.data.x[0], task.data.y[0] = (1.0, 2.0, 0.0), 0
    found = train_clients(task, np.zeros(8), [0], 0, Local(1, 1, 0.1)).params[0]
    assert found == pytest.approx([0.05, -0.05, 0.1, -0.1, 0.0, 0.0, 0.05, -0.05])


def test_the_proximal_term_holds_a_client_near_its_start(a_task):
    task = a_task([12])
    start = starts(task, 1)
    moved = [
        np.linalg.norm(train_clients(task, start, [0], 0, Local(5, 3, 0.1, 0.0, mu)).params - start)
        for mu in (0.0, 1.0, 5.0)
    ]
    assert moved[0] > moved[1] > moved[2] > 0


def test_a_rate_that_diverges_is_an_error_that_names_it(a_task):
    task = a_task([12], (3, 5, 4))
    with pytest.raises(DivergedError, match=r"a: diverges with a learning rate of 1e\+200; lower `rate`"):
        train_clients(task, starts(task, 1), [0], 0, Local(5, 3, 1e200))
