"""Learning alone by pen and paper, on machines and on users' devices: nobody sends, nobody waits."""

import pytest
from learnings import GPU_W, LEARN, SILOS, WITHOUT_SERVER, a_silo_scenario, accuracies, activity_j, main, rounds
from strategies import PHONES, a_crowd_scenario, cancelled, run

ALONE = {"algorithm": "local-only", **WITHOUT_SERVER}
PHONES_ALONE = {"algorithm": "local-only", "model": "tiny", "clients": "phones", "rounds": 3, "sample_time": "2 s"}


def silos(**learning):
    """Two silos that learn alone, 100 s a round."""
    return a_silo_scenario({**ALONE, **learning})


def phones(learning=None, changes=None, **more):
    """A thousand phones that learn alone, 20 s a round at 2.5 W over their rest."""
    return a_crowd_scenario([{"federate": {**PHONES_ALONE, **(learning or {})}}], changes, **more)


def test_machines_compute_and_do_nothing_else():
    result = run(silos())
    (job,) = result.jobs.to_pylist()
    assert (job["end_s"], job["device_s"], job["done_share"]) == (pytest.approx(300.0), pytest.approx(600.0), 1.0)
    assert {key: value["energy_j"] for key, value in main(result)["by_activity"].items()} == {
        "compute": pytest.approx(2 * 300 * GPU_W[1])
    }
    assert {(r["download_bytes"], r["upload_bytes"], r["links"]) for r in rounds(result)} == {(0.0, 0.0, "none")}
    assert result.table("transfers").num_rows == 0


def test_who_is_through_gives_its_machines_back():
    """One trains at half the speed: 150 s and 300 s for the same passes, no rest in between."""
    data = silos(sample_time=None, mfu=0.5, precision="bf16")
    data["models"]["big"] |= {"forward_flop_per_sample": "1 TFLOP", "sample_unit": "image"}
    data["world"]["datacenters"]["west"]["devices"]["gpus"]["count"] = 2
    slow_s = 3 * 50 * 3e12 / (312e12 * 0.5)
    result = run(data)
    (job,) = result.jobs.to_pylist()
    assert (job["end_s"], job["device_s"]) == (pytest.approx(slow_s), pytest.approx(slow_s + 2 * slow_s / 2))
    assert activity_j(result, "compute") == pytest.approx(2 * slow_s * GPU_W[1])
    assert list(main(result)["by_activity"]) == ["compute"]
    assert [r["end_s"] for r in rounds(result)] == pytest.approx([slow_s / 3, 2 * slow_s / 3, slow_s])


def test_who_waits_for_its_machines_begins_later_and_holds_up_nobody():
    data = silos(rounds=1)
    data["workloads"].insert(0, {"train": {"at": "west/gpus", "time": "50 s", "utilisation": 1.0}})
    result = run(data)
    job = next(j for j in result.jobs.to_pylist() if j["kind"] == "federate")
    assert (job["begin_s"], job["end_s"], job["device_s"]) == (0.0, pytest.approx(150.0), pytest.approx(200.0))
    assert [(r["begin_s"], r["end_s"]) for r in rounds(result)] == [(0.0, pytest.approx(150.0))]


def test_it_trains_until_the_mean_of_all_is_at_its_target():
    comparison = {"functional_unit": "one model", "target": {"accuracy": 0.85}}
    result = run({**silos(learn=LEARN, rounds=50), "comparison": comparison})
    (job,) = result.jobs.to_pylist()
    found = accuracies(result)
    assert job["status"] == "finished"
    assert job["steps"] == len(rounds(result)) == len(found) - 1 < 50
    assert found[-1] >= 0.85 > max(found[:-1])
    assert job["end_s"] == pytest.approx(100.0 * job["steps"])


def test_a_target_beyond_all_leaves_it_unfinished():
    comparison = {"functional_unit": "one model", "target": {"accuracy": 0.99}}
    (job,) = run({**silos(learn=LEARN, rounds=3), "comparison": comparison}).jobs.to_pylist()
    assert (job["status"], job["end_s"]) == ("unfinished", pytest.approx(300.0))


@pytest.mark.parametrize("data", [silos(), phones({"rounds": 30})])
def test_a_horizon_keeps_what_was_done(data):
    result = run({**data, "horizon": "150 s"})
    (job,) = result.jobs.to_pylist()
    whole = 1 if "phones" not in data["world"].get("populations", {}) else 7
    assert (job["status"], len(rounds(result))) == ("unfinished", whole)
    watts_w = 2 * GPU_W[1] if whole == 1 else 1000 * 2.5
    assert activity_j(result, "compute") == pytest.approx(150 * watts_w)


def test_an_interruption_gives_the_machines_back():
    world = cancelled(silos(), at_s=150.0, end_s=1000.0)
    (job,) = world.jobs
    assert (job.status, job.end_s, job.done_share, job.device_s) == ("cancelled", 150.0, pytest.approx(1 / 3), 300.0)
    assert {(name, span.to_s) for name in SILOS for span in world.groups[name].spans} == {(s, 150.0) for s in SILOS}


def test_phones_compute_and_their_lines_rest():
    """1000 phones, three rounds of 20 s at 3 W where 0.5 W is their rest; the file names no server."""
    result = run(phones())
    assert {key: value["energy_j"] for key, value in main(result)["by_activity"].items()} == {
        "compute": pytest.approx(3 * 1000 * 20 * 2.5)
    }
    assert [(r["begin_s"], r["end_s"], r["selected"]) for r in rounds(result)] == [
        (pytest.approx(20.0 * n), pytest.approx(20.0 * (n + 1)), 1000) for n in range(3)
    ]
    (job,) = result.jobs.to_pylist()
    assert (job["at"], job["devices"], job["status"]) == ("phones", 0, "finished")


def test_a_round_of_phones_is_as_long_as_the_slowest_and_nobody_draws_while_it_waits():
    """However unequal, each draws for its own seconds alone: 30 phones, and twice the epochs twice the joules."""
    spread = {"speed_spread": 2, "samples_spread": 2}
    once, twice = (run(phones({"cohort": 30, "epochs": n, "rounds": 1}, spread)) for n in (1, 2))
    assert activity_j(twice, "compute") == pytest.approx(2 * activity_j(once, "compute"))
    assert activity_j(once, "compute") < 30 * 2.5 * rounds(once)[0]["end_s"]


def test_an_interruption_stops_the_phones():
    world = cancelled(phones(), at_s=10.0)
    assert [(job.status, job.done_share) for job in world.jobs] == [("cancelled", 0.0)]
    (drawn_j,) = [world.ledger.integral(n) for n in range(len(world.ledger.channels))]
    assert drawn_j == pytest.approx(1000 * 10 * 2.5)


def test_phones_learn_alone_and_many_with_one_shard_are_one_model():
    """Two clients' shards for a thousand phones: as good as two phones, but a thousand passes."""
    tasks = {"digits": {"data": "digits", "model": "softmax", "clients": 2}}
    many = run(phones({"learn": LEARN}, tasks=tasks))
    two = run(phones({"learn": LEARN}, {"count": 2}, tasks=tasks))
    assert accuracies(many) == pytest.approx(accuracies(two))
    assert accuracies(many)[-1] > 0.8
    samples = [result.table("scores").to_pylist()[-1]["samples"] for result in (many, two)]
    assert samples == [500 * 3 * 1438, 3 * 1438]


def test_who_takes_part_is_the_same_in_every_run_and_nobody_twice():
    spread = {"speed_spread": 2}
    first, again = (run(phones({"cohort": 100}, spread)).manifest["hashes"]["results"] for _ in range(2))
    assert first == again
    assert PHONES["count"] == 1000
