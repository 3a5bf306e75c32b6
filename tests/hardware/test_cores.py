"""Threads share the cores of a host fairly, one core a thread at most, and what it draws follows its load."""

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_ledger

from simulator.hardware.cores import Cores


def stepped_w(load):
    """100 W at rest, 120 W with the first work, 200 W with all cores busy."""
    return 120.0 + 80.0 * load if load > 0 else 100.0


def a_host(cores=4, speed_flop_per_s=10.0, power=stepped_w):
    env, ledger = a_ledger()
    return env, ledger, Cores(env, ledger, "host", cores, speed_flop_per_s, power)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=0.0)


def run(env, host, rows):
    """Compute (name, start, threads, FLOP a thread, workload) rows to the end; when each was done."""
    finish_s = {}

    def compute(name, start_s, threads, work_flop, workload):
        yield env.timeout(start_s)
        yield from host.compute(threads, work_flop, workload)
        finish_s[name] = env.now

    for row in rows:
        env.process(compute(*row))
    env.run()
    return finish_s


def energies_j(ledger):
    return {c[1:3]: ledger.integral(n) for n, c in enumerate(ledger.channels)}


def test_fewer_threads_than_cores_have_a_core_each():
    env, _, host = a_host()
    assert run(env, host, [("a", 0.0, 1, 50.0, "job"), ("b", 1.0, 3, 100.0, "job")]) == {"a": 5.0, "b": 11.0}


def test_more_threads_than_cores_take_equal_turns():
    """Six threads of 20 FLOP on 4 cores of 10 FLOP/s: 120 FLOP at 40 FLOP/s."""
    env, _, host = a_host()
    assert run(env, host, [("six", 0.0, 6, 20.0, "job")]) == near({"six": 3.0})


def test_who_comes_later_slows_who_was_there_and_both_speed_up_at_the_end_of_the_first():
    """One core: a alone has 20 of 40 FLOP done at 2 s; then 5 FLOP/s each: b's 10 by 4 s; a's last 10 by 5 s."""
    env, _, host = a_host(cores=1)
    assert run(env, host, [("a", 0.0, 1, 40.0, "job"), ("b", 2.0, 1, 10.0, "job")]) == near({"a": 5.0, "b": 4.0})


def test_threads_of_no_work_are_done_at_once():
    env, _, host = a_host()
    assert run(env, host, [("none", 3.0, 9, 0.0, "job")]) == {"none": 3.0}


def test_what_is_drawn_at_rest_is_nobodys_and_what_is_drawn_above_is_split_as_the_threads():
    """Load 1 for 3 s: 100 W above rest; one thread of four is alice's. Then alice alone, 1 s at load 1/4: 40 W."""
    env, ledger, host = a_host()
    run(env, host, [("a", 0.0, 1, 40.0, "alice"), ("b", 0.0, 3, 30.0, "bob")])
    expected_j = {("unassigned", "idle"): 400.0, ("alice", "compute"): 75.0 + 40.0, ("bob", "compute"): 225.0}
    assert energies_j(ledger) == near(expected_j)


def test_two_activities_of_one_workload_are_told_apart():
    env, ledger, host = a_host(cores=2)
    host.start(1, 20.0, "job")
    host.start(1, 20.0, "job", "checkpoint")
    env.run()
    assert energies_j(ledger)["job", "compute"] == energies_j(ledger)["job", "checkpoint"] == near(100.0)


def test_changes_of_one_instant_are_reported_once():
    """A hundred starts, then a hundred ends: the watts of a busy host are asked for once and change twice."""
    loads = []
    env, ledger, host = a_host(cores=100, power=lambda load: loads.append(load) or 100.0 + load)
    run(env, host, [(str(n), 1.0, 1, 50.0, "job") for n in range(100)])
    assert [load for load in loads if load] == [1.0]
    assert len(ledger) == 3


def test_who_is_interrupted_gives_the_cores_back():
    """Two threads on one core; one is interrupted at 2 s, so the other has 40 - 10 FLOP to do at 10 FLOP/s."""
    env, ledger, host = a_host(cores=1)
    done_s = []

    def compute():
        try:
            yield from host.compute(1, 40.0, "job")
            done_s.append(env.now)
        except simpy.Interrupt:
            return

    env.process(compute())
    other = env.process(compute())
    env.run(until=2.0)
    other.interrupt()
    env.run()
    assert done_s == near([5.0])
    assert (host.threads, host.load) == (0, 0.0)
    assert energies_j(ledger)["job", "compute"] == near(500.0)


def test_the_last_one_interrupted_leaves_the_host_at_rest():
    env, ledger, host = a_host()
    task = host.start(4, 100.0, "job")
    env.run(until=3.0)
    assert host.cancel(task) == near(70.0)
    env.run(until=50.0)
    assert energies_j(ledger) == near({("unassigned", "idle"): 5000.0, ("job", "compute"): 300.0})
    assert not task.done.triggered


def test_what_is_done_or_cancelled_already_is_cancelled_for_nothing():
    env, _, host = a_host()
    task, other = host.start(1, 10.0, "job"), host.start(1, 100.0, "job")
    env.run(until=5.0)
    assert host.cancel(task) == 0.0
    assert host.cancel(other) == near(50.0)
    assert host.cancel(other) == 0.0
    assert host.threads == 0


def test_who_is_interrupted_at_the_instant_of_the_end_is_taken_out_once():
    env, _, host = a_host(cores=1)

    def compute():
        try:
            yield from host.compute(1, 50.0, "job")
        except simpy.Interrupt:
            return

    process = env.process(compute())
    env.run(until=5.0)
    while host.threads:
        env.step()
    process.interrupt()
    assert run(env, host, [("next", 0.0, 1, 10.0, "job")]) == near({"next": 6.0})


def test_late_in_a_long_run_work_keeps_its_time_as_finely_as_the_clock():
    """After 1e9 s at 1e12 FLOP/s, two threads of a second each on one core: the clock resolves 1.2e-7 s."""
    env, _, host = a_host(cores=1, speed_flop_per_s=1e12)
    finish_s = run(env, host, [("early", 0.0, 1, 0.9e21, "job"), ("late", 1e9, 2, 1e12, "job")])
    assert finish_s["late"] - 1e9 == pytest.approx(2.0, abs=5e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda host: host.start(0, 1.0, "job"), "'host', 0"),
        (lambda host: host.start(1, -1.0, "job"), r"'host', -1\.0"),
        (lambda host: host.start(1, float("inf"), "job"), "'host', inf"),
        (lambda host: a_host(cores=0), "'host', 0"),
        (lambda host: a_host(speed_flop_per_s=0.0), r"'host', 0\.0"),
    ],
)
def test_what_cannot_be_computed_is_an_assertion_with_its_numbers(call, message):
    with pytest.raises(AssertionError, match=message):
        call(a_host()[2])


ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1.0, 2.5]) | st.floats(0.0, 100.0),
        st.integers(1, 6),
        st.sampled_from([0.0, 10.0, 100.0]) | st.floats(0.1, 1e4),
        st.sampled_from(["alice", "bob"]),
    ),
    min_size=1,
    max_size=8,
)


def named(rows):
    return [(str(number), *row) for number, row in enumerate(rows)]


@given(ROWS, st.integers(1, 8))
def test_work_is_conserved_and_no_core_is_used_twice(rows, cores):
    """With watts equal to the load, joules x cores x speed are the work; after each instant the load is at most 1."""
    env, ledger, host = a_host(cores=cores, power=lambda load: load)
    run(env, host, named(rows))
    busy_s = sum(energies_j(ledger).values())
    work_flop = sum(threads * flop for _, threads, flop, _ in rows)
    assert busy_s * cores * 10.0 == pytest.approx(work_flop, rel=1e-9, abs=1e-9)
    level, loads = [0.0] * len(ledger.channels), {}
    for at_s, number, value in zip(*ledger.changes(), strict=True):
        level[number] = value
        loads[at_s] = sum(level)
    assert max(loads.values(), default=0.0) <= 1.0 + 1e-9


@given(ROWS, st.integers(1, 8))
def test_work_is_done_no_sooner_than_a_core_alone_can_and_no_later_than_all_in_turn(rows, cores):
    env, _, host = a_host(cores=cores)
    finish_s = run(env, host, named(rows))
    all_in_turn_s = max(row[0] for row in rows) + sum(threads * flop for _, threads, flop, _ in rows) / 10.0
    for name, start_s, threads, flop, _ in named(rows):
        soonest_s = start_s + max(flop / 10.0, threads * flop / (10.0 * cores))
        assert soonest_s * (1 - 1e-12) <= finish_s[name] <= all_in_turn_s * (1 + 1e-12)


@given(ROWS, st.integers(1, 8), st.randoms(use_true_random=False))
def test_the_order_of_starts_of_one_instant_does_not_matter(rows, cores, luck):
    env, _, host = a_host(cores=cores)
    expected_s = run(env, host, named(rows))
    shuffled = named(rows)
    luck.shuffle(shuffled)
    env, _, host = a_host(cores=cores)
    assert run(env, host, shuffled) == near(expected_s)


@given(ROWS, st.integers(1, 8), st.floats(0.0, 200.0))
def test_all_that_is_cancelled_had_left_what_was_not_yet_computed(rows, cores, at_s):
    """Busy core time x speed + FLOP left over all threads = FLOP asked for, whenever everything is stopped."""
    env, ledger, host = a_host(cores=cores, power=lambda load: load)
    begun = [row for row in rows if row[0] < at_s]
    tasks = []

    def begin(start_s, threads, flop, workload):
        yield env.timeout(start_s)
        tasks.append(host.start(threads, flop, workload))

    for row in begun:
        env.process(begin(*row))
    env.run(until=env.timeout(at_s))
    left_flop = sum(task.threads * host.cancel(task) for task in tasks)
    busy_s = sum(energies_j(ledger).values())
    asked_flop = sum(threads * flop for _, threads, flop, _ in begun)
    assert busy_s * cores * 10.0 + left_flop == pytest.approx(asked_flop, rel=1e-9, abs=1e-9)
