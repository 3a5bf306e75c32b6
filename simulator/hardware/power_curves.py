"""Power by the load alone, from a measured curve or a logarithm that was fitted to one.

    piecewise  P = linear between the measured points (load, watts)
    log        P = a ln(b (L + c)) + d,   L = load in percent

The logarithm is Boavizta's consumption profile of CPUs, with its parameters by family in the
table `cpu_curves.csv`. It is that of one CPU, whatever its TDP.
"""

from collections.abc import Iterator
from math import log
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from simulator.catalogue import Row, find
from simulator.errors import ContradictionError
from simulator.hardware.curve import load_faults, pair, value_at
from simulator.hardware.power_fields import Power
from simulator.spec import LARGEST, Fault, PositiveNumber, Ref, Share, Spec, Watts, number

Number = Annotated[
    float, BeforeValidator(number), WithJsonSchema({"type": "number", "minimum": -LARGEST, "maximum": LARGEST})
]


class Piecewise(Spec):
    """Watts that were measured at some loads, and straight lines between them."""

    kind: Literal["piecewise"]
    points: list[Annotated[tuple[Share, Watts], BeforeValidator(pair)]] = Field(
        description="pairs `[load, watts]` from load 0 to load 1, such as `[[0, 60 W], [0.5, 300 W], [1, 400 W]]`"
    )

    def faults(self) -> Iterator[Fault]:
        """Loads that do not go from 0 up to 1, or watts that fall."""
        wrong = list(load_faults(self.points, "points"))
        yield from wrong
        for index in range(1, 0 if wrong else len(self.points)):
            before_w, power_w = self.points[index - 1][1], self.points[index][1]
            if power_w < before_w:
                sentence = f"more load never draws less, but {power_w:g} W come after {before_w:g} W"
                yield Fault(("points", index), sentence)


class LogCurve(Spec):
    """The four numbers of a logarithmic curve."""

    a: PositiveNumber = Field(description="watts by which the logarithm is multiplied")
    b: PositiveNumber = Field(description="by which load in percent plus `c` is multiplied")
    c: PositiveNumber = Field(description="added to the load in percent")
    d: Number = Field(description="watts that are added at last")


def _by_name(raw: Any) -> str:
    return "parameters" if isinstance(raw, dict | LogCurve) else "name"


class Log(Spec):
    """A CPU's draw as a logarithm of its load."""

    kind: Literal["log"]
    curve: Annotated[
        Annotated[str, Ref("cpu-curve"), Tag("name")] | Annotated[LogCurve, Tag("parameters")],
        Discriminator(_by_name),
    ] = Field(description="a CPU family of the catalogue (`xeon-gold`), or `{a: 35.6, b: 0.244, c: 9.67, d: -0.61}`")


def piecewise(spec: Piecewise, row: Row) -> Power:
    """The power function through the measured points."""
    points = tuple(spec.points)
    return lambda load, memory=0.0: value_at(points, load)


def logarithm(spec: Log, row: Row) -> Power:
    """The power function of a logarithm; raises ContradictionError where it draws less than nothing at rest."""
    a_w, b, c, d_w = _parameters(spec.curve)
    at_rest_w = a_w * log(b * c) + d_w
    if at_rest_w < 0:
        raise ContradictionError(row.id, f"its curve draws {at_rest_w:g} W at rest; correct `a`, `b`, `c` or `d`")
    return lambda load, memory=0.0: a_w * log(b * (100.0 * load + c)) + d_w


def _parameters(curve: str | LogCurve) -> tuple[float, float, float, float]:
    if isinstance(curve, LogCurve):
        return curve.a, curve.b, curve.c, curve.d
    row = find("cpu-curve", curve)
    a_w, b, c, d_w = (row.number(column, "correct the row") for column in CURVE_COLUMNS)
    return a_w, b, c, d_w


CURVE_COLUMNS = ("a_w", "b_per_percent", "c_percent", "d_w")
"""The parameters of a logarithmic curve in its table."""
