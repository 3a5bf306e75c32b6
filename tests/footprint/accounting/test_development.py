"""What was tried before is a stated share of what the trainings drew, in one boundary and recoverable."""

import pytest
from strategies import a_scenario, loaded, run

from simulator.errors import ScenarioError, UsageError
from simulator.footprint.accounting.development import stated_trials
from simulator.footprint.accounting.explain import explain
from simulator.footprint.boundary import summarise
from simulator.record.tables import EXACT

ONE_HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}
OWN = {"ratio": 0.25, "source": "our logbook"}


def developed(said="olmo", **changes):
    return run(a_scenario([ONE_HOUR], footprint={"development": said, **changes}))


def test_development_is_the_ratio_of_what_the_training_drew_with_its_building():
    """dgx-a100 for an hour: 4.196 kWh x PUE 1.25; half of that was tried before (OLMo)."""
    result = developed()
    for total in ("boundaries", "owned"):
        ladder = result.summary["paradigms"]["main"][total]
        added_kwh = (ladder["development"]["energy_j"] - ladder["facility"]["energy_j"]) / 3.6e6
        added_kg = ladder["development"]["co2e_kg"] - ladder["facility"]["co2e_kg"]
        assert added_kwh == pytest.approx(0.5 * 4.196 * 1.25)
        assert added_kg == pytest.approx(0.5 * 4.196 * 1.25 * 0.056039)
    assert "stated as a share" in result.manifest["boundaries"]["main"]["development"]


def test_the_summary_comes_back_from_the_exact_tables_alone():
    result = developed(OWN)
    assert summarise({name: result.table(name) for name in EXACT}) == result.summary


def test_an_account_charges_it_to_the_training_and_names_its_source():
    result = developed(OWN)
    account = result.account()
    ladder = result.summary["paradigms"]["main"]["boundaries"]
    for criterion in ("energy_j", "co2e_kg"):
        total = account.total(criterion, boundary="development").value
        assert total == pytest.approx(ladder["development"][criterion])
    terms = [term for term in account.terms if term.boundary == "development"]
    assert {term.workload for term in terms} == {"train"}
    assert {(term.factors[0].value, term.factors[0].source) for term in terms} == {(0.25, "our logbook")}


def test_criteria_beyond_carbon_scale_likewise():
    known = developed(OWN).account().boundaries("main", "grid_water_l")
    assert known["development"].value == pytest.approx(1.25 * known["facility"].value)


def test_an_account_takes_another_ratio_or_none():
    """0.822 / 0.178 = 4.62 of the training's draw (Olmo 3)."""
    result = developed()
    more = result.account(development="olmo-3")
    facility = more.total("energy_j", boundary="facility").value
    assert more.total("energy_j", boundary="development").value == pytest.approx(5.62 * facility)
    assert "development" not in result.account(development=None).boundaries("main", "energy_j")
    plain = run(a_scenario([ONE_HOUR])).account(development="olmo")
    assert plain.total("energy_j", boundary="development").value == pytest.approx(1.5 * facility)


def test_another_grid_weighs_what_was_tried_too(tmp_path):
    own = tmp_path / "heavy.csv"
    own.write_text("id,zone,average_gco2e_per_kwh,source,year,confidence\nme:fr,fr,1000,me,2025,assumed\n")
    found = developed().account(factors=str(own)).total(boundary="development").value
    assert found == pytest.approx(1.5 * 4.196 * 1.25)


def test_what_was_tried_is_explained_by_its_row():
    result = developed()
    tables = {name: result.table(name) for name in EXACT}
    method = result.manifest["footprint"]["method"]
    found = explain(tables, result.summary, method, "main.boundaries.development.co2e_kg")
    assert sum(row.amount for row in found.rows) == pytest.approx(found.value)


def test_where_no_training_drew_anything_nothing_is_stated():
    data = a_scenario([])
    serve = {"at": "lab/nodes", "requests": 10, "during": "1 h", "service_time": "1 s", "service": "constant"}
    result = run({**data, "workloads": [{"serve": serve}], "footprint": {"development": "olmo"}})
    assert "development" not in result.summary["paradigms"]["main"]["boundaries"]


def test_an_unknown_study_is_an_error_with_the_nearest_names():
    with pytest.raises(ScenarioError, match=r"olmoo.*did you mean `olmo`"):
        loaded(a_scenario([ONE_HOUR], footprint={"development": "olmoo"}))


def test_trainings_that_were_simulated_are_not_stated_again():
    result = developed()
    tables = {name: result.table(name) for name in (*EXACT, "jobs")}
    status = tables["trials"].schema.get_field_index("status")
    column = tables["trials"].schema.field("status")
    tables["trials"] = tables["trials"].set_column(status, column, [["reached"]])
    with pytest.raises(UsageError, match="1 trainings were tried and simulated"):
        stated_trials(tables, "olmo")
