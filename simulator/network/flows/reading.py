"""What can be asked of flows, compiled: what is left of one, what classes and links carry. Nothing changes."""

from simulator.network.flows import heaps
from simulator.network.flows.compiled import compiled
from simulator.network.flows.layout import NOW
from simulator.network.flows.memory import view


@compiled
def left_of(base, member, now_s):
    """The bits that a flow has still to carry."""
    m = view(base)
    flow = m.members[member]
    one = m.classes[flow.class_]
    if flow.capped:
        left = (flow.key - now_s) * flow.cap_bps
    else:
        left = flow.key - one.work_b
        if now_s > one.at_s:  # at the same moment the rate may have no bound yet
            left -= one.rate_bps * (now_s - one.at_s)
    return min(max(left, 0.0), flow.size_b)


@compiled
def add_under_way(base, carried_b):
    """Add to the bits of each class what its flows under way have carried."""
    m = view(base)
    now_s = m.moments[NOW]
    for number in range(len(carried_b)):
        for heap in (m.classes[number].by_tag, m.classes[number].by_date):
            member = heap
            while member:
                carried_b[number] += m.members[member].size_b - left_of(base, member, now_s)
                member = heaps.following(m.members, member, heap)


@compiled
def left_b(base, member):
    """The bits that a flow has still to carry."""
    m = view(base)
    return left_of(base, member, m.moments[NOW])


@compiled
def link_use(base, link):
    """What the flows on a link carry at present, in bits per second, and how many they are."""
    m = view(base)
    used_bps, count, first = 0.0, 0, m.links[link].from_
    for here in range(first + m.links[link].standing - 1, first - 1, -1):
        one = m.classes[m.standing[here].class_]
        used_bps += one.total_bps
        count += one.count
    return used_bps, count
