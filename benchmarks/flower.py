"""FedAvg of a softmax regression by Flower on its Ray engine: the peer that `federated.py` compares with.

    pip install -e '.[bench]' && python benchmarks/flower.py        (digits on 100 clients, 10 rounds of 10)

Clients are NumPyClients with a bare loop in numpy, which find their samples in files of their own,
so that nothing but the model is sent; an actor a core; no evaluation. Flower can train models that
fill a GPU: what is measured is what a round of small ones costs around the arithmetic.
Flower: Beutel et al. 2020, "Flower: a friendly federated learning research framework", https://flower.ai
"""

import importlib.util
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Shard = tuple[np.ndarray, np.ndarray]
"""Samples (n, d) and their classes (n,)."""


class Course(NamedTuple):
    """So many rounds of so many clients; epochs, samples a step and rate of each."""

    rounds: int
    chosen: int
    epochs: int
    batch: int
    rate: float


class Played(NamedTuple):
    """How long it took: the median round after the first, and all of it; the updates that it aggregated."""

    round_s: float
    whole_s: float
    updates: int


def find_lack(*modules: str) -> str | None:
    """Why one of these cannot be used, in words; None where all can."""
    for name in modules:
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed; pip install -e '.[bench]'"
    try:
        for name in modules:
            importlib.import_module(name)
    except ImportError as error:
        return f"it does not import ({error})"
    return None


def descend(weights: np.ndarray, biases: np.ndarray, shard: Shard, orders: Iterable[np.ndarray], way: Course) -> None:
    """Minibatch SGD of a softmax regression, in place, through samples in these orders."""
    x, y = shard
    for order in orders:
        for first in range(0, len(order), way.batch):
            rows = order[first : first + way.batch]
            samples = x[rows]
            error = samples @ weights + biases
            error -= error.max(axis=1, keepdims=True)
            np.exp(error, out=error)
            error /= error.sum(axis=1, keepdims=True)
            error[np.arange(len(rows)), y[rows]] -= 1.0
            error *= way.rate / len(rows)
            weights -= samples.T @ error
            biases -= error.sum(axis=0)


def play_flower(shards: Sequence[Shard], classes: int, way: Course) -> Played:
    """FedAvg from parameters of 0, its start and end included."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "FLWR_TELEMETRY_ENABLED": "0"}
    from flwr.client import ClientApp
    from flwr.server import ServerApp
    from flwr.simulation import run_simulation

    logging.getLogger("flwr").setLevel(logging.ERROR)
    begins_s: list[float] = []
    updates: list[int] = []
    shape = shards[0][0].shape[1], classes
    with tempfile.TemporaryDirectory() as folder:
        for client, (x, y) in enumerate(shards):
            np.savez(Path(folder) / f"{client}.npz", x=x, y=y)
        server = ServerApp(server_fn=build_server(shape, len(shards), way, begins_s, updates))
        app = ClientApp(client_fn=build_clients(folder, way))
        resources = {"client_resources": {"num_cpus": 1, "num_gpus": 0.0}}
        began_s = time.perf_counter()
        run_simulation(server, app, num_supernodes=len(shards), backend_config=resources)
        whole_s = time.perf_counter() - began_s
    return Played(float(np.median(np.diff(begins_s[1:]))), whole_s, sum(updates))


def build_server(
    shape: tuple[int, int], clients: int, way: Course, begins_s: list[float], updates: list[int]
) -> Callable[..., Any]:
    """A server that notes when rounds begin, and how many updates each brings."""
    from flwr.common import ndarrays_to_parameters
    from flwr.server import ServerAppComponents, ServerConfig
    from flwr.server.strategy import FedAvg

    class Noting(FedAvg):  # as Flower asks for
        def configure_fit(self, *args: Any, **fields: Any) -> Any:
            begins_s.append(time.perf_counter())
            return super().configure_fit(*args, **fields)

        def aggregate_fit(self, server_round: int, results: Any, failures: Any) -> Any:
            updates.append(len(results))
            return super().aggregate_fit(server_round, results, failures)

    strategy = Noting(
        fraction_fit=way.chosen / clients,
        fraction_evaluate=0.0,
        min_fit_clients=way.chosen,
        min_available_clients=clients,
        initial_parameters=ndarrays_to_parameters([np.zeros(shape), np.zeros(shape[1])]),
    )
    return lambda _: ServerAppComponents(strategy=strategy, config=ServerConfig(num_rounds=way.rounds))


def build_clients(folder: str, way: Course) -> Callable[..., Any]:
    """Clients whose samples are in a folder."""
    from flwr.client import NumPyClient

    class Learning(NumPyClient):  # as Flower asks for
        def __init__(self, client: int) -> None:
            with np.load(Path(folder) / f"{client}.npz") as samples:
                self.shard = samples["x"], samples["y"]

        def fit(self, parameters: Any, config: Any) -> Any:
            weights, biases = (np.array(layer) for layer in parameters)
            samples = len(self.shard[1])
            orders = np.random.default_rng().random((way.epochs, samples)).argsort(axis=1)
            descend(weights, biases, self.shard, orders, way)
            return [weights, biases], samples, {}

    return lambda context: Learning(int(context.node_config["partition-id"])).to_client()


def main() -> None:
    reason = find_lack("flwr", "ray")
    if reason is not None:
        print(f"Flower is left out: {reason}")
        return
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    shards = list(zip(np.array_split(x / 16.0, 100), np.array_split(y, 100), strict=True))
    played = play_flower(shards, 10, Course(rounds=10, chosen=10, epochs=5, batch=10, rate=0.1))
    print(f"Flower: {played.round_s:.3f} s a round, {played.whole_s:.1f} s in all, {played.updates} updates")


if __name__ == "__main__":
    main()
