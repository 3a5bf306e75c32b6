"""The Python face does what the README says."""

import math

import pytest

import simulator as sim
from simulator.record.tables import EXACT


def test_a_loaded_scenario_runs_as_its_file_does():
    assert sim.run(sim.load("small/one_gpu")).summary == sim.run("scenarios/small/one_gpu.yaml").summary


def test_values_replace_those_of_the_file():
    result = sim.run("small/one_gpu", values={"workloads.train.time": "4 h"})
    assert result.summary["paradigms"]["main"]["boundaries"]["accelerator"]["energy_j"] == 1.6 * 3.6e6


def test_values_do_not_reach_a_loaded_scenario_in_silence():
    with pytest.raises(sim.SimulatorError, match="loaded already"):
        sim.run(sim.load("small/one_gpu"), seed=3)


def test_values_may_be_plain_data():
    by_text = sim.run("small/queue", values={"world.datacenters.lab.pue": "1.5"})
    assert sim.run("small/queue", values={"world.datacenters.lab.pue": 1.5}).summary == by_text.summary


@pytest.mark.parametrize("path", ["i.jpg", "nowhere/i.png"])
def test_a_figure_that_cannot_be_written_is_refused_in_a_sentence(path, tmp_path):
    with pytest.raises(sim.SimulatorError):
        sim.run("small/one_gpu").plot.iceberg(tmp_path / path)
    with pytest.raises(sim.SimulatorError, match="there is co2e_kg, energy_j"):
        sim.run("small/one_gpu").plot.iceberg(tmp_path / "i.png", quantity="water")


def test_the_seed_is_recorded():
    assert sim.run("small/one_gpu", seed=41).manifest["seed"] == 41


def test_one_paradigm_alone_gives_the_numbers_it_gives_among_others(tmp_path):
    both = sim.run("talk/stable_diffusion_v1")
    alone = sim.run("talk/stable_diffusion_v1", tmp_path / "out", paradigm="physical")
    assert alone.summary["paradigms"] == {"physical": both.summary["paradigms"]["physical"]}
    again = sim.run(tmp_path / "out" / "scenario.yaml")
    assert again.summary == alone.summary


def test_an_unknown_paradigm_is_refused_with_the_nearest():
    with pytest.raises(sim.SimulatorError, match="did you mean `physical`"):
        sim.run("talk/stable_diffusion_v1", paradigm="phsical")


def test_every_table_of_a_result_can_be_asked_for_and_no_other():
    result = sim.run("small/queue")
    for name in (*EXACT, "jobs", "ticks"):
        assert result.table(name).num_rows > 0 or name in ("pue_curves", "trials")  # neither is there
        assert sum(piece.num_rows for piece in result.pieces(name)) == result.table(name).num_rows
    with pytest.raises(sim.SimulatorError, match="there is assets, "):
        result.table("assests")
    with pytest.raises(sim.SimulatorError, match="there is assets, "):
        result.pieces("assests")


@pytest.mark.parametrize("tick", ["0 s", "-1 h", "5 kWh", "soon"])
def test_a_tick_that_is_no_length_of_time_is_refused(tick):
    with pytest.raises(sim.SimulatorError):
        sim.run("small/one_gpu").ticks(tick)


def test_no_number_of_a_result_is_nan_or_infinite():
    result = sim.run("small/checkpoints")
    for name in (*EXACT, "jobs", "ticks"):
        for row in result.table(name).to_pylist():
            assert all(math.isfinite(value) for value in row.values() if isinstance(value, float)), (name, row)


def test_the_manifest_says_what_was_used():
    manifest = sim.run("small/queue").manifest
    assert manifest["status"] == "complete"
    assert manifest["models"] == {"lab/nodes": "linear"}
    first, *of_making = [row["id"] for row in manifest["assumptions"]]
    assert first == "host-at-load"
    assert all(name.startswith("embodied/base:") for name in of_making)
    assert manifest["tick_s"] == 600.0


def test_signals_carry_their_catalogue_row_and_source():
    rows = {
        row["signal"]: row
        for row in sim.run("talk/stable_diffusion_v1", paradigm="physical").table("signals").to_pylist()
        if row["place"] == "ashburn"
    }
    assert (rows["pue_ratio"]["value"], rows["pue_ratio"]["row"]) == (1.15, "aws:us-east-1")
    assert (rows["grid_gco2e_per_kwh"]["value"], rows["grid_gco2e_per_kwh"]["row"]) == (369.473, "us")
    assert "CodeCarbon" in rows["grid_gco2e_per_kwh"]["source"]
