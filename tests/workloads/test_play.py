"""What a training draws is written late and is the same, whatever interrupts it, cuts it or watches it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_scenario, loaded, run

from simulator.engine import spill
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.spec import tasks
from simulator.workloads import timeline

IDLE_W, TDP_W = 63.0, 400.0
CHECKPOINT = {"every": "20 s", "time": "4 s", "load": 0.1}
FAILURES = {"rate": 200, "restart": "3 s", "repair": "10 s", "spares": 1}
"""Of 7 machines at work, one fails every 62 s on average."""
PLAIN = {"at": "lab/gpus", "utilisation": 1.0, "time": "200 s", "checkpoint": CHECKPOINT}
STEPPED = {"steps": 40, "communication": 0.25, "wait_utilisation": 0.5, "resolution": "step"}
FAILING = {**PLAIN, "failures": FAILURES}


def a_world(training, **changes):
    scenario = loaded(a_scenario([training], **changes)).spec
    world = build_world(scenario)
    start_tasks(world, tasks(scenario)["main"])
    return world


def process_of(world):
    return next(e.callbacks[0].__self__ for _, _, _, e in world.env._queue if e.callbacks and e.callbacks[0].__self__)


def drawn_j(world):
    """By activity, over all that a training had reserved."""
    found = {}
    for number, channel in enumerate(world.ledger.channels):
        found[channel.activity] = found.get(channel.activity, 0.0) + world.ledger.integral(number)
    return found


def failures_of(world):
    return [(event.cause, event.event) for event in world.events.rows if event.event == "failure"]


def carried_out(training, pauses_s=(), seed=1):
    """A world in which the training was interrupted at these moments, and went on at once each time."""
    world = a_world(training, seed=seed)
    for pause_s in sorted(pauses_s):
        if world.jobs and world.jobs[0].status == "finished":
            break
        world.env.run(until=max(pause_s, world.env.now) + 1e-6)
        if world.jobs[0].status != "finished":
            process_of(world).interrupt("make way")
    world.env.run()
    return world


@settings(max_examples=40, deadline=None)
@given(
    pauses_s=st.lists(st.floats(0.0, 400.0), max_size=6),
    seed=st.integers(0, 50),
    training=st.sampled_from([PLAIN, {**PLAIN, **STEPPED}, FAILING, {**FAILING, **STEPPED}]),
)
def test_the_same_failures_cost_the_same_joules_whatever_pauses_fall_between(pauses_s, seed, training):
    whole, cut = carried_out(training, seed=seed), carried_out(training, pauses_s, seed)
    assert failures_of(cut) == failures_of(whole)
    assert (cut.jobs[0].failures, cut.jobs[0].status) == (whole.jobs[0].failures, "finished")
    assert cut.jobs[0].end_s == pytest.approx(whole.jobs[0].end_s)
    assert cut.jobs[0].device_s == pytest.approx(whole.jobs[0].device_s)
    assert drawn_j(cut) == pytest.approx(drawn_j(whole), rel=1e-9, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 50),
    steps=st.integers(1, 300),
    communication=st.floats(0.0, 1.0, exclude_max=True),
    spares=st.integers(0, 3),
    fails=st.booleans(),
)
def test_every_step_draws_together_what_the_stretches_draw(seed, steps, communication, spares, fails):
    training = {**PLAIN, **STEPPED, "steps": steps, "communication": communication}
    if fails:
        training["failures"] = {**FAILURES, "spares": spares}
    one_by_one = carried_out(training, seed=seed)
    at_once = carried_out({**training, "resolution": "segment"}, seed=seed)
    stepped_j, whole_j = drawn_j(one_by_one), drawn_j(at_once)
    total_j = sum(whole_j.values())
    zeros = dict.fromkeys({**whole_j, **stepped_j}, 0.0)
    assert {**zeros, **stepped_j} == pytest.approx({**zeros, **whole_j}, rel=1e-9, abs=1e-9 * total_j)


def test_an_unlucky_training_draws_what_its_stretches_add_up_to():
    """All 8 machines are charged to it: 7 at work, and one at rest that stands by."""
    world = carried_out({**FAILING, "utilisation": 0.5}, seed=3)
    (row,), found_j = world.jobs, drawn_j(carried_out({**FAILING, "utilisation": 0.5}, seed=3))
    work_w = IDLE_W + 0.5 * (TDP_W - IDLE_W)
    checkpoint_w = IDLE_W + 0.1 * (TDP_W - IDLE_W)
    assert row.failures > 0
    assert row.computing_s == 168.0  # 8 turns of 20 s and 4 s, and 8 s
    assert found_j["compute"] == pytest.approx(7 * work_w * 168.0)
    assert found_j["checkpoint"] == pytest.approx(7 * checkpoint_w * 8 * 4.0)
    restart_s = row.planned_s - 200.0 - row.lost_s
    assert found_j["restart"] == pytest.approx(7 * IDLE_W * restart_s)
    assert 7 * checkpoint_w * row.lost_s <= found_j["waste"] <= 7 * work_w * row.lost_s
    assert found_j["wait"] == pytest.approx(IDLE_W * row.planned_s)


@pytest.mark.parametrize("training", [FAILING, {**FAILING, **STEPPED}])
def test_a_failure_is_told_once_however_often_its_restart_is_paused(training):
    """A pause every 1.1 s: each restart of 3 s is cut at least twice."""
    whole, cut = carried_out(training, seed=3), carried_out(training, [1.1 * n for n in range(400)], seed=3)
    assert len(failures_of(whole)) > 1
    assert failures_of(cut) == failures_of(whole)
    assert cut.jobs[0].failures == whole.jobs[0].failures
    assert drawn_j(cut) == pytest.approx(drawn_j(whole), rel=1e-9, abs=1e-3)


def test_steps_never_idle_the_machines_at_work_for_the_spares():
    """7 at work draw 400 W each while they compute, and one at rest stands by from the first moment to the last."""
    world = carried_out({**FAILING, **STEPPED}, seed=3)
    most_w = {}
    for at_s, number, value in zip(*world.ledger.changes(), strict=True):
        most_w.setdefault(world.ledger.channels[number].activity, []).append((at_s, value))
    assert max(value for _, value in most_w["compute"]) == pytest.approx(7 * TDP_W)
    assert max(value for _, value in most_w["communicate"]) == pytest.approx(7 * (IDLE_W + 0.5 * (TDP_W - IDLE_W)))
    assert most_w["wait"] == [(0.0, pytest.approx(IDLE_W)), (world.jobs[0].end_s, 0.0)]


def test_a_time_that_ends_in_a_checkpoint_is_no_shorter_where_machines_could_fail():
    """8 s of 3 + 1 + 3 + 1, whether or not something may fail that does not."""
    training = {**PLAIN, "time": "8 s", "checkpoint": {"every": "3 s", "time": "1 s", "load": 0.1}}
    lucky = {**training, "failures": {**FAILURES, "rate": 1e-9, "spares": 0}}
    assert carried_out(lucky).jobs[0].end_s == carried_out(training).jobs[0].end_s == 8.0
    assert drawn_j(carried_out(lucky))["checkpoint"] == pytest.approx(drawn_j(carried_out(training))["checkpoint"])


@pytest.mark.parametrize("seed", range(5))
def test_failures_are_told_at_their_moments_and_in_order_with_all_else(seed):
    """A training beside another that ends within its blocks: each failure begins a restart, and none is late."""
    other = {"at": "lab/gpus", "units": 2, "name": "other", "time": "90 s", "utilisation": 1.0}
    result = run(
        a_scenario([{**FAILING, "failures": {**FAILURES, "rate": 500}, "units": 6, "name": "first"}, other], seed=seed)
    )
    events = result.table("events").to_pylist()
    assert [e["at_s"] for e in events] == sorted(e["at_s"] for e in events)
    failed_s = {e["at_s"] for e in events if e["event"] == "failure"}
    changes, channels = result.table("changes").to_pylist(), result.table("channels").to_pylist()
    restarts = {n for n, c in enumerate(channels) if c["activity"] == "restart"}
    began_s = {c["at_s"] for c in changes if c["channel"] in restarts and c["value"]}
    assert began_s <= failed_s
    assert len(failed_s) == result.jobs.to_pylist()[0]["failures"]


def test_jobs_tell_what_failures_cost_and_count_the_devices_at_work():
    result = run(a_scenario([{**FAILING, "work": "100 PFLOP", "precision": "bf16"}], seed=3))
    (row,) = result.jobs.to_pylist()
    held_s = row["end_s"] - row["begin_s"]
    assert (row["status"], row["units"], row["devices"], row["done_share"]) == ("finished", 8, 7, 1.0)
    assert row["device_s"] == pytest.approx(7 * held_s)
    assert row["effective_share"] == pytest.approx(168.0 / held_s)
    assert row["mfu"] == pytest.approx(1e17 / (7 * 312e12 * held_s))
    events = [e for e in result.table("events").to_pylist() if e["event"] == "failure"]
    assert row["failures"] == len(events) > 0
    assert {e["cause"] for e in events} == {"failure"}


def test_a_training_that_nothing_fails_says_so():
    (row,) = run(a_scenario([PLAIN])).jobs.to_pylist()
    assert (row["failures"], row["lost_s"], row["effective_share"]) == (0, None, pytest.approx(168 / 200))


@pytest.mark.parametrize("training", [{**PLAIN, **STEPPED}, FAILING, {**FAILING, **STEPPED}])
@pytest.mark.parametrize("cut_s", [1.0, 20.0, 21.5, 77.7, 150.0])
def test_a_horizon_within_a_block_leaves_what_was_drawn_until_then(training, cut_s):
    """The joules of a run that is cut are those of the whole run's ticks up to there."""
    cut = run(a_scenario([training], seed=3, horizon=f"{cut_s} s"))
    ticks = run(a_scenario([training], seed=3)).ticks(f"{cut_s} s", by=["activity"]).to_pylist()
    first = {tick["activity"]: tick["energy_j"] for tick in ticks if tick["at_s"] == 0.0}
    of_cut = {name: value["energy_j"] for name, value in cut.summary["paradigms"]["main"]["by_activity"].items()}
    for activity in ("compute", "communicate", "checkpoint", "waste", "restart"):
        assert of_cut.get(activity, 0.0) == pytest.approx(first.get(activity, 0.0), rel=1e-9, abs=1e-6)


def digest(training, **changes):
    return run(a_scenario([training], seed=3, **changes)).manifest["hashes"]["results"]


@pytest.mark.parametrize("training", [{**PLAIN, **STEPPED}, {**FAILING, **STEPPED}])
def test_the_length_of_blocks_changes_no_joule_and_no_failure(training, monkeypatch):
    whole = carried_out(training, seed=3)
    monkeypatch.setattr(timeline, "MOST_AHEAD", 7)
    short = carried_out(training, seed=3)
    assert drawn_j(short) == pytest.approx(drawn_j(whole), rel=1e-9)
    assert failures_of(short) == failures_of(whole)


@pytest.mark.parametrize("training", [{**PLAIN, **STEPPED}, FAILING, {**FAILING, **STEPPED}])
def test_the_same_seed_gives_the_same_bytes(training):
    assert digest(training) == digest(training)


def test_a_log_on_disk_tells_the_same(monkeypatch):
    expected = digest({**FAILING, **STEPPED})
    monkeypatch.setattr(spill, "SPILL_AT", 50)
    assert digest({**FAILING, **STEPPED}) == expected


def test_another_workload_leaves_the_failures_of_the_first_as_they_were():
    training = {**FAILING, "units": 4, "failures": {**FAILURES, "rate": 900}, "name": "first"}
    alone = run(a_scenario([training], seed=3)).jobs.to_pylist()[0]
    beside = run(a_scenario([training, {**training, "name": "second"}], seed=3)).jobs.to_pylist()
    assert beside[0] == alone
    assert beside[1]["end_s"] != alone["end_s"]


def test_another_seed_is_other_luck():
    ends_s = {run(a_scenario([FAILING], seed=seed)).jobs.to_pylist()[0]["end_s"] for seed in range(5)}
    assert len(ends_s) == 5
