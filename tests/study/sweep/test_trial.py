"""Every value is tried before anything runs; what is wrong stands where the sweep says it, else where the base does."""

import pytest
from strategies import a_sweep

from simulator.errors import ScenarioError
from simulator.study.sweep import trial
from simulator.study.sweep.load import load_sweep
from simulator.study.sweep.trial import try_values

TIME, UNITS, LOAD = "workloads.first.time", "workloads.first.units", "workloads.first.utilisation"
HORIZON, MODEL = "horizon", "world.datacenters.lab.devices.gpus.model"


def told(**varied):
    with pytest.raises(ScenarioError) as caught:
        try_values(a_sweep(varied))
    return [(problem.path, problem.sentence.split(",")[0].split(" such")[0]) for problem in caught.value.problems]


def tried(monkeypatch, sweep):
    """The values of each try."""
    found, load_text = [], trial.load_text
    monkeypatch.setattr(
        trial, "load_text", lambda text, source, values: found.append(values) or load_text(text, source)
    )
    try_values(sweep)
    return found


@pytest.mark.parametrize("name", ["studies/small", "studies/sobol_service", "studies/federated_frontier"])
def test_the_values_of_a_shipped_sweep_are_all_possible(name):
    try_values(load_sweep(name))


def test_each_value_is_tried_once_with_the_others_at_their_first(monkeypatch):
    sweep = a_sweep({"overrides": {HORIZON: "1 d"}, "grid": {TIME: ["1 h", "2 h", "3 h"]}, "zip": {UNITS: [1, 2]}})
    found = [(v[HORIZON], v[TIME], v[UNITS]) for v in tried(monkeypatch, sweep)]
    day = '"1 d"'
    assert found == [(day, f'"{h} h"', u) for h, u in ((1, "1"), (2, "1"), (3, "1"), (1, "2"))]


def test_of_a_range_both_ends_are_tried_and_a_value_between(monkeypatch):
    """0.381966 of the way: 1.572949 h; floor(1 + 0.381966 x 4) = 2; 0.5364745."""
    ranges = {TIME: ["1 h", "2.5 h"], UNITS: {"range": [1, 4], "whole": True}, LOAD: [0.25, 1]}
    sweep = a_sweep({"sample": {"method": "lhs", "n": 3, "ranges": ranges}})
    found = [(v[TIME], v[UNITS], v[LOAD]) for v in tried(monkeypatch, sweep)]
    low, high = ('"1 h"', "1", "0.25"), ('"2.5 h"', "4", "1.0")
    times, units, loads = (high[0], '"1.572949 h"'), (high[1], "2"), (high[2], "0.5364745")
    assert found == [
        low,
        *((time, *low[1:]) for time in times),
        *((low[0], count, low[2]) for count in units),
        *((*low[:2], load) for load in loads),
    ]


def test_whole_numbers_alone_are_missed_where_both_ends_are_whole():
    sampled = {"method": "lhs", "n": 3, "ranges": {UNITS: [1, 4]}}
    (problem,) = told(sample=sampled)
    assert problem[0] == f"sample.ranges.{UNITS}"
    assert "expected a whole number" in problem[1]


def test_all_mistakes_come_at_once_in_the_order_of_the_file():
    assert told(overrides={HORIZON: "soon"}, grid={TIME: ["1 h", "2"], LOAD: [2, 0.5, 3]}) == [
        (f"overrides.{HORIZON}", "expected a duration"),
        (f"grid.{TIME}[1]", "workloads[0].train.time: expected a duration"),
        (f"grid.{LOAD}[0]", "workloads[0].train.utilisation: must lie between 0 and 1"),
        (f"grid.{LOAD}[2]", "workloads[0].train.utilisation: must lie between 0 and 1"),
    ]


def test_a_mistake_at_the_first_value_is_not_told_again_for_every_other():
    assert told(grid={LOAD: [2], TIME: ["1 h", "2 h", "3 h"]}) == [
        (f"grid.{LOAD}[0]", "workloads[0].train.utilisation: must lie between 0 and 1")
    ]


def test_of_several_paths_the_mistake_is_told_at_the_value():
    both = {"both": {"path": [TIME, HORIZON], "values": ["1 h", "many"]}}
    assert told(grid=both) == [
        ("grid.both.values[1]", "expected a duration"),
        ("grid.both.values[1]", "workloads[0].train.time: expected a duration"),
    ]


def test_what_a_value_makes_impossible_elsewhere_is_told_at_the_value_with_the_place():
    groups = {"gpus": {"model": "a100-sxm4-40gb", "count": 8}}
    with pytest.raises(ScenarioError) as caught:
        try_values(a_sweep({"grid": {"world.datacenters.lab.devices": [groups, {}]}}))
    (problem,) = caught.value.problems
    assert problem.path == "grid.world.datacenters.lab.devices[1]"
    assert problem.sentence.startswith("with this value, ./base.yaml:")
    assert "no group of machines (place/group) is called 'lab/gpus'" in problem.sentence


def test_a_path_that_a_value_takes_away_is_told_at_the_value():
    """The second value leaves no workload called first, whose time the other factor sets."""
    sweep = a_sweep({"grid": {"workloads.first.name": ["first", "other"], TIME: ["1 h"]}})
    with pytest.raises(ScenarioError) as caught:
        try_values(sweep)
    (problem,) = caught.value.problems
    assert problem.path == "grid.workloads.first.name[1]"
    assert problem.sentence == f'--set {TIME}="1 h": there is no `first`; there is `other`'


def test_a_path_that_a_first_value_takes_away_is_told_of_the_whole_sweep():
    sweep = a_sweep({"grid": {"workloads.first.name": ["other"], TIME: ["1 h"]}})
    with pytest.raises(ScenarioError) as caught:
        try_values(sweep)
    (problem,) = caught.value.problems
    assert (problem.where, problem.path) == ("./sweep.yaml:1:1", "")


def test_a_mistake_of_the_base_is_told_once_where_the_base_has_it():
    world = "world: {datacenters: {lab: {grid: FR, devices: {gpus: {model: no-such, count: 8}}}}}"
    base = f"name: a\n{world}\nworkloads:\n  - train: {{name: first, at: lab/gpus, time: 1 h}}\n"
    with pytest.raises(ScenarioError) as caught:
        try_values(a_sweep({"grid": {TIME: ["1 h", "2 h", "3 h"]}}, base))
    (problem,) = caught.value.problems
    assert (problem.where, problem.path) == (
        f"./base.yaml:2:{world.index('no-such') + 1}",
        "world.datacenters.lab.devices.gpus.model",
    )
