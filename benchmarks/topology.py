"""Cables that go down in a world that sends: how long one event takes, and how long its atlas.

    python benchmarks/topology.py [TRANSFERS DEMANDS EVENTS]          (100 20 10 unless said)

An event closes the Red Sea, or opens it again: the atlas without those links and its mirror are
built, the demands of others find their ways anew, every transfer looks for its own, and those that
must turn pay another latency and send on. Milliseconds of all that, the median over the events,
against a budget of 100 ms, for traffic that takes the way of least cost and for traffic that
looks for room. The atlas: seconds of the first one in a process, and of another year's, against
a budget of 1 s. When all is over every bit must have been sent once, and
the atlas be the whole one: exit 1 if not.
"""

import math
import statistics
import sys
import time
from itertools import cycle, islice
from typing import NamedTuple

from simulator.catalogue import rows
from simulator.network.outage import links_down
from simulator.network.path import home
from simulator.network.setting import Setting, world_atlas
from simulator.network.spec import Closure, NetworkSpec
from simulator.record.transfers import Transfer
from simulator.scenario.build import build_world
from simulator.scenario.load import load_text
from simulator.workloads.transfer import carry
from simulator.world import World

YEAR, ANOTHER_YEAR = 2025, 2015
TRANSFERS, DEMANDS, EVENTS = 100, 20, 10
BUDGET_MS, BUDGET_S = 100.0, 1.0
CLOSED, SIZE_B, SECONDS = Closure(at="0 s", choke_point="red-sea"), 1e15, 10.0

SCENARIO = """
name: topology
world: {{year: {year}, datacenters: {{}}, network: {{routing: {routing}, demands: [{demands}]}}}}
workloads: [ping: {{from: london, to: mumbai}}]
"""


class Size(NamedTuple):
    """How many transfers are under way, how many demands there are, and how often something happens."""

    transfers: int = TRANSFERS
    demands: int = DEMANDS
    events: int = EVENTS


def pairs(count: int) -> list[tuple[str, str]]:
    """So many pairs of cities from all over the world, the same ones every time."""
    cities = list(rows("city"))
    far = zip(cities, cities[len(cities) // 2 :] + cities[: len(cities) // 2], strict=True)
    return list(islice(cycle(far), count))


def build(size: Size, routing: str) -> World:
    """A world whose demands are placed; nothing has happened yet."""
    demands = ", ".join(f"{{from: {a}, to: {b}, rate: 100 Gbps}}" for a, b in pairs(size.demands))
    return build_world(load_text(SCENARIO.format(year=YEAR, routing=routing, demands=demands), "topology.yaml").spec)


def events_s(size: Size, routing: str) -> tuple[list[float], list[str]]:
    """The seconds of each event, and what is wrong after all of them, in words."""
    world = build(size, routing)
    internet, env, spent_s = world.internet, world.env, list[float]()
    assert internet is not None, "the scenario has a year"
    internet.begin()
    links, whole = links_down(internet.atlas, CLOSED), internet.atlas
    records = [Transfer(f"t{n}", a, b, SIZE_B) for n, (a, b) in enumerate(pairs(size.transfers))]
    for record in records:
        env.process(carry(world, record, (home(record.sender), home(record.receiver)), "policy", math.inf))
    for number in range(size.events):
        env.run(until=SECONDS * (number + 1))
        began_s = time.perf_counter()
        (internet.bring_back if number % 2 else internet.take_down)(sorted(links))
        env.run(until=env.now + 1e-6)  # all that happens in this instant
        spent_s.append(time.perf_counter() - began_s)
    if size.events % 2:
        internet.bring_back(sorted(links))
    env.run()
    return spent_s, [*unsent(world, records), *([] if internet.atlas is whole else ["the atlas is another one"])]


def unsent(world: World, records: list[Transfer]) -> list[str]:
    """What was not sent exactly once, in words; nothing is well."""
    sent_b = {record.workload: world.traffic.sent_b(record.tag) for record in records}
    found = [(record, sent_b[record.workload]) for record in records]
    return [
        f"{record.workload}: {b:g} b, {record.size_b:g} b expected"
        for record, b in found
        if not math.isclose(b, record.size_b, rel_tol=1e-9)
    ]


def report(size: Size) -> bool:
    """Measure and print; whether all was sent once."""
    for number, year in enumerate((YEAR, ANOTHER_YEAR)):
        began_s = time.perf_counter()
        world_atlas(Setting(year, NetworkSpec(cables={"sea-me-we-4": "1 Tbps"})))
        budget = f" (below {BUDGET_S:g} s)" if number else ", the first one"
        print(f"the atlas of {year}: {time.perf_counter() - began_s:.2f} s{budget}")
    wrong: list[str] = []
    for routing in ("policy", "capacity"):
        spent_s, amiss = events_s(size, routing)
        wrong += amiss
        middle_ms, most_ms = 1e3 * statistics.median(spent_s), 1e3 * max(spent_s)
        print(
            f"{routing}: {size.transfers} transfers, {size.demands} demands: {middle_ms:.0f} ms an event "
            f"(below {BUDGET_MS:g} ms), at most {most_ms:.0f} ms"
        )
    print("\n".join(wrong) or "all is sent once, and the atlas is whole again")
    return not wrong


def main() -> None:
    if not report(Size(*(int(float(word)) for word in sys.argv[1:4]))):
        sys.exit(1)


if __name__ == "__main__":
    main()
