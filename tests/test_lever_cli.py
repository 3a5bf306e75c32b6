"""The command `aiceberg levers` as people use it: what it prints, what it writes, what it refuses."""

import json

import pytest
import typer
from typer.testing import CliRunner

import simulator as sim
from simulator.errors import ScenarioError, UsageError
from simulator.lever_command import levers
from simulator.scenario.load import dump

app = typer.Typer()
app.command()(levers)
LIFE = {
    "name": "life",
    "horizon": "365.25 d",
    "world": {
        "datacenters": {"lab": {"grid": "FR", "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 1}}}},
        "populations": {
            "phones": {
                **{"device": "smartphone", "count": 10, "places": {"paris": 1.0}, "access": {"wifi": 1.0}},
                **{"state": "mains", "account": "whole", "owned": "always"},
            }
        },
    },
    "workloads": [{"train": {"at": "lab/gpus", "time": "1 h", "utilisation": 1.0}}],
    "footprint": {"embodied": "boavizta"},
    "levers": {"longer": {"device_lifetime": "5 y"}, "shorter": {"device_lifetime": "2 y", "says": "a new one sooner"}},
}


@pytest.fixture
def life(tmp_path):
    path = tmp_path / "life.yaml"
    path.write_text(dump(LIFE))
    return str(path)


def call(*arguments):
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, arguments)


def test_it_prints_a_ranked_table_and_leaves_nothing_behind(life, tmp_path):
    done = call(life)
    assert done.exit_code == 0
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert lines[0] == "life: levers on CO2e"
    assert any(line.startswith("longer 168 kg 49.9% account") for line in lines)  # beside some 0.4 kg of other things
    assert any(line.startswith("shorter -84 kg") and line.endswith("WORSE; a new one sooner") for line in lines)
    assert [path.name for path in tmp_path.iterdir()] == ["life.yaml"]


def test_json_is_all_of_it_and_a_folder_gets_the_same(life, tmp_path):
    done = call(life, "--json", "-o", str(tmp_path / "out"))
    plain = json.loads(done.stdout)
    assert plain["rankings"][0]["levers"][0]["name"] == "longer"
    assert plain["rankings"][0]["levers"][0]["value"] == pytest.approx(168.0)
    assert json.loads((tmp_path / "out" / "levers.json").read_text()) == plain


def test_an_earlier_answer_is_kept_unless_it_is_forced(life, tmp_path):
    assert call(life, "-o", str(tmp_path / "out")).exit_code == 0
    again = call(life, "-o", str(tmp_path / "out"))
    assert isinstance(again.exception, UsageError)
    assert "exists already; choose another folder, or overwrite it with --force" in str(again.exception)
    assert call(life, "-o", str(tmp_path / "out"), "--force").exit_code == 0


def test_a_folder_that_is_a_file_is_refused_before_anything_runs(life):
    done = call(life, "-o", life)
    assert isinstance(done.exception, UsageError)
    assert "is a file; give the name of a folder" in str(done.exception)


def test_values_are_set_for_all_and_other_criteria_are_asked_for(life):
    halved = json.loads(call(life, "--set", "world.populations.phones.count=5", "--json").stdout)
    assert halved["rankings"][0]["levers"][0]["value"] == pytest.approx(84.0)
    energy = json.loads(call(life, "--criterion", "energy_j", "--json").stdout)
    assert [line["value"] for line in energy["rankings"][0]["levers"]] == [0.0, 0.0]


def test_a_scenario_without_levers_and_one_with_wrong_ones_are_mistakes(tmp_path):
    assert isinstance(call("small/one_gpu").exception, UsageError)
    path = tmp_path / "wrong.yaml"
    path.write_text(dump({**LIFE, "levers": {"it": {"set": {"world.nowhere.x": 1}}}}))
    done = call(str(path))
    assert isinstance(done.exception, ScenarioError)
    assert "levers.it: --set world.nowhere.x=1: there is no `nowhere`" in str(done.exception)


def test_a_run_takes_a_scenario_with_levers_and_keeps_them_in_its_copy(life, tmp_path):
    sim.run(life, tmp_path / "out")
    assert "device_lifetime: 5 y" in (tmp_path / "out" / "scenario.yaml").read_text()
