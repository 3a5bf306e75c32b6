"""The grid of a place as a synthetic shape: a row of the catalogue drawn for the years of a run.

    intensity = mean x level(hour)      the mean of each calendar year of UTC is the mean that was asked for

Clocks are those of the place's city in winter, or those of the grid that the shape was fitted to where no city
is known. The luck of a year is keyed by the shape, the zone and the year, so that places of one grid share their
weather, and two paradigms too. A shape that was fitted north of the equator keeps the seasons of the north.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from simulator.catalogue import Row, find
from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.engine.series import Series
from simulator.engine.shape import HOUR_S, YEAR_S, Noise, Shape, Wave, levels
from simulator.hardware.grid import GridShape
from simulator.units import JOULES_PER_KWH, SECONDS_PER_DAY

MOST_YEARS = 100
"""As far ahead as a shape is drawn for a horizon."""
YEARS_WITHOUT_HORIZON = 5
"""As far ahead as it is drawn where the scenario gives none."""
STREAM = "grid shape"
_INTENSITY = "intensity_gco2e_per_kwh"
_REMEDY = "correct the row"


def read_shape(row: Row) -> Shape:
    """The shape that a row of the catalogue describes."""

    def wave(name: str, period_s: float, unit_s: float = HOUR_S, unit: str = "h") -> Wave:
        peak = row.number(f"{name}_peak_{unit}", _REMEDY)
        return Wave(row.number(f"{name}_share", _REMEDY), peak * unit_s, period_s)

    sigma, slow_share = row.number("noise_share", _REMEDY), row.number("slow_share", _REMEDY)
    taus_s = [row.number(f"{name}_h", _REMEDY) * HOUR_S for name in ("slow", "fast")]
    shares = (slow_share, 1.0 - slow_share)
    half_day_s = SECONDS_PER_DAY / 2
    return Shape(
        season=wave("season", YEAR_S, SECONDS_PER_DAY, "d"),
        weekend=Wave(row.number("weekend_share", _REMEDY), 0.0, float("inf")),
        day=(wave("day", SECONDS_PER_DAY), wave("half_day", half_day_s)),
        summer_day=(wave("summer_day", SECONDS_PER_DAY), wave("summer_half_day", half_day_s)),
        noise=tuple(Noise(sigma * share**0.5, tau_s) for share, tau_s in zip(shares, taus_s, strict=True)),
        low=row.number("low_ratio", _REMEDY),
        high=row.number("high_ratio", _REMEDY),
    )


def draw_shape(spec: GridShape, timezone: str, clock: Clock, streams: Streams, horizon_s: float | None) -> Series:
    """The intensities of each hour from the year of the start on; `timezone` is "" where no city is known."""
    row = find("grid-shape", spec.shape)
    shape, mean = read_shape(row), mean_gco2e_per_kwh(spec)
    first = clock.date(0.0).year
    parts = []
    for year in range(first, last_year(clock, horizon_s) + 1):
        offset_s = winter_offset_s(timezone, year) if timezone else row.number("utc_offset_h", _REMEDY) * HOUR_S
        luck = streams.generator(STREAM, f"{row.id} {(spec.zone or '').lower()}", year) if spec.noise else None
        parts.append(mean * levels(shape, year, offset_s, luck))
    begin_s = clock.at_s(datetime(first, 1, 1, tzinfo=UTC))
    at_s = begin_s + np.arange(sum(len(part) for part in parts)) * HOUR_S
    return Series(at_s.astype(float), np.concatenate(parts), float(at_s[-1]) + HOUR_S)


def mean_gco2e_per_kwh(spec: GridShape) -> float:
    """The mean that a shape is to have: the scenario's, or that of its zone."""
    if spec.mean is not None:
        return spec.mean * JOULES_PER_KWH * 1000.0
    assert spec.zone is not None, "presence_faults() refuses a shape without a mean"
    return find("grid", spec.zone).number(_INTENSITY, _REMEDY)


def last_year(clock: Clock, horizon_s: float | None) -> int:
    """The last calendar year that is drawn."""
    if horizon_s is None:
        return clock.date(0.0).year + YEARS_WITHOUT_HORIZON
    longest_s = MOST_YEARS * YEAR_S
    return (clock.date(0.0) + timedelta(seconds=min(horizon_s, longest_s))).year


def winter_offset_s(timezone: str, year: int) -> float:
    """How far the clocks of a time zone are ahead of UTC when none of them saves daylight.

    >>> winter_offset_s("Europe/Dublin", 2025), winter_offset_s("Australia/Sydney", 2025)
    (0.0, 36000.0)
    """
    zone = ZoneInfo(timezone)
    offsets = [datetime(year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(offset.total_seconds() for offset in offsets if offset is not None)


def describe(spec: GridShape) -> str:
    """Where its values come from, in words: from nowhere that was measured."""
    row = find("grid-shape", spec.shape)
    whose = "the scenario" if spec.zone is None else f"{find('grid', spec.zone).name}, {_said(spec.zone)}"
    luck = "with drawn noise" if spec.noise else "without noise"
    mean = f"mean {mean_gco2e_per_kwh(spec):g} gCO2e/kWh a calendar year ({whose})"
    return f"synthetic shape `{row.id}` {luck}, not measured; {mean}; shape: {row.source().source}"


def _said(zone: str) -> str:
    source = find("grid", zone).source(_INTENSITY)
    return f"{source.source} ({source.year}, {source.confidence})"


def assumption_of(spec: GridShape) -> str:
    """The value that a result lists as taken for granted, as `kind/id/column`."""
    column = "noise_share" if spec.noise else "day_share"
    return f"grid-shape/{find('grid-shape', spec.shape).id}/{column}"


def horizon_fault(horizon_s: float | None) -> str | None:
    """Why no shape can be drawn for so long a run, as a sentence; None where it can."""
    if horizon_s is None or horizon_s <= MOST_YEARS * YEAR_S:
        return None
    return f"a shape is drawn for {MOST_YEARS} years at most, and the horizon is later; give an intensity as `grid:`"
