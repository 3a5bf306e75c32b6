"""What befalls cables happens at its moment, is mended in its time, and is told."""

import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PHONES, a_crowd_scenario, a_sea, an_atlas, run

from simulator.catalogue import find
from simulator.engine.rng import Streams
from simulator.network.atlas import build_atlas
from simulator.scenario.outages import start_outages
from simulator.view.stages import MOST_LINES, Records, happening_lines

PING = {"ping": {"from": "nukualofa", "to": "suva", "during": "1 min"}}


def a_world_of_cables(events=(), workloads=(PING,), **changes):
    """A world without data centres in which these things befall cables."""
    network = {"events": list(events), **changes.pop("network", {})}
    world = {"year": 2025, "datacenters": {}, "network": network}
    return {"name": "test", "world": world, "workloads": list(workloads), **changes}


def cut(at, repair=None, cable="tonga"):
    return {"cut": {"at": at, "cables": cable, **({} if repair is None else {"repair": repair})}}


def events(result, *kinds):
    rows = result.table("events").to_pylist()
    return [(row["at_s"], row["event"], row["subject"]) for row in rows if row["event"] in kinds]


def causes(result, kind):
    return [row["cause"] for row in result.table("events").to_pylist() if row["event"] == kind]


def trips_ms(result):
    return [row["rtt_s"] and round(row["rtt_s"] * 1e3, 2) for row in result.table("pings").to_pylist()]


ISLE = an_atlas(("nukualofa", "suva", "tonga", 827.0, 1.0))


def drawn_s(seed, *events, atlas=ISLE):
    """How long drawn repairs take, of what happens at second 0."""
    with a_sea(atlas, events=list(events)) as world:
        world.streams = Streams(seed)
        start_outages(world, world.internet.setting.network)
        world.env.run()
        return [event.at_s for event in world.events.rows if event.event == "up"]


def test_a_cut_and_its_repair_are_told_with_how_many_links_and_when_it_is_mended():
    result = run(a_world_of_cables([cut("10 s", "20 s")]))
    assert events(result, "down", "up") == [(10, "down", "tonga"), (30, "up", "tonga")]
    assert causes(result, "down") == ["cut: 1 link, mended after 20 s"]
    assert causes(result, "up") == ["cut: 1 link"]


def test_a_cut_without_repair_is_not_mended_in_the_run():
    result = run(a_world_of_cables([cut("10 s")]))
    assert causes(result, "down") == ["cut: 1 link, not mended in this run"]
    assert trips_ms(result) == [13.46, None]


def test_a_cut_at_second_0_is_there_before_anything_is_sent():
    assert trips_ms(run(a_world_of_cables([cut("0 s")]))) == [None]


def test_two_events_of_one_instant_both_happen_and_each_ends_in_its_time():
    result = run(
        a_world_of_cables([cut("10 s", "20 s"), {"outage": {"at": "10 s", "landing": "suva", "repair": "40 s"}}])
    )
    told = [(10, "down", "tonga"), (10, "down", "suva"), (30, "up", "tonga"), (50, "up", "suva")]
    assert events(result, "down", "up") == told
    rows = result.table("pings").to_pylist()
    assert [(row["at_s"], row["until_s"], row["km"]) for row in rows] == [(0, 10, 827), (10, 50, None), (50, 60, 827)]


def test_what_is_still_to_come_does_not_lengthen_a_run():
    """A repair after a day, a cut after a year and one in the last instant; the ping is over after a minute."""
    result = run(a_world_of_cables([cut("10 s", "1 d"), cut("1 y", None, "marea"), cut("1 min", "1 h", "marea")]))
    assert result.summary["paradigms"]["main"]["duration_s"] == 60
    assert events(result, "end")[0][0] == 60
    assert events(result, "up") == []


def test_what_befalls_cables_up_to_the_horizon_happens_if_somebody_is_still_there():
    result = run(
        a_world_of_cables(
            [cut("90 s"), cut("2 min", None, "marea"), cut("3 min", None, "amitie")],
            [{"ping": {**PING["ping"], "during": "1 h"}}],
            horizon="2 min",
        )
    )
    assert events(result, "down") == [(90, "down", "tonga"), (120, "down", "marea")]


def test_all_paradigms_have_the_same_luck_and_another_seed_another():
    """The same cut drawn in two worlds, of which one has another workload before it."""
    data = a_world_of_cables([cut("0 s", "drawn")])
    ping = data.pop("workloads")[0]
    long = {"ping": {**ping["ping"], "during": "10 y"}}
    data["paradigms"] = {
        "one": [long],
        "two": [{"ping": {**PING["ping"], "name": "first"}}, {"ping": {**long["ping"], "name": "x"}}],
    }
    result = run(data)
    ups = [at_s for at_s, _, _ in events(result, "up")]
    assert len(ups) == 2
    assert ups[0] == ups[1]
    assert ups[0] != events(run({**data, "seed": 1}), "up")[0][0]


def test_a_draw_is_that_of_what_goes_down_and_when_whatever_else_is_in_the_file():
    (alone_s,) = drawn_s(0, cut("5 s", "drawn"))
    beside_s = drawn_s(0, cut("0 s", "drawn"), cut("5 s", "drawn"))
    assert alone_s in beside_s
    assert len(set(beside_s)) == 2


def test_the_median_of_many_drawn_repairs_is_that_of_the_row():
    """12.4 d, spread by 3.71: the median of 400 logarithms has a standard error of 1.253 ln 3.71 / 20."""
    row = find("repair-time", "cable-cut")
    assert [row.number(column, "there") for column in ("median_d", "spread_ratio")] == [12.4, 3.71]
    logs = [math.log(drawn_s(seed, cut("0 s", "drawn"))[0] / 86400) for seed in range(400)]
    assert statistics.median(logs) == pytest.approx(math.log(12.4), abs=3 * 1.253 * math.log(3.71) / 20)
    assert statistics.stdev(logs) == pytest.approx(math.log(3.71), rel=0.15)


@pytest.mark.parametrize(("kind", "place"), [("outage", {"landing": "suva"}), ("closure", {"choke_point": "luzon"})])
def test_an_outage_and_a_closure_are_drawn_from_the_row_of_outages(kind, place):
    """16 d, spread by 3.29."""
    z = Streams(7).generator("repair", f"{kind} {next(iter(place.values()))} at 0 s").standard_normal()
    (found_s,) = drawn_s(7, {kind: {**place, "at": "0 s", "repair": "drawn"}}, atlas=build_atlas(2025))
    assert found_s == pytest.approx(16 * 86400 * 3.29**z)


def test_the_traffic_of_others_is_told_at_the_start_and_whenever_it_finds_its_way_anew():
    """Suva to Nuku'alofa over the one cable, of 1 Gb/s here: 1 of the 2 Gb/s; then nothing; then 1 again."""
    demands = [{"from": "suva", "to": "nukualofa", "rate": "2 Gbps"}]
    result = run(a_world_of_cables([cut("10 s", "20 s")], network={"demands": demands, "cables": {"tonga": "1 Gbps"}}))
    there, gone = "1 Gbps of 2 Gbps over 1 way, round trip 13 ms in the mean", "0 bps of 2 Gbps over 0 ways"
    assert causes(result, "demand") == [there, gone, there]
    assert events(result, "demand")[1] == (10, "demand", "suva to nukualofa")


def test_a_world_without_events_and_demands_is_as_if_it_had_no_network():
    bare = a_world_of_cables()
    del bare["world"]["network"]
    named = a_world_of_cables()
    assert run(bare).manifest["hashes"]["results"] == run(named).manifest["hashes"]["results"]


def test_what_befell_cables_is_told_in_lines():
    rows = run(a_world_of_cables([cut("0 s", "20 s")])).table("events").to_pylist()
    lines = [line.plain for line in happening_lines(Records([], events=rows))]
    assert lines == ["from the start: tonga down  (cut: 1 link, mended after 20 s)", "20 s: tonga back  (cut: 1 link)"]
    many = [
        {**rows[0], "event": "down", "at_s": float(n), "subject": "x", "cause": "cut"} for n in range(MOST_LINES + 3)
    ]
    assert [line.plain for line in happening_lines(Records([], events=many))][
        -1
    ] == "… and 3 more, in the table `events`"
    both = [{**many[1], "paradigm": name} for name in ("one", "two")]
    assert next(iter(happening_lines(Records([], events=both)))).plain == "one, 1 s: x down  (cut)"


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), st.sampled_from(["tonga", "marea"])), max_size=5))
@settings(max_examples=15)
def test_cuts_that_overlap_are_over_when_the_last_of_them_is(cuts):
    result = run(
        a_world_of_cables(
            [cut(f"{at} s", f"{repair} s", cable) for at, repair, cable in cuts],
            [{"ping": {**PING["ping"], "during": "200 s"}}],
        )
    )
    spans = sorted((at, at + repair) for at, repair, cable in cuts if cable == "tonga")
    dark_s, until = 0, 0
    for begin, end in spans:
        dark_s += max(0, end - max(begin, until))
        until = max(until, end)
    rows = result.table("pings").to_pylist()
    assert sum(row["until_s"] - row["at_s"] for row in rows if row["rtt_s"] is None) == dark_s
    assert len(events(result, "down")) == len(events(result, "up")) == len(cuts)


def test_a_service_of_users_who_do_not_count_runs_while_cables_are_cut_and_one_of_users_where_none_is():
    serve = {"at": "lab/gpus", "requests": 10, "during": "1 min", "service_time": "1 s", "service": "constant"}
    asked = {**serve, "users": "phones", "request": "1 kB", "response": "1 kB"}
    while_cut = a_crowd_scenario([{"serve": serve}])
    while_cut["world"]["network"] = {"events": [cut("10 s")]}
    beside_demands = a_crowd_scenario([{"serve": asked}], {"power": {**PHONES["power"], "use": "4 W"}})
    beside_demands["world"]["network"] = {"demands": [{"from": "paris", "to": "grenoble", "rate": "1 Gbps"}]}
    for data in (while_cut, beside_demands):
        assert [row["status"] for row in run(data).table("jobs").to_pylist()] == ["finished"]
