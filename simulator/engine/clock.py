"""Simulated seconds as dates, in UTC and in the local time of a place.

    date = start + at_s        local(date) by the IANA zone of the place

Time inside is float seconds since the scenario's `start`; days are 86 400 s of UTC (leap
seconds are not modelled). Zones come with the package `tzdata`.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Clock(NamedTuple):
    """The calendar of a run; `start` is an aware datetime.

    >>> clock = Clock(datetime(2025, 1, 6, tzinfo=UTC))
    >>> clock.local(12 * 3600.0, "Asia/Tokyo").isoformat()
    '2025-01-06T21:00:00+09:00'
    """

    start: datetime

    def date(self, at_s: float) -> datetime:
        """The UTC date of a simulated moment."""
        return self.start.astimezone(UTC) + timedelta(seconds=at_s)

    def local(self, at_s: float, zone: str) -> datetime:
        """The wall-clock date of a simulated moment in an IANA zone such as `Europe/Paris`."""
        return self.date(at_s).astimezone(ZoneInfo(zone))

    def at_s(self, date: datetime) -> float:
        """The simulated moment of a date, which must carry its offset from UTC."""
        if date.tzinfo is None:
            raise ValueError(f"{date.isoformat()} has no offset from UTC")
        return (date - self.start).total_seconds()
