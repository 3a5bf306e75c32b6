"""Private updates by pen and paper: none counts for more than allowed, luck is on the mean, all weigh alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.rng import Streams
from simulator.learning.learner import Local
from simulator.learning.privacy import Privacy, clipped, made_private
from simulator.learning.pupil import Pupil
from simulator.learning.rule import averaging

LOCAL = Local(epochs=1, batch=5, rate=0.1)
HIDDEN = Privacy(clip=0.1, noise=1.5)


@given(seed=st.integers(0, 99), clip=st.floats(1e-3, 1e3), size=st.floats(1e-3, 1e3))
def test_no_update_is_longer_than_allowed_and_a_short_one_stays(seed, clip, size):
    updates = size * Streams(seed).generator("updates").standard_normal((4, 7))
    before, after = (np.linalg.norm(some, axis=1) for some in (updates, clipped(updates, Privacy(clip=clip, noise=1))))
    assert after == pytest.approx(np.minimum(before, clip))


def test_nobody_who_did_not_move_is_divided_by_nothing():
    assert not clipped(np.zeros((2, 3)), HIDDEN).any()


def test_the_noise_on_the_mean_is_what_was_asked_for():
    """1.5 x 0.1 / 4 on each of 100,000 parameters, no two alike: a standard deviation known to 0.3 %."""
    noise = made_private(np.zeros((4, 100_000)), HIDDEN, Streams(1).generator("luck")).mean(axis=0)
    assert noise.std() == pytest.approx(1.5 * 0.1 / 4, rel=0.01)
    assert noise.mean() == pytest.approx(0.0, abs=5e-4)


def test_one_update_moves_the_mean_by_its_clip_over_their_number_at_most(a_task):
    """A shard of 400 samples weighs as much as one of 5: without noise to speak of, 0.1 / 2 each."""
    moved = []
    for shards in ([0, 1], [1, 0]):
        pupil = Pupil(a_task([400, 5]), LOCAL, averaging(1.0), privacy=Privacy(clip=1e-3, noise=1e-9))
        start = pupil.params
        pupil.learn(0, np.array(shards))
        moved.append(np.linalg.norm(pupil.params - start))
    alone = []
    for shard in (0, 1):
        pupil = Pupil(a_task([400, 5]), LOCAL, averaging(1.0), privacy=Privacy(clip=1e-3, noise=1e-9))
        start = pupil.params
        pupil.learn(0, np.array([shard]))
        alone.append(pupil.params - start)
    assert [np.linalg.norm(one) for one in alone] == pytest.approx([1e-3, 1e-3])
    assert moved == pytest.approx([np.linalg.norm(sum(alone) / 2)] * 2)


def test_luck_is_that_of_the_round_whatever_was_before(a_task):
    """Two rounds of the same clients from one model: other noise; the same round again: the same."""
    found = []
    for turn in (0, 1, 0):
        pupil = Pupil(a_task([5, 5]), LOCAL._replace(rate=0.0), averaging(1.0), privacy=HIDDEN)
        start = pupil.params
        pupil.learn(turn, np.array([0, 1]))
        found.append(pupil.params - start)
    assert found[0].any()
    assert (found[0] == found[2]).all()
    assert not (found[0] == found[1]).all()
