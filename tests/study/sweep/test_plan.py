"""Points by what they are, not by where they stand: ids, seeds, their order, and how many there are."""

import os
import re
import subprocess
import sys
from math import prod
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import STRAIT, a_scenario, a_sweep, run_sweep

import simulator as sim
from simulator.errors import ScenarioError, UsageError
from simulator.network.importers.writing import write_tables
from simulator.scenario.load import as_texts, dump, load_text
from simulator.study.sweep import plan as plans
from simulator.study.sweep.load import is_sweep_file, load_sweep, load_sweep_again, load_sweep_text, set_at
from simulator.study.sweep.plan import build_plan, count_points, model_version, point_id, seed_of
from simulator.study.sweep.records import FAILED, KILLED, OK, Records, Standing
from simulator.study.sweep.run import points_left

TIME, UNITS, COUNT = "workloads.first.time", "workloads.first.units", "world.datacenters.lab.devices.gpus.count"
LOAD, PUE = "workloads.first.utilisation", "world.datacenters.lab.pue"
BASE = """\
name: test
seed: 7
world:
  datacenters:
    lab: {grid: FR, pue: 1.25, devices: {gpus: {model: a100-sxm4-40gb, count: 1000000}}}
workloads:
  - train: {name: first, at: lab/gpus, time: 2 h, utilisation: 0.5, units: 1}
"""
GRID = {TIME: ["1 h", "2 h"], UNITS: [1, 2]}
SERIES = "at,gco2e_per_kwh\n2025-01-01T00:00Z,{}\n2025-01-02T00:00Z,50\n"


def plan_of(base=None, folder=".", **varied):
    return build_plan(a_sweep(varied or {"grid": GRID}, base, folder))


def ids(base=None, folder=".", **varied):
    return [point.id for point in plan_of(base, folder, **varied).points]


def same_points(one, other):
    return sorted(one) == sorted(other)


def chosen(plan):
    """The combination of each point, in order."""
    return [point.row.values for point in plan.points]


def test_points_are_called_by_16_hexadecimal_digits_and_differ():
    found = ids(repeats=3, grid=GRID)
    assert len(set(found)) == len(found) == 2 * 2 * 3
    assert all(re.fullmatch(r"[0-9a-f]{16}", name) for name in found)


def test_a_value_more_names_and_seeds_no_other_point_anew():
    few, more = plan_of(grid=GRID, repeats=2), plan_of(grid={TIME: ["3 h", *GRID[TIME]], UNITS: [1, 2]}, repeats=2)
    assert {(p.id, p.seed) for p in few.points} < {(p.id, p.seed) for p in more.points}
    assert len(more.points) - len(few.points) == 2 * 2


def test_repeats_more_leave_the_first_as_they_are():
    assert ids(grid=GRID, repeats=3)[: 2 * 4] == ids(grid=GRID, repeats=2)


SAME = {
    "keys in another order": BASE.replace("name: test\nseed: 7\n", "") + "seed: 7\nname: test\n",
    "keys of a mapping in another order": BASE.replace("grid: FR, pue: 1.25", "pue: 1.25, grid: FR"),
    "a number written with an exponent": BASE.replace("1000000", "1e6"),
    "a number with a point": BASE.replace("units: 1}", "units: 1.0}"),
    "quotation marks": BASE.replace("grid: FR", 'grid: "FR"'),
    "comments and empty lines": BASE.replace("world:", "# where\n\nworld:  # all of it"),
    "blocks instead of brackets": dump(load_text(BASE, "base.yaml").data),
    "windows' line ends": BASE.replace("\n", "\r\n"),
    "an anchor": BASE.replace("count: 1000000", "count: &all 1000000"),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_how_a_base_is_written_changes_no_point(text):
    assert text != BASE
    assert ids(text) == ids(BASE)


OTHER = {
    "another place's factor": BASE.replace("1.25", "1.3"),
    "another seed": BASE.replace("seed: 7", "seed: 8"),
    "another name": BASE.replace("name: test", "name: tset"),
    "a quantity of the same worth": BASE.replace("utilisation: 0.5", "start: 60 min, utilisation: 0.5"),
    "one more key": BASE + "horizon: 1 d\n",
    "one more workload": BASE.replace("units: 1}", "units: 1}\n  - train: {at: lab/gpus, time: 1 h}"),
}


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_what_a_base_says_changes_every_point(text):
    assert not set(ids(text)) & set(ids(BASE))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1e20, 10**20, True),
        (-1e20, -(10**20), True),
        (2.0**53, 2**53, True),
        (2**53 + 1, 2**53, True),  # a scenario takes it for the float
        (2**53 - 1, 2.0**53 - 1, True),
        (2**53 - 2, 2**53 - 1, False),
        (1e20, 2e20, False),
        (0.5, "0.5", False),
        (1, True, False),
        (0, None, False),
    ],
)
def test_a_number_is_what_it_is_worth_to_a_scenario(one, other, same):
    first, second = (point_id({"seed": 0, "horizon": value}, Path()) for value in (one, other))
    assert (first == second) is same


def test_the_order_of_factors_changes_no_point():
    one, other = plan_of(grid=GRID), plan_of(grid=dict(reversed(GRID.items())))
    assert same_points((p.id for p in one.points), (p.id for p in other.points))
    assert [p.id for p in one.points] != [p.id for p in other.points]


@pytest.mark.parametrize(
    "varied",
    [
        {"zip": {TIME: ["1 h", "1 h", "2 h", "2 h"], UNITS: [1, 2, 1, 2]}},
        {"grid": {"hours": {"path": TIME, "values": ["1 h", "2 h"]}, "units": {"path": UNITS, "values": [1.0, 2]}}},
        {"grid": {"workloads.0.train.time": ["1 h", "2 h"], "workloads.0.train.units": [1, 2]}},
    ],
    ids=["walking together", "by other names", "by other paths"],
)
def test_how_a_sweep_says_its_points_changes_none(varied):
    base = a_scenario([{"name": "first", "at": "lab/gpus", "time": "2 h", "utilisation": 0.5}], seed=7, horizon=None)
    assert same_points(ids(base, **varied), ids(base, grid=GRID))


def test_a_value_of_the_base_an_override_and_a_factor_are_one():
    by_base = ids(BASE.replace("1.25", "1.5"))
    assert by_base == ids(BASE, grid=GRID, overrides={PUE: 1.5})
    assert by_base == ids(BASE, grid={**GRID, PUE: [1.5]})


@pytest.mark.parametrize(("what", "value"), [("digest", "f" * 64), ("version_of", "99.0")])
def test_another_catalogue_or_version_makes_other_points(what, value, monkeypatch):
    before = ids()
    model_version.cache_clear()
    try:
        monkeypatch.setattr(plans, what, lambda *_: value)
        assert not set(ids()) & set(before)
    finally:
        model_version.cache_clear()


def test_another_format_of_results_makes_other_points(monkeypatch):
    before = ids()
    model_version.cache_clear()
    try:
        monkeypatch.setattr(plans, "FORMAT", "another/1")
        assert not set(ids()) & set(before)
    finally:
        monkeypatch.undo()
        model_version.cache_clear()


def a_sunny_base(name="sun.csv"):
    lab = {"grid_series": name, "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 8}}}
    data = a_scenario([{"name": "first", "at": "lab/gpus", "time": "2 h", "utilisation": 0.5}], start="2025-01-01")
    return {**data, "world": {"datacenters": {"lab": lab}}}


def test_a_point_is_also_what_its_files_hold(tmp_path):
    (tmp_path / "sun.csv").write_text(SERIES.format(100))
    first = ids(a_sunny_base(), tmp_path, grid={TIME: ["1 h", "2 h"]})
    (tmp_path / "sun.csv").write_text(SERIES.format(1000))
    second = ids(a_sunny_base(), tmp_path, grid={TIME: ["1 h", "2 h"]})
    assert not set(first) & set(second)
    (tmp_path / "sun.csv").write_text(SERIES.format(100))
    assert ids(a_sunny_base(), tmp_path, grid={TIME: ["1 h", "2 h"]}) == first


def test_files_as_a_factor_are_each_hashed_and_a_missing_one_is_left_to_its_point(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(SERIES.format(100))
    series = {"world.datacenters.lab.grid_series": ["a.csv", "b.csv", "none.csv"]}
    first = ids(a_sunny_base("a.csv"), tmp_path, grid=series)
    (tmp_path / "b.csv").write_text(SERIES.format(200))
    second = ids(a_sunny_base("a.csv"), tmp_path, grid=series)
    assert [one == other for one, other in zip(first, second, strict=True)] == [True, False, True]


@pytest.mark.parametrize("world", [None, 3, {"datacenters": [1]}, {"datacenters": {"lab": 3}}, {"atlas": 3}])
def test_what_no_scenario_can_have_still_has_a_name(world):
    assert re.fullmatch("[0-9a-f]{16}", point_id({"world": world}, Path()))


def test_an_atlas_is_hashed_by_what_its_files_hold(tmp_path):
    write_tables(tmp_path / "atlas", STRAIT)
    base = {"seed": 0, "world": {"atlas": "atlas"}}
    first = point_id(base, tmp_path)
    write_tables(tmp_path / "atlas", {**STRAIT, "cable": [{**STRAIT["cable"][0], "length_km": "800"}]})
    assert point_id(base, tmp_path) != first


def test_the_first_repeat_has_the_seed_of_the_sweep_else_of_the_base():
    assert {p.seed for p in plan_of(BASE, grid=GRID).points} == {7}
    assert {p.seed for p in plan_of(BASE, grid=GRID, seed=3).points} == {3}
    assert {p.seed for p in plan_of(BASE.replace("seed: 7\n", ""), grid=GRID).points} == {0}


def test_a_seed_of_the_base_is_a_number_however_it_is_written():
    one, other = (plan_of(BASE.replace("seed: 7", f"seed: {seed}"), repeats=3) for seed in ("1000", "1e3"))
    assert [p[::3] for p in one.points] == [p[::3] for p in other.points]
    assert all(type(p.seed) is int for p in other.points)


def test_a_seed_that_a_table_cannot_hold_is_refused():
    with pytest.raises(UsageError) as caught:
        plan_of(BASE.replace("seed: 7", "seed: 9007199254740994"))
    assert str(caught.value) == (
        "./sweep.yaml: its seed is 9007199254740994, more than a table holds exactly; "
        "give a `seed` of at most 9007199254740992"
    )


def test_with_common_random_numbers_a_repeat_has_one_seed_at_all_points():
    points = plan_of(grid=GRID, repeats=3).points
    by_repeat = [{p.seed for p in points if p.replicate == k} for k in range(3)]
    assert [len(seeds) for seeds in by_repeat] == [1, 1, 1]
    assert len(set.union(*by_repeat)) == 3


def test_without_them_each_point_has_its_own_whatever_stands_beside_it():
    points = plan_of(grid=GRID, repeats=3, common_random_numbers=False).points
    assert len({p.seed for p in points}) == len(points) == 12
    fewer = plan_of(grid={TIME: ["2 h"], UNITS: [1, 2]}, repeats=3, common_random_numbers=False).points
    assert {(p.id, p.seed) for p in fewer} < {(p.id, p.seed) for p in points}


@given(st.integers(0, 2**53), st.integers(0, 1000), st.sampled_from(["", "a"]))
def test_a_seed_is_held_exactly_by_json_and_spreadsheets(seed, replicate, mark):
    assert 0 <= seed_of(seed, replicate, mark) <= 2**53


def test_a_point_runs_as_the_base_with_its_values_and_seed_does(tmp_path):
    base = a_scenario([{"name": "first", "at": "lab/gpus", "time": "2 h", "utilisation": 0.5}], seed=7)
    sweep = a_sweep({"grid": {TIME: ["1 h", "90 min"], "load": {"path": [LOAD], "values": [0.25, 1]}}, "seed": 3}, base)
    done, plan = run_sweep(sweep, tmp_path / "out"), build_plan(sweep)
    (tmp_path / "base.yaml").write_text(dump(base))
    for point in plan.points:
        values = dict(zip((TIME, LOAD), point.row.values, strict=True))
        alone = sim.run(tmp_path / "base.yaml", seed=3, values=as_texts(values)).summary["paradigms"]["main"]
        record = done.point(point.id)["results"]["paradigms"]["main"]
        assert record["boundaries"] == alone["boundaries"]
        assert record["duration_s"] == alone["duration_s"]


def test_what_a_point_sets_are_overrides_factors_and_its_seed():
    twice = {"path": [TIME, "horizon"], "values": ["1 h", "2 h"]}
    plan = plan_of(BASE, overrides={PUE: 1.5}, grid={"hours": twice})
    assert plan.values(plan.points[1]) == {PUE: 1.5, TIME: "2 h", "horizon": "2 h", "seed": 7}


def test_what_a_point_sets_makes_the_scenario_that_it_is_called_after():
    plan = plan_of(BASE, overrides={"horizon": "1 d"}, grid=GRID, repeats=2)
    for point in plan.points:
        data = load_text(BASE, "base.yaml", as_texts(plan.values(point))).data
        assert point_id(data, Path()) == point.id


def test_repeats_come_last_and_the_first_factor_changes_slowest():
    sampled = {"method": "lhs", "n": 2, "ranges": {LOAD: [0.1, 1]}}
    plan = plan_of(BASE, grid=GRID, zip={PUE: [1.1, 1.2], COUNT: [8, 9]}, sample=sampled, repeats=2)
    assert [p.replicate for p in plan.points] == [0] * 16 + [1] * 16
    values = [(*v[:4], p.row.sampled) for p in plan.points[:16] for v in [p.row.values]]
    assert values == [
        (time, units, pue, count, row)
        for time in ("1 h", "2 h")
        for units in (1, 2)
        for pue, count in ((1.1, 8), (1.2, 9))
        for row in (0, 1)
    ]
    assert chosen(plan)[:16] == chosen(plan)[16:]


def test_factors_stand_in_the_order_of_their_sections():
    sampled = {"method": "lhs", "n": 2, "ranges": {LOAD: [0.1, 1]}}
    plan = plan_of(BASE, sample=sampled, zip={PUE: [1.1]}, grid={UNITS: [1]})
    assert [factor.name for factor in plan.sweep.factors] == [UNITS, PUE, LOAD]


HOURS = {"time": {"path": TIME, "values": ["60 min", "90 min", "2 h"]}, "units": {"path": UNITS, "values": [1, 2, 3]}}
LEFT_OUT = {
    "one value": ([{"time": "2 h"}], 6),
    "one of several values": ([{"time": ["60 min", "2 h"]}], 3),
    "all of a mapping together": ([{"time": "2 h", "units": [1, 2]}], 7),
    "another way to write a value": ([{"time": "120 min"}, "time == '1 h'"], 3),
    "an order of quantities by worth": (["time > '90 min'"], 6),
    "an order of numbers": (["units >= 2"], 3),
    "unequal": (["time != '1.5 h'"], 3),
    "both": (["units > 1 and time < '2 h'"], 5),
    "either": (["units > 2 or time == '2 h'"], 4),
    "two conditions": (["units > 2", "time == '2 h'"], 4),
    "between": (["1 < units <= 3"], 3),
    "what nothing is": ([{"time": "3 h"}], 9),
}


@pytest.mark.parametrize(("exclude", "left"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_points_are_left_out_by_values_and_by_conditions(exclude, left):
    plan = plan_of(BASE, grid=HOURS, exclude=exclude)
    assert len(plan.points) == left
    assert {p.id for p in plan.points} <= set(ids(BASE, grid=HOURS))


def test_all_points_left_out_is_refused():
    with pytest.raises(UsageError) as caught:
        plan_of(BASE, grid=HOURS, exclude=["units > 1", {"units": 1}])
    assert str(caught.value) == "./sweep.yaml: every point is left out; take a condition out of `exclude`"


def test_more_points_than_can_be_held_are_refused_before_any_is_made():
    ranges = {LOAD: [0.1, 1]}
    with pytest.raises(UsageError) as caught:
        plan_of(BASE, sample={"method": "sobol", "n": 2**30, "ranges": ranges}, repeats=10)
    assert str(caught.value) == (
        "./sweep.yaml: has 10 737 418 240 points, at most 1 000 000 are run; "
        "give shorter lists, a smaller n, or draw a sample instead of a grid"
    )


PATHS = (TIME, UNITS, COUNT, PUE, LOAD)
ROWS = {"lhs": lambda n, k: n, "halton": lambda n, k: n, "sobol": lambda n, k: n}
DESIGNED = {"morris": lambda n, k: n * (k + 1), "saltelli": lambda n, k: n * (k + 2)}


def some_of(paths):
    return st.lists(st.sampled_from(paths), min_size=1, unique=True)


@st.composite
def sections(draw):
    """What varies, and how many combinations that makes: a product of lists, a length, rows, repeats."""
    grid = {
        path: list(range(draw(st.integers(1, 4)))) for path in draw(st.sets(st.sampled_from(PATHS[:2]), min_size=1))
    }
    varied, count = {"grid": grid, "repeats": draw(st.integers(1, 3))}, prod(map(len, grid.values()))
    if draw(st.booleans()):
        length = draw(st.integers(1, 4))
        varied["zip"] = {path: list(range(length)) for path in draw(some_of(PATHS[2:4]))}
        count *= length
    if draw(st.booleans()):
        method = draw(st.sampled_from([*ROWS, *DESIGNED]))
        n = 2 ** draw(st.integers(0, 3))
        varied["sample"] = {"method": method, "n": n, "ranges": {LOAD: [0, 1], "horizon": ["1 h", "2 h"]}}
        count *= {**ROWS, **DESIGNED}[method](n, 2)
    return varied, count * varied["repeats"]


@settings(deadline=None, max_examples=60)
@given(sections())
def test_points_are_the_product_of_lists_rows_and_repeats(asked):
    varied, count = asked
    sweep = a_sweep(varied, BASE)
    points = build_plan(sweep).points
    assert len(points) == count_points(sweep) == count
    assert all(re.fullmatch("[0-9a-f]{16}", point.id) for point in points)


@settings(deadline=None, max_examples=60)
@given(sections())
def test_two_points_have_one_id_only_where_they_are_the_same_scenario(asked):
    plan = build_plan(a_sweep(asked[0], BASE))
    scenarios = {}
    for point in plan.points:
        values = plan.values(point)
        assert scenarios.setdefault(point.id, values) == values
    assert len({str(values) for values in scenarios.values()}) == len(scenarios)


def test_ids_and_seeds_do_not_depend_on_the_hash_seed():
    code = (
        "from simulator.study.sweep.load import load_sweep; from simulator.study.sweep.plan import build_plan;"
        "print(*[(p.id, p.seed) for p in build_plan(load_sweep('studies/small')).points])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    here = [(p.id, p.seed) for p in build_plan(load_sweep("studies/small")).points]
    assert found == {" ".join(map(str, here)) + "\n"}


def test_a_plan_read_again_from_its_document_is_the_same(tmp_path):
    sweep = a_sweep({"grid": GRID, "repeats": 2}, BASE, str(tmp_path))
    document = {"sweep": sweep.data, "source": sweep.source, "base": sweep.base._asdict()}
    assert build_plan(load_sweep_again(document)).points == build_plan(sweep).points


def test_a_base_beside_the_sweep_comes_before_a_shipped_one(tmp_path):
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "one_gpu").write_text(BASE)
    text = f"name: a\nbase: small/one_gpu\ngrid:\n  {TIME}: [1 h, 2 h]\n"
    sweep = load_sweep_text(text, str(tmp_path / "sweep.yaml"))
    assert sweep.base.source == str(tmp_path / "small" / "one_gpu")


def test_a_name_that_is_too_long_to_be_one_is_no_file():
    for ask in (sim.load, load_sweep):
        with pytest.raises(UsageError, match="there is no such file"):
            ask("x" * 5000)
    with pytest.raises(ScenarioError, match="there is no such file"):
        load_sweep_text(f"name: a\nbase: {'x' * 5000}\nrepeats: 2\n", "sweep.yaml")
    assert not is_sweep_file("x" * 5000)


def test_setting_a_value_leaves_the_data_that_it_was_set_in_alone():
    data = {"a": [{"b": 1}, 2], "c": {"d": 3}}
    assert set_at(data, ("a", 0, "e"), 5) == {"a": [{"b": 1, "e": 5}, 2], "c": {"d": 3}}
    assert set_at(data, (), 5) == 5
    assert data == {"a": [{"b": 1}, 2], "c": {"d": 3}}
    assert set_at(data, ("c", "d"), 4)["a"] is data["a"]


def records_of(plan, **standing):
    records = Records(Path("nowhere"))
    records.standing = {plan.points[int(k[1:])].id: Standing(s, turn, "", 0, 0) for k, (s, turn) in standing.items()}
    return records


def test_left_is_what_has_no_record_in_the_order_of_the_plan_in_its_first_turn():
    plan = plan_of(BASE)
    left = points_left(plan, records_of(plan, p1=(OK, 1), p2=(FAILED, 1)), Path())
    assert [(p.id, p.turn) for p in left] == [(plan.points[0].id, 1), (plan.points[3].id, 1)]
    assert left[0].values == plan.values(plan.points[0])


def test_what_is_to_run_again_does_so_in_its_next_turn():
    plan = plan_of(BASE)
    records = records_of(plan, p0=(KILLED, 1), p1=(OK, 3), p2=(FAILED, 2))
    left = points_left(plan, records, Path(), again=(FAILED, KILLED))
    assert [(p.id, p.turn) for p in left] == [(plan.points[k].id, turn) for k, turn in ((0, 2), (2, 3), (3, 1))]


def test_rows_that_are_one_and_the_same_point_run_once():
    plan = plan_of(BASE, zip={TIME: ["1 h", "2 h"], UNITS: [1, 2]})
    twice = plan._replace(points=[*plan.points, plan.points[0]])
    assert [p.id for p in points_left(twice, records_of(twice), Path())] == [p.id for p in plan.points]


def test_a_series_named_in_full_is_hashed_as_its_path_alone_is(tmp_path):
    base = a_sunny_base({"file": "sun.csv", "gaps": "hold"})
    (tmp_path / "sun.csv").write_text(SERIES.format(100))
    first = ids(base, tmp_path, grid={TIME: ["1 h"]})
    (tmp_path / "sun.csv").write_text(SERIES.format(1000))
    assert not set(ids(base, tmp_path, grid={TIME: ["1 h"]})) & set(first)
