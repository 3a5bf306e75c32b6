"""The data set of the talk that crosses the world does what its header says."""

import pytest

import simulator as sim

KWH_J = 3.6e6


@pytest.fixture(scope="module")
def result():
    return sim.run("talk/physical_internet")


def test_it_reaches_four_continents_in_the_time_of_its_uplinks(result):
    """220 TB at 100 Gbps: 17 600 s."""
    for row in result.table("transfers").to_pylist():
        assert row["status"] == "finished"
        assert row["end_s"] - row["begin_s"] == pytest.approx(220e12 * 8 / 100e9, rel=1e-4)


def test_the_networks_draw_what_the_header_says(result):
    found = result.summary["paradigms"]["main"]
    assert found["boundaries"]["network"]["energy_j"] / KWH_J == pytest.approx(283, abs=0.5)
    assert found["boundaries"]["network"]["co2e_kg"] == pytest.approx(90, abs=0.6)
    kwh = {name: share["energy_j"] / KWH_J for name, share in found["by_workload"].items()}
    asked = {"to-australia": 104, "to-asia": 85, "to-europe": 48, "to-south-america": 46}
    assert {name: kwh[name] for name in asked} == pytest.approx(asked, abs=0.6)


def test_europe_goes_on_over_another_cable_when_dunant_breaks(result):
    (turn,) = [event for event in result.table("events").to_pylist() if event["event"] == "reroute"]
    assert (turn["at_s"], turn["subject"]) == (7200.0, "to-europe")
    assert "exa-north-south" in turn["cause"]
    by_name = {row["workload"]: row for row in result.table("transfers").to_pylist()}
    assert {name: row["reroutes"] for name, row in by_name.items()} == {
        "to-europe": 1,
        "to-asia": 0,
        "to-south-america": 0,
        "to-australia": 0,
    }
    assert by_name["to-europe"]["waited_s"] == 0.0


def test_what_a_laptop_would_do_with_it(result):
    """22 W (the catalogue's laptop in use): 283 kWh last a year and a half."""
    from simulator.catalogue import find

    watts_w = find("device", "laptop").number("typical_use_w", "")
    energy_j = result.summary["paradigms"]["main"]["boundaries"]["network"]["energy_j"]
    assert energy_j / watts_w / 86_400 / 365.25 == pytest.approx(1.5, abs=0.05)
