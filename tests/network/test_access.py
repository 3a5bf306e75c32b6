"""The lines of users: their rates and watts from the table, by hand, and what of them is assumed."""

import pytest

from simulator import api
from simulator.catalogue import find, rows
from simulator.errors import UnknownNameError
from simulator.network.access import MODELS, build_access

RATES = ("down_mbps", "up_mbps")


@pytest.mark.parametrize(
    ("technology", "down_bps", "up_bps", "line_idle_w", "slope_j_per_b", "assumed"),
    [
        ("wifi", 50e6, 20e6, 16.5, 0.02e-6, RATES),
        ("4g", 10e6, 5e6, 1.0, 1.5e-6, RATES),
        ("5g", 100e6, 20e6, 1.0, 0.39e-6, (*RATES, "line_idle_w")),
    ],
)
def test_a_line_is_what_its_row_says_in_si(technology, down_bps, up_bps, line_idle_w, slope_j_per_b, assumed):
    access = build_access(technology)
    assert access[:4] == (technology, down_bps, up_bps, line_idle_w)
    assert access.slope_j_per_b == pytest.approx(slope_j_per_b, rel=1e-12)
    assert access.assumptions(*find("access", technology).columns[2:]) == tuple(
        f"access/{technology}/{column}" for column in assumed
    )
    assert access.model in MODELS


def test_an_hour_of_video_on_a_fixed_line():
    """16.5 W + 0.02 W/Mbps x 4 Mbps for an hour: 59.7 kJ, of which the bits are 288 J."""
    wifi = build_access("wifi")
    assert 3600 * wifi.line_idle_w + wifi.slope_j_per_b * 4e6 * 3600 == pytest.approx(59400 + 288)


def test_5g_is_4g_times_the_ratio_of_their_radio_access():
    """1.5 W/Mbps x 0.06 / 0.23; at the low end 1 x 0.0104 / 0.104."""
    row = find("access", "5g")
    assert row.number("marginal_w_per_mbps", "") == pytest.approx(1.5 * 0.06 / 0.23, abs=0.005)
    assert row.find_range("marginal_w_per_mbps")[0] == pytest.approx(1 * 0.0104 / 0.104)


def test_assumed_rates_have_a_factor_of_about_three_either_way():
    for row in rows("access").values():
        for column in RATES:
            value, (low, high) = row.number(column, ""), row.find_range(column)
            assert (value / low, high / value) == pytest.approx((3, 3), rel=0.03)


def test_what_is_assumed_can_be_told_with_value_range_and_unit():
    told = api._assumption("access/5g/line_idle_w")
    assert (told["value"], told["range"], told["unit"]) == (1.0, (0.33, 4.5), "W")
    assert told["statement"].startswith("a subscription to a 5G network")


def test_an_unknown_technology_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="wifi"):
        build_access("wi-fi")
