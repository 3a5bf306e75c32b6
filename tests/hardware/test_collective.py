"""An all-reduce takes what the bits and the steps between members take, and no fabric makes it send less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import rows
from simulator.errors import MissingValueError
from simulator.hardware.collective import Joint, find_joint, gather_s, hierarchical_s, ring_s, tree_s
from simulator.hardware.fabric import Fabric, find_row_fabric

sizes_b = st.floats(1.0, 1e15)
rates_bps = st.floats(1e6, 1e13)
alphas_s = st.floats(0.0, 1e-3)
members = st.integers(2, 4096)


@pytest.mark.parametrize("reduce_s", [ring_s, tree_s])
@given(size_b=sizes_b, rate_bps=rates_bps, alpha_s=alphas_s, n=members)
def test_no_all_reduce_sends_less_than_its_share_of_the_bits(reduce_s, size_b, rate_bps, alpha_s, n):
    """What a member lacks, (n - 1) / n of the sums, must reach it."""
    assert reduce_s(size_b, n, Joint(rate_bps, alpha_s)) * rate_bps >= (n - 1) / n * size_b * (1 - 1e-12)


@given(size_b=sizes_b, rate_bps=rates_bps, inside=st.integers(1, 16), servers=st.integers(1, 512))
def test_an_all_reduce_in_two_levels_sends_no_less(size_b, rate_bps, inside, servers):
    n, joint = inside * servers, Joint(rate_bps, 0.0)
    assert hierarchical_s(size_b, inside, servers, joint, joint) * rate_bps >= (n - 1) / n * size_b * (1 - 1e-12)


@given(size_b=sizes_b, rate_bps=rates_bps, inside=st.integers(2, 16), servers=st.integers(2, 512))
def test_two_levels_over_one_fabric_send_what_one_ring_sends(size_b, rate_bps, inside, servers):
    """2 (g - 1) / g + 2 (m - 1) / (g m) = 2 (g m - 1) / (g m)."""
    joint = Joint(rate_bps, 0.0)
    whole_s = ring_s(size_b, inside * servers, joint)
    assert hierarchical_s(size_b, inside, servers, joint, joint) == pytest.approx(whole_s, rel=1e-9)


def test_one_member_has_nothing_to_add():
    joint = Joint(1e9, 1.0)
    assert (ring_s(8e9, 1, joint), tree_s(8e9, 1, joint), gather_s(8e9, 1, joint)) == (0.0, 0.0, 0.0)
    assert hierarchical_s(8e9, 1, 1, joint, joint) == 0.0


def test_a_gather_is_half_a_ring():
    """3 steps of 0.5 s, and 3/4 of 8 Gb at 1 Gbps."""
    joint = Joint(1e9, 0.5)
    assert gather_s(8e9, 4, joint) == 3 * 0.5 + 6.0
    assert ring_s(8e9, 4, joint) == 2 * 7.5


def test_a_tree_of_a_number_that_is_no_power_of_two_has_a_level_more():
    """9 members: 4 levels up and 4 down of 1 s, and 2 x 8 s."""
    assert tree_s(8e9, 9, Joint(1e9, 1.0)) == 2 * 4 + 16


def test_small_messages_are_faster_up_a_tree_and_large_ones_round_a_ring():
    joint = Joint(1e9, 1e-3)
    assert tree_s(1e3, 64, joint) < ring_s(1e3, 64, joint)
    assert ring_s(1e12, 64, joint) < tree_s(1e12, 64, joint)


def test_nvlink_gives_what_was_measured_of_its_rate():
    """DGX H100: 0.75 of 18 x 25 GB/s, 339 GB/s measured; one all-reduce of 1 GiB, 2 x 7/8 of it, in 5.6 ms."""
    joint = find_joint(find_row_fabric(rows("server")["dgx-h100"], "accelerator"), "accelerators")
    assert joint.rate_bps / 8e9 == pytest.approx(339, rel=0.005)
    assert ring_s(8 * 2**30, 8, joint) == pytest.approx(2 * 7 / 8 * 2**30 / 339e9 + 14 * 2.07e-6, rel=0.005)


def test_machines_that_share_a_fabric_share_its_rate():
    """8 ports of 400 Gbps, 0.9 of them, among 8."""
    fabric = Fabric("infiniband-ndr", 8 * 400e9, None)
    assert find_joint(fabric, "servers", 8).rate_bps == pytest.approx(360e9)
    assert find_joint(fabric, "servers", 8).alpha_s == pytest.approx(20e-6)


def test_a_fabric_without_a_row_takes_the_assumed_one_and_says_so():
    assert "any-fabric" in " ".join(find_joint(Fabric("", 1e11, None), "servers").assumptions)
    assert find_joint(Fabric("", 1e11, None), "servers").rate_bps == pytest.approx(0.7e11)


def test_machines_that_nothing_joins_are_an_error():
    with pytest.raises(MissingValueError, match="no fabric between the servers"):
        find_joint(None, "the servers")
