"""The queue of a service: requests taken first come, first served by the first free of k replicas.

    F = (when each replica is free), the least first
    begin_n = max(arrive_n, min F)
    F := F with its least replaced by begin_n + service_n

The recursion of Kiefer & Wolfowitz 1955, "On the theory of queues with many servers", Trans.
Amer. Math. Soc. 78; exact for any arrivals and service times (G/G/k). A heap holds F, so that
a request costs O(log k).
"""

from heapq import heapreplace
from math import inf

import numpy as np

from simulator.engine.spill import Floats

_CHUNK = 65_536
"""Requests held as Python floats at a time."""


def begin_times(arrive_s: Floats, service_s: Floats, replicas: int) -> Floats:
    """When each request begins to be served; arrivals in order of time, and so are the beginnings.

    >>> begin_times(np.array([0.0, 1.0, 1.0, 9.0]), np.array([4.0, 4.0, 4.0, 4.0]), replicas=2).tolist()
    [0.0, 1.0, 4.0, 9.0]
    """
    begin_s = np.empty(len(arrive_s))
    free_s = [-inf] * min(replicas, len(arrive_s))  # a replica more than requests is never needed
    for first in range(0, len(arrive_s), _CHUNK):
        part = slice(first, first + _CHUNK)
        begin_s[part] = _begin(arrive_s[part].tolist(), service_s[part].tolist(), free_s)
    return begin_s


def _begin(arrive_s: list[float], service_s: list[float], free_s: list[float]) -> list[float]:
    """The beginnings of a stretch of requests; `free_s` is left as the next stretch finds it."""
    begin_s: list[float] = []
    note = begin_s.append
    for at_s, time_s in zip(arrive_s, service_s, strict=True):
        first_s = free_s[0]
        if first_s > at_s:
            at_s = first_s
        note(at_s)
        heapreplace(free_s, at_s + time_s)
    return begin_s


def busy_steps(begin_s: Floats, end_s: Floats, since_s: float, until_s: float) -> tuple[Floats, Floats]:
    """When, after `since_s` and up to `until_s`, the number of busy replicas changed, and to what.

    Both arrays are in order of time. One that ends as another begins is no change.

    >>> busy_steps(np.array([0.0, 1.0, 4.0]), np.array([4.0, 5.0, 8.0]), since_s=0.0, until_s=5.0)
    (array([1., 5.]), array([2., 1.]))
    """
    (begun, begin), (ended, end) = (np.searchsorted(times, (since_s, until_s), "right") for times in (begin_s, end_s))
    moves = np.concatenate((np.ones(begin - begun), -np.ones(end - ended)))
    at_s, where = np.unique(np.concatenate((begin_s[begun:begin], end_s[ended:end])), return_inverse=True)
    moves = np.bincount(where, moves, len(at_s))
    keep = moves != 0
    return at_s[keep], float(begun - ended) + np.cumsum(moves)[keep]
