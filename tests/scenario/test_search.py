"""A search for rates: who wins by it, what it costs, what it may not depend on, and what is said where none was."""

import json
import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from strategies import a_federate_scenario, a_lesson, a_sweep, loaded, run, run_sweep, two_lessons

import simulator as sim
from simulator.footprint.boundary import summarise
from simulator.record.tables import EXACT
from simulator.record.trials import Trial
from simulator.scenario.fairness import search_lines
from simulator.scenario.load import dump
from simulator.scenario.search import candidates, choose, trial_seed
from simulator.scenario.search_spec import Search
from simulator.view.progress import describe

SEARCH = {"budget": 4, "rates": [0.01, 10.0]}


@pytest.fixture(scope="module")
def untuned():
    return run(two_lessons())


@pytest.fixture(scope="module")
def tuned():
    return run(two_lessons(SEARCH))


def facility_j(result):
    return {way: found["boundaries"]["facility"]["energy_j"] for way, found in result.summary["paradigms"].items()}


def tried(result, way="small"):
    return [row for row in result.table("trials").to_pylist() if row["paradigm"] == way]


def test_tuning_each_turns_the_order_round_that_one_rate_for_both_gives(untuned, tuned):
    """At 0.02 large steps take many more epochs; with the rates that suit each the better MFU decides."""
    assert facility_j(untuned)["small"] < 0.7 * facility_j(untuned)["large"]
    assert facility_j(tuned)["small"] > 1.2 * facility_j(tuned)["large"]


def test_development_is_the_result_and_all_that_was_tried_for_it(tuned):
    for way, found in tuned.summary["paradigms"].items():
        for total, prefix in (("boundaries", ""), ("owned", "owned_")):
            for quantity in ("energy_j", "co2e_kg"):
                spent = sum(row[prefix + quantity] for row in tried(tuned, way))
                development, facility = (found[total][b][quantity] for b in ("development", "facility"))
                assert development - facility == pytest.approx(spent)
                assert spent > facility


def test_the_first_trial_has_the_scenarios_rates_and_the_others_are_the_same_for_all(tuned):
    small, large = ([row["rate"] for row in tried(tuned, way)] for way in ("small", "large"))
    assert small == large
    assert small[0] == 0.02
    assert all(0.01 <= rate <= 10.0 for rate in small[1:])
    assert len(set(small)) == 4


def test_one_trial_is_chosen_that_reached_the_target_with_the_least(tuned):
    for way in ("small", "large"):
        (best,) = (row for row in tried(tuned, way) if row["chosen"] == "yes")
        reached = [row for row in tried(tuned, way) if row["status"] == "reached"]
        assert best["energy_j"] == min(row["energy_j"] for row in reached)
        assert tuned.manifest["learning"][way]["train"]["learn"]["rate"] == best["rate"]


def test_no_trial_has_the_luck_of_the_result_or_of_another(tuned):
    seeds = [row["seed"] for row in tried(tuned)]
    assert len({1, *seeds}) == 5
    assert seeds == [row["seed"] for row in tried(tuned, "large")]
    assert seeds == [trial_seed(1, number) for number in range(4)]


def test_a_trial_draws_what_the_same_rates_draw_alone_with_its_seed(tuned):
    for row in tried(tuned, "large"):
        alone = run(two_lessons(seed=row["seed"], large=a_lesson(0.4, 100, row["rate"])))
        assert facility_j(alone)["large"] == row["energy_j"]
        assert alone.summary["paradigms"]["large"]["owned"]["facility"]["energy_j"] == row["owned_energy_j"]
        assert alone.table("scores").column("step").to_pylist()[-1] == row["rounds"]


def test_without_a_search_nothing_is_tried_and_nothing_is_added(untuned):
    assert tried(untuned) == []
    assert "development" not in untuned.summary["paradigms"]["small"]["boundaries"]
    assert "development" not in untuned.manifest["owned_boundaries"]["small"]


def test_a_way_in_which_nothing_learns_is_not_searched():
    given = [{"train": {"at": "lab/gpus", "time": "1 h"}}]
    result = run(two_lessons(SEARCH, small=a_lesson(0.1, 10), given=given))
    assert tried(result, "given") == []
    assert "development" not in result.summary["paradigms"]["given"]["boundaries"]
    assert "development" in result.summary["paradigms"]["small"]["boundaries"]


def test_where_no_trial_reaches_the_target_the_scenarios_own_rates_stand():
    way = [{"train": {**a_lesson(0.1, 100)[0]["train"], "epochs": 1}}]
    result = run(two_lessons({"budget": 3, "rates": [1e-9, 1e-8]}, way=way))
    assert [row["status"] for row in tried(result, "way")] == ["missed"] * 3
    assert [row["chosen"] for row in tried(result, "way")] == ["yes", "no", "no"]
    assert result.summary["paradigms"]["way"]["done_s"] is None


def a_trial(trial, status, energy_j, time_s, rounds):
    return Trial(trial, 0, "no", status, 0.1, None, rounds, time_s, "server", energy_j, 1.0, energy_j, 1.0)


@pytest.mark.parametrize(("minimise", "best"), [("energy", 2), ("time", 3), ("rounds", 4)])
def test_the_best_has_least_of_what_is_asked_for_and_the_first_of_equals_wins(minimise, best):
    trials = [
        a_trial(0, "reached", 5.0, 5.0, 5),
        a_trial(1, "missed", 0.0, 0.0, 0),
        a_trial(2, "reached", 1.0, 4.0, 4),
        a_trial(3, "reached", 2.0, 3.0, 4),
        a_trial(4, "reached", 2.0, 3.0, 3),
    ]
    assert choose(trials, Search(budget=5, rates=[0.1, 1.0], minimise=minimise)).trial == best


def test_candidates_are_spread_by_equal_ratios_over_both_rates():
    """Of 1000 points in the square a tenth lies in each tenth of each side."""
    search = Search(budget=1000, rates=[1e-4, 1e6], server_rates=[1e-5, 1e5])
    _, *found = candidates(search, seed=3)
    for side in ([one.rate for one in found], [one.server_rate for one in found]):
        for decade in range(10):
            low = min(search.rates if side[0] == found[0].rate else search.server_rates) * 10.0**decade
            assert sum(low <= rate < 10 * low for rate in side) == pytest.approx(100, abs=3)


PROXIMAL = {"algorithm": {"kind": "fedprox", "proximal": 1.0}, "epochs": 5, "rounds": 3}


def test_a_trial_that_diverges_has_failed_and_counts_until_then():
    """A step of 1e20 along a pull of 1 is taken back 1e20 times too far: 20 steps of that overflow."""
    learn = {"task": "digits", "rate": 0.1, "batch": 10}
    aimed = {"functional_unit": "one model", "target": {"accuracy": 0.2}}
    data = a_federate_scenario({**PROXIMAL, "learn": learn}, tasks=two_lessons()["tasks"])
    data["comparison"] = {**aimed, "search": {"budget": 3, "rates": [1e20, 1e21]}}
    result = run(data)
    own, *others = tried(result, "main")
    assert own["status"] == "reached"
    assert [row["status"] for row in others] == ["diverged"] * 2
    assert all(row["boundary"] == "devices" for row in others)
    assert 0 < others[0]["energy_j"] <= own["energy_j"] * 1.01
    assert result.jobs.to_pylist()[0]["status"] == "finished"
    with pytest.raises(sim.SimulatorError, match="diverges with a learning rate of 1e"):
        run(
            {
                **data,
                "workloads": [{"federate": {**data["workloads"][0]["federate"], "learn": {**learn, "rate": 1e20}}}],
            }
        )


def test_the_server_has_a_rate_of_its_own_where_its_algorithm_has_one():
    learn = {"task": "digits", "rate": 0.1, "batch": 10}
    data = a_federate_scenario({"algorithm": {"kind": "fedadam", "rate": 0.03}, "learn": learn, "rounds": 2})
    search = {"budget": 3, "rates": [0.01, 1.0], "server_rates": [0.001, 0.1]}
    aimed = {"functional_unit": "one model", "target": {"accuracy": 0.2}, "search": search}
    result = run({**data, "tasks": two_lessons()["tasks"], "comparison": aimed})
    first, *others = [row["server_rate"] for row in tried(result, "main")]
    assert first == 0.03
    assert all(0.001 <= rate <= 0.1 and rate != 0.03 for rate in others)


def test_progress_says_which_trial_is_under_way():
    told = []
    sim.run(loaded(two_lessons(SEARCH)), report=told.append)
    searches = dict.fromkeys((step.paradigm, describe(step, 1.0)) for step in told if "search" in step.phase)
    assert list(searches) == [(way, f"search {n} of 4") for way in ("small", "large") for n in (1, 2, 3, 4)]


def test_probes_watch_the_result_alone():
    begun = []
    probe = sim.Probe("begins", {"event": lambda at_s, event, *more: begun.append(event)})
    sim.run(loaded(two_lessons(SEARCH)), probes=[probe])
    assert begun.count("begin") == 2


def test_every_number_comes_back_from_the_exact_tables(tuned, tmp_path):
    tuned.save(tmp_path / "out")
    tables = {name: pq.read_table(tmp_path / "out" / f"{name}.parquet") for name in EXACT}
    assert summarise(tables) == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert sim.open_results(tmp_path / "out").manifest == json.loads(json.dumps(tuned.manifest))


SCRIPT = """
import sys, simulator as sim
print(sim.run(sys.argv[1]).manifest["hashes"]["manifest"])
"""


def test_the_same_seed_gives_the_same_search_whatever_the_hash_seed(tuned, tmp_path):
    file = tmp_path / "steps.yaml"
    file.write_text(dump(two_lessons(SEARCH)))
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(file)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == tuned.manifest["hashes"]["manifest"]


def test_another_seed_tries_other_rates(tuned):
    search = Search(budget=4, rates=[0.01, 10.0])
    rates = [one.rate for one in candidates(search, 1)][1:]
    assert rates == [row["rate"] for row in tried(tuned)][1:]
    assert not set(rates) & {one.rate for one in candidates(search, 2)}


def test_repeats_search_anew_alike_in_one_process_and_in_two(tmp_path):
    swept = a_sweep({"repeats": 2}, two_lessons({"budget": 2, "rates": [0.1, 1.0]}))
    here = run_sweep(swept, tmp_path / "here")
    there = sim.sweep(swept, tmp_path / "there", workers=2)
    assert here.table.equals(there.table)
    (found,) = here.compare()
    assert {line.boundary for line in found.table} == {
        *("accelerator", "facility", "development"),
        *("embodied", "life_cycle"),
    }
    assert not any("tuned" in line for line in found.warnings)


def test_repeats_of_one_rate_for_all_are_warned_of(tmp_path):
    swept = run_sweep(a_sweep({"repeats": 2}, two_lessons()), tmp_path / "out")
    (found,) = swept.compare()
    assert sum("learn with one rate (0.02), tuned for neither" in line for line in found.warnings) == 1


def test_what_the_search_found_is_told_in_the_manifest(untuned, tuned):
    found = tuned.manifest["learning"]["small"]["train"]
    assert (found["basis"], found["learn"]["given_rate"], found["learn"]["tried"]) == ("measured", 0.02, 4)
    (line, _) = search_lines(tuned.manifest["learning"])
    assert line.startswith("small/train: of 4 trainings that were tried 4 reached the target; it learns with a rate")
    assert list(search_lines(untuned.manifest["learning"])) == []
