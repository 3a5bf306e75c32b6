"""What arrives of compressed updates, and the bits they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from simulator.engine.rng import Streams
from simulator.learning.compress import Quantise, Top, Whole

updates = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=st.floats(-100, 100, width=32))


def luck(turn=0):
    return Streams(1).generator("wire", turn=turn)


def test_bits_on_the_wire_by_hand():
    """650 parameters; 10 of them need 10 bits each to say which they are."""
    assert Whole().wire_b(650) == 20_800
    assert Quantise(8).wire_b(650) == 5200 + 32
    assert Top(10 / 650).wire_b(650) == 10 * (32 + 10)
    assert Top(1.0).wire_b(1024) == 1024 * (32 + 10)


def test_a_whole_update_arrives_as_it_is():
    one = np.array([[1.0, -2.0]])
    assert Whole().send(one, np.zeros_like(one), luck()).arrived.tolist() == [[1.0, -2.0]]


@given(updates, st.integers(2, 16))
def test_a_quantised_parameter_is_a_level_next_to_it(given_updates, bits):
    arrived = Quantise(bits).send(given_updates, np.zeros_like(given_updates), luck()).arrived
    largest, levels = np.abs(given_updates).max(axis=1, keepdims=True), 2 ** (bits - 1) - 1
    assert (np.abs(arrived - given_updates) <= largest / levels * (1 + 1e-9)).all()
    assert (np.abs(arrived) <= largest * (1 + 1e-9)).all()
    level = arrived * levels / np.where(largest > 0, largest, 1.0)
    assert level == pytest.approx(np.round(level), abs=1e-6)


def test_quantising_is_right_in_the_mean():
    """0.3 of 1 in 2 bits is -1, 0 or 1: 1 three times in ten (10 000 draws: within 5 standard errors)."""
    one = np.tile([1.0, 0.3, -0.3], (10_000, 1))
    arrived = Quantise(2).send(one, np.zeros_like(one), luck()).arrived
    assert arrived.mean(axis=0) == pytest.approx([1.0, 0.3, -0.3], abs=0.023)
    assert np.unique(arrived).tolist() == [-1.0, 0.0, 1.0]


def test_rounding_is_keyed():
    one = np.linspace(-1.0, 1.0, 50)[None]
    first, again, other = (Quantise(4).send(one, one, luck(turn)).arrived for turn in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_the_largest_arrive_and_the_rest_is_remembered():
    sent = Top(0.5).send(np.array([[1.0, -4.0, 2.0, 0.5]]), np.zeros((1, 4)), luck())
    assert sent.arrived.tolist() == [[0.0, -4.0, 2.0, 0.0]]
    assert sent.memory.tolist() == [[1.0, 0.0, 0.0, 0.5]]
    again = Top(0.5).send(np.array([[1.0, 0.0, 0.0, 0.0]]), sent.memory, luck())
    assert again.arrived.tolist() == [[2.0, 0.0, 0.0, 0.5]]


@given(st.lists(arrays(float, (2, 6), elements=st.floats(-10, 10)), min_size=1, max_size=6), st.floats(0.05, 1.0))
def test_nothing_is_lost_what_did_not_arrive_is_remembered(given_updates, share):
    memory, arrived = np.zeros((2, 6)), np.zeros((2, 6))
    for update in given_updates:
        sent = Top(share).send(update, memory, luck())
        memory, arrived = sent.memory, arrived + sent.arrived
        assert (np.count_nonzero(sent.arrived, axis=1) <= Top(share).kept(6)).all()
    assert arrived + memory == pytest.approx(sum(given_updates), abs=1e-9)
