"""Data that come together and models that go out, between data centres and users."""

import pytest
from strategies import LATENCY_S, a_crowd_scenario, run


def moved(kind, **fields):
    return {kind: {"latency": "lower_bound", **fields}}


def sizes(result):
    return {(row["from"], row["to"]): row["size_bytes"] for row in result.table("transfers").to_pylist()}


def test_what_is_collected_comes_in_equal_parts_from_each_site_and_by_users_from_a_population():
    """6 GB of two sites: 3 GB of the store, 3 GB of users, two thirds of whom are in Paris."""
    data = a_crowd_scenario(
        [moved("collect", **{"from": ["store", "phones"], "to": "lab", "size": "6 GB", "during": "1 h"})],
        {"count": 900, "places": {"paris": 2 / 3, "lyon": 1 / 3}},
    )
    assert sizes(run(data)) == {
        ("store", "lab"): 3e9,
        ("phones/paris/wifi", "lab"): pytest.approx(2e9),
        ("phones/lyon/wifi", "lab"): pytest.approx(1e9),
    }


def test_what_is_distributed_goes_whole_to_each_site_and_each_user():
    data = a_crowd_scenario(
        [moved("distribute", **{"from": "lab", "to": ["store", "phones"], "size": "1 MB", "during": "1 h"})]
    )
    assert sizes(run(data)) == {("lab", "store"): 1e6, ("lab", "phones/paris/wifi"): 1e9}


def test_what_is_measured_between_cities_holds_for_sites_and_for_the_users_of_a_city():
    """IBM Cloud, October 2024: Madrid to Dallas 119 ms, London to Dallas 113 ms there and back; 10 ms of Wi-Fi."""
    way = {"to": "lab", "size": "1 GB", "during": "1 h", "latency": "measured"}
    data = a_crowd_scenario([moved("collect", **{"from": ["store", "phones"], **way})], {"places": {"london": 1.0}})
    places = data["world"]["datacenters"]
    places["lab"]["city"], places["store"]["city"] = "dallas", "madrid"
    found = {row["from"]: row["latency_s"] for row in run(data).table("transfers").to_pylist()}
    assert found == {"store": pytest.approx(0.0595), "phones/london/wifi": pytest.approx(0.0565 + 0.005)}


def test_users_take_as_long_as_they_begin_over_where_nothing_slows_them():
    data = a_crowd_scenario([moved("collect", **{"from": "phones", "to": "lab", "size": "1 GB", "during": "1 h"})])
    assert run(data).table("transfers").to_pylist()[0]["end_s"] == pytest.approx(3600 + LATENCY_S)


def test_one_that_never_began_says_how_much_it_would_have_moved_and_is_unfinished_once():
    first = moved("transfer", **{"from": "store", "to": "lab", "size": "1 TB"})
    out = {"from": "lab", "to": ["phones", "store"], "size": "1 MB", "during": "1 h", "after": "transfer"}
    result = run(a_crowd_scenario([first, moved("distribute", **out)], horizon="10 s"))
    found = {row["to"]: (row["size_bytes"], row["status"]) for row in result.table("transfers").to_pylist()}
    assert found["phones"] == (1e9, "not submitted")
    assert found["store"] == (1e6, "not submitted")
    events = [e["subject"] for e in result.table("events").to_pylist() if e["event"] == "unfinished"]
    assert events == ["transfer", "distribute"]


def test_what_is_under_way_at_the_horizon_is_unfinished_once():
    out = {"from": "lab", "to": ["phones", "store"], "size": "1 MB", "during": "1 h"}
    data = a_crowd_scenario([moved("distribute", **out)], {"places": {"paris": 0.5, "lyon": 0.5}}, horizon="1 min")
    events = [e["subject"] for e in run(data).table("events").to_pylist() if e["event"] == "unfinished"]
    assert events == ["distribute"]


def test_two_runs_are_one_to_the_last_byte():
    data = a_crowd_scenario(
        [moved("collect", **{"from": "phones", "to": "lab", "size": "1 GB", "during": "1 h"})], {"rate_spread": 2}
    )
    first, again = (run(data).manifest["hashes"]["results"] for _ in range(2))
    assert first == again
