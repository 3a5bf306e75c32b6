"""A ring of silos by pen and paper: who sends whom how much, how long that takes, what is drawn, what is learned."""

import numpy as np
import pytest
from learnings import GPU_W, LEARN, SILOS, TASK, WITHOUT_SERVER, a_silo_scenario, accuracies, activity_j, rounds
from strategies import cancelled, run

from simulator.engine.rng import Streams
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.relay import Relay
from simulator.learning.spec import TaskSpec
from simulator.learning.task import build_task
from simulator.vocabulary import RATE

NODES = [*SILOS, "lab/gpus"]
COMPUTE_S = 100 / 3 * 2.0


def a_ring(clients=NODES, **learning):
    """Silos that send a model of 1 Gb on by uplinks of 1 Gbps, and have 100 samples of 2 s together."""
    data = a_silo_scenario({"algorithm": "ring", "clients": clients, **WITHOUT_SERVER, **learning})
    data["world"]["datacenters"]["lab"]["uplink"] = "1 Gbps"
    data["tasks"]["digits"] = {**TASK, "clients": len(clients)}
    return data


def test_the_model_goes_once_around_in_a_round():
    sent = run(a_ring(rounds=2)).table("transfers").to_pylist()
    once = [(SILOS[0], SILOS[1]), (SILOS[1], NODES[2]), (NODES[2], SILOS[0])]
    assert [(t["from"], t["to"]) for t in sent] == 2 * once
    assert {t["size_bytes"] for t in sent} == {1.25e8}


def test_each_waits_for_the_one_before():
    """Three times 67 s of computing and 1 s of sending; light takes milliseconds."""
    result = run(a_ring(rounds=2))
    ways_s = sum(t["latency_s"] for t in result.table("transfers").to_pylist()[:3])
    assert ways_s > 2 * 656 * 4.9e-6
    round_s = 3 * (COMPUTE_S + 1.0) + ways_s
    assert [r["end_s"] for r in rounds(result)] == pytest.approx([round_s, 2 * round_s])
    assert {(r["download_bytes"], r["upload_bytes"]) for r in rounds(result)} == {(3 * 1.25e8, 3 * 1.25e8)}


def test_joules_by_pen_and_paper():
    """One GPU each in Paris, four in Grenoble, which sends once and is sent to once; all rest but whose turn it is."""
    result = run(a_ring(rounds=1))
    rest_w, full_w = GPU_W
    hops = result.table("transfers").to_pylist()
    hop_s = [1.0 + t["latency_s"] for t in hops]
    (row,) = rounds(result)
    computed_j = (1 + 1 + 4) * COMPUTE_S * full_w
    sent_j = rest_w * (2 * hop_s[0] + 5 * hop_s[1] + 5 * hop_s[2])
    assert activity_j(result, "compute") == pytest.approx(computed_j)
    assert activity_j(result, "communicate") == pytest.approx(sent_j)
    rest_j = 6 * row["end_s"] * rest_w - 6 * COMPUTE_S * rest_w - sent_j
    assert activity_j(result, "wait") == pytest.approx(rest_j)


def test_one_trains_what_the_one_before_made():
    spec = TaskSpec.model_validate({**TASK, "clients": 3})
    task = build_task(spec, Streams(1), "digits")
    local = Local(epochs=1, batch=10, rate=0.1)
    relay = Relay(task, local)
    params = relay.params
    relay.learn(4, np.arange(3))
    for shard in range(3):
        params = train_clients(task, params, [shard], 4, local).params[0]
    assert np.array_equal(relay.params, params)


def test_what_learns_is_scored_after_every_round():
    found = accuracies(run(a_ring(learn=LEARN)))
    assert len(found) == 1 + 3
    assert found[-1] > 0.8 > found[0]


def test_one_that_is_cancelled_on_its_way_gives_the_cable_back():
    world = cancelled(a_ring(), at_s=COMPUTE_S + 0.5, end_s=300.0)
    assert [(job.status, job.end_s) for job in world.jobs] == [("cancelled", COMPUTE_S + 0.5)]
    links = {c.asset for c in world.ledger.channels if c.quantity == RATE and "uplink" in c.asset}
    assert len(links) == 2
    assert all(world.traffic.room([link])[link].used_bps == 0.0 for link in links)
