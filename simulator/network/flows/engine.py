"""The compiled engine as Python meets it: the same words as the plain `Fluid`, which is its oracle.

Classes are made when a flow of a new route, weight and workload first begins; once half of them have no flow,
those are given up, and their rows are used again. A flow is known by its number, which is free again when it ends.
Time moves by `advance` alone; changes of one instant are settled together, when time moves or somebody asks.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simulator.engine.spans import Spans, widen
from simulator.network.flows import events, moving, race, reading
from simulator.network.flows.layout import (
    DONE,
    LOGGED,
    NEXT,
    NOW,
    SEEDS,
    USED_CLASSES,
    USED_LINKS,
    USED_SIGNALS,
    Memory,
    build_memory,
    grown,
)
from simulator.network.flows.memory import addresses
from simulator.network.sharing import Flow, check_capacities, check_flow, check_link

Asked = tuple[tuple[str, ...], float, str, float, float]
"""A `Flow`, or a plain tuple of the same, which is made in a fifth of the time."""
Log = Callable[[Any, Any, Any], None]
"""Takes what signals came to: moments, numbers of signals, levels; the arrays are written over afterwards."""
_LONG_AGO_S = -1e300
"""No flow ends before: to advance to it is to settle."""


class _Class(NamedTuple):
    """What all flows of a class have in common."""

    route: tuple[str, ...]
    also: tuple[str, ...]
    weight: float
    workload: str


_NOBODY = _Class((), (), 1.0, "")
"""Stands in a row that is free."""


def is_compiled() -> bool:
    """Whether compiled code of an earlier run is on disk, so that it need only be read."""
    advance: Any = moving.advance
    return any(Path(advance._cache.cache_path).glob("moving.advance-*.nbi"))


def make_ready() -> None:
    """Compile the engine, or load what was compiled before: the first time on a machine takes half a minute."""
    engine = Engine({"a": 1.0})
    engine.add(Flow(("a",), 1.0, ""))
    engine.remove(engine.add(Flow(("a",), 1.0, "", 1.0, 0.5)))
    engine.set_capacity("a", 2.0)
    engine.advance(2.0)
    engine.link_use("a")
    engine.carried_b()
    engine.left_b(engine.add(Flow(("a",), 1.0, "")))
    engine._compact()
    for call in race.first_calls():
        work(engine, call)


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

    __slots__ = (
        *("_base", "_carried_b", "_classes", "_columns", "_counters", "_done", "_done_s", "_free", "_free_crossings"),
        *("_keys", "_links", "_log", "_m", "_moments", "_signals", "_table", "_used_crossings", "_used_standing"),
        *("now_s", "signals"),
    )

    def __init__(self, capacities_bps: Mapping[str, float], now_s: float = 0.0, log: Log | None = None) -> None:
        """Links by name, in bits per second; a capacity of 0 is a link that is cut. Raises NetworkError.

        Without a log nothing is written of what links and sites carry.
        """
        self.now_s: float = now_s
        self._keep(build_memory())
        self._m.moments[:] = now_s, math.inf
        self._links: dict[str, int] = {}
        self._classes: dict[tuple[Any, ...], int] = {}
        self._keys: list[_Class] = []
        self._carried_b: dict[tuple[str, str], float] = {}
        self._free: list[int] = []
        self._free_crossings: dict[int, list[int]] = {}
        self._used_crossings = self._used_standing = 0
        self._signals: dict[tuple[str, str], int] = {}
        self.signals: list[tuple[str, str]] = []
        """The link or site, and the workload, of each signal by its number."""
        self._log = log
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
        if number >= len(self._m.links):
            self._grow(links=number + 1)
        self._counters[USED_LINKS] = number + 1
        self._m.links["capacity_bps"][number] = capacity_bps

    def set_capacity(self, link: str, capacity_bps: float) -> None:
        """From now on the link has this capacity; at 0 it is cut and its flows wait.

        Raises UnknownNameError for a link that is not there, NetworkError for a capacity that cannot be.
        """
        check_link("its capacity was to change", link, self._links)
        check_capacities({link: capacity_bps})
        events.set_capacity(self._base, self._links[link], float(capacity_bps))

    def add(self, flow: Asked, also: tuple[str, ...] = ()) -> int:
        """Let a flow begin now: its number. `also` names what carries the same bits and limits nothing.

        Raises UnknownNameError for a link that is not there, NetworkError for anything else that cannot be.
        """
        route, size_b, workload, weight, cap_bps = flow
        number = self._classes.get((route, also, weight, workload))
        if number is None:
            check_flow("", Flow(*flow), self._links)
            number = self._build_class(_Class(route, also, weight, workload))
        begun: int = events.begin(self._base, number, float(size_b), float(cap_bps))
        if not begun:
            check_flow("", Flow(*flow), self._links)
            self._grow(members=len(self._m.members) + 1)
            begun = events.begin(self._base, number, float(size_b), float(cap_bps))
        return begun

    def remove(self, number: int) -> float:
        """Give a flow up and return the bits that it had still to carry; those that it carried stay counted."""
        left_b: float = events.end(self._base, number)
        return left_b

    def left_b(self, number: int) -> float:
        """The bits that a flow under way has still to carry."""
        return float(reading.left_b(self._base, number))

    def next_completion_s(self) -> float:
        """When the next flow will be done if nothing else changes; infinite if none ever will."""
        if self._counters[SEEDS] and (lacking := moving.advance(self._base, _LONG_AGO_S)):
            self._go_on(_LONG_AGO_S, lacking)
        next_s: float = self._moments[NEXT]
        return next_s

    def advance(self, to_s: float = math.inf) -> list[tuple[int, float]]:
        """Let time pass, to the next completion if no moment is given; the flows that were done meanwhile and when.

        They are in order of time, then of beginning. What is due only because others ended at the very last instant
        is seen the next time.
        """
        assert self.now_s <= to_s, (self.now_s, to_s, "the clock only goes forward")
        counters = self._counters
        counters[DONE] = 0
        if lacking := moving.advance(self._base, to_s):
            self._go_on(to_s, lacking)
        self.now_s = self._moments[NOW]
        count = counters[DONE]
        if count == 1:
            return [(self._done[0], self._done_s[0])]
        done, done_s = self._m.done[:count], self._m.done_s[:count]
        order = np.lexsort((self._m.members["order"][done], done_s))
        return list(zip(done[order].tolist(), done_s[order].tolist(), strict=True))

    def _go_on(self, to_s: float, lacking: int) -> None:
        """Advance as far as was meant, after making the room that was lacking on the way."""
        while lacking:
            self._make_room(lacking)
            lacking = moving.advance(self._base, to_s)

    def _make_room(self, lacking: int) -> None:
        if lacking == moving.CAPS_ROOM:
            self._compact()
        else:
            self._hand_over()
            self._keep(self._m._replace(log=grown(self._m.log, 2 * len(self.signals))))

    def flush(self) -> float:
        """Hand the log over, and say when the next flow will be done, as `next_completion_s` does."""
        next_s = self.next_completion_s()
        self._hand_over()
        return next_s

    def _hand_over(self) -> None:
        count = self._counters[LOGGED]
        if count and self._log is not None:
            at_s, signals, levels_bps = self._columns
            self._counters[LOGGED] = 0
            self._log(at_s[:count], signals[:count], levels_bps[:count])

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
        """Bits carried so far, by (link, workload); exact for flows that are done, but for the rounding of sums."""
        carried_b = self._m.classes["ended_b"][: len(self._keys)].copy()
        reading.add_under_way(self._base, carried_b)
        parts = {key: [carried] for key, carried in self._carried_b.items()}
        for key, number in self._classes.items():
            for link in dict.fromkeys(key[0]):
                parts.setdefault((link, key[3]), []).append(float(carried_b[number]))
        return {key: math.fsum(part) for key, part in parts.items()}

    def spans_s(self, now_s: float) -> Spans:
        """From when to when, now at the latest, each link and site that is logged has carried something."""
        spans: Spans = {}
        rows = self._m.signals[: len(self.signals)]
        to_s = np.where(rows["level_bps"] > 0.0, now_s, rows["to_s"])
        for (carrier, _), first_s, last_s in zip(self.signals, rows["from_s"].tolist(), to_s.tolist(), strict=True):
            if first_s < math.inf:
                widen(spans, carrier, first_s, last_s)
        return spans

    def _build_class(self, key: _Class) -> int:
        carriers = tuple(dict.fromkeys((*key.route, *key.also)))
        number, first = self._find_rows(len(carriers))
        self._classes[key], self._keys[number] = number, key
        for crossing, carrier in enumerate(carriers, first):
            link, signal = self._links[carrier] if carrier in key.route else -1, self._signal(carrier, key.workload)
            if events.cross(self._base, crossing, link, signal) > 0:
                self._widen(link)
        events.build(self._base, number, float(key.weight), first, first + len(carriers))
        return number

    def _find_rows(self, crossings: int) -> tuple[int, int]:
        """A row for a class and the first of as many as it has crossings, used before or never."""
        if not self._free and len(self._keys) == len(self._m.classes):
            self._forget()
        if self._free:
            number = self._free.pop()
        else:
            number = len(self._keys)
            self._keys.append(_NOBODY)
        gaps = self._free_crossings.get(crossings)
        if gaps:
            first = gaps.pop()
        else:
            first = self._used_crossings
            self._used_crossings += crossings
        if number >= len(self._m.classes) or self._used_crossings > len(self._m.crossings):
            self._grow(classes=number + 1, crossings=self._used_crossings)
        self._counters[USED_CLASSES] = len(self._keys)
        return number, first

    def _forget(self) -> None:
        """If half of the classes have no flow, give those up; what they carried stays counted."""
        rows, links = self._m.classes[: len(self._keys)], self._m.links
        (idle,) = np.nonzero((rows["count"] == 0) & (rows["dirty"] == 0))
        if 2 * len(idle) < len(rows):
            return
        columns = (rows[name][idle].tolist() for name in ("ended_b", "from_", "to"))
        for number, ended_b, first, to in zip(idle.tolist(), *columns, strict=True):
            key = self._keys[number]
            self._keys[number] = _NOBODY
            del self._classes[key]
            for link in dict.fromkeys(key.route):
                carried = link, key.workload
                self._carried_b[carried] = self._carried_b.get(carried, 0.0) + ended_b
                links["classes"][self._links[link]] -= 1
            self._free_crossings.setdefault(to - first, []).append(first)
        self._free = idle.tolist()

    def _signal(self, carrier: str, workload: str) -> int:
        """The number of a signal, which is made at the first asking; -1 where nothing is logged."""
        if self._log is None:
            return -1
        number = self._signals.get((carrier, workload))
        if number is None:
            number = self._signals[carrier, workload] = len(self.signals)
            self.signals.append((carrier, workload))
            if number >= len(self._m.signals):
                self._grow(signals=number + 1)
            self._counters[USED_SIGNALS] = number + 1
            self._m.signals["from_s"][number] = math.inf
        return number

    def _widen(self, link: int) -> None:
        """Give a link a part of `standing` that is twice as long as all its classes want."""
        m = self._m
        row = m.links[link]
        first, here, room = int(row["from_"]), self._used_standing, 2 * int(row["classes"])
        self._used_standing += room
        if self._used_standing > len(m.standing):
            self._grow(standing=self._used_standing)
        standing = self._m.standing
        standing[here : here + row["standing"]] = standing[first : first + row["standing"]]
        row["from_"], row["room"] = here, room

    def _grow(
        self,
        links: int = 0,
        classes: int = 0,
        members: int = 0,
        crossings: int = 0,
        standing: int = 0,
        signals: int = 0,
    ) -> None:
        """Make room for so many of each."""
        m = self._m
        if links > len(m.links):
            m = m._replace(links=grown(m.links, links), some_links=grown(m.some_links, links))
            m = m._replace(by_level=grown(m.by_level, links), level_places=grown(m.level_places, links))
        if classes > len(m.classes):
            m = m._replace(classes=grown(m.classes, classes), some_classes=grown(m.some_classes, classes))
            m = m._replace(frozen=grown(m.frozen, classes), freezing=grown(m.freezing, classes))
            m = m._replace(queue=grown(m.queue, classes), places=grown(m.places, classes))
        if members > len(m.members):
            m = m._replace(members=grown(m.members, members), done=grown(m.done, members))
            m = m._replace(done_s=grown(m.done_s, members))
        m = m._replace(crossings=grown(m.crossings, crossings), standing=grown(m.standing, standing))
        m = m._replace(signals=grown(m.signals, signals), touched=grown(m.touched, signals))
        m = m._replace(seeds=grown(m.seeds, len(m.links) + len(m.classes)))
        self._keep(m)

    def _keep(self, memory: Memory) -> None:
        self._m, self._table = memory, addresses(memory)
        self._base = self._table.ctypes.data
        # one number of a memoryview costs half of what it costs of an array, and is Python's own
        self._counters, self._moments = memory.counters.data, memory.moments.data
        self._columns = memory.log["at_s"], memory.log["signal"], memory.log["level_bps"]
        self._done, self._done_s = memory.done.data, memory.done_s.data

    def _compact(self) -> None:
        """Give the caps an array of twice the room that all classes want, each part as it was."""
        wanted = int((self._m.classes["count"] - self._m.classes["free"]).sum())
        caps = np.zeros(max(64, 6 * wanted), self._m.caps.dtype)
        events.move_caps(self._base, caps)
        self._keep(self._m._replace(caps=caps))


def classes_of(engine: Engine, flows: Sequence[Flow]) -> list[int]:
    """The numbers of the classes of these flows, with room for all at once: for compiled code that begins them.

    Raises as `Engine.add` does.
    """
    engine._grow(members=len(flows) + 1)
    keys = [_Class(flow.route, (), flow.weight, flow.workload) for flow in flows]
    numbers: dict[_Class, int] = {}
    for key, flow in zip(keys, flows, strict=True):
        if key not in numbers:
            check_flow("", flow, engine._links)
            known = engine._classes.get(key)
            numbers[key] = engine._build_class(key) if known is None else known
    return [numbers[key] for key in keys]


def work(engine: Engine, run: Callable[[Any], int]) -> None:
    """Let compiled code work on the memory of an engine, making the room that it lacks until it lacks none."""
    while lacking := run(engine._base):
        engine._make_room(lacking)
    engine.now_s = engine._moments[NOW]
