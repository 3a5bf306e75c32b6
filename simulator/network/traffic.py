"""The network as processes meet it: bits that wait for their latency, then share links until they are through.

    done = begin + latency + the time in which the rates (network/sharing.py) carry the size

`Fluid` knows rates and ends; here its changes become SimPy events and signals of the ledger.
Changes of one instant are settled once, after all of them: the rates of links are reported
and the next completion is planned. One wake-up is pending at a time, never one for nothing:
a clock that runs until nothing is left to happen ends with the last bit.

Each link and workload is a channel `rate_bps` (activity `transfer`), made when it first
carries something. Its integral is the bits carried, to the rounding of the clock: a rate
times one unit in the last place of the time for each change. What a flow passes without
sharing it (routers, exchanges) carries what the flow carries and has channels like a link.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping
from itertools import count
from typing import NamedTuple

import simpy

from simulator.engine.ledger import Ledger
from simulator.engine.spans import Spans, widen
from simulator.network.fluid import Fluid
from simulator.network.sharing import Flow
from simulator.vocabulary import RATE

_AFTER_CHANGES = 5
"""SimPy's own priorities are 0 and 1: rates are settled after all that happens at an instant."""


class Room(NamedTuple):
    """What a link carries at most, what flows and crowds use of it at present, how many flows, and crowds alone."""

    capacity_bps: float
    used_bps: float
    flows: int
    crowds_bps: float


class _Sending:
    """A flow under way, and the event that its process waits for."""

    __slots__ = ("carriers", "done", "flow", "tag")

    def __init__(self, flow: Flow, also: tuple[str, ...], done: simpy.Event, tag: str) -> None:
        self.flow, self.done, self.tag = flow, done, tag
        self.carriers = tuple(dict.fromkeys((*flow.route, *also)))


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
        *("_capacities_bps", "_channels", "_env", "_fluid", "_given_back", "_ledger", "_loaded", "_numbers"),
        *("_occupied_bps", "_sending", "_sent_b", "_settling", "_spans_s", "_wake"),
    )

    def __init__(self, env: simpy.Environment, ledger: Ledger) -> None:
        self._env, self._ledger = env, ledger
        self._fluid = Fluid({}, env.now)
        self._numbers = count()
        self._capacities_bps: dict[str, float] = {}
        self._occupied_bps: defaultdict[str, float] = defaultdict(float)
        self._sending: dict[str, _Sending] = {}
        self._sent_b: dict[str, float] = {}
        self._channels: dict[tuple[str, str], int] = {}
        self._loaded: list[tuple[str, str]] = []
        self._spans_s: Spans = {}
        self._settling = False
        self._given_back = env.event()
        self._wake: tuple[float, simpy.Event] | None = None

    def add_link(self, link: str, capacity_bps: float) -> None:
        """Let there be a link of this capacity; one that is there already keeps its own.

        Raises NetworkError for a capacity that cannot be.
        """
        self._fluid.add_link(link, capacity_bps)
        self._capacities_bps.setdefault(link, capacity_bps)

    def room(self, links: Iterable[str]) -> dict[str, Room]:
        """What is free at present on each of these links."""
        self._pass()
        used_bps = defaultdict(float, self._occupied_bps)
        flows: defaultdict[str, int] = defaultdict(int)
        rates_bps = self._fluid.rates_bps() if self._sending else {}
        for name, sending in self._sending.items():
            for link in dict.fromkeys(sending.flow.route):
                used_bps[link] += rates_bps[name]
                flows[link] += 1
        return {
            link: Room(self._capacities_bps[link], used_bps[link], flows[link], self._occupied_bps.get(link, 0.0))
            for link in links
        }

    def occupy(self, rates_bps: Mapping[str, float]) -> None:
        """From now on a crowd uses so much of these links; negative rates give it back."""
        self._pass()
        for link, rate_bps in rates_bps.items():
            self._occupied_bps[link] += rate_bps
            if abs(self._occupied_bps[link]) < 1e-9 * self._capacities_bps[link]:
                self._occupied_bps[link] = 0.0  # what rounding leaves of a sum that is over
            self._fluid.set_capacity(link, max(0.0, self._capacities_bps[link] - self._occupied_bps[link]))
        if self._sending:
            self._change()
        if self._given_back.callbacks and any(rate_bps < 0.0 for rate_bps in rates_bps.values()):
            self._given_back.succeed()
            self._given_back = self._env.event()

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
        env = self._env
        if latency_s > 0.0:
            yield env.timeout(latency_s)
        flow = Flow(route, size_b, workload, 1.0, cap_bps)
        name, sending = str(next(self._numbers)), _Sending(flow, also, env.event(), tag or workload)
        self._pass()
        self._fluid.add(name, sending.flow)
        self._sending[name] = sending
        self._use(sending)
        self._change()
        try:
            yield sending.done
        finally:
            self._give_up(name)

    def carried_b(self) -> dict[tuple[str, str], float]:
        """Bits carried so far, by (link, workload)."""
        self._pass()
        return self._fluid.carried_b()

    def sent_b(self, tag: str) -> float:
        """Bits that were sent so far under a tag (a workload's name, where it gave none), whatever their way."""
        self._pass()
        under_way = (
            sending.flow.size_b - self._fluid.left_b(name)
            for name, sending in self._sending.items()
            if sending.tag == tag
        )
        return math.fsum((self._sent_b.get(tag, 0.0), *under_way))

    def spans_s(self) -> Spans:
        """From the first bit to the last so far, for each link and each that carries without limit."""
        for sending in self._sending.values():
            self._use(sending)
        return dict(self._spans_s)

    def carried(self, carriers: Iterable[str], from_s: float, to_s: float) -> None:
        """Note that these carried something from then to then."""
        for carrier in carriers:
            widen(self._spans_s, carrier, from_s, to_s)

    def _use(self, sending: _Sending) -> None:
        """Note that what carries a flow carries it now."""
        self.carried(sending.carriers, self._env.now, self._env.now)

    def _give_up(self, name: str) -> None:
        if name not in self._sending:
            return
        self._pass()
        if name in self._sending:  # it may have ended at this very instant
            left_b = self._fluid.remove(name)
            self._leave(name, left_b)
            self._change()

    def _leave(self, name: str, left_b: float) -> _Sending:
        sending = self._sending.pop(name)
        self._use(sending)
        self._sent_b[sending.tag] = self._sent_b.get(sending.tag, 0.0) + sending.flow.size_b - left_b
        return sending

    def _pass(self) -> None:
        """Let the flows move on to now; those that are done wake their processes."""
        for name, _ in self._fluid.advance(self._env.now):
            self._leave(name, 0.0).done.succeed()
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
        self._report()
        next_s = self._fluid.next_completion_s()
        if next_s == math.inf or (self._wake is not None and self._wake[0] > next_s):
            self._withdraw()
        if self._wake is None and next_s < math.inf:
            self._wake = next_s, self._plan(self._complete, max(0.0, next_s - self._env.now))

    def _complete(self, _: simpy.Event) -> None:
        self._wake = None
        self._pass()
        self._change()  # whether something was done, or what was to be done now takes longer

    def _withdraw(self) -> None:
        """Take the pending wake-up back: the clock must not go on to a time at which nothing happens."""
        if self._wake is not None:
            wake, self._wake = self._wake[1], None
            queue = self._env._queue
            queue[:] = [entry for entry in queue if entry[3] is not wake]
            heapq.heapify(queue)

    def _report(self) -> None:
        rates_bps = self._fluid.rates_bps()
        channels, levels_bps = self._channels, dict.fromkeys(self._loaded, 0.0)
        for name, sending in self._sending.items():
            for carrier in sending.carriers:
                key = carrier, sending.flow.workload
                levels_bps[key] = levels_bps.get(key, 0.0) + rates_bps[name]
        # only what carried something or does now, in the order of the channels: there may be thousands
        for key in sorted(levels_bps, key=lambda key: channels.get(key, math.inf)):
            if key not in channels:
                channels[key] = self._ledger.channel(*key, "transfer", RATE)
            self._ledger.set(channels[key], levels_bps[key])
        self._loaded = [key for key, level_bps in levels_bps.items() if level_bps]
