"""Grid intensities that a scenario brings along: a CSV beside it, a date and a value a row.

    at,gco2e_per_kwh
    2025-01-06T00:00+01:00,41.2
    2025-01-06T01:00+01:00,39.8

Dates are ISO 8601 with their offset from UTC and rise from row to row. Each value holds until
the next; the last one for as long as the step before it, where all steps are equal, else not
at all. Paths are relative to the scenario file. A run outside of the series is an error.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.engine.clock import Clock
from simulator.engine.series import Series
from simulator.errors import UsageError

COLUMNS = ("at", "gco2e_per_kwh")
KEY = "grid_series"
MOST_GCO2E_PER_KWH = 1e6
"""No electricity is heavier by far."""
MOST_BYTES = 64 << 20


class Dated(NamedTuple):
    """A series by date, as its file has it: dates, values, when the last value ends, the file's SHA-256."""

    dates: tuple[datetime, ...]
    values: tuple[float, ...]
    end: datetime
    sha256: str


def read_series(path: Path) -> Dated:
    """Read a grid series; raises UsageError with file, line and what to write."""
    try:
        if path.stat().st_size > MOST_BYTES or not path.is_file():
            state = "is too large" if path.is_file() else "is no file"
            raise UsageError(str(path), state, f"name a CSV of at most {MOST_BYTES >> 20} MiB beside the scenario")
        content = path.read_bytes()
        lines = content.decode("utf-8").splitlines()
    except OSError as error:
        state = f"cannot be read ({error.strerror})"
        raise UsageError(str(path), state, "paths are relative to the scenario") from None
    except UnicodeDecodeError:
        raise UsageError(str(path), "is not UTF-8 text", "save it as UTF-8") from None
    table = list(csv.reader(lines))
    if not table or tuple(cell.strip() for cell in table[0]) != COLUMNS:
        raise UsageError(f"{path}:1", "has other columns", f"the first line is `{','.join(COLUMNS)}`")
    read = [(number, *_row(path, number, row)) for number, row in enumerate(table[1:], 2) if row]
    if len(read) < 2:
        raise UsageError(str(path), "has less than two values", "give one row a step")
    for (_, before, _), (number, after, _) in pairwise(read):
        if after <= before:
            raise UsageError(f"{path}:{number}", "is not later than the row before", "put the rows in order of time")
    _, dates, values = zip(*read, strict=True)
    return Dated(dates, values, _end(dates), hashlib.sha256(content).hexdigest())


def _row(path: Path, number: int, row: list[str]) -> tuple[datetime, float]:
    where = f"{path}:{number}"
    if len(row) != len(COLUMNS):
        raise UsageError(where, f"has {len(row)} cells", "a row is a date and a value")
    try:
        date = datetime.fromisoformat(row[0].strip())
        value = float(row[1])
    except ValueError:
        raise UsageError(where, "is no date and number", "write such as `2025-01-06T00:00+01:00,41.2`") from None
    if date.tzinfo is None:
        raise UsageError(where, "has no offset from UTC", f"write such as `{row[0].strip()}+01:00`")
    if not 0 <= value <= MOST_GCO2E_PER_KWH:
        raise UsageError(
            where, f"has the intensity {row[1].strip()}", f"0 to {MOST_GCO2E_PER_KWH:g} gCO2e/kWh is known"
        )
    return date, value


def _end(dates: tuple[datetime, ...]) -> datetime:
    steps = {after - before for before, after in pairwise(dates)}
    return dates[-1] + steps.pop() if len(steps) == 1 else dates[-1]


def read_all(data: Any, folder: Path) -> Iterator[tuple[tuple[str, ...], str, Dated | UsageError]]:
    """Every series that raw data names: where it is named, its path as written, and what was read or went wrong."""
    world = data.get("world") if isinstance(data, dict) else None
    places = world.get("datacenters") if isinstance(world, dict) else None
    for name, raw in places.items() if isinstance(places, dict) else ():
        path = raw.get(KEY) if isinstance(raw, dict) else None
        if isinstance(path, str):
            try:
                yield ("world", "datacenters", name, KEY), path, read_series(folder / path)
            except UsageError as error:
                yield ("world", "datacenters", name, KEY), path, error


def on_clock(dated: Dated, clock: Clock) -> Series:
    """The series in simulated seconds."""
    at_s = np.array([clock.at_s(date) for date in dated.dates])
    return Series(at_s, np.array(dated.values), clock.at_s(dated.end))


def find_gap(dated: Dated, start: datetime, horizon_s: float | None) -> str | None:
    """Why the series does not cover the run, as a sentence; None where it does, as far as that is known."""
    series = on_clock(dated, Clock(start))
    if series.at_s[0] > 0:
        return f"it begins at {dated.dates[0].isoformat()}, after the start, {start.isoformat()}"
    if series.end_s <= 0 or (horizon_s is not None and horizon_s > series.end_s):
        return f"it ends at {dated.end.isoformat()}, before the horizon; give a longer file or a shorter horizon"
    return None


def check_end(series: Mapping[str, Dated], clock: Clock, end_s: float) -> None:
    """Raise UsageError where a run went on beyond a series."""
    for path, dated in series.items():
        if end_s > clock.at_s(dated.end):
            ends = (dated.end.astimezone(UTC), clock.date(end_s))
            state = "it ends at {}, and the run at {}".format(*(end.isoformat() for end in ends))
            raise UsageError(path, state, "give a longer file, or a `horizon`")
