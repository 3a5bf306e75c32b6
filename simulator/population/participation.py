"""Who took part in a learning: by decile of speed, and how unequally.

    edges of the deciles = spread ^ z,   z the deciles of the standard normal
    Gini                 = sum (2 i - n - 1) x_i / (n sum x),   x_1 <= ... <= x_n: accepted updates of each of n users

0 says that all users had as many updates accepted, 1 - 1 / n that one had them all. Over-selection and
deadlines accept fast devices rather than slow ones: what the slow ones hold is heard less.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.population.columns import SPEED_SPREAD, spread_ratio
from simulator.population.crowd import Crowd, Indices
from simulator.population.session import Flags

ALL, DECILES = 0, 10
"""The decile of all users, where all are as fast; and how many there are else."""


class Taken(NamedTuple):
    """A decile of users by speed, from 1, the slowest: how many they are, were selected, and had updates accepted."""

    decile: int
    users: int
    selected: int
    accepted: int


class Participation:
    """Who took part in the rounds of one learning: 8 bytes a user, whatever the number of rounds."""

    __slots__ = ("_accepted", "_counts", "_crowd", "_edges", "_selected")

    def __init__(self, crowd: Crowd) -> None:
        self._crowd, self._counts = crowd, np.zeros(crowd.count, np.int64)
        self._edges = decile_edges(spread_ratio(crowd.spec.speed_spread, SPEED_SPREAD))
        self._selected, self._accepted = (np.zeros(len(self._edges) + 1, np.int64) for _ in range(2))

    def add(self, users: Indices, accepted: Flags) -> None:
        """Note who was selected for a round, and which of them were accepted."""
        decile = np.searchsorted(self._edges, self._crowd.columns().speed[users], side="right")
        self._selected += np.bincount(decile, minlength=len(self._selected))
        self._accepted += np.bincount(decile[accepted], minlength=len(self._accepted))
        np.add.at(self._counts, users[accepted], 1)

    def deciles(self) -> list[Taken]:
        """The deciles from the slowest to the fastest, or the one of all."""
        users = users_by_decile(self._crowd.columns().speed, self._edges)
        first = 1 if len(self._edges) else ALL
        rows = zip(users, self._selected.tolist(), self._accepted.tolist(), strict=True)
        return [Taken(number, *row) for number, row in enumerate(rows, first)]

    def gini(self) -> float:
        """How unequally updates were accepted from all users, those included who had none."""
        return gini(self._counts)


def decile_edges(spread_ratio: float) -> Floats:
    """The nine speeds between the deciles of a log-normal whose median is 1; none where all are alike.

    >>> decile_edges(1.0).tolist(), round(float(decile_edges(2.0)[4]), 12)
    ([], 1.0)
    """
    if spread_ratio == 1.0:
        return np.zeros(0)
    return np.array([spread_ratio ** NormalDist().inv_cdf(n / DECILES) for n in range(1, DECILES)])


def users_by_decile(speed: Floats, edges: Floats) -> list[int]:
    """How many users each decile really has: the edges are those of the law, not of those who were drawn."""
    below = [0, *(int(np.count_nonzero(speed < edge)) for edge in edges.tolist()), len(speed)]
    return np.diff(below).tolist()


def gini(counts: Indices) -> float:
    """The Gini coefficient of whole numbers, one a user; 0 where there is nothing to share.

    >>> gini(np.array([0, 0, 0, 4])), gini(np.array([2, 2])), gini(np.array([0, 0]))
    (0.75, 0.0, 0.0)
    """
    of_each = np.bincount(counts).tolist()
    n, whole, weighed, before = len(counts), 0, 0, 0
    for count, users in enumerate(of_each):
        weighed += count * users * (2 * before + users - n)  # the sum of 2 i - n - 1 over these users
        whole, before = whole + count * users, before + users
    return weighed / (n * whole) if whole else 0.0
