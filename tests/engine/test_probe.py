"""Probes see everything, change nothing, and fail in a sentence."""

import gc

import pytest
import simpy
from hypothesis import given, settings
from strategies import a_scenario, loaded, scenarios

import simulator as sim
from simulator.engine import probe
from simulator.engine.ledger import Ledger
from simulator.errors import ProbeError
from simulator.vocabulary import SPARE

GPUS = {"name": "t", "at": "lab/gpus", "units": 2, "time": "100 s", "utilisation": 1.0}
"""Two of eight bare GPUs at 400 W for 100 s."""


def watched(data, **calls):
    return sim.run(loaded(data), probes=[sim.Probe("watcher", calls)])


def test_a_probe_is_told_every_change_and_every_event_in_the_order_of_the_run():
    changes, events = [], []
    watched(a_scenario([GPUS]), change=lambda *seen: changes.append(seen), event=lambda *seen: events.append(seen))
    channel = ("lab/gpus/accelerator", "t", "compute", "power_w")
    assert changes == [(0.0, channel, 800.0), (100.0, channel, 0.0)]
    assert [(at_s, event) for at_s, event, _, _ in events] == [
        (0.0, "start"),
        (0.0, "submit"),
        (0.0, "begin"),
        (100.0, "finish"),
        (100.0, "done"),
        (100.0, "end"),
    ]


@settings(max_examples=25, deadline=None)
@given(scenarios())
def test_a_watched_run_has_the_digest_of_one_that_nobody_watches_and_misses_no_change(data):
    seen, alone = [], sim.run(loaded(data))
    result = watched(data, change=lambda *change: seen.append(change), event=lambda *event: None)
    assert result.manifest["hashes"] == alone.manifest["hashes"]
    channels = result.table("channels").select(["asset", "workload", "activity", "quantity"]).to_pylist()
    rows = [(row["at_s"], tuple(channels[row["channel"]].values()), row["value"]) for row in _changes(result)]
    assert sorted(seen) == sorted(row for row in rows if row[1][3] != SPARE)  # nobody drew that


def _changes(result):
    return result.table("changes").to_pylist()


def test_what_the_horizon_cut_off_is_cleared_away_without_a_word():
    seen = []
    watched(a_scenario([GPUS], horizon="50 s"), change=lambda *change: seen.append(change))
    told = len(seen)
    gc.collect()
    assert [at_s for at_s, _, _ in seen] == [0.0] * told


def test_every_probe_is_told_and_a_moment_without_a_call_is_passed_over():
    one, two = [], []
    probes = [
        sim.Probe("one", {"event": lambda *e: one.append(e)}),
        sim.Probe("two", {"event": lambda *e: two.append(e)}),
    ]
    sim.run("small/queue", probes=probes)
    assert one == two != []


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (
            "change",
            r"probe 'watcher' failed at `change` \(ZeroDivisionError: division by zero\); mend it, or run without",
        ),
        (
            "event",
            r"probe 'watcher' failed at `event` \(ZeroDivisionError: division by zero\); mend it, or run without",
        ),
    ],
)
def test_a_probe_that_raises_ends_the_run_with_its_name_and_its_cause(moment, sentence):
    with pytest.raises(ProbeError, match=sentence) as caught:
        watched(a_scenario([GPUS]), **{moment: lambda *values: 1 / 0})
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_probe_that_raises_after_the_last_event_is_reported_too():
    def fail(at_s, event, subject, cause):
        assert event != "end"

    with pytest.raises(ProbeError, match="AssertionError"):
        watched(a_scenario([GPUS]), event=fail)


def test_a_probe_cannot_end_a_run_in_silence():
    """SimPy's own way to stop a run is, in a probe, a failure."""

    def stop(*values):
        raise simpy.core.StopSimulation("early")

    with pytest.raises(ProbeError, match="StopSimulation: early"):
        watched(a_scenario([GPUS]), change=stop)


def test_a_wish_to_stop_goes_through():
    def interrupt(*values):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watched(a_scenario([GPUS]), change=interrupt)


def test_a_probe_that_raises_leaves_the_switch_of_a_machine_whole_and_is_called_no_more():
    """Two components go on together: 100 W and 30 W, although the probe fails at the first."""
    told = []

    def fail(*values):
        told.append(values)
        raise ValueError("no")

    watch = probe.Watch([probe.Probe("watcher", {"change": fail})])
    ledger = Ledger(simpy.Environment(), watch.find_teller("change"))
    channels = tuple(ledger.channel(asset, "job", "compute") for asset in ("a", "b"))
    ledger.switch((), channels, (100.0, 30.0))
    assert [ledger.level(channel) for channel in channels] == [100.0, 30.0]
    assert ledger.changes().value.tolist() == [100.0, 30.0]
    assert len(told) == 1
    with pytest.raises(ProbeError, match="ValueError: no"):
        watch.check()


def test_a_probe_that_fails_leaves_nothing_where_the_result_would_be(tmp_path):
    with pytest.raises(ProbeError):
        sim.run("small/queue", tmp_path / "out", probes=[sim.Probe("bad", {"event": lambda: None})])
    assert list(tmp_path.iterdir()) == []


def test_a_moment_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(sim.SimulatorError, match=r"probe 'watcher' at 'tick': no such moment; there is change, event"):
        watched(a_scenario([GPUS]), tick=print)


def test_a_ledger_that_nobody_watches_notes_by_the_bare_methods_of_its_columns():
    ledger = Ledger(simpy.Environment(), probe.UNWATCHED.find_teller("change"))
    assert ledger._note_value == ledger._value.append
    step = simpy.Environment().step
    assert probe.UNWATCHED.watched(step) is step
