"""Whose samples are whose: nobody goes without, nothing is lost, and skew is as much as was asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from simulator.engine.rng import Streams
from simulator.errors import ContradictionError
from simulator.learning.partition import Labels, partition, shard_sizes
from simulator.learning.spec import Partition, Sizes

KIND, SIZES = TypeAdapter(Partition), TypeAdapter(Sizes)
KINDS = ["iid", {"kind": "dirichlet", "alpha": 0.01}, {"kind": "dirichlet", "alpha": 1}]
ALL_SIZES = ["equal", {"kind": "log-normal", "spread": 5}, {"kind": "zipf", "exponent": 1.2}]


def cut(y, clients, kind="iid", sizes="equal", seed=1, client=None):
    kinds = KIND.validate_python(kind), SIZES.validate_python(sizes)
    return partition(Labels(np.array(y), client), clients, *kinds, Streams(seed).generator("partition"))


@given(
    y=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    share=st.floats(0.0, 1.0),
    kind=st.sampled_from(KINDS),
    sizes=st.sampled_from(ALL_SIZES),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_every_sample_is_in_exactly_one_shard_and_no_shard_is_empty(y, share, kind, sizes, seed):
    clients = max(1, int(share * len(y)))
    shards = cut(y, clients, kind, sizes, seed)
    assert len(shards) == clients
    assert min(len(shard) for shard in shards) >= 1
    assert sorted(np.concatenate(shards).tolist()) == list(range(len(y)))


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=20), st.integers(0, 200))
def test_sizes_are_within_one_of_their_share_where_that_leaves_nobody_empty(weights, more):
    count = len(weights) + more
    exact = count * np.array(weights) / sum(weights)
    sizes = shard_sizes(count, np.array(weights))
    assert sizes.sum() == count
    assert sizes.min() >= 1
    if exact.min() >= 1:
        assert np.abs(sizes - exact).max() < 1


def test_equal_sizes_by_hand():
    assert sorted(len(shard) for shard in cut([0] * 10, 3)) == [3, 3, 4]


def test_zipf_sizes_by_hand():
    """22 samples as 1, 1/2, 1/3: 12, 6, 4."""
    assert [len(s) for s in cut([0] * 22, 3, sizes={"kind": "zipf", "exponent": 1})] == [12, 6, 4]


def test_log_normal_sizes_spread_as_they_say():
    """Of many clients, the logarithm's standard deviation is log 2."""
    sizes = [len(shard) for shard in cut([0] * 200_000, 1000, sizes={"kind": "log-normal", "spread": 2})]
    assert np.log(sizes).std() == pytest.approx(np.log(2), rel=0.1)


def classes_a_client(kind):
    """How many classes make up nine tenths of a client, in the mean."""
    y = np.arange(10_000) % 10
    found = []
    for shard in cut(y, 100, kind):
        counts = np.sort(np.bincount(y[shard], minlength=10))[::-1]
        found.append(1 + np.searchsorted(np.cumsum(counts), 0.9 * len(shard)))
    return np.mean(found)


def test_a_smaller_alpha_means_fewer_classes_a_client():
    few, some, many = (classes_a_client({"kind": "dirichlet", "alpha": alpha}) for alpha in (0.01, 0.5, 100.0))
    assert 1.0 <= few < 2.5 < some < 7.0 < many <= 10.0
    assert classes_a_client("iid") == pytest.approx(many, abs=1.0)


def test_natural_shards_are_those_of_the_data():
    shards = cut([0, 1, 0, 1], None, {"kind": "natural", "by": "client"}, client=np.array([7, 3, 3, 3]))
    assert [shard.tolist() for shard in shards] == [[1, 2, 3], [0]]


def test_natural_shards_by_label_hold_a_class_each():
    assert [s.tolist() for s in cut([0, 1, 0, 1], None, {"kind": "natural", "by": "label"})] == [[0, 2], [1, 3]]


def test_more_clients_than_samples_are_an_error():
    with pytest.raises(ContradictionError, match="3 clients cannot share 2 samples; ask for fewer"):
        cut([0, 1], 3)


def test_data_that_know_no_clients_are_an_error():
    with pytest.raises(ContradictionError, match="do not say whose a sample is"):
        cut([0, 1], None, {"kind": "natural", "by": "client"})
