"""A power cap: never exceeded, slower by the law of what Zeus measured, refused where nobody measured it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import find, rows
from simulator.errors import ContradictionError, MissingValueError
from simulator.hardware.device import DeviceGroup, build_device
from simulator.hardware.power import build_power
from simulator.hardware.power_cap import EXPONENT, Cap, slow_down
from simulator.hardware.server import CatalogueServer, MeteredServer, build_server

A100 = find("device", "a100-sxm4-40gb")  # idle 63 W, TDP 400 W
LAW = find("power-cap-law", "slow-down")
EXPONENT_RATIO = LAW.find_number("exponent_ratio")
MEASURED = list(rows("power-cap").values())


def uncapped_share(row):
    return row.find_number("cap_w") / row.find_number("uncapped_draw_w")


def capped(**fields):
    return DeviceGroup(model="a100-sxm4-40gb", count=1, power={"kind": "cap", **fields})


def test_a_cap_cuts_what_the_model_draws():
    """Linear 63 to 400 W below 300 W: 231.5 W at half load, 300 W at full load."""
    power = build_power(Cap(kind="cap", at="300 W"), A100)
    assert [power(load) for load in (0.0, 0.5, 1.0)] == [63.0, 231.5, 300.0]


@given(at_w=st.floats(280, 500), load=st.floats(0, 1), memory=st.floats(0, 1))
def test_a_capped_device_never_exceeds_its_cap_nor_its_model(at_w, load, memory):
    phases = {"kind": "phase", "floor": "150 W", "memory": "100 W", "flop": "200 W"}
    model = Cap(kind="cap", at=f"{at_w!r} W", of=phases)
    below = build_power(model, A100)(load, memory)
    assert below <= at_w
    assert below == min(at_w, build_power(model.of, A100)(load, memory))


def test_the_exponent_is_that_of_a_v100_between_250_and_150_watts():
    """1.188 times as long at 150 W of uncapped 217.5 W; the other GPU, at 175 W of 233.8 W, within 3 %."""
    row = find("power-cap", "v100-150w")
    assert slow_down(uncapped_share(row), EXPONENT_RATIO) == pytest.approx(row.find_number("time_ratio"), rel=2e-3)
    other = find("power-cap", "a40-175w")
    assert slow_down(uncapped_share(other), EXPONENT_RATIO) == pytest.approx(other.find_number("time_ratio"), rel=0.03)


def test_the_law_is_within_3_percent_of_all_that_was_measured_above_its_least_share():
    within = [row for row in MEASURED if uncapped_share(row) >= LAW.find_number("least_share")]
    assert len(within) == 9
    for row in within:
        assert slow_down(uncapped_share(row), EXPONENT_RATIO) == pytest.approx(row.find_number("time_ratio"), rel=0.03)


def test_below_its_least_share_the_law_is_more_than_10_percent_too_fast():
    """That is why a deeper cap needs a slow-down of the scenario's."""
    deeper = [row for row in MEASURED if uncapped_share(row) < LAW.find_number("least_share")]
    assert len(deeper) == 5
    for row in deeper:
        assert slow_down(uncapped_share(row), EXPONENT_RATIO) < 0.9 * row.find_number("time_ratio")


def test_energy_follows_watts_times_time_and_capped_devices_stay_below_their_cap():
    """Measured energy is measured watts x time; with the cap for the watts ours is 3 to 17 % more."""
    for row in MEASURED:
        w = {column: row.find_number(column) for column in row.columns}
        measured = w["capped_draw_w"] / w["uncapped_draw_w"] * w["time_ratio"]
        assert measured == pytest.approx(w["energy_ratio"], rel=2e-3)
        share = uncapped_share(row)
        if LAW.find_number("least_share") <= share < 1.0:
            assert w["capped_draw_w"] < w["cap_w"]
            assert 1.03 < share * slow_down(share, EXPONENT_RATIO) / w["energy_ratio"] < 1.17


@given(share=st.floats(0.01, 2.0), other=st.floats(0.01, 2.0))
def test_a_deeper_cap_is_never_faster(share, other):
    low, high = sorted((share, other))
    assert slow_down(low, EXPONENT_RATIO) >= slow_down(high, EXPONENT_RATIO) >= 1.0


def test_a_unit_knows_how_much_slower_it_is_and_lists_the_law():
    """300 W of 400 W: 0.75 ^ -0.46 = 1.1415; at half load, 231.5 W, the cap is not reached."""
    unit = build_device(capped(at="300 W"))
    assert unit.slow_down(1.0, 1.0) == pytest.approx(1.1415, rel=1e-4)
    assert unit.slow_down(0.5, 0.0) == 1.0
    assert unit.slow_down_assumptions == (EXPONENT,)


def test_the_scenario_may_say_how_much_slower_a_deep_cap_is():
    unit = build_device(capped(at="100 W", slow_down=3.1))
    assert [unit.slow_down(1.0, 1.0), unit.slow_down(0.0, 0.0)] == [3.1, 1.0]
    assert unit.slow_down_assumptions == ()


def test_servers_pass_on_memory_and_slow_down():
    power = {"kind": "cap", "at": "600 W", "of": "phase"}
    server = build_server(CatalogueServer(model="dgx-h100", count=1, power=power))
    assert server.slow_down(1.0, 1.0) == pytest.approx((600 / 700) ** -0.46)
    assert server.draws(0.0, 0.8)[0] == pytest.approx(8 * 0.712 * 700)
    node = {"kind": "cap", "at": "5 kW", "of": {"kind": "linear", "idle": "1 kW", "max": "6 kW"}}
    whole = MeteredServer(accelerator="a100-sxm4-40gb", accelerators=8, node_power=node, count=1)
    assert build_server(whole).slow_down(1.0, 1.0) == pytest.approx((5 / 6) ** -0.46)


def test_hardware_without_a_cap_is_not_slowed_down():
    assert build_device(DeviceGroup(model="a100-sxm4-40gb", count=1)).slow_down(1.0, 1.0) == 1.0


def test_a_cap_that_nobody_measured_is_unknown():
    with pytest.raises(MissingValueError, match="no known slow-down at 25% of its uncapped 400 W"):
        build_power(Cap(kind="cap", at="100 W"), A100)


def test_a_cap_below_the_draw_at_rest_is_refused():
    with pytest.raises(ContradictionError, match="it draws 63 W at rest, which no cap of 50 W can lower"):
        build_power(Cap(kind="cap", at="50 W", slow_down=9), A100)
