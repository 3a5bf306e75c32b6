"""Units are handed out first come, first served, never twice, and rest at somebody's cost."""

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_ledger

from simulator.hardware.device import DeviceGroup, build_device
from simulator.hardware.group import Group, Reservation, all_spans, record_idle


def a_group(count=4, owned="reserved"):
    env, ledger = a_ledger()
    unit = build_device(DeviceGroup(model="a100-sxm4-40gb", count=count))
    return env, ledger, Group(env, ledger, "lab/gpus", unit, count, owned)


def use(env, group, name, units, time_s, start_s=0.0):
    """A workload that computes on so many units for so long."""
    yield env.timeout(start_s)
    try:
        with Reservation(group, units, name) as reservation:
            yield from reservation.wait_granted()
            reservation.draw(1.0, "compute")
            yield env.timeout(time_s)
    except simpy.Interrupt:
        return


def energies(ledger):
    return {c[1:3]: ledger.integral(n) for n, c in enumerate(ledger.channels)}


def test_the_second_waits_for_the_first():
    env, _, group = a_group(count=4)
    env.process(use(env, group, "first", 3, 10.0))
    env.process(use(env, group, "second", 2, 5.0))
    env.run()
    assert [(s.workload, s.from_s, s.to_s) for s in group.spans] == [("first", 0.0, 10.0), ("second", 10.0, 15.0)]


def test_a_workload_that_says_how_it_uses_memory_draws_by_it():
    """Phases of 100 W + 100 W x memory + 200 W x load, for 10 s each: 3 x (150 + 200) W x 10 s."""
    env, ledger = a_ledger()
    phases = {"kind": "phase", "floor": "100 W", "memory": "100 W", "flop": "200 W"}
    unit = build_device(DeviceGroup(model="a100-sxm4-40gb", count=3, power=phases))

    def bound(group):
        with Reservation(group, 3, "job") as reservation:
            yield from reservation.wait_granted()
            for memory in (0.0, 0.5):
                reservation.draw(0.25, "compute", memory)
                yield env.timeout(10.0)

    env.process(bound(Group(env, ledger, "lab/gpus", unit, 3, "reserved")))
    env.run()
    assert energies(ledger) == {("job", "compute"): 3 * (150.0 + 200.0) * 10.0}


def test_a_small_one_does_not_overtake_a_large_one():
    env, _, group = a_group(count=4)
    for name, units in (("first", 3), ("large", 4), ("small", 1)):
        env.process(use(env, group, name, units, 10.0))
    env.run()
    assert {s.workload: s.from_s for s in group.spans} == {"first": 0.0, "large": 10.0, "small": 20.0}


def test_an_interrupted_holder_gives_its_units_back():
    env, ledger, group = a_group(count=2)
    holder = env.process(use(env, group, "holder", 2, 100.0))
    env.process(use(env, group, "waiter", 2, 5.0))
    env.run(until=7.0)
    holder.interrupt()
    env.run()
    assert [(s.workload, s.from_s, s.to_s) for s in group.spans] == [("holder", 0.0, 7.0), ("waiter", 7.0, 12.0)]
    assert energies(ledger)["holder", "compute"] == 2 * 400 * 7


def test_an_interrupted_waiter_leaves_the_queue():
    env, _, group = a_group(count=2)
    env.process(use(env, group, "holder", 2, 10.0))
    waiter = env.process(use(env, group, "waiter", 2, 5.0))
    env.process(use(env, group, "last", 2, 5.0))
    env.run(until=3.0)
    waiter.interrupt()
    env.run()
    assert [s.workload for s in group.spans] == ["holder", "last"]
    assert group.spans[-1].from_s == 10.0


@pytest.mark.parametrize("later", [0, 1, 2])  # before its turn, when it was granted but not told, when it holds
def test_a_waiter_interrupted_at_the_moment_of_its_turn_gives_it_back(later):
    env, _, group = a_group(count=1)
    env.process(use(env, group, "holder", 1, 10.0))
    waiter = env.process(use(env, group, "waiter", 1, 5.0))
    env.run(until=3.0)

    def meddle():
        yield env.timeout(7.0)
        for _ in range(later):
            yield env.timeout(0.0)
        waiter.interrupt()

    env.process(meddle())
    env.process(use(env, group, "last", 1, 5.0, start_s=5.0))
    env.run()
    last = group.spans[-1]
    assert (last.workload, last.from_s, last.to_s) == ("last", 10.0, 15.0)
    assert not group._busy.any()
    assert group._queue.free == 1


def test_rest_between_reservations_is_unassigned_and_rest_outside_does_not_count():
    """2 units used 0-10 s, then 1 unit 15-20 s: unit 0 rests 5 s at 63 W; units 2 and 3 never count."""
    env, ledger, group = a_group(count=4)
    env.process(use(env, group, "a", 2, 10.0))
    env.process(use(env, group, "b", 1, 5.0, start_s=15.0))
    env.run(until=30.0)
    record_idle(group, 30.0)
    assert energies(ledger)["unassigned", "idle"] == pytest.approx(5 * 63.0)


def test_what_is_always_owned_rests_all_the_time():
    env, ledger, group = a_group(count=4, owned="always")
    env.process(use(env, group, "a", 2, 10.0))
    env.run(until=30.0)
    record_idle(group, 30.0)
    assert energies(ledger)["unassigned", "idle"] == pytest.approx(63.0 * (2 * 20 + 2 * 30))


WISHES = st.lists(st.tuples(st.integers(1, 4), st.floats(0.1, 50.0), st.floats(0.0, 50.0)), min_size=1, max_size=12)


@given(WISHES, st.floats(1.0, 200.0), st.sampled_from(["reserved", "always"]))
def test_capacity_is_never_exceeded_and_every_second_in_service_is_charged(wishes, end_s, owned):
    env, ledger, group = a_group(count=4, owned=owned)
    for n, (units, time_s, start_s) in enumerate(wishes):
        env.process(use(env, group, f"w{n}", units, time_s, start_s))
    env.run(until=end_s)
    record_idle(group, end_s)
    spans = all_spans(group)
    moments = sorted({s.from_s for s in spans} | {s.to_s for s in spans})
    for at_s in moments:
        assert sum(s.units for s in spans if s.from_s <= at_s < s.to_s) <= 4
    from_s, to_s = group.service_spans(end_s)
    reserved_s = sum(s.units * (s.to_s - s.from_s) for s in spans)
    idle_j = energies(ledger).get(("unassigned", "idle"), 0.0)
    assert idle_j == pytest.approx(63.0 * ((to_s - from_s).sum() - reserved_s), rel=1e-9, abs=1e-6)
