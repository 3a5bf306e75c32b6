"""Shapes of the catalogue: the mean that was asked for, luck by name, and what the row says of itself."""

import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from strategies import a_scenario

import simulator as sim
from simulator.catalogue import find, rows
from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.engine.shape import levels, pattern
from simulator.hardware.grid import GridShape
from simulator.hardware.grid_shape import draw_shape, read_shape, winter_offset_s
from simulator.scenario.load import dump, load_text

START = Clock(datetime(2025, 1, 1, tzinfo=UTC))
YEAR_S = 365 * 86400.0
CALIFORNIA = {"shape": "solar-gas", "mean": "264 gCO2e/kWh"}


def a_shape(**fields):
    return GridShape.model_validate({**CALIFORNIA, **fields})


def drawn(spec, seed=0, timezone="", horizon_s=YEAR_S - 1):
    return draw_shape(spec, timezone, START, Streams(seed), horizon_s)


def a_place(shape, **changes):
    """A scenario with a shape as its grid, and eight cards at work for three hours."""
    data = a_scenario([{"at": "lab/gpus", "time": "3 h", "utilisation": 1.0}], start="2025-01-01", **changes)
    lab = data["world"]["datacenters"]["lab"]
    del lab["grid"]
    lab["grid_shape"] = shape
    return data


def run(data):
    return sim.run(load_text(dump(data), "shape.yaml"))


def co2e_kg(result):
    return result.summary["paradigms"]["main"]["boundaries"]["facility"]["co2e_kg"]


def test_the_formula_by_hand_for_california_at_noon_of_a_monday_in_january():
    """6 January 2025, 12 h, by the angles of the figures of the row.

    season: 0.2236 cos 291.31 deg = 0.08126     s = cos 163.61 deg = -0.9594
    day: 0.2673 cos 168.37 deg + 0.0782 cos 197.34 deg = -0.26182 - 0.07465
    summer: 0.0377 cos 57.13 deg + 0.0457 cos 23.81 deg = 0.02046 + 0.04181
    """
    moment = np.array([datetime(2025, 1, 6, 12, tzinfo=UTC).timestamp()])
    found = pattern(read_shape(find("grid-shape", "solar-gas")), moment, np.array([6.0]))
    assert found == pytest.approx(1 + 0.08126 - 0.33647 - 0.9594 * 0.06227, abs=5e-5)


@pytest.mark.parametrize("shape", rows("grid-shape"))
@pytest.mark.parametrize("noise", [True, False])
def test_the_mean_of_a_year_is_the_mean_that_was_asked_for(shape, noise):
    series = drawn(a_shape(shape=shape, noise=noise))
    assert len(series.values) == 8760
    assert series.values.mean() == pytest.approx(264.0, rel=1e-9)
    assert series.values.min() > 0


def test_each_year_of_a_run_has_the_mean():
    series = drawn(a_shape(), horizon_s=2.5 * YEAR_S)
    assert [len(series.values), series.end_s] == [3 * 8760, 3 * YEAR_S]
    assert series.values.reshape(3, -1).mean(axis=1) == pytest.approx([264.0] * 3, rel=1e-9)


def test_the_mean_may_be_that_of_a_zone():
    """France: 56.039 g/kWh in CodeCarbon 3.3.2."""
    series = drawn(GridShape.model_validate({"shape": "nuclear", "zone": "FR"}))
    assert series.values.mean() == pytest.approx(56.039)


def test_luck_is_of_the_grid_and_the_seed_and_not_of_the_mean():
    """Two places of one grid share their weather; other zones, shapes and seeds have their own."""
    base = drawn(a_shape()).values
    assert (drawn(a_shape()).values == base).all()
    assert drawn(a_shape(mean="132 gCO2e/kWh")).values == pytest.approx(base / 2)
    for other in (drawn(a_shape(), seed=1), drawn(GridShape.model_validate({"shape": "solar-gas", "zone": "US"}))):
        assert abs(np.corrcoef(other.values - base, base)[0, 1]) > 0.01
        assert not np.allclose(other.values / other.values.mean(), base / base.mean())


def test_the_clocks_are_those_of_the_city_in_winter_or_of_the_fitted_grid():
    """California is 8 h behind UTC, Sydney 10 h ahead of it: 18 h apart, which is 6 h on a clock."""
    assert winter_offset_s("America/Los_Angeles", 2025) == -8 * 3600.0
    fitted, there, sydney = (
        drawn(a_shape(noise=False), timezone=zone).values for zone in ("", "America/Los_Angeles", "Australia/Sydney")
    )
    assert (fitted == there).all()
    week = slice(24 * 7 + 18, 24 * 9)
    assert sydney[24 * 7 : 24 * 9 - 18] == pytest.approx(fitted[week], rel=0.02)


def saving_share(level):
    """What moving an hour of work to the best hour of the 24 from it saves, of the mean."""
    best = np.lib.stride_tricks.sliding_window_view(level, 24).min(axis=1)
    return 1 - best.mean() / level[: len(best)].mean()


@pytest.mark.parametrize("row", rows("grid-shape").values(), ids=lambda row: row.id)
def test_what_moving_work_saves_is_what_the_row_says_of_the_shape(row):
    """An account of the same formula made elsewhere, five seeds of 2022: within a tenth."""
    offset_s = 3600.0 * row.find_number("utc_offset_h")
    found = [
        saving_share(levels(read_shape(row), 2022, offset_s, Streams(seed).generator("saving"))) for seed in range(5)
    ]
    assert np.mean(found) == pytest.approx(row.find_number("synthetic_saving_share"), rel=0.1)


def test_the_row_says_how_much_too_much_is_saved():
    """California: 0.3741 in the shape over 0.327 in 2022 is 14 % too much; of most rows it is 0 to 16 %."""
    over = {
        row.id: row.find_number("synthetic_saving_share") / row.find_number("saving_share") - 1
        for row in rows("grid-shape").values()
    }
    assert over["solar-gas"] == pytest.approx(0.144, abs=5e-4)
    assert find("grid-shape", "solar-gas").text("statement").endswith("37.4 % in it and 32.7 % there, 14 % too much")
    assert sorted(id_ for id_, share in over.items() if not -0.1 < share < 0.17) == ["hydro", "hydro-nuclear"]


def test_a_result_says_that_nothing_was_measured():
    result = run(a_place({"shape": "nuclear", "zone": "FR"}))
    (signal,) = {(r["row"], r["source"]) for r in result.table("signals").to_pylist() if r["signal"].startswith("grid")}
    assert signal[0] == "fr"
    assert signal[1].startswith("synthetic shape `nuclear` with drawn noise, not measured; mean 56.039 gCO2e/kWh")
    (told,) = [a for a in result.manifest["assumptions"] if a["id"] == "grid-shape/nuclear/noise_share"]
    assert "not measured" in told["statement"]
    assert "Electricity Maps" in told["source"]


def test_the_co2e_is_the_sum_over_the_hours():
    """8 x 400 W x 1.25 = 4 kW for three hours of 1 January."""
    series = drawn(a_shape())
    expected_kg = 4.0 * series.values[:3].sum() / 1000
    assert co2e_kg(run(a_place(CALIFORNIA))) == pytest.approx(expected_kg)


def test_the_same_seed_gives_the_same_hours_whatever_the_hash_seed():
    code = (
        "import hashlib; from datetime import UTC, datetime; from simulator.engine.clock import Clock;"
        "from simulator.engine.rng import Streams; from simulator.hardware.grid import GridShape;"
        "from simulator.hardware.grid_shape import draw_shape;"
        "spec = GridShape.model_validate({'shape': 'wind-gas', 'zone': 'IE'});"
        "series = draw_shape(spec, '', Clock(datetime(2025, 1, 1, tzinfo=UTC)), Streams(7), 1.0);"
        "print(hashlib.sha256(series.values.tobytes()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1


def test_a_horizon_of_more_than_a_century_is_refused():
    with pytest.raises(sim.SimulatorError, match=r"grid_shape: a shape is drawn for 100 years at most"):
        load_text(dump(a_place(CALIFORNIA, horizon="101 y")), "shape.yaml")


def test_a_run_without_horizon_goes_on_for_some_years_and_is_then_refused():
    data = a_place(CALIFORNIA)
    data["workloads"][0]["train"]["time"] = "20 y"
    with pytest.raises(sim.SimulatorError, match=r"the grid of lab: it ends at 2031-01-01.*give a longer file, or a"):
        run(data)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ({"shape": "solar-gas"}, "give either `mean:`, such as `264 gCO2e/kWh`, or `zone:`"),
        ({**CALIFORNIA, "zone": "FR"}, "give either `mean:`"),
        ({**CALIFORNIA, "shape": "us-cal-ciso"}, "did you mean `solar-gas`?"),
        ({**CALIFORNIA, "shape": "sunny"}, "no grid-shape is called 'sunny'"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(shape, sentence):
    with pytest.raises(sim.SimulatorError) as caught:
        load_text(dump(a_place(shape)), "shape.yaml")
    assert sentence in str(caught.value)


def test_a_claim_is_recorded_and_changes_no_total():
    claim = {"intensity": "0 gCO2e/kWh", "instrument": "certificates of Norway"}
    data = a_place(CALIFORNIA)
    data["world"]["datacenters"]["lab"]["grid_claim"] = claim
    result, without = run(data), run(a_place(CALIFORNIA))
    assert result.summary == without.summary
    (row,) = [row for row in result.table("signals").to_pylist() if row["signal"] == "claimed_gco2e_per_kwh"]
    assert (row["place"], row["value"], row["row"]) == ("lab", 0.0, "scenario")
    assert row["source"] == "a market-based claim of the scenario, in no total: certificates of Norway"
