"""The lines of users: their rates and watts from the table, by hand, and what of them is assumed."""

import pytest

from simulator.catalogue import find, rows
from simulator.errors import UnknownNameError
from simulator.network.access import BPS_PER_MBPS, MODELS, build_access
from simulator.scenario.manifest import assumption

RATES = ("down_mbps", "up_mbps")


@pytest.mark.parametrize(
    ("technology", "down_bps", "up_bps", "line_idle_w", "slope_j_per_b", "latency_s", "assumed"),
    [
        ("wifi", 50e6, 20e6, 16.5, 0.02e-6, 5e-3, (*RATES, "rtt_ms")),
        ("fibre", 300e6, 150e6, 12.5, 0.02e-6, 2.5e-3, (*RATES, "rtt_ms")),
        ("copper", 20e6, 3e6, 15.4, 0.02e-6, 10e-3, (*RATES, "rtt_ms")),
        ("cable", 150e6, 15e6, 16.5, 0.02e-6, 7.5e-3, (*RATES, "line_idle_w", "average_kwh_per_gb", "rtt_ms")),
        ("4g", 10e6, 5e6, 1.0, 1.5e-6, 10.5e-3, (*RATES, "metered_share")),
        ("5g", 100e6, 20e6, 1.0, 0.39e-6, 9.45e-3, (*RATES, "line_idle_w", "metered_share")),
    ],
)
def test_a_line_is_what_its_row_says_in_si(
    technology, down_bps, up_bps, line_idle_w, slope_j_per_b, latency_s, assumed
):
    access = build_access(technology)
    assert access[:4] == (technology, down_bps, up_bps, line_idle_w)
    assert access.slope_j_per_b == pytest.approx(slope_j_per_b, rel=1e-12)
    assert access.latency_s == pytest.approx(latency_s, rel=1e-12)
    assert access.assumptions(*find("access", technology).columns[2:]) == tuple(
        f"access/{technology}/{column}" for column in assumed
    )
    assert access.model in MODELS


def test_an_hour_of_video_on_a_fixed_line():
    """16.5 W + 0.02 W/Mbps x 4 Mbps for an hour: 59.7 kJ, of which the bits are 288 J."""
    wifi = build_access("wifi")
    assert 3600 * wifi.line_idle_w + wifi.slope_j_per_b * 4e6 * 3600 == pytest.approx(59400 + 288)


def test_a_watt_a_megabit_a_second_is_what_it_is_for_a_gigabyte():
    """1 W/Mbps = 1 uJ/b; x 8e9 bits of a gigabyte = 8000 J = 2.22 Wh: 4G 3.33, a fixed line 0.044 Wh/GB."""
    wh_per_gb = {name: build_access(name).slope_j_per_b * 8e9 / 3600 for name in ("4g", "wifi")}
    assert pytest.approx(2.22, abs=0.005) == 1 / BPS_PER_MBPS * 8e9 / 3600
    assert wh_per_gb == pytest.approx({"4g": 1.5 * 2.2222, "wifi": 0.02 * 2.2222}, rel=1e-4)


def test_a_year_of_access_network_in_france_beside_the_box():
    """9 and 34 kWh a year over 8766 h, besides a box of 11.5 W [6, 30]."""
    for technology, kwh in (("fibre", 9), ("copper", 34)):
        row, access_w = find("access", technology), kwh * 1000 / 8766
        assert row.number("line_idle_w", "") == pytest.approx(11.5 + access_w, abs=0.05)
        low, high = row.find_range("line_idle_w")
        assert (low, high) == pytest.approx((6 + access_w, 30 + (10_000 / 8766 if kwh == 9 else access_w)), abs=0.05)


def test_the_round_trip_of_4g_is_the_middle_of_its_operators_and_begins_after_fibre():
    """Means of British operators from 18.3 to 23.7 ms on 4G, and from 16.3 to 21.4 on 5G."""
    for technology, fastest_ms, slowest_ms in (("4g", 18.3, 23.7), ("5g", 16.3, 21.4)):
        row = find("access", technology)
        assert row.number("rtt_ms", "") == pytest.approx((fastest_ms + slowest_ms) / 2, abs=0.06)
        assert row.find_range("rtt_ms")[0] == fastest_ms
    assert build_access("4g").latency_s - build_access("fibre").latency_s == pytest.approx(8e-3)


def test_5g_is_4g_times_the_ratio_of_their_radio_access():
    """1.5 W/Mbps x 0.06 / 0.23; at the low end 1 x 0.0104 / 0.104."""
    row = find("access", "5g")
    assert row.number("marginal_w_per_mbps", "") == pytest.approx(1.5 * 0.06 / 0.23, abs=0.005)
    assert row.find_range("marginal_w_per_mbps")[0] == pytest.approx(1 * 0.0104 / 0.104)


def test_what_is_assumed_of_rates_and_round_trips_has_a_factor_of_about_three_either_way():
    for row in rows("access").values():
        for column in (*RATES, "rtt_ms"):
            if row.source(column).confidence != "assumed":
                continue
            value, (low, high) = row.number(column, ""), row.find_range(column)
            assert (value / low, high / value) == pytest.approx((3, 3), rel=0.03)


def test_what_is_assumed_can_be_told_with_value_range_and_unit():
    told = assumption("access/5g/line_idle_w")
    assert (told["value"], told["range"], told["unit"]) == (1.0, (0.33, 4.5), "W")
    assert told["statement"].startswith("a subscription to a 5G network")


def test_an_unknown_technology_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="wifi"):
        build_access("wi-fi")
