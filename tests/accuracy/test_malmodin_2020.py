"""Malmodin 2020, Figure 7: 18 W and 0.05 W/Mbps of a fixed line, box, access and core."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator as sim
from simulator.catalogue import find
from simulator.study.footprint_network import Line, fixed_line


@pytest.fixture(scope="module")
def found():
    return {one.name: one for one in sim.accuracy("fp-network").comparisons}


@pytest.mark.parametrize(
    ("name", "published", "ours"),
    [
        ("Malmodin, an hour of video at 4 Mbps", 18.2 * 3600, (18 + 0.05 * 4) * 3600),
        ("Malmodin, 5 minutes at 40 Mbps", 1.7 * 3600, (18 + 0.05 * 40) * 300),
        ("Malmodin, the average line", 0.10, (18 * 24 + 0.05 * 4.3 * 8000 / 3600) / 1000 / 4.3),
        ("Malmodin, a line of four", 4.6, (18 + 0.05 * 4) / 4),
    ],
)
def test_figure_7_follows_from_the_power_model_within_two_per_cent(found, name, published, ours):
    one = found[name]
    assert one.published == pytest.approx(published, rel=1e-12)
    assert one.ours == pytest.approx(ours, rel=1e-12)
    assert abs(one.error) <= 0.02
    assert one.verdict == "power model, within 2%"


def test_the_line_is_the_sum_of_its_parts():
    """Box 11.5 W and access 5 W are the line that scenarios know; the core adds 1.5 W and 0.03 W/Mbps."""
    known = find("access", "wifi")
    assert fixed_line().rest_w == known.number("line_idle_w", "") + 1.5
    assert fixed_line().slope_j_per_b == pytest.approx((known.number("marginal_w_per_mbps", "") + 0.03) / 1e6)


@given(users=st.integers(1, 50), rate_bps=st.floats(0, 1e9))
def test_what_the_users_of_a_line_draw_is_what_the_line_draws(users, rate_bps):
    line = Line(18.0, 5e-8)
    assert users * line.power_w(rate_bps, users) == pytest.approx(line.power_w(rate_bps))


def test_a_line_that_drew_ten_per_cent_more_would_be_missed(monkeypatch):
    monkeypatch.setattr("simulator.study.footprint_network.fixed_line", lambda: Line(19.8, 5e-8))
    assert not sim.accuracy("fp-network").passed
