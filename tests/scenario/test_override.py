"""`--set PATH=VALUE` replaces exactly one value, and says so where it cannot."""

import pytest

from simulator.errors import ScenarioError, UsageError
from simulator.scenario.load import load_text

SCENARIO = """\
name: lab
world:
  datacenters:
    lab:
      grid: FR
      devices:
        gpus: {model: a100-sxm4-40gb, count: 8}
        gpus.old: &old {model: v100-sxm2-32gb, count: 4, power: {kind: constant, power: tdp}}
        gpus.new: *old
    lab.two:
      grid: DE
      devices:
        gpus: {model: a100-sxm4-40gb, count: 2}
workloads:
  - train: {name: first, at: lab/gpus, time: 2 h}
  - train: {name: v1.5, at: lab/gpus, time: 3 h, after: [first]}
  - train: {at: lab/gpus.old, time: 4 h}
"""


def data(**values: str):
    return load_text(SCENARIO, "a.yaml", {path.replace("__", "."): text for path, text in values.items()}).data


def set_one(path: str, text: str):
    return load_text(SCENARIO, "a.yaml", {path: text}).data


def problem(path: str, text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        set_one(path, text)
    (found,) = caught.value.problems
    return str(found)


def changed(path: str, text: str) -> dict[str, object]:
    """The leaves that differ from the file, by path."""

    def leaves(value, path=""):
        below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
        if below is None:
            return {path: value}
        return {k: v for key, child in below for k, v in leaves(child, f"{path}/{key}").items()}

    before, after = leaves(data()), leaves(set_one(path, text))
    return {path: after.get(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


@pytest.mark.parametrize(
    ("path", "text", "change"),
    [
        ("name", "other", {"/name": "other"}),
        ("seed", "7", {"/seed": 7}),
        ("tick", "5 min", {"/tick": "5 min"}),
        ("world.datacenters.lab.grid", "NO", {"/world/datacenters/lab/grid": "NO"}),
        ("world.datacenters.lab.pue", "1.2", {"/world/datacenters/lab/pue": 1.2}),
        ("world.datacenters.lab.devices.gpus.count", "16", {"/world/datacenters/lab/devices/gpus/count": 16}),
        ("world.datacenters.lab.two.grid", "PL", {"/world/datacenters/lab.two/grid": "PL"}),
        ("world.datacenters.lab.devices.gpus.old.count", "5", {"/world/datacenters/lab/devices/gpus.old/count": 5}),
        ("world.datacenters.lab.devices.gpus.new.count", "6", {"/world/datacenters/lab/devices/gpus.new/count": 6}),
        ("workloads.0.train.time", "5 h", {"/workloads/0/train/time": "5 h"}),
        ("workloads.first.time", "5 h", {"/workloads/0/train/time": "5 h"}),
        ("workloads.first.train.time", "5 h", {"/workloads/0/train/time": "5 h"}),
        ("workloads.v1.5.time", "5 h", {"/workloads/1/train/time": "5 h"}),
        ("workloads.v1.5.after.0", "train", {"/workloads/1/train/after/0": "train"}),
        ("workloads.train.time", "5 h", {"/workloads/2/train/time": "5 h"}),
        ("workloads.train.utilisation", "0.5", {"/workloads/2/train/utilisation": 0.5}),
    ],
)
def test_one_value_changes_and_no_other(path, text, change):
    """By key, nested, by index, by name, by kind; dots in names; keys that the file leaves out; one of two aliases."""
    assert changed(path, text) == change


def test_a_value_may_be_a_mapping_or_a_list():
    found = set_one("workloads.v1.5.checkpoint", "{every: 1 h, time: 10 s, load: 0.1}")
    assert found["workloads"][1]["train"]["checkpoint"] == {"every": "1 h", "time": "10 s", "load": 0.1}
    assert set_one("workloads.train.after", "[first, v1.5]")["workloads"][2]["train"]["after"] == ["first", "v1.5"]


def test_a_whole_workload_may_be_replaced_by_its_name():
    found = set_one("workloads.first", "{train: {name: first, at: lab.two/gpus, time: 1 h}}")
    assert found["workloads"][0] == {"train": {"name": "first", "at": "lab.two/gpus", "time": "1 h"}}


def test_values_are_yaml_1_2_and_nothing_is_null():
    assert data(world__datacenters__lab__grid="NO")["world"]["datacenters"]["lab"]["grid"] == "NO"
    assert data(seed="0x10")["seed"] == 16
    assert data(tick="")["tick"] is None
    assert data(tick="~")["tick"] is None


def test_several_values_are_set_in_their_order():
    found = data(seed="1", name="other", world__datacenters__lab__pue="1.5")
    assert (found["seed"], found["name"], found["world"]["datacenters"]["lab"]["pue"]) == (1, "other", 1.5)


def test_setting_what_the_file_says_changes_nothing():
    assert data(workloads__first__time="2 h") == data()


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("wrold.x", "1", "--set wrold.x=1: there is no `wrold`; there is `name`, `world`, `workloads`"),
        (
            "world.datacenters.east.pue",
            "1.2",
            "--set world.datacenters.east.pue=1.2: there is no `east`; there is `lab`, `lab.two`",
        ),
        ("world.lab.grid", "PL", "--set world.lab.grid=PL: there is no `lab`; there is `datacenters`"),
        (
            "workloads.third.time",
            "1 h",
            "--set workloads.third.time=1 h: there is no `third`; there is `first`, `v1.5`, `train`",
        ),
        ("workloads.3", "1", "--set workloads.3=1: there is no `3`; there is `first`, `v1.5`, `train`"),
        ("name.x", "1", "--set name.x=1: there is no `x`; there is a plain value, with nothing below it"),
        ("tick", "[", "--set tick=[: the value is not YAML; quote it, such as --set 'tick=5 min'"),
        ("name", "a: b: c", "--set name=a: b: c: the value is not YAML; quote it, such as --set 'tick=5 min'"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_there_is(path, text, sentence):
    with pytest.raises(UsageError) as caught:
        set_one(path, text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "world.datacenters.lab.pue",
            "0.9",
            "--set world.datacenters.lab.pue: facility power over IT power is 1 or more, found 0.9",
        ),
        ("world.datacenters.lab.puee", "1.2", "--set world.datacenters.lab.puee: no such key; did you mean `pue`?"),
        ("it's", "1", None),
        (
            "workloads.first.time",
            "{a: 1}",
            "--set workloads.first.time: workloads[0].train.time: "
            "expected a duration such as `90 s`, `5 h` or `60 d`, found a mapping; write a number and a unit",
        ),
        (
            "world.datacenters.lab.devices.gpus",
            "{model: a100-sxm4-40gb, count: 9.5}",
            "--set world.datacenters.lab.devices.gpus: world.datacenters.lab.devices.gpus.count: "
            "expected a whole number, 1 or more, found 9.5",
        ),
        (
            "workloads.first.at",
            "lab/gpu",
            "--set workloads.first.at: workloads[0].train.at: "
            "no group of machines (place/group) is called 'lab/gpu'; did you mean `lab/gpus`?",
        ),
        ("seed", "!!int 1", "--set seed: tags such as `!!int` are not read here; write a plain value"),
    ],
)
def test_a_bad_value_is_located_at_its_option(path, text, expected):
    found = problem(path, text)
    assert found == expected if expected else found.startswith("--set it's: no such key; there is `name`, ")
