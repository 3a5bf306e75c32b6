"""A training whose machines fail does all that counts, and what it lost is told apart."""

from itertools import chain, repeat

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.rng import Streams
from simulator.hardware.failure import AWAY, Failures, component_rates, enough_share, expected_effective_share
from simulator.workloads import failing
from simulator.workloads.failing import Cycle, Failure, draw_failures, each_stretch, failing_chunks, total_and_lost_s
from simulator.workloads.timeline import chunks

NEVER = 1e30
DAY_S = 86_400.0


def failures(**fields):
    return Failures(**{"rate": 1.0, "restart": "3 s", "repair": "20 s", **fields})


@pytest.fixture
def told(monkeypatch):
    """What a training does where these fail at these moments: (until when, kind), and what failed."""

    def run(cycle, fields, *moments):
        script = [Failure(at_s, component) for at_s, component in moments]
        monkeypatch.setattr(failing, "draw_failures", lambda *_: chain(script, repeat(Failure(NEVER, "gpu"))))
        return [tuple(s) for s in each_stretch(cycle, failures(**fields), 8, np.random.Generator(np.random.Philox(1)))]

    return run


def test_a_failure_undoes_what_came_after_the_last_checkpoint(told):
    """30 s, a checkpoint of 5 s, 12 s undone at 47 s; a machine of the 2 spares is there: 3 s; then 30 s and 10 s."""
    assert told(Cycle(70.0, 30.0, 5.0), {"spares": 2}, (47.0, "gpu")) == [
        (30.0, "compute", ""),
        (35.0, "checkpoint", ""),
        (47.0, "waste", ""),
        (50.0, "restart", "gpu"),
        (80.0, "compute", ""),
        (85.0, "checkpoint", ""),
        (95.0, "compute", ""),
    ]


def test_a_checkpoint_that_is_being_written_is_lost_with_the_computing_before_it(told):
    assert told(Cycle(40.0, 30.0, 5.0), {"spares": 1}, (33.0, "software"))[:3] == [
        (30.0, "waste", ""),
        (33.0, "lost checkpoint", ""),
        (36.0, "restart", "software"),
    ]


def test_without_a_spare_the_training_waits_for_the_machine(told):
    """Away from 10 s to 30 s, and 3 s to start again."""
    assert told(Cycle(5.0, 30.0, 5.0), {}, (2.0, "gpu")) == [
        (2.0, "waste", ""),
        (25.0, "restart", "gpu"),
        (30.0, "compute", ""),
    ]


def test_what_only_needs_a_restart_waits_for_no_machine(told):
    assert told(Cycle(5.0, 30.0, 5.0), {}, (2.0, "software"))[1:] == [
        (5.0, "restart", "software"),
        (10.0, "compute", ""),
    ]


def test_what_fails_while_a_machine_is_waited_for_does_not_bring_it_back(told):
    """The GPU is away from 2 s to 22 s; software that fails at 6 s changes nothing of that."""
    found = told(Cycle(5.0, 30.0, 5.0), {}, (2.0, "gpu"), (6.0, "software"))
    assert found == [(2.0, "waste", ""), (6.0, "restart", "gpu"), (25.0, "restart", "software"), (30.0, "compute", "")]


def test_a_failure_while_it_starts_again_begins_that_anew(told):
    found = told(Cycle(5.0, 30.0, 5.0), {}, (2.0, "software"), (4.0, "software"))
    assert found[1:] == [(4.0, "restart", "software"), (7.0, "restart", "software"), (12.0, "compute", "")]


def test_a_spare_that_was_used_is_back_once_the_other_is_repaired(told):
    """One spare. Failures at 2 s and 10 s: the second waits until 22 s. That at 50 s finds both machines back."""
    found = told(Cycle(60.0, 30.0, 1.0), {"spares": 1}, (2.0, "gpu"), (10.0, "gpu"), (50.0, "gpu"))
    assert [(s[0], s[2]) for s in found if s[1] == "restart"] == [(5.0, "gpu"), (25.0, "gpu"), (53.0, "gpu")]


def test_a_second_machine_that_goes_while_one_is_waited_for_is_waited_for_too(told):
    """Away until 22 s and until 26 s: both must be back."""
    found = told(Cycle(5.0, 30.0, 5.0), {}, (2.0, "gpu"), (6.0, "gpu"))
    assert found[2] == (29.0, "restart", "gpu")


def test_a_failure_in_the_last_stretch_undoes_it_and_no_more(told):
    found = told(Cycle(40.0, 30.0, 5.0), {"spares": 1}, (44.0, "gpu"))
    assert found[2:] == [(44.0, "waste", ""), (47.0, "restart", "gpu"), (57.0, "compute", "")]


def test_a_failure_at_the_moment_it_is_done_comes_too_late(told):
    assert told(Cycle(40.0, 30.0, 5.0), {}, (45.0, "gpu"))[-1] == (45.0, "compute", "")


def test_a_time_that_ends_in_a_checkpoint_still_does(told):
    """8 s of 3 + 1 + 3 + 1; and of a time of 7.5 s half of the last checkpoint."""
    assert told(Cycle(6.0, 3.0, 1.0, 1.0), {})[-1] == (8.0, "checkpoint", "")
    assert told(Cycle(6.0, 3.0, 1.0, 0.5), {})[-1] == (7.5, "checkpoint", "")


def test_three_tenths_are_three_times_a_tenth(told):
    """0.1 + 0.1 + 0.1 is more than 0.3 in floats, and no fourth turn."""
    assert [kind for _, kind, _ in told(Cycle(3 * 0.1, 0.1, 1.0), {})].count("checkpoint") == 2


cycles = st.builds(Cycle, st.floats(1.0, 500.0), st.floats(5.0, 60.0), st.floats(0.1, 5.0), st.just(0.0))
fleets = st.builds(
    failures,
    rate=st.one_of(st.floats(1.0, 200.0), st.just("llama-3.1-405b")),
    restart=st.sampled_from(["0 s", "3 s", "10 s"]),
    repair=st.sampled_from(["1 s", "20 s"]),
    spares=st.integers(0, 3),
)


@given(cycle=cycles, spec=fleets, seed=st.integers(0, 1000))
def test_what_counts_is_the_plan_and_all_stretches_are_the_time(cycle, spec, seed):
    found = list(each_stretch(cycle, spec, 20, Streams(seed).generator("failure", "train")))
    ends_s = np.array([stretch.until_s for stretch in found])
    spans_s = np.diff(ends_s, prepend=0.0)
    assert (spans_s >= 0.0).all()
    by_kind_s = {kind: sum(s for s, one in zip(spans_s, found, strict=True) if one.kind == kind) for kind in KINDS}
    assert by_kind_s["compute"] == pytest.approx(cycle.compute_s, rel=1e-9)
    assert sum(by_kind_s.values()) == pytest.approx(ends_s[-1], rel=1e-9)
    kept = sum(one.kind == "checkpoint" for one in found)
    assert kept == failing.count_turns(cycle.compute_s, cycle.every_s) - 1
    assert by_kind_s["checkpoint"] == pytest.approx(kept * cycle.checkpoint_s, rel=1e-9, abs=1e-9)
    total_s, lost_s = total_and_lost_s(list(chunks(iter(found))))
    assert total_s == ends_s[-1]
    assert lost_s == pytest.approx(by_kind_s["waste"] + by_kind_s["lost checkpoint"], abs=1e-9)


KINDS = ("compute", "waste", "checkpoint", "lost checkpoint", "restart")


@given(cycle=cycles, spec=fleets, seed=st.integers(0, 1000))
def test_every_failure_is_told_by_the_restart_that_it_causes_and_by_nothing_else(cycle, spec, seed):
    luck = [Streams(seed).generator("failure", "train") for _ in range(2)]
    found = list(each_stretch(cycle, spec, 20, luck[0]))
    restarts = [n for n, stretch in enumerate(found) if stretch.kind == "restart"]
    assert [n for n, stretch in enumerate(found) if stretch.cause] == restarts
    drawn = draw_failures(component_rates(spec.rate), 20, luck[1])
    told = [(found[n - 1].until_s, found[n].cause) for n in restarts]
    assert told == [tuple(failure) for failure, _ in zip(drawn, restarts, strict=False)]


def test_failures_come_as_often_as_their_rates_say_and_from_what_they_say():
    """10 000 failures of 2048 servers: 3.093 h apart (within 4 standard errors, 4 %), 148 of 419 of GPUs."""
    rates = component_rates("llama-3.1-405b")
    drawn = draw_failures(rates, 2048, Streams(7).generator("failure", "train"))
    found = [next(drawn) for _ in range(10_000)]
    assert found[-1].at_s / 10_000 / 3600 == pytest.approx(54 * 24 / 419, rel=0.04)
    gpus = sum(failure.component == "gpu" for failure in found)
    assert gpus / 10_000 == pytest.approx(148 / 419, abs=4 * (0.353 * 0.647 / 10_000) ** 0.5)


@pytest.mark.parametrize("every_s", [1200.0, 3600.0, 7200.0])
def test_where_failures_are_rare_the_closed_form_is_the_mean_of_many(every_s):
    """100 machines that fail once in 400 days each: one failure in 4 days. 40 trainings of 30 days."""
    spec = failures(rate=1 / 400, restart="10 min", repair="1 h", spares=100)
    cycle = Cycle(30 * DAY_S, every_s, 60.0)
    totals_s = [
        total_and_lost_s(failing_chunks(cycle, spec, 100, Streams(seed).generator("failure", "train")))[0]
        for seed in range(40)
    ]
    closed = expected_effective_share(100 / 400 / DAY_S, 600.0, every_s, 60.0)
    assert 30 * DAY_S / np.mean(totals_s) == pytest.approx(closed, rel=0.005)  # asked for: 5 %


def test_the_share_of_time_with_machines_enough_is_that_of_the_queue_without_limit():
    """10 machines, one failure in a day, two days of repair, one spare: e^-2 (1 + 2) = 40.6 % of the time."""
    spec = failures(rate=0.1, restart="0 s", repair="2 d", spares=1)
    luck = Streams(3).generator("failure", "train")
    cycle = Cycle(2000 * DAY_S, 0.01 * DAY_S, 1e-6)
    total_s, _ = total_and_lost_s(failing_chunks(cycle, spec, 10, luck))
    assert enough_share(spec, 10) == pytest.approx(0.406, abs=0.001)
    assert 2000 * DAY_S / total_s == pytest.approx(0.406, rel=0.05)


def test_the_failures_of_the_catalogue_hold_both_kinds():
    kinds = {AWAY[name] for name in component_rates("llama-3.1-405b")}
    assert kinds == {True, False}
