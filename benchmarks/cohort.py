"""Federated learning with a crowd of a million phones: rounds as columns, and as flows where links hold them back.

    python benchmarks/cohort.py [USERS ROUNDS COHORT]          (1e6 1000 1000 unless said)

The first part selects 1.3 times the cohort, whose lines fit the server's uplink: seconds of all
that `simulate` does (the world, the crowd's columns, the rounds, the record) against a budget of
2 s, and peak memory against 500 MB. The floor is the least that any simulator of it can do in
numpy: the same draws and the same arithmetic of sessions, with no record. The second part plays a
few rounds at an uplink that holds them back; its speed has no budget. In both, the bytes of
`rounds` must be those of the links, and of the users' lines, and no link may carry more than it
can: exit 1 if not.
"""

import math
import resource
import statistics
import sys
import time
from typing import NamedTuple

import numpy as np

from simulator.engine.ledger import Ledger
from simulator.network.flows.engine import make_ready
from simulator.population.cohort import Cohorts
from simulator.population.session import close_round, drop_times_s, moments_alone
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.load import load_text
from simulator.scenario.run import close_records
from simulator.scenario.spec import Scenario, tasks
from simulator.units import BITS_PER_BYTE
from simulator.vocabulary import RATE
from simulator.workloads.federate.rounds import find_rules
from simulator.workloads.ways import find_crowd_ways
from simulator.world import World

USERS, ROUNDS, COHORT = 1_000_000, 1000, 1000
CONGESTED_ROUNDS, REPEATED = 50, 3
BUDGET_S, BUDGET_MB = 2.0, 500.0

SCENARIO = """
name: cohort
world:
  year: 2025
  datacenters:
    lab: {{city: grenoble, uplink: {uplink}, devices: {{gpus: {{model: a100-sxm4-40gb, count: 1}}}}}}
  populations:
    phones:
      device: smartphone
      count: {users}
      places: {{paris: 0.5, lyon: 0.3, marseille: 0.2}}
      access: {{wifi: 0.6, 4g: 0.4}}
      state: charging
      account: marginal
      samples: 100
      samples_spread: 2
models: {{gru: {{parameters: 1.4e6, bytes_per_parameter: 4 B}}}}
workloads:
  - federate: {{algorithm: fedavg, model: gru, clients: phones, server: lab/gpus, rounds: {rounds}, cohort: {cohort},
      over_selection: 1.3, sample_time: 0.5 s, aggregation: 10 s, utilisation: 0.5}}
"""


class Size(NamedTuple):
    """How many users, rounds, updates a round, and rounds at the narrow uplink."""

    users: int = USERS
    rounds: int = ROUNDS
    cohort: int = COHORT
    congested: int = CONGESTED_ROUNDS


def scenario(size: Size, rounds: int, uplink: str) -> Scenario:
    """The scenario at an uplink, such as `10 Gbps`."""
    text = SCENARIO.format(uplink=uplink, users=size.users, rounds=rounds, cohort=size.cohort)
    return load_text(text, "cohort.yaml").spec


def uplink(size: Size, bps_each: float) -> str:
    """An uplink of so many bits per second for each member, in words."""
    return f"{size.cohort * 1.3 * bps_each:.0f} bps"


def simulate(spec: Scenario) -> World:
    """The world after all rounds; recording is on."""
    world, todo = build_world(spec), tasks(spec)["main"]
    start_tasks(world, todo)
    world.env.run()
    close_records(world, todo, world.env.now)
    return world


def run_floor(spec: Scenario) -> float:
    """The same users, draws and sessions with no clock, no links and no record; the seconds of all rounds."""
    world, task = build_world(spec), tasks(spec)["main"][0]
    crowd = world.crowds["phones"]
    ways = find_crowd_ways(world, crowd, "lab", task.spec.latency)
    rules = find_rules(world, task.spec, crowd)
    cohorts = Cohorts(crowd, ways, world.traffic, world.streams, rules)
    total_s = 0.0
    for turn in range(task.spec.rounds):
        _, members = cohorts.select(turn)
        alone_s = moments_alone(members, rules.sizes)
        drop_s = drop_times_s(members, alone_s)
        total_s += close_round(alone_s, drop_s, rules.goal, rules.deadline_s).close_s
    return total_s


def carried_b(ledger: Ledger, begins: str) -> float:
    """Bits on the assets whose names begin so."""
    chosen = (n for n, c in enumerate(ledger.channels) if c.quantity == RATE and c.asset.startswith(begins))
    return math.fsum(ledger.integral(n) for n in chosen)


def highest_bps(ledger: Ledger, asset: str) -> float:
    """The highest sum of all channels of an asset."""
    changes = ledger.changes()
    numbers = [n for n, c in enumerate(ledger.channels) if c.quantity == RATE and c.asset == asset]
    moments = np.unique(changes.at_s[np.isin(changes.channel, numbers)])
    total = np.zeros(len(moments))
    for number in numbers:
        mine = changes.channel == number
        at_s, value = changes.at_s[mine], changes.value[mine]
        before = np.searchsorted(at_s, moments, side="right") - 1
        total += np.where(before >= 0, value[before], 0.0)
    return float(total.max(initial=0.0))


def balance(world: World) -> list[str]:
    """What does not balance, in words; nothing is well."""
    told = {way: math.fsum(getattr(row, f"{way}_bytes") for row in world.rounds) for way in ("download", "upload")}
    down_b, up_b = (told[way] * BITS_PER_BYTE for way in ("download", "upload"))
    pairs = [
        ("lab/uplink>", carried_b(world.ledger, "lab/uplink>grenoble"), down_b),
        (">lab/uplink", carried_b(world.ledger, "grenoble>lab/uplink"), up_b),
        ("lines", carried_b(world.ledger, "phones/"), down_b + up_b),
    ]
    wrong = [f"{name}: {found:g} b, {b:g} b expected" for name, found, b in pairs if not math.isclose(found, b)]
    for link in ("lab/uplink>grenoble", "grenoble>lab/uplink"):
        most_bps, capacity_bps = highest_bps(world.ledger, link), world.traffic.room([link])[link].capacity_bps
        if most_bps > capacity_bps * (1 + 1e-9):
            wrong.append(f"{link}: {most_bps:g} bps, of {capacity_bps:g} bps")
    return wrong


def peak_mb() -> float:
    """The most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(size: Size) -> bool:
    """Measure and print; whether all bytes balance."""
    free = scenario(size, size.rounds, uplink(size, 1e9))
    pairs = []
    for _ in range(REPEATED):
        began_s = time.perf_counter()
        floor_s = run_floor(free)
        middle_s = time.perf_counter()
        world = simulate(free)
        pairs.append((middle_s - began_s, time.perf_counter() - middle_s))
    memory_mb, played_s = peak_mb(), math.fsum(row.close_s - row.begin_s for row in world.rounds)
    wrong = balance(world)
    assert math.isclose(played_s, floor_s), (played_s, floor_s, "the floor plays other rounds")
    bare_s, mine_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(mine / bare for bare, mine in pairs)
    print(
        f"{size.users:,} phones, {size.rounds:,} rounds of {math.ceil(size.cohort * 1.3):,}: {mine_s:.2f} s "
        f"(below {BUDGET_S:g} s), {memory_mb:.0f} MB (below {BUDGET_MB:g} MB), {len(world.ledger):,} changes"
    )
    print(f"bare numpy of the same rounds, no record: {bare_s:.2f} s, ratio {ratio:.2f}x")
    make_ready()  # compiled once on a machine
    began_s = time.perf_counter()
    world = simulate(scenario(size, size.congested, uplink(size, 1e6)))
    time_s = (time.perf_counter() - began_s) / size.congested
    wrong += [*balance(world), *(f"round {row.round}: not held back" for row in world.rounds if row.links != "shared")]
    print(f"the same on a narrow uplink, {size.congested} rounds: {time_s:.3f} s a round")
    print("\n".join(wrong) or "all bytes balance, and no link carries more than it can")
    return not wrong


def main() -> None:
    given = [int(float(word)) for word in sys.argv[1:4]]
    if not report(Size(*given)):
        sys.exit(1)


if __name__ == "__main__":
    main()
