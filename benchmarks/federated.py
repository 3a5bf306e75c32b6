"""Federated learning: a crowd of millions in rounds, models that really learn, slots without rounds; and Flower.

    pip install -e '.[bench]' && python benchmarks/federated.py        (Flower is left out where it is not installed)

Crowds: all of a run but its tables, recording on, 1000 rounds of 1300 phones; budgets are 2 s at
1e6 phones and 3 s at 1e7. Learning: softmax regression on digits, shared by 100 clients, 5 epochs
of batches of 10; budgets are 10 ms a round of 10 clients, and for 100 clients side by side a tenth
of the time of a loop, by the same code for one client at a time, and by a bare loop written for
this model. Every algorithm of our own, three seeds, 100 rounds, whole runs on two cores: 2 min.
Slots: sessions a second as columns and one event after the other, with the same clients.

Flower plays the same FedAvg on its Ray engine, its clients with the bare loop (flower.py); it
ought to take 50 times as long, a round and in all. The ratio is that of small models: it shrinks
to 1 where they fill a machine.

Seconds are the fastest of a few where they are short, for the machine may be busy. Exit 1 if a run
is short of rounds, or if columns and loops do not come to the same.
"""

import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from typing import Any, NamedTuple, TypeVar

import numpy as np
from flower import Course, descend, find_lack, play_flower

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

REPEATED, SHORT_REPEATED, SAME = 3, 10, 1e-12
CROWDS = ((1_000_000, 2.0), (10_000_000, 3.0))
"""Phones, and the seconds they may take."""
ROUND_BUDGET_MS, LEAST_LOOP, MATRIX_BUDGET_S, LEAST_FLOWER = 10.0, 10, 120.0, 50
CLIENTS, CHOSEN, LOCAL = 100, 10, Local(epochs=5, batch=10, rate=0.1)
EDGES = {"paris": "edge_paris", "berlin": "edge_berlin"}
SILOS = ("amsterdam", "berlin", "brussels", "london", "lyon", "madrid", "milan", "oslo", "paris", "vienna")

Json = dict[str, Any]
Found = TypeVar("Found")


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


def fastest(work: Callable[[], Found], repeated: int = REPEATED) -> tuple[float, Found]:
    """The least seconds that it took, and what it found."""
    spent_s = []
    for _ in range(repeated):
        began_s = time.perf_counter()
        found = work()
        spent_s.append(time.perf_counter() - began_s)
    return min(spent_s), found


def tell_crowds(size: Size) -> list[str]:
    """Crowds that are always there, and by night; what is wrong."""
    wrong = []
    for count, budget_s in size.crowds:
        (always_s, one), (nights_s, other) = (play_crowd(size, count, available) for available in ("always", "nights"))
        wrong += [
            f"{count:,} phones: {rounds} rounds of {size.rounds}" for rounds in (one, other) if rounds != size.rounds
        ]
        print(
            f"{count:,} phones, {size.rounds:,} rounds of {1.3 * size.cohort:,.0f}: {always_s:.2f} s, those of "
            f"`nights` {nights_s:.2f} s (below {budget_s:g} s), ratio {nights_s / always_s:.2f}x"
        )
    return wrong


def play_crowd(size: Size, count: int, available: str) -> tuple[float, int]:
    """Seconds of all rounds of a crowd, and how many rounds these were."""
    crowd = {"phones": phones(count, {"paris": 0.5, "lyon": 0.3, "marseille": 0.2}, available=available)}
    fields = at_server("fedavg", size.cohort) | {"over_selection": 1.3, "rounds": size.rounds}
    loaded = scenario(1, fields, crowd)

    def run() -> int:
        done = simulate(loaded, "main", tasks(loaded.spec)["main"])
        ran, _ = close(loaded, done, done.rest_s)
        return len(ran.rounds)

    return fastest(run)


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

    stacked_s, found = fastest(stacked, SHORT_REPEATED)
    print(f"{task.clients} clients side by side: {1e3 * stacked_s:.2f} ms", end="")
    apart = 0.0
    for name, loop in (("the same code one by one", looped), ("a bare loop", bare)):
        loop_s, other = fastest(loop, SHORT_REPEATED)
        apart = max(apart, float(np.abs(found - other).max()))
        print(f"; {name} {1e3 * loop_s:.1f} ms, {loop_s / stacked_s:.1f}x (at least {LEAST_LOOP}x)", end="")
    print()
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
        descend(weights, biases, (task.data.x, task.data.y), shard[drawn[:, shard].argsort(axis=1)], course(1))
        found.append(np.concatenate((weights.ravel(), biases)))
    return np.stack(found)


def course(rounds: int) -> Course:
    """The learning in the words of the loop, and of Flower's."""
    return Course(rounds, CHOSEN, LOCAL.epochs, LOCAL.batch, LOCAL.rate)


def learnings() -> dict[str, Json]:
    """A learning by each algorithm: phones at a server or at edges, machines in a ring, phones alone."""
    edges = [f"{edge}/gpus" for edge in EDGES.values()]
    silos = [f"silo_{city}/gpus" for city in SILOS]
    by_edges = {"kind": "hierarchical", "edges": edges, "edge_rounds": 2}
    split = {"kind": "split", "cut": "1 kB", "part": "1 MB", "share": 0.2, "batch": 10}
    return {
        "fedavg": at_server("fedavg"),
        "fedprox": at_server({"kind": "fedprox", "proximal": 0.1}),
        "fedadam": at_server({"kind": "fedadam", "rate": 0.03}),
        "fedbuff": at_server({"kind": "fedbuff", "concurrency": 2 * CHOSEN, "buffer": CHOSEN}, None),
        "semi-async": at_server({"kind": "semi-async", "window": "3 min", "concurrency": 2 * CHOSEN}, None),
        "hierarchical": at_server(by_edges) | {"clients": [*EDGES]},
        "gossip": {"algorithm": {"kind": "gossip", "topology": "ring"}, "clients": silos},
        "ring": {"algorithm": "ring", "clients": silos},
        "split": {"algorithm": split, "clients": silos, "server": "lab/gpus"},
        "local-only": {"algorithm": "local-only", "clients": "phones", "cohort": CLIENTS},
    }


AMONG_MACHINES = ("gossip", "ring", "split")


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
    clients = len(SILOS) if kind in AMONG_MACHINES else CLIENTS
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

    (one_s, one), (other_s, other) = fastest(columns), fastest(events)
    sessions = len(one.user)
    print(
        f"FedBuff's clock, {sessions:,} sessions of {rules.concurrency:,} slots: {sessions / one_s / 1e6:.2f} "
        f"million a second as columns, {sessions / other_s / 1e6:.3f} as events, ratio {other_s / one_s:.1f}x"
    )
    same = all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    return [] if same else ["slots as columns and as events are not the same"]


def one_by_one(draw: Draw, slots: int) -> NextClient:
    """The same clients, one at a time: a block is drawn when its first one is asked for."""

    def drawn(number: int) -> list[Client]:
        user, members = draw(number, np.zeros(slots))
        return list(map(Client, user.tolist(), *(column.tolist() for column in members)))

    blocks = [drawn(0)]

    def next_client(slot: int, turn: int, at_s: float) -> Client:
        number, place = divmod(turn * slots + slot, len(blocks[0]))
        if number == len(blocks):
            blocks.append(drawn(number))
        return blocks[number][place]

    return next_client


def tell_flower(task: Task, rounds: int) -> list[str]:
    """The same FedAvg by Flower; what is wrong."""
    reason = find_lack("flwr", "ray")
    if reason is not None:
        print(f"Flower is left out: {reason}")
        return []
    learning_s = statistics.median(rounds_s(task, rounds))
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        first = pool.submit(learn, "fedavg", 1, rounds).result()
    *_, short, ours = (learn("fedavg", 1, turns) for turns in (1, 1, rounds))
    shards = [(task.data.x[shard], task.data.y[shard]) for shard in task.shards]
    flower = play_flower(shards, len(task.data.labels), course(rounds))
    clock_s = (ours.time_s - short.time_s) / (rounds - 1)
    least = f" (at least {LEAST_FLOWER}x)"
    for what, flower_s, ours_s, asked in (
        ("a round, of ours the learning alone", flower.round_s, learning_s, least),
        ("a round, of ours beside the clock", flower.round_s, clock_s, least),
        (f"a whole run of {rounds} rounds", flower.whole_s, ours.time_s, least),
        ("the same, our first in a process, which imports and looks up", flower.whole_s, first.time_s, ""),
    ):
        print(f"Flower, {what}: {flower_s:.3f} s, AIceberg {ours_s:.5f} s, {flower_s / ours_s:.0f}x{asked}")
    return [] if flower.updates == rounds * CHOSEN else [f"Flower: {flower.updates} updates of {rounds * CHOSEN}"]


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
    for line in wrong:
        print(line)
    if wrong or not right:
        sys.exit(1)


if __name__ == "__main__":
    main()
