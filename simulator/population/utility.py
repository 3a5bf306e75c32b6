"""Selection by utility: those who bring most a second, and some who were never seen.

    utility = samples x root mean square loss x (preferred / time) ^ exponent  where time > preferred, else x 1

Where no model really learns there is no loss, and the statistical part is the samples. Each place in a round
is given with probability `exploration` to somebody new, all alike; the others go to the highest
utilities of those who are there. Who never came through, for they dropped out or were late, is still new.
Times are those of the last round that a user came through. What the paper does beside that is left out: it
adds to the utility of those not seen for long, and lets chance choose near the lowest utility it takes.
A round costs time by those who are known, not by all users.
Source: Lai et al. 2021, "Oort: efficient federated learning via guided participant selection", equation 1, section 4.
"""

from typing import Literal

import numpy as np
from pydantic import Field

from simulator.engine.spill import Floats
from simulator.population.crowd import Crowd, Indices
from simulator.population.pool import NOBODY, Pool, pick_at_random
from simulator.spec import PositiveNumber, PositiveSeconds, PositiveShare, Spec


class ByUtility(Spec):
    """Those who bring most a second, and some new ones."""

    kind: Literal["utility"]
    exploration: PositiveShare = Field(description="share of a round that goes to users who were never seen")
    preferred: PositiveSeconds = Field(description="how long a session may take without being less useful")
    exponent: PositiveNumber = Field(description="how much less useful a longer one is: (preferred / time) ^ exponent")


class Utility:
    """What is known of the users who have been seen: their numbers, which rise, and how useful each is."""

    __slots__ = ("_crowd", "_known", "_scores", "_spec")

    def __init__(self, spec: ByUtility, crowd: Crowd) -> None:
        self._spec, self._crowd = spec, crowd
        self._known, self._scores = NOBODY, np.zeros(0)

    def choose(self, pool: Pool, draw: np.random.Generator, asked: int, at_s: float) -> Indices:
        """The most useful of those who are there, and some who were never seen."""
        there = pool.among(self._known)
        known, scores = self._known[there], self._scores[there]
        useful = min(asked - int(draw.binomial(asked, self._spec.exploration)), len(known))
        new = pick_at_random(pool, draw, asked - useful, self._known)
        return np.concatenate((known[highest(scores, asked - len(new))], new))

    def next_s(self, at_s: float) -> float:
        """It takes whoever is there."""
        return np.inf

    def saw(self, users: Indices, time_s: Floats, losses: Floats | None = None) -> None:
        """Note how useful users were who came through, in any order, none of them twice."""
        spec, order = self._spec, np.argsort(users)
        slow = np.minimum(spec.preferred / time_s, 1.0) ** spec.exponent
        scores = (self._crowd.columns().samples[users] * slow * (1.0 if losses is None else losses))[order]
        users = users[order]
        places = np.searchsorted(self._known, users)
        again = np.append(self._known, -1)[places] == users
        self._scores[places[again]] = scores[again]
        self._scores = np.insert(self._scores, places[~again], scores[~again])
        self._known = np.insert(self._known, places[~again], users[~again])


def highest(scores: Floats, number: int) -> Indices:
    """Where so many of the highest scores stand, or all; of equal ones the first.

    >>> highest(np.array([1.0, 3.0, 2.0, 2.0]), 2).tolist()
    [1, 2]
    """
    if number >= len(scores):
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - number)[len(scores) - number] if number else np.inf
    (above,), (equal,) = np.nonzero(scores > least), np.nonzero(scores == least)
    return np.sort(np.concatenate((above, equal[: number - len(above)])))
