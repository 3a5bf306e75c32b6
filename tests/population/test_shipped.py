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
    boundaries = result.summary["paradigms"][paradigm]["boundaries"]
    return {name: found[quantity] for name, found in boundaries.items() if quantity in found}


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


@pytest.fixture(scope="module")
def service():
    return sim.run("talk/stable_diffusion_service")


def test_the_service_of_the_talk_is_what_its_header_says(service):
    found = service.summary["paradigms"]["main"]
    shares = {name: part["energy_j"] for name, part in found["by_workload"].items()}
    whole_j, use_j = sum(shares.values()), shares["use"]
    assert whole_j / 3.6e9 == pytest.approx(91, abs=0.5)
    assert shares["train"] / whole_j == pytest.approx(0.99, abs=0.005)
    assert use_j / whole_j == pytest.approx(0.005, abs=0.0005)
    assert shares["train"] / use_j / (365.25 / 30) == pytest.approx(16, abs=0.5)
    waiting_j, laptops_j = (found["by_activity"][name]["energy_j"] for name in ("wait", "use"))
    assert 1.1 * waiting_j / use_j == pytest.approx(0.3, abs=0.02)
    assert laptops_j / use_j == pytest.approx(0.05, abs=0.01)


def test_the_life_of_the_service_is_what_its_header_says(service):
    """36.65 t: 33.61 t drawn, 3.0 t made, 0.04 t beyond; the training is 99 %, use 0.3 %, three quarters of it made."""
    rungs = service.summary["paradigms"]["main"]["boundaries"]
    drawn_kg, made_kg, whole_kg = (rungs[name]["co2e_kg"] for name in ("devices", "embodied", "life_cycle"))
    assert whole_kg == pytest.approx(36_650, abs=5)
    assert drawn_kg == pytest.approx(33_610, abs=5)
    assert made_kg - drawn_kg == pytest.approx(3000, abs=50)
    assert whole_kg - made_kg == pytest.approx(40, abs=5)
    account = service.account(criterion="co2e_kg")
    shares = account.by_workload()
    assert shares["train"] / whole_kg == pytest.approx(0.99, abs=0.005)
    assert shares["use"] / whole_kg == pytest.approx(0.003, abs=0.0005)
    drawn_by_use_kg = account.by_workload(boundary="devices")["use"]
    assert drawn_by_use_kg / shares["use"] == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(("factors", "image_g", "years"), [((), 0.12, 24), ("ecologits", 0.71, 4.8)])
def test_use_of_the_service_weighs_as_much_as_all_before_it_when_its_header_says(service, factors, image_g, years):
    """All but use, over use: months of 30 days."""
    shares = service.account(factors=factors, criterion="co2e_kg").by_workload()
    use_kg = shares.pop("use")
    assert use_kg / 1e6 * 1e3 == pytest.approx(image_g, abs=0.005)
    assert sum(shares.values()) / use_kg * 30 / 365.25 == pytest.approx(years, abs=0.5 if years > 10 else 0.05)
