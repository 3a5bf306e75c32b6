"""Times of exports in UTC: offsets, clocks that go forward and back, marks, what is no time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.scenario.stamps import find_clocks, read_stamp

PARIS = ZoneInfo("Europe/Paris")


def utc_hours(texts, zone=PARIS):
    """The hours of UTC of rows that follow each other."""
    before, found = None, []
    for text in texts:
        before = read_stamp(text, zone, before).date
        found.append(before.astimezone(UTC).strftime("%d %H:%M"))
    return found


def test_the_day_when_clocks_go_back_has_two_hours_from_2_to_3():
    """27 October 2024, Paris: 02:00 is 00:00 UTC in summer time and 01:00 UTC in winter time."""
    hours = ["01:00", "02:00", "02:00", "03:00"]
    assert utc_hours(f"27.10.2024 {hour} - 27.10.2024 0{n}:00" for n, hour in enumerate(hours)) == [
        *("26 23:00", "27 00:00", "27 01:00", "27 02:00")
    ]


def test_quarters_of_the_double_hour_begin_anew_in_winter_time():
    quarters = [f"2024-10-27 02:{minute:02}" for minute in (0, 15, 30, 45)]
    assert utc_hours([*quarters, *quarters]) == [
        f"27 {hour:02}:{minute:02}" for hour in (0, 1) for minute in (0, 15, 30, 45)
    ]


def test_the_day_when_clocks_go_forward_lacks_an_hour():
    """31 March 2024, Paris: 01:00 is 00:00 UTC, and 03:00 is 01:00 UTC; nothing is at 02:00."""
    assert utc_hours(["31.03.2024 01:00 - 31.03.2024 03:00", "31.03.2024 03:00 - 31.03.2024 04:00"]) == [
        *("31 00:00", "31 01:00")
    ]
    assert read_stamp("31.03.2024 02:00 - 31.03.2024 03:00", PARIS, None).is_left_out
    assert not read_stamp("27.10.2024 02:00 - 27.10.2024 03:00", PARIS, None).is_left_out


def test_a_mark_says_which_of_the_two_hours_it_is():
    """As the Transparency Platform writes them since its relaunch."""
    texts = [
        "27/10/2024 02:45:00 (CEST) - 27/10/2024 02:00:00 (CET)",
        "27/10/2024 02:00:00 (CET) - 27/10/2024 02:15:00 (CET)",
    ]
    assert utc_hours(texts) == ["27 00:45", "27 01:00"]
    assert utc_hours(["31/03/2024 01:45:00 (CET) - 31/03/2024 03:00:00 (CEST)"]) == ["31 00:45"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2017-09-11T23:30Z", "11 23:30"), ("2025-01-06T00:00+01:00", "05 23:00"), (" 2024-07-01 00:00:00 ", "30 22:00")],
)
def test_an_offset_wins_over_the_clocks_and_without_one_the_clocks_count(text, hour):
    assert utc_hours([text]) == [hour]


def test_without_clocks_a_time_stays_without_offset():
    assert read_stamp("2024-07-01 00:00", None, None).date == datetime(2024, 7, 1)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13-01", "31/02/2024 00:00", "01/01/2024 00:00 (PST)", "3/4/24"]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        read_stamp(text, PARIS, None)


@pytest.mark.parametrize(
    ("header", "zone"),
    [
        ("MTU (CET/CEST)", "Europe/Brussels"),
        ("MTU (UTC)", "UTC"),
        ("Time (WET/WEST)", "Europe/Lisbon"),
        ("MTU (EET/EEST)", "Europe/Helsinki"),
        ("from", None),
    ],
)
def test_a_header_may_name_its_clocks(header, zone):
    assert find_clocks(header) == zone


@given(st.integers(2000, 2030), st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"]))
@settings(max_examples=10)
def test_a_year_written_by_local_clocks_comes_back_half_hour_by_half_hour(year, name):
    """What clocks show at every half hour of UTC around the changes of a year, read again, is those half hours."""
    zone, before = ZoneInfo(name), None
    for month, days in ((3, range(8, 32)), (4, range(1, 8)), (10, range(24, 32)), (11, range(1, 8))):
        for day in days:
            for half in range(48):
                there = datetime(year, month, day, half // 2, 30 * (half % 2), tzinfo=UTC)
                shown = there.astimezone(zone).strftime("%Y-%m-%d %H:%M")
                before = read_stamp(shown, zone, before).date
                assert before.astimezone(UTC) == there
