"""FedZero: taking those whom excess solar power carries needs less of the grid for as many rounds than taking anybody.

The law is published, its size is of other days, clients and learnings: no gate but its sign, over five seeds.
Source: Wiesner et al. 2024, "FedZero: leveraging renewable excess energy in federated learning".
"""

import pytest

import simulator as sim
from simulator.study.intervals import mean_of

pytestmark = pytest.mark.unmeasured  # long, and what it runs is measured elsewhere

SEEDS = range(1, 6)
SCENARIO, ROUNDS = "papers/fedzero", 60
"""A day of rounds."""


def sums_kwh(result):
    """What devices drew, what excess carried of it, and what is left to the grid, by paradigm."""
    found = {}
    for row in result.table("excess").to_pylist():
        sums = found.setdefault(row["paradigm"], [0.0] * 3)
        for number, column in enumerate(("drawn_j", "excess_j", "grid_j")):
            sums[number] += row[column] / 3.6e6
    return found


@pytest.fixture(scope="module")
def days():
    fewer = {f"paradigms.{rule}.0.federate.rounds": ROUNDS for rule in ("random", "excess")}
    return [sim.run(SCENARIO, seed=seed, values=fewer) for seed in SEEDS]


def test_excess_needs_less_of_the_grid_for_as_many_rounds(days):
    saved = []
    for seed, day in zip(SEEDS, days, strict=True):
        kwh = sums_kwh(day)
        print(seed, *(f"{rule}: {kwh[rule][0]:.2f} kWh, {kwh[rule][2]:.3f} of the grid" for rule in kwh), sep="  ")
        assert kwh["excess"][0] == pytest.approx(kwh["random"][0], rel=1e-3)
        saved.append(kwh["random"][2] - kwh["excess"][2])
    found = mean_of(saved)
    print(f"kWh of the grid saved over {ROUNDS} rounds: {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]")
    assert found.low > 0.0


def test_as_many_rounds_are_played_with_as_many_clients(days):
    for day in days:
        assert {job["status"] for job in day.jobs.to_pylist()} == {"finished"}
        rounds = day.table("rounds").to_pylist()
        assert [row["accepted"] for row in rounds] == [10] * (2 * ROUNDS)


def test_the_scenario_is_as_its_header_says():
    found = sim.run(SCENARIO)
    kwh = sums_kwh(found)
    assert kwh["random"] == pytest.approx([53.1, 24.4, 28.7], abs=0.06)
    assert kwh["excess"] == pytest.approx([53.1, 53.0, 0.06], abs=0.06)
    kg = {name: one["boundaries"]["devices"]["co2e_kg"] for name, one in found.summary["paradigms"].items()}
    assert kg == pytest.approx({"random": 27.8, "excess": 29.0}, abs=0.06)
    assert [job["end_s"] / 3600 for job in found.jobs.to_pylist()] == pytest.approx([76.0, 76.0], abs=0.05)
    gini = {row["paradigm"]: row["gini"] for row in found.table("participation").to_pylist()}
    assert gini == pytest.approx({"random": 0.12, "excess": 0.18}, abs=0.006)
