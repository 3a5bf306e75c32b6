"""Training counts three forward passes; and two plain twins: a loop over clients, a process for each phone."""

from math import inf

import numpy as np
import pytest

import simulator as sim
from simulator.population.session import Members, Sizes
from simulator.study.accuracy import SUBJECTS
from simulator.study.federated import PARTS
from simulator.study.federated_exact import flop_ratio
from simulator.study.federated_twins import largest_difference, play_processes, rounds_apart


def test_every_gate_is_met():
    report = sim.accuracy("fl-exact")
    assert report.passed
    assert any("counts one" in line for line in report.summary)


def test_training_is_three_forward_passes():
    assert flop_ratio() == pytest.approx(3.0, rel=1e-6)


def test_side_by_side_is_one_after_another():
    assert largest_difference(turns=2) <= 1e-6


def test_columns_are_processes():
    assert rounds_apart(turns=10) <= 1e-6


def test_a_round_of_processes_by_hand():
    """Phones of 1 + 2 + 1 and 1 + 5 + 1 s, and one that drops out at half of 4 s: the second of two closes at 7 s."""
    one = np.ones(3)
    members = Members(0.0 * one, one, one, np.array([2.0, 5.0, 2.0]), np.array([inf, inf, 0.5]))
    assert play_processes(members, Sizes(1.0, 1.0), 2, 100.0) == (7.0, [0, 1])
    assert play_processes(members, Sizes(1.0, 1.0), 3, 6.0) == (6.0, [0])


def test_the_parts_can_be_asked_for_alone():
    assert set(PARTS) < set(SUBJECTS)
    assert "federated" in SUBJECTS
