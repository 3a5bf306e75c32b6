"""The closed form of the peak game against published charges, brute force and pen and paper."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.footprint.sharing.shapley import peak_rates

periods = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=12)


def shapley(players, cost):
    """The mean marginal cost of each player over all orders in which they may come: the definition."""
    orders = list(permutations(players))
    found = dict.fromkeys(players, 0.0)
    for order in orders:
        for place, player in enumerate(order):
            found[player] += (cost(order[: place + 1]) - cost(order[:place])) / len(orders)
    return found


def rates(demand, length_s=None):
    demand = np.array(demand, float)
    return peak_rates(demand, np.ones(len(demand)) if length_s is None else np.array(length_s, float))


def test_landing_charges_are_those_of_the_published_airport():
    """Runways of 8, 11, 13 and 18 for four aircraft: 2, 3, 4 and 9 (Littlechild & Owen 1973, as usually quoted)."""
    assert rates([8, 11, 13, 18]).tolist() == pytest.approx([2, 3, 4, 9])


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_equal_periods_get_what_all_orders_of_their_coming_give(demand):
    def peak(coalition):
        return max((demand[player] for player in coalition), default=0)

    expected = shapley(range(len(demand)), peak)
    assert rates(demand).tolist() == pytest.approx(list(expected.values()), abs=1e-9)


@given(periods)
def test_a_long_period_is_many_short_ones(found):
    demand, length = zip(*found, strict=True)
    short = rates(np.repeat(demand, length))
    starts = np.cumsum([0, *length[:-1]])
    assert rates(demand, length).tolist() == pytest.approx(short[starts].tolist())


@given(periods)
def test_what_the_seconds_get_sums_to_the_peak(found):
    demand, length = zip(*found, strict=True)
    assert float(rates(demand, length) @ np.array(length)) == pytest.approx(max(demand), rel=1e-12)


def test_the_order_of_a_second_layer_by_pen_and_paper():
    """Up to 2 for 30 s: 1/15 a second; from 2 to 6 for 10 s of them: 4/10 more."""
    assert rates([2, 6], [20, 10]).tolist() == pytest.approx([1 / 15, 1 / 15 + 0.4])


def test_a_step_of_no_length_builds_no_capacity():
    assert rates([2, 9], [10, 0]).tolist()[0] == pytest.approx(0.2)


def test_without_demand_nobody_gets_anything():
    assert rates([0, 0]).tolist() == [0, 0]


def test_tenants_as_players_bear_other_shares_than_their_moments():
    """2 + 2 by day, 2 by night: as moments 1.5 and 2.5 of 4; as tenants each asks for 2 and adds 2."""
    tenants = {"a": (2, 0), "b": (2, 2)}

    def peak(coalition):
        return max((sum(tenants[name][moment] for name in coalition) for moment in (0, 1)), default=0)

    day, night = rates([4, 2])
    assert (day, night) == pytest.approx((3.0, 1.0))
    assert {"a": day / 2, "b": day / 2 + night} == pytest.approx({"a": 1.5, "b": 2.5})
    assert shapley(tenants, peak) == pytest.approx({"a": 2.0, "b": 2.0})
