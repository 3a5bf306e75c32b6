"""Plain twins of what runs on columns: training written out for one client, and a process for each phone of a round.

They share nothing with what they are held against but the drawn numbers: the order of a client's samples, and the
seconds of each phone.
"""

from collections.abc import Generator
from math import isfinite

import numpy as np
import simpy

from simulator.engine.rng import Streams
from simulator.engine.spill import Floats
from simulator.learning.aggregate import weighted_mean
from simulator.learning.clients import Clients
from simulator.learning.learner import Local
from simulator.learning.local import train_clients
from simulator.learning.spec import TaskSpec
from simulator.learning.task import Task, build_task, initial_params
from simulator.population.session import Members, Sizes, close_round, drop_times_s, moments_alone

Event = Generator[simpy.Event, None, None]


def largest_difference(turns: int = 5) -> float:
    """Between the parameters of softmax regression after rounds of all clients, stacked and in a loop."""
    said = {"data": "digits", "model": "softmax", "clients": 50, "partition": {"kind": "dirichlet", "alpha": 0.5}}
    task = build_task(TaskSpec.model_validate(said), Streams(1), "digits")
    chosen, local = list(range(0, task.clients, 3)), Local(epochs=3, batch=10, rate=0.1)
    stacked = looped = initial_params(task)
    for turn in range(turns):
        trained = train_clients(task, stacked, chosen, turn, local)
        stacked = weighted_mean(trained.params, trained.samples)
        looped = _fedavg(task, looped, chosen, turn, local)
    return float(np.abs(stacked - looped).max())


def _fedavg(task: Task, params: Floats, chosen: list[int], turn: int, local: Local) -> Floats:
    """One client after another, one step after another."""
    total, samples = np.zeros_like(params), 0
    for shard in chosen:
        own = task.shards[shard]
        clients = Clients(task.streams, task.name, len(task.data.y), (own,), (shard,), (turn,))
        (orders,) = clients.orders(local.epochs)
        found = params.copy()
        for order in orders:
            for first in range(0, len(order), local.batch):
                rows = order[first : first + local.batch]
                found -= local.rate * _gradient(found, task.data.x[rows], task.data.y[rows])
        total += len(own) * found
        samples += len(own)
    return np.asarray(total / samples)


def _gradient(params: Floats, x: Floats, y: np.ndarray) -> Floats:
    """Of the mean cross-entropy of softmax regression: x^T (p - 1[y]) / n, and the mean of p - 1[y]."""
    features = x.shape[1]
    classes = len(params) // (features + 1)
    weights, bias = params[: features * classes].reshape(features, classes), params[features * classes :]
    belief = np.exp(x @ weights + bias)
    belief /= belief.sum(axis=1, keepdims=True)
    belief[np.arange(len(y)), y] -= 1.0
    return np.concatenate(((x.T @ belief).ravel(), belief.sum(axis=0))) / len(y)


def rounds_apart(turns: int = 50) -> float:
    """The largest relative difference between closes of rounds of processes and of columns; infinite if others count.

    Each has 65 phones of which 50 are waited for, up to 240 s, with 8 % drop-outs.
    """
    sizes, goal, deadline_s, largest = Sizes(8e7, 8e7), 50, 240.0, 0.0
    for turn in range(turns):
        members = _phones(turn, 65)
        moments_s = moments_alone(members, sizes)
        closed = close_round(moments_s, drop_times_s(members, moments_s), goal, deadline_s)
        close_s, accepted = play_processes(members, sizes, goal, deadline_s)
        if accepted != np.flatnonzero(closed.accepted).tolist():
            return float("inf")
        largest = max(largest, abs(close_s / closed.close_s - 1.0))
    return largest


def _phones(turn: int, count: int) -> Members:
    draw = Streams(1).generator("phones", turn=turn)
    spread = np.exp(0.6 * draw.standard_normal((3, count)))
    drop_share = np.where(draw.random(count) < 0.08, draw.random(count), np.inf)
    return Members(np.full(count, 0.02), 5e7 * spread[0], 2e7 * spread[1], 60.0 * spread[2], drop_share)


def play_processes(members: Members, sizes: Sizes, goal: int, deadline_s: float) -> tuple[float, list[int]]:
    """When a round closes and whose updates it has, each phone a process of its own."""
    env, accepted = simpy.Environment(), list[int]()
    enough = env.event()

    def phone(number: int) -> Event:
        latency_s, down_bps, up_bps, compute_s, drop_share = (float(column[number]) for column in members)
        phases_s = (latency_s, sizes.down_b / down_bps, compute_s, latency_s, sizes.up_b / up_bps)
        left_s = drop_share * sum(phases_s) if isfinite(drop_share) else float("inf")
        for phase_s in phases_s:
            if phase_s > left_s:
                return
            yield env.timeout(phase_s)
            left_s -= phase_s
        if not enough.triggered:
            accepted.append(number)
            if len(accepted) == goal:
                enough.succeed()

    for number in range(len(members.latency_s)):
        env.process(phone(number))
    env.run(until=enough | env.timeout(deadline_s))
    return env.now, sorted(accepted)
