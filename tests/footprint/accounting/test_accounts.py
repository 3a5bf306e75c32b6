"""What can be asked of the accounts of a result, and what is answered to what cannot be."""

from functools import cache
from math import fsum

import pytest
from strategies import a_federate_scenario, a_scenario, run

import simulator as sim
from simulator.errors import MissingValueError, UsageError
from simulator.footprint.accounting.accounts import KEYS, kinds_of, read_method
from simulator.footprint.making.factors import set_names
from simulator.vocabulary import BOUNDARIES, CRITERIA, UNASSIGNED

A = {"name": "a", "at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}


@cache
def result():
    lab = a_scenario([])["world"]["datacenters"]["lab"] | {"wue": 0.5}
    gpus = {**A, "name": "b", "at": "lab/gpus", "units": 3}
    return run({**a_scenario([A, gpus]), "world": {"datacenters": {"lab": lab}}})


@cache
def of_two():
    """Two ways in one file."""
    data = a_scenario([])
    del data["workloads"]
    data["paradigms"] = {"long": [{"train": {**A, "time": "2 h"}}], "short": [{"train": A}]}
    return run(data)


def test_the_widest_boundary_that_is_known_is_the_total():
    found = result().account()
    for criterion in CRITERIA:
        ladder = found.boundaries("main", criterion)
        assert found.total(criterion) == list(ladder.values())[-1]
        assert list(ladder) == [boundary for boundary in BOUNDARIES if boundary in ladder]


def test_totals_rise_from_boundary_to_boundary():
    for criterion in CRITERIA:
        values = [total.value for total in result().account().boundaries("main", criterion).values()]
        assert values == sorted(values)


def test_a_total_says_what_it_is_of():
    total = result().account().total("co2e_kg", boundary="facility")
    assert total[1:] == ("co2e_kg", "facility", "attributional")


def test_workloads_and_nobody_sum_to_the_total_and_those_who_are_charged_to_less():
    found = result().account()
    for criterion in CRITERIA:
        shares = found.by_workload(criterion)
        assert list(shares) == ["a", "b", UNASSIGNED]
        assert fsum(shares.values()) == pytest.approx(found.total(criterion).value)
        assert found.charged(criterion) == pytest.approx(shares["a"] + shares["b"])


@pytest.mark.parametrize("key", KEYS)
def test_a_table_by_any_key_sums_to_the_totals(key):
    found = result().account()
    rows = found.table([key]).to_pylist()
    for criterion in CRITERIA:
        amounts = [row["amount"] for row in rows if row["criterion"] == criterion]
        assert fsum(amounts) == pytest.approx(found.total(criterion).value)


def test_a_table_holds_nothing_of_a_criterion_beyond_what_is_known_of_it():
    """Metals end before the making, for those of racks are in no set: what is known of cards is not in it."""
    found = result().account()
    assert any(term.criterion == "adpe_kgsb" and term.phase == "manufacture" for term in found.terms)
    phases = {row["phase"] for row in found.table(["phase"]).to_pylist() if row["criterion"] == "adpe_kgsb"}
    assert phases == {"use"}


def test_a_table_by_what_there_is_not_says_what_there_is():
    with pytest.raises(UsageError, match="an account by colour: no such key; there is paradigm, boundary"):
        result().account().table(["colour"])


def test_of_several_paradigms_one_is_named():
    found = of_two().account()
    assert found.total("energy_j", "long").value == pytest.approx(2 * found.total("energy_j", "short").value)
    with pytest.raises(UsageError, match="several paradigms: an account is of one; name one of long, short"):
        found.total()
    with pytest.raises(UsageError, match="paradigm 'wide': an account is of one; name one of long, short"):
        found.by_workload("energy_j", "wide")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"criterion": "money"}, "a total of 'money': no such criterion; there is energy_j, co2e_kg"),
        ({"criterion": "energy_j", "boundary": "embodied"}, "no factor set says it of "),
        ({"criterion": "co2e_kg", "boundary": "network"}, "its record does not reach so far"),
        ({"criterion": "adpe_kgsb", "boundary": "embodied"}, r"nobody says .*manufacture of lab/nodes/host \(rack\)"),
    ],
)
def test_a_total_that_is_not_known_says_why(asked, sentence):
    with pytest.raises(UsageError, match=sentence):
        result().account().total(**asked)


def test_what_was_not_asked_for_is_not_answered():
    with pytest.raises(UsageError, match="the account was not asked for it"):
        result().account(criterion="energy_j").total("co2e_kg")
    with pytest.raises(UsageError, match="criterion 'money': no such criterion"):
        result().account(criterion="money")


def test_the_other_ledger_says_what_it_has():
    with pytest.raises(UsageError, match="has energy and marginal emissions of operation alone"):
        result().account(ledger="consequential").total("co2e_kg")


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ({"rule": "fair"}, "rule 'fair': no such rule; there is reserved, used, energy"),
        ({"ledger": "both"}, "ledger 'both': no such ledger; there is attributional, consequential"),
        ({"basis": "hours"}, "basis 'hours': no such basis; there is calendar, active"),
        ({"equipment": "half"}, "equipment 'half': no such equipment; there is as-run"),
        ({"factors": "nobodys"}, "--factors nobodys: no such factor set; there is grid: .*; embodied: "),
        ({"rule": "economic"}, "footprint.weights: the rule `economic` shares by prices; give `weights"),
        ({"weights": {"a": 1.0}}, "footprint.weights: prices are for `rule: economic`"),
        ({"lives": {"phoen": {"lifetime": "5 y"}}}, "footprint.lives.phoen: nothing that is made is called 'phoen'"),
        ({"lives": {"phone": {"lifetime": "long"}}}, r"footprint\.lives\.phone\.lifetime: "),
        ({"colour": "red"}, r"footprint\.colour: .*; see `footprint:` in `aiceberg schema`"),
        (
            {"lives": {"phone": {"second_hand": {"first": "3 y"}}}},
            "footprint.lives.phone.lifetime: of two owners' lives the whole is needed; give `lifetime:`",
        ),
        (
            {"lives": {"phone": {"lifetime": "5 y", "second_hand": {"first": "3 y", "split": "price"}}}},
            "footprint.lives.phone.second_hand.resale: ",
        ),
    ],
)
def test_a_method_that_cannot_be_is_refused_in_words(method, sentence):
    with pytest.raises(UsageError, match=sentence):
        result().account(**method)


def test_a_workload_without_a_price_is_told():
    with pytest.raises(MissingValueError, match="workload 'b' has no price"):
        result().account("economic", weights={"a": 1.0})


def test_another_rule_than_by_prices_leaves_the_prices_of_the_scenario_aside():
    data = a_scenario([A], footprint={"rule": "economic", "weights": {"a": 1.0}})
    found = run(data)
    assert found.account().method.weights == {"a": 1.0}
    assert found.account("used").method.weights == {}


def test_what_differs_is_said_over_what_the_scenario_says():
    said = {"rule": "used", "basis": "active", "lives": {"rack": {"lifetime": "9 y"}}}
    found = run(a_scenario([A], footprint=said)).account("energy")
    assert (found.method.rule, found.method.basis) == ("energy", "active")
    assert found.method == read_method({**said, "rule": "energy"})


def test_one_criterion_alone_is_the_same_as_among_all():
    whole, alone = (result().account(criterion=criterion) for criterion in (tuple(CRITERIA), "co2e_kg"))
    assert whole.total("co2e_kg") == alone.total("co2e_kg")
    assert {term.criterion for term in alone.terms} == {"co2e_kg"}


def test_sets_are_told_apart_by_what_they_are_of():
    both = set(set_names("grid-factor")) & set(set_names("embodied"))
    for name in set_names("grid-factor"):
        assert "grid" in kinds_of([name])
        assert ("embodied" in kinds_of([name])) == (name in both)
    assert kinds_of(["boavizta", "vendor"])["embodied"] == ["boavizta", "vendor"]


def test_files_are_told_apart_by_their_headers(tmp_path):
    grid, made = tmp_path / "grid.csv", tmp_path / "made.csv"
    grid.write_text("zone,average_gco2e_per_kwh,source,year,confidence\nfr,100,ours,2024,assumed\n")
    made.write_text("target,manufacture_kgco2e,source,year,confidence\nkind.rack,1,ours,2024,assumed\n")
    assert kinds_of([str(grid), str(made)]) == {"grid": [str(grid)], "embodied": [str(made)]}
    found = result().account(factors=[str(grid), str(made)])
    joules = found.total("energy_j").value
    assert found.total("co2e_kg", boundary="facility").value == pytest.approx(joules / 3.6e6 * 0.1)
    racks = [t for t in found.terms if (t.item, t.criterion, t.phase) == ("rack", "co2e_kg", "manufacture")]
    assert {term.factors[-1].value for term in racks} == {1.0}


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(sim.SimulatorError, match=r"nowhere\.csv"):
        result().account(factors="nowhere.csv")


def test_what_a_set_does_not_know_is_listed():
    """Of cards and hosts the maker knows something, of racks nothing."""
    found = result().account(factors="vendor", criterion="co2e_kg")
    assert "embodied/base:kind.rack/manufacture_kgco2e" in found.fallbacks
    assert all("vendor" not in name for name in found.fallbacks)


def test_what_was_asked_for_in_vain_is_listed(tmp_path):
    """A row that names nothing of the run, and a set of another country's electricity; not the row that is used."""
    mine, places = tmp_path / "mine.csv", tmp_path / "places.csv"
    mine.write_text(
        "target,manufacture_kgco2e,covers,source,year,confidence\n"
        "nonesuch,5,life_cycle,me,2025,published\nkind.rack,7,life_cycle,me,2025,published\n"
    )
    places.write_text("zone,average_gco2e_per_kwh,source,year,confidence\nzz,100,me,2025,published\n")
    found = result().account(factors=[str(mine), str(places), "act", "carbontracker"])
    assert [one.rpartition("/")[2] for one in found.unused] == ["places.csv: zz", "mine.csv: nonesuch", "act"]
    assert result().account().unused == ()


def test_a_result_that_was_opened_answers_as_the_one_that_was_run(tmp_path):
    data = a_federate_scenario(footprint={"lives": {"phone": {"lifetime": "5 y"}}, "rule": "used"})
    before = run(data)
    before.save(tmp_path / "out")
    after = sim.open_results(tmp_path / "out")
    for criterion in CRITERIA:
        assert after.account().boundaries("main", criterion) == before.account().boundaries("main", criterion)


def test_an_account_changes_no_record():
    found = result()
    before = dict(found.manifest["hashes"])
    found.account("used", factors="boavizta", basis="active", lives={"rack": {"lifetime": "1 y"}})
    assert found.account().total("co2e_kg").value == pytest.approx(
        found.summary["paradigms"]["main"]["boundaries"]["life_cycle"]["co2e_kg"], rel=1e-12
    )
    assert found.manifest["hashes"] == before
