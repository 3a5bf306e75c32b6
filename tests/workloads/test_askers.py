"""Users who ask a service: their devices, their lines and the ways, for each request and answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_crowd_scenario, run

LATENCY_S = 656 * 4.9e-6
"""Paris to Grenoble at the speed of light in fibre, one way."""
USE_W = 1.5
"""A phone in use, 2 W, over its rest."""


def ask(phones=None, horizon=None, **fields):
    """Ten requests of 1 kB, one every 10 s, each answered in 3 s with 100 kB by one of four GPUs."""
    service = {
        "at": "lab/gpus",
        "requests": 10,
        "during": "100 s",
        "arrivals": "regular",
        "service_time": "3 s",
        "service": "constant",
        "users": "phones",
        "request": "1 kB",
        "response": "100 kB",
        "latency": "lower_bound",
        **fields,
    }
    power = {"compute": "3 W", "receive": "1 W", "send": "2 W", "idle": "0.5 W", "use": "2 W"}
    data = a_crowd_scenario([{"serve": service}], {"power": power, **(phones or {})})
    return data if horizon is None else {**data, "horizon": horizon}


def integrals(result):
    """The integral of every channel, by (asset, activity, quantity)."""
    end_s = result.summary["paradigms"]["main"]["duration_s"]
    changes, found = result.table("changes").to_pylist(), {}
    for channel in result.table("channels").to_pylist():
        own = [(c["at_s"], c["value"]) for c in changes if c["channel"] == channel["channel"]]
        times = [at_s for at_s, _ in own[1:]] + [end_s]
        total = sum(value * (to_s - at_s) for (at_s, value), to_s in zip(own, times, strict=True))
        key = (channel["asset"], channel["activity"], channel["quantity"])
        found[key] = found.get(key, 0.0) + total
    return found


def test_each_request_and_answer_by_pen_and_paper():
    """8 kb at 20 Mbps, 3.3 ms, 3 s, 3.3 ms, 800 kb at 50 Mbps: ten times."""
    found = integrals(run(ask()))
    used_s = 10 * (8e3 / 20e6 + 3.0 + 8e5 / 50e6 + 2 * LATENCY_S)
    assert found["phones/paris/device", "use", "power_w"] == pytest.approx(USE_W * used_s, rel=1e-9)
    assert found["phones/paris/wifi", "upload", "rate_bps"] == pytest.approx(10 * 8e3)
    assert found["phones/paris/wifi", "download", "rate_bps"] == pytest.approx(10 * 8e5)
    assert found["paris>lyon", "transfer", "rate_bps"] == pytest.approx(10 * 8e3)
    assert found["lyon>paris", "transfer", "rate_bps"] == pytest.approx(10 * 8e5)
    assert found["grenoble>lab/uplink", "transfer", "rate_bps"] == pytest.approx(10 * 8e3)


def test_the_queue_is_the_same_with_and_without_users():
    with_users, alone = ask(arrivals="poisson", service="exponential"), ask(arrivals="poisson", service="exponential")
    for field in ("users", "request", "response", "latency"):
        del alone["workloads"][0]["serve"][field]
    assert run(with_users).requests.equals(run(alone).requests)


def test_a_horizon_counts_those_who_still_wait_once():
    """At 41 s four are answered, and the fifth has waited for 1 s of its 3."""
    found = integrals(run(ask(horizon="41 s")))
    each_s = 8e3 / 20e6 + 3.0 + 8e5 / 50e6 + 2 * LATENCY_S
    assert found["phones/paris/device", "use", "power_w"] == pytest.approx(USE_W * (4 * each_s + 1.0), rel=1e-9)
    assert found["phones/paris/wifi", "upload", "rate_bps"] == pytest.approx(5 * 8e3)
    assert found["phones/paris/wifi", "download", "rate_bps"] == pytest.approx(4 * 8e5)


def test_a_line_that_is_charged_whole_draws_its_rest_for_its_bits():
    """16.5 W for the 0.4 ms and 16 ms of each request's bits."""
    found = integrals(run(ask({"account": "whole"})))
    assert found["phones/paris/wifi", "use", "power_w"] == pytest.approx(
        16.5 * 10 * (8e3 / 20e6 + 8e5 / 50e6), rel=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(
    requests=st.integers(1, 300),
    places=st.sampled_from([{"paris": 1.0}, {"paris": 0.5, "berlin": 0.5}]),
    spread=st.sampled_from([1, 2]),
    horizon_s=st.sampled_from([None, 7, 60, 500]),
)
def test_bits_are_conserved_on_every_link_and_joules_in_every_sum(requests, places, spread, horizon_s):
    phones = {"places": places, "access": {"wifi": 0.5, "4g": 0.5}, "rate_spread": spread}
    horizon = None if horizon_s is None else f"{horizon_s} s"
    result = run(ask(phones, horizon, requests=requests, arrivals="poisson", service="exponential"))
    rows, found = result.requests.to_pylist(), integrals(result)
    answered = sum(row["end_s"] is not None for row in rows)
    into = sum(total for (asset, _, _), total in found.items() if asset == "grenoble>lab/uplink")
    out = sum(total for (asset, _, _), total in found.items() if asset == "lab/uplink>grenoble")
    assert (into, out) == (pytest.approx(len(rows) * 8e3), pytest.approx(answered * 8e5))
    for activity, expected_b in (("upload", into), ("download", out)):
        own = [total for (asset, doing, _), total in found.items() if asset.startswith("phones/") and doing == activity]
        assert sum(own) == pytest.approx(expected_b)
    widest_j = list(result.summary["paradigms"]["main"]["boundaries"].values())[-1]["energy_j"]
    assert np.sum(result.ticks("10 s").column("energy_j").to_numpy()) == pytest.approx(widest_j)
    shares = result.summary["paradigms"]["main"]["by_workload"].values()
    assert sum(share["energy_j"] for share in shares) == pytest.approx(widest_j)


def test_more_requests_than_one_stretch_of_recording():
    result = run(ask(requests=9000, during="9000 s", service_time="0.5 s"))
    found = integrals(result)
    assert found["grenoble>lab/uplink", "transfer", "rate_bps"] == pytest.approx(9000 * 8e3)
    used_s = 9000 * (8e3 / 20e6 + 0.5 + 8e5 / 50e6 + 2 * LATENCY_S)
    assert found["phones/paris/device", "use", "power_w"] == pytest.approx(USE_W * used_s, rel=1e-9)


def test_the_same_seed_gives_the_same_result():
    data = ask(arrivals="poisson", service="exponential")
    first, second = run(data), run(data)
    assert first.manifest["hashes"]["results"] == second.manifest["hashes"]["results"]
