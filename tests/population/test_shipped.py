"""The small scenarios of users answer what their headers say."""

import pytest

import simulator as sim


def answer(name):
    """Seconds of the whole, and joules of the users' devices alone."""
    found = sim.run(f"small/{name}").summary["paradigms"]["main"]
    ladder = found["boundaries"]
    return found["duration_s"], ladder["devices"]["energy_j"] - ladder["network"]["energy_j"]


@pytest.mark.parametrize(
    ("name", "duration_s", "devices_j"),
    [("federate", 96.019, 2064.9), ("collect", 100.0032, 705.88), ("distribute", 200.0032, 1882.35)],
)
def test_the_answer_is_that_of_the_header(name, duration_s, devices_j):
    assert answer(name) == (pytest.approx(duration_s, abs=1e-3), pytest.approx(devices_j, rel=1e-4))
