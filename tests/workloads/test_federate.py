"""A federated learning by pen and paper, what a horizon or a queue makes of it, and the luck that paradigms share."""

import pytest
from strategies import (
    LATENCY_S,
    LEARNING,
    a_crowd_scenario,
    a_federate_scenario,
    a_season,
    cancelled,
    loaded,
    operation,
    run,
)

from simulator.catalogue import find
from simulator.scenario.build import build_world
from simulator.scenario.run import close_records
from simulator.scenario.spec import tasks
from simulator.workloads.federate.process import federate

ROUND_S = 2 * LATENCY_S + 2.0 + 20.0 + 5.0
"""Two latencies, 100 Mb at 50 Mbps, ten samples of 2 s, 100 Mb at 20 Mbps."""
WAY_NJ = 656 * 20 / 1000 + 2 * 1.0 + 2 * 1.0 + 3 * 0.3


def main(result):
    return result.summary["paradigms"]["main"]


def rounds(result):
    return result.table("rounds").to_pylist()


def activity_j(result, activity):
    return main(result)["by_activity"][activity]["energy_j"]


def test_rounds_are_as_long_as_their_sessions_and_the_aggregation():
    result = run(a_federate_scenario())
    assert [(r["begin_s"], r["close_s"], r["end_s"]) for r in rounds(result)] == [
        pytest.approx((n * (ROUND_S + 5), n * (ROUND_S + 5) + ROUND_S, (n + 1) * (ROUND_S + 5))) for n in range(3)
    ]
    assert [r["download_bytes"] for r in rounds(result)] == pytest.approx([10 * 12.5e6] * 3)
    assert {(r["selected"], r["accepted"], r["dropped"], r["late"]) for r in rounds(result)} == {(10, 10, 0, 0)}


def test_joules_by_pen_and_paper():
    """30 sessions: at 0.5, 2.5 and 1.5 W over the phone's rest; lines 0.02 W/Mbps; the way 18.02 nJ/b."""
    result = run(a_federate_scenario())
    gpus_j = 3 * 5 * 4 * (63 + 0.5 * (400 - 63))
    assert activity_j(result, "download") == pytest.approx(30 * ((2 + LATENCY_S) * 0.5 + 1e8 * 0.02e-6), rel=1e-9)
    assert activity_j(result, "upload") == pytest.approx(30 * ((5 + LATENCY_S) * 1.5 + 1e8 * 0.02e-6), rel=1e-9)
    assert activity_j(result, "compute") == pytest.approx(30 * 20 * 2.5 + gpus_j, rel=1e-9)
    assert activity_j(result, "transfer") == pytest.approx(30 * 2e8 * WAY_NJ * 1e-9, rel=1e-9)
    ladder = main(result)["boundaries"]
    assert list(operation(ladder)) == ["accelerator", "network", "devices"]
    phones_j = 30 * ((2 + LATENCY_S) * 0.5 + 20 * 2.5 + (5 + LATENCY_S) * 1.5)
    assert ladder["devices"]["energy_j"] - ladder["network"]["energy_j"] == pytest.approx(phones_j, rel=1e-9)


def test_sites_carry_what_goes_down_and_what_goes_up_at_the_same_time():
    """Phones that differ down- and upload at once: 3 rounds of 200 that all come through, 100 Mb each way."""
    result = run(a_federate_scenario({"cohort": 200}, {"speed_spread": 3, "rate_spread": 3}))
    both_b = 3 * 200 * 2e8
    assert activity_j(result, "transfer") == pytest.approx(both_b * WAY_NJ * 1e-9, rel=1e-9)


def test_the_joules_of_a_job_are_those_of_the_machines_that_it_reserved():
    result = run(a_federate_scenario())
    (job,) = result.jobs.to_pylist()
    assert job["energy_j"] == pytest.approx(main(result)["boundaries"]["accelerator"]["energy_j"])


def test_the_server_waits_while_the_clients_work():
    """63 W of idle in each of four GPUs."""
    assert activity_j(run(a_federate_scenario()), "wait") == pytest.approx(3 * ROUND_S * 4 * 63, rel=1e-9)


def test_a_horizon_in_the_middle_of_a_round_keeps_what_was_done():
    """10 s into the second round: its downloads are through, and 8 s of its computing."""
    result = run(a_federate_scenario(horizon=f"{ROUND_S + 5 + 10} s"))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["done_share"], len(rounds(result))) == ("unfinished", pytest.approx(1 / 3), 1)
    assert activity_j(result, "transfer") == pytest.approx((10 * 2e8 + 10 * 1e8) * WAY_NJ * 1e-9, rel=1e-9)
    phones_j = 10 * 2.5 * (20 + 10 - 2 - LATENCY_S)
    assert activity_j(result, "compute") == pytest.approx(phones_j + 5 * 4 * (63 + 0.5 * 337), rel=1e-9)
    events = result.table("events").to_pylist()
    assert [e["subject"] for e in events if e["event"] == "unfinished"] == ["federate"]


def test_who_is_stopped_at_the_close_has_worked_in_vain():
    """15 selected for 10, all alike: 5 upload as much as the others, and it is lost."""
    result = run(a_federate_scenario({"over_selection": 1.5}))
    assert [(r["accepted"], r["late"], r["lost_bytes"]) for r in rounds(result)] == [
        (10, 5, pytest.approx(5 * 12.5e6))
    ] * 3
    phones_j = 15 * ((2 + LATENCY_S) * 0.5 + 20 * 2.5 + (5 + LATENCY_S) * 1.5 + 2e8 * 0.02e-6)
    assert activity_j(result, "waste") == pytest.approx(phones_j + 15 * 2e8 * WAY_NJ * 1e-9, rel=1e-9)


def test_a_second_learning_queues_for_the_server():
    both = [{"federate": {**LEARNING, "name": name, "rounds": 1}} for name in ("one", "two")]
    found = {job["workload"]: job for job in run(a_crowd_scenario(both)).jobs.to_pylist()}
    assert found["two"]["begin_s"] == pytest.approx(ROUND_S + 5)


def test_a_learning_that_never_began_is_recorded():
    first = {"transfer": {"from": "store", "to": "lab", "size": "1 TB"}}
    result = run(a_crowd_scenario([first, {"federate": {**LEARNING, "after": "transfer"}}], horizon="10 s"))
    assert [(j["workload"], j["status"]) for j in result.jobs.to_pylist()] == [("federate", "not submitted")]
    assert rounds(result) == []


def test_collect_then_learn_then_distribute():
    way = {"latency": "lower_bound", "during": "100 s"}
    chain = [
        {"collect": {"from": "phones", "to": "lab", "size": "1 GB", **way}},
        {"federate": {**LEARNING, "after": "collect"}},
        {"distribute": {"from": "lab", "to": "phones", "model": "tiny", "after": "federate", **way}},
    ]
    result = run(a_crowd_scenario(chain))
    (job,) = result.jobs.to_pylist()
    assert job["begin_s"] == pytest.approx(100 + LATENCY_S)
    out = result.table("transfers").to_pylist()[1]
    assert (out["submit_s"], out["size_bytes"]) == (pytest.approx(job["end_s"]), 1000 * 12.5e6)


def test_an_interruption_keeps_what_was_done_and_gives_the_links_back():
    world = cancelled(a_federate_scenario(), at_s=10.0)
    (job,) = world.jobs
    assert (job.status, job.end_s, job.done_share) == ("cancelled", 10.0, 0.0)
    uplink = "lab/uplink>grenoble"
    assert world.traffic.room([uplink])[uplink].used_bps == 0.0
    bits = {c: world.ledger.integral(n) for n, c in enumerate(world.ledger.channels) if c.asset == uplink}
    assert list(bits.values()) == pytest.approx([1e9])


def test_an_interruption_as_a_round_begins_leaves_no_round_behind():
    scenario = loaded(a_federate_scenario()).spec
    world, (task,) = build_world(scenario), tasks(scenario)["main"]
    process = world.env.process(federate(world, task.spec, task.name))
    while not any(event == "begin" for _, event, *_ in world.events.rows):
        world.env.step()
    process.interrupt("cancel")
    world.env.run(until=60.0)
    close_records(world, [task], 60.0)
    assert not [c for c in world.ledger.channels if c.asset.startswith("phones/")]


SPREAD = {"speed_spread": 1.8, "rate_spread": 1.8, "samples_spread": 2}


def test_two_ways_of_doing_it_meet_the_same_users():
    data = a_federate_scenario({"cohort": 20, "over_selection": 1.3, "dropout": 0.2}, SPREAD)
    learning = data.pop("workloads")[0]["federate"]
    other = {**learning, "aggregation": "50 s", "name": "other"}
    data["paradigms"] = {"a": [{"federate": learning}], "b": [{"federate": other}]}
    found = rounds(run(data))
    a, b = ([r for r in found if r["paradigm"] == paradigm] for paradigm in "ab")
    for one, two in zip(a, b, strict=True):
        assert one["close_s"] - one["begin_s"] == pytest.approx(two["close_s"] - two["begin_s"], rel=1e-12)
        assert [one[key] for key in ("accepted", "dropped", "late")] == [
            two[k] for k in ("accepted", "dropped", "late")
        ]


def test_two_runs_are_one_to_the_last_byte_and_another_seed_is_another():
    data = a_federate_scenario({"over_selection": 1.3, "dropout": 0.2}, SPREAD)
    first, again, other = (run({**data, "seed": seed}).manifest["hashes"]["results"] for seed in (1, 1, 2))
    assert first == again != other


def test_each_round_selects_anew_and_nobody_twice():
    season = a_season(a_federate_scenario({"cohort": 500}, SPREAD))
    members = [season.cohorts.select(turn)[1] for turn in range(2)]
    assert [len(set(m.down_bps)) for m in members] == [500, 500]
    assert set(members[0].down_bps) != set(members[1].down_bps)


def test_the_time_of_a_sample_is_from_its_flops_where_nobody_gives_it():
    """3 forward passes of 1 GFLOP over a tenth of the device's peak at 32 bits."""
    data = a_federate_scenario({"rounds": 1})
    del data["workloads"][0]["federate"]["sample_time"]
    data["models"]["tiny"] |= {"forward_flop_per_sample": "1 GFLOP", "sample_unit": "image"}
    season = a_season(data)
    peak_flop_per_s = find("device", "iphone-13-pro").number("peak_fp32_flop_per_s", "")
    (row,) = rounds(run(data))
    assert row["close_s"] == pytest.approx(ROUND_S - 20 + 10 * 3e9 / (0.1 * peak_flop_per_s))
    assert "client-utilisation" in season.world.assumptions


def test_over_selection_of_a_decimal_is_not_one_too_many():
    season = a_season(a_federate_scenario({"cohort": 10, "over_selection": 1.1}))
    assert season.rules.selected == 11


def test_rounds_without_any_update_leave_the_learning_unfinished():
    """A deadline of 10 s, before anybody is through: three rounds in vain, and no model."""
    result = run(a_federate_scenario({"deadline": "10 s"}))
    (job,), (learning,) = result.jobs.to_pylist(), result.learnings
    assert (job["status"], job["done_share"]) == ("unfinished", 0.0)
    assert job["end_s"] == pytest.approx(3 * 15.0)
    assert (learning["rounds"], learning["empty"]) == (3, 3)
    assert main(result)["done_s"] is None
    events = [e for e in result.table("events").to_pylist() if e["event"] in ("unfinished", "finish", "done")]
    assert [(e["event"], e["cause"]) for e in events] == [("unfinished", "rounds without an update")]


def test_what_a_learning_takes_from_the_catalogue_and_is_doubtful_is_listed():
    """The peak of a smartphone has no source; a model that the scenario defines itself is its word."""
    phones = {"device": "smartphone", "power": None}
    data = a_federate_scenario({"sample_time": None, "model": "mobilenetv2"}, phones)
    told = {row["id"]: row for row in run(data).manifest["assumptions"]}
    peak = told["device/smartphone/peak_fp32_flop_per_s"]
    assert (peak["value"], peak["confidence"]) == (1.5e12, "unverified")
    assert "unverified: none known" in peak["statement"]
    assert told["model/mobilenetv2/bytes_per_parameter_bytes"]["confidence"] == "assumed"
    assert not any(
        name.startswith("model/") for name in (r["id"] for r in run(a_federate_scenario()).manifest["assumptions"])
    )
