"""One instant: every flow has what it can have without taking it from one that has less."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

from simulator.errors import NetworkError, UnknownNameError
from simulator.network.sharing import Flow, fair_rates


def a_flow(*route, weight=1.0, cap_bps=math.inf, size_b=1000.0, workload="job"):
    return Flow(route, size_b, workload, weight, cap_bps)


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=0.0)


def used_bps(flows, rates_bps, link):
    return math.fsum(rates_bps[name] for name, flow in flows.items() if link in flow.route)


def test_what_a_flow_cannot_take_goes_to_the_others():
    """100 over three: the one capped at 10 leaves 90 for two."""
    flows = {"capped": a_flow("a", cap_bps=10.0), "one": a_flow("a"), "other": a_flow("a")}
    assert fair_rates({"a": 100.0}, flows) == {"capped": 10.0, "one": 45.0, "other": 45.0}


def test_rates_are_in_proportion_to_weights():
    flows = {"one": a_flow("a"), "two": a_flow("a", weight=2.0), "five": a_flow("a", weight=5.0)}
    assert fair_rates({"a": 80.0}, flows) == {"one": 10.0, "two": 20.0, "five": 50.0}


def test_all_links_of_flows_that_begin_together_are_shared():
    """b is shared by two, 5 each; so a has 95 left for the flow that crosses a alone."""
    flows = {"near": a_flow("a"), "both": a_flow("a", "b"), "far": a_flow("b")}
    assert fair_rates({"a": 100.0, "b": 10.0}, flows) == {"near": 95.0, "both": 5.0, "far": 5.0}


def test_a_flow_held_back_twice_frees_links_one_after_the_other():
    """c gives 2 each; b then has 10 - 2 = 8 for its other; a then 30 - 8 = 22 for its last."""
    flows = {"c": a_flow("c"), "bc": a_flow("b", "c"), "ab": a_flow("a", "b"), "a": a_flow("a")}
    assert fair_rates({"a": 30.0, "b": 10.0, "c": 4.0}, flows) == {"c": 2.0, "bc": 2.0, "ab": 8.0, "a": 22.0}


def test_a_link_repeated_in_a_route_counts_once():
    assert fair_rates({"a": 100.0}, {"loop": a_flow("a", "a"), "other": a_flow("a")}) == {"loop": 50.0, "other": 50.0}


def test_a_flow_without_links_has_its_cap():
    assert fair_rates({}, {"inside": a_flow(cap_bps=7.0)}) == {"inside": 7.0}


def test_a_cut_link_carries_nothing_and_leaves_the_others_alone():
    flows = {"cut": a_flow("a", "b"), "whole": a_flow("a")}
    assert fair_rates({"a": 100.0, "b": 0.0}, flows) == {"cut": 0.0, "whole": 100.0}


def test_caps_that_fill_a_link_to_its_last_bit_starve_nobody():
    """Three caps leave nothing in doubles; yet the light flow's level is no lower than theirs, 0.1."""
    flows = {**{f"c{n}": a_flow("a", cap_bps=0.1) for n in range(3)}, "light": a_flow("a", weight=1e-20)}
    assert fair_rates({"a": 0.1 + 0.1 + 0.1}, flows) == near({"c0": 0.1, "c1": 0.1, "c2": 0.1, "light": 1e-21})


@pytest.mark.parametrize(("cap_bps", "weight"), [(0.7, 0.3), (7.7, 3.0), (7.7, 7.0)])
def test_a_cap_is_kept_to_its_last_bit_whatever_the_weight(cap_bps, weight):
    """weight x (cap / weight) is above the cap in doubles."""
    assert weight * (cap_bps / weight) > cap_bps
    assert fair_rates({"a": 100.0}, {"f": a_flow("a", cap_bps=cap_bps, weight=weight)}) == {"f": cap_bps}


@given(networks())
def test_no_link_carries_more_than_it_can_and_no_flow_is_above_its_cap(network):
    capacities_bps, flows = network
    rates_bps = fair_rates(capacities_bps, flows)
    for link, capacity_bps in capacities_bps.items():
        assert used_bps(flows, rates_bps, link) <= capacity_bps * (1 + 1e-12)
    assert [name for name, flow in flows.items() if not 0 < rates_bps[name] <= flow.cap_bps] == []


@given(networks())
def test_every_flow_is_at_its_cap_or_has_a_full_link_on_which_nobody_has_a_higher_level(network):
    """The certificate of max-min fairness: exactly one allocation has it."""
    capacities_bps, flows = network
    rates_bps = fair_rates(capacities_bps, flows)
    levels_bps = {name: rates_bps[name] / flow.weight for name, flow in flows.items()}

    def holds_back(link, name):
        highest_bps = max(levels_bps[other] for other, flow in flows.items() if link in flow.route)
        full = used_bps(flows, rates_bps, link) >= capacities_bps[link] * (1 - 1e-9)
        return full and levels_bps[name] >= highest_bps * (1 - 1e-9)

    for name, flow in flows.items():
        assert rates_bps[name] >= flow.cap_bps * (1 - 1e-9) or any(holds_back(link, name) for link in flow.route)


@given(networks(), st.randoms(use_true_random=False))
def test_the_order_of_flows_and_links_does_not_matter(network, luck):
    capacities_bps, flows = network
    links, names = list(capacities_bps), list(flows)
    luck.shuffle(links)
    luck.shuffle(names)
    shuffled = fair_rates({link: capacities_bps[link] for link in links}, {name: flows[name] for name in names})
    assert shuffled == near(fair_rates(capacities_bps, flows))


@given(networks(), st.floats(0.01, 0.99))
def test_a_flow_split_in_two_that_share_its_weight_and_cap_has_the_same_rate_in_all(network, share):
    capacities_bps, flows = network
    whole = flows["f0"]
    part, rest = (whole._replace(weight=whole.weight * s, cap_bps=whole.cap_bps * s) for s in (share, 1 - share))
    others = {name: flow for name, flow in flows.items() if name != "f0"}
    expected_bps = fair_rates(capacities_bps, flows)
    found_bps = fair_rates(capacities_bps, {**others, "part": part, "rest": rest})
    whole_bps = expected_bps.pop("f0")
    assert found_bps == near({**expected_bps, "part": whole_bps * share, "rest": whole_bps * (1 - share)})


@given(networks(), st.floats(0.001, 1000.0))
def test_only_the_ratios_of_weights_matter(network, ratio):
    capacities_bps, flows = network
    heavier = {name: flow._replace(weight=flow.weight * ratio) for name, flow in flows.items()}
    assert fair_rates(capacities_bps, heavier) == near(fair_rates(capacities_bps, flows))


@pytest.mark.parametrize(
    ("flow", "sentence"),
    [
        (a_flow("a", weight=0.0), "flow 'f': found weight 0.0, expected a number from 1e-60 to 1e+60"),
        (a_flow("a", weight=math.nan), "flow 'f': found weight nan, expected a number from 1e-60 to 1e+60"),
        (a_flow("a", size_b=-1.0), "flow 'f': found size_b -1.0, expected a number from 0 to 1e+60"),
        (a_flow("a", size_b=math.inf), "flow 'f': found size_b inf, expected a number from 0 to 1e+60"),
        (a_flow("a", cap_bps=0.0), "flow 'f': found cap_bps 0.0, expected a number from 1e-60 to 1e+60"),
        (a_flow("a", cap_bps=True), "flow 'f': found cap_bps True, expected a number from 1e-60 to 1e+60"),
        (a_flow(), "flow 'f': found neither a link nor a rate cap, expected one of them, or nothing says how fast"),
    ],
)
def test_a_flow_that_cannot_be_is_refused_with_what_was_found(flow, sentence):
    with pytest.raises(NetworkError) as caught:
        fair_rates({"a": 1.0}, {"f": flow})
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("capacity_bps", [-1.0, math.nan, math.inf, "1"])
def test_a_capacity_that_is_no_number_is_refused(capacity_bps):
    with pytest.raises(NetworkError, match=r"link 'a': found capacity_bps .*, expected a number from 0 to 1e\+60"):
        fair_rates({"a": capacity_bps}, {})


def test_an_unknown_link_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownNameError) as caught:
        fair_rates({"a": 1.0, "b": 1.0}, {"f": a_flow("a", "c")})
    assert str(caught.value) == "no link is called 'c'; flow 'f' crosses it; of 2 links the first are `a`, `b`"
