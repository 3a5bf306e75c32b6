"""Split learning by pen and paper: what passes the cut, how long a round takes, what is drawn, what is learned."""

import pytest
from learnings import (
    GPU_W,
    LEARN,
    SILOS,
    TASK,
    WAY_S,
    WITHOUT_SERVER,
    a_silo_scenario,
    accuracies,
    activity_j,
    rounds,
)
from strategies import cancelled, run

from simulator.vocabulary import RATE

SPLIT = {"kind": "split", "cut": "10 Mb", "part": "100 Mb", "share": 0.25, "batch": 10}
CUT_B = 50 * 10e6
"""Of the 50 samples of a silo, one way."""
SERVER = "lab/gpus"


def a_split(learning=None, **said):
    """Two silos in Paris, each with 50 samples of 2 s, and the other layers in Grenoble."""
    fields = {**WITHOUT_SERVER, "server": SERVER, "algorithm": {**SPLIT, **said}, **(learning or {})}
    return a_silo_scenario(fields, tasks={"digits": TASK})


def silo_s(result, batches=5):
    """A silo's part of a round: 25 s itself, 75 at the server, 0.5 s up and down each, a trip for each batch."""
    inner_s = next(t["latency_s"] for t in result.table("transfers").to_pylist() if SERVER not in (t["from"], t["to"]))
    return 25.0 + 75.0 + 2 * 0.5 + batches * 2 * WAY_S + 0.1 + inner_s


def test_activations_go_up_and_gradients_down_and_the_layers_on_to_the_next():
    sent = [
        (t["from"], t["to"], 8 * t["size_bytes"]) for t in run(a_split({"rounds": 1})).table("transfers").to_pylist()
    ]
    east, west = SILOS
    first = [(east, SERVER, CUT_B), (SERVER, east, CUT_B), (east, west, 100e6)]
    second = [(west, SERVER, CUT_B), (SERVER, west, CUT_B), (west, east, 100e6)]
    assert sent == [*first, *second]


def test_silos_take_turns_and_each_batch_waits_for_its_trip():
    result = run(a_split())
    ends_s = [r["end_s"] for r in rounds(result)]
    assert ends_s == pytest.approx([(n + 1) * 2 * silo_s(result) for n in range(3)])
    finer = run(a_split(batch=1))
    assert rounds(finer)[0]["end_s"] == pytest.approx(2 * silo_s(finer, batches=50))
    assert 2 * CUT_B + 200e6 == 8 * rounds(result)[0]["download_bytes"] == 8 * rounds(result)[0]["upload_bytes"]


def test_joules_by_pen_and_paper():
    """Six GPUs: 25 s at each silo, 75 s on all four of the server for each; at rest but for that."""
    result = run(a_split({"rounds": 1}))
    rest_w, full_w = GPU_W
    (row,) = rounds(result)
    assert activity_j(result, "compute") == pytest.approx((2 * 25.0 + 2 * 4 * 75.0) * full_w)
    rest_j = (6 * row["end_s"] - 2 * 25.0 - 2 * 4 * 75.0) * rest_w
    assert activity_j(result, "wait") + activity_j(result, "communicate") == pytest.approx(rest_j)


def test_it_learns_what_a_model_that_goes_round_whole_learns():
    ring = {**WITHOUT_SERVER, "algorithm": "ring", "learn": LEARN}
    assert accuracies(run(a_split({"learn": LEARN}))) == accuracies(run(a_silo_scenario(ring, tasks={"digits": TASK})))


@pytest.mark.parametrize("at_s", [10.0, 25.3, 60.0, 100.3])
def test_one_that_is_cancelled_gives_cables_and_machines_back(at_s):
    """While the silo computes, sends, the server computes, sends back."""
    world = cancelled(a_split(), at_s=at_s, end_s=300.0)
    assert [(job.status, job.end_s) for job in world.jobs] == [("cancelled", at_s)]
    links = {c.asset for c in world.ledger.channels if c.quantity == RATE and "uplink" in c.asset}
    assert all(world.traffic.room([link])[link].used_bps == 0.0 for link in links)
    assert all(group.take(group.count).tolist() == list(range(group.count)) for group in world.groups.values())
