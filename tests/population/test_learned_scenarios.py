"""What the headers of shipped scenarios say of measured learning, which is what they come to."""

import pytest

import simulator as sim
from simulator.units import JOULES_PER_KWH

pytestmark = pytest.mark.unmeasured  # long, and what it runs is measured elsewhere


def widest_kwh(result, paradigm, boundary="devices"):
    return result.summary["paradigms"][paradigm]["boundaries"][boundary]["energy_j"] / JOULES_PER_KWH


def rounds(result):
    return {row["paradigm"]: row["steps"] for row in result.jobs.to_pylist() if row["kind"] == "federate"}


def by_workload_wh(result, paradigm):
    found = result.summary["paradigms"][paradigm]["by_workload"]
    return {name: share["energy_j"] / 3600 for name, share in found.items()}


def test_how_much_is_collected_decides_more_than_where_it_is_learned():
    result = sim.run("talk/federated_vs_centralised")
    assert rounds(result) == {"synchronous": 89, "asynchronous": 312}
    everything, enough = (by_workload_wh(result, name) for name in ("collect_all", "collect_enough"))
    assert everything["distribute"] == pytest.approx(12_880, abs=10)
    assert everything["collect"] + everything["train"] == pytest.approx(12_650, abs=20)
    assert enough["collect"] + enough["train"] == pytest.approx(2.7, abs=0.1)
    learned = [by_workload_wh(result, name)["federate"] for name in ("synchronous", "asynchronous")]
    assert learned == pytest.approx([250, 390], abs=3)
    tried = [
        widest_kwh(result, name, "development") - widest_kwh(result, name) for name in ("synchronous", "asynchronous")
    ]
    assert tried == pytest.approx([2.79, 2.60], abs=0.02)


def test_one_slow_hospital_holds_up_the_others():
    result = sim.run("papers/cross_silo_hospitals")
    assert rounds(result) == dict.fromkeys(("fast", "one_slow", "all_slow"), 65)
    found = [widest_kwh(result, name, "network") * 1000 for name in ("fast", "one_slow", "all_slow")]
    assert found == pytest.approx([44.2, 55.1, 32.5], abs=0.1)
    clients = "[lille/a100, lyon/a100, barcelona/a100, vienna/a100, amsterdam/a100, munich/t4]"
    smallest = sim.run(
        "papers/cross_silo_hospitals", values={"paradigms.one_slow.0.federate.clients": clients}, paradigm="one_slow"
    )
    assert widest_kwh(smallest, "one_slow", "network") * 1000 == pytest.approx(41.4, abs=0.1)


def test_rounds_of_digits():
    result = sim.run("small/digits_rounds")
    assert rounds(result) == {"fedavg": 14, "fedprox": 14, "fedadam": 11, "fedavg_8_bits": 14}
    assert widest_kwh(result, "fedavg", "facility") * 1000 == pytest.approx(16.5, abs=0.1)
    assert widest_kwh(result, "fedavg") * 1000 == pytest.approx(18.9, abs=0.1)


def test_versions_of_digits():
    result = sim.run("small/digits_versions")
    assert rounds(result) == {"synchronous": 10, "asynchronous": 31}
    times_s = [result.summary["paradigms"][name]["done_s"] for name in ("synchronous", "asynchronous")]
    assert times_s == pytest.approx([270, 139], abs=1)
    assert [widest_kwh(result, name) * 1000 for name in ("synchronous", "asynchronous")] == pytest.approx(
        [14.6, 11.0], abs=0.1
    )
