"""Ranges of sampled factors: two ends of one unit, and what lies between them on a scale.

    linear: low + u (high - low)        log: low (high / low)^u        0 <= u <= 1

Rounded to 12 significant digits, so that a value is the same text on every machine.
"""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from simulator.errors import QuantityError
from simulator.spec import shown
from simulator.units import DIMENSIONS, parse

SCALES = {"linear": "equal differences", "log": "equal ratios"}
_QUANTITY = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S.*?)?\s*")


class Ends(NamedTuple):
    """A range: its ends, the unit that both have (empty for plain numbers), its scale, whether in whole numbers."""

    low: float
    high: float
    unit: str
    scale: str
    whole: bool

    def at(self, share: float) -> float:
        """The value at a share of the way from the low end to the high one.

        >>> Ends(1.0, 100.0, "", "log", False).at(0.5), Ends(0.0, 9.0, "", "linear", True).at(0.55)
        (10.0, 5.0)
        """
        if self.whole:
            return min(self.high, self.low + math.floor(share * (self.high - self.low + 1)))
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + share * (self.high - self.low)
        return min(self.high, max(self.low, float(f"{value:.12g}")))

    def said(self, value: float) -> Any:
        """The value as a scenario says it: with its unit, or as a plain number."""
        if self.whole:
            return f"{int(value)} {self.unit}" if self.unit else int(value)
        return f"{value:.12g} {self.unit}" if self.unit else value


def parse_range(ends: list[Any], scale: str, whole: bool) -> Ends | str:
    """The range that two ends make, or the sentence that says why they make none."""
    found = [_end(value) for value in ends]
    if len(found) != 2 or None in found:
        return f"expected two numbers or quantities such as `[1, 100]` or `[1 Gbps, 100 Gbps]`, found {_told(ends)}"
    (low, unit), (high, other) = (end for end in found if end is not None)
    if unit != other:
        return f"one end is in {unit or 'no unit'}, the other in {other or 'no unit'}; write both in one unit"
    if not low < high:
        return f"goes from {low:g} to {high:g}; write the lower end first"
    if scale == "log" and low <= 0:
        return f"a log scale needs ends above 0, found {low:g}"
    if whole and (low != int(low) or high != int(high)):
        return f"whole numbers have whole ends, found {low:g} and {high:g}"
    if whole and scale == "log":
        return "whole numbers are drawn on a linear scale; take `whole` or `scale` out"
    return Ends(low, high, unit, scale, whole)


def find_numbers(values: Sequence[Any]) -> tuple[list[float], str] | None:
    """The numbers of quantities that are all in one unit, and that unit; None for anything else.

    >>> find_numbers(["1 h", "2.5 h"]), find_numbers(["1 h", "30 min"]), find_numbers(["NO", "PL"])
    (([1.0, 2.5], 'h'), None, None)
    """
    found = [_end(value) if isinstance(value, str) else None for value in values]
    if not found or None in found or any(not _is_quantity(value) for value in values):
        return None
    units = {end[1] for end in found if end is not None}
    return ([end[0] for end in found if end is not None], units.pop()) if len(units) == 1 else None


def _is_quantity(text: str) -> bool:
    for dimension in DIMENSIONS:
        with suppress(QuantityError):
            parse(text, dimension)
            return True
    return False


def _end(value: Any) -> tuple[float, str] | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (float(value), "") if math.isfinite(value) else None
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    try:
        return None if match is None else (float(match[1]), match[2] or "")
    except ValueError:
        return None


def _told(ends: list[Any]) -> str:
    return f"[{', '.join(shown(value) for value in ends)}]"
