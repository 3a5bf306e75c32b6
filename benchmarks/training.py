"""Trainings that fail, and trainings seen step by step, beside a bare SimPy loop of as many events.

    python benchmarks/training.py [--quick]

Asked: 100 seeds of 54 days on 16 384 GPUs with failures in less than 10 s; 431 000 steps at step
resolution in less than 10 s, with the joules of segments to 1e-9. A run is whole: built, simulated,
accounted; the scenario is read once.
"""

import argparse
import time
from collections.abc import Iterator

import simpy

import simulator as sim
from simulator.scenario.load import load_text

SEEDS, STEPS = 100, 431_000
FAILING = "papers/llama_3_1_405b"
STEPPING = """name: stepping
world: {datacenters: {lab: {grid: FR, servers: {nodes: {model: aws-p4d.24xlarge, count: 32}}}}}
workloads:
  - train: {at: lab/nodes, steps: %d, step_time: 4.9 s, communication: 0.1, utilisation: 1.0, wait_utilisation: 0.4,
            resolution: %s, checkpoint: {every: 1 h, time: 1 min, load: 0.1}}
"""


def bare(events: int) -> float:
    """Seconds that SimPy alone takes for so many timeouts."""

    def wait(env: simpy.Environment) -> Iterator[simpy.Event]:
        for _ in range(events):
            yield env.timeout(1.0)

    env = simpy.Environment()
    env.process(wait(env))
    began = time.perf_counter()
    env.run()
    return time.perf_counter() - began


def failing(seeds: int) -> None:
    """So many runs of the training whose machines fail, each with other luck."""
    began = time.perf_counter()
    shares, failures = [], []
    for seed in range(seeds):
        (job,) = sim.run(FAILING, seed=seed).jobs.to_pylist()
        shares.append(job["effective_share"])
        failures.append(job["failures"])
    took_s = time.perf_counter() - began
    print(f"{seeds} seeds: {took_s:.1f} s ({took_s / seeds * 1e3:.0f} ms each); asked: 100 in less than 10 s")
    print(f"  failures {min(failures)} to {max(failures)}; effective share {min(shares):.3f} to {max(shares):.3f}")


def stepping(steps: int) -> None:
    """A training at step resolution, the same in segments, and a bare loop of as many events."""
    energies_j = {}
    for resolution in ("segment", "step"):
        loaded = load_text(STEPPING % (steps, resolution), "<stepping>")
        began = time.perf_counter()
        result = sim.run(loaded)
        took_s = time.perf_counter() - began
        energies_j[resolution] = result.summary["paradigms"]["main"]["boundaries"]["server"]["energy_j"]
        rows = result.table("changes").num_rows
        print(f"{steps} steps by {resolution}: {took_s:.2f} s, {rows} changes")
    floor_s = bare(2 * steps)
    print(f"  bare SimPy, {2 * steps} events: {floor_s:.2f} s; step resolution takes {took_s / floor_s:.2f}x that")
    print(f"  joules by step over those by segment, less 1: {energies_j['step'] / energies_j['segment'] - 1.0:.1e}")


def main() -> None:
    """Print what each takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a hundredth of it, to see that it runs")
    quick = parser.parse_args().quick
    sim.run("small/one_gpu")  # what is imported once
    failing(SEEDS // 50 if quick else SEEDS)
    stepping(STEPS // 100 if quick else STEPS)


if __name__ == "__main__":
    main()
