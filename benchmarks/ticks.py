"""The full per-tick, per-node power log: 100 nodes x 86 400 ticks of a second, in memory and written.

    python benchmarks/ticks.py

Budgets: 0.1 us a node-tick in memory, 0.25 us written. The floor measured beside it is what
numpy needs to fill the same cells once with a running sum.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import simpy
from floor import nodes_of_a_site

from simulator.engine.ledger import Ledger
from simulator.footprint.power_log import tick_table
from simulator.record.store import write_table
from simulator.record.tables import Tables, from_rows

NODES, DAY_S, TASKS_PER_NODE, ROUNDS = 100, 86400.0, 10, 5


def a_day() -> Tables:
    """The exact tables of 100 nodes that start and stop ten tasks each at random moments of a day."""
    luck = np.random.Generator(np.random.Philox(7))
    ledger = Ledger(simpy.Environment())
    channels = np.array([ledger.channel(f"site/n{n}/node", "job", "compute") for n in range(NODES)])
    at_s = np.sort(luck.uniform(0.0, DAY_S, (NODES, 2 * TASKS_PER_NODE)), axis=1)
    watts = np.tile([400.0, 90.0], (NODES, TASKS_PER_NODE))
    order = np.argsort(at_s.ravel(), kind="stable")
    ledger.extend(at_s.ravel()[order], np.repeat(channels, 2 * TASKS_PER_NODE)[order], watts.ravel()[order])
    changes = ledger.changes()
    rows = zip(changes.at_s.tolist(), changes.channel.tolist(), changes.value.tolist(), strict=True)
    return {
        "events": from_rows("events", [("main", 0.0, "start", "ticks", ""), ("main", DAY_S, "end", "ticks", "")]),
        **nodes_of_a_site(NODES, DAY_S),
        "channels": from_rows("channels", [("main", n, *channel) for n, channel in enumerate(ledger.channels)]),
        "changes": from_rows("changes", [("main", *row) for row in rows]),
        **{name: from_rows(name, []) for name in ("embodied", "pue_curves", "reservations", "trials")},
    }


def floor() -> float:
    """Seconds for one running sum over as many cells."""
    began_s = time.perf_counter()
    cells = np.zeros((NODES, int(DAY_S)))
    np.cumsum(cells, axis=1, out=cells)
    return time.perf_counter() - began_s


def main() -> None:
    tables = a_day()
    cells = NODES * DAY_S
    floors, memory, written = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(ROUNDS):
            floors.append(floor())
            began_s = time.perf_counter()
            log = tick_table(tables, 1.0, by=("asset",))
            memory.append(time.perf_counter() - began_s)
            write_table(log, Path(scratch) / "ticks.parquet")
            written.append(time.perf_counter() - began_s)
        size_bytes = (Path(scratch) / "ticks.parquet").stat().st_size
    assert log.num_rows == cells
    for name, spent, most_us in (("in memory", memory, 0.1), ("written", written, 0.25)):
        each_us = statistics.median(spent) / cells * 1e6
        ratio = statistics.median(mine / bare for mine, bare in zip(spent, floors, strict=True))
        print(
            f"per-node log, {cells:,.0f} node-ticks, {name}: {each_us:.3f} us a node-tick (at most {most_us}),", end=" "
        )
        print(f"{ratio:.1f} times one running sum")
    print(f"file: {size_bytes / 1e6:.1f} MB, {size_bytes / cells:.2f} bytes a node-tick")


if __name__ == "__main__":
    main()
