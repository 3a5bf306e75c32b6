"""Identical units of one place, handed out by urgency, then first come, first served.

A queue guards the count; units are given lowest number first. A group counts k of n units in
a state as one draw of k times the watts.

Energy at rest is known only when the run is over, for a unit counts from its first
reservation to its last release (always, if `owned: always`); `record_idle` then writes

    idle(t) = watts at rest x (units in service(t) - units reserved(t))

and `record_spare`, under a quantity of its own, what the others would draw if they counted:

    spare(t) = watts at rest x (count - units in service(t))
"""

from collections.abc import Generator, Hashable, Sequence
from itertools import pairwise
from types import TracebackType
from typing import NamedTuple

import numpy as np
import simpy

from simulator.engine.ledger import Ledger
from simulator.engine.meter import Meter, State
from simulator.engine.spill import Floats, Ints
from simulator.hardware.queue import Queue, Request
from simulator.hardware.unit import Unit
from simulator.vocabulary import POWER, SPARE, UNASSIGNED


class Span(NamedTuple):
    """One reservation of the past: whose, how many units, from when to when."""

    workload: str
    units: int
    from_s: float
    to_s: float


class Part(NamedTuple):
    """What a share of what is held does: its activity, and the load at which it is done.

    `beside`: by machines of its own, all the time; else it may be a share of the time of machines that do several.
    """

    activity: str
    load: float
    share: float = 1.0
    memory: float = 0.0
    """Share of the memory's bandwidth in use."""
    beside: bool = False


Parts = tuple[Part, ...]
"""What is done at a time, each part by its share."""


class Group:
    """The units, their queue and what was reserved so far."""

    __slots__ = (
        "_busy",
        "_first_s",
        "_last_s",
        "_open",
        "_queue",
        "count",
        "env",
        "ledger",
        "name",
        "owned",
        "spans",
        "unit",
    )

    def __init__(self, env: simpy.Environment, ledger: Ledger, name: str, unit: Unit, count: int, owned: str) -> None:
        self.env, self.ledger = env, ledger
        self.name, self.unit, self.count, self.owned = name, unit, count, owned
        self.spans: list[Span] = []
        self._open: dict[Reservation, None] = {}
        self._queue = Queue(env, count)
        self._busy = np.zeros(count, bool)
        self._first_s, self._last_s = np.full(count, np.inf), np.full(count, -np.inf)

    @property
    def assets(self) -> tuple[str, ...]:
        """The names of the components, as they are recorded."""
        return tuple(f"{self.name}/{component.kind}" for component in self.unit.components)

    def service_spans(self, end_s: float) -> tuple[np.ndarray, np.ndarray]:
        """From when to when each unit that was ever used counts, two arrays of seconds."""
        if self.owned == "always":
            return np.zeros(self.count), np.full(self.count, end_s)
        used = np.isfinite(self._first_s)
        return self._first_s[used], np.where(self._busy, end_s, self._last_s)[used]

    def take(self, units: int) -> np.ndarray:
        """Mark so many free units as reserved, lowest first; the queue has granted them."""
        chosen = np.flatnonzero(~self._busy)[:units]
        assert len(chosen) == units, (self.name, units, "not free")
        self._busy[chosen] = True
        self._first_s[chosen] = np.minimum(self._first_s[chosen], self.env.now)
        return chosen

    def give_back(self, chosen: np.ndarray) -> None:
        """Free these units and let the next in the queue go on."""
        self._busy[chosen] = False
        self._last_s[chosen] = self.env.now
        self._queue.give_back(len(chosen))

    def ask(self, units: int, priority: int = 0) -> Request:
        """Join the queue for so many units."""
        return self._queue.ask(units, priority)

    def leave(self, request: Request) -> None:
        """Give up a request before its units were taken."""
        self._queue.leave(request)


class Reservation:
    """So many units for one workload, as a context: waiting is cancelled, holding is released on the way out."""

    __slots__ = ("_chosen", "_from_s", "_group", "_meter", "_priority", "_request", "_states", "_units", "_workload")

    def __init__(self, group: Group, units: int, workload: str, priority: int = 0) -> None:
        self._group, self._units, self._workload, self._priority = group, units, workload, priority
        self._meter = Meter(group.ledger, *group.assets)
        self._states: dict[Hashable, State] = {}
        self._chosen: np.ndarray | None = None
        self._from_s = 0.0

    def __enter__(self) -> "Reservation":
        self._request = self._group.ask(self._units, self._priority)
        self._group._open[self] = None
        return self

    @property
    def granted(self) -> bool:
        """Whether its turn has come."""
        return self._request.granted.triggered

    def wait_granted(self) -> Generator[simpy.events.Event, None, None]:
        """Wait for one's turn; from then on the units are held."""
        yield self._request.granted
        self._chosen = self._group.take(self._units)
        self._from_s = self._group.env.now

    def draw(self, load: float, activity: str, memory: float = 0.0) -> None:
        """All held units work at this load, and use this share of their memory's bandwidth, from now on."""
        key = (load, memory, activity)
        state = self._states.get(key)
        if state is None:
            powers_w = tuple(power_w * self._units for power_w in self._group.unit.draws(load, memory))
            state = self._states[key] = self._meter.state(powers_w, self._workload, activity)
        self._meter.enter(state)

    def draw_parts(self, parts: Parts) -> None:
        """From now on each part is done by its share of the held units, or for its share of the time by all of them."""
        self._meter.enter(self._state_of(parts))

    def draw_each(self, at_s: Floats, which: Ints, plays: Sequence[Parts]) -> None:
        """From each of these moments on the parts of one of these plays are done, given by its number.

        The moments are past, in order, and none before the last change of the draw.
        """
        self._meter.enter_each(at_s, which, [self._state_of(parts) for parts in plays])

    def _state_of(self, parts: Parts) -> State:
        state = self._states.get(parts)
        if state is None:
            powers_w: dict[str, tuple[float, ...]] = {}
            for part in parts:
                units = part.share * self._units
                drawn_w = tuple(units * power_w for power_w in self._group.unit.draws(part.load, part.memory))
                before_w = powers_w.get(part.activity, (0.0,) * len(drawn_w))
                powers_w[part.activity] = tuple(a + b for a, b in zip(before_w, drawn_w, strict=True))
            state = self._states[parts] = self._meter.mixture(powers_w, self._workload)
        return state

    def draw_steps(self, at_s: Floats, busy: Floats, work: Part) -> None:
        """From each of these moments on so many held units do this work, and the others wait at rest.

        The moments are past, in order, and none before the last change of the draw.
        """
        draws = self._group.unit.draws
        work_w, rest_w = np.outer(busy, draws(work.load, work.memory)), np.outer(self._units - busy, draws(0.0))
        self._meter.draw_steps(at_s, self._workload, {"wait": rest_w, work.activity: work_w})

    def span(self) -> Span | None:
        """The reservation up to now; None while it waits."""
        return None if self._chosen is None else Span(self._workload, self._units, self._from_s, self._group.env.now)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._meter.off()
        del self._group._open[self]
        span = self.span()
        if span is not None and self._chosen is not None:
            self._group.spans.append(span)
            self._group.give_back(self._chosen)
        else:
            self._group.leave(self._request)


def all_spans(group: Group) -> list[Span]:
    """The reservations of the past, then those still held, up to now."""
    return group.spans + [span for reservation in group._open if (span := reservation.span()) is not None]


def record_idle(group: Group, end_s: float) -> None:
    """Write what the units in service drew while nobody had reserved them."""
    _record_rest(group, POWER, _rest_steps(*_rest_moves(group, end_s)))


def idle_spans(group: Group, end_s: float) -> list[Span]:
    """When how many units were in service and reserved by nobody."""
    steps = _rest_steps(*_rest_moves(group, end_s))
    levels, edges_s = np.rint(steps.units).astype(int).tolist(), [*steps.at_s.tolist(), end_s]
    return [
        Span(UNASSIGNED, units, from_s, to_s)
        for units, (from_s, to_s) in zip(levels, pairwise(edges_s), strict=True)
        if units and to_s > from_s
    ]


def _rest_moves(group: Group, end_s: float) -> tuple[Floats, Floats]:
    """When the number of units in service that nobody has reserved moves, and by how many."""
    from_s, to_s = group.service_spans(end_s)
    spans = all_spans(group)
    at_s = np.concatenate([from_s, to_s, [s.from_s for s in spans], [s.to_s for s in spans]])
    units = np.array([s.units for s in spans], float)
    return at_s, np.concatenate([np.ones(len(from_s)), -np.ones(len(to_s)), -units, units])


def record_spare(group: Group, end_s: float) -> None:
    """Write what the units that are not in service would have drawn at rest, apart from all that was drawn."""
    if group.owned == "always":
        return
    from_s, to_s = group.service_spans(end_s)
    at_s = np.concatenate([[0.0, end_s], from_s, to_s])
    count = float(group.count)
    deltas = np.concatenate([[count, -count], -np.ones(len(from_s)), np.ones(len(to_s))])
    _record_rest(group, SPARE, _rest_steps(at_s, deltas))


class _Steps(NamedTuple):
    """How many units are at rest from each of these moments on."""

    at_s: Floats
    units: Floats


def _rest_steps(at_s: Floats, deltas: Floats) -> _Steps:
    """The steps of a number that moves by `deltas`, where it does."""
    times, where = np.unique(at_s, return_inverse=True)
    moves = np.bincount(where, deltas, minlength=len(times))
    keep = moves != 0
    return _Steps(times[keep], np.cumsum(moves)[keep])


def _record_rest(group: Group, quantity: str, steps: _Steps) -> None:
    """Write the watts of so many units at rest, component by component."""
    for asset, rest_w in zip(group.assets, group.unit.draws(0.0), strict=True):
        if len(steps.at_s) and rest_w:
            channel = group.ledger.channel(asset, UNASSIGNED, "idle", quantity)
            group.ledger.extend(steps.at_s, np.full(len(steps.at_s), channel, np.int32), steps.units * rest_w)
