"""Levers: savings from pen and paper, what they come to together, and a scenario that they leave as it was."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import loaded, run

import simulator as sim
from simulator.errors import ScenarioError, UsageError
from simulator.scenario.lever_spec import ABOUT, Lever
from simulator.scenario.lever_values import LEVERS, as_values, values_of
from simulator.scenario.load import dump, load_text
from simulator.study import levers

YEAR_KG = 10 * 84 / 2.5
"""Ten phones a year: 84 kg over 2.5 years each (the set `boavizta`)."""
FIVE_YEARS, HALF = {"device_lifetime": "5 y"}, {"fewer_devices": 0.5}
PHONES = {
    **{"device": "smartphone", "count": 10, "places": {"paris": 1.0}, "access": {"wifi": 1.0}},
    **{"state": "mains", "account": "whole", "owned": "always"},
}
GPUS = {"lab": {"grid": "FR", "pue": 1.5, "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 1}}}}
TRAIN = {"at": "lab/gpus", "time": "1 h", "utilisation": 1.0}


def a_life(pulled, **changes):
    """A scenario with these levers: ten phones for a year, and a GPU for an hour."""
    world = {"datacenters": deepcopy(GPUS), "populations": {"phones": deepcopy(PHONES)}}
    said = {"name": "life", "horizon": "365.25 d", "world": world, "workloads": [{"train": dict(TRAIN)}]}
    return {**said, "footprint": {"embodied": "boavizta"}, "levers": pulled, **changes}


def pull(pulled, criterion="co2e_kg", **changes):
    return levers.pull(loaded(a_life(pulled, **changes)), criterion)


def savings(found):
    (ranking,) = found.rankings
    return {line.name: line.value for line in ranking.levers}


def test_a_phone_that_lasts_five_years_saves_16_8_kg_a_year():
    (ranking,) = pull({"longer": FIVE_YEARS}).rankings
    (line,) = ranking.levers
    assert ranking.boundary == "life_cycle"
    assert line.value == pytest.approx(10 * 16.8, rel=1e-9)
    assert line.share == pytest.approx(10 * 16.8 / ranking.value)
    assert ranking.value == pytest.approx(YEAR_KG, rel=0.02)  # beside an hour of a GPU, and phones at rest


def test_a_repair_costs_what_it_takes_over_the_longer_life():
    """(84 + 4) / 5 years, 4 kg a repair."""
    found = savings(pull({"repaired": {"repair": {"repairs": 1, "lifetime": "5 y"}}}))
    assert found["repaired"] == pytest.approx(10 * (33.6 - 88 / 5))


@pytest.mark.parametrize(("split", "own_kg"), [("time", 84 * 2 / 4.5), ("cut-off", 0.0)])
def test_second_hand_bears_its_part_of_the_making_and_the_refurbishing(split, own_kg):
    """2 of 4.5 years, and 7 kg to refurbish it."""
    hand = {"first": "2.5 y", "lifetime": "4.5 y", "split": split}
    found = savings(pull({"second": {"second_hand": hand}}))
    assert found["second"] == pytest.approx(10 * (33.6 - (own_kg + 7) / 2))


def test_together_they_save_less_than_their_sum_by_what_both_would_save():
    """Half the phones for twice as long: 1/2 and 1/2 alone, 3/4 of the making together; their rest is halved once."""
    found = pull({"longer": FIVE_YEARS, "fewer": HALF})
    (ranking,) = found.rankings
    alone = savings(found)
    assert ranking.together.value == pytest.approx(0.75 * YEAR_KG + alone["fewer"] - YEAR_KG / 2)
    assert ranking.interaction == pytest.approx(YEAR_KG / 4)
    assert ranking.together.says == "longer, fewer"


def test_fewer_phones_rest_less():
    """0.071 W of a phone at rest, five of them, for a year, at 56.039 g."""
    found = savings(pull({"fewer": HALF}))
    rest_kg = 5 * 0.071 * 365.25 * 24 / 1e3 * 0.056039
    assert found["fewer"] == pytest.approx(YEAR_KG / 2 + rest_kg, rel=1e-6)
    energy = savings(pull({"fewer": HALF}, "energy_j"))
    assert energy["fewer"] == pytest.approx(5 * 0.071 * 365.25 * 86400)


def test_the_largest_saving_comes_first_and_one_that_makes_it_worse_last():
    found = pull({"shorter": {"device_lifetime": "2 y"}, "longest": {"device_lifetime": "10 y"}, "longer": FIVE_YEARS})
    (ranking,) = found.rankings
    assert [line.name for line in ranking.levers] == ["longest", "longer", "shorter"]
    assert ranking.levers[-1].value == pytest.approx(10 * (33.6 - 42.0))


def test_a_rebound_is_told_beside_the_saving_and_never_in_it():
    found = pull({"longer": {**FIVE_YEARS, "rebound": 0.25}, "fewer": {**HALF, "rebound": 0.1}})
    (ranking,) = found.rankings
    lines = {line.name: line for line in ranking.levers}
    assert (lines["longer"].value, lines["longer"].after) == (pytest.approx(168.0), pytest.approx(0.75 * 168.0))
    back = 0.25 * lines["longer"].value + 0.1 * lines["fewer"].value
    assert ranking.together.after == pytest.approx(ranking.together.value - back)


def test_nothing_comes_back_of_what_is_not_saved():
    (ranking,) = pull({"shorter": {"device_lifetime": "2 y", "rebound": 0.5}}).rankings
    (line,) = ranking.levers
    assert line.value < 0
    assert line.after == line.value


def test_per_unit_is_what_one_functional_unit_saves():
    unit = {"functional_unit": "a phone's year", "units": 10}
    found = pull({"longer": FIVE_YEARS}, comparison=unit)
    assert savings(found)["longer"] == pytest.approx(16.8)
    assert found.functional_unit == "a phone's year"


METHODS = {
    "longer": FIVE_YEARS,
    "second": {"second_hand": {"first": "2.5 y", "lifetime": "4.5 y"}},
    "rule": {"set": {"footprint.rule": "used"}},
    "makers": {"set": {"footprint.embodied": ["vendor"]}},
    "grids": {"set": {"footprint.grid": ["base"]}},
    "whole": {"set": {"footprint": {"basis": "active"}}},
}


@pytest.mark.parametrize("name", METHODS)
def test_an_account_of_the_record_answers_as_a_simulation_would(name, monkeypatch):
    """The scenario with the lever's values, run from its file, has the same account as the base's record by them."""
    runs = []
    monkeypatch.setattr(levers, "run_scenario", lambda *a, real=levers.run_scenario: runs.append(a) or real(*a))
    data = a_life({name: METHODS[name]})
    (ranking,) = levers.pull(loaded(data)).rankings
    (line,) = ranking.levers
    assert (line.simulated, len(runs)) == (False, 1)
    changed = loaded(data)
    values = as_values(data, values_of(changed, name))
    again = run({**data, **values}).account(criterion="co2e_kg").total("co2e_kg", "main", ranking.boundary)
    assert ranking.value - line.value == pytest.approx(again.value, rel=1e-12)


def test_what_touches_the_world_is_simulated():
    found = pull({"longer": FIVE_YEARS, "fewer": HALF})
    assert {line.name: line.simulated for line in found.rankings[0].levers} == {"longer": False, "fewer": True}
    assert found.rankings[0].together.simulated


def test_levers_change_nothing_of_a_run_and_pulling_them_nothing_of_the_scenario():
    """Without its levers a scenario has the same tables and summary, and a manifest that differs in its hash alone."""
    data = a_life({"longer": FIVE_YEARS, "fewer": HALF})
    scenario = loaded(data)
    before = deepcopy(scenario.data)
    levers.pull(scenario)
    assert scenario.data == before
    pulled, base = sim.run(scenario), run({key: value for key, value in data.items() if key != "levers"})
    assert pulled.manifest["hashes"]["results"] == base.manifest["hashes"]["results"]
    assert pulled.summary == base.summary
    differing = {key for key, value in pulled.manifest.items() if base.manifest[key] != value}
    assert differing <= {"hashes", "seal"}
    assert pulled.manifest["hashes"]["catalogue"] == base.manifest["hashes"]["catalogue"]


def test_of_two_that_set_one_thing_the_later_stands_together_and_the_other_is_told():
    found = pull({"six": {"device_lifetime": "6 y"}, "longer": FIVE_YEARS, "fewer": HALF})
    (ranking,) = found.rankings
    assert ranking.together.says == "longer, fewer"
    sentence = (
        "six is not among those together, for longer, later in the file, sets "
        "`footprint.lives.smartphone.lifetime` to something else"
    )
    assert found.notes == [sentence]
    assert ranking.interaction == pytest.approx(YEAR_KG / 4)


def test_one_lever_alone_is_all_of_them_together():
    (ranking,) = pull({"longer": FIVE_YEARS}).rankings
    assert ranking.together.value == ranking.levers[0].value
    assert ranking.interaction == 0.0


@settings(max_examples=8, deadline=None)
@given(lifetime_y=st.floats(0.5, 30.0), factor=st.sampled_from([0.1, 0.5, 1.0, 2.0]))
def test_alone_less_together_is_the_interaction(lifetime_y, factor):
    found = pull({"life": {"device_lifetime": f"{lifetime_y} y"}, "fewer": {"fewer_devices": factor}})
    (ranking,) = found.rankings
    alone = sum(savings(found).values())
    assert ranking.together.value + ranking.interaction == pytest.approx(alone, abs=1e-9)
    made_kg = 84 * 10 * factor / lifetime_y
    assert ranking.together.value == pytest.approx(
        YEAR_KG - made_kg + savings(found)["fewer"] - YEAR_KG * (1 - factor), abs=1e-6
    )


def test_a_lever_that_ends_before_its_work_is_done_saves_nothing_that_counts():
    slow = {"slow": {"set": {"workloads.train.time": "3 h"}}, "longer": FIVE_YEARS}
    found = pull(slow, horizon="2 h")
    (ranking,) = found.rankings
    assert [(line.name, line.value) for line in ranking.levers][1] == ("slow", None)
    assert ranking.levers[1].aside == "it did not finish its work"
    assert (ranking.together.value, ranking.interaction) == (None, None)


def test_a_scenario_that_does_not_finish_has_nothing_to_save():
    with pytest.raises(UsageError, match="it does not finish its work"):
        pull({"longer": FIVE_YEARS}, horizon="30 min")


def test_each_paradigm_has_its_own_ranking():
    two = {"short": [{"train": TRAIN}], "long": [{"train": {**TRAIN, "time": "1000 h"}}]}
    data = a_life({"pue": {"pue": 1.0}, "longer": FIVE_YEARS}, paradigms=two)
    del data["workloads"]
    found = levers.pull(loaded(data))
    assert [ranking.paradigm for ranking in found.rankings] == ["short", "long"]
    saved = {r.paradigm: next(line.value for line in r.levers if line.name == "pue") for r in found.rankings}
    assert saved["long"] == pytest.approx(1000 * saved["short"])
    assert saved["short"] == pytest.approx(0.4 * 0.5 * 0.056039)  # 400 W for an hour, half as much of the building
    assert [r.paradigm for r in levers.pull(loaded(data), paradigm="long").rankings] == ["long"]


MODELS = {"tiny": {"parameters": 1000, "forward_flop_per_sample": "2 kFLOP", "sample_unit": "token"}}
SERVE = {"at": "lab/gpus", "requests": 100, "during": "1 h", "service_time": "1 s", "service": "constant"}
SMART = ("footprint", "lives", "smartphone")
POPULATION, LAB = ("world", "populations", "phones"), ("world", "datacenters", "lab")
SETS = {
    "fewer_devices": (0.25, {(*POPULATION, "count"): 2}),
    "fewer_requests": (0.5, {("workloads", "0", "serve", "requests"): 50}),
    "device_lifetime": ("4 y", {(*SMART, "lifetime"): "4 y"}),
    "repair": ({"repairs": 2, "lifetime": "4 y"}, {(*SMART, "repairs"): 2, (*SMART, "lifetime"): "4 y"}),
    "second_hand": (
        {"first": "1 y", "lifetime": "4 y", "split": "time"},
        {
            (*SMART, "lifetime"): "4 y",
            (*SMART, "second_hand"): {"first": "1 y", "split": "time", "owner": "second"},
        },
    ),
    "access": ("fibre", {(*POPULATION, "access"): {"fibre": 1}}),
    "grid": ("SE", {(*LAB, "grid"): "SE", (*POPULATION, "grid"): "SE"}),
    "pue": (1.1, {(*LAB, "pue"): 1.1}),
    "model_size": (
        0.5,
        {("models", "tiny", "parameters"): 500.0, ("models", "tiny", "forward_flop_per_sample"): "1000.0 FLOP"},
    ),
}


def test_every_kind_of_lever_is_a_field_and_every_field_a_kind():
    assert list(LEVERS) == list(SETS) == [field for field in Lever.model_fields if field not in (*ABOUT, "set")]


@pytest.mark.parametrize("kind", SETS)
def test_a_lever_sets_what_its_kind_says(kind):
    value, expected = SETS[kind]
    scenario = loaded(a_life({"it": {kind: value}}, models=MODELS, workloads=[{"serve": SERVE}]))
    assert values_of(scenario, "it") == expected


@pytest.mark.parametrize("kind", SETS)
def test_every_kind_of_lever_is_pulled(kind):
    value, _ = SETS[kind]
    (ranking,) = pull({"it": {kind: value}}, models=MODELS, workloads=[{"serve": SERVE}]).rankings
    assert ranking.levers[0].value is not None


def test_a_life_that_the_scenario_says_of_a_class_is_the_one_that_changes():
    lives = {"embodied": "boavizta", "lives": {"phone": {"lifetime": "4 y", "repairs": 1}}}
    found = pull({"longer": {"device_lifetime": "8 y"}}, footprint=lives)
    assert savings(found)["longer"] == pytest.approx(10 * 88 * (1 / 4 - 1 / 8))


def test_a_whole_method_that_a_lever_sets_takes_nothing_of_the_old_one():
    lives = {"embodied": "boavizta", "lives": {"phone": {"lifetime": "5 y"}}}
    found = pull({"new": {"set": {"footprint": {"embodied": "boavizta"}}}}, footprint=lives)
    assert savings(found)["new"] == pytest.approx(10 * (84 / 5 - 84 / 2.5))


def test_of_names_what_a_lever_is_about():
    others = {"phones": PHONES, "laptops": {**PHONES, "device": "laptop"}}
    data = a_life({"it": {**HALF, "of": "laptops"}})
    data["world"]["populations"] = others
    assert list(values_of(loaded(data), "it")) == [("world", "populations", "laptops", "count")]


def test_another_grid_takes_the_place_of_a_shape():
    data = a_life({"it": {"grid": "SE", "of": "lab"}})
    data["world"]["datacenters"]["lab"] = {**GPUS["lab"], "grid_shape": {"shape": "nuclear", "zone": "FR"}}
    del data["world"]["datacenters"]["lab"]["grid"]
    data["horizon"] = "2 d"
    found = values_of(loaded(data), "it")
    assert found == {(*LAB, "grid_shape"): None, (*LAB, "grid"): "SE"}
    assert levers.pull(loaded(data)).rankings[0].levers[0].value > 0


def test_names_of_lives_may_hold_dots():
    data = a_life({"it": {"set": {"footprint.lives.aws-p4d.24xlarge.lifetime": "6 y"}}})
    found = as_values(data, values_of(loaded(data), "it"))
    assert found == {"footprint": {"embodied": "boavizta", "lives": {"aws-p4d.24xlarge": {"lifetime": "6 y"}}}}


def test_a_files_own_factors_are_found_beside_it_wherever_the_command_is(tmp_path, monkeypatch):
    header = "target,per,covers,manufacture_kgco2e,lifetime_y,source,year,confidence\n"
    (tmp_path / "mine.csv").write_text(f"{header}smartphone,piece,life_cycle,50,2,a paper,2025,published\n")
    text = dump(a_life({"mine": {"set": {"footprint.embodied": ["mine.csv", "boavizta"]}}}))
    monkeypatch.chdir("/")
    found = levers.pull(load_text(text, str(tmp_path / "life.yaml")))
    assert savings(found)["mine"] == pytest.approx(10 * (33.6 - 50 / 2))


def test_a_scenario_without_levers_says_how_to_list_some():
    with pytest.raises(UsageError, match="it has none; list some under `levers:`"):
        pull({})


def test_a_criterion_and_a_paradigm_that_are_not_there_are_refused():
    with pytest.raises(UsageError, match="no such criterion; there is energy_j"):
        pull({"longer": FIVE_YEARS}, "co2e")
    with pytest.raises(UsageError, match="has no such paradigm; did you mean `main`"):
        levers.pull(loaded(a_life({"longer": FIVE_YEARS})), paradigm="mani")


def test_all_that_is_wrong_with_levers_is_told_at_once():
    wrong = {
        "typo": {"set": {"world.populations.phnes.count": 5}},
        "value": {"set": {"footprint.rule": "usd"}},
        "whose": {**HALF, "of": "laptops"},
        "nobody": {"fewer_requests": 0.5},
        "other": {"set": {"comparison.units": 2}},
    }
    with pytest.raises(ScenarioError) as caught:
        pull(wrong)
    told = {problem.path: problem.sentence for problem in caught.value.problems}
    assert list(told) == [f"levers.{name}" for name in wrong]
    assert "there is no `phnes`; there is `phones`" in told["levers.typo"]
    assert told["levers.value"].startswith("footprint.rule: ")
    assert told["levers.whose"] == "of: laptops: no population is called so; there is `phones`"
    assert told["levers.nobody"] == "the lever: there is no service that it could change; leave it out"
    assert told["levers.other"] == "lever other: it changes `comparison`; that is another question; leave it as it is"


def test_levers_that_do_not_go_together_are_told_before_anything_runs(monkeypatch):
    monkeypatch.setattr(levers, "run_scenario", lambda *_: pytest.fail("it ran"))
    early = {
        "set": {
            "footprint.lives.smartphone.second_hand": {"first": "3 y"},
            "footprint.lives.smartphone.lifetime": "4 y",
        }
    }
    short = {"set": {"footprint.lives.phone.second_hand": {"first": "3 y"}, "footprint.lives.phone.lifetime": "1 y"}}
    with pytest.raises(ScenarioError, match=r"levers.short: .*leaves nothing for the second owner"):
        pull({"early": early, "short": short})


def test_a_model_of_layers_is_not_shrunk_by_a_factor():
    shape = {"layers": 2, "hidden": 64, "heads": 2, "ffn": 256, "vocabulary": 1000}
    models = {"own": {"parameters": 1e6, "architecture": shape}}
    with pytest.raises(ScenarioError, match="its size follows from its layers"):
        pull({"small": {"model_size": 0.5}}, models=models)


def test_the_phone_of_the_talk_answers_as_its_header_says():
    (ranking,) = levers.pull(sim.load("talk/phone_life")).rankings
    saved = {line.name: line.value for line in ranking.levers}
    assert ranking.value == pytest.approx(44.1, abs=0.05)
    assert saved["five_years"] == pytest.approx(1.25 * 16.8)
    assert saved["repaired"] == pytest.approx(1.25 * 16.0)
    assert saved["second_hand"] == pytest.approx(1.25 * (33.6 - (84 * 2 / 4.5 + 7) / 2))
    assert saved["one_phone_each"] == pytest.approx(0.25 * 33.6, rel=0.01)
    assert [round(saved[name], 1) for name in ("wifi", "watch_half")] == [1.3, 0.8]
    assert [round(v, 1) for v in (ranking.together.value, ranking.interaction)] == [25.9, 25.6]
