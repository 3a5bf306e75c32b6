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


def test_an_answer_costs_what_the_header_of_ask_says():
    """800.126 kJ of machines, 8.008 Gb x 38.02 nJ/b, 1000 x 2.1668 s x 1.5 W / 0.85."""
    ladder = sim.run("small/ask").summary["paradigms"]["main"]["boundaries"]
    machines_j, network_j, all_j = (ladder[name]["energy_j"] for name in ("accelerator", "network", "devices"))
    assert machines_j == pytest.approx(2000 * 400 + 2 * 63)
    assert network_j - machines_j == pytest.approx(8.008e9 * 38.02e-9)
    phones_s = 1000 * (2 + 8e3 / 20e6 + 8e6 / 50e6 + 2 * 656 * 4.9e-6)
    assert all_j - network_j == pytest.approx(phones_s * 1.5 / 0.85)
    assert all_j == pytest.approx(804.3e3, rel=1e-4)
