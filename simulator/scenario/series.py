"""Grid intensities that a scenario brings along: a CSV beside it, a date and a value a row.

    at,gco2e_per_kwh
    2025-01-06T00:00+01:00,41.2
    2025-01-06T01:00+01:00,39.8

or an export of Electricity Maps, NESO or another (grid_csv.py), whose times may be of local clocks
(stamps.py). Times rise from row to row. Each value holds until the next; the last one for as long as
the step before it, where all steps are equal, else not at all. Paths are relative to the scenario
file. A run outside of the series is an error.

In an export the commonest step is the step: where a value is missing, or a row, the file is refused, or
the value before is held if the scenario says so, and the result lists for how many hours. In the form above
steps may differ, unless the scenario says what to do with gaps; where most are equal, longer ones are listed
as held too. Nothing is ever interpolated.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import ValidationError

from simulator.engine.clock import Clock
from simulator.engine.series import Series
from simulator.errors import UsageError
from simulator.hardware.datacenter import Place
from simulator.hardware.grid import GridSeries, find_timezone, series_of
from simulator.scenario.grid_csv import Columns, find_columns, keep_zone
from simulator.scenario.stamps import find_clocks, read_stamp
from simulator.units import show_count

KEY = "grid_series"
HELD = "held grid values: "
"""What begins the name of an assumption: that the last value holds where a file has none."""
MOST_GCO2E_PER_KWH = 1e6
"""No electricity is heavier by far."""
MOST_BYTES = 64 << 20
MISSING = {"", "-", "n/e", "n/a", "na", "null", "none"}
"""What exports write where they have no value."""
_SHOWN = 3


class Dated(NamedTuple):
    """A series by date, as its file has it: dates, values, when the last value ends, the file's SHA-256."""

    dates: tuple[datetime, ...]
    values: tuple[float, ...]
    end: datetime
    sha256: str
    source: str = ""
    """What it is of, in words."""
    held_s: float = 0.0
    """For how long values hold where the file has none."""


class Row(NamedTuple):
    """A row that was read: its line, its date, and its value; None where the file has none."""

    line: int
    date: datetime
    value: float | None


def read_series(path: Path, said: GridSeries | None = None) -> Dated:
    """Read a grid series; raises UsageError with file, line and what to write."""
    said = GridSeries(file=str(path)) if said is None else said
    content, table = _read_table(path)
    columns = find_columns(f"{path}:1", table[0] if table else (), said)
    lines = [(number, row) for number, row in enumerate(table[1:], 2) if row]
    for number, row in lines:
        if len(row) != len(table[0]):
            raise UsageError(f"{path}:{number}", f"has {len(row)} cells", f"the header has {len(table[0])}")
    lines = [lines[place] for place in keep_zone(str(path), lines, columns.zone, said.zone)]
    zone = _clocks(path, table[0][columns.time], said)
    may_lack = bool(columns.basis) or said.gaps is not None
    rows = list(_rows(path, lines, columns, zone, may_lack))
    for before, after in pairwise(rows):
        if after.date <= before.date:
            raise UsageError(
                f"{path}:{after.line}", "is not later than the row before", "put the rows in order of time"
            )
    if sum(row.value is not None for row in rows) < 2:
        raise UsageError(str(path), "has less than two values", "give one row a step")
    step, times = _step(rows)
    regular = may_lack or 2 * times >= len(rows)
    on_gaps = said.gaps or ("refuse" if may_lack else "hold")
    held_s, gaps = _check_gaps(path, rows, step, on_gaps) if regular else (0.0, 0)
    source = _source(said, table[0][columns.value].strip(), columns, lines)
    source += f"; the value before held over {show_count(gaps, 'gap')}, {held_s / 3600:g} h in all" if gaps else ""
    known = [(row.date, row.value) for row in rows if row.value is not None]
    end = _end([row.date for row in rows]) if not may_lack else known[-1][0] + step
    dates, values = zip(*known, strict=True)
    return Dated(dates, values, end, hashlib.sha256(content).hexdigest(), source, held_s)


def _read_table(path: Path) -> tuple[bytes, list[list[str]]]:
    try:
        if path.stat().st_size > MOST_BYTES or not path.is_file():
            state = "is too large" if path.is_file() else "is no file"
            raise UsageError(str(path), state, f"name a CSV of at most {MOST_BYTES >> 20} MiB beside the scenario")
        content = path.read_bytes()
        return content, list(csv.reader(content.decode("utf-8-sig").splitlines()))
    except OSError as error:
        state = f"cannot be read ({error.strerror})"
        raise UsageError(str(path), state, "paths are relative to the scenario") from None
    except UnicodeDecodeError:
        raise UsageError(str(path), "is not UTF-8 text", "save it as UTF-8") from None
    except csv.Error as error:
        raise UsageError(str(path), f"is no CSV ({error})", "save it as one, with commas") from None


def _clocks(path: Path, header: str, said: GridSeries) -> ZoneInfo | None:
    """Whose clocks the times are of that have no offset; None where they must have one."""
    named = find_clocks(header)
    if named is not None and said.timezone not in (None, named):
        state = f"has the times of {named}, as its header says"
        raise UsageError(f"{path}:1", state, f"leave `timezone: {said.timezone}` out")
    return find_timezone(named or said.timezone or "")


def _rows(
    path: Path, lines: Sequence[tuple[int, list[str]]], columns: Columns, zone: ZoneInfo | None, may_lack: bool
) -> Iterator[Row]:
    before: datetime | None = None
    for number, cells in lines:
        where, time, text = f"{path}:{number}", cells[columns.time], cells[columns.value].strip()
        is_missing = may_lack and text.casefold() in MISSING
        try:
            stamp = read_stamp(time, zone, before)
            value = None if is_missing else float(text)
        except ValueError:
            raise UsageError(where, "is no date and number", "write such as `2025-01-06T00:00+01:00,41.2`") from None
        if stamp.date.tzinfo is None:
            remedy = f"write such as `{time.strip()}+01:00`, or say whose clocks as `timezone:`"
            raise UsageError(where, "has no offset from UTC", remedy)
        if stamp.is_left_out:
            if is_missing:
                continue
            state = f"has a value at {time.strip()}, an hour that the clocks of {zone} left out"
            raise UsageError(where, state, "take the row out, or name other clocks")
        if value is not None and not 0 <= value <= MOST_GCO2E_PER_KWH:
            raise UsageError(where, f"has the intensity {text}", f"0 to {MOST_GCO2E_PER_KWH:g} gCO2e/kWh is known")
        before = stamp.date
        yield Row(number, stamp.date, value)


def _step(rows: Sequence[Row]) -> tuple[timedelta, int]:
    """The commonest step, the shortest of those that are, and how often it is taken."""
    counts = Counter(after.date - before.date for before, after in pairwise(rows))
    return min(counts.items(), key=lambda found: (-found[1], found[0]))


def _check_gaps(path: Path, rows: Sequence[Row], step: timedelta, on_gaps: str) -> tuple[float, int]:
    """For how long the value before is held, and in how many gaps; raises UsageError where they are refused."""
    known = [row for row in rows if row.value is not None]
    gaps = [(at, after.date - at.date - step) for at, after in pairwise(known) if after.date - at.date > step]
    held_s = sum(gap.total_seconds() for _, gap in gaps)
    if gaps and on_gaps != "hold":
        first, gap = gaps[0]
        listed = ", ".join(str(at.line) for at, _ in gaps[:_SHOWN]) + (" ..." if len(gaps) > _SHOWN else "")
        state = f"is followed by {gap.total_seconds() / 3600:g} h without a value (steps are of {step})"
        if len(gaps) > 1:
            state += f"; {len(gaps)} gaps of {held_s / 3600:g} h in all, after lines {listed}"
        remedy = "fill them in the file, or say `gaps: hold` for the value before each to hold"
        raise UsageError(f"{path}:{first.line}", state, remedy)
    return held_s, len(gaps)


def _source(said: GridSeries, header: str, columns: Columns, lines: Sequence[tuple[int, list[str]]]) -> str:
    if not columns.basis:
        return f"the file {said.file}"
    zone = f", zone {said.zone}" if said.zone else ""
    text = f"the file {said.file}, column `{header}`{zone}: {columns.basis}"
    if columns.estimated is None:
        return text
    flagged = sum(cells[columns.estimated].strip().casefold() == "true" for _, cells in lines)
    return f"{text}; {flagged} of {len(lines)} values estimated by its publisher"


def _end(dates: Sequence[datetime]) -> datetime:
    steps = {after - before for before, after in pairwise(dates)}
    return dates[-1] + steps.pop() if len(steps) == 1 else dates[-1]


def series_in(data: Any) -> Iterator[tuple[tuple[str, ...], GridSeries]]:
    """Every series that raw data names and where; malformed ones left out."""
    world = data.get("world") if isinstance(data, dict) else None
    places = world.get("datacenters") if isinstance(world, dict) else None
    for name, raw in places.items() if isinstance(places, dict) else ():
        said = raw.get(KEY) if isinstance(raw, dict) else None
        try:
            found = None if said is None else GridSeries.model_validate(series_of(said))
        except ValidationError:
            continue  # told where the shape of the scenario is
        if found is not None and (found.timezone is None or find_timezone(found.timezone)):
            yield ("world", "datacenters", name, KEY), found


def read_all(data: Any, folder: Path) -> Iterator[tuple[tuple[str, ...], GridSeries, Dated | UsageError]]:
    """Every series that raw data names: where it is named, what is said of it, and what was read or went wrong."""
    for place, said in series_in(data):
        try:
            yield place, said, read_series(folder / said.file, said)
        except UsageError as error:
            yield place, said, error


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


def check_end(series: Mapping[GridSeries, Dated], places: Iterable[Place], clock: Clock, end_s: float) -> None:
    """Raise UsageError where a run went on beyond a series, or beyond the years of a shape."""
    ends = {said.file: dated.end.astimezone(UTC) for said, dated in series.items() if end_s > clock.at_s(dated.end)}
    for place in places:
        if any(end_s > signal.series.end_s for signal in place.signals):
            ends.setdefault(f"the grid of {place.name}", clock.date(min(s.series.end_s for s in place.signals)))
    for what, end in ends.items():
        state = f"it ends at {end.isoformat()}, and the run at {clock.date(end_s).isoformat()}"
        raise UsageError(what, state, "give a longer file, or a `horizon`")
