"""A world of 100 000 channels: how long until it is read, checked, built and under way.

    python benchmarks/world.py
    python benchmarks/world.py 10000

The world is a file as people write it: places with four groups of 25 servers each, and a
training a server that computes and checkpoints. Each training draws through two assets,
accelerators and hosts, for two activities: four channels, which are made when it first
draws. 25 000 trainings are nearly what a file may hold, 300 000 values. Budget: 3 s for
building, from the checked scenario to the world at second 0 with every training set going,
and the making of its channels.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import simpy

from simulator.engine.ledger import Ledger
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.load import Loaded, load_text
from simulator.scenario.spec import tasks
from simulator.world import World

T = TypeVar("T")
CHANNELS, GROUPS_PER_PLACE, SERVERS_PER_GROUP, CHANNELS_PER_TRAINING = 100_000, 4, 25, 4
BUILD_S = 3.0


def scenario_text(channels: int) -> str:
    """A scenario whose trainings draw through so many channels, to the next whole place."""
    per_place = GROUPS_PER_PLACE * SERVERS_PER_GROUP
    lines, workloads = ["name: world", "world:", "  datacenters:"], ["workloads:"]
    for place in range(-(-channels // (per_place * CHANNELS_PER_TRAINING))):
        lines += [f"    p{place}:", "      grid: FR", "      servers:"]
        for group in range(GROUPS_PER_PLACE):
            lines.append(f"        g{group}: {{model: dgx-a100, count: {SERVERS_PER_GROUP}}}")
            workloads += (_training(f"p{place}", f"g{group}", number) for number in range(SERVERS_PER_GROUP))
    return "\n".join([*lines, *workloads, ""])


def _training(place: str, group: str, number: int) -> str:
    checkpoint = "{every: 10 min, time: 1 min, load: 0.1}"
    fields = f"name: {place}-{group}-{number}, at: {place}/{group}, units: 1, time: 1 d, checkpoint: {checkpoint}"
    return f"  - train: {{{fields}}}"


def build(loaded: Loaded) -> World:
    """The world with its trainings set going, at second 0."""
    world = build_world(loaded.spec, loaded.series)
    start_tasks(world, tasks(loaded.spec)["main"])
    return world


def begin(world: World, until_s: float) -> None:
    """Let the clock run, and have every training write what it has drawn by then."""
    world.env.run(until=until_s)
    for close in world.closing:
        close(until_s)


def register(channels: int) -> int:
    """So many channels of a ledger that has none."""
    ledger = Ledger(simpy.Environment())
    for number in range(channels):
        ledger.channel(f"place/group/{number % 100}", f"t{number}", "compute")
    return len(ledger.channels)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and the seconds that it took."""
    began_s = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began_s


def main() -> None:
    channels = int(float(sys.argv[1])) if len(sys.argv) > 1 else CHANNELS
    text = scenario_text(channels)
    loaded, load_s = timed(lambda: load_text(text, "world.yaml"))
    world, build_s = timed(lambda: build(loaded))
    _, begin_s = timed(lambda: begin(world, 601.0))
    count, register_s = timed(lambda: register(channels))
    trainings, drawing = len(tasks(loaded.spec)["main"]), len(world.ledger.channels)
    assert count == channels <= drawing, (count, channels, drawing)
    print(
        f"{len(world.groups):,} groups, {trainings:,} trainings, {drawing:,} channels, {len(text) / 1e6:.1f} MB of YAML"
    )
    print(f"read and check                            {load_s:6.2f} s")
    print(f"build the world, set every training going {build_s:6.2f} s")
    print(f"{f'make {count:,} channels in a ledger':41} {register_s:6.2f} s")
    print(f"built, with its channels                  {build_s + register_s:6.2f} s (at most {BUILD_S:g} s)")
    print(f"run 10 minutes, until all have drawn      {begin_s:6.2f} s")


if __name__ == "__main__":
    main()
