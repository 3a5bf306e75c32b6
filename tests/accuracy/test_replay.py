"""Arithmetic replay of published trainings: print the table, assert the band."""

import pytest

import simulator as sim
from simulator.catalogue import rows
from simulator.study.accuracy import GATE, replay_scenario
from simulator.units import show

# name, quantity: published, and where it was read
PUBLISHED = {
    ("BLOOM-176B (dynamic)", "energy_j"): 433.196 * 3.6e9,
    ("BLOOM-176B (dynamic)", "co2e_kg"): 24_690.0,
    ("GPT-3 175B", "energy_j"): 1287 * 3.6e9,
    ("GPT-3 175B", "co2e_kg"): 552_100.0,
    ("LLaMA 33B", "energy_j"): 233 * 3.6e9,
    ("LLaMA 33B", "co2e_kg"): 90_000.0,
    ("GLM-130B", "energy_j"): 442.4 * 3.6e9,
    ("Stable Diffusion v1", "co2e_kg"): 11_250.0,
}


@pytest.fixture(scope="module")
def report():
    return sim.accuracy("replay")


def test_every_published_figure_is_replayed_within_one_per_cent(report):
    for c in report.comparisons:
        print(
            f"{c.name:24}{show(c.published, c.quantity):>12}{show(c.ours, c.quantity):>12}{c.error:+8.2%}  {c.verdict}"
        )
    found = {(c.name, c.quantity): c for c in report.comparisons}
    assert {key: c.published for key, c in found.items()} == pytest.approx(PUBLISHED)
    assert GATE == 0.01
    assert all(abs(c.error) <= 0.01 for c in found.values())
    assert report.passed


def test_a_figure_whose_input_came_from_its_output_is_circular(report):
    assert {c.name for c in report.comparisons if c.verdict == "circular"} == {"Stable Diffusion v1"}
    assert {c.name for c in report.comparisons if c.verdict == "agrees, unverified"} == {"GLM-130B"}


def test_a_wrong_figure_misses_the_gate(report):
    wrong = report.comparisons[0]._replace(verdict="MISSED")
    assert not report._replace(comparisons=[wrong]).passed


def test_a_published_figure_off_by_two_per_cent_is_missed(monkeypatch):
    row = rows("training")["bloom-176b"]
    monkeypatch.setitem(row._cells, "energy_mwh", "442")
    assert not sim.accuracy("replay").passed


def test_a_replay_is_a_scenario_that_runs_through_the_engine():
    result = sim.run(replay_scenario(rows("training")["gpt-3-175b"]))
    assert list(result.summary["paradigms"]["main"]["boundaries"]) == ["server", "facility"]
    assert result.table("changes").num_rows > 0
