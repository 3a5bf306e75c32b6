"""LEAF and AIceberg on the same machines and tasks: equal joules, seconds compared.

    pip install -e '.[bench]' && python benchmarks/leaf.py

100 nodes draw 100 W at rest and 350 W at full load; 1000 tasks of a tenth of a node start and
stop at seeded moments on whole seconds, so that LEAF, which looks once a second, sees every
one. Its meters look in the middle of each second: one on the infrastructure for totals, one a
node for the log. AIceberg: a meter a node, moved by the same processes; the account; the tick
log of a second by asset. Both are timed from nothing to the answer, building included. LEAF
writes no files: our writing stands against its lists in memory.

Budgets at 86 400 ticks: totals 200 times faster, per-node log 100 times in memory and 50
times written. LEAF: Wiesner and Thamsen 2021, https://pypi.org/project/leafsim.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import simpy
from floor import nodes_of_a_site

from simulator.engine.ledger import Ledger
from simulator.engine.meter import Meter
from simulator.footprint.boundary import summarise
from simulator.footprint.power_log import tick_table
from simulator.record.events import Events
from simulator.record.store import write_table
from simulator.record.tables import Run, Tables, build_tables

NODES, TASKS, SLOTS = 100, 1000, 10
REST_W, MAX_W = 100.0, 350.0
Life = Generator[simpy.events.Event, None, None]


class Plan(NamedTuple):
    """One task: its node, when it starts and how long it lasts, in whole seconds."""

    node: int
    start_s: int
    time_s: int


def plans(end_s: int) -> list[Plan]:
    """The tasks of a run of so many seconds: the same for the same length."""
    luck = np.random.Generator(np.random.Philox(7))
    node = luck.integers(0, NODES, TASKS)
    start_s, time_s = luck.integers(0, end_s * 9 // 10, TASKS), luck.integers(1, end_s // 10, TASKS)
    return [Plan(*row) for row in zip(node.tolist(), start_s.tolist(), time_s.tolist(), strict=True)]


def leaf_run(end_s: int, per_node: bool) -> list[float]:
    """The joules of each meter, by LEAF."""
    from leaf.application import Task
    from leaf.infrastructure import Infrastructure, Node
    from leaf.power import PowerMeter, PowerModelNode

    env, infrastructure = simpy.Environment(), Infrastructure()
    nodes = [
        Node(f"n{n}", cu=SLOTS, power_model=PowerModelNode(max_power=MAX_W, static_power=REST_W)) for n in range(NODES)
    ]
    for node in nodes:
        infrastructure.add_node(node)

    def live(plan: Plan) -> Life:
        yield env.timeout(plan.start_s)
        task = Task(cu=1)
        task.allocate(nodes[plan.node])
        yield env.timeout(plan.time_s)
        task.deallocate()

    for plan in plans(end_s):
        env.process(live(plan))
    meters = [PowerMeter(entity, measurement_interval=1) for entity in (nodes if per_node else [infrastructure])]
    for meter in meters:
        env.process(meter.run(env, delay=0.5))
    env.run(until=end_s)
    return [sum(map(float, meter.measurements)) for meter in meters]


def our_run(end_s: int) -> Tables:
    """The exact tables of the same nodes and tasks."""
    env = simpy.Environment()
    ledger, events = Ledger(env), Events()
    meters = [Meter(ledger, f"site/n{n}/node") for n in range(NODES)]
    busy = [0] * NODES
    each_w = (MAX_W - REST_W) / SLOTS

    def live(plan: Plan) -> Life:
        node, draw = plan.node, meters[plan.node].draw
        yield env.timeout(plan.start_s)
        busy[node] += 1
        draw(REST_W + each_w * busy[node], "tasks", "compute")
        yield env.timeout(plan.time_s)
        busy[node] -= 1
        draw(REST_W + each_w * busy[node], "tasks", "compute")

    for meter in meters:
        meter.draw(REST_W, "tasks", "compute")
    for plan in plans(end_s):
        env.process(live(plan))
    events.add(0.0, "start", "leaf")
    env.run(until=end_s)
    events.add(end_s, "end", "leaf")
    tables = build_tables(Run("main", ledger, events, [], [], [], {}, float(end_s)), 0)
    return {**tables, **nodes_of_a_site(NODES, float(end_s), "always")}


def our_total_j(end_s: int) -> float:
    return float(summarise(our_run(end_s))["paradigms"]["main"]["boundaries"]["server"]["energy_j"])


def our_log(end_s: int, path: Path | None = None) -> pa.Table:
    log = tick_table(our_run(end_s), 1.0, by=("asset",))
    if path is not None:
        write_table(log, path)
    return log


def check(end_s: int) -> None:
    """Raises AssertionError unless both say the same joules, in all and node by node."""
    (total_j,) = leaf_run(end_s, per_node=False)
    assert our_total_j(end_s) == total_j, (our_total_j(end_s), total_j)
    log = our_log(end_s).group_by("asset").aggregate([("energy_j", "sum")])
    ours = dict(zip(log["asset"].to_pylist(), log["energy_j_sum"].to_pylist(), strict=True))
    node_j = leaf_run(end_s, per_node=True)
    assert max(abs(ours[f"site/n{n}/node"] / joules - 1) for n, joules in enumerate(node_j)) < 1e-12
    assert abs(pc.sum(log["energy_j_sum"]).as_py() / total_j - 1) < 1e-12


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The median; what the work before left is cleared away first."""
    spent_s = []
    for _ in range(rounds):
        gc.collect()
        began_s = time.perf_counter()
        work()
        spent_s.append(time.perf_counter() - began_s)
    return statistics.median(spent_s)


def compare(end_s: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "ticks.parquet"
        leaf_total_s = seconds(lambda: leaf_run(end_s, per_node=False), rounds)
        leaf_log_s = seconds(lambda: leaf_run(end_s, per_node=True), rounds)
        rows = (
            ("totals", leaf_total_s, seconds(lambda: our_total_j(end_s), 5), 200),
            ("per-node log in memory", leaf_log_s, seconds(lambda: our_log(end_s), 5), 100),
            ("per-node log written", leaf_log_s, seconds(lambda: our_log(end_s, path), 5), 50),
        )
    for name, leaf_s, ours_s, least in rows:
        asked = f" (at least {least}x)" if end_s == 86400 else ""
        print(
            f"{end_s:6} ticks, {name:22} {leaf_s / ours_s:6.0f}x{asked}: LEAF {leaf_s:.2f} s, AIceberg {ours_s:.4f} s"
        )


def main() -> None:
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != here]  # this file has the package's name
    check(3600)
    check(86400)
    print(f"{NODES} nodes, {TASKS} tasks: joules equal, in all and node by node")
    compare(3600, rounds=3)
    compare(86400, rounds=1)


if __name__ == "__main__":
    main()
