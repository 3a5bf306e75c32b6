"""Watts as a function of load, with the catalogue's figures and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import find
from simulator.errors import MissingValueError
from simulator.hardware.power import KINDS, Constant, Linear, Stepped, build_power

A100 = find("device", "a100-sxm4-40gb")  # idle 63 W, TDP 400 W, typical 380 W
H100 = find("device", "h100-sxm5-80gb")  # no watts of the accelerator alone in training
A10G = find("device", "a10g")  # no idle watts


def test_linear_goes_from_idle_to_tdp():
    power = build_power(Linear(), A100)
    assert [power(load) for load in (0.0, 0.5, 1.0)] == [63.0, 231.5, 400.0]


def test_the_scenario_may_name_its_own_watts():
    power = build_power(Linear(idle="50 W", max="350 W"), A100)
    assert [power(0.0), power(1.0)] == [50.0, 350.0]


def test_typical_is_what_was_measured_of_the_accelerator_alone():
    assert build_power(Linear(max="typical"), A100)(1.0) == 380.0


def test_watts_that_include_the_host_are_not_taken_for_the_accelerator():
    with pytest.raises(MissingValueError, match="h100-sxm5-80gb has no typical_training_w"):
        build_power(Constant(kind="constant", power="typical"), H100)


def test_constant_ignores_the_load():
    power = build_power(Constant(kind="constant", power="250 W"), A100)
    assert power(0.0) == power(1.0) == 250.0


def test_stepped_jumps_to_epsilon_with_the_first_work():
    power = build_power(Stepped(kind="stepped", idle="100 W", epsilon="120 W", max="200 W"), A100)
    assert [power(load) for load in (0.0, 0.25, 1.0)] == [100.0, 140.0, 200.0]


def test_a_device_without_idle_watts_can_only_be_constant():
    with pytest.raises(MissingValueError, match="a10g has no idle_w"):
        build_power(Linear(), A10G)
    assert build_power(Constant(kind="constant", power="tdp"), A10G)(0.0) == 300.0


EXAMPLES = {
    "constant": Constant(kind="constant", power="tdp"),
    "linear": Linear(),
    "stepped": Stepped(kind="stepped", epsilon="80 W"),
}


@pytest.mark.parametrize("kind", KINDS)
@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_every_kind_draws_more_with_more_load_and_never_less_than_nothing(kind, low, high):
    power = build_power(EXAMPLES[kind], A100)
    low, high = sorted((low, high))
    assert 0.0 <= power(low) <= power(high) <= 400.0
