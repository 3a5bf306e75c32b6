"""Flows on the compiled engine: alone, on the clock with a callback or a process each, recorded; their plain twin.

    python benchmarks/flows.py

Independent: 100 000 flows at a time, a link each. Dense: 200 links, 4 of them for each flow, drawn at random, so
that all hang together. Star: 100 000 clients of 30 regions send to one server, on lines that differ or are alike.
As one flow is done another begins, on another route; what is drawn at random is drawn before the watch is started.
On the clock each end calls back, which begins another. Recorded: what each link carries goes to a ledger. Memory is
all that was allocated, arrays to their full length, when as many flows as flow at a time have begun.
"""

import gc
import math
import random
import time
import tracemalloc
from collections.abc import Iterator

import simpy

from simulator.engine.ledger import Ledger
from simulator.network.flows.engine import Engine, make_ready
from simulator.network.fluid import Fluid
from simulator.network.sharing import Flow
from simulator.network.traffic import Traffic

Links = dict[str, float]


def engine_alone(links: Links, flows: list[Flow], concurrent: int) -> float:
    """Flows a second in a closed loop; how long it took to begin the first ones is left out."""
    engine = Engine(links)
    for flow in flows[:concurrent]:
        engine.add(flow)
    engine.next_completion_s()
    left = iter(flows[concurrent:])
    began_s = time.perf_counter()
    for flow in left:
        done = engine.advance()
        engine.add(flow)
        if len(done) > 1:
            for _, another in zip(done[1:], left, strict=False):
                engine.add(another)
    return (len(flows) - concurrent) / (time.perf_counter() - began_s)


class Deaf(Ledger):
    """A ledger that writes nothing down."""

    __slots__ = ()

    def switch(self, old: tuple[int, ...], new: tuple[int, ...], values: tuple[float, ...]) -> None:
        pass


def build_traffic(links: Links, kind: type[Ledger] = Ledger) -> tuple[simpy.Environment, Traffic]:
    """A clock and what flows on it."""
    env = simpy.Environment()
    traffic = Traffic(env, kind(env))
    for link, bps in links.items():
        traffic.add_link(link, bps)
    return env, traffic


def called_back(env: simpy.Environment, traffic: Traffic, flows: Iterator[Flow]) -> None:
    """Let a flow begin, and another when it is done."""

    def begin(_: object) -> None:
        flow = next(flows, None)
        if flow is not None:
            traffic.begin(flow.route, flow.size_b, flow.workload).done.callbacks.append(begin)

    begin(None)


def in_a_process(env: simpy.Environment, traffic: Traffic, flows: Iterator[Flow]) -> None:
    """The same as a process."""

    def send():
        for flow in flows:
            yield from traffic.send(flow.route, flow.size_b, flow.workload, 0.0)

    env.process(send())


def on_the_clock(links: Links, flows: list[Flow], concurrent: int, kind: type[Ledger], start) -> float:
    """Flows a second where each has a callback or a process."""
    env, traffic = build_traffic(links, kind)
    left = iter(flows)
    for _ in range(concurrent):
        start(env, traffic, left)
    env.run(until=1e-9)
    began_s = time.perf_counter()
    while left.__length_hint__() > 0:
        env.step()
    return (len(flows) - concurrent) / (time.perf_counter() - began_s)


def plain(links: Links, flows: list[Flow], concurrent: int) -> float:
    """Flows a second of the plain twin."""
    fluid = Fluid(links)
    for number, flow in enumerate(flows[:concurrent]):
        fluid.add(str(number), flow)
    done, began_s = 0, time.perf_counter()
    while concurrent + done < len(flows):
        for _ in fluid.advance(fluid.next_completion_s()):
            fluid.add(str(concurrent + done), flows[min(concurrent + done, len(flows) - 1)])
            done += 1
    return done / (time.perf_counter() - began_s)


def memory_b(links: Links, flows: list[Flow], clocked: bool) -> float:
    """Bytes for each flow under way, that of its links left out: of the engine, or with a callback each."""
    env, traffic = build_traffic(links)
    engine = Engine(links)
    gc.collect()
    tracemalloc.start()
    if clocked:
        left = iter(flows)
        for _ in flows:
            called_back(env, traffic, left)
        env.run(until=1e-9)
    else:
        for flow in flows:
            engine.add(flow)
        engine.next_completion_s()
    _, peak_b = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak_b / len(flows)


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


def report(name: str, links: Links, flows: list[Flow], concurrent: int, plainly: int) -> None:
    """Print what all of them reach, and what the plain twin does, which is given fewer flows."""
    alone = engine_alone(links, flows, concurrent)
    times = alone / plain(links, flows[: concurrent + plainly], concurrent)
    called, recorded = (on_the_clock(links, flows, concurrent, kind, called_back) for kind in (Deaf, Ledger))
    processes = on_the_clock(links, flows, concurrent, Ledger, in_a_process)
    print(f"{name}: engine alone {alone:,.0f}/s, {times:,.0f}x the plain twin")
    print(f"    on the clock: {called:,.0f}/s, {recorded:,.0f}/s recorded; a process each {processes:,.0f}/s recorded")
    own_b, all_b = (memory_b(links, flows[:concurrent], clocked) for clocked in (False, True))
    print(f"    memory of a flow: {own_b:,.0f} B, on the clock {all_b:,.0f} B")


def main() -> None:
    began_s = time.perf_counter()
    make_ready()
    print(f"engine ready in {time.perf_counter() - began_s:.1f} s (compiled once on a machine, then read)")
    draw = random.Random(3)

    def drawn(routes: list[tuple[str, ...]], count: int) -> list[Flow]:
        return [Flow(routes[number % len(routes)], draw.expovariate(1e-6), "job") for number in range(count)]

    own = {f"link {number}": 1e6 * (1 + number % 7) for number in range(100_000)}
    report("independent, 100 000 at a time", own, drawn([(link,) for link in own], 300_000), 100_000, 3)
    shared = {f"link {number}": 1e9 for number in range(200)}
    routes = [tuple(draw.sample(list(shared), 4)) for _ in range(40_000)]
    report("dense, 10 000 at a time", shared, drawn(routes, 14_000), 10_000, 3)
    report("dense, 1 000 at a time", shared, drawn(routes, 31_000), 1_000, 100)
    print(f"star, lines that differ: {star(False):.2f} s (at most 5 s); alike: {star(True):.2f} s (at most 1 s)")


if __name__ == "__main__":
    main()
