"""The record of steps is as large as what interrupted them, not as the steps."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.record.steps import Steps, done_s


def test_a_million_parts_of_steps_without_a_pause_are_one_span():
    steps = Steps("train", 10, 100_000.0, None, None)
    edges_s = np.arange(1_000_001.0)
    for begin in range(0, 1_000_000, 4096):
        piece = edges_s[begin : begin + 4097]
        steps.add(piece[:-1], piece[1:])
    assert (steps.begins_s.tolist(), steps.ends_s.tolist()) == ([0.0], [1e6])
    assert done_s(steps).tolist() == [1e5 * number for number in range(1, 11)]


def test_nothing_added_changes_nothing():
    steps = Steps("train", 1, 1.0, None, None)
    steps.add(np.zeros(0), np.zeros(0))
    assert done_s(steps).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=40), st.integers(1, 7))
def test_however_spans_are_handed_over_every_step_is_done_at_the_same_moment(gaps_and_lengths, at_once):
    """Each second of computing that counts ends a step: walk over them one by one."""
    at_s, spans = 0, []
    for gap, length in gaps_and_lengths:
        spans.append((at_s + gap, at_s + gap + length))
        at_s += gap + length
    expected = [float(second + 1) for begin, end in spans for second in range(begin, end)]
    steps = Steps("train", len(expected), 1.0, None, None)
    for first in range(0, len(spans), at_once):
        begin_s, end_s = zip(*spans[first : first + at_once], strict=True)
        steps.add(np.array(begin_s, float), np.array(end_s, float))
    assert done_s(steps).tolist() == pytest.approx(expected)
    pauses = sum(end != begin for (_, end), (begin, _) in pairwise(spans))
    assert len(steps.begins_s) == len(steps.ends_s) == pauses + 1
