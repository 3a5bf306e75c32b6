"""What a paradigm had spent by each look at its model: the account, read before its end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learnings import LEARN, SILOS, TASK, WITHOUT_SERVER, a_silo_scenario
from strategies import operation, run, scenarios

import simulator as sim
from simulator.engine import spill
from simulator.footprint.curves import curve_rows, spent_by
from simulator.record.tables import schema
from simulator.scenario import run as running

STEEP = [[0.0, 2.0], [0.1, 1.5], [0.5, 1.3], [1.0, 1.2]]


def widest(result, paradigm):
    """The totals of the widest operational boundary."""
    return list(operation(result.summary["paradigms"][paradigm]["boundaries"]).values())[-1]


def spent(result, paradigm, *at_s):
    return spent_by(result._tables, paradigm, np.array(at_s, float))


def a_learning(**changes):
    """Phones that learn digits in rounds until they are at the target."""
    federate = {"algorithm": "fedavg", "model": "tiny", "clients": "phones", "server": "lab/gpus", "rounds": 60}
    federate |= {"cohort": 10, "dropout": 0, "epochs": 5, "sample_time": "20 ms", "aggregation": "1 s"}
    federate |= {"utilisation": 0.5, "learn": {"task": "digits", "rate": 0.1, "batch": 10}, **changes}
    phones = {"device": "smartphone", "count": 100, "places": {"paris": 1}, "access": {"wifi": 1}}
    phones |= {"state": "charging", "account": "marginal"}
    lab = {"city": "grenoble", "pue": 1.5, "uplink": "10 Gbps"}
    lab["devices"] = {"gpus": {"model": "a100-sxm4-40gb", "count": 1}}
    return {
        "name": "learning",
        "seed": 1,
        "world": {"year": 2025, "datacenters": {"lab": lab}, "populations": {"phones": phones}},
        "tasks": {"digits": {"data": "digits", "model": "softmax", "clients": 100}},
        "models": {"tiny": {"parameters": 650, "bytes_per_parameter": "4 B"}},
        "comparison": {"functional_unit": "one model", "target": {"accuracy": 0.85}},
        "workloads": [{"federate": federate}],
    }


@pytest.fixture(scope="module")
def learned():
    return run(a_learning())


FEDBUFF = {"algorithm": {"kind": "fedbuff", "concurrency": 20, "buffer": 10, "timeout": "30 min"}, "cohort": None}


@pytest.mark.parametrize("changes", [{}, FEDBUFF], ids=["in rounds", "in versions"])
def test_a_learning_that_ends_at_its_target_had_spent_all_by_then(changes):
    data = a_learning(**changes)
    data["workloads"][0]["federate"] = {k: v for k, v in data["workloads"][0]["federate"].items() if v is not None}
    result = run(data)
    last = result.curves[-1]
    assert last["accuracy"] >= 0.85
    assert last["at_s"] == result.summary["paradigms"]["main"]["duration_s"]
    assert {name: last[name] for name in ("energy_j", "co2e_kg")} == pytest.approx(widest(result, "main"), rel=1e-9)
    turns = result.table("rounds").to_pylist()
    whole_bytes = sum(turn["download_bytes"] + turn["upload_bytes"] for turn in turns)
    assert last["moved_bytes"] == pytest.approx(whole_bytes, rel=1e-12)


def test_bits_of_machines_that_learn_are_counted_once():
    """3 rounds of 2 silos, 1 Gb down and up each: 1.5 GB; gossip of 3 nodes in a ring: 3 rounds of 6 Gb, 2.25 GB."""
    gossip = {"algorithm": {"kind": "gossip", "topology": "ring"}, "clients": [*SILOS, "lab/gpus"], **WITHOUT_SERVER}
    three = {"digits": {**TASK, "clients": 3}}
    ring = a_silo_scenario({**gossip, "learn": LEARN}, tasks=three)
    for data, moved_bytes in ((a_silo_scenario({"learn": LEARN}), 1.5e9), (ring, 2.25e9)):
        result = run(data)
        assert sum(row["size_bytes"] for row in result.table("transfers").to_pylist()) == moved_bytes
        assert result.curves[-1]["moved_bytes"] == pytest.approx(moved_bytes)


def test_a_row_a_look_at_the_model_and_nothing_is_spent_before_the_first(learned):
    scores = learned.table("scores").to_pylist()
    assert [(row["step"], row["accuracy"]) for row in learned.curves] == [(s["step"], s["accuracy"]) for s in scores]
    first = learned.curves[0]
    assert (first["energy_j"], first["co2e_kg"], first["moved_bytes"]) == (0.0, 0.0, 0.0)


def test_what_is_spent_and_moved_never_shrinks(learned):
    for name in ("at_s", "energy_j", "co2e_kg", "moved_bytes", "samples"):
        assert (np.diff([row[name] for row in learned.curves]) > 0).all(), name


def test_ten_phones_move_a_model_down_and_up_each_round(learned):
    """650 numbers of 4 bytes, down and up, for ten: 52 kB."""
    assert learned.curves[1]["moved_bytes"] == pytest.approx(52e3)


def test_without_learning_there_are_no_curves():
    assert sim.run("small/one_gpu").curves == []


def test_a_gpu_at_400_watts_has_drawn_them_for_half_its_time():
    """8 h at 400 W; after 3 h 1.2 kWh, and after the end no more."""
    result = sim.run("small/one_gpu")
    found = spent(result, "main", 3 * 3600.0, 0.0, 8 * 3600.0)
    assert (found.energy_j / 3.6e6).tolist() == pytest.approx([1.2, 0.0, 3.2])


def test_a_building_whose_pue_follows_the_load_is_counted_up_to_the_moment():
    """As small/pue_by_load: 926 W at a PUE of 1.3685 for an hour, then 1600 W at 1.2, half an hour of it."""
    found = spent(sim.run("small/pue_by_load"), "main", 3600.0, 5400.0)
    assert (found.energy_j / 3600).tolist() == pytest.approx([1267.231, 1267.231 + 960.0])


def test_a_grid_that_changes_is_weighed_at_every_moment():
    result = sim.run("small/solar_day")
    paradigm = next(iter(result.summary["paradigms"]))
    whole = spent(result, paradigm, result.summary["paradigms"][paradigm]["duration_s"])
    assert whole.co2e_kg[0] == pytest.approx(widest(result, paradigm)["co2e_kg"], rel=1e-9)
    half = spent(result, paradigm, result.summary["paradigms"][paradigm]["duration_s"] / 2)
    assert half.co2e_kg[0] != pytest.approx(whole.co2e_kg[0] / 2, rel=1e-3), "the sun does not shine evenly"


@pytest.mark.parametrize("name", ["small/pue_by_load", "small/queue", "small/federate", "small/collect", "small/serve"])
def test_the_end_of_the_window_is_the_account(name):
    result = sim.run(name)
    for paradigm, found in result.summary["paradigms"].items():
        whole = spent(result, paradigm, found["duration_s"])
        account = widest(result, paradigm)
        assert (whole.energy_j[0], whole.co2e_kg[0]) == pytest.approx(tuple(account.values()), rel=1e-9), paradigm


@settings(max_examples=40, deadline=None)
@given(scenarios(), st.lists(st.floats(0.0, 1.0), max_size=5), st.booleans())
def test_energy_at_any_moment_is_that_of_the_ticks_up_to_it(data, shares, steep):
    if steep:
        data["world"]["datacenters"]["lab"]["pue"] = {"by_load": STEEP}
    result = run(data)
    end_s = result.summary["paradigms"]["main"]["duration_s"]
    for share in shares:
        tick_s = max(share * end_s, 1.0)
        found = spent(result, "main", min(tick_s, end_s))
        first = result.ticks(f"{tick_s!r} s", by=()).to_pylist()[:1]
        assert found.energy_j[0] == pytest.approx(sum(row["energy_j"] for row in first), rel=1e-6, abs=1e-3)
    assert spent(result, "main", end_s).energy_j[0] == pytest.approx(
        widest(result, "main")["energy_j"] if result.summary["paradigms"]["main"]["boundaries"] else 0.0, rel=1e-9
    )


def test_a_log_that_is_read_in_pieces_says_the_same_to_the_bit(monkeypatch, learned):
    monkeypatch.setattr(spill, "SPILL_AT", 50)
    monkeypatch.setattr(spill, "LEAST_ROWS", 7)
    monkeypatch.setattr(running, "_BATCH", 1)
    cut = run(a_learning())
    assert len(list(cut.pieces("changes"))) > 2
    assert cut.curves == learned.curves


def test_looks_of_two_workloads_at_once_are_read_in_one_go(learned):
    at_s = [300.0, 5.0, 300.0, 0.0]
    together = spent(learned, "main", *at_s)
    alone = [spent(learned, "main", one) for one in at_s]
    assert together.energy_j.tolist() == pytest.approx([one.energy_j[0] for one in alone])


def test_a_transfer_counts_once_it_is_over():
    result = sim.run("small/transfer")
    tables = result._tables
    ended = [row for row in tables["transfers"].to_pylist() if row["end_s"] is not None]
    paradigm, first = ended[0]["paradigm"], min(row["end_s"] for row in ended)
    found = spent_by(tables, paradigm, np.array([0.9 * first, first])).moved_bytes
    sent = sum(row["size_bytes"] * row["done_share"] for row in ended if row["end_s"] == first)
    assert found.tolist() == pytest.approx([0.0, sent])


def test_an_empty_table_of_scores_makes_no_rows(learned):
    empty = {**learned._tables, "scores": schema("scores").empty_table()}
    assert curve_rows(empty) == []
