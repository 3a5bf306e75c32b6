"""Arcep 2023: 25 kWh a fixed line and 30 kWh a SIM in 2021. Only the mean of its own technologies is gated."""

import pytest

import simulator as sim


@pytest.fixture(scope="module")
def found():
    return {one.name: one for one in sim.accuracy("fp-network").comparisons}


def test_the_mean_of_copper_and_fibre_is_the_mean_line_within_ten_per_cent(found):
    """34 kWh on 18.734 million lines and 9 kWh on 12.466 million: 24.0 kWh."""
    one = found["Arcep, a fixed line"]
    assert one.published == 25 * 3.6e6
    assert one.ours == pytest.approx((34 * 18.734 + 9 * 12.466) / 31.2 * 3.6e6)
    assert abs(one.error) <= 0.10
    assert one.verdict == "arithmetic, within 10%"


@pytest.mark.parametrize(
    ("name", "published", "watts"),
    [
        ("Arcep, a fixed line by the power model", 25, (5, 2, 10)),
        ("Arcep, a SIM by the power model", 30, (1.2, 0.95, 4.8)),
    ],
)
def test_the_power_model_of_the_world_is_shown_for_france_and_not_counted(found, name, published, watts):
    """Watts all year, 8766 h: nothing was fitted, and the ranges hold what was published."""
    one = found[name]
    assert one.published == published * 3.6e6
    assert [one.ours, one.low, one.high] == pytest.approx([w * 8766 * 3600 for w in watts])
    assert one.low <= one.published <= one.high
    assert one.verdict == "not counted"
    assert one.note.endswith("nothing fitted")
    assert abs(one.error) > 0.10


def test_the_summary_counts_what_is_gated():
    report = sim.accuracy("fp-network")
    assert report.summary[0].startswith("9 of 9 within their gates")
    assert report.summary[0].endswith("2 not counted")
