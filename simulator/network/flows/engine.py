"""The compiled engine as Python meets it: the same words as the plain `Fluid`, which is its oracle.

Classes are made when a flow of a new route, weight and workload first begins, and stay. A flow is known
by its number, which is free again when it ends. Time moves by `advance` alone; changes of one instant are settled
together, when time moves or somebody asks.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulator.network.flows import events, reading
from simulator.network.flows.layout import (
    LOGGED,
    SEEDS,
    UNUSED,
    USED_CLASSES,
    USED_LINKS,
    USED_MEMBERS,
    Memory,
    build_memory,
    grown,
)
from simulator.network.flows.memory import addresses
from simulator.network.sharing import LEAST, MOST, Flow, check_capacities, check_flow, check_link

Log = Callable[[Any, Any, Any], None]
"""Takes what signals came to: moments, numbers of signals, levels."""


def is_compiled() -> bool:
    """Whether compiled code of an earlier run is on disk, so that it need only be read."""
    settle: Any = events.settle
    return any(Path(settle._cache.cache_path).glob("events.settle-*.nbi"))


def make_ready() -> None:
    """Compile the engine, or load what was compiled before: the first time on a machine takes half a minute."""
    engine = Engine({"a": 1.0})
    engine.add(Flow(("a",), 1.0, ""))
    engine.remove(engine.add(Flow(("a",), 1.0, "", 1.0, 0.5)))
    engine.set_capacity("a", 2.0)
    engine.advance(2.0)
    engine.link_use("a")
    engine.carried_b()
    engine._compact()


class Engine:
    """Links and the flows under way on them.

    >>> engine = Engine({"cable": 100.0})
    >>> first = engine.add(Flow(("cable",), 500.0, "job"))
    >>> second = engine.add(Flow(("cable",), 1000.0, "job"))
    >>> engine.next_completion_s()
    10.0
    >>> engine.advance(12.0) == [(first, 10.0)]
    True
    >>> engine.left_b(second), engine.carried_b()
    (300.0, {('cable', 'job'): 1200.0})
    """

    __slots__ = ("_base", "_classes", "_links", "_log", "_m", "_next_s", "_signals", "now_s", "signals")

    def __init__(self, capacities_bps: Mapping[str, float], now_s: float = 0.0, log: Log | None = None) -> None:
        """Links by name, in bits per second; a capacity of 0 is a link that is cut. Raises NetworkError."""
        self.now_s: float = now_s
        self._keep(build_memory())
        self._links: dict[str, int] = {}
        self._classes: dict[tuple[tuple[str, ...], tuple[str, ...], float, str], int] = {}
        self._signals: dict[tuple[str, str], int] = {}
        self.signals: list[tuple[str, str]] = []
        """The link or site, and the workload, of each signal by its number."""
        self._log, self._next_s = log, math.inf
        for link, capacity_bps in capacities_bps.items():
            self.add_link(link, capacity_bps)

    def add_link(self, link: str, capacity_bps: float) -> None:
        """Let there be a link of this name; one that is there already keeps its capacity.

        Raises NetworkError for a capacity that cannot be.
        """
        check_capacities({link: capacity_bps})
        if link in self._links:
            return
        number = self._links[link] = len(self._links)
        self._grow(links=number + 1)
        self._m.counters[USED_LINKS] = number + 1
        row = self._m.links[number]
        row["capacity_bps"], row["first"] = capacity_bps, -1

    def set_capacity(self, link: str, capacity_bps: float) -> None:
        """From now on the link has this capacity; at 0 it is cut and its flows wait.

        Raises UnknownNameError for a link that is not there, NetworkError for a capacity that cannot be.
        """
        check_link("its capacity was to change", link, self._links)
        check_capacities({link: capacity_bps})
        self._m.links[self._links[link]]["capacity_bps"] = capacity_bps
        events.mark_link(self._base, self._links[link])

    def add(self, flow: Flow, also: tuple[str, ...] = ()) -> int:
        """Let a flow begin now: its number. `also` names what carries the same bits and limits nothing.

        Raises UnknownNameError for a link that is not there, NetworkError for anything else that cannot be.
        """
        key = (flow.route, also, flow.weight, flow.workload)
        number = self._classes.get(key)
        if number is None:
            check_flow("", flow, self._links)
            number = self._build_class(key)
        elif not (0.0 <= flow.size_b <= MOST and flow.cap_bps >= LEAST):
            check_flow("", flow, self._links)
        m = self._m
        if m.counters[USED_MEMBERS] >= len(m.members) and not m.counters[UNUSED]:
            self._grow(members=int(m.counters[USED_MEMBERS]) + 1)
        return int(events.begin(self._base, number, flow.size_b, flow.cap_bps, self.now_s))

    def remove(self, number: int) -> float:
        """Give a flow up and return the bits that it had still to carry; those that it carried stay counted."""
        left_b = self.left_b(number)
        size_b = float(self._m.members[number]["size_b"])
        events.end(self._base, number, size_b - left_b, self.now_s)
        return left_b

    def left_b(self, number: int) -> float:
        """The bits that a flow under way has still to carry."""
        return float(reading.left_b(self._base, number, self.now_s))

    def next_completion_s(self) -> float:
        """When the next flow will be done if nothing else changes; infinite if none ever will."""
        if self._m.counters[SEEDS]:
            self._settle()
        return self._next_s

    def _complete(self, now_s: float) -> list[int]:
        """Move to a moment not after the next completion; the flows that are done by then."""
        if self._m.counters[SEEDS]:
            self._settle()
        self.now_s = now_s
        count = events.complete(self._base, now_s)
        self._next_s = events.next_s(self._base)
        done = self._m.done[:count]
        if count > 1:  # those of one instant in the order in which they began
            done = done[np.argsort(self._m.members["order"][done], kind="stable")]
        numbers: list[int] = done.tolist()
        return numbers

    def advance(self, to_s: float) -> list[tuple[int, float]]:
        """Let time pass; the flows that were done meanwhile and when, in order of time."""
        assert self.now_s <= to_s < math.inf, (self.now_s, to_s, "the clock only goes forward")
        done: list[tuple[int, float]] = []
        while (next_s := self.next_completion_s()) <= to_s + events.SAME_INSTANT * abs(to_s):
            at_s = max(self.now_s, min(next_s, to_s))
            done += [(number, at_s) for number in self._complete(at_s)]
        self.now_s = to_s
        return done

    def _settle(self) -> None:
        m = self._m
        if m.counters[LOGGED] + len(self._signals) > len(m.log):
            self.flush()
            self._keep(m._replace(log=grown(m.log, 2 * len(self._signals))))
            m = self._m
        next_s = events.settle(self._base, self.now_s)
        if next_s != next_s:  # too little room for caps
            self._compact()
            next_s = events.settle(self._base, self.now_s)
        self._next_s = next_s

    def flush(self) -> None:
        """Hand the log over."""
        m = self._m
        count = int(m.counters[LOGGED])
        if count and self._log is not None:
            log = m.log[:count]
            self._log(log["at_s"].copy(), log["signal"].copy(), log["level_bps"].copy())
        m.counters[LOGGED] = 0

    def rate_bps(self, number: int) -> float:
        """The present rate of a flow under way."""
        self.next_completion_s()
        flow = self._m.members[number]
        return float(flow["cap_bps"] if flow["capped"] else self._m.classes[flow["class_"]]["rate_bps"])

    def link_use(self, link: str) -> tuple[float, int]:
        """What the flows on a link carry at present, in bits per second, and how many they are."""
        self.next_completion_s()
        used_bps, count = reading.link_use(self._base, self._links[link])
        return float(used_bps), int(count)

    def carried_b(self) -> dict[tuple[str, str], float]:
        """Bits carried so far, by (link, workload); exact for flows that are done."""
        carried_b = self._m.classes["ended_b"][: len(self._classes)].copy()
        reading.add_under_way(self._base, self.now_s, carried_b)
        parts: dict[tuple[str, str], list[float]] = {}
        for (route, _, _, workload), total_b in zip(self._classes, carried_b.tolist(), strict=True):
            for link in dict.fromkeys(route):
                parts.setdefault((link, workload), []).append(total_b)
        return {key: math.fsum(part) for key, part in parts.items()}

    def _build_class(self, key: tuple[tuple[str, ...], tuple[str, ...], float, str]) -> int:
        route, also, weight, workload = key
        carriers = tuple(dict.fromkeys((*route, *also)))
        number = self._classes[key] = len(self._classes)
        first = int(self._m.classes[number - 1]["to"]) if number else 0
        for carrier in carriers:
            if (carrier, workload) not in self._signals:
                self._signals[carrier, workload] = len(self.signals)
                self.signals.append((carrier, workload))
        self._grow(classes=number + 1, crossings=first + len(carriers), signals=len(self._signals))
        self._m.counters[USED_CLASSES] = number + 1
        one = self._m.classes[number]
        one["weight"], one["from_"], one["to"] = weight, first, first + len(carriers)
        one["place"], one["date_s"] = -1, math.inf
        for place, carrier in enumerate(carriers):
            here = self._m.crossings[first + place]
            here["link"], here["class_"] = self._links[carrier] if carrier in route else -1, number
            here["signal"], here["next"], here["before"] = self._signals[carrier, workload], -1, -1
        return number

    def _grow(self, links: int = 0, classes: int = 0, members: int = 0, crossings: int = 0, signals: int = 0) -> None:
        """Make room for so many of each."""
        m = self._m
        enough = links <= len(m.links) and classes <= len(m.classes) and members <= len(m.members)
        if enough and crossings <= len(m.crossings) and signals <= len(m.signals):
            return
        m = m._replace(links=grown(m.links, links), some_links=grown(m.some_links, links))
        m = m._replace(classes=grown(m.classes, classes), some_classes=grown(m.some_classes, classes))
        m = m._replace(queue=grown(m.queue, classes), seeds=grown(m.seeds, len(m.links) + len(m.classes)))
        m = m._replace(members=grown(m.members, members), done=grown(m.done, members))
        m = m._replace(crossings=grown(m.crossings, crossings), signals=grown(m.signals, signals))
        self._keep(m._replace(touched=grown(m.touched, signals)))

    def _keep(self, memory: Memory) -> None:
        self._m, self._base = memory, addresses(memory)

    def _compact(self) -> None:
        """Give the caps an array of twice the room that all classes want, each part as it was."""
        wanted = int((self._m.classes["count"] - self._m.classes["free"]).sum())
        caps = np.zeros(max(64, 6 * wanted), self._m.caps.dtype)
        events.move_caps(self._base, caps)
        self._keep(self._m._replace(caps=caps))
