"""A grid that changes by the hour: read with care, covered by the run, integrated exactly."""

from pathlib import Path

import pytest
from strategies import a_scenario

import simulator as sim
from simulator.errors import UsageError
from simulator.scenario.load import dump
from simulator.scenario.series import read_series

HEAD = "at,gco2e_per_kwh\n"
DAY = HEAD + "".join(f"2025-01-01T{hour:02}:00+00:00,{100 + hour}\n" for hour in range(24))
GPUS = {"at": "lab/gpus", "time": "3 h", "utilisation": 1.0}


@pytest.fixture
def a_file(tmp_path):
    """Write a scenario and its series; the scenario's path."""

    def write(series, training=GPUS, **changes):
        data = a_scenario([training], start="2025-01-01", **changes)
        lab = data["world"]["datacenters"]["lab"]
        del lab["grid"]
        lab["grid_series"] = "grid.csv"
        (tmp_path / "grid.csv").write_text(series)
        (tmp_path / "s.yaml").write_text(dump(data))
        return tmp_path / "s.yaml"

    return write


def co2e_kg(result):
    return result.summary["paradigms"]["main"]["boundaries"]["facility"]["co2e_kg"]


def test_each_hour_weighs_with_its_own_value(a_file):
    """8 x 400 W x 1.25 for 3 h from 30 min past midnight: 30 min at 100, 1 h at 101 and 102, 30 min at 103 g/kWh."""
    result = sim.run(a_file(DAY, {**GPUS, "start": "30 min"}))
    assert co2e_kg(result) == pytest.approx(8 * 0.4 * 1.25 * (0.5 * 100 + 101 + 102 + 0.5 * 103) / 1000)


def test_a_series_of_one_value_is_the_constant(a_file, tmp_path):
    flat = HEAD + "".join(f"2025-01-01T{hour:02}:00Z,57\n" for hour in range(24))
    data = a_scenario([GPUS], start="2025-01-01")
    data["world"]["datacenters"]["lab"]["grid"] = "57 gCO2e/kWh"
    (tmp_path / "constant.yaml").write_text(dump(data))
    assert co2e_kg(sim.run(a_file(flat))) == pytest.approx(co2e_kg(sim.run(tmp_path / "constant.yaml")))


def test_the_result_needs_the_file_no_more(a_file, tmp_path):
    result = sim.run(a_file(DAY), tmp_path / "out")
    (tmp_path / "grid.csv").unlink()
    again = sim.open_results(tmp_path / "out")
    assert again.summary == result.summary
    steps = [row for row in again.table("signals").to_pylist() if row["signal"] == "grid_gco2e_per_kwh"]
    assert [(row["at_s"], row["value"]) for row in steps] == [(0.0, 100.0), (3600.0, 101.0), (7200.0, 102.0)]
    assert list(again.manifest["files"]) == ["grid.csv"]


def test_the_last_value_holds_for_one_more_step_of_a_regular_series_and_no_longer(a_file):
    assert sim.run(a_file(DAY, {**GPUS, "time": "24 h"}))
    with pytest.raises(sim.SimulatorError, match=r"grid\.csv: it ends at 2025-01-02T00:00:00\+00:00"):
        sim.run(a_file(DAY, {**GPUS, "time": "25 h"}))


@pytest.mark.parametrize(
    ("series", "sentence"),
    [
        (HEAD, "has less than two values"),
        ("date,value\n", r"grid\.csv:1: has other columns; the first line is `at,gco2e_per_kwh`"),
        (HEAD + "2025-01-01T00:00,5\n2025-01-01T01:00,6\n", r"grid\.csv:2: has no offset from UTC"),
        (HEAD + "2025-01-01T00:00Z,5\n2025-01-01T00:00Z,6\n", r"grid\.csv:3: is not later than the row before"),
        (HEAD + "2025-01-01T00:00Z,5\n\n2024-01-01T00:00Z,6\n", r"grid\.csv:4: is not later"),
        (HEAD + "2025-01-01T00:00Z,nan\n", r"grid\.csv:2: has the intensity nan"),
        (HEAD + "2025-01-01T00:00Z,-5\n", r"grid\.csv:2: has the intensity -5"),
        (HEAD + "2025-01-01T00:00Z\n", r"grid\.csv:2: has 1 cells"),
        (HEAD + "yesterday,5\n", r"grid\.csv:2: is no date and number"),
        (HEAD + "2026-01-01T00:00Z,5\n2026-01-01T01:00Z,5\n", "after the start"),
        (HEAD + "2024-01-01T00:00Z,5\n2024-01-01T01:00Z,5\n", "before the horizon"),
    ],
)
def test_a_series_that_cannot_be_used_says_where_and_why(a_file, series, sentence):
    with pytest.raises(sim.SimulatorError, match=sentence) as caught:
        sim.load(a_file(series))
    assert "world.datacenters.lab.grid_series" in str(caught.value)


def test_a_horizon_beyond_the_series_is_found_before_the_run(a_file):
    with pytest.raises(sim.SimulatorError, match="before the horizon; give a longer file or a shorter horizon"):
        sim.load(a_file(DAY, horizon="2 d"))


def test_a_missing_file_is_told_beside_the_other_mistakes(a_file, tmp_path):
    path = a_file(DAY)
    (tmp_path / "grid.csv").unlink()
    path.write_text(path.read_text().replace("time: 3 h", "time: 3 W"))
    with pytest.raises(sim.SimulatorError) as caught:
        sim.load(path)
    assert "2 problems" in str(caught.value)
    assert "cannot be read (No such file or directory); paths are relative to the scenario" in str(caught.value)


@pytest.mark.parametrize(("path", "sentence"), [("/dev/zero", "is no file"), (".", "is no file")])
def test_what_is_no_file_is_refused_before_it_is_read(path, sentence):
    with pytest.raises(UsageError, match=sentence):
        read_series(Path(path))


def test_an_intensity_beyond_all_electricity_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("at,gco2e_per_kwh\n2025-01-06T00:00Z,41\n2025-01-06T01:00Z,1e308\n")
    with pytest.raises(UsageError, match=r"a\.csv:3.*0 to 1e\+06"):
        read_series(tmp_path / "a.csv")
