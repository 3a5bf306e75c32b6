"""Watts as a function of load, with the catalogue's figures and no others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator as sim
from simulator.catalogue import find
from simulator.errors import ContradictionError, MissingValueError
from simulator.hardware.power import KINDS, build_power, power_doubts
from simulator.hardware.power_cap import Cap, law_doubts
from simulator.hardware.power_curves import Log, Piecewise
from simulator.hardware.power_levels import Constant, Linear, Stepped
from simulator.hardware.power_phase import Phase

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


MEASURED = [[0.0, "60 W"], [0.5, "300 W"], [1.0, "390 W"]]


def test_piecewise_goes_through_its_points_and_straight_between():
    power = build_power(Piecewise(kind="piecewise", points=MEASURED), A100)
    assert [power(load) for load in (0.0, 0.25, 0.5, 0.75, 1.0)] == [60.0, 180.0, 300.0, 345.0, 390.0]


def curve_points():
    """Two to eight points whose loads rise from 0 to 1 and whose watts never fall."""
    loads = st.sets(st.floats(0.01, 0.99), max_size=6).map(lambda inner: [0.0, *sorted(inner), 1.0])
    return loads.flatmap(
        lambda at: st.lists(st.floats(0, 1000), min_size=len(at), max_size=len(at)).map(
            lambda watts: list(zip(at, sorted(watts), strict=True))
        )
    )


@given(points=curve_points(), low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_measured_curve_hits_its_points_and_never_falls(points, low, high):
    written = [[load, f"{power_w!r} W"] for load, power_w in points]
    curve = Piecewise(kind="piecewise", points=written)
    assert list(curve.faults()) == []
    power = build_power(curve, A100)
    assert [power(load) for load, _ in points] == [power_w for _, power_w in points]
    low, high = sorted((low, high))
    assert points[0][1] <= power(low) <= power(high) <= points[-1][1]


def test_an_accelerator_bound_by_memory_is_far_from_idle_and_from_its_tdp():
    """H100, 700 W: (0.68 + 0.04 x 0.8 + 0.99 x 0.1) x 700 W = 567.7 W; bound by arithmetic it is at its TDP."""
    power = build_power(Phase(kind="phase"), H100)
    assert power(0.1, 0.8) == pytest.approx(567.7)
    assert power(0.0, 0.8) == pytest.approx(0.712 * 700)
    assert power(0.5, 0.5) == 700.0
    assert power(0.0) == H100.find_number("idle_w")


def test_a_b200_pays_more_for_memory():
    """1000 W x (0.56 + 0.47 x 0.5 + 1.0 x 0.1) = 895 W."""
    assert build_power(Phase(kind="phase"), find("device", "b200-sxm-180gb"))(0.1, 0.5) == pytest.approx(895.0)


def test_phases_that_the_scenario_gives_need_no_row():
    own = Phase(kind="phase", idle="50 W", floor="150 W", memory="100 W", flop="200 W", max="350 W")
    power = build_power(own, A100)
    assert [power(*use) for use in ((0, 0), (0, 1), (0.5, 0), (0.5, 0.5), (1, 1))] == [50, 250, 250, 300, 350]


def test_phases_that_nobody_fitted_are_unknown():
    with pytest.raises(
        MissingValueError, match=r"a100-sxm4-40gb has no fitted floor .* knows them for `h100-sxm5-80gb`"
    ):
        build_power(Phase(kind="phase"), A100)


@pytest.mark.parametrize(
    ("family", "idle_w", "max_w"),
    [("platinum", 35.6, 260.0), ("gold", 29.9, 116.0), ("silver", 20.4, 73.5), ("e5", 32.1, 129.8)],
)
def test_the_curves_of_cpus_end_where_their_families_do(family, idle_w, max_w):
    """End points of Boavizta's profiles, as the devices' rows have them."""
    row = find("device", f"intel-xeon-{family}")
    power = build_power(Log(kind="log", curve=f"xeon-{family}"), row)
    assert [power(0.0), power(1.0)] == pytest.approx([idle_w, max_w], abs=0.3)


def test_a_curve_of_ones_own_takes_load_in_percent():
    """100 ln(0.02 x (50 + 100)) + 5 = 100 ln 3 + 5."""
    own = Log(kind="log", curve={"a": 100, "b": 0.02, "c": 100, "d": 5})
    assert build_power(own, A100)(0.5) == pytest.approx(100 * math.log(3) + 5)


def test_a_curve_below_nothing_is_refused():
    own = Log(kind="log", curve={"a": 100, "b": 0.01, "c": 100, "d": -5})
    with pytest.raises(ContradictionError, match="its curve draws -5 W at rest"):
        build_power(own, A100)


EXAMPLES = {
    "constant": Constant(kind="constant", power="tdp"),
    "linear": Linear(),
    "stepped": Stepped(kind="stepped", epsilon="80 W"),
    "piecewise": Piecewise(kind="piecewise", points=MEASURED),
    "phase": Phase(kind="phase", floor="150 W", memory="100 W", flop="200 W"),
    "log": Log(kind="log", curve="xeon-platinum"),
    "cap": Cap(kind="cap", at="300 W"),
}
SHARES = st.floats(0, 1)


@pytest.mark.parametrize("kind", KINDS)
@given(low=SHARES, high=SHARES, memory=SHARES, more=SHARES)
def test_every_kind_draws_more_with_more_load_and_stays_between_rest_and_its_most(kind, low, high, memory, more):
    power = build_power(EXAMPLES[kind], A100)
    low, high = sorted((low, high))
    memory, more = sorted((memory, more))
    assert 0.0 <= power(0.0) <= power(low) <= power(high) <= 400.0
    assert power(low, memory) <= power(high, memory) <= power(high, more) <= power(1.0, 1.0) <= 400.0


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"phase"}))
@given(load=SHARES, memory=SHARES)
def test_only_phases_know_memory(kind, load, memory):
    power = build_power(EXAMPLES[kind], A100)
    assert power(load, memory) == power(load)


def test_what_a_model_takes_from_a_doubtful_value_is_listed():
    """The idle watts of an A100 are its row's, which are not doubtful; the law of a cap is told where it slows."""
    assert power_doubts(Linear(idle="50 W", max="350 W"), A100) == ()
    assert power_doubts(Cap(kind="cap", at="300 W"), A100) == power_doubts(Linear(), A100)
    assert law_doubts(Cap(kind="cap", at="300 W"), A100) == ("power-cap-law/slow-down/exponent_ratio",)
    assert law_doubts(Cap(kind="cap", at="300 W", slow_down=1.2), A100) == ()
    assert power_doubts(Cap(kind="cap", at="300 W", slow_down=1.2), A100) == power_doubts(Linear(), A100)
    assert power_doubts(Cap(kind="cap", at="400 W"), A100) == power_doubts(Linear(), A100)


def test_the_scenario_of_all_power_models_answers_its_question():
    """An hour each at half load, the cap at full load, in Wh; the log is 35.5688 ln(0.2438 x 59.6694) - 0.6087."""
    jobs = sim.run("small/power_models").jobs.to_pylist()
    assert {job["workload"] for job in jobs} == set(KINDS)
    answer = {
        "constant": 250,
        "linear": 231.5,
        "stepped": 250,
        "piecewise": 300,
        "phase": 628.6,
        "log": 94.62,
        "cap": 300,
    }
    assert {job["workload"]: job["energy_j"] / 3600 for job in jobs} == pytest.approx(answer, abs=0.005)
