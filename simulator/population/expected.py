"""How many users of a population may be selected in the mean of their luck, at the best and at the worst hour.

users x charging x idle x (1 - share of metered lines) x mean x (1 ± a),   a = (night/day - 1) / (night/day + 1)
"""

from typing import NamedTuple

from simulator.catalogue import rows
from simulator.population.available import Traced, find_diurnal, metered_share, swing
from simulator.population.spec import Population


class Expected(NamedTuple):
    """Users at the hour at which fewest are there, and at that at which most are."""

    least: float
    most: float


def expected_users(spec: Population) -> Expected | None:
    """How many are there; None where a trace says it, or an access technology is unknown, which is told elsewhere.

    >>> users = {"device": "smartphone", "count": 1000, "places": {"paris": 1.0}, "access": {"wifi": 0.5, "4g": 0.5}}
    >>> nights = {"state": "mains", "account": "whole", "available": "nights", "eligible": {"unmetered": True}}
    >>> tuple(round(users) for users in expected_users(Population.model_validate({**users, **nights})))
    (60, 240)
    """
    if isinstance(spec.available, Traced) or any(name.lower() not in rows("access") for name in spec.access):
        return None
    share = 1.0
    if spec.eligible is not None:
        share = spec.eligible.share
        if spec.eligible.unmetered:
            share *= sum(part * (1.0 - metered_share(name.lower())) for name, part in spec.access.items())
    diurnal = find_diurnal(spec.available)
    if diurnal is None:
        return Expected(spec.count * share, spec.count * share)
    mean, around = spec.count * share * diurnal.mean, swing(diurnal.night_over_day)
    return Expected(mean * (1.0 - around), mean * (1.0 + around))
