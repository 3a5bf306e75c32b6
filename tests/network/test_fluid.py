"""From one change to the next: nothing is lost, nothing is faster than it can be, order does not matter."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import flow_lists, networks

from simulator.errors import NetworkError, UnknownNameError
from simulator.network.fluid import Fluid, finish_times
from simulator.network.sharing import Flow

WAITS_S = st.lists(st.floats(0.0, 50.0), max_size=8)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=0.0)


def a_fluid(size_b=1000.0, capacity_bps=100.0, names=("one",)):
    fluid = Fluid({"a": capacity_bps})
    for name in names:
        fluid.add(name, Flow(("a",), size_b, "job"))
    return fluid


def a_row(name, size_B=1000.0, start_s=0.0, latency_s=0.0, route=("a",), **more):
    return {"id": name, "route": list(route), "start_s": start_s, "size_B": size_B, "latency_s": latency_s, **more}


A_LINK = [{"name": "a", "bandwidth_Bps": 100.0}]


def run_out(fluid):
    """Advance until nothing is under way."""
    done = []
    while len(fluid):
        done += fluid.advance(fluid.next_completion_s())
    return dict(done)


def started(network):
    capacities_bps, flows = network
    fluid = Fluid(capacities_bps)
    for name, flow in flows.items():
        fluid.add(name, flow)
    return fluid


def sizes_b(flows):
    """The bits of all flows, by (link, workload)."""
    found = {}
    for flow in flows.values():
        for link in set(flow.route):
            found[link, flow.workload] = found.get((link, flow.workload), 0.0) + flow.size_b
    return found


def test_the_next_completion_is_foreseen_and_a_change_moves_it():
    fluid = a_fluid()
    assert fluid.next_completion_s() == 10.0
    fluid.add("other", Flow(("a",), 1000.0, "job"))
    assert fluid.next_completion_s() == 20.0


def test_nothing_under_way_is_never_done():
    assert Fluid({"a": 1.0}).next_completion_s() == math.inf


def test_flows_that_end_together_are_told_in_the_order_in_which_they_began():
    assert a_fluid(names=("b", "a")).advance(30.0) == [("b", 20.0), ("a", 20.0)]


def test_a_link_that_loses_half_its_capacity_in_mid_flow_takes_the_rest_at_half_speed():
    """1000 b at 100 b/s; 500 b are left at 5 s; at 50 b/s they take 10 s more."""
    fluid = a_fluid()
    fluid.advance(5.0)
    fluid.set_capacity("a", 50.0)
    assert run_out(fluid) == {"one": 15.0}
    assert fluid.carried_b() == {("a", "job"): 1000.0}


def test_flows_on_a_cut_link_wait_for_its_repair():
    fluid = a_fluid()
    fluid.advance(5.0)
    fluid.set_capacity("a", 0.0)
    assert fluid.next_completion_s() == math.inf
    assert fluid.advance(100.0) == []
    fluid.set_capacity("a", 100.0)
    assert run_out(fluid) == {"one": 105.0}


def test_a_flow_given_up_leaves_its_bandwidth_and_stays_counted_as_far_as_it_came():
    """Two at 50 b/s; one is given up at 4 s with 800 b to go; the other has 800 b at 100 b/s."""
    fluid = a_fluid(names=("one", "other"))
    fluid.advance(4.0)
    assert fluid.remove("one") == 800.0
    assert run_out(fluid) == {"other": 12.0}
    assert fluid.carried_b() == {("a", "job"): 1200.0}


def test_a_flow_of_no_bits_is_done_at_once_even_on_a_cut_link():
    fluid = a_fluid(size_b=0.0, capacity_bps=0.0)
    assert fluid.advance(0.0) == [("one", 0.0)]


def test_bits_are_counted_by_link_and_workload_while_they_flow():
    fluid = Fluid({"a": 100.0, "b": 1000.0})
    fluid.add("one", Flow(("a", "b"), 300.0, "alice"))
    fluid.add("two", Flow(("a",), 1000.0, "bob", weight=3.0))
    fluid.advance(4.0)
    assert fluid.carried_b() == {("a", "alice"): 100.0, ("b", "alice"): 100.0, ("a", "bob"): 300.0}


def test_a_name_that_is_under_way_cannot_begin_again():
    with pytest.raises(NetworkError, match="flow 'one': found another flow of this name under way"):
        a_fluid().add("one", Flow(("a",), 1.0, "job"))


def test_the_capacity_of_an_unknown_link_cannot_change():
    with pytest.raises(UnknownNameError, match="no link is called 'b'; its capacity was to change"):
        a_fluid().set_capacity("b", 1.0)


def test_the_clock_only_goes_forward():
    fluid = a_fluid()
    fluid.advance(5.0)
    with pytest.raises(AssertionError, match="the clock only goes forward"):
        fluid.advance(4.0)


@given(networks(), WAITS_S)
def test_what_a_link_carried_is_its_rates_over_time_and_in_the_end_the_sizes(network, waits_s):
    """The rates are integrated here, apart from the engine, up to every completion and every cut between."""
    fluid = started(network)
    integrals_b = dict.fromkeys(sizes_b(network[1]), 0.0)
    for wait_s in [*waits_s, *[math.inf] * len(fluid)]:
        rates_bps, from_s = fluid.rates_bps(), fluid.now_s
        to_s = min(from_s + wait_s, fluid.next_completion_s())
        if not len(fluid):
            break
        fluid.advance(to_s)
        for name, rate_bps in rates_bps.items():
            flow = network[1][name]
            for link in set(flow.route):
                integrals_b[link, flow.workload] += rate_bps * (to_s - from_s)
        assert fluid.carried_b() == pytest.approx(integrals_b, rel=1e-9, abs=1e-6)
    run_out(fluid)
    assert fluid.carried_b() == pytest.approx(sizes_b(network[1]), rel=1e-15)


@given(networks(), WAITS_S)
def test_looking_at_the_clock_in_between_changes_nothing(network, waits_s):
    looked, straight = started(network), started(network)
    done = {}
    for wait_s in waits_s:
        done.update(looked.advance(looked.now_s + wait_s))
    assert {**done, **run_out(looked)} == near(run_out(straight))


@given(networks())
def test_one_long_advance_is_many_short_ones(network):
    long, short = started(network), started(network)
    expected_s = run_out(short)
    assert dict(long.advance(short.now_s + 1.0)) == expected_s


@given(networks(), st.floats(0.0, 100.0), st.data())
def test_a_capacity_that_changes_in_mid_flow_loses_no_bit_and_makes_none(network, at_s, data):
    fluid = started(network)
    done = dict(fluid.advance(at_s))
    before_b, left_b = fluid.carried_b(), {name: fluid.left_b(name) for name in fluid.rates_bps()}
    link = data.draw(st.sampled_from(sorted(network[0])))
    fluid.set_capacity(link, data.draw(st.floats(1.0, 1e4)))
    assert fluid.carried_b() == before_b
    assert {name: fluid.left_b(name) for name in fluid.rates_bps()} == left_b
    assert set(done) | set(run_out(fluid)) == set(network[1])
    assert fluid.carried_b() == pytest.approx(sizes_b(network[1]), rel=1e-15)


@given(flow_lists())
def test_no_flow_is_faster_than_its_latency_and_its_bytes_over_the_narrowest_of_its_way(lists):
    links, flows = lists
    widths_Bps = {link["name"]: link["bandwidth_Bps"] for link in links}
    for name, finish_s in finish_times(links, flows).items():
        (row,) = (row for row in flows if row["id"] == name)
        narrowest_Bps = min([widths_Bps[link] for link in row["route"]] + [row["rate_cap_Bps"] or math.inf])
        least_s = row["start_s"] + row["latency_s"] + row["size_B"] / narrowest_Bps
        assert finish_s >= least_s * (1 - 1e-12)


@given(flow_lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_lists_does_not_matter(lists, luck):
    links, flows = lists
    expected_s = finish_times(links, flows)
    luck.shuffle(links)
    luck.shuffle(flows)
    assert finish_times(links, flows) == near(expected_s)


@given(flow_lists())
def test_having_paid_a_latency_is_beginning_later(lists):
    """Many become active at one instant; it must not matter which way they came to it."""
    links, flows = lists
    later = [{**row, "start_s": row["start_s"] + row["latency_s"], "latency_s": 0.0} for row in flows]
    assert finish_times(links, later) == finish_times(links, flows)


@given(st.lists(st.floats(1.0, 1e6), min_size=1, max_size=12))
def test_flows_alike_on_one_link_share_it_as_processor_sharing_says(bytes_B):
    """The k-th smallest is done (n - k) (s_k - s_(k-1)) / capacity after the one before, k from 0."""
    expected_s, at_s = {}, 0.0
    sizes_B = sorted(bytes_B)
    for rank, (smaller_B, size_B) in enumerate(pairwise([0.0, *sizes_B])):
        at_s += (len(sizes_B) - rank) * (size_B - smaller_B) / 100.0
        expected_s[f"f{rank}"] = at_s
    flows = [a_row(f"f{rank}", size_B) for rank, size_B in enumerate(sizes_B)]
    assert finish_times(A_LINK, flows) == near(expected_s)


@given(st.integers(1, 40), st.floats(1.0, 1e6))
def test_equal_flows_that_begin_together_end_together_and_use_all_of_the_link(count, size_B):
    finish_s = finish_times(A_LINK, [a_row(f"f{n}", size_B) for n in range(count)])
    assert finish_s == near(dict.fromkeys(finish_s, count * size_B / 100.0))
    assert len(set(finish_s.values())) == 1


def test_who_looks_a_rounding_before_an_end_finds_it_done_to_the_last_bit():
    """0.2 s + 10 b at 100 b/s is one unit in the last place after 0.3 s; 2e-15 b are left to round away."""
    fluid = Fluid({"a": 100.0}, now_s=0.2)
    fluid.add("f", Flow(("a",), 10.0, "job"))
    assert fluid.next_completion_s() > 0.3
    assert fluid.advance(0.3) == [("f", 0.3)]
    assert fluid.carried_b() == {("a", "job"): 10.0}


def test_late_in_the_year_short_flows_keep_their_time():
    """1 byte over 100 B/s after 1e7 s: the clock itself resolves 2e-9 s."""
    finish_s = finish_times(A_LINK, [a_row("f", 1.0, start_s=1e7), a_row("g", 3.0, start_s=1e7)])
    assert finish_s == {"f": pytest.approx(1e7 + 0.02, abs=1e-8), "g": pytest.approx(1e7 + 0.04, abs=1e-8)}


def test_without_flows_nothing_is_done():
    assert finish_times(A_LINK, []) == {}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"size_B": -3.0}, "flow 'f': found size_B -3.0, expected a number from 0 to 1e+60"),
        ({"size_B": math.inf}, "flow 'f': found size_B inf, expected a number from 0 to 1e+60"),
        ({"size_B": "3"}, "flow 'f': found size_B '3', expected a number from 0 to 1e+60"),
        ({"size_B": None}, "flow 'f': found no size_B, expected every flow to have one"),
        ({"start_s": math.nan}, "flow 'f': found start_s nan, expected a number from -1e+60 to 1e+60"),
        ({"latency_s": -1.0}, "flow 'f': found latency_s -1.0, expected a number from 0 to 1e+60"),
        ({"rate_cap_Bps": 0.0}, "flow 'f': found rate_cap_Bps 0.0, expected a number from 1e-60 to 1e+60"),
        ({"weight": -1.0}, "flow 'f': found weight -1.0, expected a number from 1e-60 to 1e+60"),
        ({"route": ["z"]}, "no link is called 'z'; flow 'f' crosses it; of 1 links the first are `a`"),
    ],
)
def test_a_flow_that_cannot_be_is_refused_in_the_words_of_the_list(changes, sentence):
    with pytest.raises((NetworkError, UnknownNameError)) as caught:
        finish_times(A_LINK, [{**a_row("f"), **changes}])
    assert str(caught.value) == sentence


@pytest.mark.parametrize("bandwidth_Bps", [0.0, -1.0, math.inf, None])
def test_a_link_without_capacity_is_refused(bandwidth_Bps):
    with pytest.raises(NetworkError, match=r"link 'a': found .*bandwidth_Bps"):
        finish_times([{"name": "a", "bandwidth_Bps": bandwidth_Bps}], [a_row("f")])


def test_two_of_one_name_are_refused():
    with pytest.raises(NetworkError, match="flow 'f': found 2 of this name, expected names that differ"):
        finish_times(A_LINK, [a_row("f"), a_row("f")])
    with pytest.raises(NetworkError, match="link 'a': found 2 of this name, expected names that differ"):
        finish_times(A_LINK * 2, [a_row("f")])
