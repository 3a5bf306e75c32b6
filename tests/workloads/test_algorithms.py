"""What every algorithm of federated learning keeps, ours and a third party's: bits, ends, bytes, machines, cancels."""

from typing import Any, Literal
from unittest.mock import patch

import pytest
from learnings import LEARN, WITHOUT_SERVER, a_silo_scenario, accuracies, an_edge_scenario, rounds
from strategies import a_federate_scenario, cancelled, run

from simulator.learning.rule import averaging
from simulator.spec import Spec
from simulator.vocabulary import RATE
from simulator.workloads.federate import ALGORITHMS, kind
from simulator.workloads.federate.kind import Algorithm
from simulator.workloads.federate.rounds import ROUNDS
from simulator.workloads.federate.silos import SILO_ROUNDS

PLUGIN = "half-way"


class HalfWay(Spec):
    """An algorithm of a third party: the server goes half of the way."""

    kind: Literal["half-way"]


HALF_WAY = Algorithm(HalfWay, lambda _: averaging(0.5), ROUNDS, SILO_ROUNDS)


class FakePoint:
    """The entry point of a third party, which no distribution brings."""

    name, module, attr, dist = PLUGIN, __name__, "HALF_WAY", None

    def load(self) -> Algorithm:
        """The algorithm."""
        return HALF_WAY


@pytest.fixture(autouse=True)
def _plugged_in():
    """The third party's algorithm is installed."""
    with patch.object(kind, "entry_points", lambda group, name: [FakePoint()] if name == PLUGIN else []):
        yield


SAID: dict[str, dict[str, Any]] = {
    "fedprox": {"proximal": 0.1},
    "fedadam": {"rate": 0.03},
    "fedbuff": {"concurrency": 10, "buffer": 10},
    "semi-async": {"concurrency": 10, "window": "60 s"},
    "gossip": {"topology": "ring"},
    "split": {"cut": "1 kB", "part": "1 MB", "share": 0.25, "batch": 10},
    "hierarchical": {"edges": ["paris/edge", "berlin/edge"], "edge_rounds": 2},
}
"""What each says of itself beside its kind."""
TASKS = {"digits": {"data": "digits", "model": "softmax", "clients": 10}}


def on_crowds(name: str, **changes: Any) -> dict[str, Any]:
    """A tiny learning of phones by an algorithm, one that really learns."""
    said = {"kind": name, **SAID.get(name, {})}
    learning: dict[str, Any] = {"algorithm": said, "learn": LEARN}
    if name == "hierarchical":
        return an_edge_scenario(learning, **changes)
    if name == "local-only":
        learning |= dict.fromkeys(("server", "dropout", "aggregation", "utilisation"))
    if name in ("fedbuff", "semi-async"):
        learning["cohort"] = None
    data = a_federate_scenario(learning, tasks=TASKS, **changes)
    fields = data["workloads"][0]["federate"]
    data["workloads"][0]["federate"] = {key: value for key, value in fields.items() if value is not None}
    return data


def on_silos(name: str, **changes: Any) -> dict[str, Any]:
    """A tiny learning of machines by an algorithm, one that really learns."""
    without = WITHOUT_SERVER if name in ("gossip", "ring", "split", "local-only") else {}
    if name == "split":
        without = {**without, "server": "lab/gpus"}
    return a_silo_scenario({"algorithm": {"kind": name, **SAID.get(name, {})}, "learn": LEARN, **without}, **changes)


ALL = {**ALGORITHMS, PLUGIN: HALF_WAY}
CASES = [
    *(pytest.param(on_crowds, name, id=f"{name} of crowds") for name in ALL if ALL[name].crowds is not None),
    *(pytest.param(on_silos, name, id=f"{name} of silos") for name in ALL if ALL[name].silos is not None),
]
cases = pytest.mark.parametrize(("build", "name"), CASES)


def bits_of(result: Any, ends: str) -> float:
    """What the assets with such a name carried."""
    channels = {
        row["channel"]
        for row in result.table("channels").to_pylist()
        if row["quantity"] == RATE and ends in row["asset"]
    }
    changes, total_b, last = result.table("changes").to_pylist(), 0.0, {}
    for change in changes:
        if change["channel"] in channels:
            at_s, rate_bps = last.get(change["channel"], (0.0, 0.0))
            total_b += (change["at_s"] - at_s) * rate_bps
            last[change["channel"]] = change["at_s"], change["value"]
    assert all(rate_bps == 0.0 for _, rate_bps in last.values()), "nothing flows when all is over"
    return total_b


@cases
def test_what_rounds_moved_is_what_lines_and_cables_carried(build, name):
    """The users' lines, or the uplinks of the silos one way and the other."""
    result = run(build(name))
    down_b, up_b = (sum(8 * r[f"{way}_bytes"] for r in rounds(result)) for way in ("download", "upload"))
    if build is on_silos:
        assert bits_of(result, "paris>east/uplink") + bits_of(result, "paris>west/uplink") == pytest.approx(down_b)
        assert bits_of(result, "east/uplink>paris") + bits_of(result, "west/uplink>paris") == pytest.approx(up_b)
    else:
        assert bits_of(result, "/wifi") == pytest.approx(down_b + up_b)
    assert (down_b == 0.0) == (name == "local-only")


@cases
def test_it_comes_to_its_end_and_learns(build, name):
    result = run(build(name))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["done_share"]) == ("finished", 1.0)
    assert accuracies(result)[-1] > 0.15 > 0.11 > accuracies(result)[0]


@cases
def test_two_runs_are_one_to_the_last_byte(build, name):
    first, again = (run(build(name)).manifest["hashes"]["results"] for _ in range(2))
    assert first == again


@cases
def test_a_horizon_leaves_it_unfinished(build, name):
    result = run(build(name, horizon="15 s"))
    (job,) = result.jobs.to_pylist()
    assert (job["status"], job["end_s"]) == ("unfinished", None)
    assert job["done_share"] < 1.0


@cases
def test_an_interruption_leaves_nothing_reserved(build, name):
    world = cancelled(build(name), at_s=15.0, end_s=300.0)
    assert [(job.status, job.end_s) for job in world.jobs] == [("cancelled", 15.0)]
    assert world.closing == []
    for group in world.groups.values():
        assert group.take(group.count).tolist() == list(range(group.count))
    links = sorted({c.asset for c in world.ledger.channels if c.quantity == RATE and "uplink" in c.asset})
    assert all(world.traffic.room([link])[link].used_bps == 0.0 for link in links)


@cases
def test_the_rounds_that_it_says_are_listed_as_its_word(build, name):
    told = [row["id"] for row in run(build(name)).manifest["assumptions"]]
    assert "given-rounds/federate" in told
