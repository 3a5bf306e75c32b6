"""Laws of the variants of federated learning, over five seeds: the interval of each leaves out that nothing changes."""

from typing import Any

import pytest
from learnings import WITHOUT_SERVER, a_silo_scenario, activity_j, rounds
from strategies import a_federate_scenario, run

from simulator.study.intervals import Estimate, mean_of, ratio_of

SEEDS = range(1, 6)
LEARN = {"task": "digits", "rate": 0.1, "batch": 10}
TASKS = {"digits": {"data": "digits", "model": "softmax", "clients": 100}}
UNEQUAL = {"speed_spread": 2.0, "rate_spread": 1.5}
"""Phones of which one in six is half as fast as the median."""


def learnt(seed: int, target: float | None = None, phones: dict[str, Any] | None = None, **learning: Any) -> Any:
    """A learning of phones, to an accuracy where one is given."""
    fields = {"learn": LEARN, "cohort": 20, **learning}
    aim = {} if target is None else {"comparison": {"functional_unit": "a model", "target": {"accuracy": target}}}
    scenario = a_federate_scenario(fields, phones, tasks=TASKS, seed=seed, **aim)
    said = scenario["workloads"][0]["federate"]
    scenario["workloads"][0]["federate"] = {key: value for key, value in said.items() if value is not None}
    return run(scenario)


def told(what: str, every: list[float]) -> Estimate:
    """The mean over seeds with its interval, printed."""
    found = mean_of(every)
    print(f"{what}: {found.value:.3g} [{found.low:.3g}, {found.high:.3g}]")
    return found


def rounds_to(result: Any) -> int:
    """How many rounds it took to the target."""
    (job,) = result.jobs.to_pylist()
    assert job["status"] == "finished"
    return int(job["steps"])


@pytest.fixture(scope="module")
def private() -> dict[float, list[int]]:
    """Rounds to 85 % with clipped updates, by noise and seed."""
    asked = {noise: {"clip": 1.0, "noise": noise} for noise in (0.01, 1.0, 2.0)}
    return {
        noise: [rounds_to(learnt(seed, 0.85, rounds=300, epochs=5, privacy=privacy)) for seed in SEEDS]
        for noise, privacy in asked.items()
    }


@pytest.mark.parametrize(("less", "more"), [(0.01, 1.0), (1.0, 2.0)])
def test_more_noise_needs_more_rounds(private, less, more):
    every = [float(b - a) for a, b in zip(private[less], private[more], strict=True)]
    found = told(f"rounds to 85 % more with noise {more} than with {less}", every)
    assert found.low > 0.0


def test_privacy_costs_nothing_but_rounds():
    """With as many rounds nothing is longer, more bits or more joules."""
    whole, hidden = (learnt(1, rounds=3, privacy=privacy) for privacy in (None, {"clip": 1.0, "noise": 1.0}))
    for table in ("jobs", "rounds", "changes"):
        assert hidden.table(table).equals(whole.table(table))
    assert not hidden.table("scores").equals(whole.table("scores"))


def test_a_window_wastes_less_than_a_deadline():
    """The same rounds of 40 s and as many phones at once: who is late works in vain, or for the next round."""
    pairs = []
    semi = {"kind": "semi-async", "window": "40 s", "concurrency": 20}
    for seed in SEEDS:
        fields = {"phones": UNEQUAL, "rounds": 20, "dropout": 0.05}
        late = learnt(seed, deadline="40 s", **fields)
        never_late = learnt(seed, cohort=None, algorithm=semi, **fields)
        assert late.jobs.column("end_s") == never_late.jobs.column("end_s")
        pairs.append((vain_j(never_late), vain_j(late)))
    found = ratio_of(pairs)
    print(f"J in vain of an update, window over deadline: {found.value:.3g} [{found.low:.3g}, {found.high:.3g}]")
    assert found.high < 1.0


def vain_j(result: Any) -> float:
    """What was drawn in vain for each update that counted."""
    return activity_j(result, "waste") / sum(row["accepted"] for row in rounds(result))


def among(seed: int, algorithm: Any, silos: int, target: float | None = None, **learning: Any) -> Any:
    """So many silos in Paris that learn round a ring, split with a server, or by the server's means."""
    gpu = {"model": "a100-sxm4-40gb", "count": 1}
    clients = [f"silo{number}/gpus" for number in range(silos)]
    without = WITHOUT_SERVER if algorithm == "ring" else {}
    if isinstance(algorithm, dict):
        without = {"aggregation": None, "utilisation": None}
    fields = {"algorithm": algorithm, "clients": clients, "dataset": None, "learn": LEARN, **without, **learning}
    aim = {} if target is None else {"comparison": {"functional_unit": "a model", "target": {"accuracy": target}}}
    tasks = {"digits": {"data": "digits", "model": "softmax", "clients": silos, "partition": "iid"}}
    scenario = a_silo_scenario(fields, tasks=tasks, seed=seed, **aim)
    place = {"city": "paris", "uplink": "1 Gbps", "devices": {"gpus": gpu}}
    scenario["world"]["datacenters"] |= {name.partition("/")[0]: place for name in clients}
    return run(scenario)


@pytest.mark.parametrize("silos", [2, 5])
def test_a_ring_moves_half_the_bytes_of_a_server_and_computes_for_as_many_times_as_long(silos):
    """K M bytes a round beside 2 K M; shards differ by a sample, so that K times is exact but for that."""
    longer = []
    for seed in SEEDS:
        ring, server = (among(seed, algorithm, silos, rounds=1) for algorithm in ("ring", "fedavg"))
        moved = [sum(t["size_bytes"] for t in result.table("transfers").to_pylist()) for result in (ring, server)]
        assert moved == [silos * 1.25e8, 2 * silos * 1.25e8]
        ring_s, server_s = (computing_s(result) for result in (ring, server))
        longer.append(ring_s / server_s)
    found = told(f"computing of a round of a ring of {silos} over that with a server", longer)
    assert found.value == pytest.approx(silos, rel=5e-3)


def computing_s(result: Any) -> float:
    """How long the first round took without its sendings, one after another, and its aggregation."""
    (row,) = rounds(result)
    sent = result.table("transfers").to_pylist()
    if len(sent) == len({t["from"] for t in sent}):
        return float(row["end_s"] - sum(t["end_s"] - t["begin_s"] for t in sent))
    return max(t["begin_s"] for t in sent) - min(t["end_s"] for t in sent)


def test_a_ring_of_equals_needs_fewer_rounds_than_a_server():
    """Each round is as many passes one after another as there are silos, beside their mean."""
    fewer = []
    for seed in SEEDS:
        ring, server = (rounds_to(among(seed, one, 5, 0.9, rounds=100)) for one in ("ring", "fedavg"))
        fewer.append(float(ring - server))
    assert told("rounds to 90 % round a ring of five more than with a server", fewer).high < 0.0


@pytest.mark.parametrize("privacy", [None, {"clip": 1.0, "noise": 1.0}])
def test_silos_can_be_private_too(privacy):
    """Of three silos, noise of 1/3 on each of 650 parameters leaves little of what is learned in three rounds."""
    result = among(1, "fedavg", 3, rounds=3, **({} if privacy is None else {"privacy": privacy}))
    assert (result.table("scores").to_pylist()[-1]["accuracy"] > 0.85) == (privacy is None)


@pytest.mark.parametrize(("cut", "splits"), [("1 kB", True), ("10 MB", False)])
def test_split_learning_moves_less_where_activations_are_few_beside_parameters(cut, splits):
    """Singh et al. 2019, arXiv:1909.09145: few bytes at the cut favour it, many samples a client the averaging."""
    less = []
    split = {"kind": "split", "cut": cut, "part": "1 MB", "share": 0.2, "batch": 10}
    for seed in SEEDS:
        both = [among(seed, algorithm, 5, 0.9, rounds=100) for algorithm in (split, "fedavg")]
        one, other = (sum(t["size_bytes"] for t in result.table("transfers").to_pylist()) for result in both)
        less.append(one / other - 1.0)
    found = told(f"bytes to 90 % of split learning with {cut} at the cut over those of averaging, minus 1", less)
    assert found.high < 0.0 if splits else found.low > 0.0
