"""Every benchmark can be started; what it measures is no test."""

import importlib.util
import sys

import numpy as np
import pytest
from conftest import ROOT

FILES = sorted((ROOT / "benchmarks").glob("*.py"))


def test_the_benchmarks_are_found():
    found = {path.name for path in FILES}
    named = {
        "accounting.py",
        "cohort.py",
        "federated.py",
        "floor.py",
        "leaf.py",
        "probe.py",
        "serve.py",
        "spill.py",
        "ticks.py",
        "topology.py",
        "world.py",
    }
    assert named <= found


def imported(path, monkeypatch):
    monkeypatch.syspath_prepend(path.parent)
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_benchmark_imports_without_running_says_how_to_run_it_and_has_a_main(path, monkeypatch):
    module = imported(path, monkeypatch)
    assert callable(module.main)
    assert f"python benchmarks/{path.name}" in module.__doc__


def test_the_bytes_of_a_small_cohort_balance_and_those_of_a_forged_one_do_not(monkeypatch, capsys):
    cohort = imported(ROOT / "benchmarks" / "cohort.py", monkeypatch)
    assert cohort.report(cohort.Size(users=200, rounds=3, cohort=10, congested=1))
    assert "all bytes balance" in capsys.readouterr().out
    size = cohort.Size(users=200, rounds=1, cohort=10)
    world = cohort.simulate(cohort.scenario(size, 1, "10 Gbps"))
    world.rounds[0] = world.rounds[0]._replace(upload_bytes=1.0)
    assert [line.split(":")[0] for line in cohort.balance(world)] == [">lab/uplink", "lines"]


def test_all_is_sent_while_a_small_world_loses_cables_and_what_is_not_is_told(monkeypatch, capsys):
    topology = imported(ROOT / "benchmarks" / "topology.py", monkeypatch)
    assert topology.report(topology.Size(transfers=4, demands=2, events=3))
    assert "all is sent once, and the atlas is whole again" in capsys.readouterr().out
    world = topology.build(topology.Size(), "policy")
    assert topology.unsent(world, [topology.Transfer("t", "paris", "oslo", 1.0)]) == ["t: 0 b, 1 b expected"]


def test_a_small_federated_learning_is_whole_and_a_loop_that_learns_something_else_is_told(monkeypatch, capsys):
    federated = imported(ROOT / "benchmarks" / "federated.py", monkeypatch)
    small = federated.Size(((1000, 2.0),), rounds=3, cohort=10, learnt=2, seeds=1, workers=1, versions=2)
    assert federated.report(small)
    assert "no run is short of rounds" in capsys.readouterr().out
    monkeypatch.setattr(federated, "bare_loop", lambda task, start: np.ones((task.clients, len(start))))
    assert [line.split(":")[0] for line in federated.tell_learning(federated.the_task(), 2)] == [
        "clients side by side and in loops"
    ]


def test_what_a_small_record_comes_to_is_charged_whole_and_told_beside_its_floors(monkeypatch, capsys):
    accounting = imported(ROOT / "benchmarks" / "accounting.py", monkeypatch)
    accounting.compare_rule(accounting.Size(2, 2000))
    accounting.compare_draws(2)
    accounting.compare_peaks(1000)
    told = [line.split(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert told == [
        "`used` over 2,000 changes",
        "1,000 draws of 2 machines in two ways",
        "the peak game of 1,000 moments",
    ]


def test_without_flower_its_part_is_left_out_and_says_why(monkeypatch, capsys):
    federated = imported(ROOT / "benchmarks" / "federated.py", monkeypatch)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert federated.tell_flower(federated.the_task(), 2) == []
    assert "Flower is left out: flwr is not installed" in capsys.readouterr().out
