"""A training over several data centres computes in all of them, and waits for what they send each other."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import loaded, run

from simulator.errors import ScenarioError
from simulator.scenario.build import build_world
from simulator.scenario.spec import tasks
from simulator.workloads import KINDS
from simulator.workloads.across import exchange_b

LATENCY_S = 0.005031668
"""From Paris to Lyon as `route paris lyon` has it, one way."""


def a_scenario(training=None, places=None, **changes):
    """Places of one server each, 10 Gbps out of the first; 100 steps of 2 s, an exchange after every 25."""
    cities = places or {"seine": ("paris", "10 Gbps"), "rhone": ("lyon", "100 Gbps")}
    datacenters = {
        name: {"city": city, "uplink": uplink, "servers": {"nodes": {"model": "dgx-a100", "count": 1}}}
        for name, (city, uplink) in cities.items()
    }
    fields = {
        "at": "seine/nodes",
        "model": "own",
        "steps": 100,
        "step_time": "2 s",
        "utilisation": 1.0,
        "wait_utilisation": 0.4,
        "across": {"groups": [f"{name}/nodes" for name in list(cities)[1:]], "every": 25},
    }
    world = {"year": 2025, "datacenters": datacenters}
    models = {"own": {"parameters": 1e9, "bytes_per_parameter": "2 B"}}
    return {
        "name": "test",
        "world": world,
        "models": models,
        "workloads": [{"train": {**fields, **(training or {})}}],
        **changes,
    }


def job(result):
    (row,) = result.jobs.to_pylist()
    return row


def test_every_round_computes_and_then_sends():
    """4 rounds of 50 s, 16 Gb over 10 Gbps and the way there; the machines of both places draw as they do."""
    result = run(a_scenario())
    row, activities = job(result), result.summary["paradigms"]["main"]["by_activity"]
    waited_s = 4 * (1.6 + LATENCY_S)
    assert row["end_s"] == pytest.approx(200 + waited_s)
    assert (row["units"], row["devices"], row["done_share"], row["status"]) == (2, 16, 1.0, "finished")
    assert row["exposed_share"] == pytest.approx(waited_s / (200 + waited_s))
    node_w = 2 * (8 * 400 + 996)
    assert activities["compute"]["energy_j"] == pytest.approx(node_w * 200)
    assert "wait" not in activities
    waiting_w = 2 * (8 * (63 + 0.4 * 337) + 996)
    assert activities["communicate"]["energy_j"] == pytest.approx(waiting_w * waited_s, rel=1e-9)


def test_what_each_place_sends_is_its_part_of_a_ring():
    """3 places: 2 x 2/3 of 16 Gb each, three sendings a round, 4 rounds."""
    places = {"seine": ("paris", "10 Gbps"), "rhone": ("lyon", "10 Gbps"), "isar": ("munich", "10 Gbps")}
    result = run(a_scenario(places=places))
    moved = result.table("transfers").to_pylist()
    assert len(moved) == 12
    assert [m["size_bytes"] for m in moved] == pytest.approx([2 * 2 / 3 * 2e9] * 12)
    assert {(m["from"], m["to"]) for m in moved} == {
        ("seine/nodes", "rhone/nodes"),
        ("rhone/nodes", "isar/nodes"),
        ("isar/nodes", "seine/nodes"),
    }
    assert all(m["done_share"] == pytest.approx(1.0) for m in moved)


def test_the_last_round_has_the_steps_that_are_left():
    """100 steps by 30: 60 + 60 + 60 + 20 s."""
    result = run(a_scenario({"across": {"groups": "rhone/nodes", "every": 30}}))
    begins = sorted({m["submit_s"] for m in result.table("transfers").to_pylist()})
    lengths = [later - earlier for earlier, later in pairwise(begins)]
    assert lengths == pytest.approx([60 + 1.6 + LATENCY_S] * 2 + [20 + 1.6 + LATENCY_S])


def test_adapters_alone_are_sent():
    result = run(a_scenario({"adapters": 1_000_000, "work": "1 EFLOP"}))
    assert {m["size_bytes"] for m in result.table("transfers").to_pylist()} == {2e6}


def test_both_places_compute_each_its_part():
    """1 EFLOP on 16 A100 of 312 TFLOP/s at MFU 0.5: half the time of 8."""
    fields = {"step_time": None, "mfu": 0.5, "precision": "bf16", "work": "1 EFLOP"}
    row = job(run(a_scenario(fields)))
    assert row["end_s"] - 4 * (1.6 + LATENCY_S) == pytest.approx(1e18 / (16 * 312e12 * 0.5))


def test_a_cut_cable_makes_the_places_go_another_way_with_what_is_left():
    """London to Dublin: EXA Express breaks in the first exchange; what went through is not sent again."""
    places = {"thames": ("london", "10 Gbps"), "liffey": ("dublin", "10 Gbps")}
    data = a_scenario({"at": "thames/nodes"}, places)
    data["world"]["network"] = {"events": [{"cut": {"cables": "exa-express", "at": "51 s"}}]}
    result = run(data)
    moved = result.table("transfers").to_pylist()
    assert [m["reroutes"] for m in moved] == [1, 1, 0, 0, 0, 0, 0, 0]
    assert "exa-express" not in moved[-1]["cables"]
    assert [m["done_share"] for m in moved] == pytest.approx([1.0] * 8)
    assert job(result)["done_share"] == 1.0


def test_at_the_horizon_whole_rounds_are_done():
    row = job(run(a_scenario(horizon="110 s")))
    assert (row["status"], row["end_s"], row["done_share"]) == ("unfinished", None, 0.5)
    assert row["device_s"] == pytest.approx(16 * 110)


def paused(at_s):
    """The world of the training at its end; at this moment somebody asked it to make way."""
    scenario = loaded(a_scenario()).spec
    world, (task,) = build_world(scenario), tasks(scenario)["main"]
    home = world.env.process(KINDS[task.kind].process(world, task.spec, task.name))
    world.env.run(until=at_s)
    home.interrupt("make way")
    world.env.run()
    return world


def test_a_pause_gives_all_machines_back_and_begins_the_round_again():
    """Paused at 20 s: the round begins again, so that it ends 20 s later."""
    world = paused(20.0)
    (row,) = world.jobs
    assert (row.status, row.done_share) == ("finished", 1.0)
    assert row.end_s == pytest.approx(220 + 4 * (1.6 + LATENCY_S))
    assert [e.event for e in world.events.rows] == ["start", "submit", "begin", "pause", "begin", "finish"]


@settings(max_examples=15, deadline=None)
@given(steps=st.integers(1, 60), every=st.integers(1, 60), uplink=st.integers(1, 40))
def test_bits_that_leave_arrive_and_time_is_computing_and_sending(steps, every, uplink):
    places = {"seine": ("paris", f"{uplink} Gbps"), "rhone": ("lyon", "100 Gbps")}
    across = {"groups": "rhone/nodes", "every": every}
    result = run(a_scenario({"steps": steps, "across": across}, places))
    rounds = -(-steps // every)
    moved = result.table("transfers").to_pylist()
    assert sum(m["size_bytes"] * m["done_share"] for m in moved) * 8 == pytest.approx(2 * rounds * exchange_b(1e9, 2))
    assert job(result)["end_s"] == pytest.approx(2 * steps + rounds * (16 / uplink + LATENCY_S))


@pytest.mark.parametrize(
    ("training", "places", "said"),
    [
        ({"across": {"groups": "seine/nodes", "every": 1}}, None, "names seine/nodes, where it trains anyway"),
        ({"across": {"groups": ["rhone/nodes"] * 2, "every": 1}}, None, "names rhone/nodes twice"),
        ({"across": {"groups": [], "every": 1}}, None, "names nobody"),
        ({"units": 2}, None, "asks for 2, and seine/nodes has 1"),
        (
            {"steps": 10_000_000, "across": {"groups": "rhone/nodes", "every": 1}},
            None,
            "10000000 exchanges are more than",
        ),
        (
            {"checkpoint": {"every": "1 h", "time": "1 s", "load": 0}},
            None,
            "is not simulated over several data centres",
        ),
        ({"resolution": "step"}, None, "is by rounds over several data centres"),
    ],
)
def test_what_cannot_be_is_told(training, places, said):
    with pytest.raises(ScenarioError) as caught:
        loaded(a_scenario(training, places))
    assert said in str(caught.value)


def test_other_machines_elsewhere_are_told():
    data = a_scenario()
    data["world"]["datacenters"]["rhone"]["servers"]["nodes"]["model"] = "dgx-h100"
    with pytest.raises(ScenarioError, match="has other machines than seine/nodes"):
        loaded(data)


def test_a_place_that_is_nowhere_is_told():
    data = a_scenario()
    data["world"]["datacenters"]["rhone"] = {
        "grid": "FR",
        "servers": {"nodes": {"model": "dgx-a100", "count": 1}},
    }
    with pytest.raises(ScenarioError, match="nothing says where `rhone` is"):
        loaded(data)


def test_groups_of_one_data_centre_need_no_internet():
    """Two groups of one house exchange over its fabric: 8 x 200 Gbps a server."""
    servers = {name: {"model": "dgx-a100", "count": 1} for name in ("a", "b")}
    data = a_scenario({"at": "lab/a", "across": {"groups": "lab/b", "every": 50}})
    data["world"] = {"datacenters": {"lab": {"city": "paris", "servers": servers}}}
    row = job(run(data))
    assert row["end_s"] == pytest.approx(200 + 2 * 16e9 / 1.6e12, rel=1e-4)


def alone(at, seconds, **fields):
    """A training of one place that only holds machines for so long."""
    return {"train": {"name": "alone", "at": at, "time": f"{seconds} s", "utilisation": 1.0, **fields}}


def test_trainings_across_the_same_places_do_not_wait_for_each_other_forever():
    """Each could hold what the other lacks, for the later one is more urgent; both finish, one after the other."""
    data = a_scenario()
    first = data["workloads"][0]["train"]
    second = {"at": "rhone/nodes", "across": {"groups": "seine/nodes", "every": 25}, "priority": 9}
    trainings = [{**first, "name": "first", "start": "1 s"}, {**first, "name": "second", "start": "2 s", **second}]
    for place in ("rhone/nodes", "seine/nodes"):
        data["workloads"] = [alone(place, 30), *({"train": training} for training in trainings)]
        rows = run(data).jobs.to_pylist()
        assert [row["status"] for row in rows] == ["finished"] * 3
        once_s = 200 + 4 * (1.6 + LATENCY_S)
        assert max(row["end_s"] for row in rows) == pytest.approx(30 + 2 * once_s)


def test_machines_that_are_held_while_others_lack_draw_and_are_charged():
    """Those of Lyon stand by for the 30 s in which those of Paris are taken: 8 x 63 + 996 W."""
    data = a_scenario()
    data["workloads"].insert(0, alone("seine/nodes", 30))
    result = run(data)
    activities, row = result.summary["paradigms"]["main"]["by_activity"], result.jobs.to_pylist()[1]
    assert activities["wait"]["energy_j"] == pytest.approx(30 * (8 * 63 + 996))
    waited_s = 4 * (1.6 + LATENCY_S)
    assert row["begin_s"] == 30.0
    assert row["device_s"] == pytest.approx(8 * 30 + 16 * (200 + waited_s))
    assert row["exposed_share"] == pytest.approx(waited_s / (200 + waited_s))


def test_at_the_horizon_machines_that_stand_by_are_charged():
    data = a_scenario(horizon="20 s")
    data["workloads"].insert(0, alone("seine/nodes", 30))
    row = run(data).jobs.to_pylist()[1]
    assert (row["status"], row["device_s"]) == ("waiting", pytest.approx(8 * 20))


def test_at_the_horizon_what_an_exchange_has_lasted_is_waiting():
    """50 s of computing and half a second of the first exchange."""
    assert job(run(a_scenario(horizon="50.5 s")))["exposed_share"] == pytest.approx(0.5 / 50.5)


def places_with(power, *names):
    """The scenario with this model of power at these places."""
    data = a_scenario()
    for name in names:
        data["world"]["datacenters"][name]["servers"]["nodes"]["power"] = power
    return data


def test_the_memory_of_places_that_train_along_is_asked_for_too():
    power = {"kind": "phase", "floor": "80 W", "memory": "100 W", "flop": "200 W"}
    with pytest.raises(ScenarioError, match="what rhone/nodes draws depends on the use of its memory"):
        run(places_with(power, "rhone"))


def test_a_power_cap_in_one_place_alone_is_refused_where_it_would_slow_that_place():
    """Where all are capped to 75 % of the draw, all take 0.75 ** -0.46 times as long, by the law."""
    cap = {"kind": "cap", "at": "300 W", "of": "linear"}
    fields = {"step_time": None, "mfu": 0.4, "precision": "bf16", "work": "1 EFLOP"}
    ends = []
    for names in ((), ("seine", "rhone"), ("rhone",)):
        data = places_with(cap, *names)
        data["workloads"][0]["train"].update(fields)
        if len(names) == 1:
            with pytest.raises(ScenarioError, match="a power cap slows rhone/nodes and seine/nodes unequally"):
                run(data)
        else:
            ends.append(job(run(data))["end_s"] - 4 * (1.6 + LATENCY_S))
    assert ends[1] / ends[0] == pytest.approx(0.75**-0.46, rel=0.01)
    assert job(run(places_with(cap, "rhone")))["status"] == "finished"  # a time that is given has it within


def test_the_machines_that_a_place_lacks_are_told_in_the_singular_too():
    data = a_scenario()
    data["world"]["datacenters"]["seine"]["servers"]["nodes"]["count"] = 2
    with pytest.raises(ScenarioError, match="rhone/nodes has 1 machine, and 2 train in each place"):
        run(data)


def test_a_pause_in_the_middle_of_an_exchange_counts_what_it_lasted_and_sends_all_again():
    """Paused after 1 s of sending 1.6 s: 51 s are drawn for nothing, of which 1 s is waiting."""
    world = paused(51.0)
    (row,) = world.jobs
    waited_s = 4 * (1.6 + LATENCY_S)
    assert row.end_s == pytest.approx(51 + 200 + waited_s)
    assert row.exposed_share == pytest.approx((1 + waited_s) / (251 + waited_s))
    statuses = [transfer.status for transfer in world.transfers]
    assert statuses == ["cancelled"] * 2 + ["finished"] * 8
    sent_b = [transfer.sent_b for transfer in world.transfers]
    assert sent_b[:2] == pytest.approx([(1 - LATENCY_S) * 10e9] * 2)
    assert sent_b[2:] == pytest.approx([16e9] * 8)
