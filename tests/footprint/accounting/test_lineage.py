"""Every ancestor is answered for once: by who uses it, and by children still to come."""

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import a_scenario, loaded, run

from simulator.errors import ScenarioError, UsageError
from simulator.footprint.accounting.ancestors import find_ancestry, totals
from simulator.footprint.accounting.lineage import FUTURE, RULES, Kin, Lineage, shares
from simulator.view.lineage import lineage_lines

ONE_HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}
HOUR_KG = 4.196 * 1.25 * 0.056039
"""dgx-a100 for one hour: 8 x 400 W and a host of 996 W, PUE 1.25, France 56.039 g/kWh."""


@st.composite
def lineages(draw):
    """Models of which each is made from some of those before it."""
    names = [f"m{number}" for number in range(draw(st.integers(1, 7)))]
    found = {}
    for number, name in enumerate(names):
        parents = draw(st.lists(st.sampled_from(names[:number]), unique=True)) if number else []
        found[name] = {
            "impact": f"{draw(st.integers(1, 10**6))} kgCO2e",
            "parents": parents,
            "direct": draw(st.booleans()),
            "use": draw(st.integers(1, 10**9)),
            "value": draw(st.integers(1, 10**9)),
            "reserve": draw(st.floats(0.0, 1.0)),
        }
    for name, one in found.items():
        have = sum(name in other["parents"] for other in found.values())
        more = draw(st.none() | st.integers(0, 5))
        one["children"] = None if more is None or not have + more else have + more
    return kin(found)


def kin(said):
    return {name: Kin.model_validate(one) for name, one in said.items()}


def chain(**more):
    """A base that two were made from, one of which became a third."""
    parents = {"base": [], "left": ["base"], "right": ["base"], "last": ["left"]}
    return kin({n: {"impact": "1 kgCO2e", "parents": p, **more.get(n, {})} for n, p in parents.items()})


@given(lineages(), st.sampled_from(sorted(RULES)))
def test_those_who_use_a_model_and_its_future_answer_for_all_of_it(models, rule):
    for found in shares(models, rule).values():
        assert fsum(found.values()) == pytest.approx(1.0, abs=1e-12)
        assert min(found.values()) >= 0.0


@given(lineages(), st.sampled_from(sorted(RULES)))
def test_nobody_answers_for_what_does_not_come_before_it(models, rule):
    before = {}
    for name, one in models.items():
        before[name] = {name}.union(*(before[parent] for parent in one.parents))
    for ancestor, found in shares(models, rule).items():
        assert all(ancestor in before[name] for name in found.keys() - {FUTURE})


@given(lineages(), st.sampled_from(sorted(RULES)), st.randoms(use_true_random=False))
def test_other_names_in_another_order_change_nothing(models, rule, luck):
    numbers = list(range(len(models)))
    luck.shuffle(numbers)
    new = {name: f"x{number}" for name, number in zip(models, numbers, strict=True)}
    said = {new[n]: one.model_copy(update={"parents": [new[p] for p in one.parents]}) for n, one in models.items()}
    renamed = shares(dict(sorted(said.items())), rule)
    for name, found in shares(models, rule).items():
        assert renamed[new[name]] == pytest.approx({new.get(n, FUTURE): share for n, share in found.items()})


def test_by_heads_a_model_and_each_child_take_one_and_children_hand_on():
    """base: itself, left and right, a third each; left keeps half of its third and hands half to last."""
    found = shares(chain(), "equal")
    assert found["base"] == pytest.approx({"base": 1 / 3, "left": 1 / 6, "right": 1 / 3, "last": 1 / 6})
    assert found["left"] == pytest.approx({"left": 0.5, "last": 0.5})
    assert found["last"] == {"last": 1.0}


def test_children_that_nobody_named_stay_with_the_future():
    """Five heads, of which two are not named; the third of what comes to left waits for its own two others."""
    found = shares(chain(base={"children": 4}, left={"children": 3, "direct": False}), "equal")
    future = 0.4 + 0.2 * 2 / 3
    assert found["base"] == pytest.approx({"base": 0.2, "right": 0.2, "last": 0.2 / 3, FUTURE: future})


def test_a_reserve_is_kept_back_before_heads_are_counted():
    found = shares(chain(base={"reserve": 0.4}), "equal")["base"]
    assert found["base"] == pytest.approx(0.6 / 3)
    assert found[FUTURE] == pytest.approx(0.4)


def test_by_use_each_descendant_counts_once_whatever_the_ways_to_it():
    """last comes from base by left and by right: 60 of 10 + 20 + 10 + 60 requests are its own."""
    said = {"base": (10, []), "left": (20, ["base"]), "right": (10, ["base"]), "last": (60, ["left", "right"])}
    models = kin({n: {"impact": "1 kgCO2e", "use": use, "parents": p} for n, (use, p) in said.items()})
    found = shares(models, "use")
    assert found["base"] == pytest.approx({"base": 0.1, "left": 0.2, "right": 0.1, "last": 0.6})
    assert found["left"] == pytest.approx({"left": 0.25, "last": 0.75})


def test_by_economy_what_the_use_is_worth_counts_and_a_reserve_waits():
    models = kin(
        {
            "base": {"impact": "1 kgCO2e", "value": 0, "reserve": 0.5},
            "sold": {"impact": "1 kgCO2e", "value": 9, "parents": "base"},
        }
    )
    assert shares(models, "economic")["base"] == {"sold": 0.5, FUTURE: 0.5}


def test_cut_off_leaves_all_of_a_model_with_who_made_it():
    assert shares(chain(base={"reserve": 0.5}), "cut-off")["base"] == {"base": 1.0}


def test_a_circle_is_an_error_that_names_it():
    models = kin({n: {"impact": "1 kgCO2e", "parents": p} for n, p in {"a": "c", "b": "a", "c": "b", "d": "a"}.items()})
    with pytest.raises(UsageError, match=r"circle: (a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)"):
        shares(models, "equal")


def test_use_that_nobody_says_is_not_0():
    with pytest.raises(UsageError, match=r"nobody says the `use` of base, left, right, last"):
        shares(chain(), "use")
    with pytest.raises(UsageError, match="a `use` of 0"):
        shares(kin({"a": {"impact": "1 kgCO2e", "use": 0}}), "use")


def faults(models, rule="equal", of="base"):
    lineage = Lineage.model_validate({"rule": rule, "of": of, "models": models})
    return [f"{'.'.join(map(str, fault.path))}: {fault.sentence}" for fault in lineage.faults()]


def test_full_to_each_child_is_refused_for_it_counts_twice():
    with pytest.raises(ValidationError, match="counts it as often as it has children"):
        faults({"base": {"impact": "1 tCO2e"}}, rule="full")


def test_what_cannot_be_is_told_by_field():
    base, child = {"impact": "1 tCO2e"}, {"impact": "1 tCO2e", "parents": ["base"]}
    assert faults({"base": base, "a": child}) == []
    assert "of: no model of the lineage is called 'x'" in faults({"base": base}, of="x")[0]
    assert faults({"base": base, "a": {**child, "parents": ["x"]}})[0].startswith("models.a.parents: no model")
    assert "twice" in faults({"base": base, "a": {**child, "parents": ["base", "base"]}})[0]
    assert "2 are named already" in faults({"base": {**base, "children": 1}, "a": child, "b": child})[0]
    assert len(faults({"base": base, "a": child}, rule="use")) == 2
    assert "circle" in faults({"base": {**base, "parents": ["base"]}})[0]


def with_lineage(rule="equal", workloads=None, **ancestor):
    models = {
        "base": {"impact": "11 tCO2e", "energy": "40 MWh", "children": 4, "use": 30, **ancestor},
        "ours": {"trains": "train", "parents": "base", "use": 10},
    }
    lineage = {"rule": rule, "of": "ours", "models": models}
    return a_scenario(workloads or [ONE_HOUR], footprint={"lineage": lineage})


def test_a_run_takes_its_share_of_an_ancestor_beside_the_ladder():
    """Five heads: a fifth of 11 t and of 40 MWh; nothing of it is in a boundary."""
    result, alone = run(with_lineage()), run(a_scenario([ONE_HOUR]))
    assert result.summary == alone.summary
    co2e, energy = find_ancestry(result.account())
    assert (co2e.taken, energy.taken) == pytest.approx((2200.0, 8.0 * 3.6e9))
    own = co2e.parts[-1]
    assert (own.model, own.share, own.value) == ("ours", 1.0, result.account().by_workload()["train"])
    assert own.whole.source == "this run: workload train at the boundary life_cycle"
    assert energy.parts[-1].value == pytest.approx(4.196 * 1.25 * 3.6e6)


def test_another_rule_asks_nothing_of_the_simulator():
    result = run(with_lineage())
    said = result.manifest["footprint"]["method"]["lineage"]
    by_use = find_ancestry(result.account(lineage={**said, "rule": "use"}))[0]
    cut = find_ancestry(result.account(lineage={**said, "rule": "cut-off"}))[0]
    assert (by_use.taken, cut.taken) == (pytest.approx(11000.0 * 10 / 40), 0.0)
    assert find_ancestry(result.account(lineage=None)) == []


def test_all_models_and_the_future_answer_for_what_all_of_them_took():
    result = run(with_lineage())
    found = {model: kg for _, model, kg in totals(result.account())}
    assert found[FUTURE] == pytest.approx(11000.0 * 0.6)
    assert fsum(found.values()) == pytest.approx(11000.0 + result.account().by_workload()["train"])


def test_an_ancestor_whose_energy_nobody_says_is_unknown_unless_nothing_is_taken_of_it():
    _, energy = find_ancestry(run(with_lineage(energy=None)).account())
    assert (energy.taken, energy.unknown) == (None, ("base",))
    lines = [str(line) for line in lineage_lines([energy])]
    assert lines[0].endswith("energy_j is not computed, for nobody says that of base")
    _, energy = find_ancestry(run(with_lineage("cut-off", energy=None)).account())
    assert energy.taken == 0.0


def test_a_workload_that_no_paradigm_has_is_an_error():
    result = run(with_lineage())
    said = result.manifest["footprint"]["method"]["lineage"]
    models = {**said["models"], "ours": {"trains": "tune", "parents": ["base"]}}
    with pytest.raises(UsageError, match=r"models.ours.trains: no workload that 'tune' names .* there is train"):
        find_ancestry(result.account(lineage={**said, "models": models}))


def test_a_line_says_what_is_taken_from_whom_by_which_rule():
    co2e, _ = find_ancestry(run(with_lineage()).account())
    said, rule = (str(line) for line in lineage_lines([co2e]))
    assert said == "main, ancestors of ours (equal, in no boundary): 2.2 t, 20.0% of base (11 t)"
    assert rule.startswith("equal: by heads")
    assert co2e.as_json()["parts"][0]["amount"] == pytest.approx(2200.0)


def test_a_file_is_told_its_mistakes_with_their_place():
    data = with_lineage()
    data["footprint"]["lineage"]["models"]["base"]["parents"] = ["ours"]
    with pytest.raises(ScenarioError, match=r"footprint\.lineage\.models: goes round in a circle: "):
        loaded(data)
    data["footprint"]["lineage"]["models"]["base"] = {"children": 2}
    with pytest.raises(ScenarioError, match="what did it take"):
        loaded(data)
