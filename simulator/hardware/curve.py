"""Curves over a load from 0 to 1, given by points: linear between neighbours.

y(load) = y_k + (load - load_k) / (load_(k+1) - load_k) x (y_(k+1) - y_k),   load_k <= load <= load_(k+1)
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from simulator.spec import Fault, shown

Points = Sequence[tuple[float, float]]
"""Pairs of a load and what belongs to it, loads rising from 0 to 1."""


def pair(value: Any) -> Any:
    """A validator that takes a list of two things as a point of a curve."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        found = f"a list of {len(value)}" if isinstance(value, list) else shown(value)
        raise PydanticCustomError("pair", "expected a pair `[load, value]`, found {found}", {"found": found})
    return tuple(value)


def load_faults(points: Points, field: str) -> Iterator[Fault]:
    """Loads that do not go from 0 up to 1."""
    loads = [load for load, _ in points]
    for index in range(1, len(loads)):
        if loads[index] <= loads[index - 1]:
            sentence = f"loads rise from point to point, found {loads[index]:g} after {loads[index - 1]:g}"
            yield Fault((field, index, 0), sentence)
            return
    if not loads or loads[0] != 0.0 or loads[-1] != 1.0:
        there = f"from {loads[0]:g} to {loads[-1]:g}" if loads else "no point"
        yield Fault((field,), f"a curve says what is at load 0, at load 1 and between; there is {there}")


def value_at(points: Points, load: float) -> float:
    """What the curve says at a load; never beyond the two points that it lies between.

    >>> [value_at([(0.0, 100.0), (0.5, 300.0), (1.0, 400.0)], load) for load in (0.0, 0.25, 0.5, 1.0)]
    [100.0, 200.0, 300.0, 400.0]
    """
    index = bisect_right(points, load, key=lambda point: point[0])
    if index == 0 or index == len(points):
        return points[min(index, len(points) - 1)][1]
    (from_load, before), (to_load, after) = points[index - 1], points[index]
    found = before + (load - from_load) / (to_load - from_load) * (after - before)
    low, high = min(before, after), max(before, after)
    return min(max(found, low), high)  # rounding must not leave the two points
