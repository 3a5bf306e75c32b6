"""Slots as events in order of time, for clients that depend on what all slots did before.

What population/slots.py knows for whole columns at once is found here one end of a session
after the other, so whoever draws the next client may know everything up to that moment: who is
busy, say. With the same clients both have the same result to the last bit.
Of what happens at one moment, updates arrive first, by number of slot; then there are the
versions that they make; then new clients begin, by number of slot.
"""

from bisect import bisect_right
from collections.abc import Callable
from heapq import heappop, heappush
from math import inf
from typing import NamedTuple

import numpy as np

from simulator.population.session import Members
from simulator.population.slots import Asynchronous, SlotRules, courses, cut


class Client(NamedTuple):
    """One client: its user's number, and its part of each column of Members."""

    user: int
    latency_s: float
    down_bps: float
    up_bps: float
    compute_s: float
    drop_share: float


NextClient = Callable[[int, int, float], Client]
"""From a slot, the number of its session and the moment to who has it; called in order of time."""


class _Log(NamedTuple):
    """Sessions as they begin: column by column."""

    slot: list[int]
    client: list[Client]
    begin_s: list[float]
    version: list[int]
    into: list[int]


def play_events(next_client: NextClient, rules: SlotRules, versions: int, most_s: float = inf) -> Asynchronous:
    """All up to the moment at which there are so many versions beyond the first, at most up to `most_s`.

    Without `most_s` it does not end if no update ever arrives.
    """
    log, version_s, updates = _Log([], [], [], [], []), [0.0], 0
    turns = [0] * rules.concurrency
    free, at_s = list(range(rules.concurrency)), 0.0
    under_way: list[tuple[float, int, int]] = []
    while at_s < most_s:
        version = bisect_right(version_s, at_s) - 1
        for slot in free:
            client = next_client(slot, turns[slot], at_s)
            turns[slot] += 1
            time_s, arrives = _course(client, rules)
            heappush(under_way, (at_s + time_s, slot, len(log.slot) if arrives else -1))
            log.slot.append(slot)
            log.client.append(client)
            log.begin_s.append(at_s)
            log.version.append(version)
            log.into.append(-1)
        free, at_s = [], under_way[0][0]
        while under_way and under_way[0][0] == at_s:
            _, slot, number = heappop(under_way)
            free.append(slot)
            if number >= 0:
                log.into[number] = updates // rules.buffer + 1
                updates += 1
                if updates % rules.buffer == 0:
                    version_s.append(max(version_s[-1], at_s) + rules.aggregation_s)
        if versions < len(version_s):
            most_s = min(most_s, version_s[versions])
    return cut(_columns(log, rules, at_s, version_s), most_s)


def _course(client: Client, rules: SlotRules) -> tuple[float, bool]:
    """How long a session takes, and whether its update arrives: as slots.courses has it."""
    _, latency_s, down_bps, up_bps, compute_s, drop_share = client
    whole_s = latency_s + rules.sizes.down_b / down_bps + compute_s + latency_s + rules.sizes.up_b / up_bps
    time_s = min(whole_s, drop_share * whole_s, rules.timeout_s)
    return time_s, time_s == whole_s


def _columns(log: _Log, rules: SlotRules, close_s: float, version_s: list[float]) -> Asynchronous:
    """All sessions in the order of Asynchronous: slot by slot."""
    order = np.argsort(log.slot, kind="stable")
    user, *members = (np.array(column)[order] for column in zip(*log.client, strict=True))
    begin_s, version, into = (np.array(column)[order] for column in (log.begin_s, log.version, log.into))
    found = courses(Members(*members), rules)
    return Asynchronous(
        close_s,
        user,
        found.moments_s + begin_s,
        members[1],
        members[2],
        found.arrived,
        found.dropped,
        ~(found.arrived | found.dropped),
        version,
        np.where(into < len(version_s), into, -1),
        np.array(version_s),
    )
