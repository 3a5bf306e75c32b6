"""What can be asked of flows, compiled: what is left of one, what classes and links carry. Nothing changes."""

from numba import njit

from simulator.network.flows import heaps
from simulator.network.flows.memory import view


@njit(cache=True)
def left_of(m, member, now_s):
    """The bits that a flow has still to carry."""
    flow = m.members[member]
    one = m.classes[flow.class_]
    if flow.capped:
        left = (flow.key - now_s) * flow.cap_bps
    else:
        left = flow.key - one.work_b
        if now_s > one.at_s:  # at the same moment the rate may have no bound yet
            left -= one.rate_bps * (now_s - one.at_s)
    return min(max(left, 0.0), flow.size_b)


@njit(cache=True)
def add_under_way(base, now_s, carried_b):
    """Add to the bits of each class what its flows under way have carried."""
    m = view(base)
    for number in range(len(carried_b)):
        for heap in (m.classes[number].by_tag, m.classes[number].by_date):
            member = heap
            while member:
                carried_b[number] += m.members[member].size_b - left_of(m, member, now_s)
                member = heaps.following(m.members, member, heap)


@njit(cache=True)
def left_b(base, member, now_s):
    """The bits that a flow has still to carry."""
    return left_of(view(base), member, now_s)


@njit(cache=True)
def link_use(base, link):
    """What the flows on a link carry at present, in bits per second, and how many they are."""
    m = view(base)
    used_bps, count, here = 0.0, 0, m.links[link].first
    while here >= 0:
        one = m.classes[m.crossings[here].class_]
        used_bps += one.total_bps
        count += one.count
        here = m.crossings[here].next
    return used_bps, count
