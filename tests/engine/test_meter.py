"""A meter is in one state at a time, so that nothing is counted twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_ledger, finite_w, wait

from simulator.engine.meter import Meter

WHO = st.sampled_from(["alice", "bob"])
WHAT = st.sampled_from(["compute", "idle"])
MOVES = st.one_of(
    st.tuples(st.just("draw"), finite_w, WHO, WHAT),
    st.tuples(st.just("share"), st.dictionaries(WHO, finite_w), WHAT),
    st.tuples(st.just("off")),
)


def levels(ledger):
    """The channels that are not at 0."""
    found = {channel[1:3]: ledger.level(n) for n, channel in enumerate(ledger.channels)}
    return {key: level for key, level in found.items() if level}


def test_a_new_state_replaces_the_old_one():
    _, ledger = a_ledger()
    meter = Meter(ledger, "gpu")
    meter.draw(400.0, "job", "compute")
    meter.draw(90.0, "job", "checkpoint")
    assert levels(ledger) == {("job", "checkpoint"): 90.0}


@given(st.lists(MOVES, max_size=20))
def test_after_any_moves_the_meter_draws_what_the_last_one_said(moves):
    env, ledger = a_ledger()
    meter = Meter(ledger, "gpu")
    expected = {}
    for move, *arguments in moves:
        getattr(meter, move)(*arguments)
        if move == "draw":
            expected = {tuple(arguments[1:]): arguments[0]}
        elif move == "share":
            expected = {(who, arguments[1]): power_w for who, power_w in arguments[0].items()}
        else:
            expected = {}
        assert levels(ledger) == {key: power_w for key, power_w in expected.items() if power_w}
        wait(env, 1.0)


def test_a_machine_of_two_components_moves_as_one():
    """8 s computing at 300 + 100 W, 2 s checkpointing at 50 + 100 W."""
    env, ledger = a_ledger()
    meter = Meter(ledger, "gpus", "host")
    compute, checkpoint = meter.state((300.0, 100.0), "job", "compute"), meter.state((50.0, 100.0), "job", "checkpoint")
    meter.enter(compute)
    wait(env, 8.0)
    meter.enter(checkpoint)
    wait(env, 2.0)
    meter.off()
    energy_j = {channel[:3]: ledger.integral(n) for n, channel in enumerate(ledger.channels)}
    assert energy_j == {
        ("gpus", "job", "compute"): 2400.0,
        ("host", "job", "compute"): 800.0,
        ("gpus", "job", "checkpoint"): 100.0,
        ("host", "job", "checkpoint"): 200.0,
    }
    assert levels(ledger) == {}


def test_the_same_activity_at_other_watts_changes_the_watts_alone():
    env, ledger = a_ledger()
    meter = Meter(ledger, "gpus", "host")
    meter.enter(meter.state((300.0, 100.0), "job", "compute"))
    wait(env, 1.0)
    meter.enter(meter.state((200.0, 100.0), "job", "compute"))
    assert [ledger.level(n) for n in range(2)] == [200.0, 100.0]
    assert len(ledger) == 3


def test_sharing_is_of_one_asset():
    _, ledger = a_ledger()
    with pytest.raises(ValueError, match="too many values"):
        Meter(ledger, "gpus", "host").share({"job": 1.0}, "compute")


def test_a_mixture_draws_each_activity_at_once():
    """6 s in which 0.75 of 400 W compute and 0.25 of 200 W communicate."""
    env, ledger = a_ledger()
    meter = Meter(ledger, "gpu")
    meter.enter(meter.mixture({"compute": (300.0,), "communicate": (50.0,)}, "job"))
    wait(env, 6.0)
    meter.off()
    assert levels(ledger) == {}
    energy_j = {channel.activity: ledger.integral(n) for n, channel in enumerate(ledger.channels)}
    assert energy_j == {"compute": 1800.0, "communicate": 300.0}


def test_a_state_that_is_not_of_a_mixture_takes_its_place():
    _, ledger = a_ledger()
    meter = Meter(ledger, "gpu", "host")
    meter.enter(meter.mixture({"compute": (300.0, 10.0), "communicate": (50.0, 5.0)}, "job"))
    meter.enter(meter.state((90.0, 4.0), "job", "checkpoint"))
    assert {channel[:3]: ledger.level(n) for n, channel in enumerate(ledger.channels) if ledger.level(n)} == {
        ("gpu", "job", "checkpoint"): 90.0,
        ("host", "job", "checkpoint"): 4.0,
    }


def test_what_two_mixtures_have_in_common_goes_on():
    """A spare of 63 W stands by while the others pass from computing to a checkpoint: nothing is noted of it."""
    env, ledger = a_ledger()
    meter = Meter(ledger, "gpu")
    meter.enter(meter.mixture({"compute": (300.0,), "wait": (63.0,)}, "job"))
    wait(env, 5.0)
    meter.enter(meter.mixture({"checkpoint": (90.0,), "wait": (63.0,)}, "job"))
    noted = [(at_s, ledger.channels[n].activity, value) for at_s, n, value in zip(*ledger.changes(), strict=True)]
    assert noted == [(0, "compute", 300), (0, "wait", 63), (5, "compute", 0), (5, "checkpoint", 90)]


DOING = st.sampled_from(["compute", "communicate", "checkpoint"])
MIXTURES = st.dictionaries(DOING, st.tuples(finite_w, finite_w), min_size=1)


@given(
    plays=st.lists(MIXTURES, min_size=1, max_size=4),
    moves=st.lists(st.tuples(st.floats(0.0, 1e3), st.integers(0, 3)), min_size=1, max_size=20),
    first=MIXTURES,
    last=MIXTURES,
)
def test_entering_many_states_of_the_past_records_what_entering_each_in_its_time_does(plays, moves, first, last):
    moves = [(gap_s, which % len(plays)) for gap_s, which in moves]

    def watched(enter):
        env, ledger = a_ledger()
        meter = Meter(ledger, "gpu", "host")
        meter.enter(meter.mixture(first, "job"))
        states = [meter.mixture(play, "job") for play in plays]
        enter(env, meter, states)
        wait(env, 5.0)
        meter.enter(meter.mixture(last, "job"))
        wait(env, 1.0)
        meter.off()
        return {channel[:3]: ledger.integral(n) for n, channel in enumerate(ledger.channels)}, levels(ledger)

    def in_time(env, meter, states):
        for gap_s, which in moves:
            wait(env, gap_s)
            meter.enter(states[which])

    def at_once(env, meter, states):
        at_s = np.cumsum([gap_s for gap_s, _ in moves])
        wait(env, sum(gap_s for gap_s, _ in moves))
        at_s = np.minimum(at_s, env.now)
        meter.enter_each(at_s, np.array([which for _, which in moves], np.int32), states)

    (one_j, left), (each_j, none) = watched(at_once), watched(in_time)
    assert left == none == {}
    assert one_j == pytest.approx({**dict.fromkeys(one_j, 0.0), **each_j}, rel=1e-9, abs=1e-6)


def test_a_state_entered_twice_is_noted_once():
    env, ledger = a_ledger()
    meter = Meter(ledger, "gpu")
    states = [meter.mixture({"compute": (300.0,)}, "job"), meter.mixture({"communicate": (50.0,)}, "job")]
    wait(env, 9.0)
    meter.enter_each(np.array([0.0, 2.0, 4.0, 6.0]), np.array([0, 0, 1, 1], np.int32), states)
    assert ledger.changes().at_s.tolist() == [0.0, 4.0, 4.0]
    assert levels(ledger) == {("job", "communicate"): 50.0}
