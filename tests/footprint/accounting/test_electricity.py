"""What a joule costs where it is drawn: of the run, of a set, of two countries, of nobody knows."""

from math import fsum

import pytest
from strategies import a_scenario, a_transfer_scenario, run

import simulator as sim
from simulator.footprint.accounting.electricity import COLUMNS, Electricity
from simulator.footprint.accounting.term import GIVEN
from simulator.footprint.entries import signals_of
from simulator.footprint.making.factors import build_sets
from simulator.record.tables import EXACT
from simulator.vocabulary import CRITERIA, GRID, WATER

HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}
FR = 56.039
"""Grams of CO2e a kilowatt-hour, table grids; at the margin 1.46 times that."""


def electricity(result, paradigm="main", grid=()):
    tables = {name: result.table(name) for name in EXACT}
    return Electricity(tables, paradigm, build_sets(list(grid), []), own=not grid)


def in_lab(**lab):
    data = a_scenario([HOUR])
    data["world"]["datacenters"]["lab"] |= lab
    return run(data)


LAB = {"place": "lab", "zone": "fr"}


def amount(drawn):
    found = drawn.base
    for factor in drawn.factors:
        found *= factor.value
    return found


def test_joules_are_themselves():
    assert electricity(in_lab()).find("energy_j", LAB, 7.0, 0.0) == (7.0, "J", ())


@pytest.mark.parametrize("criterion", COLUMNS)
def test_a_kilowatt_hour_of_france(criterion):
    """What the set says, of grams a thousandth."""
    times = 1e-3 if criterion.endswith("co2e_kg") else 1.0
    per_kwh = build_sets([], []).grid("fr", COLUMNS[criterion]).value
    drawn = electricity(in_lab()).find(criterion, LAB, 3.6e6, 0.0)
    assert amount(drawn) == pytest.approx(per_kwh * times)


def test_a_kilowatt_hour_of_france_is_56_grams_in_the_mean_and_82_at_the_margin():
    own = electricity(in_lab())
    for criterion, grams in (("co2e_kg", FR), ("marginal_co2e_kg", 1.46 * FR)):
        assert amount(own.find(criterion, LAB, 3.6e6, 0.0)) == pytest.approx(grams / 1e3)


def test_every_criterion_of_electricity_has_its_column():
    assert set(COLUMNS) == set(CRITERIA) - {"energy_j", "site_water_l"}


def test_the_intensity_of_the_run_says_its_row():
    """And is as sure as the row is."""
    drawn = electricity(in_lab()).find("co2e_kg", LAB, 1.0, 0.0)
    named = {factor.name: factor for factor in drawn.factors}
    assert named["grid/fr/intensity_gco2e_per_kwh"].confidence == "published"


def test_a_named_set_says_another_intensity():
    drawn = electricity(in_lab(), grid=["carbontracker"]).find("co2e_kg", LAB, 3.6e6, 0.0)
    (factor,) = [factor for factor in drawn.factors if factor.name.startswith("grid-factor/carbontracker:fr")]
    assert amount(drawn) == pytest.approx(factor.value / 1e3)


def test_a_number_of_the_scenario_stays_whatever_the_set():
    result = in_lab(grid="57 gCO2e/kWh")
    for grid in ((), ("carbontracker",)):
        drawn = electricity(result, grid=grid).find("co2e_kg", {"place": "lab", "zone": "scenario"}, 3.6e6, 0.0)
        assert amount(drawn) == pytest.approx(0.057)
        assert GIVEN in {factor.confidence for factor in drawn.factors}


def test_at_the_margin_a_number_of_the_scenario_is_1_46_times_itself_wherever_it_stands():
    """Not the margin of the country around it: 10 g in Warsaw are no 966."""
    own = electricity(in_lab(grid="10 gCO2e/kWh", city="warsaw"))
    for zone in ("scenario", "pl"):
        drawn = own.find("marginal_co2e_kg", {"place": "lab", "zone": zone}, 3.6e6, 0.0)
        assert amount(drawn) == pytest.approx(1.46 * 0.010)


def test_at_the_margin_hours_differ_as_they_do_in_the_mean():
    data = a_scenario([HOUR])
    lab = data["world"]["datacenters"]["lab"]
    del lab["grid"]
    lab |= {"grid_shape": {"shape": "solar-gas", "mean": "264 gCO2e/kWh"}, "city": "grenoble"}
    result = run(data)
    found = result.account()
    mean, margin = (found.total(criterion, boundary="facility").value for criterion in COLUMNS if "co2e" in criterion)
    assert margin == pytest.approx(1.46 * mean)


def test_a_margin_that_a_set_says_itself_stands_before_the_ratio(tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text("zone,marginal_gco2e_per_kwh,source,year,confidence\nfr,700,me,2025,published\n")
    drawn = electricity(in_lab(grid="10 gCO2e/kWh", city="grenoble"), grid=[str(mine)]).find(
        "marginal_co2e_kg", LAB, 3.6e6, 0.0
    )
    assert amount(drawn) == pytest.approx(0.7)


@pytest.mark.parametrize("criterion", ["grid_water_l", "cost_usd"])
def test_of_a_number_nothing_else_is_known(criterion):
    result = in_lab(grid="57 gCO2e/kWh")
    assert electricity(result).find(criterion, {"place": "lab", "zone": "scenario"}, 1.0, 0.0) is None


def test_what_lies_in_two_countries_has_the_mean_of_both():
    sets = build_sets([], [])
    result = run(a_transfer_scenario([{"from": "store", "to": "far", "size": "1 GB"}]))
    crossing = [row for row in result.table("assets").to_pylist() if ", " in row["zone"]]
    assert crossing
    for row in crossing:
        zones = row["zone"].split(", ")
        assert len(zones) == 2
        for criterion, column in (("co2e_kg", "average_gco2e_per_kwh"), ("marginal_co2e_kg", "marginal_gco2e_per_kwh")):
            both = [sets.grid(zone, column).value for zone in zones]
            drawn = electricity(result).find(criterion, row, 3.6e6, 0.0)
            assert amount(drawn) == pytest.approx(fsum(both) / 2 / 1e3)


def test_of_two_countries_one_of_which_nobody_knows_nothing_is_known():
    found = electricity(in_lab()).find("cost_usd", {"place": "lab", "zone": "fr, atlantis"}, 1.0, 0.0)
    assert found is None


def test_hour_by_hour_the_grams_are_those_that_the_record_weighed():
    """The base holds them already: 2 kg are 2 kg, of whatever set."""
    result = sim.run("small/solar_day")
    (place,) = {place for place, signal in signals_of({n: result.table(n) for n in EXACT}, "day") if signal == GRID}
    for grid in ((), ("carbontracker",)):
        drawn = electricity(result, "day", grid).find("co2e_kg", {"place": place, "zone": ""}, 3.6e6, 2.0)
        assert amount(drawn) == pytest.approx(2.0)


def test_water_of_cooling_is_the_scenarios_or_nobodys():
    assert electricity(in_lab()).find_signal("lab", WATER) is None
    factor = electricity(in_lab(wue=1.8)).find_signal("lab", WATER)
    assert (factor.value, factor.confidence) == (1.8, GIVEN)
