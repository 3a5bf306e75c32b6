"""The network as processes meet it: bits that wait for their latency, then share links until they are through.

    done = begin + latency + the time in which the rates (network/sharing.py) carry the size

The compiled engine knows rates and ends; here its changes become SimPy events and signals of the ledger.
Changes of one instant are settled once, after all of them: the rates of links are reported
and the next completion is planned. Where a newcomer ends first, the wake-up of the one that was
to end first stays for later, unless such ones are half of what the clock has to do; once nothing
flows none is left: a clock that runs until nothing is left to happen ends with the last bit.

Each link and workload is a channel `rate_bps` (activity `transfer`), made when it first
carries something. Its integral is the bits carried, to the rounding of the clock: a rate
times one unit in the last place of the time for each change. What a flow passes without
sharing it (routers, exchanges) carries what the flow carries and has channels like a link.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import simpy

from simulator.engine.ledger import Ledger
from simulator.engine.spans import Spans, widen
from simulator.engine.spill import Floats
from simulator.engine.withdraw import withdraw
from simulator.network.sharing import check_capacities
from simulator.vocabulary import RATE

if TYPE_CHECKING:
    from simulator.network.flows.engine import Engine
    from simulator.network.flows.layout import Ints

NO_CHANNEL = -1
_AFTER_CHANGES = 5
"""SimPy's own priorities are 0 and 1: rates are settled after all that happens at an instant."""


class Room(NamedTuple):
    """What a link carries at most, what flows and crowds use of it at present, how many flows, and crowds alone."""

    capacity_bps: float
    used_bps: float
    flows: int
    crowds_bps: float


class Sending:
    """A flow under way: `done` happens when its last bit is through."""

    __slots__ = ("done", "number", "size_b", "tag")

    def __init__(self, done: simpy.Event, number: int, size_b: float, tag: str) -> None:
        self.done, self.number, self.size_b, self.tag = done, number, size_b, tag


class Traffic:
    """The links of a world and what flows on them, on the clock of its environment.

    >>> env = simpy.Environment()
    >>> traffic = Traffic(env, Ledger(env))
    >>> traffic.add_link("a>b", 100.0)
    >>> _ = env.process(traffic.send(("a>b",), size_b=1000.0, workload="job", latency_s=0.5))
    >>> env.run()
    >>> env.now, traffic.carried_b()
    (10.5, {('a>b', 'job'): 1000.0})
    """

    __slots__ = (
        *("_capacities_bps", "_channels", "_engine", "_env", "_given_back", "_ledger", "_occupied_bps"),
        *("_sending", "_sent_b", "_settling", "_spans_s", "_under_way", "_wakes"),
    )

    def __init__(self, env: simpy.Environment, ledger: Ledger) -> None:
        self._env, self._ledger = env, ledger
        self._engine: Engine | None = None
        self._capacities_bps: dict[str, float] = {}
        self._occupied_bps: defaultdict[str, float] = defaultdict(float)
        self._sending: list[Sending | None] = []
        self._under_way = 0
        self._sent_b: defaultdict[str, float] = defaultdict(float)
        self._channels: list[int] = []
        self._spans_s: Spans = {}
        self._settling = False
        self._given_back = env.event()
        self._wakes: list[tuple[float, simpy.Event]] = []
        """When the clock wakes for the flows, the next time last."""

    def add_link(self, link: str, capacity_bps: float) -> None:
        """Let there be a link of this capacity; one that is there already keeps its own.

        Raises NetworkError for a capacity that cannot be.
        """
        check_capacities({link: capacity_bps})
        self._capacities_bps.setdefault(link, capacity_bps)
        if self._engine is not None:
            self._engine.add_link(link, self._open_bps(link))

    def set_capacity(self, link: str, capacity_bps: float) -> None:
        """From now on a link has this capacity, which may be 0; one that nothing used is none."""
        if link in self._capacities_bps:
            self._pass()
            self._capacities_bps[link] = capacity_bps
            if self._engine is not None:
                self._engine.set_capacity(link, self._open_bps(link))
            if self._under_way:
                self._change()

    def occupied_bps(self, link: str) -> float:
        """What crowds and others take of a link at present."""
        return self._occupied_bps.get(link, 0.0)

    def room(self, links: Iterable[str]) -> dict[str, Room]:
        """What is free at present on each of these links."""
        self._pass()
        found = {}
        for link in links:
            crowds_bps = self._occupied_bps.get(link, 0.0)
            flows_bps, flows = (0.0, 0) if self._engine is None else self._engine.link_use(link)
            found[link] = Room(self._capacities_bps[link], flows_bps + crowds_bps, flows, crowds_bps)
        return found

    def occupy(self, rates_bps: Mapping[str, float]) -> None:
        """From now on a crowd uses so much of these links; negative rates give it back."""
        self._pass()
        for link, rate_bps in rates_bps.items():
            self._occupied_bps[link] += rate_bps
            if abs(self._occupied_bps[link]) < 1e-9 * max(self._capacities_bps[link], abs(rate_bps)):
                self._occupied_bps[link] = 0.0  # what rounding leaves of a sum that is over
            if self._engine is not None:
                self._engine.set_capacity(link, self._open_bps(link))
        if self._under_way:
            self._change()
        if self._given_back.callbacks and any(rate_bps < 0.0 for rate_bps in rates_bps.values()):
            self._given_back.succeed()
            self._given_back = self._env.event()

    def _open_bps(self, link: str) -> float:
        """What crowds leave of a link."""
        return max(0.0, self._capacities_bps[link] - self._occupied_bps.get(link, 0.0))

    def _started(self) -> "Engine":
        """The engine, which is compiled and heavy, as soon as something flows."""
        if self._engine is None:
            from simulator.network.flows.engine import Engine  # heavy, and most scenarios send nothing

            open_bps = {link: self._open_bps(link) for link in self._capacities_bps}
            self._engine = Engine(open_bps, self._env.now, self._report)
        return self._engine

    def wait_given_back(self) -> simpy.Event:
        """Happens when a crowd next gives links back."""
        return self._given_back

    def send(
        self,
        route: tuple[str, ...],
        size_b: float,
        workload: str,
        latency_s: float,
        cap_bps: float = math.inf,
        also: tuple[str, ...] = (),
        tag: str = "",
    ) -> Generator[simpy.Event, None, None]:
        """Pay the latency, then carry so many bits over these links: `yield from traffic.send(…)`.

        `also` names what carries the same bits and limits nothing; `tag` under which name its bits
        are counted, the workload's if left out. Whoever is interrupted meanwhile
        gives the links back; the bits carried until then stay counted. Raises UnknownNameError or
        NetworkError for a flow that cannot be.
        """
        if latency_s > 0.0:
            yield self._env.timeout(latency_s)
        sending = self.begin(route, size_b, workload, cap_bps, also, tag)
        try:
            yield sending.done
        finally:
            if not sending.done.triggered:
                self._give_up(sending)

    def begin(
        self,
        route: tuple[str, ...],
        size_b: float,
        workload: str,
        cap_bps: float = math.inf,
        also: tuple[str, ...] = (),
        tag: str = "",
    ) -> Sending:
        """Let a flow begin now, as `send` does once the latency is paid."""
        engine = self._engine or self._started()
        if engine.now_s < self._env._now:
            self._move_on(engine)
        number = engine.add((route, size_b, workload, 1.0, cap_bps), also)
        sending = Sending(simpy.Event(self._env), number, size_b, tag or workload)
        if number >= len(self._sending):
            self._sending += [None] * (number + 1 - len(self._sending))
        self._sending[number] = sending
        self._under_way += 1
        if not self._settling:
            self._change()
        return sending

    def carried_b(self) -> dict[tuple[str, str], float]:
        """Bits carried so far, by (link, workload)."""
        self._pass()
        return {} if self._engine is None else self._engine.carried_b()

    def sent_b(self, tag: str) -> float:
        """Bits that were sent so far under a tag (a workload's name, where it gave none), whatever their way."""
        self._pass()
        under_way = (
            sent.size_b - self._started().left_b(sent.number)
            for sent in self._sending
            if sent is not None and sent.tag == tag
        )
        return math.fsum((self._sent_b.get(tag, 0.0), *under_way))

    def spans_s(self) -> Spans:
        """From the first bit to the last so far, for each link and each that carries without limit."""
        spans_s = dict(self._spans_s)
        if self._engine is not None:
            for carrier, span_s in self._engine.spans_s(self._env.now).items():
                widen(spans_s, carrier, *span_s)
        return spans_s

    def carried(self, carriers: Iterable[str], from_s: float, to_s: float) -> None:
        """Note that these carried something from then to then."""
        for carrier in carriers:
            widen(self._spans_s, carrier, from_s, to_s)

    def _give_up(self, sending: Sending) -> None:
        self._pass()
        if not sending.done.triggered:  # it may have ended at this very instant
            self._leave(sending.number, self._started().remove(sending.number))
            self._change()

    def _leave(self, number: int, left_b: float) -> simpy.Event:
        sending, self._sending[number] = self._sending[number], None
        assert sending is not None, (number, "is not under way")
        self._under_way -= 1
        self._sent_b[sending.tag] = self._sent_b[sending.tag] + sending.size_b - left_b
        return sending.done

    def _pass(self) -> None:
        """Let the flows move on to now, if they are not there; those that are done wake their processes."""
        if self._engine is not None and self._engine.now_s < self._env.now:
            self._move_on(self._engine)

    def _move_on(self, engine: "Engine") -> None:
        for number, _ in engine.advance(self._env.now):
            self._leave(number, 0.0).succeed()
            self._change()

    def _change(self) -> None:
        """Settle once for all changes of this instant, after them."""
        if not self._settling:
            self._settling = True
            self._plan(self._settle, 0.0)

    def _plan(self, call: Callable[[simpy.Event], None], delay_s: float) -> simpy.Event:
        event = self._env.event()
        event.callbacks.append(call)
        event._ok, event._value = True, None
        self._env.schedule(event, priority=_AFTER_CHANGES, delay=delay_s)  # type: ignore[arg-type]  # any number orders
        return event

    def _settle(self, _: simpy.Event) -> None:
        self._settling = False
        engine, wakes, now_s = self._started(), self._wakes, self._env._now
        next_s = engine.flush()
        if next_s == math.inf:
            self._withdraw()
            return
        delay_s = max(0.0, next_s - now_s)
        at_s = now_s + delay_s  # as the clock will round it
        if not wakes or at_s < wakes[-1][0]:
            if 2 * len(wakes) > len(self._env._queue):
                self._withdraw()
            wakes.append((at_s, self._plan(self._complete, delay_s)))

    def _complete(self, wake: simpy.Event) -> None:
        """Let those that are done now go on at once: all else of this instant has happened, and no event is spent."""
        self._wakes.pop()
        self._settling = True
        env = self._env
        done = [self._leave(number, 0.0) for number, _ in self._started().advance(env._now)]
        for event in done:
            event._ok, event._value = True, None
        for event in done:
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # as the environment does
            for call in callbacks:
                call(event)
        if env._queue and env._queue[0][0] <= env._now:
            self._plan(self._settle, 0.0)
        else:
            self._settle(wake)  # also where what was to be done now takes longer

    def _withdraw(self) -> None:
        """Take the pending wake-ups back: the clock must not go on to a time at which nothing happens."""
        if self._wakes:
            withdraw(self._env, *(wake for _, wake in self._wakes))
            self._wakes.clear()

    def _report(self, at_s: Floats, signals: "Ints", levels_bps: Floats) -> None:
        """Write what signals came to at the end of this instant."""
        channels, found, levels = self._channels, signals.tolist(), levels_bps.tolist()
        if len(channels) < (count := len(self._started().signals)):
            channels += [NO_CHANNEL] * (count - len(channels))
        numbers = [channels[signal] for signal in found]
        if NO_CHANNEL in numbers:
            numbers, levels = self._open(found, levels)
        self._ledger.switch((), tuple(numbers), tuple(levels))

    def _open(self, signals: list[int], levels: list[float]) -> tuple[list[int], list[float]]:
        """Channels and levels, where a channel is made when something is carried for the first time."""
        numbers, kept = [], []
        for signal, level_bps in zip(signals, levels, strict=True):
            if self._channels[signal] == NO_CHANNEL:
                if not level_bps:
                    continue  # it was given up in the instant in which it began
                self._channels[signal] = self._ledger.channel(*self._started().signals[signal], "transfer", RATE)
            numbers.append(self._channels[signal])
            kept.append(level_bps)
        return numbers, kept
