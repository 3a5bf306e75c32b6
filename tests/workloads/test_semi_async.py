"""Rounds of a fixed time by pen and paper: when they end, what they move and draw, what is learned of late updates."""

import pytest
from learnings import LEARN, activity_j, main, rounds
from strategies import LATENCY_S, a_federate_scenario, run

SESSION_S = 2 * LATENCY_S + 2.0 + 20.0 + 5.0
"""100 Mb down at 50 Mbps and up at 20 Mbps, ten samples of 2 s."""


def a_window(window_s, number=4, learn=None, **phones):
    """Ten phones at once, and rounds of so long and 5 s of aggregation."""
    algorithm = {"kind": "semi-async", "window": f"{window_s} s", "concurrency": 10}
    tasks = {"digits": {"data": "digits", "model": "softmax", "clients": 10}}
    fields = {"algorithm": algorithm, "rounds": number, **({} if learn is None else {"learn": learn})}
    scenario = a_federate_scenario(fields, phones, tasks=tasks)
    del scenario["workloads"][0]["federate"]["cohort"]
    return scenario


def test_a_round_lasts_as_long_as_was_said_whoever_has_come():
    """All are through after 27 s; the window is 40 s, the aggregation 5."""
    every = rounds(run(a_window(40)))
    assert [(r["begin_s"], r["close_s"], r["end_s"]) for r in every[:2]] == [(0.0, 40.0, 45.0), (45.0, 85.0, 90.0)]
    assert [(r["accepted"], r["late"]) for r in every] == [(10, 0)] * 4


def test_late_updates_are_those_of_the_next_round_and_none_is_in_vain():
    """27 s are longer than a window of 20 s: rounds 1 and 3 bring nothing, 2 and 4 all."""
    result = run(a_window(20))
    assert [r["accepted"] for r in rounds(result)] == [0, 10, 0, 10]
    assert sum(r["lost_bytes"] for r in rounds(result)) == 0.0
    boundaries = main(result)["boundaries"]
    found_j = boundaries["devices"]["energy_j"] - boundaries["network"]["energy_j"]
    assert found_j == pytest.approx(20 * ((2 + LATENCY_S) * 0.5 + 20 * 2.5 + (5 + LATENCY_S) * 1.5), rel=1e-6)
    assert activity_j(result, "compute") == pytest.approx(20 * 20 * 2.5 + 4 * 4 * 5 * (63 + 0.5 * 337), rel=1e-6)


def test_who_is_under_way_when_it_ends_works_in_vain():
    """Three rounds of 20 s: the ten that began with the third model have computed until 75 s."""
    result = run(a_window(20, number=3))
    begun_s = 75.0 - 50.0
    assert begun_s < SESSION_S
    (lost,) = [row["lost_bytes"] for row in rounds(result)[2:]]
    assert lost == pytest.approx(10 * (begun_s - 2 * LATENCY_S - 22.0) * 20e6 / 8, rel=1e-6)


def test_a_round_of_nobody_leaves_the_model_and_later_ones_learn_of_older_ones():
    scores = run(a_window(20, learn=LEARN)).table("scores").to_pylist()
    assert [row["staleness"] for row in scores] == [None, None, 1.0, None, 1.0]
    first, second, third, *_ = (row["accuracy"] for row in scores)
    assert first == second < third


def test_one_who_is_on_time_weighs_more_than_one_who_is_late():
    """Some of unequal phones are late: with a higher exponent the model is another."""
    learned = []
    for exponent in (0.5, 5.0):
        scenario = a_window(25, learn=LEARN, speed_spread=2)
        scenario["workloads"][0]["federate"]["algorithm"]["exponent"] = exponent
        learned.append(run(scenario).table("scores").to_pylist()[-1]["loss_nats"])
    assert learned[0] != learned[1]
