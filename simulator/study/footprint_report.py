"""How a published footprint is put beside ours: a row of the catalogue, our value, and what may differ.

A gate is the share by which ours may differ. A row that states why it is `excluded` is shown and not counted:
nothing is fitted to meet it. Each verdict says what kind of test it was, for arithmetic with published inputs
proves that units and sums are right, and no more.
"""

from simulator.catalogue import Row, find
from simulator.study.report import Comparison
from simulator.units import JOULES_PER_KWH, SECONDS_PER_DAY
from simulator.vocabulary import NUMBER

FIX = "correct the row"
ARITHMETIC, POWER_MODEL, PREDICTION, FORMULA = "arithmetic", "power model", "work predicted", "same formula"
"""The kinds of tests: inputs given, those of a model given, only work predicted, another tool's formula built anew."""

WH = JOULES_PER_KWH / 1e3
HOUR_S = 3600.0
FIGURES = {
    "co2e_t": ("co2e_kg", 1e3, "CO2e"),
    "total_kgco2e": ("co2e_kg", 1.0, "CO2e"),
    "energy_wh": ("energy_j", WH, "energy"),
    "energy_kwh": ("energy_j", JOULES_PER_KWH, "energy a year"),
    "draw_w": ("power_w", 1.0, "power"),
    "time_s": ("time_s", 1.0, "time"),
    "wall_time_d": ("time_s", SECONDS_PER_DAY, "time"),
    "intensity_kwh_per_gb": (NUMBER, 1.0, "kWh/GB"),
    "water_l": (NUMBER, 1.0, "litres"),
    "devices_count": (NUMBER, 1.0, "devices"),
}
"""The columns of published figures: the quantity, the size of the column's unit in its unit, its name for people."""


def published(name: str) -> Row:
    """The row of a published footprint."""
    return find("published-footprint", name)


def given(name: str, column: str) -> float:
    """What a published footprint is computed from, in the unit of the column.

    >>> given("bloom-idle", "energy_kwh")
    256646.0
    """
    return find("footprint-input", name).number(column, FIX)


def compare(
    row: Row,
    column: str,
    ours: float,
    kind: str,
    band: float,
    low: float | None = None,
    high: float | None = None,
) -> Comparison:
    """A published figure beside ours, which is in SI units; what is excluded is never missed.

    >>> found = compare(published("bloom-dynamic"), "co2e_t", 24692.172, "arithmetic", 0.005)
    >>> found.verdict, round(found.error, 5)
    ('arithmetic, within 0.5%', -0.00032)
    """
    quantity, size, what = FIGURES[column]
    if quantity == NUMBER:
        what = f"{row.name.partition(', ')[2]}, {what}"
    excluded = row.text("excluded") if "excluded" in row.columns else ""
    found = Comparison(
        row.name,
        quantity,
        "",
        row.number(column, FIX) * size,
        ours,
        "",
        row.source(column).source,
        "; ".join(part for part in (excluded, row.text("note")) if part),
        what=what,
        low=low,
        high=high,
    )
    return found._replace(verdict="not counted" if excluded else _verdict(found, kind, band))


def _verdict(found: Comparison, kind: str, band: float) -> str:
    return f"{kind}, within {100.0 * band:g}%" if abs(found.error) <= band else "MISSED"
