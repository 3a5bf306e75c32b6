"""Users who send or receive in turn: busy for their bits over their own lines, longer where links slow them."""

import pytest
from strategies import LATENCY_S, a_crowd_scenario, cancelled, run

SEND_W, RECEIVE_W = 1.5, 0.5
"""Sending and receiving over the phones' rest."""


def collect(**fields):
    """A thousand phones that send 1 GB in all, 8 Mb each, over 100 s: 80 Mbps."""
    field = {"from": "phones", "to": "lab", "size": "1 GB", "during": "100 s", "latency": "lower_bound", **fields}
    return a_crowd_scenario([{"collect": field}])


def joules(result):
    found = result.summary["paradigms"]["main"]["by_activity"]
    return {name: part["energy_j"] for name, part in found.items()}


def device_j(result, activity):
    """Joules of devices alone: what they did less the slope of their lines, 0.02 W/Mbps."""
    return joules(result)[activity] - 8e9 * 0.02e-6


def test_devices_are_busy_for_their_bits_over_their_own_rate():
    """8e9 b / 20 Mbps = 400 s of devices sending, at 1.5 W over their rest."""
    assert device_j(run(collect()), "upload") == pytest.approx(400 * SEND_W, rel=1e-9)


def test_a_distribution_is_whole_for_each_user():
    """1 MB to each of 1000: 8e9 b / 50 Mbps = 160 s of devices."""
    field = {"from": "lab", "to": "phones", "size": "1 MB", "during": "100 s", "latency": "lower_bound"}
    result = run(a_crowd_scenario([{"distribute": field}]))
    assert device_j(result, "download") == pytest.approx(160 * RECEIVE_W, rel=1e-9)


def test_users_are_busy_for_longer_where_a_link_slows_them():
    """40 Mbps instead of 80: 200 s, and each device twice as long."""
    data = collect()
    data["world"]["datacenters"]["lab"]["uplink"] = "40 Mbps"
    result = run(data)
    assert device_j(result, "upload") == pytest.approx(800 * SEND_W, rel=1e-9)
    assert result.table("transfers").to_pylist()[0]["end_s"] == pytest.approx(200 + LATENCY_S, rel=1e-9)


def test_no_more_are_busy_than_there_are():
    """10 phones with 8 Mb each, in a moment: each sends at its own rate, 0.4 s."""
    data = collect(during="1 ms", size="10 MB")
    data["world"]["populations"]["phones"] |= {"count": 10, "rate_spread": 3}
    result = run(data)
    row, watts = result.table("transfers").to_pylist()[0], joules(result)["upload"] - 8e7 * 0.02e-6
    assert watts / (row["end_s"] - LATENCY_S) == pytest.approx(10 * SEND_W, rel=1e-9)


def test_a_horizon_in_the_middle_records_what_was_moved_until_then():
    result = run({**collect(), "horizon": "50 s"})
    share = (50 - LATENCY_S) / 100
    (row,) = result.table("transfers").to_pylist()
    assert (row["status"], row["done_share"]) == ("unfinished", pytest.approx(share))
    assert joules(result)["upload"] == pytest.approx(share * (400 * SEND_W + 8e9 * 0.02e-6), rel=1e-9)


def test_lines_that_are_charged_whole_draw_their_rest_while_they_are_busy():
    data = collect()
    data["world"]["populations"]["phones"]["account"] = "whole"
    assert device_j(run(data), "upload") == pytest.approx(400 * (2.0 + 16.5), rel=1e-9)


def test_an_interruption_ends_all_and_what_went_through_stays_counted():
    world = cancelled(collect(), at_s=50.0)
    (record,) = world.transfers
    assert (record.status, record.end_s) == ("cancelled", 50.0)
    assert record.sent_b == pytest.approx(8e7 * (50 - LATENCY_S))
    sending = [n for n, c in enumerate(world.ledger.channels) if c.asset == "phones/paris/device"]
    assert [world.ledger.integral(n) for n in sending] == pytest.approx([4 * (50 - LATENCY_S) * SEND_W])
    assert world.events.rows[-1][1:] == ("cancel", "collect", "cancel")


def test_users_of_4g_begin_later_than_those_of_fibre():
    """Half of 21 ms against half of 5 ms, on one way of 656 km."""
    data = collect()
    data["world"]["populations"]["phones"]["access"] = {"fibre": 0.5, "4g": 0.5}
    begin_s = {row["from"]: row["begin_s"] for row in run(data).table("transfers").to_pylist()}
    way_s = 656 * 4.9e-6
    assert begin_s == pytest.approx({"phones/paris/fibre": way_s + 2.5e-3, "phones/paris/4g": way_s + 10.5e-3})
