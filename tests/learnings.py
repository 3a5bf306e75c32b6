"""Scenarios in which groups of machines, or edges with users, learn together."""

from typing import Any

from strategies import LEARNING, PHONES

GPU_W = (63.0, 400.0)
"""One A100 at rest and at full load."""
WAY_S = 656 * 4.9e-6
"""From Paris to Grenoble, one way: light in fibre."""
WAY_NJ = 656 * 20 / 1000 + 2 * 1.0 + 2 * 1.0 + 3 * 0.3
"""A bit on that way."""
SILOS = ("east/gpus", "west/gpus")

AMONG = {
    "algorithm": "fedavg",
    "model": "big",
    "clients": list(SILOS),
    "server": "lab/gpus",
    "dataset": "scans",
    "rounds": 3,
    "sample_time": "2 s",
    "aggregation": "5 s",
    "utilisation": 0.5,
    "client_utilisation": 1.0,
    "latency": "lower_bound",
}
"""Three rounds of two silos that take 2 s for each of 50 samples, with a model of 1 Gb."""
WITHOUT_SERVER = {"server": None, "aggregation": None, "utilisation": None}
TASK = {"data": "digits", "model": "softmax", "clients": 2}
LEARN = {"task": "digits", "rate": 0.1, "batch": 10}


def a_silo_scenario(learning: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Plain data: a GPU in each of two places of Paris, four in Grenoble; `AMONG`, but for what is given."""
    gpu = {"model": "a100-sxm4-40gb"}
    places = {
        "east": {"city": "paris", "uplink": "1 Gbps", "devices": {"gpus": {**gpu, "count": 1}}},
        "west": {"city": "paris", "uplink": "1 Gbps", "devices": {"gpus": {**gpu, "count": 1}}},
        "lab": {"city": "grenoble", "uplink": "10 Gbps", "devices": {"gpus": {**gpu, "count": 4}}},
    }
    data = {
        "name": "test",
        "world": {"year": 2025, "datacenters": places},
        "models": {"big": {"parameters": 3.125e7, "bytes_per_parameter": "4 B"}},
        "datasets": {"scans": {"samples": 100}},
        "tasks": {"digits": TASK},
        "workloads": [{"federate": _said({**AMONG, **(learning or {})})}],
    }
    return {**data, **changes}


def an_edge_scenario(learning: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A scenario as plain data: phones in Paris and Berlin, an edge GPU in each, four GPUs in Grenoble; two rounds."""
    gpu = {"model": "a100-sxm4-40gb"}
    places = {
        "paris": {"city": "paris", "uplink": "10 Gbps", "devices": {"edge": {**gpu, "count": 1}}},
        "berlin": {"city": "berlin", "uplink": "10 Gbps", "devices": {"edge": {**gpu, "count": 1}}},
        "lab": {"city": "grenoble", "uplink": "10 Gbps", "devices": {"gpus": {**gpu, "count": 4}}},
    }
    crowds = {"south": PHONES, "north": {**PHONES, "places": {"berlin": 1.0}}}
    tree = {
        "algorithm": {"kind": "hierarchical", "edges": ["paris/edge", "berlin/edge"], "edge_rounds": 3},
        "clients": ["south", "north"],
        "rounds": 2,
    }
    data = {
        "name": "test",
        "world": {"year": 2025, "datacenters": places, "populations": crowds},
        "models": {"tiny": {"parameters": 3.125e6, "bytes_per_parameter": "4 B"}},
        "tasks": {"digits": {**TASK, "clients": 20}},
        "workloads": [{"federate": _said({**LEARNING, **tree, **(learning or {})})}],
    }
    return {**data, **changes}


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields without those that are taken away."""
    return {key: value for key, value in fields.items() if value is not None}


def main(result: Any) -> Any:
    """The summary of its only paradigm."""
    return result.summary["paradigms"]["main"]


def activity_j(result: Any, activity: str) -> float:
    """What an activity drew."""
    return float(main(result)["by_activity"][activity]["energy_j"])


def rounds(result: Any) -> list[dict[str, Any]]:
    """The rows of `rounds`."""
    return list(result.table("rounds").to_pylist())


def accuracies(result: Any) -> list[float]:
    """How good what learned was, look after look."""
    return [row["accuracy"] for row in result.table("scores").to_pylist()]
