"""Users who ask a service: their devices, their lines and the ways, for each request and answer."""

import itertools
import math
from importlib import import_module

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import LATENCY_S, a_crowd_scenario, loaded, operation, run

from simulator.network.atlas import build_atlas
from simulator.network.fluid import finish_times
from simulator.network.path import End, path
from simulator.population.bursts import (
    Bursts,
    Integral,
    find_peaks,
    in_use,
    one_after_another,
    send_alone,
    send_shared,
)
from simulator.population.ways import incidence
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.run import close_records
from simulator.scenario.spec import tasks

serving = import_module("simulator.workloads.serve")  # the package shows the function under this name

USE_W = 1.5
"""A phone in use, 2 W, over its rest."""
EACH_S = 8e3 / 20e6 + 3.0 + 8e5 / 50e6 + 2 * LATENCY_S
"""Request, service and answer of one who need not wait."""
LINE_J_PER_B, WAY_J_PER_B = 20e-9, (2 * (1 + 1) + 3 * 0.3 + 656 * 20e-3) * 1e-9
"""Wi-Fi, 0.02 W/Mbps; metro router and exchange at both ends, three core routers, 656 km overland."""
RANDOM = {"requests": 300, "arrivals": "poisson", "service": "exponential"}
DEVICE, SENT, TOLD = (
    ("phones/paris/device", "use", "power_w"),
    ("phones/paris/wifi", "upload", "rate_bps"),
    ("phones/paris/wifi", "download", "rate_bps"),
)


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
        total = sum(value * (to_s - at_s) for (at_s, value), to_s in zip(own, times if own else [], strict=True))
        key = (channel["asset"], channel["activity"], channel["quantity"])
        found[key] = found.get(key, 0.0) + total
    return found


def main(result):
    return result.summary["paradigms"]["main"]


def a_world(data):
    """A world with the services of a scenario under way."""
    scenario = loaded(data).spec
    world = build_world(scenario)
    start_tasks(world, tasks(scenario)["main"])
    return world


def ended(world):
    """The integral of every channel of a world that ends now, by (asset, activity, quantity)."""
    close_records(world, [], world.env.now)
    return {(c.asset, c.activity, c.quantity): world.ledger.integral(n) for n, c in enumerate(world.ledger.channels)}


def test_each_request_and_answer_by_pen_and_paper():
    """8 kb at 20 Mbps, 8.2 ms, 3 s, 8.2 ms, 800 kb at 50 Mbps: ten times."""
    found = integrals(run(ask()))
    used_s = 10 * (8e3 / 20e6 + 3.0 + 8e5 / 50e6 + 2 * LATENCY_S)
    assert found["phones/paris/device", "use", "power_w"] == pytest.approx(USE_W * used_s, rel=1e-9)
    assert found["phones/paris/wifi", "upload", "rate_bps"] == pytest.approx(10 * 8e3)
    assert found["phones/paris/wifi", "download", "rate_bps"] == pytest.approx(10 * 8e5)
    assert found["paris>lyon", "transfer", "rate_bps"] == pytest.approx(10 * 8e3)
    assert found["lyon>paris", "transfer", "rate_bps"] == pytest.approx(10 * 8e5)
    assert found["grenoble>lab/uplink", "transfer", "rate_bps"] == pytest.approx(10 * 8e3)


def test_the_queue_with_users_is_the_one_without_them_as_much_later_as_a_question_takes():
    with_users, alone = ask(arrivals="poisson", service="exponential"), ask(arrivals="poisson", service="exponential")
    for field in ("users", "request", "response", "latency"):
        del alone["workloads"][0]["serve"][field]
    later_s = LATENCY_S + 8e3 / 20e6
    asked, nobody = run(with_users).table("requests"), run(alone).table("requests")
    for name in ("arrive_s", "begin_s", "end_s"):
        assert asked[name].to_numpy() - later_s == pytest.approx(nobody[name].to_numpy(), abs=1e-9)
    assert asked["asked_s"].to_numpy() == pytest.approx(nobody["arrive_s"].to_numpy(), abs=1e-9)
    there_s = asked["end_s"].to_numpy() + LATENCY_S + 8e5 / 50e6
    assert asked["told_s"].to_numpy() == pytest.approx(there_s, abs=1e-9)
    assert (nobody["asked_s"].null_count, nobody["told_s"].null_count) == (10, 10)


def test_a_horizon_counts_those_who_still_wait_once():
    """At 41 s four are answered, and the fifth has waited for 1 s of its 3."""
    found = integrals(run(ask(horizon="41 s")))
    assert found["phones/paris/device", "use", "power_w"] == pytest.approx(USE_W * (4 * EACH_S + 1.0), rel=1e-9)
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
    rows, found = result.table("requests").to_pylist(), integrals(result)
    into = sum(total for (asset, _, _), total in found.items() if asset == "grenoble>lab/uplink")
    out = sum(total for (asset, _, _), total in found.items() if asset == "lab/uplink>grenoble")
    told, ended = (sum(row[name] is not None for row in rows) for name in ("told_s", "end_s"))
    assert len(rows) * 8e3 * (1 - 1e-9) <= into <= requests * 8e3 * (1 + 1e-9)  # some were on their way at the horizon
    assert told * 8e5 * (1 - 1e-9) <= out <= ended * 8e5 * (1 + 1e-9)
    if horizon is None:
        assert (into, out) == (pytest.approx(requests * 8e3), pytest.approx(requests * 8e5))
    site = found.get(("grenoble/router", "transfer", "rate_bps"), 0.0)
    assert site == pytest.approx(into + out)
    for activity, expected_b in (("upload", into), ("download", out)):
        own = [total for (asset, doing, _), total in found.items() if asset.startswith("phones/") and doing == activity]
        assert sum(own) == pytest.approx(expected_b)
    widest_j = main(result)["boundaries"]["devices"]["energy_j"]
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


def test_the_ladder_takes_in_the_bits_and_then_the_phones():
    """8.08 Mb on lines at 20 and on ways at 18.02 nJ/b; the phones beyond; both add to what the GPUs draw."""
    result = run(ask())
    ladder, activities = main(result)["boundaries"], main(result)["by_activity"]
    assert list(operation(ladder)) == ["accelerator", "network", "devices"]
    assert "users' access lines by their bits alone" in result.manifest["boundaries"]["main"]["network"]
    network_j = ladder["network"]["energy_j"] - ladder["accelerator"]["energy_j"]
    assert network_j == pytest.approx(8.08e6 * (LINE_J_PER_B + WAY_J_PER_B), rel=1e-6)
    assert activities["transfer"]["energy_j"] == pytest.approx(8.08e6 * WAY_J_PER_B, rel=1e-9)
    assert activities["upload"]["energy_j"] == pytest.approx(80e3 * LINE_J_PER_B, rel=1e-9)
    assert activities["download"]["energy_j"] == pytest.approx(8e6 * LINE_J_PER_B, rel=1e-9)
    phones_j = ladder["devices"]["energy_j"] - ladder["network"]["energy_j"]
    assert phones_j == pytest.approx(USE_W * 10 * EACH_S, rel=1e-6)


def test_the_joules_of_an_answer_are_all_that_is_charged_to_the_service_and_say_how_far_they_reach():
    """10 x 3 s at 400 W, the rest of 4 x 93.0086 s at 63 W; then the bits and the phones."""
    result = run(ask(utilisation=1.0))
    (found,), (job,) = result.services, result.jobs.to_pylist()
    held_s = 93.0 + LATENCY_S + 8e3 / 20e6
    assert (job["energy_j"], job["boundary"]) == (pytest.approx(30 * 400 + (4 * held_s - 30) * 63), "accelerator")
    beside_j = 8.08e6 * (LINE_J_PER_B + WAY_J_PER_B) + USE_W * 10 * EACH_S
    assert found["energy_per_answer_j"] == pytest.approx((job["energy_j"] + beside_j) / 10)
    assert found["boundary"] == "devices"
    assert found["p50_response_s"] == pytest.approx(EACH_S)


@pytest.mark.parametrize(
    ("state", "account", "watts"),
    [
        ("mains", "marginal", 1.5),
        ("mains", "whole", 2.0),
        ("charging", "marginal", 1.5 / 0.85),
        ("battery", "whole", 2.0 / (0.85 * 0.9)),
    ],
)
def test_a_phone_is_charged_by_where_its_power_comes_from_and_how_much_of_it_counts(state, account, watts):
    found = integrals(run(ask({"state": state, "account": account})))
    assert found[DEVICE] == pytest.approx(watts * 10 * EACH_S, rel=1e-9)


def test_watts_in_use_are_the_catalogues_where_nobody_gives_them():
    """A smartphone: 1 W in use, 0.071 W at rest."""
    phones = {"device": "smartphone", "power": None}
    assert integrals(run(ask(phones)))[DEVICE] == pytest.approx((1.0 - 0.071) * 10 * EACH_S, rel=1e-9)


def test_users_who_wait_in_the_queue_hold_their_phones():
    """One GPU, 15 s each: waits of 0, 5, 10 and 15 s before their service."""
    found = integrals(run(ask(replicas=1, requests=4, during="40 s", service_time="15 s")))
    assert found[DEVICE] == pytest.approx(USE_W * (4 * (EACH_S - 3.0 + 15.0) + 30.0), rel=1e-9)


def test_users_of_two_cities_take_the_ways_of_their_own():
    """Each city's bits on every link and site between it and the lab, and on none else."""
    places = {"paris": 0.7, "berlin": 0.3}
    found = integrals(run(ask({"places": places, "rate_spread": 2}, **RANDOM)))
    lab, expected = End("lab", "grenoble", 10e9), {}
    for city in places:
        home = End("", city, None)
        for doing, ends in (("upload", (home, lab)), ("download", (lab, home))):
            own_b, way = found[f"phones/{city}/wifi", doing, "rate_bps"], path(build_atlas(2025), *ends, "lower_bound")
            for name in {**way.capacities_bps, **way.elements}:
                expected[name] = expected.get(name, 0.0) + own_b
    carried = {asset: total for (asset, doing, _), total in found.items() if doing == "transfer"}
    assert carried == pytest.approx(expected)
    assert found["phones/berlin/wifi", "upload", "rate_bps"] % 8e3 == pytest.approx(0.0, abs=1e-3)
    assert 0.2 < found["phones/berlin/wifi", "upload", "rate_bps"] / (300 * 8e3) < 0.4


def test_nothing_happens_after_the_horizon():
    result = run(ask(horizon="41 s"))
    assert max(change["at_s"] for change in result.table("changes").to_pylist()) <= 41.0
    assert all(row["in_service_to_s"] <= 41.0 for row in result.table("assets").to_pylist())


@pytest.mark.parametrize("at_s", [29.0, 30.0, 31.0])
def test_a_horizon_at_the_end_of_a_stretch_counts_who_waits(at_s):
    """100 s each: who asked at 0, 10 and 20 s has no answer, and somebody asks at 30 s; all wait from then on."""
    found = integrals(run(ask(horizon=f"{at_s} s", service_time="100 s")))
    came_s = [10.0 * n for n in range(10) if 10.0 * n < at_s]
    assert found[DEVICE] == pytest.approx(USE_W * sum(at_s - came for came in came_s), rel=1e-9)
    assert found[SENT] == pytest.approx(len(came_s) * 8e3)
    assert TOLD not in found


@pytest.mark.parametrize("horizon", [None, "60 s"])
def test_where_the_record_is_cut_changes_no_sum(horizon, monkeypatch):
    data = ask({"places": {"paris": 0.5, "berlin": 0.5}, "rate_spread": 2}, horizon, replicas=2, **RANDOM)
    whole = integrals(run(data))
    monkeypatch.setattr(serving, "STRETCHES", 9)
    assert integrals(run(data)) == pytest.approx(whole, rel=1e-9)


def test_users_hold_their_phones_while_they_wait_not_when_they_are_answered():
    """100 s each from 0, 10, 20 and 30 s on; a stretch ends at 30 s, by when they waited for 60 s."""
    ticks = run(ask(requests=4, during="40 s", service_time="100 s")).ticks("30 s", by=("activity",)).to_pylist()
    used_j = [tick["energy_j"] for tick in ticks if tick["activity"] == "use"]
    assert used_j[0] == pytest.approx(USE_W * 60.0, rel=1e-3)  # a 256th of 133 s is cut at 30 s
    assert sum(used_j) == pytest.approx(USE_W * 4 * (EACH_S - 3.0 + 100.0), rel=1e-9)


def test_an_interruption_counts_who_waits_up_to_it_and_no_further():
    world = a_world(ask())
    world.env.run(until=41.0)
    (process,) = [event.callbacks[0].__self__ for _, _, _, event in world.env._queue if event.callbacks]
    process.interrupt("cancel")
    world.env.run()
    assert world.jobs[0].status == "cancelled"
    found = ended(world)
    assert found[DEVICE] == pytest.approx(USE_W * (4 * EACH_S + 1.0), rel=1e-9)
    assert (found[SENT], found[TOLD]) == (pytest.approx(5 * 8e3), pytest.approx(4 * 8e5))


def test_a_service_that_never_gets_its_machines_is_asked_by_nobody():
    first, second = (ask(name=name)["workloads"][0] for name in ("first", "second"))
    result = run({**ask(horizon="41 s"), "workloads": [first, second]})
    assert {c["workload"] for c in result.table("channels").to_pylist() if c["activity"] == "use"} == {"first"}


def test_two_services_of_one_crowd_are_asked_apart_and_both_pay():
    """Two of four GPUs each: nobody waits, and each pays for its own ten requests."""
    both = [ask(name=name, replicas=2)["workloads"][0] for name in ("first", "second")]
    result = run({**ask(), "workloads": both})
    assert integrals(result)[DEVICE] == pytest.approx(2 * USE_W * 10 * EACH_S, rel=1e-9)
    shares = main(result)["by_workload"]
    assert shares["first"]["energy_j"] == pytest.approx(shares["second"]["energy_j"])


def test_who_asks_is_not_changed_by_the_machines_that_answer():
    """Lines that differ are busy for as long: the same users ask."""
    ask_many = [ask({"rate_spread": 3, "account": "whole"}, replicas=replicas, **RANDOM) for replicas in (3, 4)]
    three, four = (integrals(run(data))["phones/paris/wifi", "use", "power_w"] for data in ask_many)
    assert three == pytest.approx(four, rel=1e-9)


LARGE = {"requests": 3, "during": "30 s", "response": "1 GB"}
"""Answers of 8 Gb, 160 s on a line of 50 Mbps."""


def steps_of(result, asset, quantity):
    """The levels of an asset over time, all its channels together: [(from, level)]."""
    own = [
        (c["channel"], c["activity"])
        for c in result.table("channels").to_pylist()
        if (c["asset"], c["quantity"]) == (asset, quantity)
    ]
    numbers, levels, found = {number for number, _ in own}, {}, []
    for change in result.table("changes").to_pylist():
        if change["channel"] in numbers:
            levels[change["channel"]] = change["value"]
            found.append((change["at_s"], sum(levels.values())))
    return found


def highest(result, asset, quantity):
    """The highest level of an asset that held for any time."""
    found = [*steps_of(result, asset, quantity), (math.inf, 0.0)]
    return max(level for (at_s, level), (next_s, _) in itertools.pairwise(found) if next_s > at_s)


def test_long_answers_take_their_time_and_no_device_draws_more_than_it_can():
    """Asked at 0, 10 and 20 s, answered 3 s later: the last is there at 183 s, long after its replica is given back."""
    result = run(ask({"count": 1000}, **LARGE))
    found = integrals(result)
    each_s = 8e3 / 20e6 + 3.0 + 160.0 + 2 * LATENCY_S
    assert found[DEVICE] == pytest.approx(USE_W * 3 * each_s, rel=1e-9)
    assert main(result)["duration_s"] == pytest.approx(20.0 + each_s)
    (job,) = result.jobs.to_pylist()
    assert job["device_s"] == pytest.approx(4 * (23.0 + LATENCY_S + 8e3 / 20e6))
    assert result.table("requests")["told_s"].to_numpy() == pytest.approx(np.array([0.0, 10.0, 20.0]) + each_s)
    assert highest(result, DEVICE[0], "power_w") <= 3 * USE_W * (1 + 1e-9)
    assert highest(result, "phones/paris/wifi", "rate_bps") <= 3 * 50e6 * (1 + 1e-9)


def test_a_horizon_that_finds_answers_on_their_way_counts_their_bits_up_to_it():
    """At 43 s the first has had 40 s of its 160 s, the others 30 and 20 s."""
    result = run(ask({"count": 1000}, "43 s", **LARGE))
    found, sent_s = integrals(result), 3 * (43.0 - 2 * LATENCY_S - 8e3 / 20e6 - 3.0) - 10.0 - 20.0
    assert found[TOLD] == pytest.approx(50e6 * sent_s, rel=1e-9)
    assert found[DEVICE] == pytest.approx(USE_W * (43.0 + 33.0 + 23.0), rel=1e-9)
    (service,), (job,) = result.services, result.jobs.to_pylist()
    assert [service[name] for name in ("answered", "on_their_way_back", "being_served")] == [0, 3, 0]
    assert (job["status"], job["done_share"], main(result)["done_s"]) == ("unfinished", 0.0, None)


def narrow(uplink, data):
    data["world"]["datacenters"]["lab"]["uplink"] = uplink
    return data


def test_answers_that_the_uplink_would_not_carry_at_once_share_it():
    """Lines of 50 Mbps on nine tenths of 100 Mbps: the moments are those of the same flows in a list."""
    result = run(narrow("100 Mbps", ask(requests=40, during="20 s", response="5 MB", arrivals="poisson")))
    told_s, end_s = (result.table("requests")[name].to_numpy() for name in ("told_s", "end_s"))
    links = [{"name": "uplink", "bandwidth_Bps": 90e6 / 8}]
    flow = {"route": ["uplink"], "size_B": 5e6, "latency_s": LATENCY_S, "rate_cap_Bps": 50e6 / 8}
    flows = [{"id": n, "start_s": at_s, **flow} for n, at_s in enumerate(end_s.tolist())]
    assert told_s == pytest.approx(np.array(list(finish_times(links, flows).values())), rel=1e-9)
    assert (told_s - end_s).max() > 1.3 * (LATENCY_S + 40e6 / 50e6)
    assert integrals(result)["lab/uplink>grenoble", "transfer", "rate_bps"] == pytest.approx(40 * 40e6, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(
    # whole microseconds: two that are nearer than a float tells in the one sum may be together or apart in the other
    begin_s=st.lists(st.integers(0, 10_000_000).map(lambda us: us / 1e6), min_size=1, max_size=12),
    mbps=st.lists(st.integers(1, 9), min_size=12, max_size=12),
)
def test_on_links_wide_enough_sharing_is_what_each_would_have_alone(begin_s, mbps):
    n = len(begin_s)
    block, lines_bps = np.arange(n) % 2, np.array(mbps[:n], float) * 1e6
    bursts = Bursts(np.array(begin_s), np.arange(n), block, lines_bps, 8e6)
    alone, shared = send_alone(bursts), send_shared(bursts, [("a", "c"), ("b", "c")], dict.fromkeys("abc", 1e9))
    assert shared.end_s == pytest.approx(alone.end_s, rel=1e-9)
    for sent in (alone, shared):
        integral = Integral(sent.rates_bps, 2, 0.0)
        carried_b = integral.until(4.0) + integral.until(1e3)
        assert carried_b == pytest.approx(8e6 * np.bincount(block, minlength=2), rel=1e-9)
    side = incidence(({"a": 1, "c": 1}, {"b": 1, "c": 1}))
    assert find_peaks(alone, side)["c"] == pytest.approx(find_peaks(shared, side)["c"], rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    requests=st.integers(1, 60),
    spread=st.sampled_from([1, 3]),
    size_mb=st.sampled_from([0.1, 5, 20]),
    beside=st.booleans(),
    horizon_s=st.sampled_from([None, 50]),
    stretches=st.sampled_from([1, 7, 256]),
)
def test_no_link_ever_carries_more_than_it_can(requests, spread, size_mb, beside, horizon_s, stretches):
    """On 40 Mbps, beside a transfer or not; and the bits of the link are those of the lines and of the transfer."""
    phones, horizon = {"rate_spread": spread, "count": 5}, None if horizon_s is None else f"{horizon_s} s"
    during_s = max(1.0, requests * size_mb * 8 / 32)  # eight tenths of the uplink
    fields = {"requests": requests, "during": f"{during_s} s", "response": f"{size_mb} MB", "service_time": "0.1 s"}
    data = narrow("40 Mbps", ask(phones, horizon, arrivals="poisson", **fields))
    if beside:
        data["world"]["datacenters"]["home"] = {"city": "paris", "grid": "FR", "uplink": "1 Gbps"}
        data["workloads"].append({"transfer": {"from": "lab", "to": "home", "size": "50 MB", "start": "3 s"}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "STRETCHES", stretches)
        result = run(data)
    assert highest(result, "lab/uplink>grenoble", "rate_bps") <= 40e6 * (1 + 1e-9)
    found = integrals(result)
    lines_b = sum(total for (_, doing, _), total in found.items() if doing == "download")
    moved_b = 50e6 * 8 * sum(row["done_share"] for row in result.table("transfers").to_pylist())
    assert found.get(("lab/uplink>grenoble", "transfer", "rate_bps"), 0.0) == pytest.approx(lines_b + moved_b, rel=1e-9)
    rows = [row for row in result.table("requests").to_pylist() if row["told_s"] is not None]
    assert all(row["asked_s"] < row["arrive_s"] <= row["begin_s"] <= row["end_s"] < row["told_s"] for row in rows)
    assert all(row["told_s"] - row["end_s"] >= size_mb * 8e6 / 36e6 for row in rows)


def test_a_service_waits_for_a_crowd_that_has_its_links_and_then_opens():
    """A round of 100 phones holds the uplink; the service has machines from 1 s on, and is asked after the round."""
    data = beside_a_round()
    result = run(data)
    (turn,) = result.table("rounds").to_pylist()
    jobs = {row["workload"]: row for row in result.jobs.to_pylist()}
    assert jobs["serve"]["begin_s"] == 1.0
    assert turn["links"] == "shared"
    assert min(result.table("requests")["asked_s"].to_numpy()) == pytest.approx(turn["close_s"])
    assert jobs["serve"]["status"] == "finished"


CAN_BE_BUSY = ("lab/uplink>grenoble", "grenoble>lab/uplink", "paris>lyon", "lyon>paris")


@pytest.mark.parametrize("at_s", [0.0002, 2.0, 50.0, None])
def test_a_service_that_is_over_or_cancelled_has_given_its_links_back(at_s):
    """Cancelled while the first question is on its way, served, its answer on its way, the last answers; or not."""
    world = a_world(ask({"count": 3}, **LARGE))
    world.env.run(until=0.0001)
    room = world.traffic.room(CAN_BE_BUSY)
    assert all(room[link].crowds_bps > 0.0 for link in CAN_BE_BUSY[:2])
    if at_s is not None:
        world.env.run(until=at_s)
        (process,) = {
            event.callbacks[0].__self__
            for _, _, _, event in world.env._queue
            if event.callbacks and hasattr(event.callbacks[0].__self__, "interrupt")
        }
        process.interrupt("cancel")
    world.env.run()
    assert all(found.crowds_bps == 0.0 for found in world.traffic.room(CAN_BE_BUSY).values())
    assert world.closing == []


def test_each_request_has_the_line_and_the_way_of_its_user_though_questions_overtake_each_other():
    """A question of 1 MB takes from 0.1 to 4 s on these lines, and one is asked every 0.3 s."""
    fields = {"requests": 100, "during": "30 s", "request": "1 MB", "response": "300 kB", "service_time": "0.01 s"}
    data = ask({"places": {"paris": 0.5, "oslo": 0.5}, "count": 100_000, "rate_spread": 3}, **fields)
    scenario = loaded(data).spec
    world = build_world(scenario)
    crowd = world.crowds["phones"]
    users = world.streams.generator("askers", "serve").integers(crowd.count, size=100)
    columns, block = crowd.columns(), crowd.block_of(users)
    lab, homes = End("lab", "grenoble", 10e9), [End("", b.city, None) for b in crowd.blocks]
    up_s, down_s = (
        np.array([path(build_atlas(2025), *ends, "lower_bound").latency_s + 5e-3 for ends in pairs])[block]
        for pairs in ([(home, lab) for home in homes], [(lab, home) for home in homes])
    )
    asked_s = np.arange(100) * 0.3
    arrive_s = asked_s + up_s + 8e6 / columns.up_bps[users]
    order = np.argsort(arrive_s)
    assert not np.array_equal(order, np.arange(100))
    table = run(data).table("requests")
    assert table["asked_s"].to_numpy() == pytest.approx(asked_s[order], abs=1e-9)
    assert table["arrive_s"].to_numpy() == pytest.approx(arrive_s[order], rel=1e-12)
    there_s = table["end_s"].to_numpy() + (down_s + 2.4e6 / columns.down_bps[users])[order]
    assert table["told_s"].to_numpy() == pytest.approx(there_s, rel=1e-12)


def beside_a_round(uplink="40 Mbps", **fields):
    """A round of 100 phones that has the uplink from the start, and a service from 1 s on."""
    data = narrow(uplink, ask(**{"start": "1 s", "requests": 4, "during": "4 s", "request": "100 B", **fields}))
    learning = {"algorithm": "fedavg", "model": "gru", "clients": "phones", "server": "lab/server", "rounds": 1}
    learning |= {"cohort": 100, "dropout": 0.0, "sample_time": "1 s", "aggregation": "1 s", "utilisation": 0.5}
    data["world"]["populations"]["phones"] |= {"samples": 1, "count": 200}
    data["world"]["datacenters"]["lab"]["servers"] = {"server": {"model": "r740", "count": 1}}
    data["models"] = {"gru": {"parameters": 1e6, "bytes_per_parameter": "4 B"}}
    data["workloads"].insert(0, {"federate": learning})
    return data


def test_a_service_that_waits_for_links_at_the_horizon_has_done_nothing():
    result = run({**beside_a_round(), "horizon": "20 s"})
    job = {row["workload"]: row for row in result.jobs.to_pylist()}["serve"]
    assert (job["status"], job["done_share"], job["device_s"]) == ("unfinished", 0.0, 4 * 19.0)
    assert result.table("requests").num_rows == 0


def test_a_service_that_is_cancelled_while_it_waits_for_links_gives_its_machines_back():
    world = a_world(beside_a_round())
    world.env.run(until=10.0)
    (either,) = [call.__self__ for call in world.traffic.wait_given_back().callbacks]
    (waiting,) = [call.__self__ for call in either.callbacks if isinstance(call.__self__, simpy.Process)]
    waiting.interrupt("cancel")
    world.env.run()
    job = {job.workload: job for job in world.jobs}["serve"]
    assert (job.status, job.device_s, job.done_share, job.end_s) == ("cancelled", 4 * 9.0, 0.0, 10.0)


def test_a_transfer_that_is_there_as_a_service_opens_does_not_slow_it_for_good():
    """Answers share what crowds leave; flows make room for them."""
    fields = {"requests": 100, "during": "800 s", "response": "25 MB", "arrivals": "poisson", "service_time": "0.1 s"}
    data = narrow("40 Mbps", ask({"count": 50}, start="1 s", **fields))
    alone = run(data).services[0]
    data["world"]["datacenters"]["home"] = {"city": "paris", "grid": "FR", "uplink": "1 Gbps"}
    data["workloads"].append({"transfer": {"from": "lab", "to": "home", "size": "50 MB"}})
    beside = run(data).services[0]
    assert beside["p50_response_s"] == pytest.approx(alone["p50_response_s"])


def test_a_service_that_takes_little_of_a_link_does_not_keep_a_learning_from_it():
    """100 answers in a day, of which two at once would be 100 Mbps; a learning of 10 s begins at once."""
    fields = {"requests": 100, "during": "1 d", "response": "1 MB", "arrivals": "poisson", "start": "0 s"}
    data = beside_a_round("100 Mbps", **fields)
    data["workloads"][0]["federate"]["start"] = "5 s"
    (turn,) = run(data).table("rounds").to_pylist()
    assert turn["begin_s"] == 5.0


def test_answers_never_fill_more_than_nine_tenths_of_a_link_at_any_moment():
    """Forty at once of 50 Mbps on 90 Mbps: the rates themselves, not their means."""
    bursts = Bursts(np.linspace(0.0, 1.0, 40), np.arange(40), np.zeros(40, int), np.full(40, 50e6), 8e6)
    sent = send_shared(bursts, [("uplink",)], {"uplink": 90e6})
    assert np.cumsum(sent.rates_bps.change).max() == pytest.approx(90e6, rel=1e-9)
    assert sent.end_s.max() == pytest.approx(40 * 8e6 / 90e6, rel=0.02)


def test_tiny_questions_far_from_the_start_lose_no_bit():
    """At 300 y the clock counts in microseconds: 1 B at 20 Mbps takes less."""
    found = integrals(run(ask(start="300 y", request="1 B", requests=4, during="40 s")))
    assert found[SENT] == pytest.approx(4 * 8.0, rel=1e-6)


def test_a_user_has_one_phone_and_one_line():
    """Three phones asked for 1000 answers of 8 Mb in 100 s: 150 Mbps at most, and 533 s at least."""
    fields = {"requests": 1000, "during": "100 s", "response": "1 MB", "service_time": "0.1 s"}
    result = run(ask({"count": 3, "account": "whole"}, **fields))
    assert highest(result, DEVICE[0], "power_w") <= 3 * 2.0 * (1 + 1e-9)
    assert highest(result, "phones/paris/wifi", "power_w") <= 3 * 16.5 * (1 + 1e-9)
    assert highest(result, "phones/paris/wifi", "rate_bps") <= 3 * (50e6 + 20e6) * (1 + 1e-9)
    assert integrals(result)[TOLD] == pytest.approx(1000 * 8e6, rel=1e-9)
    slow = run(ask({"count": 3}, **{**fields, "response": "10 MB", "during": "400 s"}))
    assert main(slow)["duration_s"] >= 1000 * 8e7 / 150e6


@pytest.mark.parametrize("uplink", ["10 Gbps", "100 Mbps"])
def test_one_line_carries_one_answer_after_the_other_or_shares_among_them(uplink):
    """One phone, ten answers of 40 Mb in 5 s: 8 s of a line of 50 Mbps, whether links hold them back or not."""
    result = run(
        narrow(uplink, ask({"count": 1}, requests=10, during="5 s", response="5 MB", service_time="0.1 s", replicas=1))
    )
    told_s = result.table("requests")["told_s"].to_numpy()
    assert told_s.max() == pytest.approx(10 * 40e6 / 50e6 + 0.1 + 2 * LATENCY_S + 8e3 / 20e6, abs=1.0)
    assert highest(result, "phones/paris/wifi", "rate_bps") <= 70e6


@given(
    asked=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=20),
)
def test_who_has_several_questions_open_is_counted_once(asked):
    from_s, time_s, user = (np.array(column) for column in zip(*asked, strict=True))
    steps = in_use(from_s.astype(float), (from_s + time_s).astype(float), user, np.zeros(len(user), int))
    for second in range(31):
        expected = len({who for at_s, takes_s, who in asked if at_s <= second < at_s + takes_s})
        assert steps.change[steps.at_s <= second].sum() == expected
    begin_s = one_after_another(from_s.astype(float), time_s.astype(float), user)
    for who in range(3):
        mine = sorted(zip(begin_s[user == who].tolist(), time_s[user == who].tolist(), strict=True))
        assert all(later >= before + takes_s for (before, takes_s), (later, _) in itertools.pairwise(mine))
    assert np.all(begin_s >= from_s)


def test_workloads_that_use_a_crowd_at_one_time_are_said_not_to_meet():
    both = [ask(name=name, replicas=2)["workloads"][0] for name in ("first", "second")]
    told = [row["id"] for row in run({**ask(), "workloads": both}).manifest["assumptions"]]
    assert "shared-crowd/phones" in told
    both[1]["serve"]["after"] = "first"
    told = [row["id"] for row in run({**ask(), "workloads": both}).manifest["assumptions"]]
    assert "shared-crowd/phones" not in told


def test_who_waits_for_links_says_how_long():
    result = run(beside_a_round())
    (service,) = result.services
    (turn,) = result.table("rounds").to_pylist()
    assert service["held_s"] == pytest.approx(turn["close_s"] - 1.0)
    events = [row["event"] for row in result.table("events").to_pylist() if row["subject"] == "serve"]
    assert events == ["submit", "begin", "held", "free", "finish"]
