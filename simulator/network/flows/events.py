"""What happens to flows, compiled: they begin, end and are given up.

    held back by the level   finish tag = work of the class at its beginning + size
    at its cap               date       = moment of reaching it + what is left / cap
    work of a class          d work / dt = rate of each member that the level holds back

An end costs O(log n). Changes only mark what they touch, every link of every flow; rates are found when time goes
on or somebody asks (moving.py).
"""

from simulator.network.flows import heaps
from simulator.network.flows.caps import come, leave
from simulator.network.flows.compiled import compiled
from simulator.network.flows.layout import ACTIVE, NOW, ORDER, SEEDS, UNUSED, USED_CAPS, USED_MEMBERS
from simulator.network.flows.memory import view
from simulator.network.flows.reading import left_of
from simulator.network.flows.solve import INFINITE
from simulator.network.sharing import LEAST, MOST


@compiled
def _mark_link(base, link):
    """A link changed."""
    m = view(base)
    if not m.links[link].dirty:
        m.links[link].dirty = 1
        m.seeds[m.counters[SEEDS]] = link
        m.counters[SEEDS] += 1


@compiled
def _mark_class(base, number):
    m = view(base)
    if not m.classes[number].dirty:
        m.classes[number].dirty = 1
        m.seeds[m.counters[SEEDS]] = -1 - number
        m.counters[SEEDS] += 1


@compiled
def bring_to(one, now_s):
    """Let the work of a class go on to now."""
    if now_s > one.at_s:
        if one.by_tag:
            one.work_b += one.rate_bps * (now_s - one.at_s)
        one.at_s = now_s


@compiled
def begin(base, number, size_b, cap_bps):
    """A flow of a class begins: its number, 0 where there is no room or its size or cap cannot be."""
    m = view(base)
    now_s = m.moments[NOW]
    member = m.counters[UNUSED]
    if not (0.0 <= size_b <= MOST and cap_bps >= LEAST):
        return 0
    if member:
        m.counters[UNUSED] = m.members[member].next
    elif m.counters[USED_MEMBERS] >= len(m.members):
        return 0
    else:
        member = m.counters[USED_MEMBERS]
        m.counters[USED_MEMBERS] += 1
    one, flow = m.classes[number], m.members[member]
    if one.count == 0:
        one.work_b, one.rate_bps, one.at_s = 0.0, 0.0, now_s
        m.counters[ACTIVE] += 1
        for crossing in range(one.from_, one.to):
            _join(base, number, crossing)
    bring_to(one, now_s)
    m.counters[ORDER] += 1
    flow.size_b, flow.cap_bps, flow.class_, flow.order = size_b, cap_bps, number, m.counters[ORDER]
    flow.next = flow.rank = flow.queued = 0
    one.count += 1
    if cap_bps == INFINITE:
        one.free += 1
    else:
        come(base, member)
    hold_back(base, member, size_b, now_s)
    _mark_class(base, number)
    return member


@compiled
def hold_back(base, member, left, now_s):
    """Put a member with so many bits left where what holds it back puts it: its cap, or the level of its class."""
    m = view(base)
    flow = m.members[member]
    one = m.classes[flow.class_]
    if flow.cap_bps <= one.rate_bps and flow.cap_bps < INFINITE:
        flow.capped, flow.key = 1, now_s + left / flow.cap_bps
        one.by_date = heaps.put(m.members, one.by_date, member)
    else:
        flow.capped, flow.key = 0, one.work_b + left
        one.by_tag = heaps.put(m.members, one.by_tag, member)


@compiled
def let_go(base, member):
    """Take a member from where `hold_back` put it."""
    m = view(base)
    flow = m.members[member]
    one = m.classes[flow.class_]
    if flow.capped:
        one.by_date = heaps.take(m.members, one.by_date, member)
    else:
        one.by_tag = heaps.take(m.members, one.by_tag, member)


@compiled
def _join(base, number, crossing):
    """A class that has members again stands on a link."""
    m = view(base)
    here = m.crossings[crossing]
    if here.signal >= 0:
        m.signals[here.signal].count += 1
    if here.link >= 0:
        link = m.links[here.link]
        here.place = link.standing
        place = m.standing[link.from_ + here.place]
        place.class_, place.crossing = number, crossing
        link.standing += 1


@compiled
def _part(base, crossing):
    """A class that has no members left stands on a link no more: the last of those there takes its place."""
    m = view(base)
    here = m.crossings[crossing]
    if here.signal >= 0:
        m.signals[here.signal].count -= 1
    if here.link >= 0:
        _mark_link(base, here.link)
        link = m.links[here.link]
        link.standing -= 1
        last, place = m.standing[link.from_ + link.standing], m.standing[link.from_ + here.place]
        place.class_, place.crossing = last.class_, last.crossing
        m.crossings[last.crossing].place = here.place


@compiled
def end_one(base, member, carried_b, now_s):
    """A flow ends, whole or not: its row is free for another."""
    m = view(base)
    flow = m.members[member]
    number = flow.class_
    one = m.classes[number]
    bring_to(one, now_s)
    let_go(base, member)
    if flow.cap_bps == INFINITE:
        one.free -= 1
    else:
        leave(base, member)
    one.count -= 1
    one.ended_b += carried_b
    _mark_class(base, number)
    if one.count == 0:
        m.counters[ACTIVE] -= 1
        one.caps_size = one.caps_gone = 0
        for crossing in range(one.from_, one.to):
            _part(base, crossing)
    flow.next = m.counters[UNUSED]
    m.counters[UNUSED] = member


@compiled
def move_caps(base, caps):
    """Move the parts of all classes to another array, one after the other, as much room for each as it will want."""
    m = view(base)
    used = 0
    for number in range(len(m.classes)):
        one = m.classes[number]
        if one.count == one.free:
            one.caps_size = one.caps_gone = one.caps_room = 0
            continue
        room = 2 * (one.count - one.free)
        for rank in range(one.caps_size):
            caps[used + rank] = m.caps[one.caps_from + rank]
        one.caps_from, one.caps_room = used, max(one.caps_size, room)
        used += one.caps_room
    m.counters[USED_CAPS] = used


@compiled
def set_capacity(base, link, capacity_bps):
    """A link has another capacity from now on."""
    m = view(base)
    m.links[link].capacity_bps = capacity_bps
    _mark_link(base, link)


@compiled
def end(base, member):
    """A flow is given up: the bits that it had still to carry."""
    m = view(base)
    now_s = m.moments[NOW]
    left = left_of(base, member, now_s)
    end_one(base, member, m.members[member].size_b - left, now_s)
    return left


@compiled
def cross(base, crossing, link, signal):
    """Let a class cross a link, if it is one, and be seen by a signal, if it is one: the places that the link lacks."""
    m = view(base)
    here = m.crossings[crossing]
    here.link, here.signal = link, signal
    if link < 0:
        return 0
    m.links[link].classes += 1
    return m.links[link].classes - m.links[link].room


@compiled
def build(base, number, weight, first, to):
    """Let a row be a class without members, that crosses what these crossings say."""
    m = view(base)
    one = m.classes[number]
    one.weight, one.from_, one.to, one.ended_b = weight, first, to, 0.0
    m.places[number] = -1
