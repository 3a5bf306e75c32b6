"""A log that does not fit in memory: changes through ledger, account, ticks and writing, in peak memory and seconds.

    python benchmarks/spill.py [CHANGES]          (1e8 unless said)

A hundred machines change state in turn; their changes enter by `Ledger.switch`, the path of
every process. One change in a hundred is written after the run and spans it, as watts at rest
are. Nothing is asserted; the budget is 1 GB at 1e8 changes.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import simpy
from floor import nodes_of_a_site

from simulator.engine.ledger import Ledger
from simulator.footprint.boundary import summarise
from simulator.footprint.power_log import tick_table
from simulator.record.digest import results_digest
from simulator.record.events import Events
from simulator.record.store import write_table
from simulator.record.tables import Run, Tables, build_tables

MACHINES, BETWEEN_S, RELIEVED_EVERY = 100, 0.0625, 512


def fill(ledger: Ledger, env: simpy.Environment, changes: int) -> float:
    """Let the machines compute and write their state in turn; the moment at which they stop.

    The clock is set by hand, for only the ledger is measured.
    """
    names = [f"site/n{n}/node" for n in range(MACHINES)]
    compute, save = ([ledger.channel(name, "job", what) for name in names] for what in ("compute", "checkpoint"))
    switch, relieve = ledger.switch, ledger.relieve
    late = changes // 100
    for turn in range((changes - late) // 2):
        env._now = turn * BETWEEN_S
        machine = turn % MACHINES
        off, on = (compute, save) if turn // MACHINES % 2 else (save, compute)
        switch((off[machine],), (on[machine],), (300.0 + turn % 7,))
        if turn % RELIEVED_EVERY == 0:
            relieve()
    idle = ledger.channel(names[0], "unassigned", "idle")
    at_s = np.linspace(0.0, env._now, late)
    ledger.extend(at_s, np.full(late, idle, np.int32), np.where(np.arange(late) % 2, 90.0, 0.0))
    return float(env._now)


def a_run(changes: int) -> Tables:
    """The exact tables of such a run."""
    env = simpy.Environment()
    ledger = Ledger(env)
    end_s = fill(ledger, env, changes)
    events = Events()
    events.add(0.0, "start", "spill")
    events.add(end_s, "end", "spill")
    tables = build_tables(Run("main", ledger, events, [], [], [], {}, end_s), 0)
    return {**tables, **nodes_of_a_site(MACHINES, end_s)}


def timed(name: str, work: Callable[[], object]) -> object:
    began_s = time.perf_counter()
    found = work()
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"{name:9} {time.perf_counter() - began_s:7.1f} s   peak {peak_bytes / 1e6:6.0f} MB", flush=True)
    return found


def main() -> None:
    changes = int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000_000
    began_s = time.perf_counter()
    timed("imports", lambda: pa.table({"a": [1]}))
    tables: Tables = timed("ledger", lambda: a_run(changes))
    print(f"{tables['changes'].num_rows:,} changes")
    summary = timed("account", lambda: summarise(tables))
    ticks = timed("ticks 1 h", lambda: tick_table(tables, 3600.0, by=("asset",)))
    timed("digest", lambda: results_digest({**tables, "ticks": ticks}, summary))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "changes.parquet"
        timed("writing", lambda: write_table(tables["changes"], path))
        print(f"file: {path.stat().st_size / 1e6:.0f} MB; whole: {time.perf_counter() - began_s:.0f} s")


if __name__ == "__main__":
    main()
