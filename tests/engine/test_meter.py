"""A meter is in one state at a time, so that nothing is counted twice."""

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
