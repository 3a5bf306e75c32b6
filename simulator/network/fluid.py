"""Flows that share links from one change to the next, and when each of them is done.

    d left_i / dt = -rate_i,    rate by network/sharing.py, constant between two changes

A change is a flow that begins, ends or is given up, or a link that gets another capacity.
Rates are computed again when time moves, so changes of one instant cost one computation and
see each other whole. Instants closer than four units in the last place of the clock are one.
A flow that ends has carried its size to the last bit, so what a link carried is the sum of
the sizes, not an integral of rates with its rounding.

Latency uses no bandwidth: a flow enters `Fluid` when its latency is paid (`finish_times` does
so). Every change computes the rates of all flows anew, plainly, whether or not it can touch them:
this is what the compiled engine (network/flows) is compared with, not what a run uses.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.errors import NetworkError
from simulator.network.sharing import (
    LEAST,
    MOST,
    Flow,
    Ints,
    check_capacities,
    check_flow,
    check_link,
    check_number,
    cross,
    fill,
    link_numbers,
)
from simulator.units import BITS_PER_BYTE

SAME_INSTANT = 4
"""Units in the last place of the clock within which two instants are one."""


class _Active:
    """A flow under way: what it asked for, and how far it is."""

    __slots__ = ("flow", "left_b", "links", "rate_bps")

    def __init__(self, flow: Flow, links: Ints) -> None:
        self.flow, self.links = flow, links
        self.left_b, self.rate_bps = float(flow.size_b), 0.0

    def time_left_s(self) -> float:
        """Seconds until it is done at its present rate; infinite while a link of it is cut."""
        if self.left_b == 0:
            return 0.0
        return self.left_b / self.rate_bps if self.rate_bps else math.inf


class Fluid:
    """Links and the flows under way on them. Time moves by `advance` alone: call it before any change.

    >>> fluid = Fluid({"cable": 100.0})
    >>> fluid.add("first", Flow(("cable",), 500.0, "job"))
    >>> fluid.add("second", Flow(("cable",), 1000.0, "job"))
    >>> fluid.next_completion_s()
    10.0
    >>> fluid.advance(12.0)
    [('first', 10.0)]
    >>> fluid.left_b("second"), fluid.carried_b()
    (300.0, {('cable', 'job'): 1200.0})
    """

    __slots__ = ("_active", "_capacities_bps", "_ended_b", "_numbers", "_solved", "now_s")

    def __init__(self, capacities_bps: Mapping[str, float], now_s: float = 0.0) -> None:
        """Links by name, in bits per second; a capacity of 0 is a link that is cut. Raises NetworkError."""
        check_capacities(capacities_bps)
        self.now_s: float = now_s
        self._numbers = {link: number for number, link in enumerate(capacities_bps)}
        self._capacities_bps = np.array(list(capacities_bps.values()), float)
        self._active: dict[str, _Active] = {}
        self._ended_b: dict[tuple[str, str], float] = {}
        self._solved = True

    def __len__(self) -> int:
        """How many flows are under way."""
        return len(self._active)

    def __contains__(self, name: str) -> bool:
        """Whether a flow of this name is under way."""
        return name in self._active

    def add_link(self, link: str, capacity_bps: float) -> None:
        """Let there be a link of this name; one that is there already keeps its capacity.

        Raises NetworkError for a capacity that cannot be.
        """
        check_capacities({link: capacity_bps})
        if link not in self._numbers:
            self._numbers[link] = len(self._numbers)
            self._capacities_bps = np.append(self._capacities_bps, float(capacity_bps))
            self._solved = False

    def add(self, name: str, flow: Flow) -> None:
        """Let a flow begin now, under a name that no other flow under way has.

        Raises UnknownNameError for a link that is not there, NetworkError for anything else that cannot be.
        """
        if name in self._active:
            raise NetworkError(f"flow {name!r}", "another flow of this name under way", "a name of its own")
        check_flow(name, flow, self._numbers)
        self._active[name] = _Active(flow, link_numbers(flow, self._numbers))
        self._solved = False

    def remove(self, name: str) -> float:
        """Give a flow up and return the bits that it had still to carry; those that it carried stay counted."""
        active = self._active[name]
        self._end(name, active.flow.size_b - active.left_b)
        return active.left_b

    def set_capacity(self, link: str, capacity_bps: float) -> None:
        """From now on the link has this capacity; at 0 it is cut and its flows wait.

        Raises UnknownNameError for a link that is not there, NetworkError for a capacity that cannot be.
        """
        check_link("its capacity was to change", link, self._numbers)
        check_capacities({link: capacity_bps})
        self._capacities_bps[self._numbers[link]] = capacity_bps
        self._solved = False

    def rates_bps(self) -> dict[str, float]:
        """The present rate of every flow under way."""
        self._solve()
        return {name: active.rate_bps for name, active in self._active.items()}

    def left_b(self, name: str) -> float:
        """The bits that a flow under way has still to carry."""
        return self._active[name].left_b

    def next_completion_s(self) -> float:
        """When the next flow will be done if nothing else changes; infinite if none ever will."""
        self._solve()
        return self.now_s + min((active.time_left_s() for active in self._active.values()), default=math.inf)

    def advance(self, to_s: float = math.inf) -> list[tuple[str, float]]:
        """Let time pass, to the next completion if no moment is given; the flows that were done meanwhile and when.

        They are in order of time, then of beginning.
        """
        assert self.now_s <= to_s, (self.now_s, to_s, "the clock only goes forward")
        if to_s == math.inf and (to_s := self.next_completion_s()) == math.inf:
            return []
        done: list[tuple[str, float]] = []
        while self._active:
            next_s = self.next_completion_s()
            if next_s > to_s + SAME_INSTANT * math.ulp(to_s):
                break
            done += self._complete(min(next_s, to_s))
        self._pass(to_s)
        return done

    def carried_b(self) -> dict[tuple[str, str], float]:
        """Bits carried so far, by (link, workload); exact for flows that are done."""
        parts = {key: [ended_b] for key, ended_b in self._ended_b.items()}
        for active in self._active.values():
            for link in dict.fromkeys(active.flow.route):
                sent_b = active.flow.size_b - active.left_b
                parts.setdefault((link, active.flow.workload), []).append(sent_b)
        return {key: math.fsum(part) for key, part in parts.items()}

    def _solve(self) -> None:
        if self._solved:
            return
        actives = self._active.values()
        weights = np.array([active.flow.weight for active in actives], float)
        caps_bps = np.array([active.flow.cap_bps for active in actives], float)
        rates_bps = fill(self._capacities_bps, cross([active.links for active in actives]), weights, caps_bps)
        for active, rate_bps in zip(actives, rates_bps.tolist(), strict=True):
            active.rate_bps = rate_bps
        self._solved = True

    def _complete(self, at_s: float) -> list[tuple[str, float]]:
        """Move to the instant of the next completion and end all flows that are due then."""
        soonest_s = min(active.time_left_s() for active in self._active.values())
        limit_s = soonest_s + SAME_INSTANT * math.ulp(at_s)
        due = [name for name, active in self._active.items() if active.time_left_s() <= limit_s]
        self._pass(at_s)
        for name in due:
            self._end(name, self._active[name].flow.size_b)
        return [(name, at_s) for name in due]

    def _pass(self, to_s: float) -> None:
        self._solve()
        time_s = to_s - self.now_s
        for active in self._active.values():
            active.left_b = max(0.0, active.left_b - active.rate_bps * time_s)
        self.now_s = to_s

    def _end(self, name: str, carried_b: float) -> None:
        flow = self._active.pop(name).flow
        for link in dict.fromkeys(flow.route):
            key = link, flow.workload
            self._ended_b[key] = self._ended_b.get(key, 0.0) + carried_b
        self._solved = False


class _Arrival(NamedTuple):
    """A flow of a list and when its latency is paid."""

    at_s: float
    name: str
    flow: Flow


def finish_times(links: Sequence[Mapping[str, Any]], flows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """When each flow of a list is done, in seconds, in the order of the list.

    Links have `name` and `bandwidth_Bps`; flows have `id`, `route`, `start_s`, `size_B`, `latency_s` and
    perhaps `rate_cap_Bps` (null: none) and `weight` (null: 1); bytes and bytes per second, other keys are
    ignored. A flow pays its latency from its start, then its bytes flow; one without bytes is done when its
    latency is paid. Raises NetworkError or UnknownNameError for a link or flow that cannot be.

    >>> links = [{"name": "a", "bandwidth_Bps": 100}]
    >>> flow = {"id": "f", "route": ["a"], "start_s": 1, "size_B": 1000, "latency_s": 0.5}
    >>> finish_times(links, [flow])
    {'f': 11.5}
    """
    capacities_bps = _capacities(links)
    arrivals = [_arrival(row, capacities_bps) for row in flows]
    _refuse_doubles("flow", [arrival.name for arrival in arrivals])
    finish_s = {arrival.name: arrival.at_s for arrival in arrivals}
    fluid = Fluid(capacities_bps, now_s=min(finish_s.values(), default=0.0))
    for arrival in sorted(arrivals, key=lambda arrival: arrival.at_s):
        finish_s.update(fluid.advance(arrival.at_s))
        fluid.add(arrival.name, arrival.flow)
    while fluid:
        finish_s.update(fluid.advance(fluid.next_completion_s()))
    return finish_s


def _capacities(links: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    for link in links:
        check_number(f"link {link.get('name')!r}", "bandwidth_Bps", _value(link, "link", "bandwidth_Bps"), LEAST)
    _refuse_doubles("link", [_value(link, "link", "name") for link in links])
    return {link["name"]: link["bandwidth_Bps"] * BITS_PER_BYTE for link in links}


def _arrival(row: Mapping[str, Any], capacities_bps: Mapping[str, float]) -> _Arrival:
    weight, cap_Bps = row.get("weight"), row.get("rate_cap_Bps")
    where, name = f"flow {row.get('id')!r}", _value(row, "flow", "id")
    start_s, latency_s, size_B = (_value(row, "flow", field) for field in ("start_s", "latency_s", "size_B"))
    check_number(where, "start_s", start_s, -MOST)
    check_number(where, "latency_s", latency_s, 0.0)
    check_number(where, "size_B", size_B, 0.0)
    if cap_Bps is not None:
        check_number(where, "rate_cap_Bps", cap_Bps, LEAST)
    flow = Flow(
        route=tuple(_value(row, "flow", "route")),
        size_b=size_B * BITS_PER_BYTE,
        workload=name,
        weight=1.0 if weight is None else weight,
        cap_bps=math.inf if cap_Bps is None else cap_Bps * BITS_PER_BYTE,
    )
    check_flow(name, flow, capacities_bps)
    return _Arrival(start_s + latency_s, name, flow)


def _value(row: Mapping[str, Any], kind: str, field: str) -> Any:
    if row.get(field) is None:
        name = row.get("id", row.get("name"))
        raise NetworkError(f"{kind} {name!r}", f"no {field}", f"every {kind} to have one")
    return row[field]


def _refuse_doubles(kind: str, names: list[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise NetworkError(f"{kind} {name!r}", f"{count} of this name", "names that differ")
