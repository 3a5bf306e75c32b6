"""The ledger, and a whole run, against bare SimPy doing the same state changes in the same process.

    python benchmarks/floor.py

The floor is the least that any SimPy simulator of power can do: processes that wait and
integrate their own watts exactly, with no log, no names and no attribution. Budgets: the
ledger at most 1.5 times the floor, `sim.run` with loading, attribution and writing at
most 3 times, both with recording on. Ratios are medians of pairs measured in turn.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path

import simpy

import simulator as sim
from simulator.engine.ledger import Ledger
from simulator.engine.meter import Meter
from simulator.record.tables import Tables, from_rows
from simulator.scenario.load import load_text

NODES, CHANGES_PER_NODE, ROUNDS = 100, 5000, 5
CYCLES = 2500


def nodes_of_a_site(count: int, end_s: float, owner: str = "reserved") -> Tables:
    """The tables of an exact record that say what nodes there are, and on what grid."""
    asset = ("node", "site", "fr", "", "site", owner, 1, 0.0, end_s)
    more = (None, None, "", None, None, None, None, "")
    return {
        "assets": from_rows("assets", [("main", f"site/n{n}/node", *asset, *more) for n in range(count)]),
        "signals": from_rows("signals", [("main", "grid_gco2e_per_kwh", "site", 0.0, 56.0, "fr", "")]),
    }


class Floor:
    """A device that integrates its own power and remembers nothing else."""

    __slots__ = ("energy_j", "power_w", "since_s")

    def __init__(self) -> None:
        self.energy_j = self.power_w = self.since_s = 0.0

    def draw(self, power_w: float, now_s: float) -> None:
        """Close the running integral and take the new watts."""
        self.energy_j += self.power_w * (now_s - self.since_s)
        self.power_w, self.since_s = power_w, now_s


def floor_node(env: simpy.Environment, device: Floor) -> Generator[simpy.events.Event, None, None]:
    for n in range(CHANGES_PER_NODE):
        device.draw(300.0 + n % 7, env.now)
        yield env.timeout(1.0)
    device.draw(0.0, env.now)


def ledger_node(env: simpy.Environment, meter: Meter) -> Generator[simpy.events.Event, None, None]:
    for n in range(CHANGES_PER_NODE):
        meter.draw(300.0 + n % 7, "job", "compute")
        yield env.timeout(1.0)
    meter.off()


def run_floor() -> float:
    env = simpy.Environment()
    devices = [Floor() for _ in range(NODES)]
    for device in devices:
        env.process(floor_node(env, device))
    env.run()
    return sum(device.energy_j for device in devices)


def run_ledger() -> float:
    env = simpy.Environment()
    ledger = Ledger(env)
    for n in range(NODES):
        env.process(ledger_node(env, Meter(ledger, f"node{n}")))
    env.run()
    return sum(ledger.integral(channel) for channel in range(len(ledger.channels)))


SCENARIO = """
name: floor
tick: 1 h
world:
  datacenters:
    site:
      grid: FR
      pue: 1.2
      servers:
        nodes: {model: dgx-a100, count: 100}
workloads:
"""
TRAINING = """  - train: {{name: t{n}, at: site/nodes, units: 1, time: {time_s} s, utilisation: 1.0,
      checkpoint: {{every: {every_s} s, time: 6 s, load: 0.1}}}}
"""


def every_s(n: int) -> float:
    """Computing time between the checkpoints of one training: no two alike."""
    return 60.0 + n * 0.125


def floor_job(
    env: simpy.Environment, devices: list[Floor], compute_s: float
) -> Generator[simpy.events.Event, None, None]:
    """What one training does: the same state changes of accelerators and host, by activity."""
    computing, checkpointing, host_computing, host_checkpointing = devices
    phases = (
        (computing, host_computing, checkpointing, host_checkpointing, 3200.0, compute_s),
        (checkpointing, host_checkpointing, computing, host_computing, 773.6, 6.0),
    )
    for _ in range(CYCLES):
        for on, host_on, off, host_off, power_w, wait_s in phases:
            off.draw(0.0, env.now)
            on.draw(power_w, env.now)
            host_off.draw(0.0, env.now)
            host_on.draw(996.0, env.now)
            yield env.timeout(wait_s)
    for device in devices:
        device.draw(0.0, env.now)


def run_floor_job() -> float:
    env = simpy.Environment()
    jobs = [[Floor() for _ in range(4)] for _ in range(NODES)]
    for n, devices in enumerate(jobs):
        env.process(floor_job(env, devices, every_s(n)))
    env.run()
    return sum(device.energy_j for devices in jobs for device in devices)


def scenario_text() -> str:
    """The scenario whose trainings change state as the floor's jobs do."""
    times_s = [(n, every_s(n), CYCLES * (every_s(n) + 6.0)) for n in range(NODES)]
    return SCENARIO + "".join(TRAINING.format(n=n, every_s=every, time_s=total) for n, every, total in times_s)


def run_scenario(folder: Path) -> int:
    loaded = load_text(scenario_text(), "floor.yaml")
    return int(sim.run(loaded, folder, force=True).table("changes").num_rows)


def seconds(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def main() -> None:
    floor_j, ledger_j = run_floor(), run_ledger()
    assert abs(ledger_j / floor_j - 1) < 1e-12, (floor_j, ledger_j)
    pairs = [(seconds(run_floor), seconds(run_ledger)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / bare for bare, mine in pairs)
    per_change_us = statistics.median(mine for _, mine in pairs) / (NODES * CHANGES_PER_NODE) * 1e6
    count = NODES * CHANGES_PER_NODE
    print(f"ledger against bare SimPy, {count:,} changes: {ratio:.2f}x (at most 1.5x), {per_change_us:.2f} us a change")
    with tempfile.TemporaryDirectory() as scratch:
        changes = run_scenario(Path(scratch) / "warm")
        pairs = [(seconds(run_floor_job), seconds(lambda: run_scenario(Path(scratch) / "run"))) for _ in range(3)]
    ratio = statistics.median(mine / bare for bare, mine in pairs)
    bare_s, mine_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"whole sim.run, {changes:,} changes, written: {ratio:.2f}x (at most 3x), {mine_s:.2f} s against {bare_s:.2f} s"
    )


if __name__ == "__main__":
    main()
