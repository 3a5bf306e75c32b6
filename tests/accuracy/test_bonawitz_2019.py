"""Towards federated learning at scale: over-selection, drop-outs, nights; Gboard. Figures are typed here."""

import pytest

import simulator as sim
from simulator.catalogue import find, rows
from simulator.study.federated_rounds import BUFFER, CONCURRENCY, available_by_hour, closed, played, staleness


@pytest.fixture(scope="module")
def report():
    return sim.accuracy("fl-rounds")


def test_every_gate_is_met(report):
    print(*report.summary, *report.comparisons, sep="\n")
    assert report.passed


def test_130_percent_close_in_time_and_100_percent_do_not():
    assert closed(played(1.3)) == 20
    assert closed(played(1.0)) == 0


def test_drop_outs_are_6_to_10_percent(report):
    assert rows("federated")["bonawitz-dropout"].find_range("value_share") == (0.06, 0.10)
    assert find("assumption", "client-dropout").number("value_share", "") == 0.08
    found = [one.ours for one in report.comparisons if "drop-out" in one.what]
    assert len(found) == 2
    assert all(0.06 <= share <= 0.10 for share in found)


def test_four_times_as_many_devices_at_night_by_the_local_clock():
    """0.3 x (1 + 0.6) of a million at 3 in Sydney, 0.3 x (1 - 0.6) at 15: 480 000 and 120 000."""
    hours = available_by_hour()
    assert hours.index(max(hours)) == 3
    assert hours.index(min(hours)) == 15
    assert hours[3] == pytest.approx(480_000, rel=0.01)
    assert hours[15] == pytest.approx(120_000, rel=0.02)


def test_staleness_is_concurrency_over_buffer():
    assert CONCURRENCY / BUFFER == 10
    assert staleness() == pytest.approx(10.0, rel=0.02)
    assert staleness() < 10.0


def test_gboard_emits_between_what_a_watt_and_nine_watts_say():
    """Kilograms are linear in watts: from 1 to 9 W they grow by four times what they do from 1 to 3 W."""
    report = sim.accuracy("fl-gboard")
    print(*report.summary, *report.aside.lines, sep="\n")
    (days,) = report.comparisons
    assert (days.verdict, days.published) == ("carried", 5.0)
    assert days.ours == pytest.approx(5.0, abs=0.05)
    kg = {line[0]: float(line[3]) for line in report.aside.lines}
    assert kg["as the scenario has it"] == pytest.approx(60.0, abs=1.0)
    low, high = kg["phone compute_w 1"], kg["phone compute_w 9"]
    assert (high - low) / (9 - 1) == pytest.approx((kg["as the scenario has it"] - low) / (3 - 1), rel=0.01)
    assert min(kg.values()) < 28
    assert max(kg.values()) > 80
