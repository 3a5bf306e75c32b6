"""Times as exports write them, in UTC: with an offset, of a header's clocks, or of clocks that the scenario names.

    2025-01-06T00:00+01:00      2021-01-01 00:00:00      2017-09-11T23:30Z
    27.10.2024 02:00 - 27.10.2024 03:00                  31/03/2024 01:45:00 (CET) - 31/03/2024 03:00:00 (CEST)

Of an interval the beginning counts. Of an hour that clocks had twice, the first is of summer time and the
second of winter time, unless a mark such as `(CET)` says which. Days come first only in the
intervals of ENTSO-E; elsewhere `03/04/2024` may be either day and is refused.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

CLOCKS = {
    "UTC": "UTC",
    "CET/CEST": "Europe/Brussels",
    "WET/WEST": "Europe/Lisbon",
    "EET/EEST": "Europe/Helsinki",
}
"""The time zones whose names stand in the header of a column of times, in brackets."""
OFFSETS_H = {"UTC": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}
"""The offset of each mark behind a time."""
_DAY_FIRST = re.compile(r"(\d\d)[./](\d\d)[./](\d{4}) (\d\d:\d\d(?::\d\d)?)(?: \((\w+)\))?")


class Stamp(NamedTuple):
    """A time as it is written: with its offset if that is known, and whether it is of an hour that clocks left out."""

    date: datetime
    is_left_out: bool = False


def find_clocks(header: str) -> str | None:
    """The time zone that the header of a column of times names; None where it names none.

    >>> find_clocks("MTU (CET/CEST)"), find_clocks("Datetime (UTC)"), find_clocks("at")
    ('Europe/Brussels', 'UTC', None)
    """
    return next((zone for word, zone in CLOCKS.items() if f"({word})" in header.upper()), None)


def read_stamp(text: str, zone: ZoneInfo | None, before: datetime | None) -> Stamp:
    """A time with its offset, where something says it; `before` is the time of the row before.

    Raises ValueError for what is no time.

    >>> paris, twice = ZoneInfo("Europe/Paris"), "27.10.2024 02:00 - 27.10.2024 03:00"
    >>> first = read_stamp(twice, paris, None).date
    >>> [at.astimezone(UTC).hour for at in (first, read_stamp(twice, paris, first).date)]
    [0, 1]
    >>> read_stamp("2024-03-31 02:00", paris, None).is_left_out
    True
    """
    match = _DAY_FIRST.match(text.strip())
    if match is None:
        date, mark = datetime.fromisoformat(text.strip()), None
    else:
        day, month, year, time, mark = match.groups()
        date = datetime.fromisoformat(f"{year}-{month}-{day}T{time}")
    if mark is not None:
        if mark not in OFFSETS_H:
            raise ValueError(mark)
        return Stamp(date.replace(tzinfo=timezone(timedelta(hours=OFFSETS_H[mark]))))
    if date.tzinfo is not None or zone is None:
        return Stamp(date)
    return Stamp(_in_order(date, zone, before), _is_left_out(date, zone))


def _in_order(date: datetime, zone: tzinfo, before: datetime | None) -> datetime:
    """The first of the hours of that name that is later than the row before; the last if none is."""
    first, second = (date.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first if before is None or first > before else second


def _is_left_out(date: datetime, zone: tzinfo) -> bool:
    there_and_back = date.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None) != date
