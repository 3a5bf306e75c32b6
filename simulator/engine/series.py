"""Outside series as step functions of simulated time, integrated exactly.

    value(t) = values[k]                     for at_s[k] <= t < at_s[k + 1]
    C(t) = integral of value from at_s[0] to t, piecewise linear between the steps

so that the integral of a power level w from t to u, weighed by the series, is w x (C(u) - C(t)).
A series is known until `end_s`; beyond it nothing may be read.
"""

from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats


class Series(NamedTuple):
    """A step function: its steps in order of time (seconds), the value from each on, and its end."""

    at_s: Floats
    values: Floats
    end_s: float

    @property
    def constant(self) -> bool:
        """Whether it has one value for ever."""
        return len(self.values) == 1

    def cumulative(self, at_s: Floats) -> Floats:
        """The integral from the first step to each moment, in the series' unit times seconds.

        >>> series = Series(np.array([0.0, 10.0]), np.array([2.0, 5.0]), 20.0)
        >>> series.cumulative(np.array([0.0, 4.0, 12.0])).tolist()
        [0.0, 8.0, 30.0]
        """
        whole = np.concatenate(([0.0], np.cumsum(self.values[:-1] * np.diff(self.at_s))))
        step = np.searchsorted(self.at_s, at_s, side="right") - 1
        assert len(step) == 0 or step.min() >= 0, "before the series begins"
        return np.asarray(whole[step] + self.values[step] * (at_s - self.at_s[step]), float)


def always(value: float) -> Series:
    """The series that has one value for ever."""
    return Series(np.zeros(1), np.array([value]), float("inf"))


def within(series: Series, end_s: float) -> Series:
    """The steps that are in force from second 0 to the end: the first begins at 0."""
    first = max(0, int(np.searchsorted(series.at_s, 0.0, side="right")) - 1)
    last = max(first + 1, int(np.searchsorted(series.at_s, end_s, side="left")))
    return Series(np.maximum(series.at_s[first:last], 0.0), series.values[first:last], series.end_s)
