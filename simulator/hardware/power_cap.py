"""A power cap: the clock falls until the draw stays below it, so that the work takes longer.

    P = min(model, cap)
    time = (cap / uncapped power) ^ -exponent,   1 where the model draws no more than the cap

Exponent and least share come from the table `power_cap_laws.csv`: derived from one V100 that
trains ResNet-50 between 250 W and 150 W (You, Chung and Chowdhury 2023, Zeus, NSDI), all of
whose rows, and those of an A40, stand in `power_caps.csv`. The law is within 3 % of them down
to its least share of the uncapped power; below, clocks fall ever faster and times rise far
beyond it, so that a deeper cap is refused unless the scenario says how much slower it makes
the work. Capped devices draw less than their cap in the mean (V100 4 to 9 % less, A40 10 to
14 %), so that the energy of a capped training is too high here, by 3 to 17 % of what was measured.
"""

from typing import Any, Literal

from pydantic import Field

from simulator.catalogue import Row, find
from simulator.errors import ContradictionError, MissingValueError
from simulator.hardware.power_fields import Power
from simulator.hardware.power_levels import Linear
from simulator.hardware.power_uncapped import UncappedPower, build_uncapped
from simulator.hardware.unit import SlowDown
from simulator.spec import AtLeastOne, Spec, Watts

LAW = "slow-down"
EXPONENT = f"power-cap-law/{LAW}/exponent_ratio"
"""What a run lists where it took the law's exponent."""


class Cap(Spec):
    """Another power model that never draws more than a cap."""

    kind: Literal["cap"]
    at: Watts = Field(description="watts that are never exceeded, such as `250 W`")
    of: UncappedPower = Field(Linear(), description="how much it draws without the cap")
    slow_down: AtLeastOne | None = Field(
        None, description="time with the cap over time without, where the cap is reached; by the law if left out"
    )


def slow_down(cap_share: float, exponent: float) -> float:
    """Time with a cap over time without it; the cap as a share of the uncapped power.

    1 where the cap is not reached. Source: You, Chung and Chowdhury 2023 (Zeus), from which the
    catalogue's exponent is derived.

    >>> round(slow_down(150 / 217.5, exponent=0.46), 2), slow_down(1.2, exponent=0.46)
    (1.19, 1.0)
    """
    return 1.0 if cap_share >= 1.0 else float(cap_share**-exponent)


def cap(spec: Cap, row: Row) -> Power:
    """The power function below the cap; raises ContradictionError where the device rests above it.

    Raises MissingValueError for a cap so deep that no law holds for it.
    """
    cap_w, uncapped = spec.at, build_uncapped(spec.of, row)
    if uncapped(0.0) > cap_w or cap_w == 0.0:
        sentence = f"it draws {uncapped(0.0):g} W at rest, which no cap of {cap_w:g} W can lower; raise `at`"
        raise ContradictionError(row.id, sentence)
    least_share, full_w = _law("least_share"), uncapped(1.0, 1.0)
    if spec.slow_down is None and cap_w < least_share * full_w:
        remedy = f"give `slow_down:`, time with the cap over time without, or cap it at {least_share * full_w:g} W"
        what = f"known slow-down at {cap_w / full_w:.0%} of its uncapped {full_w:g} W"
        raise MissingValueError(row.id, what, remedy)
    return lambda load, memory=0.0: min(uncapped(load, memory), cap_w)


def build_slow_down(spec: Any, row: Row) -> SlowDown:
    """How much longer work takes at a load and a use of memory; 1 for a model that is no cap."""
    if not isinstance(spec, Cap):
        return lambda load, memory: 1.0
    cap_w, given, uncapped, exponent = spec.at, spec.slow_down, build_uncapped(spec.of, row), _law("exponent_ratio")

    def longer(load: float, memory: float) -> float:
        power_w = uncapped(load, memory)
        if power_w <= cap_w:
            return 1.0
        return slow_down(cap_w / power_w, exponent) if given is None else given

    return longer


def takes_law(spec: Any, row: Row) -> bool:
    """Whether a power model is a cap that can be reached and whose slow-down is the law's."""
    return isinstance(spec, Cap) and spec.slow_down is None and build_uncapped(spec.of, row)(1.0, 1.0) > spec.at


def law_doubts(spec: Any, row: Row) -> tuple[str, ...]:
    """What is assumed of the slow-down of a power model, to be listed where it slows something down."""
    return (EXPONENT,) if takes_law(spec, row) else ()


def _law(column: str) -> float:
    return find("power-cap-law", LAW).number(column, "correct the row")
