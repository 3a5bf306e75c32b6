"""A queue for identical units: the most urgent first, then first come, first served.

A request waits until it is at the head and enough units are free; nobody overtakes the head,
however small (no starvation of large requests). Nothing is taken from those that hold units.
"""

from heapq import heapify, heappop, heappush
from typing import NamedTuple

import simpy


class Request(NamedTuple):
    """A wish for units; heaps order it by urgency (higher priority first), then by arrival."""

    urgency: int
    order: int
    units: int
    granted: simpy.events.Event


class Queue:
    """So many units, and those who wait for them."""

    __slots__ = ("_env", "_order", "_waiting", "free")

    def __init__(self, env: simpy.Environment, units: int) -> None:
        self._env, self.free = env, units
        self._waiting: list[Request] = []
        self._order = 0

    def ask(self, units: int, priority: int = 0) -> Request:
        """Join the queue; `granted` fires when so many units are held."""
        self._order += 1
        request = Request(-priority, self._order, units, self._env.event())
        heappush(self._waiting, request)
        self._grant()
        return request

    def give_back(self, units: int) -> None:
        """Free units that were granted, and let the next go on."""
        self.free += units
        self._grant()

    def leave(self, request: Request) -> None:
        """Give up a wish, whether it was granted or not."""
        if request.granted.triggered:
            self.give_back(request.units)
            return
        self._waiting.remove(request)
        heapify(self._waiting)
        self._grant()

    def _grant(self) -> None:
        waiting = self._waiting
        while waiting and waiting[0].units <= self.free:
            request = heappop(waiting)
            self.free -= request.units
            request.granted.succeed()
