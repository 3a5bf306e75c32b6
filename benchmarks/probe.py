"""What probes cost: a run that nobody watches against one that could not be watched, and one that is.

    python benchmarks/probe.py

Budget: at most 1.02 times when off. What could not be watched is the same ledger with the
note of a value bound to its column and no choice in its making, driven by bare steps of
SimPy. Ratios are medians of pairs measured in turn.
"""

import statistics
import time
from collections.abc import Callable, Sequence

import simpy
from floor import CHANGES_PER_NODE, NODES, ledger_node

from simulator.engine.ledger import Ledger
from simulator.engine.meter import Meter
from simulator.engine.probe import Probe, Watch

ROUNDS = 15


def run(probes: Sequence[Probe] | None) -> float:
    """Seconds for the floor's nodes on a ledger; None is without any hook."""
    env = simpy.Environment()
    watch = Watch(probes or ())
    ledger = Ledger(env) if probes is None else Ledger(env, watch.find_teller("change"))
    if probes is None:
        ledger._note_value = ledger._value.append
    for n in range(NODES):
        env.process(ledger_node(env, Meter(ledger, f"node{n}")))
    step = env.step if probes is None else watch.watched(env.step)
    began_s = time.perf_counter()
    drive(env, step)
    return time.perf_counter() - began_s


def drive(env: simpy.Environment, step: Callable[[], None]) -> None:
    while env._queue:
        step()


def main() -> None:
    seen = [0]

    def count(*values: object) -> None:
        seen[0] += 1

    watching = [Probe("count", {"change": count})]
    run(None)
    rounds = [(run(None), run(()), run(watching)) for _ in range(ROUNDS)]
    off = statistics.median(off_s / bare_s for bare_s, off_s, _ in rounds)
    on = statistics.median(on_s / bare_s for bare_s, _, on_s in rounds)
    assert seen[0] == ROUNDS * NODES * (CHANGES_PER_NODE + 1), seen
    print(f"probes off, {NODES * CHANGES_PER_NODE:,} changes: {off:.3f}x (at most 1.02x); one that counts: {on:.2f}x")


if __name__ == "__main__":
    main()
