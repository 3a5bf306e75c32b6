"""Accounts of real runs: by whatever method, every asset is charged whole, and what nobody says is absent."""

from functools import cache
from math import fsum, inf

import pytest
from hypothesis import given, settings
from strategies import (
    a_federate_scenario,
    a_scenario,
    a_service_scenario,
    a_transfer_scenario,
    loaded,
    run,
    scenarios,
)

import simulator as sim
from simulator.catalogue import find
from simulator.errors import UsageError
from simulator.footprint.accounting.account import build_account
from simulator.footprint.accounting.accounts import Accounts, build_accounts
from simulator.footprint.accounting.method import BASES, Method
from simulator.footprint.boundary import quantities_of, summarise
from simulator.footprint.entries import accounts, read_log
from simulator.footprint.making.embodied import charged, embodied_rows, embodied_table, is_known
from simulator.footprint.making.factors import build_sets
from simulator.footprint.sharing.rules import RULES
from simulator.record.tables import EXACT, from_rows
from simulator.vocabulary import CRITERIA, KIND_BOUNDARIES, SPARE, UNASSIGNED

CONSERVING = [name for name, rule in RULES.items() if rule.conserving]
GRAMS_FR, GRAMS_PL = 56.039, 661.926
"""Average grams of CO2e a kilowatt-hour, table grids."""
KWH = 3.6e6

A_DAY = [
    {"name": "a", "at": "lab/nodes", "units": 2, "time": "2 h", "utilisation": 1.0},
    {"name": "b", "at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 0.5, "start": "30 min"},
    {"name": "c", "at": "lab/gpus", "units": 3, "time": "1 h", "utilisation": 0.3},
]


def of_always(workloads, **changes):
    """Four nodes and eight bare cards that stand there all the time, for three hours."""
    data = a_scenario(workloads, horizon="3 h", **changes)
    lab = data["world"]["datacenters"]["lab"]
    lab["servers"]["nodes"]["owned"] = lab["devices"]["gpus"]["owned"] = "always"
    return {**data, "world": {"datacenters": {"lab": {**lab, "wue": 0.5}}}}


def by_load():
    data = of_always(A_DAY)
    data["world"]["datacenters"]["lab"]["pue"] = {"by_load": [[0, 2.0], [0.5, 1.4], [1, 1.2]]}
    return data


def in_two_countries():
    """Poland has a PUE, France has one by load: the building is known everywhere."""
    data = by_load()
    lab = data["world"]["datacenters"]["lab"]
    data["world"]["datacenters"]["far"] = {**lab, "grid": "PL", "pue": 1.5}
    data["workloads"].append({"train": {"name": "d", "at": "far/gpus", "units": 1, "time": "1 h", "utilisation": 1.0}})
    return data


def serving():
    """Cards that wait between requests."""
    service = {"at": "lab/gpus", "replicas": 2, "requests": 100, "during": "10 min", "service_time": "3 s"}
    return a_service_scenario([{**service, "service": "exponential", "utilisation": 0.5}])


def marginal_network():
    data = a_transfer_scenario([{"name": "x", "from": "store", "to": "far", "size": "25 GB"}])
    data["workloads"].append({"transfer": {"name": "y", "from": "store", "to": "alps", "size": "5 GB"}})
    return {**data, "world": {**data["world"], "network": {"energy": "marginal"}}}


WORLDS = {
    "owned": lambda: run(of_always(A_DAY)),
    "by_load": lambda: run(by_load()),
    "two_countries": lambda: run(in_two_countries()),
    "hourly": lambda: sim.run("small/solar_day"),
    "network": lambda: run(marginal_network()),
    "users": lambda: run(a_federate_scenario()),
    "whole_users": lambda: run(a_federate_scenario(phones={"account": "whole"})),
    "owned_users": lambda: run(a_federate_scenario(phones={"owned": "always"})),
    "serving": lambda: run(serving()),
}
every_world = pytest.mark.parametrize("world", WORLDS)


@cache
def result_of(world):
    return WORLDS[world]()


@cache
def account_of(world, **method):
    return result_of(world).account(**method)


@cache
def tables_of(world):
    return {name: result_of(world).table(name) for name in EXACT}


def weights_of(world, rule):
    """Any prices, for the rule that asks for them."""
    if rule != "economic":
        return {}
    names = sorted(set(tables_of(world)["channels"].column("workload").to_pylist()) - {UNASSIGNED})
    return {"weights": {name: float(place + 1) for place, name in enumerate(names)}}


def accounted(world, rule, **method):
    return result_of(world).account(rule, **weights_of(world, rule), **method)


def by(terms, *keys):
    """The amounts of terms, summed by some of their fields."""
    found = {}
    for term in terms:
        found.setdefault(tuple(getattr(term, key) for key in keys), []).append(term.amount)
    return {key: fsum(amounts) for key, amounts in found.items()}


def drawn_by(paradigm, world):
    """Joules and kilograms of each asset with its building's part, from the log alone."""
    found = {}
    for one, overhead in read_log(tables_of(world), paradigm):
        if one.channel["quantity"] != SPARE:
            whole = found.setdefault(one.asset["asset"], [[], []])
            for part in (one.own, *([] if overhead is None else [overhead])):
                whole[0].append(part.energy_j)
                whole[1].append(part.co2e_kg)
    return {asset: (fsum(joules), fsum(mass)) for asset, (joules, mass) in found.items()}


def made_by(paradigm, world, tables, criterion):
    """What the making of each asset comes to, from the table `embodied` alone."""
    over = quantities_of(tables, paradigm, accounts(read_log(tables, paradigm)).carriers, owned=False)
    found = {}
    for row in embodied_rows(tables, paradigm, criterion):
        if is_known(row):
            found.setdefault(row["asset"], []).append(charged(row, over.of(row)))
    return {asset: fsum(amounts) for asset, amounts in found.items()}


@every_world
@pytest.mark.parametrize("rule", RULES)
def test_an_asset_is_charged_with_all_that_it_drew_whatever_the_rule(world, rule):
    found = accounted(world, rule, criterion=["energy_j", "co2e_kg"])
    for paradigm, account in found.of.items():
        charges = by((t for t in account.terms if t.phase == "use"), "asset", "criterion")
        for asset, (joules, mass_kg) in drawn_by(paradigm, world).items():
            assert charges.get((asset, "energy_j"), 0.0) == pytest.approx(joules, rel=1e-9, abs=1e-12)
            assert charges.get((asset, "co2e_kg"), 0.0) == pytest.approx(mass_kg, rel=1e-9, abs=1e-15)


@every_world
@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("rule", CONSERVING)
def test_an_asset_is_charged_with_all_of_its_making_whatever_the_rule(world, rule, basis):
    found = accounted(world, rule, basis=basis)
    tables = {**tables_of(world), "embodied": embodied_by(world, basis)}
    for paradigm, account in found.of.items():
        for criterion in ("co2e_kg", "adpe_kgsb", "primary_energy_mj", "cost_usd"):
            made = (t for t in account.terms if t.phase != "use" and t.criterion == criterion)
            whole = {asset: kg for asset, kg in made_by(paradigm, world, tables, criterion).items() if kg}
            charges = {asset: amount for (asset,), amount in by(made, "asset").items() if amount}
            assert charges == pytest.approx(whole, rel=1e-9)


def embodied_by(world, basis):
    return embodied_table(tables_of(world), build_sets([], []), {}, basis)


@every_world
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("basis", BASES)
def test_nobody_is_charged_less_than_nothing(world, rule, basis):
    for account in accounted(world, rule, basis=basis).of.values():
        assert min(by(account.terms, "criterion", "workload", "asset", "phase").values()) >= 0.0


@every_world
def test_other_criteria_are_the_same_joules_at_other_prices(world):
    """Constant factors of one zone: the amounts of any criterion of electricity are joules x what its zone says."""
    sets = build_sets([], [])
    prices = {"grid_water_l": "grid_water_l_per_kwh", "cost_usd": "price_usd_per_kwh"}
    for paradigm, account in account_of(world).of.items():
        zones = {row["asset"]: row["zone"] for row in tables_of(world)["assets"].to_pylist()}
        drawn = drawn_by(paradigm, world)
        for criterion, column in prices.items():
            terms = (t for t in account.terms if (t.phase, t.criterion) == ("use", criterion))
            charges = by(terms, "asset")
            for (asset,), amount in charges.items():
                factors = [sets.grid(zone.strip(), column).value for zone in zones[asset].split(",")]
                price = fsum(factors) / len(factors)
                assert amount == pytest.approx(drawn[asset][0] / KWH * price, rel=1e-9)
            assert {asset for (asset,) in charges} <= set(drawn)


@every_world
def test_at_the_margin_all_is_1_46_times_the_mean_by_the_hour_too(world):
    for paradigm, account in account_of(world).of.items():
        drawn = drawn_by(paradigm, world)
        terms = (t for t in account.terms if (t.phase, t.criterion) == ("use", "marginal_co2e_kg"))
        charges = by(terms, "asset")
        assert charges
        for (asset,), amount in charges.items():
            assert amount == pytest.approx(1.46 * drawn[asset][1], rel=1e-9)


@every_world
def test_totals_do_not_depend_on_who_pays(world):
    first, *others = (accounted(world, rule) for rule in CONSERVING)
    for paradigm in first.of:
        for criterion in CRITERIA:
            told = totals(first, paradigm, criterion)
            for other in others:
                assert totals(other, paradigm, criterion) == pytest.approx(told, rel=1e-9)


def totals(found, paradigm, criterion):
    return {boundary: total.value for boundary, total in found.boundaries(paradigm, criterion).items()}


@every_world
def test_the_account_by_the_method_of_the_run_is_its_summary_boundary_by_boundary(world):
    summary = result_of(world).summary["paradigms"]
    assert list(account_of(world).of) == list(summary)
    for paradigm, found in summary.items():
        for criterion in ("energy_j", "co2e_kg"):
            told = {b: totals_[criterion] for b, totals_ in found["boundaries"].items() if criterion in totals_}
            assert totals(account_of(world), paradigm, criterion) == pytest.approx(told, rel=1e-12)


@every_world
def test_the_account_of_everything_owned_is_its_summary_too(world):
    tables = tables_of(world)
    for paradigm, found in result_of(world).summary["paradigms"].items():
        account = build_account(tables, paradigm, Method(), build_sets([], []), ["energy_j", "co2e_kg"], owned=True)
        whole = Accounts([account])
        for criterion in ("energy_j", "co2e_kg"):
            told = {b: totals_[criterion] for b, totals_ in found["owned"].items() if criterion in totals_}
            assert totals(whole, paradigm, criterion) == pytest.approx(told, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(scenarios())
def test_of_any_run_the_account_is_the_summary_and_nothing_is_lost_by_a_rule(data):
    result = run(data)
    found = result.summary["paradigms"]["main"]["boundaries"]
    for rule in ("reserved", "used", "reserve-then-use", "shapley"):
        account = result.account(rule, criterion=["energy_j", "co2e_kg"])
        for criterion in ("energy_j", "co2e_kg"):
            told = {b: totals_[criterion] for b, totals_ in found.items() if criterion in totals_}
            assert totals(account, "main", criterion) == pytest.approx(told, rel=1e-9)
            if told:
                whole = list(told.values())[-1]
                shares = account.by_workload(criterion)
                assert fsum(shares.values()) == pytest.approx(whole, rel=1e-9)
                assert min(shares.values()) >= 0.0


def charges_of(data, rule, criterion, **weights):
    given_ = {"weights": weights} if rule == "economic" else {}
    return run(data).account(rule, criterion=[criterion], **given_).by_workload(criterion)


TWINS = [{**A_DAY[0], "name": "a"}, {**A_DAY[0], "name": "z"}, {**A_DAY[2]}]
UNEQUAL = {"a": 1.0, "b": 2.0, "c": 3.0}


@pytest.mark.parametrize("criterion", ["energy_j", "co2e_kg", "site_water_l", "adpe_kgsb"])
@pytest.mark.parametrize("rule", RULES)
def test_who_does_the_same_is_charged_the_same(rule, criterion):
    found = charges_of(of_always(TWINS), rule, criterion, a=1.0, z=1.0, c=1.0)
    assert found["a"] == pytest.approx(found["z"], rel=1e-9)


@pytest.mark.parametrize("criterion", ["energy_j", "co2e_kg"])
@pytest.mark.parametrize("rule", RULES)
def test_a_job_in_two_halves_is_charged_as_one_and_changes_nothing_for_others(rule, criterion):
    halves = [{**A_DAY[0], "name": name, "units": 1} for name in ("a1", "a2")]
    whole = charges_of(of_always(A_DAY), rule, criterion, **UNEQUAL)
    cut = charges_of(of_always([*halves, *A_DAY[1:]]), rule, criterion, a1=0.5, a2=0.5, b=2.0, c=3.0)
    assert cut.pop("a1") + cut.pop("a2") == pytest.approx(whole.pop("a"), rel=1e-9)
    assert cut == pytest.approx(whole, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_another_name_changes_nothing(rule):
    renamed = [{**A_DAY[0], "name": "zebra"}, *A_DAY[1:]]
    before = charges_of(of_always(A_DAY), rule, "co2e_kg", **UNEQUAL)
    after = charges_of(of_always(renamed), rule, "co2e_kg", zebra=1.0, b=2.0, c=3.0)
    assert after.pop("zebra") == pytest.approx(before.pop("a"), rel=1e-9)
    assert after == pytest.approx(before, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_who_takes_no_part_in_an_asset_pays_nothing_of_it(rule):
    """c works on the cards: nothing of the nodes is its, idle or made; and a pays nothing of the cards."""
    terms = list(accounted("owned", rule).terms)
    on = by(terms, "workload", "asset", "criterion")
    assert terms
    for (workload, asset, criterion), amount in on.items():
        if (workload == "c") == asset.startswith("lab/nodes") and workload != UNASSIGNED:
            assert amount == 0.0, (workload, asset, criterion)


def test_idle_hours_of_machines_that_stand_there_stay_nobodys_or_fall_on_who_works():
    """8 cards for 3 h, 3 of them reserved for 1 h: 21 of 24 card-hours are idle, at 50 W, and their building."""
    reserved, used = (accounted("owned", rule, criterion="energy_j") for rule in ("reserved", "used"))
    idle = [t for t in reserved.terms if t.asset == "lab/gpus/accelerator" and t.workload == UNASSIGNED]
    rest_w = run_rest_w()
    assert fsum(t.amount for t in idle) == pytest.approx(21 * 3600 * rest_w * 1.25)
    assert reserved.by_workload("energy_j")[UNASSIGNED] > 0.0
    assert used.by_workload("energy_j")[UNASSIGNED] == 0.0
    on_cards = fsum(t.amount for t in used.terms if t.asset == "lab/gpus/accelerator")
    own = fsum(t.amount for t in reserved.terms if t.asset == "lab/gpus/accelerator")
    assert on_cards == pytest.approx(own)


def run_rest_w():
    return find("device", "a100-sxm4-40gb").number("idle_w", "")


def test_reserved_idle_cards_are_nobodys_in_what_was_made_too():
    """3 of 8 cards for 1 of 3 h: an eighth of the making is c's, 316.07 kg a card in 6 years of 8766 h."""
    found = accounted("owned", "reserved", criterion="co2e_kg")
    cards = [t for t in found.terms if (t.asset, t.item) == ("lab/gpus/accelerator", "accelerator")]
    made = {w: kg for (w, phase), kg in by(cards, "workload", "phase").items() if phase == "manufacture"}
    hour_kg = 316.07 / (6 * 8766)
    assert made == pytest.approx({"c": 3 * hour_kg, UNASSIGNED: 21 * hour_kg})


def test_by_the_hours_at_work_idle_cards_cost_nothing():
    """The class of such cards works for 0.6 of its life."""
    found = accounted("owned", "reserved", criterion="co2e_kg", basis="active")
    cards = [
        t for t in found.terms if (t.asset, t.item, t.phase) == ("lab/gpus/accelerator", "accelerator", "manufacture")
    ]
    assert by(cards, "workload") == pytest.approx({("c",): 3 * 316.07 / (6 * 8766 * 0.6)})


def test_machines_that_are_reserved_alone_have_no_idle_hours():
    """The same workloads on machines that come and go: nobody's are the hours that none is reserved."""
    found = run(a_scenario(A_DAY)).account("reserved", criterion="energy_j").by_workload("energy_j")
    assert found[UNASSIGNED] == 0.0


def test_another_grid_is_energy_times_its_factor_boundary_by_boundary():
    """Carbontracker says something else of France than the run did."""
    factor = build_sets(["carbontracker"], []).grid("fr", "average_gco2e_per_kwh").value
    assert factor != GRAMS_FR
    found = accounted("owned", "reserved", factors="carbontracker")
    energy, mass = (totals(found, "main", c) for c in ("energy_j", "co2e_kg"))
    for boundary, joules in energy.items():
        assert mass[boundary] == pytest.approx(joules / KWH * factor / 1e3, rel=1e-12)


def test_another_set_of_making_changes_what_it_knows_and_nothing_drawn():
    ours, act = (accounted("owned", "reserved", criterion="co2e_kg", factors=f) for f in ((), "vendor"))
    assert totals(ours, "main", "co2e_kg")["facility"] == totals(act, "main", "co2e_kg")["facility"]


def test_an_intensity_by_the_hour_keeps_the_runs_own_whatever_the_set():
    own, other = (
        build_accounts(tables_of("hourly"), {}, given_, ["co2e_kg"]) for given_ in ({}, {"grid": ["carbontracker"]})
    )
    for paradigm in own.of:
        assert totals(own, paradigm, "co2e_kg") == totals(other, paradigm, "co2e_kg")


def test_water_of_cooling_is_litres_a_kilowatt_hour_of_machines():
    """0.5 L/kWh of what machines drew, not of their building."""
    found = account_of("owned")
    drew_j = result_of("owned").summary["paradigms"]["main"]["boundaries"]["server"]["energy_j"]
    assert found.total("site_water_l").value == pytest.approx(0.5 * drew_j / KWH)
    assert list(found.boundaries("main", "site_water_l")) == ["facility"]


def test_water_is_not_computed_where_a_place_does_not_say_how_it_cools():
    data = in_two_countries()
    del data["world"]["datacenters"]["far"]["wue"]
    found = run(data).account()
    assert found.boundaries("main", "site_water_l") == {}
    assert [one.what for one in found.missing("site_water_l")] == ["the cooling of far: give it a `wue`"]
    with pytest.raises(UsageError, match="nobody says the cooling of far: give it a `wue`"):
        found.total("site_water_l")


def test_water_is_not_called_nothing_where_the_buildings_are_not_known():
    data = of_always(A_DAY)
    del data["world"]["datacenters"]["lab"]["pue"]
    found = run(data).account()
    assert found.boundaries("main", "site_water_l") == {}
    assert "not every place has a PUE" in found.missing("site_water_l")[0].what


def test_of_electricity_that_the_scenario_gave_as_a_number_nothing_but_its_emissions_is_known():
    data = a_scenario(A_DAY)
    data["world"]["datacenters"]["lab"]["grid"] = "57 gCO2e/kWh"
    found = run(data).account()
    energy_j = found.total("energy_j", boundary="facility").value
    assert found.total("co2e_kg", boundary="facility").value == pytest.approx(energy_j / KWH * 0.057)
    margin_kg = found.total("marginal_co2e_kg", boundary="facility").value
    assert margin_kg == pytest.approx(1.46 * energy_j / KWH * 0.057)
    for criterion in ("grid_water_l", "cost_usd"):
        assert found.boundaries("main", criterion) == {}
        assert "the electricity of lab (its zone is unknown)" in [one.what for one in found.missing(criterion)]


def test_what_nobody_says_of_the_making_is_missing_from_there_on():
    """A rack's metals are in no set: they stop at the building."""
    found = account_of("owned")
    assert list(found.boundaries("main", "adpe_kgsb"))[-1] == "facility"
    assert "manufacture of lab/nodes/host (rack)" in [one.what for one in found.missing("adpe_kgsb")]
    assert list(found.boundaries("main", "co2e_kg"))[-2:] == ["embodied", "life_cycle"]


def test_an_asset_of_which_nobody_says_anything_ends_the_account_before_its_making():
    """The row of the cards is taken out of the table `embodied`: CO2e stops at the building and says why."""
    tables = tables_of("owned")
    rows = tables["embodied"].to_pylist()
    for row in rows:
        if row["item"] == "accelerator" and row["phase"] == "manufacture" and row["criterion"] == "co2e_kg":
            row["amount"] = None
    unknown = {**tables, "embodied": from_rows("embodied", [tuple(row.values()) for row in rows])}
    account = build_account(unknown, "main", Method(), build_sets([], []), ["co2e_kg"])
    whole = Accounts([account])
    assert list(whole.boundaries("main", "co2e_kg"))[-1] == "facility"
    with pytest.raises(UsageError, match="nobody says manufacture of lab/"):
        whole.total("co2e_kg", boundary="embodied")
    assert "embodied" not in summarise(unknown)["paradigms"]["main"]["boundaries"]


def test_what_draws_no_electricity_has_no_joules_at_the_boundary_of_making():
    for criterion in ("energy_j", "marginal_co2e_kg", "site_water_l", "grid_water_l"):
        assert not {"embodied", "life_cycle"} & set(account_of("owned").boundaries("main", criterion))


@every_world
def test_the_other_ledger_has_marginal_emissions_of_what_workloads_drew_themselves(world):
    found = account_of(world, ledger="consequential")
    for paradigm, account in found.of.items():
        assert {term.criterion for term in account.terms} <= {"energy_j", "marginal_co2e_kg"}
        assert UNASSIGNED not in {term.workload for term in account.terms}
        assert {term.phase for term in account.terms} == {"use"}
        assert not {"embodied", "life_cycle"} & set(account.reach.boundaries)
        if world == "whole_users":  # of which its rest is taken off
            continue
        machines = (one for one in account.terms if one.criterion == "energy_j" and one.boundary != "network")
        assert fsum(one.amount for one in machines) == pytest.approx(drawn_for_somebody_j(paradigm, world), rel=1e-9)


def drawn_for_somebody_j(paradigm, world):
    """Joules of workloads' own, networks left out: of those one more bit counts."""
    readings = [one for one in read_log(tables_of(world), paradigm) if one.drawn.channel["workload"] != UNASSIGNED]
    counted = [one for one in readings if KIND_BOUNDARIES[one.drawn.asset["kind"]] != "network"]
    return fsum(part.energy_j for one in counted for part in (one.drawn.own, one.overhead) if part is not None)


def test_a_marginal_kilowatt_hour_is_what_the_zone_says():
    """France: 1.46 x 56.039 g."""
    found = account_of("owned", ledger="consequential")
    joules, mass_kg = (found.total(c).value for c in ("energy_j", "marginal_co2e_kg"))
    assert mass_kg == pytest.approx(joules / KWH * 1.46 * GRAMS_FR / 1e3)


def test_users_equipment_is_charged_beyond_its_rest_by_the_other_ledger_however_it_was_recorded():
    whole, marginal = (account_of(w, ledger="consequential") for w in ("whole_users", "users"))
    assert whole.total("energy_j").value == pytest.approx(marginal.total("energy_j").value, rel=1e-9)


def test_average_and_marginal_emissions_do_not_add_up():
    average = account_of("owned").total("marginal_co2e_kg", boundary="facility")
    caused = account_of("owned", ledger="consequential").total("marginal_co2e_kg", boundary="facility")
    with pytest.raises(UsageError, match=r"attributional.*consequential.*of two kinds \(ledger\)"):
        average + caused


def test_what_is_sunk_is_not_charged_and_makes_no_total():
    """By `sunk` nothing made is anybody's, so that there is no such boundary; what was drawn is all there."""
    found = account_of("users", rule="sunk")
    assert {term.phase for term in found.terms} == {"use"}
    assert list(found.boundaries("main", "co2e_kg"))[-1] == "devices"
    reserved = account_of("users", rule="reserved")
    assert totals(found, "main", "energy_j") == pytest.approx(totals(reserved, "main", "energy_j"))
    with pytest.raises(UsageError, match="the rule `sunk` charges nothing of what was made"):
        found.total("co2e_kg", boundary="embodied")


@pytest.mark.parametrize("rule", [name for name in CONSERVING if name != "economic"])
def test_users_equipment_is_charged_by_its_own_seconds_whatever_the_rule(rule):
    """Two learnings on the same phones, one of which heats them more: a second of a phone is a second."""
    key = ("phones/paris/device", "manufacture")
    charges = by(two_learnings().account(rule, criterion="co2e_kg").terms, "asset", "phase", "workload")
    held = {}
    for row in two_learnings().table("reservations").to_pylist():
        if row["asset"] == key[0]:
            held[row["workload"]] = 1000 * row["share"] * (row["to_s"] - row["from_s"])
    assert set(held) == {"a", "b"}
    for workload, piece_s in held.items():
        assert charges[(*key, workload)] == pytest.approx(piece_s * 58.0 / (2.5 * 365.25 * 86400), rel=1e-9)


@cache
def two_learnings():
    data = a_federate_scenario()
    learning = data["workloads"][0]["federate"]
    second = {**learning, "name": "b", "after": "a", "sample_time": "7 s"}
    return run({**data, "workloads": [{"federate": {**learning, "name": "a"}}, {"federate": second}]})


def test_trials_are_told_apart_at_a_boundary_of_their_own():
    """3.6 MJ and 2 kg were thrown away; of their water nothing is known, nor of anything beyond."""
    row = ("main", 0, 7, "no", "reached", 0.1, None, 9, 60.0, "facility", 3.6e6, 2.0, 4e6, 3.0)
    tables = {**tables_of("owned"), "trials": from_rows("trials", [row])}
    summary = summarise(tables)["paradigms"]["main"]["boundaries"]
    found = build_accounts(tables, {}, {}, list(CRITERIA))
    for criterion in ("energy_j", "co2e_kg"):
        told = {b: figures[criterion] for b, figures in summary.items() if criterion in figures}
        assert totals(found, "main", criterion) == pytest.approx(told, rel=1e-12)
    ladder = totals(found, "main", "energy_j")
    assert ladder["development"] - ladder["facility"] == pytest.approx(3.6e6)
    assert list(totals(found, "main", "grid_water_l"))[-1] == "facility"


def test_a_record_in_which_nothing_happened_has_an_account_of_nothing():
    found = run(a_scenario([{**A_DAY[0], "start": "2 h"}], horizon="1 h")).account()
    assert all(found.boundaries("main", criterion) == {} for criterion in CRITERIA)
    with pytest.raises(UsageError, match="nothing was in service"):
        found.total("co2e_kg")


@every_world
def test_every_term_says_where_its_numbers_come_from(world):
    for term in account_of(world).terms:
        assert abs(term.base) < inf
        for factor in (*term.factors, *term.inverse):
            assert factor.name
            assert factor.source
            assert factor.confidence


@every_world
def test_terms_count_at_the_boundary_of_what_they_are_of(world):
    kinds = {row["asset"]: KIND_BOUNDARIES[row["kind"]] for row in tables_of(world)["assets"].to_pylist()}
    for term in account_of(world).terms:
        allowed = {"manufacture": {"embodied"}, "transport": {"life_cycle"}, "end_of_life": {"life_cycle"}}
        assert term.boundary in allowed.get(term.phase, {kinds[term.asset], "facility"})


def test_a_scenarios_own_method_is_that_of_its_account():
    data = {**of_always(A_DAY), "footprint": {"rule": "used", "lives": {"a100-sxm4-40gb": {"lifetime": "3 y"}}}}
    found = sim.run(loaded(data)).account()
    assert found.method.rule == "used"
    assert found.by_workload("energy_j")[UNASSIGNED] == 0.0
    made = [t for t in found.terms if (t.item, t.criterion, t.phase) == ("accelerator", "co2e_kg", "manufacture")]
    assert {term.inverse[0].value for term in made if term.asset == "lab/gpus/accelerator"} == {3.0}
    assert {term.inverse[0].value for term in made if term.asset == "lab/nodes/accelerator"} == {6.0}


def test_the_water_of_cooling_ends_before_the_networks_whose_cooling_is_unknown():
    """1.8 L/kWh of four cards; of the routers' rooms nobody says any, so no total holds them."""
    data = a_federate_scenario()
    data["world"]["datacenters"]["lab"] |= {"wue": 1.8, "pue": 1.2}
    result = run(data)
    drew_j = result.summary["paradigms"]["main"]["boundaries"]["accelerator"]["energy_j"]
    found = result.account()
    assert totals(found, "main", "site_water_l") == pytest.approx({"facility": 1.8 * drew_j / KWH})
    with pytest.raises(sim.SimulatorError, match="cooling of networks"):
        found.total("site_water_l", boundary="network")
