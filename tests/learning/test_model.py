"""How large the small networks are, what asking them costs, and how they begin."""

import numpy as np
import pytest

from simulator.engine.rng import Streams
from simulator.learning.model import Net


@pytest.mark.parametrize(
    ("widths", "parameters", "flop"),
    [
        ((64, 10), 650, 1280.0),
        ((64, 32, 10), 64 * 32 + 32 + 32 * 10 + 10, 2.0 * (64 * 32 + 32 * 10)),
        ((2, 1), 3, 4.0),
    ],
)
def test_weights_and_biases_are_counted_and_a_forward_pass_is_two_flop_a_weight(widths, parameters, flop):
    net = Net(widths)
    assert (net.parameters, net.forward_flop) == (parameters, flop)


def test_a_network_begins_with_the_variance_of_its_layer_and_no_bias():
    """He 2/inputs before a maximum, 1/inputs at the end: 2/400 and 1/200, of many weights within 5 %."""
    params = Net((400, 200, 100)).init(Streams(1).generator("begin"))
    first, biases, last = params[:80_000], params[80_000:80_200], params[80_200:100_200]
    assert first.var() == pytest.approx(2 / 400, rel=0.05)
    assert last.var() == pytest.approx(1 / 200, rel=0.05)
    assert (np.abs(biases).max(), np.abs(params[100_200:]).max()) == (0.0, 0.0)


def test_without_a_hidden_layer_it_begins_at_0():
    assert Net((4, 3)).init(Streams(1).generator("begin")).tolist() == [0.0] * 15


def test_one_neuron_scores_the_other_class_0():
    """w = (1, 1), b = -1.5, which is the line of one-neuron."""
    scores = Net((2, 1)).scores(np.array([1.0, 1.0, -1.5]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    assert scores.tolist() == [[0.0, 0.5], [0.0, -0.5]]


def test_a_hidden_layer_is_cut_at_0():
    """Two hidden neurons take x and -x; the output adds them: |x|."""
    params = np.array([1.0, -1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    assert Net((1, 2, 2)).scores(params, np.array([[-3.0], [2.0]])).tolist() == [[3.0, 0.0], [2.0, 0.0]]
