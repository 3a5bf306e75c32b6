"""The rounds to a target by a curve that the scenario gives: accuracy after so many rounds, straight lines between."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import Annotated

from pydantic import BeforeValidator

from simulator.hardware.curve import pair
from simulator.spec import Fault, PositiveNumber, Share

Point = tuple[float, float]
Curve = list[Annotated[tuple[PositiveNumber, Share], BeforeValidator(pair)]]
"""Points of a learning curve: rounds, and the accuracy after them."""


def curve_faults(points: Sequence[Point]) -> Iterator[Fault]:
    """Too few points, or rounds that do not rise."""
    if len(points) < 2:
        yield Fault(("curve",), "a curve has two points or more, such as `[[10, 0.5], [90, 0.9]]`")
    for index, (before, after) in enumerate(pairwise(points), 1):
        if after[0] <= before[0]:
            yield Fault(("curve", index), f"round {after[0]:g} comes after round {before[0]:g}; rounds rise")


def find_rounds(points: Sequence[Point], accuracy: float) -> int | None:
    """The first round after which a curve has reached an accuracy; None where it never does.

    >>> find_rounds([(10.0, 0.5), (90.0, 0.9)], 0.8), find_rounds([(10.0, 0.5), (90.0, 0.9)], 0.95)
    (70, None)
    """
    if points[0][1] >= accuracy:
        return ceil(points[0][0])
    for (before, low), (after, high) in pairwise(points):
        if high >= accuracy:
            return ceil(round(before + (after - before) * (accuracy - low) / (high - low), 9))
    return None
