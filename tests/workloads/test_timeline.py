"""A training is stretches of one kind each, and a stretch draws what its steps draw."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.hardware.group import Part
from simulator.workloads import timeline
from simulator.workloads.timeline import MOST_AHEAD, Stretch, chunks, count_turns, even_stretches, walk

WATTS = {"compute": 400.0, "communicate": 152.0, "wait": 63.0, "checkpoint": 90.0, "spare": 63.0}
lengths_s = st.floats(1.0, 1e4)


class Phase(NamedTuple):
    until_s: float
    parts: Any
    counts: bool
    cause: str


def phases(stretches, parts, step_s):
    """All that is drawn, one after the other."""
    way, found = walk(chunks(iter(stretches)), parts, step_s), []
    while (chunk := way.block()) is not None:
        drawn = zip(chunk.until_s.tolist(), chunk.play.tolist(), strict=True)
        found += [Phase(at_s, *way.plays[n], chunk.causes.get(place, "")) for place, (at_s, n) in enumerate(drawn)]
        way.go_on(len(chunk.until_s), len(chunk.until_s))
    return found


def mix(compute, communicate, wait, spare=0.0):
    """The parts of a step; of the machines a share stands by."""
    shares = {"compute": compute, "communicate": communicate, "wait": wait}
    parts = [Part(name, WATTS[name], share * (1.0 - spare)) for name, share in shares.items() if share]
    return (*parts, Part("spare", WATTS["spare"], spare, beside=True)) if spare else tuple(parts)


def joules(found):
    """By activity, with the load of a part as its watts."""
    energy_j, at_s = {}, 0.0
    for phase in found:
        for part in phase.parts:
            drawn_j = part.load * part.share * (phase.until_s - at_s)
            energy_j[part.activity] = energy_j.get(part.activity, 0.0) + drawn_j
        at_s = phase.until_s
    return energy_j


@given(total_s=lengths_s, every_s=st.floats(10.0, 1e4), checkpoint_s=st.floats(0.1, 100.0))
def test_computing_and_checkpoints_fill_the_time_and_nothing_goes_back(total_s, every_s, checkpoint_s):
    ends_s, kinds, _ = zip(*even_stretches(total_s, every_s, checkpoint_s), strict=True)
    assert list(ends_s) == sorted(ends_s)
    assert ends_s[-1] == total_s
    assert kinds == tuple(("compute", "checkpoint")[n % 2] for n in range(len(kinds)))


def test_a_training_without_checkpoints_is_one_stretch():
    assert list(even_stretches(9.0, None, 0.0)) == [Stretch(9.0, "compute")]


@given(turns=st.integers(1, 10_000), every_s=st.floats(1e-3, 1e6))
def test_so_many_turns_are_so_many_whatever_their_length(turns, every_s):
    assert count_turns(turns * every_s, every_s) == turns
    assert count_turns(turns * every_s * (1 + 1e-6), every_s) == turns + 1


def test_a_step_is_computing_then_communicating_then_waiting_for_data():
    """Steps of 10 s, of which 7, 2 and 1 s; a stretch of 25 s cuts the third, whose parts keep their shares."""
    parts = {"compute": mix(0.7, 0.2, 0.1)}
    found = list(phases(iter([Stretch(25.0, "compute")]), parts, 10.0))
    assert [phase.until_s for phase in found] == pytest.approx([7, 9, 10, 17, 19, 20, 23.5, 24.5, 25])
    assert [phase.parts[0].activity for phase in found] == ["compute", "communicate", "wait"] * 3
    assert [part.share for phase in found for part in phase.parts] == pytest.approx([1.0] * 9)


def test_steps_begin_anew_after_a_checkpoint():
    stretches = [Stretch(5.0, "compute"), Stretch(7.0, "checkpoint"), Stretch(12.0, "compute")]
    parts = {"compute": mix(0.5, 0.5, 0.0), "checkpoint": (Part("checkpoint", 90.0),)}
    assert [p.until_s for p in phases(iter(stretches), parts, 4.0)] == [2.0, 4.0, 4.5, 5.0, 7.0, 9.0, 11.0, 11.5, 12.0]


def test_spares_stand_by_through_every_part_of_a_step():
    """A quarter of the machines rests all the time; the others compute for 6 s and communicate for 4 s of 10 s."""
    parts = {"compute": mix(0.6, 0.4, 0.0, spare=0.25)}
    found = list(phases(iter([Stretch(10.0, "compute")]), parts, 10.0))
    assert [(p.until_s, [(part.activity, part.share) for part in p.parts]) for p in found] == [
        (pytest.approx(6.0), [("compute", pytest.approx(0.75)), ("spare", 0.25)]),
        (10.0, [("communicate", pytest.approx(0.75)), ("spare", 0.25)]),
    ]


def test_machines_that_only_compute_beside_spares_have_no_steps_to_show():
    parts = {"compute": mix(1.0, 0.0, 0.0, spare=0.25)}
    assert [phase.until_s for phase in phases(iter([Stretch(10.0, "compute")]), parts, 1.0)] == [10.0]


@given(
    shares=st.tuples(st.floats(0.01, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    spare=st.sampled_from([0.0, 0.125, 0.5]),
    total_s=lengths_s,
    every_s=st.floats(10.0, 1e4),
    step_s=st.floats(1.0, 300.0),
)
def test_step_by_step_draws_what_stretch_by_stretch_does(shares, spare, total_s, every_s, step_s):
    parts = {
        "compute": mix(*(share / sum(shares) for share in shares), spare=spare),
        "checkpoint": (Part("checkpoint", 90.0),),
    }
    whole_j, stepped_j = (joules(phases(even_stretches(total_s, every_s, 7.0), parts, step)) for step in (None, step_s))
    assert stepped_j == pytest.approx(whole_j, rel=1e-9, abs=1e-9 * sum(whole_j.values()))


def a_walk(*causes):
    parts = {"compute": (Part("compute", 400.0),)}
    return walk(chunks(iter(Stretch(float(n + 1), "compute", c) for n, c in enumerate(causes))), parts, None)


def test_a_walk_hands_out_what_is_left_until_all_is_over():
    way = a_walk("", "gpu", "", "nic")
    assert (way.block().until_s.tolist(), way.block().causes) == ([1.0, 2.0, 3.0, 4.0], {1: "gpu", 3: "nic"})
    way.go_on(1, 1)
    assert (way.block().until_s.tolist(), way.block().causes) == ([2.0, 3.0, 4.0], {0: "gpu", 2: "nic"})
    way.go_on(2, 2)
    assert (way.block().until_s.tolist(), way.block().causes) == ([4.0], {0: "nic"})
    way.go_on(1, 1)
    assert way.block() is None


def test_a_walk_knows_whether_a_pause_cut_the_stretch_that_comes_next():
    way = a_walk("", "gpu", "")
    way.block()
    assert not way.told
    way.go_on(1, 2)
    assert way.told
    way.block()
    way.go_on(1, 1)
    assert not way.told


def test_no_more_stretches_are_made_than_a_block_holds():
    made = []
    way = walk(chunks(Stretch(float(n), "compute") for n in range(2 * MOST_AHEAD) if not made.append(n)), {}, None)
    assert len(way.block().until_s) == len(made) == MOST_AHEAD


def test_the_steps_of_a_long_stretch_come_in_blocks_and_none_is_lost(monkeypatch):
    parts = {"compute": mix(0.5, 0.5, 0.0)}
    whole = list(phases([Stretch(99.5, "compute")], parts, 1.0))
    monkeypatch.setattr(timeline, "MOST_AHEAD", 7)
    assert list(phases([Stretch(99.5, "compute")], parts, 1.0)) == whole
    assert len(whole) == 200
    assert whole[-1].until_s == 99.5


def test_only_computing_that_nothing_undoes_counts():
    stretches = [
        Stretch(1.0, "waste"),
        Stretch(2.0, "restart", "gpu"),
        Stretch(3.0, "compute"),
        Stretch(4.0, "checkpoint"),
    ]
    found = [(phase.counts, phase.cause) for phase in phases(stretches, {}, None)]
    assert found == [(False, ""), (False, "gpu"), (True, ""), (False, "")]
