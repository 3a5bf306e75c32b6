"""Power that places have beside what is asked of them, such as a roof's that nobody uses, and what of it users took.

    P(t) = peak x sin(pi (h - 6 h) / 12 h)   from h = 6 h to 18 h, else 0      h: solar time, UTC + longitude / 15 deg/h

A clear day at the equinox, every day of the year, at every latitude: clouds and seasons are not modelled, and
what is forecast is what comes. One peak yields peak x 24 h / pi a day. All devices of a place share what it has;
several workloads take theirs as if alone. What it carried is counted over the stretches that a round is recorded
in (record.py), an eighth of it each: the lesser of what devices drew and what there was. The rest is the grid's.
What it carried is no less CO2e in any total: all that devices draw is charged with the intensity of their place's
grid, and this is told beside it, for whether excess is clean, and whose it is, is another's word.
"""

from collections.abc import Iterator, Mapping
from math import pi
from typing import NamedTuple

import numpy as np

from simulator.catalogue import find
from simulator.engine.clock import Clock
from simulator.engine.spill import Floats
from simulator.units import SECONDS_PER_DAY

_RISE_S, _LIGHT_S = SECONDS_PER_DAY / 4, SECONDS_PER_DAY / 2
_S_PER_DEG = SECONDS_PER_DAY / 360


class Took(NamedTuple):
    """What devices of a place drew for a workload, and how much of it its excess carried."""

    workload: str
    city: str
    drawn_j: float
    excess_j: float


class Excess:
    """What the cities of a crowd have beside what is asked of them; nothing where none is said."""

    __slots__ = ("_cities", "_noon_w", "_since_rise_s", "_took")

    def __init__(self, peaks_w: Mapping[str, float], cities: tuple[str, ...], clock: Clock) -> None:
        by_city = {city.lower(): peak_w for city, peak_w in peaks_w.items()}
        east_deg = np.array([find("city", city).number("lon_deg", "correct the row") for city in cities])
        self._cities = cities
        self._noon_w = np.array([by_city.get(city, 0.0) for city in cities])
        self._since_rise_s = clock.start.timestamp() % SECONDS_PER_DAY + east_deg * _S_PER_DEG - _RISE_S
        self._took: dict[str, Floats] = {}

    def energy_j(self, from_s: float, to_s: float) -> Floats:
        """What each city has from one moment to another.

        A place on the meridian has as much from 6 h to noon as from noon to 18 h: 12 h / pi of its peak.
        """
        return self._since_the_first_rise_j(to_s) - self._since_the_first_rise_j(from_s)

    def _since_the_first_rise_j(self, at_s: float) -> Floats:
        days, today_s = np.divmod(self._since_rise_s + at_s, SECONDS_PER_DAY)
        shone = 2.0 * days + 1.0 - np.cos(pi * np.minimum(today_s, _LIGHT_S) / _LIGHT_S)
        return np.asarray(self._noon_w * (_LIGHT_S / pi) * shone)

    def take(self, workload: str, edges_s: Floats, drawn_j: Floats) -> None:
        """Note what devices of each city drew between edges, shape (cities, edges - 1)."""
        there_j = np.diff([self.energy_j(0.0, edge_s) for edge_s in edges_s.tolist()], axis=0).T
        took = np.array([drawn_j.sum(axis=1), np.minimum(drawn_j, there_j).sum(axis=1)])
        self._took[workload] = self._took.get(workload, 0.0) + took

    def took(self) -> Iterator[Took]:
        """What devices drew, by workload and city."""
        for workload, (drawn_j, excess_j) in self._took.items():
            for number, city in enumerate(self._cities):
                yield Took(workload, city, float(drawn_j[number]), float(excess_j[number]))


def find_excess(peaks_w: Mapping[str, float] | None, cities: tuple[str, ...], clock: Clock | None) -> Excess | None:
    """What the cities of a crowd have; None where nothing is said of it."""
    if peaks_w is None:
        return None
    assert clock is not None, "whether the sun shines depends on the date"
    return Excess(peaks_w, cities, clock)
