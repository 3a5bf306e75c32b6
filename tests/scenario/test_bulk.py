"""Large files are read without looking at everything again for each of their lines."""

import gc

import pytest
from strategies import a_scenario, loaded

from simulator.errors import ScenarioError
from simulator.scenario import names
from simulator.scenario.bulk import collector_off

TRAININGS = [{"name": f"t{n}", "at": "lab/gpus", "time": "1 h", **({"after": "t0"} if n else {})} for n in range(50)]


def test_the_names_of_a_kind_are_gathered_once_however_many_lines_use_them(monkeypatch):
    """One look for groups and one for workloads, with 50 trainings and 49 that wait for the first."""
    looks = []
    find_known = names._find_known
    monkeypatch.setattr(names, "_find_known", lambda *asked: looks.append(asked[1:]) or find_known(*asked))
    loaded(a_scenario(TRAININGS))
    assert sorted(looks) == [("group", ()), ("workload", ("workloads",))]


def test_paradigms_know_their_own_workloads_only():
    ways = {"one": [{"train": TRAININGS[0]}, {"train": TRAININGS[1]}], "other": [{"train": TRAININGS[1]}]}
    data = a_scenario([])
    del data["workloads"]
    with pytest.raises(ScenarioError, match="no workload is called 't0'; there is `t1`") as caught:
        loaded({**data, "paradigms": ways})
    assert len(caught.value.problems) == 1


def test_the_collector_is_on_again_even_after_a_mistake():
    assert gc.isenabled()
    with pytest.raises(ScenarioError):
        loaded(a_scenario([{"at": "lab/gpus"}]))
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with collector_off():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
