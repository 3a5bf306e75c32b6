"""Mixing matrices keep the mean of all models, and bring connected nodes together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.learning.gossip import mix, mixing_matrix

edges = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20)


@given(edges)
def test_rows_and_columns_add_up_to_1_and_nothing_is_negative(graph):
    weights = mixing_matrix(7, graph)
    assert weights.sum(axis=0) == pytest.approx(np.ones(7))
    assert weights.sum(axis=1) == pytest.approx(np.ones(7))
    assert weights.min() >= -1e-15


@given(edges, st.integers(0, 99))
def test_the_mean_of_all_models_stays_and_they_come_no_farther_apart(graph, seed):
    params = np.random.Generator(np.random.Philox(seed)).standard_normal((7, 3))
    mixed = mix(params, mixing_matrix(7, graph))
    assert mixed.mean(axis=0) == pytest.approx(params.mean(axis=0), abs=1e-12)
    assert (mixed.var(axis=0) <= params.var(axis=0) + 1e-12).all()


def test_a_star_by_hand():
    """The middle has 3 neighbours: 1/4 to each, 1/4 to itself; a tip keeps 3/4."""
    star = [[0.25, 0.25, 0.25, 0.25], [0.25, 0.75, 0, 0], [0.25, 0, 0.75, 0], [0.25, 0, 0, 0.75]]
    assert mixing_matrix(4, [(0, 1), (2, 0), (0, 3)]).tolist() == star


def test_only_neighbours_hear_of_a_node():
    weights = mixing_matrix(4, [(0, 1), (1, 2)])
    assert (weights[0, 2], weights[3].tolist()) == (0.0, [0.0, 0.0, 0.0, 1.0])


def test_an_edge_given_twice_or_to_itself_is_no_more():
    assert mixing_matrix(3, [(0, 1), (1, 0), (2, 2)]).tolist() == mixing_matrix(3, [(0, 1)]).tolist()


def test_a_ring_agrees_on_the_mean():
    ring, params = mixing_matrix(5, [(n, (n + 1) % 5) for n in range(5)]), np.arange(5.0)[:, None]
    for _ in range(200):
        params = mix(params, ring)
    assert params == pytest.approx(np.full((5, 1), 2.0))
