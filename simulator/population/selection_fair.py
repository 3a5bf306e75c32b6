"""Selection that evens out: the more often a user came through, the less likely it is to be taken again.

    weight = (1 + times that an update of the user was accepted) ^ -exponent,   without replacement

At exponent 0 all are alike; the higher it is, the more even participation becomes (its Gini coefficient falls).
The draw is that of exponential clocks: each user's rings after Exp(1) / weight, and the first to ring are taken.
Of those who never came through only the first rings are drawn, for of n alike the k-th comes
after the sum of Exp(1) / (n - j), j < k (Renyi 1953): a round costs time by those who are known, not by all users.
Sources: Efraimidis & Spirakis 2006, "Weighted random sampling with a reservoir"; alpha-fairness: Mo & Walrand 2000,
"Fair end-to-end window-based congestion control".
"""

from math import inf
from typing import Literal

import numpy as np
from pydantic import Field

from simulator.engine.spill import Floats
from simulator.population.crowd import Indices
from simulator.population.pool import NOBODY, Pool
from simulator.population.utility import highest
from simulator.spec import PositiveNumber, Spec


class ByFairness(Spec):
    """Those who seldom came through rather than those who often did."""

    kind: Literal["fair"]
    exponent: PositiveNumber = Field(
        description="how much less likely who came through is taken: (1 + times) ^ -exponent"
    )


class Fair:
    """Who came through, in rising order, and how often."""

    __slots__ = ("_exponent", "_known", "_times")

    def __init__(self, spec: ByFairness) -> None:
        self._exponent = spec.exponent
        self._known, self._times = NOBODY, NOBODY

    def choose(self, pool: Pool, draw: np.random.Generator, asked: int, at_s: float) -> Indices:
        """Those who are there whose clocks ring first."""
        there = pool.among(self._known)
        known, times = self._known[there], self._times[there]
        numbers = pool.numbers(self._known)
        new = int(numbers.sum())
        rings = draw.exponential(size=len(known)) * (1.0 + times) ** self._exponent
        first = np.cumsum(draw.exponential(size=min(asked, new)) / np.arange(new, max(new - asked, 0), -1))
        taken = highest(-np.concatenate((rings, first)), asked)
        split = draw.multivariate_hypergeometric(numbers, int(np.count_nonzero(taken >= len(known))))
        return np.concatenate((known[taken[taken < len(known)]], pool.pick(draw, split, self._known)))

    def next_s(self, at_s: float) -> float:
        """It takes whoever is there."""
        return inf

    def saw(self, users: Indices, time_s: Floats, losses: Floats | None = None) -> None:
        """Count who came through, in any order, none of them twice."""
        users = np.sort(users)
        places = np.searchsorted(self._known, users)
        again = np.append(self._known, -1)[places] == users
        self._times[places[again]] += 1
        self._times = np.insert(self._times, places[~again], 1)
        self._known = np.insert(self._known, places[~again], users[~again])
