"""The physical internet on the clock: the atlas as it is now, and the ways through it.

    atlas now  = atlas of the world less the links that are down
    way        = `policy`: the path of least cost, whatever flows there already
                 `capacity`: paths on which demands of others leave room, one after the other
                 (network/spill.py)

When links go down or come back, all of this happens in that instant: the capacities of edges
change; the demands of others find their ways anew, in the order of the scenario; whoever sends is
told if its ways are others now, and takes them with the bits that it has left; whoever waits for a
way looks again. What routers need to agree on a new way, seconds to minutes, is left out.
Bits in flight on a link that goes down are not lost.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import simpy

from simulator.errors import UsageError
from simulator.network.path import End, Path, directions, home, path, path_over
from simulator.network.setting import Setting, world_atlas
from simulator.network.sharing import FULL
from simulator.network.spec import cities_of
from simulator.network.traffic import Traffic

if TYPE_CHECKING:
    import networkx as nx

    from simulator.network.outage import Down

REROUTED = "rerouted"
"""The cause of the interruption of whoever sends on ways that are no longer its own."""


class Lane(NamedTuple):
    """A way, and the rate that goes over it at most."""

    way: Path
    cap_bps: float


class Placed(NamedTuple):
    """How a demand of others found its way: what it asks for, the lanes that it has, how long light takes on them."""

    ends: tuple[str, str]
    asked_bps: float
    lanes: tuple[Lane, ...]

    @property
    def carried_bps(self) -> float:
        """What of it the cables carry."""
        return sum(lane.cap_bps for lane in self.lanes)

    @property
    def rtt_s(self) -> float:
        """The round trip, in the mean over what is carried; not a number where nothing is."""
        if not self.lanes:
            return float("nan")
        return sum(lane.cap_bps * 2.0 * lane.way.latency_s for lane in self.lanes) / self.carried_bps


class Sender:
    """Somebody who sends over lanes, and how it would find them now."""

    __slots__ = ("find_lanes", "lanes", "process")

    def __init__(self, process: simpy.Process, find_lanes: Callable[[], tuple[Lane, ...]]) -> None:
        self.process, self.find_lanes, self.lanes = process, find_lanes, find_lanes()

    def must_turn(self) -> bool:
        """Whether its ways are others now."""
        return _passed(self.find_lanes()) != _passed(self.lanes)


def _passed(lanes: Iterable[Lane]) -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
    """What bits on these lanes pass, and about how many: a cable of a link may go down beside others that stay."""
    return [(tuple(lane.way.capacities_bps), lane.way.cables, f"{lane.cap_bps:.6e}") for lane in lanes]


def _both(link: str) -> tuple[str, str]:
    """A link and the one of the other direction."""
    return directions(*link.split(">"))


class Internet:
    """The ways of one world as they are now.

    >>> env = simpy.Environment()
    >>> from simulator.engine.ledger import Ledger
    >>> internet = Internet(env, Traffic(env, Ledger(env)), Setting(2025))
    >>> ends, marea = (home("washington"), home("bilbao")), ("bilbao", "virginia-beach", "marea")
    >>> whole = internet.find_way(*ends, "policy")
    >>> internet.take_down([marea])
    >>> internet.atlas.has_edge("virginia-beach", "bilbao")
    False
    >>> internet.bring_back([marea])
    1
    >>> internet.find_way(*ends, "policy") is whole
    True
    """

    __slots__ = ("_atlas", "_changed", "_demanded_bps", "_down", "_env", "_senders", "_traffic", "demands", "setting")

    def __init__(self, env: simpy.Environment, traffic: Traffic, setting: Setting) -> None:
        self._env, self._traffic, self.setting = env, traffic, setting
        self._atlas: nx.Graph | None = None
        self._down: Counter[Down] = Counter()
        self._changed = env.event()
        self._senders: dict[simpy.Process, Sender] = {}
        self._demanded_bps: defaultdict[str, float] = defaultdict(float)
        self.demands: list[Placed] = []

    @property
    def atlas(self) -> "nx.Graph":
        """The atlas as it is now."""
        if self._atlas is None:
            self._atlas = world_atlas(self.setting)
        return self._atlas

    def find_way(self, sender: End, receiver: End, latency: str, back: bool = False) -> Path | None:
        """The first way from one end to another; None where none is left, or none has room."""
        lanes = self.find_lanes(sender, receiver, latency, inf, back)
        return lanes[0].way if lanes else None

    def find_lanes(
        self, sender: End, receiver: End, latency: str, want_bps: float, back: bool = False
    ) -> tuple[Lane, ...]:
        """The ways from one end to another for so much, with the cap of each; none where nothing joins them.

        Room is what demands leave: flows share it, and crowds come and go. With `back` as much comes back.
        """
        if not self._heeds_room(sender, receiver):
            return self._lane_of_least_cost(sender, receiver, latency, want_bps)
        most_bps = min(want_bps, sender.widest_bps, receiver.widest_bps)
        found = self._lanes_with_room((sender, receiver), latency, most_bps, self._demanded_bps.__getitem__, back)
        return found if len(found) > 1 else tuple(Lane(lane.way, want_bps) for lane in found)

    def why_none(self, sender: End, receiver: End) -> str:
        """What keeps bits from going from one end to another: no cable, or others on all of a link."""
        lanes = self._lane_of_least_cost(sender, receiver, "policy", inf)
        full = self.find_full(lanes[0].way) if lanes else None
        return "no cable joins them" if full is None else f"others take all of {full}"

    def find_full(self, way: Path) -> str | None:
        """The first link of a way on which demands leave no room; None where all have some."""
        links = way.capacities_bps.items()
        return next((link for link, bps in links if bps - self._demanded_bps[link] <= FULL * bps), None)

    def is_whole(self, way: Path) -> bool:
        """Whether every link of a way between places still has a cable."""
        places = (link.split(">") for link in way.capacities_bps if "/" not in link)
        return all(self.atlas.has_edge(a, b) for a, b in places)

    def _heeds_room(self, sender: End, receiver: End) -> bool:
        return self.setting.network.routing == "capacity" and sender.city != receiver.city

    def _lane_of_least_cost(self, sender: End, receiver: End, latency: str, cap_bps: float) -> tuple[Lane, ...]:
        try:
            return (Lane(path(self.atlas, sender, receiver, latency), cap_bps),)
        except UsageError:
            return ()

    def _lanes_with_room(
        self, ends: tuple[End, End], latency: str, want_bps: float, taken_bps: Callable[[str], float], back: bool
    ) -> tuple[Lane, ...]:
        from simulator.network.route import find_place
        from simulator.network.spill import Wanted, find_ways_with_room

        atlas = self.atlas
        wanted = Wanted(find_place(atlas, ends[0].city), find_place(atlas, ends[1].city), want_bps, latency, back)
        return tuple(
            Lane(path_over(atlas, places, *ends, latency), bps)
            for places, bps in find_ways_with_room(atlas, wanted, taken_bps)
        )

    def begin(self) -> None:
        """Let the demands of others be there."""
        self._place_demands()

    def take_down(self, links: Collection["Down"]) -> None:
        """From now on these links carry nothing; one that is down for several causes is down until the last ends."""
        self._down.update(links)
        self._change(links)

    def bring_back(self, links: Collection["Down"]) -> int:
        """One cause for which they are down is over; how many are not down for another."""
        self._down.subtract(links)
        self._change(links)
        return sum(self._down[link] <= 0 for link in links)

    def register(self, sender: Sender) -> None:
        """Tell this sender once, by an interruption, when its ways are others."""
        self._senders[sender.process] = sender

    def forget(self, sender: Sender) -> None:
        """Tell this sender nothing: it sends no more, or was told."""
        self._senders.pop(sender.process, None)

    def wait_changed(self) -> simpy.Event:
        """Happens when links next go down or come back."""
        return self._changed

    def _change(self, links: Collection["Down"]) -> None:
        from simulator.network.outage import without
        from simulator.network.path import edge_capacity_bps

        whole = world_atlas(self.setting)
        down = {link for link, causes in self._down.items() if causes > 0}
        self._give_demands_back()
        self._atlas = without(whole, down) if down else whole
        for a, b in sorted({(a, b) for a, b, _ in links}):
            left_bps = edge_capacity_bps(self.atlas.edges[a, b]) if self.atlas.has_edge(a, b) else 0.0
            for link in directions(a, b):
                self._traffic.set_capacity(link, left_bps)
        self._place_demands()
        for sender in list(self._senders.values()):
            if sender.must_turn():
                self.forget(sender)
                sender.process.interrupt(REROUTED)
        changed, self._changed = self._changed, self._env.event()
        changed.succeed()

    def _give_demands_back(self) -> None:
        for placed in reversed(self.demands):
            self._occupy(placed, -1.0)
        self.demands.clear()
        self._demanded_bps.clear()

    def _place_demands(self) -> None:
        for demand in self.setting.network.demands:
            cities = cities_of(demand)
            ends = home(cities[0]), home(cities[1])
            if self._heeds_room(*ends):
                lanes = self._lanes_with_room(ends, "policy", demand.rate, self._traffic.occupied_bps, back=True)
            else:
                lanes = self._lane_of_least_cost(*ends, "policy", demand.rate)
            fitting = (self._fitting(lane) for lane in lanes)
            placed = Placed(cities, demand.rate, tuple(lane for lane in fitting if lane.cap_bps > 0.0))
            self.demands.append(placed)
            self._occupy(placed, 1.0)

    def _fitting(self, lane: Lane) -> Lane:
        """The lane with no more than its links have left, there and back."""
        links = lane.way.capacities_bps
        left_bps = (bps - self._traffic.occupied_bps(name) for link, bps in links.items() for name in _both(link))
        return Lane(lane.way, max(0.0, min([lane.cap_bps, *left_bps])))

    def _occupy(self, placed: Placed, sign: float) -> None:
        """Take the links of a demand in both directions, or give them back."""
        rates_bps: defaultdict[str, float] = defaultdict(float)
        for lane in placed.lanes:
            for link, capacity_bps in lane.way.capacities_bps.items():
                for name in _both(link):
                    self._traffic.add_link(name, capacity_bps)
                    rates_bps[name] += sign * lane.cap_bps
        self._traffic.occupy(rates_bps)
        for name, rate_bps in rates_bps.items():
            self._demanded_bps[name] += rate_bps
