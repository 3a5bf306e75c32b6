"""The small scenarios of users answer what their headers say."""

import pytest
from strategies import LATENCY_S

import simulator as sim


def answer(name):
    """Seconds of the whole, and joules of the users' devices alone."""
    found = sim.run(f"small/{name}").summary["paradigms"]["main"]
    ladder = found["boundaries"]
    return found["duration_s"], ladder["devices"]["energy_j"] - ladder["network"]["energy_j"]


@pytest.mark.parametrize(
    ("name", "duration_s", "devices_j"),
    [("federate", 96.049, 2065.29), ("collect", 100.0082, 705.88), ("distribute", 200.0082, 1882.35)],
)
def test_the_answer_is_that_of_the_header(name, duration_s, devices_j):
    assert answer(name) == (pytest.approx(duration_s, abs=1e-3), pytest.approx(devices_j, rel=1e-4))


def test_an_answer_costs_what_the_header_of_ask_says():
    """800.126 kJ of machines, 8.008 Gb x 38.02 nJ/b, 1000 x 2.1768 s x 1.5 W / 0.85."""
    ladder = sim.run("small/ask").summary["paradigms"]["main"]["boundaries"]
    machines_j, network_j, all_j = (ladder[name]["energy_j"] for name in ("accelerator", "network", "devices"))
    asked_s = 8e3 / 20e6 + LATENCY_S  # both are held from the first second on, and nobody has arrived before
    assert machines_j == pytest.approx(2000 * 400 + (2 + 2 * asked_s) * 63, rel=1e-9)
    assert network_j - machines_j == pytest.approx(8.008e9 * 38.02e-9)
    phones_s = 1000 * (2 + 8e3 / 20e6 + 8e6 / 50e6 + 2 * LATENCY_S)
    assert all_j - network_j == pytest.approx(phones_s * 1.5 / 0.85)
    assert all_j == pytest.approx(804.3e3, rel=1e-4)


def rungs(result, paradigm, quantity="energy_j"):
    return {name: found[quantity] for name, found in result.summary["paradigms"][paradigm]["boundaries"].items()}


def test_the_comparison_of_the_talk_is_what_its_header_says():
    result = sim.run("talk/federated_assumed")
    centralised, federated = (rungs(result, way) for way in ("centralised", "federated"))
    assert (centralised["devices"] / 3.6e6, federated["devices"] / 3.6e6) == pytest.approx((27.4, 46.7), abs=0.05)
    assert (federated["facility"] / 3.6e6, centralised["facility"] / 3.6e6) == pytest.approx((2.5, 2.8), abs=0.05)
    kg = [rungs(result, way, "co2e_kg")["devices"] for way in ("centralised", "federated")]
    assert kg[1] / kg[0] == pytest.approx(1.8, abs=0.05)
    turns = result.table("rounds").to_pylist()
    moved_bytes = sum(turn["download_bytes"] + turn["upload_bytes"] for turn in turns)
    each_bytes = 3.50487e6 * 4
    useful_bytes = 2 * each_bytes * sum(turn["accepted"] for turn in turns)
    assert moved_bytes == pytest.approx(34e12, rel=0.02)
    assert 1 - useful_bytes / moved_bytes == pytest.approx(1 / 6, abs=0.01)


@pytest.mark.parametrize(("rounds", "energy_is_more", "co2e_is_more"), [(770, 0, 0), (800, 0, 1), (870, 1, 1)])
def test_the_order_flips_where_the_header_says(rounds, energy_is_more, co2e_is_more):
    result = sim.run("talk/federated_assumed", values={"paradigms.federated.0.federate.rounds": rounds})
    for quantity, expected in (("energy_j", energy_is_more), ("co2e_kg", co2e_is_more)):
        one, other = (rungs(result, way, quantity)["devices"] for way in ("federated", "centralised"))
        assert (one > other) == bool(expected)


def test_the_service_of_the_talk_is_what_its_header_says():
    found = sim.run("talk/stable_diffusion_service").summary["paradigms"]["main"]
    shares = {name: part["energy_j"] for name, part in found["by_workload"].items()}
    whole_j, use_j = sum(shares.values()), shares["use"]
    assert whole_j / 3.6e9 == pytest.approx(91, abs=0.5)
    assert shares["train"] / whole_j == pytest.approx(0.99, abs=0.005)
    assert use_j / whole_j == pytest.approx(0.005, abs=0.0005)
    assert shares["train"] / use_j / (365.25 / 30) == pytest.approx(16, abs=0.5)
    waiting_j, laptops_j = (found["by_activity"][name]["energy_j"] for name in ("wait", "use"))
    assert 1.1 * waiting_j / use_j == pytest.approx(0.3, abs=0.02)
    assert laptops_j / use_j == pytest.approx(0.05, abs=0.01)
