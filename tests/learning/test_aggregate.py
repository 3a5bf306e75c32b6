"""Server rules on models of a few parameters, by hand, and what holds of all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulator.learning.aggregate import Adaptive, Moments, adam_step, buffered_step, weighted_mean

models = arrays(float, st.tuples(st.integers(1, 8), st.just(3)), elements=st.floats(-1e3, 1e3))


def test_fedavg_weighs_by_samples():
    assert weighted_mean(np.array([[1.0, 0.0], [4.0, 3.0]]), np.array([20, 10])).tolist() == [2.0, 1.0]


def test_fedadam_takes_two_steps_by_hand():
    """beta1 = 1/2, beta2 = 3/4, tau = 1/2, rate = 1: m = 1, v = 1, step 1 / 1.5; then m = 1/2, v = 3/4."""
    rule, nothing = Adaptive(1.0, 0.5, 0.75, 0.5), Moments(np.zeros(1), np.zeros(1))
    model, moments = adam_step(np.zeros(1), np.array([2.0]), nothing, rule)
    assert model == pytest.approx([1 / 1.5])
    assert (moments.first.tolist(), moments.second.tolist()) == ([1.0], [1.0])
    model, moments = adam_step(model, np.zeros(1), moments, rule)
    assert model == pytest.approx([1 / 1.5 + 0.5 / (0.75**0.5 + 0.5)])
    assert (moments.first.tolist(), moments.second.tolist()) == ([0.5], [0.75])


def test_fedbuff_trusts_old_updates_less():
    """1 fresh and 4 three versions old, whose weight is (1 + 3)^-1/2: half of (1 + 2) over two."""
    model = buffered_step(np.array([10.0]), np.array([[1.0], [4.0]]), np.array([0, 3]), 0.5, 2.0)
    assert model.tolist() == [13.0]


@given(models, st.floats(0.0, 2.0))
def test_fedbuff_without_staleness_goes_by_the_mean(deltas, exponent):
    fresh = np.zeros(len(deltas), np.int64)
    assert buffered_step(np.zeros(3), deltas, fresh, exponent, 1.0) == pytest.approx(deltas.mean(axis=0), abs=1e-9)
