"""A whole run of a service, recording on, against the bare loop of its queue in the same process.

    python benchmarks/serve.py

The floor takes requests first come, first served over a heap of free replicas, from lists of
arrivals and service times that are there already, and keeps nothing but the sum of the waits.
The run draws them, records every change of power and every request, and computes ticks, hashes
and boundaries; then it is written too.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from heapq import heapreplace
from pathlib import Path

import numpy as np

import simulator as sim
from simulator.scenario.load import load_text
from simulator.workloads.line import begin_times

REQUESTS, REPLICAS, LOAD, SERVICE_S, ROUNDS = 1_000_000, 8, 0.8, 3.0, 3
SCENARIO = f"""
name: serve
tick: 1 h
world:
  datacenters:
    site:
      grid: FR
      pue: 1.2
      servers:
        nodes: {{model: dgx-a100, count: {REPLICAS}}}
workloads:
  - serve: {{at: site/nodes, requests: {REQUESTS}, during: {REQUESTS * SERVICE_S / LOAD / REPLICAS} s,
      service_time: {SERVICE_S} s, service: exponential, utilisation: 0.9}}
"""


def floor(arrive_s: list[float], service_s: list[float]) -> float:
    """The sum of the waits."""
    free_s, wait_s = [0.0] * REPLICAS, 0.0
    for at_s, time_s in zip(arrive_s, service_s, strict=True):
        begin_s = max(at_s, free_s[0])
        wait_s += begin_s - at_s
        heapreplace(free_s, begin_s + time_s)
    return wait_s


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def main() -> None:
    result = sim.run(load_text(SCENARIO, "serve.yaml"))
    table = result.table("requests")
    arrive_s, begin_s, end_s = (table[name].to_numpy() for name in ("arrive_s", "begin_s", "end_s"))
    arrivals, services = arrive_s.tolist(), (end_s - begin_s).tolist()
    assert np.isclose(floor(arrivals, services), (begin_s - arrive_s).sum())
    bare_s = statistics.median(seconds(lambda: floor(arrivals, services)) for _ in range(ROUNDS))
    times_s, lengths_s = np.array(arrivals), np.array(services)
    queue_s = statistics.median(seconds(lambda: begin_times(times_s, lengths_s, REPLICAS)) for _ in range(ROUNDS))
    run_s = statistics.median(seconds(lambda: sim.run(load_text(SCENARIO, "serve.yaml"))) for _ in range(ROUNDS))
    with tempfile.TemporaryDirectory() as scratch:
        written_s = statistics.median(
            seconds(lambda: sim.run(load_text(SCENARIO, "serve.yaml"), Path(scratch) / "run", force=True))
            for _ in range(ROUNDS)
        )
    changes = result.table("changes").num_rows
    print(f"{REQUESTS:,} requests on {REPLICAS} servers, {changes:,} changes")
    measured = {
        "bare heap loop": bare_s,
        "queue, beginnings kept": queue_s,
        "whole sim.run": run_s,
        "whole sim.run, written": written_s,
    }
    for what, time_s in measured.items():
        print(f"{what:24} {REQUESTS / time_s / 1e3:8,.0f} k requests/s   {time_s / bare_s:5.1f}x")


if __name__ == "__main__":
    main()
