"""The members of a class by their caps, so that what all want at a level is known in O(log n).

    wanted at a rate r of each = sum of the caps up to r,  and r times the number of members above

Caps stand sorted in a part of `caps`, each with a node of two Fenwick trees, of sums and of counts, over the
ranks. Who leaves is taken out of the trees and leaves a gap; who comes waits in a list, gone through one by one,
until enough have come or gone for the part to be sorted anew.
Source: Fenwick 1994, "A new data structure for cumulative frequency tables", Software: Practice and Experience 24.
"""

import numpy as np

from simulator.network.flows.compiled import compiled
from simulator.network.flows.layout import USED_CAPS
from simulator.network.flows.memory import view

WAITING = 32
"""Members that may wait before their class is sorted anew, besides an eighth of those that stand there."""


@compiled
def count_up_to(base, number, rate_bps):
    """How many ranks of a class, gaps included, have caps of at most this rate."""
    m = view(base)
    first, low, high = m.classes[number].caps_from, 0, m.classes[number].caps_size
    while low < high:
        middle = (low + high) >> 1
        if m.caps[first + middle].cap_bps <= rate_bps:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def wanted(base, number, rate_bps):
    """The sum of the caps up to a rate, in bits per second, and how many members want more."""
    m = view(base)
    one = m.classes[number]
    node, sum_bps, above = count_up_to(base, number, rate_bps), 0.0, one.count
    while node > 0:
        sum_bps += m.caps[one.caps_from + node - 1].sum_bps
        above -= m.caps[one.caps_from + node - 1].count
        node -= node & -node
    member = one.waiting
    while member:
        if m.members[member].cap_bps <= rate_bps:
            sum_bps += m.members[member].cap_bps
            above -= 1
        member = m.members[member].queued
    return sum_bps, above


@compiled
def come(base, member):
    """A member that has a cap waits to be sorted in."""
    m = view(base)
    flow = m.members[member]
    one = m.classes[flow.class_]
    flow.rank, flow.queued = -1, one.waiting
    one.waiting = member
    one.waiting_count += 1


@compiled
def leave(base, member):
    """Take a member that has a cap out of its class's caps."""
    m = view(base)
    flow = m.members[member]
    one = m.classes[flow.class_]
    if flow.rank < 0:
        one.waiting_count -= 1
        if one.waiting == member:
            one.waiting = flow.queued
            return
        other = one.waiting
        while m.members[other].queued != member:
            other = m.members[other].queued
        m.members[other].queued = flow.queued
        return
    m.caps[one.caps_from + flow.rank].member = 0
    one.caps_gone += 1
    node = flow.rank + 1
    while node <= one.caps_size:
        m.caps[one.caps_from + node - 1].sum_bps -= flow.cap_bps
        m.caps[one.caps_from + node - 1].count -= 1
        node += node & -node


@compiled
def crowded(base, number):
    """Whether so many wait, or so many gaps are there, that the class is to be sorted anew."""
    m = view(base)
    one = m.classes[number]
    return one.waiting_count > WAITING + (one.caps_size >> 3) or one.caps_gone > WAITING + (one.caps_size >> 1)


@compiled
def room_wanted(base, number):
    """The rows of `caps` that sorting a class anew takes beyond what it has: 0 where they do."""
    m = view(base)
    one = m.classes[number]
    size = one.caps_size - one.caps_gone + one.waiting_count
    return 2 * size if size > one.caps_room else 0


@compiled
def sort_anew(base, number):
    """Sort the caps of a class, gaps taken out and those that wait put in."""
    m = view(base)
    one = m.classes[number]
    size, room = one.caps_size - one.caps_gone + one.waiting_count, room_wanted(base, number)
    found, keys_bps, here = np.empty(size, np.int64), np.empty(size, np.float64), 0
    for rank in range(one.caps_size):
        if m.caps[one.caps_from + rank].member:
            found[here] = m.caps[one.caps_from + rank].member
            here += 1
    member = one.waiting
    while member:
        found[here] = member
        here += 1
        member = m.members[member].queued
    if room:
        one.caps_from, one.caps_room = m.counters[USED_CAPS], room
        m.counters[USED_CAPS] += room
    for here in range(size):
        keys_bps[here] = m.members[found[here]].cap_bps
    order = np.argsort(keys_bps, kind="mergesort")
    for rank in range(size):
        row, member = m.caps[one.caps_from + rank], found[order[rank]]
        row.cap_bps = row.sum_bps = m.members[member].cap_bps
        row.member, row.count = member, 1
        m.members[member].rank, m.members[member].queued = rank, 0
    for node in range(1, size + 1):
        above = node + (node & -node)
        if above <= size:
            m.caps[one.caps_from + above - 1].sum_bps += m.caps[one.caps_from + node - 1].sum_bps
            m.caps[one.caps_from + above - 1].count += m.caps[one.caps_from + node - 1].count
    one.caps_size, one.caps_gone, one.waiting, one.waiting_count = size, 0, 0, 0
