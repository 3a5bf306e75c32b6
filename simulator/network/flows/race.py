"""Members of a round on shared links, compiled: each downloads, computes and uploads, unless it drops out.

    agenda    what each begins, and when it drops out: a heap of moments
    member    latency | download | compute | latency | upload,   each after the one before

What a flow takes is found by the engine, for all members together. `items` of the agenda are numbers of members:
as they are for a download, n more for a drop-out, 2 n more for an upload, so that of one moment downloads come
first and members in their order.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from simulator.network.flows import heaps
from simulator.network.flows.compiled import compiled
from simulator.network.flows.events import begin, end
from simulator.network.flows.layout import DONE, KEYED, NEXT, NOW, SEEDS, Floats, Records, ShortInts
from simulator.network.flows.memory import view
from simulator.network.flows.moving import NOTHING, advance
from simulator.network.flows.reading import left_of
from simulator.network.flows.solve import INFINITE

DOWN, UP = range(2)
PLANNED, MISSING = range(2)
"""The places of `counts`: entries of the agenda, uploads that are still waited for."""
TARGET, LAST = range(2)
"""The places of `moments`: to when time was to go on as room was lacking, and the moment at which enough have come."""
NO_TARGET, LONG_AGO_S = -1.0, -1e300

MEMBER = np.dtype(
    [
        *((name, "f8") for name in ("down_bps", "up_bps", "compute_s", "latency_s")),
        *((name, "i4") for name in ("down_class", "up_class")),
        ("stopped", "i8"),
    ]
)
"""What each member has: caps of its flows, how long it computes, its latency, the classes of its flows."""


def members_of(members: Any, down: Sequence[int], up: Sequence[int]) -> Records:
    """The members as compiled code takes them, from their columns and the classes of their flows."""
    found = np.zeros(len(down), MEMBER)
    for name in ("down_bps", "up_bps", "compute_s", "latency_s"):
        found[name] = getattr(members, name)
    found["down_class"], found["up_class"] = down, up
    return found


def agenda_of(latency_s: Floats, drop_s: Floats) -> tuple[Records, ShortInts, int]:
    """The agenda of a round that begins, where each entry is in it, and how many there are."""
    n = len(latency_s)
    items = np.concatenate((np.arange(n), n + np.flatnonzero(drop_s < np.inf)))
    keys = np.concatenate((latency_s, drop_s[drop_s < np.inf]))
    order = np.lexsort((items, keys))  # what is in order is a heap
    agenda, places = np.zeros(3 * n, KEYED), np.full(3 * n, -1, np.int32)
    agenda["key"][: len(items)], agenda["item"][: len(items)] = keys[order], items[order]
    places[items[order]] = np.arange(len(items))
    return agenda, places, len(items)


@compiled
def run(base, agenda, places, counts, moments, members, flows, whose, sent_b, reached_s, sizes_b, until_s):
    """Go on to a moment, or until nobody is waited for any more; what room is lacking, or `NOTHING`.

    `flows` is what each member has under way, `whose` the member and way of each flow; `reached_s` are the moments
    at which downloads were done, computing was, the latency was paid again, and uploads were done.
    """
    m = view(base)
    while True:
        to_s = moments[TARGET]
        if to_s == NO_TARGET:
            if m.counters[SEEDS]:
                lacking = advance(base, LONG_AGO_S)
                if lacking != NOTHING:
                    return lacking
            next_s = min(agenda[0].key if counts[PLANNED] else INFINITE, m.moments[NEXT])
            if next_s > until_s or next_s == INFINITE:
                if until_s == INFINITE or m.moments[NOW] >= until_s:
                    return NOTHING
                next_s = until_s
            to_s = moments[TARGET] = max(next_s, m.moments[NOW])
            m.counters[DONE] = 0
        lacking = advance(base, to_s)
        if lacking != NOTHING:
            return lacking
        moments[TARGET] = NO_TARGET
        if _finish(base, agenda, places, counts, moments, members, flows, whose, sent_b, reached_s, sizes_b):
            return NOTHING
        if to_s == until_s and (counts[PLANNED] == 0 or agenda[0].key > to_s):
            return NOTHING
        while counts[PLANNED] and agenda[0].key <= m.moments[NOW]:
            _start(base, agenda, places, counts, members, flows, whose, sent_b, sizes_b)


@compiled
def _finish(base, agenda, places, counts, moments, members, flows, whose, sent_b, reached_s, sizes_b):
    """Take what was done, in the order of beginning; whether nobody is waited for any more."""
    m = view(base)
    count, n = m.counters[DONE], len(flows)
    order = np.empty(count, np.int64)
    for here in range(count):
        order[here] = m.members[m.done[here]].order
    for here in np.argsort(order):
        at_s, flow = m.done_s[here], m.done[here]
        if at_s > moments[LAST]:
            return True
        way, member = whose[flow] // n, whose[flow] % n
        flows[member] = 0
        sent_b[way, member] += sizes_b[way]
        if way == UP:
            reached_s[3, member] = at_s
            counts[MISSING] -= 1
            if counts[MISSING] <= 0:
                moments[LAST] = min(moments[LAST], at_s)
        else:
            one = members[member]
            reached_s[0, member] = at_s
            reached_s[1, member] = at_s + one.compute_s
            reached_s[2, member] = reached_s[1, member] + one.latency_s
            counts[PLANNED] = heaps.date(agenda, counts[PLANNED], places, 2 * n + member, reached_s[2, member])
    return False


@compiled
def _start(base, agenda, places, counts, members, flows, whose, sent_b, sizes_b):
    """Take the first entry of the agenda: a member downloads, uploads or drops out."""
    n, item = len(flows), agenda[0].item
    counts[PLANNED] = heaps.date(agenda, counts[PLANNED], places, item, INFINITE)
    kind, member = item // n, item % n
    one = members[member]
    if kind == 1:
        one.stopped = 1
        if flows[member]:
            way = whose[flows[member]] // n
            sent_b[way, member] += sizes_b[way] - end(base, flows[member])
            flows[member] = 0
    elif not one.stopped:
        way = DOWN if kind == 0 else UP
        number, cap_bps = (one.down_class, one.down_bps) if way == DOWN else (one.up_class, one.up_bps)
        flow = begin(base, number, sizes_b[way], cap_bps)
        flows[member], whose[flow] = flow, way * n + member


@compiled
def add_under_way(base, flows, whose, sizes_b, sent_b):
    """Add to the bits of each member what its flow under way has carried."""
    m, n = view(base), len(flows)
    for member in range(n):
        flow = flows[member]
        if flow:
            way = whose[flow] // n
            sent_b[way, member] += sizes_b[way] - left_of(base, flow, m.moments[NOW])
    return NOTHING


def first_calls() -> Iterator[Callable[[Any], int]]:
    """A round of one member, so that what plays it is compiled, or loaded from what was compiled before."""
    agenda, places, planned = agenda_of(np.ones(1), np.full(1, np.inf))
    counts, moments, sent_b = np.array([planned, 1]), np.array([NO_TARGET, np.inf]), np.zeros((2, 1))
    flows, whose, reached_s, sizes_b = np.zeros(1, np.int32), np.zeros(3, np.int32), np.full((4, 1), np.inf), np.ones(2)
    state = (agenda, places, counts, moments, np.zeros(1, MEMBER), flows, whose, sent_b, reached_s, sizes_b)
    yield lambda base: run(base, *state, 0.0)
    yield lambda base: add_under_way(base, flows, whose, sizes_b, sent_b)
