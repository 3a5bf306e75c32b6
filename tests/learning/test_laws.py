"""What is known of learning apart, found again: intervals over seeds, never single values.

Rounds to 90 % on digits with 100 clients, 10 a round, batches of 10, 5 epochs, rate 0.1.
"""

from functools import cache

import numpy as np
import pytest

from simulator.engine.rng import Streams
from simulator.learning.aggregate import buffered_step, weighted_mean
from simulator.learning.central import train_centrally
from simulator.learning.gossip import mix, mixing_matrix
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.score import score
from simulator.learning.spec import TaskSpec
from simulator.learning.task import build_task, initial_params

SEEDS = (1, 2, 3)
LOCAL = Local(epochs=5, batch=10, rate=0.1)
MOST_ROUNDS = 80


def selected(task, turn, count=10):
    return task.streams.generator("selection", turn=turn).choice(task.clients, count, replace=False).tolist()


@pytest.fixture(scope="module")
def rounds_to_90(digits):
    """FedAvg's rounds to 90 % by seed and alpha."""

    @cache
    def count(seed, alpha):
        task = digits(seed, alpha)
        params = initial_params(task)
        for turn in range(MOST_ROUNDS):
            trained = train_clients(task, params, selected(task, turn), turn, LOCAL)
            params = weighted_mean(trained.params, trained.samples)
            if score(task, params).accuracy >= 0.9:
                return turn + 1
        raise AssertionError(f"not in {MOST_ROUNDS} rounds")

    return count


def test_fedavg_reaches_90_percent_in_tens_of_rounds(rounds_to_90):
    found = [rounds_to_90(seed, None) for seed in SEEDS]
    assert min(found) >= 3
    assert max(found) <= 40


def test_label_skew_needs_more_rounds(rounds_to_90):
    alike = np.mean([rounds_to_90(seed, None) for seed in SEEDS])
    skewed = np.mean([rounds_to_90(seed, 0.1) for seed in SEEDS])
    assert 1.2 < skewed / alike < 6.0


@pytest.mark.parametrize("seed", SEEDS)
def test_all_data_in_one_place_need_a_few_epochs(digits, seed):
    curve = train_centrally(digits(seed, None), LOCAL, 0.9, 20)
    assert 1 <= len(curve) <= 6
    assert [epoch.epoch for epoch in curve] == list(range(1, len(curve) + 1))
    assert curve[-1].accuracy >= 0.9 > max([epoch.accuracy for epoch in curve[:-1]], default=0.0)


def test_stale_updates_of_clients_with_starts_of_their_own_learn_too(digits):
    """FedBuff: each of ten updates started from one of the last three versions."""
    task = digits(1, None)
    versions = [initial_params(task)]
    for turn in range(40):
        stale = np.minimum(np.arange(10) % 3, len(versions) - 1)
        start = np.array([versions[-1 - old] for old in stale])
        trained = train_clients(task, start, selected(task, turn), turn - stale, LOCAL)
        versions.append(buffered_step(versions[-1], trained.params - start, stale, 0.5, 1.0))
    assert score(task, versions[-1]).accuracy > 0.88


def test_gossip_learns_without_a_server(digits):
    """All nodes train, then each ring of neighbours mixes; the nodes' mean accuracy rises above what one alone has."""
    task, ring = digits(1, None), mixing_matrix(100, [(n, (n + 1) % 100) for n in range(100)])
    alone = together = np.tile(initial_params(task), (100, 1))
    for turn in range(10):
        alone = train_clients(task, alone, range(100), turn, LOCAL).params
        together = mix(train_clients(task, together, range(100), turn, LOCAL).params, ring)
    assert score(task, together).accuracy > score(task, alone).accuracy + 0.05


def test_one_neuron_learns_the_line():
    """x1 + x2 > 1.5: both weights alike, and the bias about -1.5 of them; samples above the line are denser."""
    spec = TaskSpec.model_validate({"data": "one-neuron", "model": "neuron", "clients": 1})
    task = build_task(spec, Streams(1), "line")
    params = train_clients(task, initial_params(task), [0], 0, Local(60, 10, 1.0)).params[0]
    assert score(task, params).accuracy > 0.97
    assert params[1] / params[0] == pytest.approx(1.0, abs=0.1)
    assert params[2] / params[0] == pytest.approx(-1.5, abs=0.2)
