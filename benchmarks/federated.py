"""Federated learning: a crowd of millions in rounds, models that really learn, slots without rounds; and Flower.

    pip install -e '.[bench]' && python benchmarks/federated.py        (Flower is left out where it is not installed)

Crowds: all of a run but its tables, recording on, 1000 rounds of 1300 phones; budgets are 2 s at
1e6 phones and 3 s at 1e7. Learning: softmax regression on digits, shared by 100 clients, 5 epochs
of batches of 10; budgets are 10 ms a round of 10 clients, and for 100 clients side by side a tenth
of the time of a loop, by the same code for one client at a time, and by a bare loop written for
this model. Every algorithm of our own, three seeds, 100 rounds, whole runs on two cores: 2 min.
Slots: sessions a second as columns and one event after the other, with the same clients.

Flower (Beutel et al. 2020, https://flower.ai) plays the same FedAvg on its Ray engine, its clients with the bare
loop; it ought to take 50 times as long, a round and in all. It can simulate models that fill a GPU, where this
ratio shrinks to 1: what is compared is what a round of small ones costs around the arithmetic.

Seconds are the fastest of a few where they are short, for the machine may be busy. Exit 1 if a run
is short of rounds, or if columns and loops do not come to the same.
"""

import importlib.util
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.engine.rng import Streams
from simulator.learning.arrays import Floats
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.pupil import Pupil
from simulator.learning.rule import averaging
from simulator.learning.spec import TaskSpec
from simulator.learning.task import Task, build_task, initial_params
from simulator.population.session import Sizes
from simulator.population.slot_draws import Tasked, draw_from_crowd
from simulator.population.slots import Asynchronous, Draw, SlotRules, Slots
from simulator.population.slots_heap import Client, NextClient, play_events
from simulator.scenario.build import build_world
from simulator.scenario.load import Loaded, dump, load_text
from simulator.scenario.run import close, run_scenario, simulate
from simulator.scenario.spec import tasks
from simulator.workloads.federate import ALGORITHMS

REPEATED, SAME = 3, 1e-12
CROWDS = ((1_000_000, 2.0), (10_000_000, 3.0))
"""Phones, and the seconds they may take."""
ROUND_BUDGET_MS, LEAST_LOOP, MATRIX_BUDGET_S, LEAST_FLOWER = 10.0, 10, 120.0, 50
CLIENTS, CHOSEN, LOCAL = 100, 10, Local(epochs=5, batch=10, rate=0.1)
EDGES = {"paris": "edge_paris", "berlin": "edge_berlin"}
SILOS = ("amsterdam", "berlin", "brussels", "london", "lyon", "madrid", "milan", "oslo", "paris", "vienna")

Json = dict[str, Any]
Work = Callable[[], object]


class Size(NamedTuple):
    """How much of each part: crowds with their budgets, rounds, updates a round, learning, versions of slots."""

    crowds: tuple[tuple[int, float], ...] = CROWDS
    rounds: int = 1000
    cohort: int = 1000
    learnt: int = 100
    seeds: int = 3
    workers: int = 2
    versions: int = 1000


def scenario(seed: int, federate: Json, populations: Json, clients: int = CLIENTS) -> Loaded:
    """A learning by such fields, in a world of phones, a laboratory, edges and silos."""
    gpus = {"model": "a100-sxm4-40gb", "count": 1}
    sites = {"lab": "grenoble", **{edge: city for city, edge in EDGES.items()}}
    sites |= {f"silo_{city}": city for city in SILOS if federate["clients"] != "phones"}
    places = {site: {"city": city, "uplink": "100 Tbps", "devices": {"gpus": gpus}} for site, city in sites.items()}
    fields = {"model": "gru", "sample_time": "0.5 s", **federate}
    data = {
        "name": "federated",
        "seed": seed,
        "world": {"year": 2025, "datacenters": places, "populations": populations},
        "models": {"gru": {"parameters": 1.4e6, "bytes_per_parameter": "4 B"}},
        "workloads": [{"federate": fields}],
    }
    if "learn" in federate:
        data["tasks"] = {"digits": digits(clients)}
    return load_text(dump(data), "federated.yaml")


def phones(count: int, places: Json, **more: Any) -> Json:
    """So many phones that charge."""
    access = {"wifi": 0.6, "4g": 0.4}
    users = {"device": "smartphone", "count": count, "places": places, "access": access, "samples": 100}
    return {**users, "state": "charging", "account": "marginal", "samples_spread": 2, **more}


def digits(clients: int) -> Json:
    """The task of all that really learns here."""
    return {"data": "digits", "model": "softmax", "clients": clients}


def at_server(algorithm: Any, cohort: int | None = CHOSEN) -> Json:
    """A learning of phones at one server."""
    fields = {"algorithm": algorithm, "clients": "phones", "server": "lab/gpus", "aggregation": "10 s"}
    return {**fields, "utilisation": 0.5, **({} if cohort is None else {"cohort": cohort})}


def fastest_s(work: Work, repeated: int = REPEATED) -> float:
    """The least that it took."""
    spent_s = []
    for _ in range(repeated):
        began_s = time.perf_counter()
        work()
        spent_s.append(time.perf_counter() - began_s)
    return min(spent_s)


def tell_crowds(size: Size) -> list[str]:
    """Crowds that are always there, and by night; what is wrong."""
    wrong: list[str] = []
    for count, budget_s in size.crowds:
        always_s, nights_s = (crowd_s(size, count, available, wrong) for available in ("always", "nights"))
        print(
            f"{count:,} phones, {size.rounds:,} rounds of {1.3 * size.cohort:,.0f}: {always_s:.2f} s, those of "
            f"`nights` {nights_s:.2f} s (below {budget_s:g} s), ratio {nights_s / always_s:.2f}x"
        )
    return wrong


def crowd_s(size: Size, count: int, available: str, wrong: list[str]) -> float:
    """Seconds of all rounds of a crowd."""
    crowd = {"phones": phones(count, {"paris": 0.5, "lyon": 0.3, "marseille": 0.2}, available=available)}
    fields = at_server("fedavg", size.cohort) | {"over_selection": 1.3, "rounds": size.rounds}
    loaded = scenario(1, fields, crowd)
    simulate(loaded, "main", tasks(loaded.spec)["main"])  # cables are found once

    def run() -> None:
        done = simulate(loaded, "main", tasks(loaded.spec)["main"])
        ran, _ = close(loaded, done, done.rest_s)
        if [row.round for row in ran.rounds] != list(range(size.rounds)):
            wrong.append(f"{count:,} phones, {available}: {len(ran.rounds)} rounds of {size.rounds}")

    return fastest_s(run)


def tell_learning(task: Task, rounds: int) -> list[str]:
    """Rounds of 10 clients, and of all side by side against loops; what is wrong."""
    round_s = statistics.median(rounds_s(task, rounds))
    print(f"FedAvg on digits, {CHOSEN} clients a round: {1e3 * round_s:.2f} ms a round (below {ROUND_BUDGET_MS:g} ms)")
    start, everybody = initial_params(task), range(task.clients)

    def stacked() -> Floats:
        return train_clients(task, start, everybody, 0, LOCAL).params

    def looped() -> Floats:
        return np.stack([train_clients(task, start, [shard], 0, LOCAL).params[0] for shard in everybody])

    def bare() -> Floats:
        return bare_loop(task, start)

    stacked_s = fastest_s(stacked, 10 * REPEATED)
    print(f"{task.clients} clients side by side: {1e3 * stacked_s:.2f} ms", end="")
    for name, loop in (("the same code one by one", looped), ("a bare loop", bare)):
        loop_s = fastest_s(loop)
        print(f"; {name} {1e3 * loop_s:.1f} ms, {loop_s / stacked_s:.1f}x (at least {LEAST_LOOP}x)", end="")
    print()
    apart = max(float(np.abs(stacked() - loop()).max()) for loop in (looped, bare))
    return [] if apart <= SAME else [f"clients side by side and in loops: parameters differ by {apart:.1e}"]


def rounds_s(task: Task, rounds: int) -> list[float]:
    """Seconds of each round of FedAvg among a few clients."""
    pupil, luck, spent_s = Pupil(task, LOCAL, averaging(1.0)), np.random.Generator(np.random.Philox(7)), []
    for turn in range(rounds):
        chosen = luck.choice(task.clients, CHOSEN, replace=False)
        began_s = time.perf_counter()
        pupil.learn(turn, chosen)
        spent_s.append(time.perf_counter() - began_s)
    return spent_s


def bare_loop(task: Task, start: Floats) -> Floats:
    """What all clients make of their first turn, as one would write it for this model and one client."""
    drawn = task.streams.generator("batches", task.name, 0).random((LOCAL.epochs, len(task.data.y)))
    shape = task.data.x.shape[1], len(task.data.labels)
    found = []
    for shard in task.shards:
        weights, biases = start[: shape[0] * shape[1]].reshape(shape).copy(), start[shape[0] * shape[1] :].copy()
        descend(weights, biases, task.data.x, task.data.y, shard[drawn[:, shard].argsort(axis=1)])
        found.append(np.concatenate((weights.ravel(), biases)))
    return np.stack(found)


def descend(weights: Floats, biases: Floats, x: Floats, y: np.ndarray, orders: Iterable[np.ndarray]) -> None:
    """Minibatch SGD of a softmax regression, in place, through samples in these orders."""
    for order in orders:
        for first in range(0, len(order), LOCAL.batch):
            rows = order[first : first + LOCAL.batch]
            samples = x[rows]
            error = samples @ weights + biases
            error -= error.max(axis=1, keepdims=True)
            np.exp(error, out=error)
            error /= error.sum(axis=1, keepdims=True)
            error[np.arange(len(rows)), y[rows]] -= 1.0
            error *= LOCAL.rate / len(rows)
            weights -= samples.T @ error
            biases -= error.sum(axis=0)


def learnings() -> dict[str, Json]:
    """A learning by each algorithm: phones at a server or at edges, machines in a ring, phones alone."""
    edges = [f"{edge}/gpus" for edge in EDGES.values()]
    silos = [f"silo_{city}/gpus" for city in SILOS]
    by_edges = {"kind": "hierarchical", "edges": edges, "edge_rounds": 2}
    return {
        "fedavg": at_server("fedavg"),
        "fedprox": at_server({"kind": "fedprox", "proximal": 0.1}),
        "fedadam": at_server({"kind": "fedadam", "rate": 0.03}),
        "fedbuff": at_server({"kind": "fedbuff", "concurrency": 2 * CHOSEN, "buffer": CHOSEN}, None),
        "hierarchical": at_server(by_edges) | {"clients": [*EDGES]},
        "gossip": {"algorithm": {"kind": "gossip", "topology": "ring"}, "clients": silos},
        "local-only": {"algorithm": "local-only", "clients": "phones", "cohort": CLIENTS},
    }


class Learnt(NamedTuple):
    """What came of one whole run: rounds that it made, how good the model is, the seconds it took."""

    rounds: int
    accuracy: float
    time_s: float


def learn(kind: str, seed: int, rounds: int) -> Learnt:
    """A whole run in which a model learns."""
    began_s = time.perf_counter()
    fields = learnings()[kind]
    said = {"epochs": LOCAL.epochs, "learn": {"task": "digits", "rate": LOCAL.rate, "batch": LOCAL.batch}}
    if kind == "hierarchical":
        crowds = {city: phones(50_000, {city: 1}) for city in EDGES}
    else:
        crowds = {"phones": phones(100_000, {"paris": 0.5, "lyon": 0.3, "marseille": 0.2})}
    clients = len(SILOS) if kind == "gossip" else CLIENTS
    done = run_scenario(scenario(seed, {**fields, **said, "rounds": rounds}, crowds, clients))
    (job,), scores = done.tables["jobs"].to_pylist(), done.tables["scores"].to_pylist()
    return Learnt(job["steps"], scores[-1]["accuracy"], time.perf_counter() - began_s)


def tell_algorithms(size: Size) -> list[str]:
    """All algorithms with all seeds; what is wrong."""
    kinds = [kind for kind in learnings() if kind in ALGORITHMS]
    assert len(kinds) == len(ALGORITHMS), "every algorithm of our own"
    columns = list(zip(*product(kinds, range(1, size.seeds + 1), [size.learnt]), strict=True))
    began_s = time.perf_counter()
    if size.workers == 1:
        found = list(map(learn, *columns))
    else:
        with ProcessPoolExecutor(size.workers, get_context("spawn")) as pool:
            found = list(pool.map(learn, *columns))
    spent_s = time.perf_counter() - began_s
    print(
        f"{len(kinds)} algorithms x {size.seeds} seeds x {size.learnt} rounds on {size.workers} cores: "
        f"{spent_s:.1f} s (below {MATRIX_BUDGET_S:g} s)"
    )
    for kind in kinds:
        mine = [one for one, own in zip(found, columns[0], strict=True) if own == kind]
        accuracy, time_s = (statistics.mean(getattr(one, what) for one in mine) for what in ("accuracy", "time_s"))
        print(f"    {kind:12} {time_s:6.2f} s a run, accuracy {accuracy:.3f}")
    return [
        f"{kind}, seed {seed}: {one.rounds} rounds of {rounds}"
        for one, kind, seed, rounds in zip(found, *columns, strict=True)
        if one.rounds != rounds
    ]


def tell_slots(versions: int) -> list[str]:
    """Slots as columns, and as events; what is wrong."""
    fields = {**at_server("fedavg"), "rounds": 1}
    crowd = build_world(scenario(1, fields, {"phones": phones(1_000_000, {"paris": 1})}).spec).crowds["phones"]
    rules = SlotRules(1000, 100, 240.0, 1.0, Sizes(4e7, 4e7))
    tasked = Tasked(np.full(len(crowd.blocks), 0.02), 50.0, 0.08)
    draw = draw_from_crowd(crowd, crowd.streams, rules.concurrency, tasked)

    def columns() -> Asynchronous:
        return Slots(draw, rules).until_versions(versions)

    def events() -> Asynchronous:
        return play_events(one_by_one(draw, rules.concurrency), rules, versions)

    one, other = columns(), events()
    sessions = len(one.user)
    one_s, other_s = fastest_s(columns), fastest_s(events)
    print(
        f"FedBuff's clock, {sessions:,} sessions of {rules.concurrency:,} slots: {sessions / one_s / 1e6:.2f} million a "
        f"second as columns, {sessions / other_s / 1e6:.3f} as events, ratio {other_s / one_s:.1f}x"
    )
    same = all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    return [] if same else ["slots as columns and as events are not the same"]


def one_by_one(draw: Draw, slots: int) -> NextClient:
    """The same clients, one at a time: a block is drawn when its first one is asked for."""
    blocks: list[list[Client]] = []

    def next_client(slot: int, turn: int, at_s: float) -> Client:
        block, place = divmod(turn * slots + slot, len(blocks[0]) if blocks else 1 << 62)
        while len(blocks) <= block:
            user, members = draw(len(blocks), np.zeros(slots))
            blocks.append(list(map(Client, user.tolist(), *(column.tolist() for column in members))))
        return blocks[block][place]

    return next_client


def tell_flower(task: Task, rounds: int) -> list[str]:
    """The same FedAvg by Flower; what is wrong."""
    reason = find_lack("flwr", "ray")
    if reason is not None:
        print(f"Flower is left out: {reason}")
        return []
    learning_s = statistics.median(rounds_s(task, rounds))
    learn("fedavg", 1, 1)  # cables are found once
    ours = learn("fedavg", 1, rounds)
    flower = play_flower(task, rounds)
    pairs = (
        ("a round, learning alone", flower.round_s, learning_s),
        ("a round of a whole run", flower.round_s, ours.time_s / rounds),
        (f"a whole run of {rounds} rounds, Ray's start included", flower.whole_s, ours.time_s),
    )
    for what, flower_s, ours_s in pairs:
        print(
            f"Flower, {what}: {1e3 * flower_s:.0f} ms, AIceberg {1e3 * ours_s:.2f} ms, "
            f"{flower_s / ours_s:.0f}x (at least {LEAST_FLOWER}x)"
        )
    return [] if flower.updates == rounds * CHOSEN else [f"Flower: {flower.updates} updates of {rounds * CHOSEN}"]


def find_lack(*modules: str) -> str | None:
    """Why some of these cannot be used, in words; None where all can."""
    for name in modules:
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed; pip install -e '.[bench]'"
    try:
        for name in modules:
            importlib.import_module(name)
    except ImportError as error:
        return f"it does not import ({error})"
    return None


class Flower(NamedTuple):
    """How long Flower took: a round after the first, the median; all of it; and updates that it aggregated."""

    round_s: float
    whole_s: float
    updates: int


def play_flower(task: Task, rounds: int) -> Flower:
    """FedAvg of as many clients a round, each a NumPyClient, on the Ray engine with an actor a core."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "FLWR_TELEMETRY_ENABLED": "0"}
    from flwr.client import ClientApp
    from flwr.server import ServerApp
    from flwr.simulation import run_simulation

    logging.getLogger("flwr").setLevel(logging.ERROR)
    begins_s: list[float] = []
    updates: list[int] = []
    with tempfile.TemporaryDirectory() as name:
        for client, shard in enumerate(task.shards):
            np.savez(Path(name) / f"{client}.npz", x=task.data.x[shard], y=task.data.y[shard])
        server = ServerApp(server_fn=flower_server(task, rounds, begins_s, updates))
        app = ClientApp(client_fn=flower_client(name))
        began_s = time.perf_counter()
        resources = {"client_resources": {"num_cpus": 1, "num_gpus": 0.0}}
        run_simulation(server, app, num_supernodes=task.clients, backend_config=resources)
        ended_s = time.perf_counter()
    edges_s = np.array([*begins_s, ended_s])
    return Flower(float(np.median(np.diff(edges_s[1:-1]))), ended_s - began_s, sum(updates))


def flower_server(task: Task, rounds: int, begins_s: list[float], updates: list[int]) -> Callable[..., Any]:
    """A server of Flower's that notes when rounds begin, and how many updates it gets."""
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

    shape = task.data.x.shape[1], len(task.data.labels)
    strategy = Noting(
        fraction_fit=CHOSEN / task.clients,
        fraction_evaluate=0.0,
        min_fit_clients=CHOSEN,
        min_available_clients=task.clients,
        initial_parameters=ndarrays_to_parameters([np.zeros(shape), np.zeros(shape[1])]),
    )
    return lambda _: ServerAppComponents(strategy=strategy, config=ServerConfig(num_rounds=rounds))


def flower_client(folder: str) -> Callable[..., Any]:
    """Clients of Flower's, whose samples are in a folder."""
    from flwr.client import NumPyClient

    class Learning(NumPyClient):  # as Flower asks for
        def __init__(self, client: int) -> None:
            with np.load(Path(folder) / f"{client}.npz") as samples:
                self.x, self.y = samples["x"], samples["y"]

        def fit(self, parameters: Any, config: Any) -> Any:
            weights, biases = (np.array(layer) for layer in parameters)
            orders = [np.random.permutation(len(self.y)) for _ in range(LOCAL.epochs)]  # noqa: NPY002
            descend(weights, biases, self.x, self.y, orders)
            return [weights, biases], len(self.y), {}

    return lambda context: Learning(int(context.node_config["partition-id"])).to_client()


def report(size: Size) -> bool:
    """Measure and print all of our own; whether nothing is wrong."""
    task = the_task()
    wrong = [*tell_crowds(size), *tell_learning(task, size.learnt), *tell_algorithms(size), *tell_slots(size.versions)]
    print("\n".join(wrong) or "no run is short of rounds; columns and loops come to the same")
    return not wrong


def the_task() -> Task:
    """Digits, shared by the clients."""
    return build_task(TaskSpec.model_validate(digits(CLIENTS)), Streams(1), "digits")


def main() -> None:
    right = report(Size())
    wrong = tell_flower(the_task(), 50)
    print("\n".join(wrong), end="")
    if wrong or not right:
        sys.exit(1)


if __name__ == "__main__":
    main()
