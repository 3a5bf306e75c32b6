"""Accuracy and loss by hand, of one model and of several."""

import numpy as np
import pytest

from simulator.learning.score import score

SURE = np.array([9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
"""Softmax of 3 features and 2 classes that says 0 if x1 > 0."""
ASKED = np.array([[1.0, 0, 0], [-1.0, 0, 0], [1.0, 0, 0], [1.0, 0, 0]])


def asked(a_task, y):
    task = a_task([6])
    task.data.test_x[:], task.data.test_y[:] = ASKED, y
    return task


def test_who_knows_nothing_has_a_loss_of_log_2(a_task):
    """All scores are 0; the first class is guessed, which is right once in four."""
    found = score(asked(a_task, [1, 1, 1, 0]), np.zeros(8))
    assert (found.accuracy, found.loss_nats) == (0.25, pytest.approx(np.log(2)))


def test_loss_by_hand(a_task):
    """x1 = 1 scores (9, 0), x1 = -1 (-9, 0): right but for the last."""
    found = score(asked(a_task, [0, 1, 0, 1]), SURE)
    assert found.accuracy == 0.75
    assert found.loss_nats == pytest.approx((3 * np.log1p(np.exp(-9)) + 9 + np.log1p(np.exp(-9))) / 4)


def test_of_several_models_it_is_the_mean_of_their_scores(a_task):
    task = asked(a_task, [0, 1, 0, 1])
    one, other = score(task, SURE), score(task, -SURE)
    both = score(task, np.array([SURE, -SURE]))
    assert both == pytest.approx(((one.accuracy + other.accuracy) / 2, (one.loss_nats + other.loss_nats) / 2))
