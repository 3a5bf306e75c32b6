"""A ping notes the round trip when it begins and whenever its way becomes another, without gap or overlap."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_sea, an_atlas, cancelled, run

from simulator.record.pings import ping_row
from simulator.view.stages import Records, stage_lines
from simulator.workloads.ping import ping
from simulator.workloads.ping_spec import Ping

RTT_S = (2 * 4.9e-3 * 1.216 * 827 + 3.6) / 1e3
"""Nuku'alofa to Suva and back: 827 km of the cable Tonga."""
TWO_WAYS = (("a", "b", "direct", 1000.0, 10.0), ("a", "c", "round", 1000.0, 4.0), ("b", "c", "round", 1000.0, 4.0))
DIRECT, ROUND = [("a", "b", "direct")], [("a", "c", "round")]
NEAR_S, FAR_S = ((2 * 4.9e-3 * 1.216 * km + 3.6) / 1e3 for km in (1000, 2000))


def a_ping_scenario(pings, events=(), **changes):
    """Round trips between an island and its neighbour, while its only cable is cut."""
    world = {"year": 2025, "datacenters": {}, "network": {"events": list(events)}}
    field = {"from": "nukualofa", "to": "suva"}
    return {"name": "test", "world": world, "workloads": [{"ping": {**field, **one}} for one in pings], **changes}


def cut(at_s, repair_s=None):
    repair = {} if repair_s is None else {"repair": f"{repair_s} s"}
    return {"cut": {"at": f"{at_s} s", "cables": "tonga", **repair}}


def seen(result):
    return [(row["at_s"], row["until_s"], row["rtt_s"]) for row in result.table("pings").to_pylist()]


def watched(events, during_s=60.0, cancel_s=None, latency="policy", **network):
    """What a ping between two of three places notes while links go down and come back."""

    def happen(internet, env):
        for at_s, what, links in sorted(events, key=lambda event: event[0]):
            if at_s > env.now:
                yield env.timeout(at_s - env.now)
            (internet.take_down if what == "down" else internet.bring_back)(links)
        yield env.timeout(0.0)

    def cancel(env, process):
        yield env.timeout(cancel_s)
        process.interrupt("enough")

    with a_sea(an_atlas(*TWO_WAYS), **network) as world:
        world.env.process(happen(world.internet, world.env))
        spec = Ping(**{"from": "a", "to": "b", "during": f"{during_s} s", "latency": latency})
        process = world.env.process(ping(world, spec, "ping"))
        if cancel_s is not None:
            world.env.process(cancel(world.env, process))
        world.env.run()
        return world


def notes(world):
    return [(one.at_s, one.until_s, one.rtt_s) for one in world.pings["ping"]]


def test_it_is_taken_once_where_nothing_says_how_long():
    result = run(a_ping_scenario([{}]))
    assert seen(result) == [(0, 0, pytest.approx(RTT_S))]
    (row,) = result.table("pings").to_pylist()
    assert (row["from"], row["to"], row["km"], row["hops"], row["cables"]) == ("nukualofa", "suva", 827, 1, "tonga")


def test_each_change_is_a_row_and_no_way_is_none():
    result = run(a_ping_scenario([{"during": "1 min"}], [cut(10, 20)]))
    there = pytest.approx(RTT_S)
    assert seen(result) == [(0, 10, there), (10, 30, None), (30, 60, there)]
    assert result.table("pings").to_pylist()[1]["cables"] == ""
    assert result.summary["paradigms"]["main"]["duration_s"] == 60


def test_light_alone_is_its_lower_bound():
    assert seen(run(a_ping_scenario([{"latency": "lower_bound"}]))) == [(0, 0, pytest.approx(2 * 4.9e-6 * 827))]


def test_what_happens_before_it_begins_and_after_it_ends_is_no_row():
    result = run(a_ping_scenario([{"start": "20 s", "during": "10 s"}], [cut(10, 5), cut(40, 5)]))
    assert seen(result) == [(20, 30, pytest.approx(RTT_S))]


def test_one_that_begins_in_the_instant_of_the_cut_finds_none():
    assert seen(run(a_ping_scenario([{"during": "10 s"}], [cut(0)]))) == [(0, 10, None)]
    assert seen(run(a_ping_scenario([{"start": "5 s", "during": "10 s"}], [cut(5)]))) == [(5, 15, None)]


def test_the_horizon_ends_its_last_row_and_one_that_never_began_has_none():
    result = run(a_ping_scenario([{"name": "one", "during": "1 h"}, {"name": "two", "after": "one"}], horizon="1 min"))
    assert seen(result) == [(0, 60, pytest.approx(RTT_S))]
    events = result.table("events").to_pylist()
    assert [e["subject"] for e in events if e["event"] == "unfinished"] == ["one", "two"]


def test_an_interruption_ends_its_last_row():
    world = cancelled(a_ping_scenario([{"during": "1 h"}]), at_s=10.0)
    assert notes(world) == [(0, 10, pytest.approx(RTT_S))]
    assert world.events.rows[-1][1:] == ("cancel", "ping", "cancel")
    assert notes(watched([(10.0, "down", DIRECT)], cancel_s=10.0))[0] == (0, 10, pytest.approx(NEAR_S))


def test_changes_that_leave_its_way_as_it_is_are_no_rows():
    assert len(notes(watched([(5.0, "down", ROUND), (6.0, "up", ROUND)]))) == 1


def test_two_changes_of_one_instant_that_undo_each_other_are_no_rows():
    assert notes(watched([(5.0, "down", DIRECT), (5.0, "up", DIRECT)])) == [(0, 60, pytest.approx(NEAR_S))]


def test_with_room_in_view_it_takes_the_first_way_that_others_leave_any_on():
    demands = [{"from": "a", "to": "b", "rate": "10 Gbps"}]
    assert notes(watched([], routing="capacity", demands=demands)) == [(0, 60, pytest.approx(FAR_S))]
    assert notes(watched([], demands=demands)) == [(0, 60, pytest.approx(NEAR_S))]


def test_a_line_tells_each_way_up_to_six():
    three = run(a_ping_scenario([{"during": "1 min"}], [cut(10, 20)])).table("pings").to_pylist()
    (line,) = stage_lines(Records([], pings=three))
    told = "13.46 ms over 827 km  then from 10 s on no way with room  then from 30 s on 13.46 ms over 827 km"
    assert line.plain == f"main/ping: nukualofa to suva  {told}"
    many = run(a_ping_scenario([{"during": "2 min"}], [cut(10 * n, 5) for n in range(1, 9)])).table("pings").to_pylist()
    (line,) = stage_lines(Records([], pings=many))
    assert len(many) == 17
    assert line.plain.endswith("… and 11 more ways, in the table `pings`")


@given(st.data())
@settings(max_examples=60)
def test_its_rows_cover_its_time_and_each_is_another_way_than_the_one_before(data):
    moments_s = st.integers(0, 20).map(float)
    links = st.sampled_from([DIRECT, ROUND, DIRECT + ROUND])
    cuts = data.draw(st.lists(st.tuples(moments_s, st.integers(1, 10).map(float), links), max_size=5))
    both = [[(at, "down", which), (at + repair, "up", which)] for at, repair, which in cuts]
    during_s = data.draw(st.integers(1, 25).map(float))
    rows = [ping_row(one, math.nan) for one in watched([e for pair in both for e in pair], during_s).pings["ping"]]
    assert (rows[0]["at_s"], rows[-1]["until_s"]) == (0, during_s)
    for before, after in pairwise(rows):
        assert before["until_s"] == after["at_s"]
        assert before["rtt_s"] != after["rtt_s"]
    for row in rows:
        middle_s = (row["at_s"] + row["until_s"]) / 2
        gone = {link for at, repair, which in cuts if at <= middle_s < at + repair for link in which}
        expected = None if {*DIRECT, *ROUND} <= gone else FAR_S if set(DIRECT) <= gone else NEAR_S
        if row["until_s"] > row["at_s"]:
            assert row["rtt_s"] == (None if expected is None else pytest.approx(expected))
