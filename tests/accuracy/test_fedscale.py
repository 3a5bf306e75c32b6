"""FedScale's virtual clock: asynchronous over synchronous, 0.68 of the time and 1.8 times the rounds. No gate."""

import re

import pytest

import simulator as sim
from simulator.catalogue import rows


@pytest.fixture(scope="module")
def report():
    return sim.accuracy("fl-pace")


def interval(one):
    """The ends of the interval that a row shows."""
    return tuple(map(float, re.search(r"\[(\S+), (\S+)\]", one.what).groups()))


def test_the_table_has_the_ratios_of_its_clock():
    found = rows("federated")
    hours = [found[f"fedscale-{way}"].number("time_h", "") for way in ("async", "sync")]
    assert hours == pytest.approx([18913 / 3600, 27618 / 3600], rel=1e-5)
    assert found["fedscale-time"].number("value_ratio", "") == pytest.approx(18913 / 27618, abs=5e-4)
    assert found["fedscale-rounds"].number("value_ratio", "") == 180 / 100


def test_tuned_on_digits_not_waiting_is_faster_in_more_rounds(report):
    print(*report.summary, *report.comparisons, *report.aside.lines, sep="\n")
    (_, time_high), (rounds_low, _) = (interval(one) for one in report.comparisons)
    assert time_high < 1.0 < rounds_low
    assert report.passed
    assert {one.verdict for one in report.comparisons} == {"no gate"}


def test_the_best_rate_of_each_way_is_within_its_grid(report):
    """On its edge it would not be known whether the tuning had come far enough."""
    minutes = {line[0]: float(line[2].split()[0]) for line in report.aside.lines}
    for way in ("sync", "async"):
        own = {label: value for label, value in minutes.items() if label.startswith(way)}
        best = min(own, key=own.get)
        assert "rate 0.3" in best or "rate 0.6" in best
