"""Gossip among machines by pen and paper: who sends whom how much, how long that takes, what the nodes learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from learnings import (
    GPU_W,
    LEARN,
    TASK,
    WAY_NJ,
    WAY_S,
    WITHOUT_SERVER,
    a_silo_scenario,
    accuracies,
    activity_j,
    main,
    rounds,
)
from strategies import cancelled, run

from simulator.workloads.federate.topology import Complete, Random, Ring, pairs_of

NODES = ["east/gpus", "west/gpus", "lab/gpus"]
COMPUTE_S = 100 / 3 * 2.0


def a_gossip(topology="ring", **learning):
    """Three nodes, two in Paris and one in Grenoble, each with an uplink of 1 Gbps."""
    fields = {"algorithm": {"kind": "gossip", "topology": topology}, "clients": NODES, **WITHOUT_SERVER, **learning}
    data = a_silo_scenario(fields)
    data["world"]["datacenters"]["lab"]["uplink"] = "1 Gbps"
    data["tasks"]["digits"] = {**TASK, "clients": 3}
    return data


def test_each_sends_its_model_to_every_neighbour_and_waits_for_the_last():
    """A ring of three: 2 neighbours, 1 Gb to each by one line of 1 Gbps."""
    result = run(a_gossip())
    round_s = COMPUTE_S + 2.0 + WAY_S
    assert [r["end_s"] for r in rounds(result)] == pytest.approx([round_s, 2 * round_s, 3 * round_s], rel=1e-4)
    assert {(r["download_bytes"], r["upload_bytes"]) for r in rounds(result)} == {(6 * 1.25e8, 6 * 1.25e8)}
    sent = run(a_gossip()).table("transfers").to_pylist()
    assert len(sent) == 3 * 6
    assert {(t["from"], t["to"]) for t in sent} == {(a, b) for a in NODES for b in NODES if a != b}


def test_joules_by_pen_and_paper():
    """Six GPUs, for the node in Grenoble has four; four of six sendings of a round go between the cities."""
    result = run(a_gossip(rounds=1))
    rest_w, full_w = GPU_W
    (row,) = rounds(result)
    assert activity_j(result, "compute") == pytest.approx(6 * COMPUTE_S * full_w)
    assert activity_j(result, "communicate") == pytest.approx(6 * (row["end_s"] - COMPUTE_S) * rest_w)
    assert "wait" not in main(result)["by_activity"]
    within_b = 2e9  # between the two in Paris: its edge, exchange and router alone
    between_j = 4e9 * WAY_NJ * 1e-9
    assert activity_j(result, "transfer") > between_j
    assert activity_j(result, "transfer") < between_j + within_b * WAY_NJ * 1e-9


def test_nodes_that_gossip_learn_what_those_alone_never_see():
    """Each holds other digits: after 20 rounds the mean of those that gossip knows twice as much."""
    task = {**TASK, "clients": 3, "partition": {"kind": "dirichlet", "alpha": 0.05}}
    found = []
    for algorithm in ({"kind": "gossip", "topology": "complete"}, "local-only"):
        data = a_gossip(rounds=20, learn=LEARN)
        data["workloads"][0]["federate"]["algorithm"], data["tasks"]["digits"] = algorithm, task
        found.append(accuracies(run(data))[-1])
    assert found[0] > 0.8 > 0.6 > found[1]


def test_a_horizon_keeps_what_was_done():
    """1 s into the first sendings: half of 6 Gb are through, but for the light's way."""
    data = {**a_gossip(), "horizon": f"{COMPUTE_S + 1} s"}
    result = run(data)
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["done_share"], len(rounds(result))) == ("unfinished", 0.0, 0)
    assert {t["status"] for t in result.table("transfers").to_pylist()} == {"unfinished"}
    assert sum(t["done_share"] for t in result.table("transfers").to_pylist()) == pytest.approx(3.0, rel=0.01)


@pytest.mark.parametrize("at_s", [10.0, COMPUTE_S + 1.0])
def test_an_interruption_gives_all_machines_and_links_back(at_s):
    world = cancelled(a_gossip(), at_s, end_s=500.0)
    assert [job.status for job in world.jobs] == ["cancelled"]
    assert {(world.groups[name].spans[0].to_s, len(world.groups[name].spans)) for name in NODES} == {(at_s, 1)}
    assert {transfer.status for transfer in world.transfers} <= {"cancelled"}


def degrees(pairs, nodes):
    return np.bincount(np.array(pairs).ravel(), minlength=nodes).tolist()


@given(nodes=st.integers(2, 12))
def test_a_ring_has_two_neighbours_each_and_a_complete_graph_all(nodes):
    luck = np.random.default_rng(0)
    assert degrees(pairs_of(Ring(kind="ring"), nodes, luck), nodes) == [min(2, nodes - 1)] * nodes
    assert degrees(pairs_of(Complete(kind="complete"), nodes, luck), nodes) == [nodes - 1] * nodes


@given(half=st.integers(2, 6), degree=st.integers(2, 3), seed=st.integers(0, 100))
def test_a_random_graph_has_its_degree_and_holds_together(half, degree, seed):
    nodes = 2 * half
    pairs = pairs_of(Random(kind="random", degree=degree), nodes, np.random.default_rng(seed))
    assert degrees(pairs, nodes) == [degree] * nodes
    reached = {0}
    for _ in range(nodes):
        reached |= {b for pair in pairs for b in pair if reached & set(pair)}
    assert len(reached) == nodes
