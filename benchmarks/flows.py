"""Flows on the compiled engine: alone, on the clock with a callback each, and against the plain twin.

    python benchmarks/flows.py

Independent: 100 000 flows at a time, a link each. Dense: 200 links, 4 of them for each flow, drawn at random, so
that all hang together. Star: 100 000 clients of 30 regions send to one server, on lines that differ or are alike.
As one flow is done another begins. Recording is on: what each link carries goes to a ledger.
"""

import math
import random
import resource
import sys
import time
from collections.abc import Callable

import simpy

from simulator.engine.ledger import Ledger
from simulator.network.flows.engine import Engine, make_ready
from simulator.network.fluid import Fluid
from simulator.network.sharing import Flow
from simulator.network.traffic import Traffic
from simulator.vocabulary import RATE

Route = Callable[[int], tuple[str, ...]]


def engine_alone(links: dict[str, float], route: Route, concurrent: int, flows: int, recording: bool) -> float:
    """Flows a second in a closed loop; how long it took to begin the first ones is left out."""
    ledger = Ledger(simpy.Environment())
    engine = Engine(links, log=(lambda *columns: write(ledger, engine, *columns)) if recording else None)
    draw = random.Random(1)
    for number in range(concurrent):
        engine.add(Flow(route(number), draw.expovariate(1e-6), "job"))
    engine.next_completion_s()
    done, began_s = 0, time.perf_counter()
    while done < flows:
        for _ in engine.advance(engine.next_completion_s()):
            engine.add(Flow(route(concurrent + done), draw.expovariate(1e-6), "job"))
            done += 1
    engine.flush()
    return done / (time.perf_counter() - began_s)


def write(ledger: Ledger, engine: Engine, at_s, signals, levels_bps) -> None:
    """Hand a log to a ledger."""
    for signal in range(len(ledger.channels), len(engine.signals)):
        ledger.channel(*engine.signals[signal], "transfer", RATE)
    ledger.extend(at_s, signals, levels_bps)


def with_callbacks(links: dict[str, float], route: Route, concurrent: int, flows: int) -> float:
    """Flows a second where each is a process on the clock, all of it recorded."""
    env = simpy.Environment()
    traffic = Traffic(env, Ledger(env))
    for link, bps in links.items():
        traffic.add_link(link, bps)
    draw, left = random.Random(1), [flows]

    def send(number: int):
        while True:
            yield from traffic.send(route(number), draw.expovariate(1e-6), "job", 0.0)
            left[0] -= 1

    for number in range(concurrent):
        env.process(send(number))
    env.run(until=1e-9)
    began_s = time.perf_counter()
    while left[0] > 0:
        env.step()
    return flows / (time.perf_counter() - began_s)


def plain(links: dict[str, float], route: Route, concurrent: int, flows: int) -> float:
    """Flows a second of the plain twin."""
    fluid, draw, done = Fluid(links), random.Random(1), 0
    for number in range(concurrent):
        fluid.add(str(number), Flow(route(number), draw.expovariate(1e-6), "job"))
    began_s = time.perf_counter()
    while done < flows:
        for _ in fluid.advance(fluid.next_completion_s()):
            fluid.add(str(concurrent + done), Flow(route(concurrent + done), draw.expovariate(1e-6), "job"))
            done += 1
    return done / (time.perf_counter() - began_s)


def star(equal: bool, clients: int = 100_000, regions: int = 30) -> float:
    """Seconds for all clients' uploads of 100 Mb, which begin at once."""
    draw = random.Random(5)
    links = {**{f"region {number}": 4e9 for number in range(regions)}, "server": 10e9}
    began_s = time.perf_counter()
    engine = Engine(links)
    for number in range(clients):
        line_bps = 5e6 if equal else draw.uniform(1e5, 1e7)
        engine.add(Flow((f"region {number % regions}", "server"), 1e8, "job", 1.0, line_bps))
    done = 0
    while (next_s := engine.next_completion_s()) < math.inf:
        done += len(engine.advance(next_s))
    assert done == clients, done
    return time.perf_counter() - began_s


def main() -> None:
    began_s = time.perf_counter()
    make_ready()
    print(f"engine ready in {time.perf_counter() - began_s:.1f} s (compiled once on a machine, then read)")
    own = {f"link {number}": 1e6 * (1 + number % 7) for number in range(100_000)}
    names = list(own)

    def alone(number: int) -> tuple[str, ...]:
        return (names[number % len(names)],)

    shared, draw = {f"link {number}": 1e9 for number in range(200)}, random.Random(3)
    routes = [tuple(draw.sample(list(shared), 4)) for _ in range(200_000)]

    def dense(number: int) -> tuple[str, ...]:
        return routes[number % len(routes)]

    rows = [
        ("independent, 100 000 at a time", own, alone, 100_000, 100_000, 0),
        ("dense, 10 000 at a time", shared, dense, 10_000, 2_000, 3),
        ("dense, 1 000 at a time", shared, dense, 1_000, 10_000, 100),
    ]
    for name, links, route, concurrent, flows, plainly in rows:
        bare, recorded = (engine_alone(links, route, concurrent, flows, on) for on in (False, True))
        called = with_callbacks(links, route, concurrent, flows)
        beside = f", {bare / plain(links, route, concurrent, plainly):,.0f}x the plain twin" if plainly else ""
        print(f"{name}: {bare:,.0f}/s, recorded {recorded:,.0f}/s, with callbacks {called:,.0f}/s{beside}")
    print(f"star, lines that differ: {star(False):.2f} s (at most 5 s); alike: {star(True):.2f} s (at most 1 s)")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"peak memory {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
