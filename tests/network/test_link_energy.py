"""Joules of a link from its bits alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import NetworkError
from simulator.network.energy import link_energy_j, slope_j_per_b
from simulator.network.fluid import Fluid
from simulator.network.sharing import Flow


def test_a_link_that_carries_nothing_draws_its_idle_watts():
    assert link_energy_j(10.0, 30.0, 100.0, 0.0, 3600.0) == 36000.0


@given(st.lists(st.floats(1.0, 1e5), min_size=1, max_size=6), st.floats(1.0, 1e4))
def test_the_joules_of_bits_are_those_of_watts_over_time(bits, other_bps):
    """P = 10 W + 20 W x load / 100 b/s, summed here from the rates between completions."""
    fluid = Fluid({"link": 100.0, "other": other_bps})
    for number, size_b in enumerate(bits):
        fluid.add(f"f{number}", Flow(("link", "other"), size_b, "job"))
    expected_j = 0.0
    while len(fluid):
        load_bps, from_s = sum(fluid.rates_bps().values()), fluid.now_s
        fluid.advance(fluid.next_completion_s())
        expected_j += (10.0 + 20.0 * load_bps / 100.0) * (fluid.now_s - from_s)
    (carried_b,) = (b for (link, _), b in fluid.carried_b().items() if link == "link")
    assert link_energy_j(10.0, 30.0, 100.0, carried_b, fluid.now_s) == pytest.approx(expected_j, rel=1e-9)


@pytest.mark.parametrize("arguments", [(-1.0, 30.0, 100.0), (30.0, 10.0, 100.0), (10.0, 30.0, 0.0)])
def test_watts_below_idle_or_a_link_without_bandwidth_are_refused(arguments):
    with pytest.raises(NetworkError, match=r"the link: found .*, expected a number"):
        slope_j_per_b(*arguments)


@pytest.mark.parametrize("amounts", [(-1.0, 1.0), (1.0, -1.0)])
def test_bits_and_seconds_below_zero_are_refused(amounts):
    with pytest.raises(NetworkError, match=r"the link: found .* -1.0, expected a number from 0"):
        link_energy_j(10.0, 30.0, 100.0, *amounts)
