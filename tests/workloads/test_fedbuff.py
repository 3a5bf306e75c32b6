"""Asynchronous learning on the clock: versions by pen and paper, bits and joules that add up, what ends it early."""

from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import LATENCY_S, LEARNING, a_federate_scenario, cancelled, run

from simulator.errors import ContradictionError
from simulator.vocabulary import POWER, RATE

SESSION_S = 2 * LATENCY_S + 2.0 + 20.0 + 5.0
"""Two latencies, 100 Mb at 50 Mbps, ten samples of 2 s, 100 Mb at 20 Mbps."""
BUFFERED = {key: value for key, value in LEARNING.items() if key not in ("cohort", "algorithm")}


def buffered(concurrency=10, buffer=5, phones=None, horizon=None, **learning):
    """An asynchronous learning as plain data."""
    algorithm = {"kind": "fedbuff", "concurrency": concurrency, "buffer": buffer}
    algorithm |= {key: learning.pop(key) for key in ("timeout",) if key in learning}
    data = a_federate_scenario(phones=phones, **({} if horizon is None else {"horizon": horizon}))
    data["workloads"] = [{"federate": {**BUFFERED, "algorithm": algorithm, **learning}}]
    return data


def rounds(result):
    return result.table("rounds").to_pylist()


def activity_j(result, activity):
    return result.summary["paradigms"]["main"]["by_activity"].get(activity, {"energy_j": 0.0})["energy_j"]


def integrals(result, quantity):
    """The integral of every channel of a quantity, by asset and activity, from its changes."""
    end_s = result.summary["paradigms"]["main"]["duration_s"]
    named = {c["channel"]: c for c in result.table("channels").to_pylist() if c["quantity"] == quantity}
    found, last = {}, {}
    for change in result.table("changes").to_pylist():
        number = change["channel"]
        if number in named:
            at_s, value = last.get(number, (0.0, 0.0))
            key = (named[number]["asset"], named[number]["activity"])
            found[key] = found.get(key, 0.0) + value * (change["at_s"] - at_s)
            last[number] = (change["at_s"], change["value"])
    for number, (at_s, value) in last.items():
        key = (named[number]["asset"], named[number]["activity"])
        found[key] += value * (end_s - at_s)
    return found


def test_phones_that_are_all_alike_make_versions_in_step():
    """Ten begin at once and arrive at once: two versions of five each time, aggregated one after the other."""
    result = run(buffered(rounds=4))
    ends_s = [row["end_s"] for row in rounds(result)]
    assert ends_s == pytest.approx([SESSION_S + 5, SESSION_S + 10, 2 * SESSION_S + 5, 2 * SESSION_S + 10])
    assert [row["accepted"] for row in rounds(result)] == [5] * 4
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["steps"], job["done_share"]) == ("finished", 4, 1.0)


def test_joules_of_the_phones_by_pen_and_paper():
    """20 sessions that count, and ten that are 10 s under way when the fourth version is there: 2 s down, 8 s of
    computing."""
    result = run(buffered(rounds=4))
    session_j = 0.5 * (2 + LATENCY_S) + 2.5 * 20 + 1.5 * (5 + LATENCY_S)
    line_j = 20 * 2e8 * 0.02e-6
    told = [activity_j(result, name) for name in ("download", "upload")]
    phones_j = fsum(told) - line_j + (activity_j(result, "compute") - 4 * 5 * 4 * (63 + 0.5 * 337))
    assert phones_j == pytest.approx(20 * session_j, rel=1e-9)
    under_way_j = 10 * (0.5 * (2 + LATENCY_S) + 2.5 * (10 - 2 - LATENCY_S) + 1e8 * 0.02e-6)
    way_j = 10 * 1e8 * 1e-9 * (656 * 20 / 1000 + 2 * 1.0 + 2 * 1.0 + 3 * 0.3)
    assert activity_j(result, "waste") == pytest.approx(under_way_j + way_j, rel=1e-9)


def test_the_server_waits_but_for_its_aggregations():
    result = run(buffered(rounds=4))
    assert activity_j(result, "wait") == pytest.approx((2 * SESSION_S - 10) * 4 * 63, rel=1e-9)


UNEQUAL = {"speed_spread": 2.0, "rate_spread": 2.0, "samples_spread": 2.0}


@given(
    st.integers(1, 12),
    st.integers(1, 6),
    st.sampled_from([{}, {"timeout": "60 s"}, {"dropout": 0.3}]),
    st.sampled_from([None, "100 s", "400 s"]),
    st.integers(0, 5),
)
@settings(max_examples=25, deadline=None)
def test_what_lines_and_links_carried_is_the_same_and_no_row_tells_of_more(concurrency, buffer, more, horizon, seed):
    data = buffered(concurrency, buffer, UNEQUAL, horizon, rounds=5, **more)
    data["seed"] = seed
    result = run(data)
    bits = integrals(result, RATE)
    up_b = fsum(b for (asset, _), b in bits.items() if asset == "grenoble>lab/uplink")
    down_b = fsum(b for (asset, _), b in bits.items() if asset == "lab/uplink>grenoble")
    lines_b = fsum(b for (asset, _), b in bits.items() if asset.startswith("phones/"))
    assert lines_b == pytest.approx(up_b + down_b, rel=1e-9, abs=1.0)
    told_b = 8 * fsum(row["upload_bytes"] + row["download_bytes"] for row in rounds(result))
    whole = result.jobs.to_pylist()[0]["status"] == "finished"
    assert (
        told_b == pytest.approx(up_b + down_b, rel=1e-9, abs=1.0) if whole else told_b <= (up_b + down_b) * (1 + 1e-9)
    )
    accepted = sum(row["accepted"] for row in rounds(result))
    good_b = fsum(b for (asset, doing), b in bits.items() if asset.startswith("phones/") and doing == "upload")
    assert good_b == pytest.approx(accepted * 1e8, rel=1e-9, abs=1.0)


def test_versions_make_the_model_learn_and_say_how_stale_they_were():
    data = buffered(20, 10, rounds=60, epochs=5)
    data["tasks"] = {"digits": {"data": "digits", "model": "softmax", "clients": 50}}
    data["comparison"] = {"functional_unit": "one model", "target": {"accuracy": 0.85}}
    data["workloads"][0]["federate"]["learn"] = {"task": "digits", "rate": 0.1, "batch": 10}
    result = run(data)
    scores = result.table("scores").to_pylist()
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["time_mode"], job["steps"]) == ("finished", "rounds measured", scores[-1]["step"])
    assert scores[-1]["accuracy"] >= 0.85 > scores[-2]["accuracy"]
    assert [row["step"] for row in scores] == list(range(job["steps"] + 1))
    assert [row["at_s"] for row in scores[1:]] == pytest.approx([row["end_s"] for row in rounds(result)])
    assert scores[3]["staleness"] == pytest.approx(2.0), "20 at once, in buffers of 10: the third is two behind"


def test_a_target_that_is_missed_leaves_it_unfinished():
    data = buffered(20, 10, rounds=2)
    data["tasks"] = {"digits": {"data": "digits", "model": "softmax", "clients": 50}}
    data["comparison"] = {"functional_unit": "one model", "target": {"accuracy": 0.99}}
    data["workloads"][0]["federate"]["learn"] = {"task": "digits", "rate": 0.1, "batch": 10}
    result = run(data)
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["done_share"] < 1.0) == ("unfinished", True)
    causes = [e["cause"] for e in result.table("events").to_pylist() if e["event"] == "unfinished"]
    assert causes[0] == "the target was not reached"


def test_a_horizon_keeps_what_was_done():
    result = run(buffered(rounds=100, horizon="40 s"))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["done_share"], len(rounds(result))) == ("unfinished", 0.02, 2)
    assert job["end_s"] is None


def test_an_interruption_gives_the_links_back():
    world = cancelled(buffered(rounds=100), at_s=40.0)
    (job,) = world.jobs
    assert (job.status, job.end_s) == ("cancelled", 40.0)
    uplink = "lab/uplink>grenoble"
    assert world.traffic.room([uplink])[uplink].used_bps == 0.0
    assert any(channel.quantity == POWER and channel.asset.startswith("phones/") for channel in world.ledger.channels)


def test_where_nobody_comes_through_it_says_so_instead_of_going_on_for_ever():
    with pytest.raises(ContradictionError, match="bring too few updates"):
        run(buffered(1000, 5, {"count": 1000}, dropout=1.0))


def test_two_runs_are_one_to_the_last_byte():
    hashes = [run(buffered(rounds=5, phones=UNEQUAL)).manifest["hashes"]["results"] for _ in range(2)]
    assert hashes[0] == hashes[1]
