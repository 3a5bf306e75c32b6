"""Dates follow their zones, and luck follows its name."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from simulator.engine.clock import Clock
from simulator.engine.rng import Streams

NOON = Clock(datetime(2025, 3, 30, 0, 30, tzinfo=UTC))


def test_local_time_jumps_where_summer_time_begins():
    """Paris goes from 2 h to 3 h at 1 h UTC on 30 March 2025."""
    assert NOON.local(0.0, "Europe/Paris").hour == 1
    assert NOON.local(3600.0, "Europe/Paris").hour == 3


def test_a_date_and_its_moment_are_inverse():
    assert NOON.at_s(NOON.date(1234.5)) == 1234.5
    assert NOON.at_s(NOON.local(1234.5, "Asia/Kolkata")) == 1234.5


def test_a_date_without_offset_is_refused():
    with pytest.raises(ValueError, match="no offset"):
        NOON.at_s(datetime(2025, 1, 1))


def draws(streams, *key):
    return tuple(streams.generator(*key).random(3))


def test_every_part_of_the_key_gives_another_stream():
    keys = [("speed", "a", 0), ("speed", "a", 1), ("speed", "b", 0), ("luck", "a", 0), ("speeda", "", 0)]
    found = {draws(Streams(seed), *key) for seed in (1, 2) for key in keys}
    assert len(found) == 2 * len(keys)


def test_an_extra_draw_leaves_the_other_streams_untouched():
    streams = Streams(7)
    before = draws(streams, "speed", "b")
    streams.generator("speed", "a").random(1000)
    assert draws(streams, "speed", "b") == before


def test_streams_are_the_same_in_another_process_whatever_its_hash_seed():
    draw = "S(7).generator('speed', 'phone', 3).integers(0, 2**63, 4)"
    code = f"from simulator.engine.rng import Streams as S; print(*{draw})"
    printed = set()
    for seed in ("0", "1"):
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        printed.add(tuple(done.stdout.split()))
    assert printed == {tuple(map(str, Streams(7).generator("speed", "phone", 3).integers(0, 2**63, 4)))}
