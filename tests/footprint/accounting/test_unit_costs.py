"""One number for a unit is the account over how many there were; what is not known has no number."""

from functools import cache

import pytest
from strategies import a_scenario, run

import simulator as sim
from simulator.columns import TABLES
from simulator.footprint.accounting.unit_costs import WHOLE, answered_count, carbon_intensity, unit_costs
from simulator.record.tables import from_rows
from simulator.units import SECONDS_PER_YEAR, show
from simulator.view.unit_costs import unit_lines

ONE_HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}
COUNTED = {**ONE_HOUR, "work": "4 EFLOP", "precision": "fp16"}
HOUR_KWH = 4.196 * 1.25
"""dgx-a100 for one hour: 8 x 400 W and a host of 996 W, PUE 1.25."""


def tables_of(result):
    return {name: result.table(name) for name in TABLES}


def costs(result, tokens=None, **method):
    rows = unit_costs(tables_of(result), result.account(**method), tokens)
    return {(row.paradigm, row.workload, row.unit, row.criterion): row for row in rows}


@cache
def asked():
    """1000 answers; the scenario's arithmetic says 804.3 kJ."""
    return sim.run("small/ask")


def test_a_training_comes_to_what_it_is_charged_with():
    found = costs(run(a_scenario([ONE_HOUR])))["main", "train", "training", "energy_j"]
    assert (found.units, found.boundary) == (1.0, "facility")
    assert found.value == pytest.approx(HOUR_KWH * 3.6e6)


def test_a_training_that_is_not_done_is_no_unit():
    result = run(a_scenario([COUNTED], horizon="30 min"))
    assert costs(result) == {}
    assert carbon_intensity(tables_of(result), result.account()) == []


def test_a_request_comes_to_the_service_over_its_answers():
    found = costs(asked())["main", "serve", "request", "energy_j"]
    assert found.units == 1000.0
    assert found.value == pytest.approx(804.3, rel=1e-4)


def test_a_token_has_a_number_only_where_somebody_says_how_many_a_request_has():
    assert not any(unit == "token" for _, _, unit, _ in costs(asked()))
    found = costs(asked(), {"serve": 400.0})["main", "serve", "token", "energy_j"]
    assert found.value == pytest.approx(804.3 / 400, rel=1e-4)


def test_a_request_that_was_not_answered_is_no_unit():
    """Answers take 2 s and some 20 ms of ways: by 500 s some 498 of the 500 that were asked have come."""
    result = sim.run("small/ask", values={"horizon": "500 s"})
    assert 495 <= costs(result)["main", "serve", "request", "energy_j"].units < 500


def test_where_users_count_an_answer_counts_when_it_has_come_to_who_asked():
    """Of two that were answered one is on its way back; nobody counts those who ask the other service."""
    asked = [("main", "use", 0.0, 1.0, 1.0, 2.0, 3.0), ("main", "use", 0.0, 1.0, 1.0, 2.0, None)]
    alone = [("main", "other", None, 1.0, 1.0, 2.0, None), ("main", "other", None, 1.0, None, None, None)]
    tables = {"requests": from_rows("requests", [*asked, *alone])}
    assert (answered_count(tables, "main", "use"), answered_count(tables, "main", "other")) == (1, 1)


def test_a_users_year_is_all_of_the_paradigm_over_users_and_time():
    found = costs(asked())["main", WHOLE, "user-year", "energy_j"]
    window_s = asked().summary["paradigms"]["main"]["duration_s"]
    assert found.units == pytest.approx(1000 * window_s / SECONDS_PER_YEAR)
    assert found.value * found.units == pytest.approx(804.3e3, rel=1e-4)


def test_a_point_of_accuracy_is_what_was_spent_over_what_was_gained():
    result = sim.run("small/digits_rounds", paradigm="fedavg")
    first, last = result.curves[0], result.curves[-1]
    for criterion in ("energy_j", "co2e_kg"):
        found = costs(result)["fedavg", "federate", "point", criterion]
        assert found.units == pytest.approx(100 * (last["accuracy"] - first["accuracy"]))
        assert found.value * found.units == pytest.approx(last[criterion])
        assert found.boundary == "devices"


def test_units_by_another_rule_are_of_that_account():
    """Four servers owned for ever: `used` shares the three idle ones among what was used."""
    data = a_scenario([ONE_HOUR])
    data["world"]["datacenters"]["lab"]["servers"]["nodes"]["owned"] = "always"
    result = run(data)
    key = ("main", "train", "training", "energy_j")
    used = costs(result, rule="used")[key].value
    assert used == pytest.approx(result.account(rule="used").total("energy_j").value)
    assert used > costs(result)[key].value


def test_carbon_intensity_is_what_is_drawn_and_made_over_exaflops():
    result = run(a_scenario([COUNTED]))
    (found,) = carbon_intensity(tables_of(result), result.account())
    whole_kg = result.summary["paradigms"]["main"]["boundaries"]["embodied"]["co2e_kg"]
    assert (found.unit, found.units, found.boundary) == ("EFLOP", 4.0, "embodied")
    assert found.value == pytest.approx(whole_kg / 4.0)
    (line,) = unit_lines([found])
    assert str(line) == f"main: an exaFLOP (CCI) (of 4) {show(whole_kg / 4, 'co2e_kg')} (embodied)"


def test_carbon_intensity_leaves_out_what_was_tried_for_its_flops_are_not_counted():
    plain, tried = (run(a_scenario([COUNTED], footprint=said)) for said in ({}, {"development": "olmo-3"}))
    one, other = (carbon_intensity(tables_of(result), result.account())[0] for result in (plain, tried))
    assert one == other


def test_a_training_whose_flops_nobody_says_has_no_carbon_intensity():
    result = run(a_scenario([ONE_HOUR]))
    assert carbon_intensity(tables_of(result), result.account()) == []


def test_a_line_tells_all_criteria_of_a_unit():
    rows = [row for row in costs(run(a_scenario([ONE_HOUR]))).values() if row.criterion in ("energy_j", "co2e_kg")]
    (line,) = unit_lines(rows)
    assert str(line).startswith("main/train: a training (of 1) 5.245 kWh (facility), ")
    assert str(line).endswith("(life_cycle)")
