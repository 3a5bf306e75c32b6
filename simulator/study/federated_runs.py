"""Federated learnings as the reports on them run them: scenarios in memory, run whole, and what came of each.

    used = all energy - that at the server's place            clients, their lines and the network between

Phones in New York learn on Wi-Fi, charging, charged beyond their rest, with an aggregator and a selector of 45 W each
at a PUE of 1.09 (Yousefpour et al. 2023). Where something really learns it is digits: a perceptron of 32 hidden
units, 100 shards skewed by Dirichlet 0.5, to 90 % of the test. User n holds shard n mod 100; how large its model is
on the wire and how long it computes are those of another model, which is taken to need as many rounds.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from simulator.footprint.boundary import widest_of
from simulator.scenario.load import dump, load_text
from simulator.scenario.run import run_scenario
from simulator.study.intervals import Estimate
from simulator.vocabulary import MAIN

SEEDS = (1, 2, 3, 4, 5)
FIX = "correct the row"
HOUR_S = 3600.0
LAB, PHONES, TASK, NET = "lab", "phones", "numbers", "net"
SAMPLES = 34
"""Of a user in the mean: Yousefpour et al. 2023, section 4, of Reddit."""

Json = dict[str, Any]


class Outcome(NamedTuple):
    """What came of a learning: whether it ended well, rounds or versions, time, joules of clients and network, tables.

    `place_j` are all joules, by place.
    """

    finished: bool
    rounds: int
    time_s: float
    used_j: float
    co2e_kg: float
    place_j: Mapping[str, float]
    network_j: Mapping[str, tuple[float, float, float]]
    """Low end, value and high end of what carries bits, by model of the network."""
    tables: Mapping[str, Any]


def rounds_of(cohort: int, over_selection: float = 1.3) -> Json:
    """The fields of a synchronous learning."""
    return {"algorithm": "fedavg", "cohort": cohort, "over_selection": over_selection, "deadline": "4 min"}


def versions_of(concurrency: int, buffer: int, rate: float = 1.0) -> Json:
    """The fields of an asynchronous learning."""
    kind = {"kind": "fedbuff", "concurrency": concurrency, "buffer": buffer, "timeout": "4 min", "rate": rate}
    return {"algorithm": kind}


def learns(rate: float = 0.3) -> Json:
    """The fields of a learning in which a model really learns, until it is at the target."""
    return {"rounds": 300, "learn": {"task": TASK, "rate": rate, "batch": 10}}


def scenario(seed: int, bytes_count: float, sample_s: float, fields: Json, phones: Json | None = None) -> Json:
    """A learning as plain data: bytes of the model, seconds of a sample on the median phone, fields of `federate`."""
    federate = {
        "model": NET,
        "clients": PHONES,
        "server": f"{LAB}/servers",
        "sample_time": f"{sample_s!r} s",
        "aggregation": "1 s",
        "utilisation": 1.0,
        **fields,
    }
    really = {
        "tasks": {TASK: _digits()},
        "comparison": {"functional_unit": "one model", "target": {"accuracy": 0.9}},
    }
    return {
        "name": "federated",
        "seed": seed,
        "world": _world(phones or {}),
        "models": {NET: {"parameters": bytes_count / 4.0, "bytes_per_parameter": "4 B"}},
        "workloads": [{"federate": federate}],
        **(really if "learn" in fields else {}),
    }


def _digits() -> Json:
    return {
        "data": "digits",
        "model": {"kind": "mlp", "hidden": 32},
        "clients": 100,
        "partition": {"kind": "dirichlet", "alpha": 0.5},
    }


def _world(phones: Json) -> Json:
    servers = {"model": "talk-cpu", "count": 2, "power": {"kind": "constant", "power": "45 W"}}
    lab = {"city": "ashburn", "pue": 1.09, "uplink": "400 Gbps", "devices": {"servers": servers}}
    users = {
        "device": "smartphone",
        "count": 100_000,
        "places": {"new-york": 1},
        "access": {"wifi": 1},
        "state": "charging",
        "account": "marginal",
        "samples": SAMPLES,
    }
    return {"year": 2023, "datacenters": {LAB: lab}, "populations": {PHONES: {**users, **phones}}}


def play(data: Json) -> Outcome:
    """Run a learning; one that was run already is not run again."""
    return _play(dump(data))


@cache
def _play(text: str) -> Outcome:
    done = run_scenario(load_text(text, "<federated>"))
    found = done.summary["paradigms"][MAIN]
    (job,) = done.tables["jobs"].to_pylist()
    whole = found["boundaries"][widest_of(found["boundaries"])]
    place_j = {place: one["energy_j"] for place, one in found["by_place"].items()}
    return Outcome(
        job["status"] == "finished",
        job["steps"],
        job["end_s"] - job["begin_s"],
        whole["energy_j"] - place_j[LAB],
        whole["co2e_kg"],
        place_j,
        {name: (one["low_j"], one["energy_j"], one["high_j"]) for name, one in found["network_models"].items()},
        done.tables,
    )


def shown(found: Estimate, form: str = ".1f") -> str:
    """A mean of seeds with its interval.

    >>> shown(Estimate(2.0, 1.0, 3.0)), shown(Estimate(2.0))
    ('2.0 [1.0, 3.0]', '2.0')
    """
    if found.low is None or found.high is None:
        return f"{found.value:{form}}"
    return f"{found.value:{form}} [{found.low:{form}}, {found.high:{form}}]"
