"""Learning among groups of machines, by pen and paper: times, joules, bits, machines held; what ends it early."""

import pytest
from learnings import GPU_W, LEARN, SILOS, TASK, WAY_NJ, WAY_S, a_silo_scenario, accuracies, activity_j, main, rounds
from strategies import cancelled, run

from simulator.engine.rng import Streams
from simulator.errors import ContradictionError
from simulator.learning.central import train_centrally
from simulator.learning.learner import Local
from simulator.learning.spec import TaskSpec
from simulator.learning.task import build_task

REST_W, FULL_W = GPU_W
MOVED_S = 2 * (WAY_S + 1.0)
"""A model of 1 Gb down and an update up, both by the silo's 1 Gbps."""
COMPUTE_S = 50 * 2.0
CLOSE_S = MOVED_S + COMPUTE_S
ROUND_S = CLOSE_S + 5.0


def test_a_round_is_down_compute_up_and_aggregation():
    result = run(a_silo_scenario())
    assert [(r["begin_s"], r["close_s"], r["end_s"]) for r in rounds(result)] == [
        pytest.approx((n * ROUND_S, n * ROUND_S + CLOSE_S, (n + 1) * ROUND_S)) for n in range(3)
    ]
    assert {(r["selected"], r["accepted"], r["dropped"], r["late"], r["links"]) for r in rounds(result)} == {
        (2, 2, 0, 0, "cables")
    }
    assert {(r["download_bytes"], r["upload_bytes"], r["lost_bytes"]) for r in rounds(result)} == {(2.5e8, 2.5e8, 0.0)}


def test_joules_by_pen_and_paper():
    result = run(a_silo_scenario())
    computed_j = 3 * (2 * COMPUTE_S * FULL_W + 5 * 4 * (REST_W + 0.5 * (FULL_W - REST_W)))
    assert activity_j(result, "compute") == pytest.approx(computed_j)
    assert activity_j(result, "communicate") == pytest.approx(3 * 2 * (MOVED_S + 5.0) * REST_W)
    assert activity_j(result, "wait") == pytest.approx(3 * CLOSE_S * 4 * REST_W)
    assert activity_j(result, "transfer") == pytest.approx(3 * 2 * 2e9 * WAY_NJ * 1e-9)


def test_a_job_is_charged_all_machines_from_the_first_round_to_the_last():
    (job,) = run(a_silo_scenario()).jobs.to_pylist()
    assert (job["units"], job["devices"], job["status"], job["done_share"]) == (6, 6, "finished", 1.0)
    assert job["device_s"] == pytest.approx(6 * 3 * ROUND_S)


def test_the_transfers_are_rows_of_their_own():
    sent = run(a_silo_scenario()).table("transfers").to_pylist()
    assert len(sent) == 3 * 2 * 2
    assert [(t["from"], t["to"]) for t in sent[:4]] == [
        *(("lab/gpus", silo) for silo in SILOS),
        *((silo, "lab/gpus") for silo in SILOS),
    ]
    assert {t["size_bytes"] for t in sent} == {1.25e8}


def test_the_slowest_holds_up_the_round_and_the_others_wait_at_rest():
    """FLOPs x MFU: 50 samples of 3 TFLOP on one GPU of 312 TFLOP/s at half of it: 0.96 s, on four a quarter of that."""
    data = a_silo_scenario({"sample_time": None, "mfu": 0.5, "precision": "bf16", "rounds": 1})
    data["models"]["big"] |= {"forward_flop_per_sample": "1 TFLOP", "sample_unit": "image"}
    data["world"]["datacenters"]["west"]["devices"]["gpus"]["count"] = 4
    slow_s = 50 * 3e12 / (312e12 * 0.5)
    result = run(data)
    assert rounds(result)[0]["close_s"] == pytest.approx(MOVED_S + slow_s)
    waiting_j = REST_W * (MOVED_S + 5.0) * 5 + 4 * REST_W * 0.75 * slow_s
    assert activity_j(result, "communicate") == pytest.approx(waiting_j)


def test_compression_makes_both_ways_smaller():
    """8 of 32 bits a value: a quarter, and 32 bits for its range."""
    result = run(a_silo_scenario({"compression": {"up": {"bits": 8}, "down": {"bits": 8}}, "rounds": 1}))
    (row,) = rounds(result)
    assert row["download_bytes"] == row["upload_bytes"] == pytest.approx(2 * (1.25e8 / 4 + 4))
    assert row["close_s"] == pytest.approx(2 * (WAY_S + 0.25) + COMPUTE_S)


def test_the_load_that_nobody_gives_is_assumed_and_listed():
    told = [row["id"] for row in run(a_silo_scenario({"client_utilisation": None})).manifest["assumptions"]]
    assert "accelerator-load-training" in told
    assert "accelerator-load-training" not in [row["id"] for row in run(a_silo_scenario()).manifest["assumptions"]]


def test_bits_inside_a_data_centre_pass_the_fabrics_of_both_groups():
    """Three servers in one place, 100 Gbps each: a model of 1 Gb to two of them takes 20 ms from the one."""
    lab = {
        "city": "paris",
        "servers": {name: {"model": "dgx-a100", "count": 1, "fabric": "100 Gbps"} for name in ("a", "b", "c")},
    }
    learning = {"clients": ["lab/a", "lab/b"], "server": "lab/c", "rounds": 1}
    data = a_silo_scenario(learning, world={"year": 2025, "datacenters": {"lab": lab}})
    result = run(data)
    assert rounds(result)[0]["close_s"] == pytest.approx(COMPUTE_S + 2 * 0.02)
    assert "transfer" not in main(result)["by_activity"]


def test_a_horizon_in_the_middle_of_a_round_keeps_what_was_done():
    """10 s into the second round both compute."""
    result = run(a_silo_scenario(horizon=f"{ROUND_S + 10} s"))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["done_share"], len(rounds(result))) == ("unfinished", pytest.approx(1 / 3), 1)
    assert activity_j(result, "transfer") == pytest.approx((2 * 2e9 + 2e9) * WAY_NJ * 1e-9)
    assert job["device_s"] == pytest.approx(6 * (ROUND_S + 10))


def test_a_learning_that_waits_for_one_place_stands_by_in_the_others():
    """A training holds one silo for 50 s: the GPUs of the other two groups whose names come first wait at rest."""
    data = a_silo_scenario({"rounds": 1})
    data["workloads"].insert(0, {"train": {"at": "west/gpus", "time": "50 s", "utilisation": 1.0}})
    result = run(data)
    job = next(j for j in result.jobs.to_pylist() if j["kind"] == "federate")
    assert (job["begin_s"], job["end_s"]) == (50.0, pytest.approx(50 + ROUND_S))
    assert job["device_s"] == pytest.approx(5 * 50 + 6 * ROUND_S)


def test_two_learnings_that_share_silos_do_not_wait_for_each_other_for_ever():
    data = a_silo_scenario({"rounds": 1, "name": "one"})
    two = {**data["workloads"][0]["federate"], "name": "two", "clients": list(reversed(SILOS))}
    data["workloads"].append({"federate": two})
    assert [job["end_s"] for job in run(data).jobs.to_pylist()] == pytest.approx([ROUND_S, 2 * ROUND_S])


@pytest.mark.parametrize("at_s", [0.5, 10.0, COMPUTE_S + 1.5, CLOSE_S + 1.0])
def test_an_interruption_gives_all_machines_and_links_back(at_s):
    world = cancelled(a_silo_scenario(), at_s, end_s=1000.0)
    (job,) = world.jobs
    assert (job.status, job.end_s, job.done_share) == ("cancelled", at_s, 0.0)
    assert job.device_s == pytest.approx(6 * at_s)
    for name in (*SILOS, "lab/gpus"):
        (span,) = world.groups[name].spans
        assert (span.from_s, span.to_s) == (0.0, at_s)
    assert world.traffic.room(["lab/uplink>grenoble"])["lab/uplink>grenoble"].used_bps == 0.0


def test_what_two_silos_learn_together_is_what_is_learned_in_one_place():
    """Half of all data each: twenty rounds are as many steps as ten epochs on all of it, and as good but for luck."""
    result = run(a_silo_scenario({"learn": LEARN, "rounds": 20}))
    task = build_task(TaskSpec.model_validate(TASK), Streams(0), "digits")
    central = train_centrally(task, Local(1, 10, 0.1), 2.0, 10)[-1].accuracy
    assert accuracies(result)[0] < 0.3
    assert accuracies(result)[-1] == pytest.approx(central, abs=0.02)


def test_samples_are_shared_as_the_shards_of_the_task_are():
    """Zipf: one has twice the samples of the other: 100 as 67 and 33 or so, and the round waits for it."""
    tasks = {"digits": {**TASK, "sizes": {"kind": "zipf", "exponent": 1.0}}}
    result = run(a_silo_scenario({"learn": LEARN, "rounds": 1}, tasks=tasks))
    assert rounds(result)[0]["close_s"] == pytest.approx(MOVED_S + 2.0 * 100 * 2 / 3, rel=1e-3)


def test_the_samples_are_the_task_s_where_no_data_set_is_named():
    result = run(a_silo_scenario({"learn": LEARN, "dataset": None, "rounds": 1}))
    assert rounds(result)[0]["close_s"] == pytest.approx(MOVED_S + 2.0 * 719)


def test_it_ends_when_the_model_is_at_its_target():
    target = {"functional_unit": "one model", "target": {"accuracy": 0.85}}
    result = run(a_silo_scenario({"learn": LEARN, "rounds": 50}, comparison=target))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["time_mode"]) == ("finished", "rounds measured")
    assert len(rounds(result)) == job["steps"] < 50
    assert accuracies(result)[-1] >= 0.85 > accuracies(result)[-2]


def test_a_natural_task_with_another_number_of_clients_is_refused_when_it_is_read():
    tasks = {"digits": {"data": "digits", "model": "softmax", "partition": {"kind": "natural", "by": "label"}}}
    with pytest.raises(ContradictionError, match="has 10 clients, and 2 groups of machines learn"):
        run(a_silo_scenario({"learn": LEARN}, tasks=tasks))


@pytest.mark.parametrize("algorithm", [{"kind": "fedprox", "proximal": 0.1}, {"kind": "fedadam", "rate": 0.03}])
def test_every_rule_of_a_server_serves_silos(algorithm):
    found = accuracies(run(a_silo_scenario({"learn": LEARN, "rounds": 5, "algorithm": algorithm})))
    assert found[-1] > 0.8
