"""Gossip: nodes without a server mix their models with their neighbours' until all agree.

    W_ij = 1 / (1 + max(degree_i, degree_j)) for neighbours,   W_ii = 1 - sum of the rest;   w = W w

Metropolis-Hastings weights: every row and column adds up to 1, so the mean of all models stays
what it is, and each node needs to know its neighbours' degrees only. A pair alone takes the
mean of both. Source: Xiao, Boyd & Kim 2007, J. Parallel Distrib. Comput. 67, equation 8.
"""

from collections.abc import Iterable

import numpy as np

from simulator.learning.arrays import Floats


def mixing_matrix(nodes: int, edges: Iterable[tuple[int, int]]) -> Floats:
    """The weights (K, K) of a graph of nodes 0 … K - 1; an edge counts once, whichever way it is given.

    >>> mixing_matrix(3, [(0, 1)]).tolist()
    [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    """
    beside = np.zeros((nodes, nodes), bool)
    for one, other in edges:
        beside[one, other] = beside[other, one] = one != other
    degree = beside.sum(axis=1)
    weights = np.where(beside, 1.0 / (1.0 + np.maximum.outer(degree, degree)), 0.0)
    return weights + np.diag(1.0 - weights.sum(axis=1))


def mix(params: Floats, weights: Floats) -> Floats:
    """The nodes' models (K, P) after each has taken its neighbours' into account."""
    return weights @ params
