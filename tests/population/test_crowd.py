"""Users as columns: numbers that add up, spreads as said, the same luck everywhere; watts by pen and paper."""

import subprocess
import sys
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import PHONES

from simulator.engine.rng import Streams
from simulator.errors import ContradictionError, MissingValueError
from simulator.population.crowd import Crowd, whole_shares
from simulator.population.power import build_client_power, power_assumptions
from simulator.population.spec import Population


def spec(**fields):
    return Population.model_validate({**PHONES, **fields})


def crowd(seed=1, name="phones", **fields):
    return Crowd(name, spec(**fields), Streams(seed))


@given(st.integers(1, 10**7), st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12))
def test_whole_shares_add_up_and_none_is_off_by_one(count, shares):
    sizes = whole_shares(count, shares)
    assert sum(sizes) == count
    for size, share in zip(sizes, shares, strict=True):
        assert abs(size - count * share / sum(shares)) < 1 + 1e-6


def test_blocks_are_sorted_by_city_and_technology_and_cover_all():
    """10 users, 0.7 in Paris, half of all on wifi: 3.5, 3.5, 1.5, 1.5; equal remainders go by order."""
    found = crowd(count=10, places={"paris": 0.7, "oslo": 0.3}, access={"wifi": 0.5, "4g": 0.5})
    assert [(b.line, b.first, b.last) for b in found.blocks] == [
        ("phones/paris/wifi", 0, 4),
        ("phones/paris/4g", 4, 8),
        ("phones/oslo/wifi", 8, 9),
        ("phones/oslo/4g", 9, 10),
    ]
    assert found.block_of(np.array([0, 3, 4, 8, 9])).tolist() == [0, 0, 1, 2, 3]


def test_a_city_without_a_user_has_no_block():
    assert crowd(count=1, places={"paris": 0.9, "oslo": 0.1}).cities == ("paris",)


def test_users_that_are_all_alike_have_the_rates_of_their_row():
    columns = crowd(count=4, access={"wifi": 0.5, "4g": 0.5}).columns()
    assert columns.down_bps.tolist() == [50e6, 50e6, 10e6, 10e6]
    assert columns.up_bps.tolist() == [20e6, 20e6, 5e6, 5e6]
    assert (set(columns.speed), set(columns.samples)) == ({1.0}, {1.0})


N = 200_000


def test_spreads_are_those_of_a_log_normal():
    """Of n draws the mean of the logarithm is within 5 sd / sqrt(n), its deviation within 5 sd / sqrt(2 n)."""
    columns = crowd(count=N, speed_spread=1.8, rate_spread=3, samples_spread=2).columns()
    for drawn, spread in ((columns.speed, 1.8), (columns.down_bps / 50e6, 3), (columns.up_bps / 20e6, 3)):
        assert abs(np.log(drawn).mean()) < 5 * log(spread) / N**0.5
        assert np.log(drawn).std() == pytest.approx(log(spread), rel=5 / (2 * N) ** 0.5)
        assert np.median(drawn) == pytest.approx(1.0, abs=0.02)
    assert np.log(columns.samples).std() == pytest.approx(log(2), rel=5 / (2 * N) ** 0.5)
    assert columns.samples.sum() == pytest.approx(N, rel=1e-12)
    assert columns.samples.mean() / np.median(columns.samples) == pytest.approx(exp(log(2) ** 2 / 2), rel=0.02)


def test_one_factor_makes_a_line_faster_both_ways_and_draws_are_independent():
    columns = crowd(count=N, speed_spread=1.8, rate_spread=3, samples_spread=2).columns()
    assert columns.down_bps / columns.up_bps == pytest.approx(2.5)
    logs = [np.log(c) for c in (columns.speed, columns.down_bps, columns.samples)]
    off = np.corrcoef(logs) - np.eye(3)
    assert np.abs(off).max() < 5 / N**0.5


@pytest.mark.parametrize("together", [0.8, 0.0, -0.8])
def test_speed_and_samples_go_together_as_far_as_is_said(together):
    """The correlation of n draws is within 5 (1 - c^2) / sqrt(n)."""
    columns = crowd(count=N, speed_spread=1.8, samples_spread=2, speed_with_samples=together).columns()
    found = np.corrcoef(np.log(columns.speed), np.log(columns.samples))[0, 1]
    assert found == pytest.approx(together, abs=5 * (1 - together**2) / N**0.5)
    assert np.log(columns.samples).std() == pytest.approx(log(2), rel=5 / (2 * N) ** 0.5)


def test_speeds_stay_what_they_are_whatever_goes_together_with_them():
    alone = crowd(speed_spread=1.8, samples_spread=2).columns()
    together = crowd(speed_spread=1.8, samples_spread=2, speed_with_samples=0.5).columns()
    assert np.array_equal(alone.speed, together.speed)
    assert not np.array_equal(alone.samples, together.samples)


def test_samples_by_zipf_fall_with_the_rank_and_add_up():
    """The second has half of the first's, the fourth a quarter: 1 / (1 + 1/2 + 1/3 + 1/4) of all is the first's."""
    samples = np.sort(crowd(count=4, samples_zipf=1).columns().samples)[::-1]
    assert samples == pytest.approx(4 * np.array([12, 6, 4, 3]) / 25)
    many = crowd(count=1000, samples_zipf=1.3).columns().samples
    assert many.sum() == pytest.approx(1000, rel=1e-12)
    assert np.sort(many)[::-1] / many.max() == pytest.approx(np.arange(1, 1001) ** -1.3)


def test_the_fastest_has_most_samples_where_they_go_wholly_together():
    columns = crowd(speed_spread=2, samples_zipf=1, speed_with_samples=1).columns()
    assert np.argsort(columns.speed).tolist() == np.argsort(columns.samples).tolist()


def test_another_population_or_seed_has_other_luck_and_the_same_has_the_same():
    spread = {"speed_spread": 1.8}
    first = crowd(**spread).columns().speed
    assert np.array_equal(first, crowd(**spread).columns().speed)
    assert np.array_equal(first, crowd(**spread, rate_spread=3).columns().speed)
    assert not np.array_equal(first, crowd(seed=2, **spread).columns().speed)
    assert not np.array_equal(first, crowd(name="others", **spread).columns().speed)


PRINTED = """
import sys; sys.path[:0] = ["tests", "tests/population"]
from test_crowd import crowd, every
for column in every(crowd(speed_spread=1.8, rate_spread=3, samples_spread=2)): print(column.tobytes().hex())
"""


def every(users):
    """All columns of a crowd."""
    columns = users.columns()
    return columns.speed, columns.down_bps, columns.up_bps, columns.samples


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_columns_are_the_same_for_every_hash_seed(hash_seed, root):
    env = {"PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", PRINTED], cwd=root, env=env, capture_output=True, text=True, check=True
    )
    here = every(crowd(speed_spread=1.8, rate_spread=3, samples_spread=2))
    assert done.stdout.split() == [column.tobytes().hex() for column in here]


CHARGER, BATTERY = 0.85, 0.9


@pytest.mark.parametrize(
    ("state", "efficiency"), [("mains", 1.0), ("charging", CHARGER), ("battery", CHARGER * BATTERY)]
)
@pytest.mark.parametrize(("account", "rest_w"), [("marginal", 0.5), ("whole", 0.0)])
def test_watts_at_the_plug_by_pen_and_paper(state, efficiency, account, rest_w):
    """Compute 3 W, receive 1 W, send 2 W, at rest 0.5 W; the losses of charger and battery come on top."""
    found = build_client_power(spec(state=state, account=account))
    assert found == pytest.approx(tuple((w - rest_w) / efficiency for w in (3.0, 1.0, 2.0)))


def test_a_phone_has_the_watts_of_its_class_and_what_is_assumed_of_them_is_listed():
    """Computing 3 W (Wu et al. 2022), receiving 1 W and sending 1.5 W, assumed."""
    phone = spec(power=None, state="charging", account="whole", device="smartphone")
    assert build_client_power(phone) == pytest.approx((3 / CHARGER, 1 / CHARGER, 1.5 / CHARGER))
    told = {use: list(power_assumptions(phone, [use])) for use in ("down", "compute", "up", "ask")}
    assert told == {
        "down": ["client-power/phone/receive_w", "charger-efficiency"],
        "compute": ["charger-efficiency"],
        "up": ["client-power/phone/send_w", "charger-efficiency"],
        "ask": ["charger-efficiency"],
    }


def test_a_device_whose_class_has_no_watts_is_refused():
    with pytest.raises(MissingValueError, match="give `power:` with its watts"):
        build_client_power(spec().model_copy(update={"power": None, "device": "a100-sxm4-40gb"}))


def test_a_device_that_draws_more_at_rest_than_at_work_is_refused():
    heavy = spec().power.model_copy(update={"idle": 4.0})
    with pytest.raises(ContradictionError, match="less than at rest"):
        build_client_power(spec().model_copy(update={"power": heavy}))


def test_what_is_assumed_of_users_is_listed_where_it_is_used():
    users, chain = (
        crowd(speed_spread=None, rate_spread=None, state="battery"),
        ["charger-efficiency", "battery-efficiency"],
    )
    down, up, rtt = (f"access/wifi/{column}" for column in ("down_mbps", "up_mbps", "rtt_ms"))
    assert list(users.assumptions("down")) == [*chain, down, rtt, "client-rate-spread"]
    assert list(users.assumptions("up")) == [*chain, up, rtt, "client-rate-spread"]
    assert list(users.assumptions("ask")) == [*chain, down, up, rtt, "client-rate-spread"]
    every = [*chain, down, up, rtt, "client-rate-spread", "client-speed-spread"]
    assert list(users.assumptions("down", "compute", "up")) == every


def test_the_rest_of_a_line_is_listed_where_it_is_charged():
    """That of 5G is assumed."""
    rest = "access/5g/line_idle_w"
    assert rest in list(crowd(access={"5g": 1.0}, account="whole").assumptions("up"))
    assert rest not in list(crowd(access={"5g": 1.0}, account="marginal").assumptions("up"))
