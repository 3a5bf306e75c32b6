"""Edges between users and a server, by pen and paper: what crosses the wide area, how long, what is learned."""

import pytest
from learnings import LEARN, accuracies, activity_j, an_edge_scenario, main, rounds
from strategies import LATENCY_S, cancelled, run

LINE_S = 10e-3 / 2
SOUTH_S = 2 * LINE_S + 2.0 + 20.0 + 5.0
"""A round of an edge in the city of its users: no cable, the line alone, 100 Mb down and up, ten samples of 2 s."""


def down_up(result):
    """The transfers' ends and sizes, in order."""
    return [(t["from"], t["to"], t["size_bytes"]) for t in result.table("transfers").to_pylist()]


def test_the_model_crosses_the_wide_area_twice_for_each_edge_and_global_round():
    result = run(an_edge_scenario())
    edges = ["paris/edge", "berlin/edge"]
    one = [*(("lab/gpus", edge, 12.5e6) for edge in edges), *((edge, "lab/gpus", 12.5e6) for edge in edges)]
    assert sorted(down_up(result)) == sorted(2 * one)
    assert len(rounds(result)) == 2 * 3 * 2


def test_edges_play_their_rounds_at_the_same_time():
    """Down in 0.01 s and the way, three rounds with 5 s of aggregation each, up, and 5 s at the server."""
    result = run(an_edge_scenario())
    ways_s = {t["from"]: t["latency_s"] for t in result.table("transfers").to_pylist()}
    moved = {t["to"]: t["end_s"] for t in result.table("transfers").to_pylist()[:2]}
    south = [r for r in rounds(result) if r["workload"] == "federate/south"]
    north = [r for r in rounds(result) if r["workload"] == "federate/north"]
    for rows, edge in ((south, "paris/edge"), (north, "berlin/edge")):
        begin_s = [moved[edge] + n * (SOUTH_S + 5) for n in range(3)]
        assert [r["begin_s"] for r in rows[:3]] == pytest.approx(begin_s)
        assert [r["round"] for r in rows] == list(range(6))
    (job,) = result.jobs.to_pylist()
    slowest_s = max(ways_s.values())
    one_s = 3 * (SOUTH_S + 5) + 5
    assert 2 * (one_s + 2 * slowest_s + 2 * 0.01) == pytest.approx(job["end_s"], abs=0.05)


def test_users_draw_as_in_as_many_rounds_of_their_own():
    """2 x 3 x 2 rounds of ten phones that compute for 20 s at 2.5 W over their rest; machines beside them."""
    result = run(an_edge_scenario())
    aggregated_j = (12 * 5 + 2 * 4 * 5) * (63 + 0.5 * 337)
    assert activity_j(result, "compute") == pytest.approx(120 * 20 * 2.5 + aggregated_j)
    devices_j = main(result)["boundaries"]["devices"]["energy_j"] - main(result)["boundaries"]["network"]["energy_j"]
    assert devices_j == pytest.approx(120 * ((2 + LINE_S) * 0.5 + 20 * 2.5 + (5 + LINE_S) * 1.5), rel=1e-6)


def test_all_machines_are_held_from_the_first_round_to_the_last():
    (job,) = run(an_edge_scenario()).jobs.to_pylist()
    assert (job["units"], job["devices"], job["status"], job["done_share"]) == (6, 6, "finished", 1.0)
    assert job["device_s"] == pytest.approx(6 * job["end_s"])


def test_a_horizon_in_the_middle_of_an_edge_s_round_keeps_what_was_done():
    """10 s into the second round of each edge: their downloads are through, and nearly 8 s of computing."""
    result = run(an_edge_scenario(horizon=f"{SOUTH_S + 5 + 10} s"))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["done_share"], len(rounds(result))) == ("unfinished", 0.0, 2)
    phones_j = activity_j(result, "compute") - 2 * 5 * (63 + 0.5 * 337)
    assert phones_j == pytest.approx(20 * 20 * 2.5 + 20 * 2.5 * 8, rel=0.02)


@pytest.mark.parametrize("at_s", [0.001, 10.0, SOUTH_S + 2.0])
def test_an_interruption_gives_machines_and_links_back(at_s):
    world = cancelled(an_edge_scenario(), at_s, end_s=500.0)
    assert [(job.status, job.end_s) for job in world.jobs] == [("cancelled", at_s)]
    for name in ("paris/edge", "berlin/edge", "lab/gpus"):
        assert [span.to_s for span in world.groups[name].spans] == [at_s]
    for link in ("paris/uplink>paris", "lab/uplink>grenoble", "grenoble>lyon"):
        world.traffic.add_link(link, 1e9)
        assert world.traffic.room([link])[link].used_bps == 0.0


def test_edges_whose_users_share_cables_do_not_meet_in_the_record():
    """Both edges' users live in Paris and Berlin: their bits pass the same cables at the same time."""
    data = an_edge_scenario()
    both = {"paris": 0.5, "berlin": 0.5}
    data["world"]["populations"] = {
        name: {**crowd, "places": both} for name, crowd in data["world"]["populations"].items()
    }
    result = run(data)
    assert sum(r["upload_bytes"] for r in rounds(result)) == pytest.approx(120 * 12.5e6)


def test_edges_learn_one_model():
    found = accuracies(run(an_edge_scenario({"learn": LEARN, "rounds": 8})))
    assert len(found) == 9
    assert found[0] < 0.3 < 0.85 < found[-1]


def test_one_edge_with_one_round_is_fedavg():
    """The same users, luck and steps: the same accuracies, a server farther away."""
    tree = {"kind": "hierarchical", "edges": ["paris/edge"], "edge_rounds": 1}
    learning = {"learn": LEARN, "rounds": 4, "clients": ["south"]}
    alone, server = (run(an_edge_scenario({**learning, "algorithm": algorithm})) for algorithm in (tree, "fedavg"))
    assert accuracies(alone) == pytest.approx(accuracies(server), abs=1e-12)
    assert rounds(server)[0]["close_s"] == pytest.approx(2 * LATENCY_S + 27.0)


def test_it_ends_when_the_model_is_at_its_target():
    target = {"functional_unit": "one model", "target": {"accuracy": 0.8}}
    result = run(an_edge_scenario({"learn": LEARN, "rounds": 50}, comparison=target))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["time_mode"]) == ("finished", "rounds measured")
    assert accuracies(result)[-1] >= 0.8 > accuracies(result)[-2]
