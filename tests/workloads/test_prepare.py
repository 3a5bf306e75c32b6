"""A preparation lasts as its slower stage, and draws as its cores are busy.

The servers of the tests are two `2xepyc-9654`: 250 W at rest, 1100 W at full load.
"""

import pytest
from strategies import a_preparation_scenario, loaded, operation, run

import simulator as sim
from simulator.errors import ScenarioError
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.spec import tasks
from simulator.view.stages import Records
from simulator.view.terminal import result as drawn

CPU_BOUND = {"samples": 1e5, "size": "100 GB", "read": "2 GB/s", "cpu_time": "4 ms", "cores": 2, "host_cores": 4}
"""On two machines, 25 s of reading and 100 s of computing on half of the cores."""
READ_BOUND = {**CPU_BOUND, "read": "0.25 GB/s"}
"""On two machines, 200 s of reading and the same computing."""


def job(result, name="prepare"):
    return next(row for row in result.jobs.to_pylist() if row["workload"] == name)


def compute_j(result):
    return result.summary["paradigms"]["main"]["by_activity"]["compute"]["energy_j"]


def prepared(*preparations, **changes):
    return run(a_preparation_scenario(preparations, **changes))


def refused(fields, **changes):
    with pytest.raises(ScenarioError) as caught:
        loaded(a_preparation_scenario([fields], **changes))
    (problem,) = caught.value.problems
    return problem.sentence


def interrupted(fields, at_s, cause):
    """The world of one preparation that was interrupted, run to its end."""
    scenario = loaded(a_preparation_scenario([fields])).spec
    world = build_world(scenario)
    start_tasks(world, tasks(scenario)["main"])
    world.env.run(until=at_s)
    (process,) = [event.callbacks[0].__self__ for _, _, _, event in world.env._queue if event.callbacks]
    process.interrupt(cause)
    world.env.run()
    return world


def drawn_j(world):
    return sum(world.ledger.integral(n) for n in range(len(world.ledger.channels)))


def test_cores_that_are_slower_than_the_storage_set_the_pace():
    """1e5 x 4 ms on 2 x 2 cores: 100 s at load 2/4, 2 x (250 + 0.5 x 850) W."""
    result = prepared(CPU_BOUND)
    row = job(result)
    assert (row["time_mode"], row["begin_s"], row["end_s"]) == ("cpu-bound", 0.0, 100.0)
    assert compute_j(result) == pytest.approx(2 * 675 * 100.0)


def test_storage_that_is_slower_than_the_cores_sets_the_pace_and_the_machines_draw_less():
    """100 GB at 2 x 0.25 GB/s: 200 s; the cores are busy for 100 s of them: load 1/4, 2 x (250 + 0.25 x 850) W."""
    result = prepared(READ_BOUND)
    row = job(result)
    assert (row["time_mode"], row["end_s"]) == ("read-bound", 200.0)
    assert compute_j(result) == pytest.approx(2 * 462.5 * 200.0)


def test_the_work_above_rest_is_the_same_however_slow_the_storage_is():
    """Joules above rest are CPU-seconds x (1100 - 250) W / cores of a machine, on a machine that is linear."""
    for fields, time_s in ((CPU_BOUND, 100.0), (READ_BOUND, 200.0)):
        above_j = compute_j(prepared(fields)) - 2 * 250 * time_s
        assert above_j == pytest.approx(1e5 * 4e-3 * 850 / 4)


def test_all_cores_work_and_all_machines_are_reserved_if_nothing_else_is_said():
    """1e5 x 4 ms on 2 x 4 cores: 50 s; on one machine 100 s."""
    fields = {key: value for key, value in CPU_BOUND.items() if key != "cores"}
    assert job(prepared(fields))["end_s"] == 50.0
    assert job(prepared({**fields, "units": 1}))["end_s"] == 100.0


def test_the_record_says_what_was_prepared_on_how_many_machines():
    data = {"pictures": {"samples": 1e5, "bytes_per_sample": "1 MB"}}
    fields = {key: value for key, value in CPU_BOUND.items() if key not in ("samples", "size")}
    row = job(prepared({**fields, "dataset": "pictures"}, datasets=data))
    assert (row["kind"], row["at"], row["dataset"], row["model"]) == ("prepare", "lab/cpus", "pictures", "")
    assert (row["samples"], row["devices"], row["device_s"], row["end_s"]) == (1e5, 2, 200.0, 100.0)
    assert [row[name] for name in ("steps", "step_s", "work_flop", "mfu", "pj_per_flop")] == [None] * 5
    assert (row["status"], row["done_share"]) == ("finished", 1.0)
    assert row["energy_j"] == pytest.approx(2 * 675 * 100.0)


def test_a_data_set_of_the_catalogue_brings_its_samples_and_bytes():
    """LAION-400M: 10 TB at 2 x 2 GB/s are 2500 s; 413 million x 4 ms on 2 x 192 cores are 4302 s."""
    fields = {"dataset": "laion-400m", "read": "2 GB/s", "cpu_time": "4 ms", "host_cores": 192}
    row = job(prepared(fields))
    assert (row["samples"], row["time_mode"]) == (413e6, "cpu-bound")
    assert row["end_s"] == pytest.approx(413e6 * 4e-3 / 384)


def test_bare_cpus_can_prepare_too():
    """Two EPYC 7763 of 70 to 280 W at half load."""
    result = prepared({**CPU_BOUND, "at": "lab/chips"})
    assert compute_j(result) == pytest.approx(2 * 175 * 100.0)


def test_two_preparations_queue_for_the_same_machines_and_urgent_ones_go_first():
    names = [{"name": "a"}, {"name": "b"}, {"name": "c", "priority": 1}]
    result = prepared(*({**CPU_BOUND, **name} for name in names))
    assert {name: job(result, name)["begin_s"] for name in "abc"} == {"a": 0.0, "b": 200.0, "c": 100.0}


def test_an_interrupted_preparation_queues_again_and_loses_nothing():
    world = interrupted(READ_BOUND, 50.0, "make way")
    (row,) = world.jobs
    assert (row.status, row.end_s, row.device_s) == ("finished", 200.0, 400.0)
    assert [e.event for e in world.events.rows] == ["start", "submit", "begin", "pause", "begin", "finish"]
    assert drawn_j(world) == pytest.approx(2 * 462.5 * 200.0)


def test_a_cancelled_preparation_stops_and_keeps_what_it_drew():
    world = interrupted(CPU_BOUND, 40.0, "cancel")
    (row,) = world.jobs
    assert (row.status, row.end_s, row.device_s, row.done_share) == ("cancelled", 40.0, 80.0, 0.4)
    assert drawn_j(world) == pytest.approx(2 * 675 * 40.0)


def test_what_the_horizon_cuts_off_says_how_far_it_came_and_what_waits_for_it_never_began():
    second = {**CPU_BOUND, "name": "second", "after": "prepare"}
    result = prepared(CPU_BOUND, second, horizon="25 s")
    row = job(result)
    assert (row["status"], row["end_s"], row["done_share"]) == ("unfinished", None, 0.25)
    assert compute_j(result) == pytest.approx(2 * 675 * 25.0)
    late = job(result, "second")
    assert (late["kind"], late["status"], late["submit_s"], late["device_s"]) == (
        "prepare",
        "not submitted",
        None,
        0.0,
    )


@pytest.mark.parametrize("group", ["lab/nodes", "lab/phones"])
def test_machines_that_are_no_cpus_are_refused(group):
    assert refused({**CPU_BOUND, "at": group}) == (
        f"prepare runs on CPUs, and {group} has accelerators or users' equipment; choose servers without accelerators"
    )


def test_the_small_scenario_answers_what_its_header_says():
    result = sim.run("small/prepare")
    rows = {name: job(result, name) for name in ("pictures", "clips")}
    assert [rows[name]["time_mode"] for name in rows] == ["cpu-bound", "read-bound"]
    assert [rows[name]["end_s"] for name in rows] == [250.0, 850.0]
    assert [rows[name]["energy_j"] for name in rows] == pytest.approx([550e3, 555e3])
    found = result.summary["paradigms"]["main"]["boundaries"]
    assert list(operation(found)) == ["server", "facility"]
    assert found["facility"]["energy_j"] == pytest.approx(1.326e6)


def test_the_terminal_counts_machines():
    result = sim.run("small/prepare")
    jobs = result.jobs.to_pylist()
    lines = [
        line.plain for line in drawn(result.summary, result.manifest, Records(jobs), 100).renderables[2].renderables
    ]
    assert lines[0] == "main/pictures: finished, 2 machines, 0.14 machine-hours  (cpu-bound)"
