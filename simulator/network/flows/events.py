"""What happens to flows, compiled: they begin, end and are given up, and rates are settled after all changes.

    held back by the level   finish tag = work of the class at its beginning + size
    at its cap               date       = moment of reaching it + what is left / cap
    work of a class          d work / dt = rate of each member that the level holds back

A class whose rate changes costs nothing for each of its members, but for those whose cap lies between the
old and the new rate: they change from tags to dates, or back. A completion costs O(log n).
Changes only mark what they touch, every link of every flow; rates are found by `settle`, once an instant.
"""

import numpy as np
from numba import njit

from simulator.network.flows import heaps
from simulator.network.flows.caps import come, count_up_to, crowded, leave, room_wanted, sort_anew
from simulator.network.flows.layout import (
    ACTIVE,
    LOGGED,
    ORDER,
    QUEUED,
    SEEDS,
    TOUCHED,
    UNUSED,
    USED_CAPS,
    USED_MEMBERS,
)
from simulator.network.flows.memory import view
from simulator.network.flows.reading import left_of
from simulator.network.flows.solve import INFINITE, demand, fill, gather

SAME_INSTANT = 4.0 * 2.220446049250313e-16
"""Moments, and works, that are closer than this share of them are the same."""


@njit(cache=True)
def _mark_link(m, link):
    """A link changed."""
    if not m.links[link].dirty:
        m.links[link].dirty = 1
        m.seeds[m.counters[SEEDS]] = link
        m.counters[SEEDS] += 1


@njit(cache=True)
def _mark_class(m, number):
    if not m.classes[number].dirty:
        m.classes[number].dirty = 1
        m.seeds[m.counters[SEEDS]] = -1 - number
        m.counters[SEEDS] += 1


@njit(cache=True)
def _bring_to(one, now_s):
    """Let the work of a class go on to now."""
    if now_s > one.at_s:
        if one.by_tag:
            one.work_b += one.rate_bps * (now_s - one.at_s)
        one.at_s = now_s


@njit(cache=True)
def _next_date(classes, members, number):
    """When the first member of a class is done at its present rate."""
    one, date_s = classes[number], INFINITE
    if one.by_tag:
        left = members[one.by_tag].key - one.work_b
        if left <= 0.0:
            return one.at_s
        if one.rate_bps > 0.0:
            date_s = one.at_s + left / one.rate_bps
    if one.by_date:
        date_s = min(date_s, members[one.by_date].key)
    return date_s


@njit(cache=True)
def begin(base, number, size_b, cap_bps, now_s):
    """A flow of a class begins: its number. There is room for it."""
    m = view(base)
    member = m.counters[UNUSED]
    if member:
        m.counters[UNUSED] = m.members[member].next
    else:
        member = m.counters[USED_MEMBERS]
        m.counters[USED_MEMBERS] += 1
    one, flow = m.classes[number], m.members[member]
    if one.count == 0:
        one.work_b, one.rate_bps, one.at_s = 0.0, 0.0, now_s
        m.counters[ACTIVE] += 1
        for crossing in range(one.from_, one.to):
            _join(m, crossing)
    _bring_to(one, now_s)
    m.counters[ORDER] += 1
    flow.size_b, flow.cap_bps, flow.class_, flow.order = size_b, cap_bps, number, m.counters[ORDER]
    flow.next = flow.rank = flow.queued = 0
    one.count += 1
    if cap_bps == INFINITE:
        one.free += 1
    else:
        come(m, member)
    _hold_back(m, member, size_b, now_s)
    _mark_class(m, number)
    return member


@njit(cache=True)
def _hold_back(m, member, left, now_s):
    """Put a member with so many bits left where what holds it back puts it: its cap, or the level of its class."""
    flow = m.members[member]
    one = m.classes[flow.class_]
    if flow.cap_bps <= one.rate_bps and flow.cap_bps < INFINITE:
        flow.capped, flow.key = 1, now_s + left / flow.cap_bps
        one.by_date = heaps.put(m.members, one.by_date, member)
    else:
        flow.capped, flow.key = 0, one.work_b + left
        one.by_tag = heaps.put(m.members, one.by_tag, member)


@njit(cache=True)
def _let_go(m, member):
    """Take a member from where `_hold_back` put it."""
    flow = m.members[member]
    one = m.classes[flow.class_]
    if flow.capped:
        one.by_date = heaps.take(m.members, one.by_date, member)
    else:
        one.by_tag = heaps.take(m.members, one.by_tag, member)


@njit(cache=True)
def _join(m, crossing):
    """A class that has members again stands on a link."""
    here = m.crossings[crossing]
    if here.signal >= 0:
        m.signals[here.signal].count += 1
    if here.link >= 0:
        here.before, here.next = -1, m.links[here.link].first
        if here.next >= 0:
            m.crossings[here.next].before = crossing
        m.links[here.link].first = crossing


@njit(cache=True)
def _part(m, crossing):
    """A class that has no members left stands on a link no more."""
    here = m.crossings[crossing]
    if here.signal >= 0:
        m.signals[here.signal].count -= 1
    if here.link >= 0:
        _mark_link(m, here.link)
        if here.before >= 0:
            m.crossings[here.before].next = here.next
        else:
            m.links[here.link].first = here.next
        if here.next >= 0:
            m.crossings[here.next].before = here.before


@njit(cache=True)
def _end(m, member, carried_b, now_s):
    """A flow ends, whole or not: its row is free for another."""
    flow = m.members[member]
    number = flow.class_
    one = m.classes[number]
    _bring_to(one, now_s)
    _let_go(m, member)
    if flow.cap_bps == INFINITE:
        one.free -= 1
    else:
        leave(m, member)
    one.count -= 1
    one.ended_b += carried_b
    _mark_class(m, number)
    if one.count == 0:
        m.counters[ACTIVE] -= 1
        one.caps_size = one.caps_gone = 0
        for crossing in range(one.from_, one.to):
            _part(m, crossing)
    flow.next = m.counters[UNUSED]
    m.counters[UNUSED] = member


@njit(cache=True)
def complete(base, now_s):
    """End all flows that are done by now: how many, their numbers in `done`, which has room for all."""
    m = view(base)
    done = m.done
    limit_s, count = now_s + SAME_INSTANT * abs(now_s), 0
    while m.counters[QUEUED] and m.classes[m.queue[0]].date_s <= limit_s:
        number, before = m.queue[0], count
        one = m.classes[number]
        _bring_to(one, now_s)
        while one.count:
            due = _due(m, number, limit_s, now_s, count == before)
            if due == 0:
                break
            done[count] = due
            count += 1
            _end(m, due, m.members[due].size_b, now_s)
        m.counters[QUEUED] = heaps.date(
            m.queue, m.counters[QUEUED], m.classes, number, _next_date(m.classes, m.members, number)
        )
    return count


@njit(cache=True)
def _due(m, number, limit_s, now_s, certain):
    """A member of a class that is done by now, 0 where none is; `certain`: one is, whatever the rounding."""
    one = m.classes[number]
    by_tag, by_date = one.by_tag, one.by_date
    if by_date and m.members[by_date].key <= limit_s:
        return by_date
    if by_tag:
        slack_b = SAME_INSTANT * (one.rate_bps * abs(now_s) + one.work_b) if one.rate_bps < INFINITE else 0.0
        if m.members[by_tag].key <= one.work_b + slack_b:
            return by_tag
        if certain and (by_date == 0 or m.members[by_date].key > limit_s):
            return by_tag
    return 0


@njit(cache=True)
def settle(base, now_s):
    """Find the rates of all that hang together with what changed: when the next flow is done then.

    Not a number where `caps` has too little room: nothing was done.
    """
    m = view(base)
    room = m.counters[USED_CAPS]
    link_count, class_count = gather(m)
    for here in range(class_count):
        if crowded(m, m.some_classes[here]):
            room += room_wanted(m, m.some_classes[here])
    if room > len(m.caps):
        return np.nan
    for here in range(class_count):
        if crowded(m, m.some_classes[here]):
            sort_anew(m, m.some_classes[here])
    fill(m, link_count, class_count)
    _take_levels(m, class_count, now_s)
    for here in range(m.counters[SEEDS]):
        if m.seeds[here] >= 0:
            m.links[m.seeds[here]].dirty = 0
    m.counters[SEEDS] = 0
    _note(m, now_s)
    return _next_s(m)


@njit(cache=True)
def _next_s(m):
    """When the next flow is done; infinite if none ever is."""
    return m.classes[m.queue[0]].date_s if m.counters[QUEUED] else INFINITE


@njit(cache=True)
def _take_levels(m, class_count, now_s):
    """Let the classes of a component run at the levels that were found."""
    classes, members, crossings, signals, queue = m.classes, m.members, m.crossings, m.signals, m.queue
    some, touched, touched_count, queued = m.some_classes, m.touched, m.counters[TOUCHED], m.counters[QUEUED]
    many = 8 * class_count > queued
    for here in range(class_count):
        number = some[here]
        one = classes[number]
        rate_bps = one.weight * one.level if one.count else 0.0
        if rate_bps == one.rate_bps and not one.dirty:
            continue
        one.dirty = 0
        _bring_to(one, now_s)
        total_bps = rate_bps * one.count if one.count else 0.0
        if one.count == one.free:
            one.rate_bps = rate_bps
        else:
            _change_sides(m, number, rate_bps, now_s)
            total_bps, _ = demand(m, number, one.level)
        if total_bps != one.total_bps:
            more_bps = total_bps - one.total_bps
            one.total_bps = total_bps
            for crossing in range(one.from_, one.to):
                signal = crossings[crossing].signal
                if signal >= 0:
                    if not signals[signal].touched:
                        signals[signal].touched, signals[signal].before_bps = 1, signals[signal].level_bps
                        touched[touched_count] = signal
                        touched_count += 1
                    signals[signal].level_bps += more_bps
        date_s = _next_date(classes, members, number)
        if many and one.place >= 0 and date_s < INFINITE:
            one.date_s = date_s
        else:
            queued = heaps.date(queue, queued, classes, number, date_s)
    m.counters[TOUCHED], m.counters[QUEUED] = touched_count, queued
    if many:
        heaps.order_anew(queue, queued, classes)


@njit(cache=True)
def _change_sides(m, number, rate_bps, now_s):
    """Give a class another rate; who is held back by a cap now, or no longer, is put where it belongs."""
    one = m.classes[number]
    before_bps, one.rate_bps = one.rate_bps, rate_bps
    low_bps, high_bps = min(before_bps, rate_bps), max(before_bps, rate_bps)
    for rank in range(count_up_to(m, number, low_bps), count_up_to(m, number, high_bps)):
        member = m.caps[one.caps_from + rank].member
        if member:
            _change_side(m, member, now_s)
    member = one.waiting
    while member:
        if low_bps < m.members[member].cap_bps <= high_bps:
            _change_side(m, member, now_s)
        member = m.members[member].queued


@njit(cache=True)
def _change_side(m, member, now_s):
    left = left_of(m, member, now_s)
    _let_go(m, member)
    _hold_back(m, member, left, now_s)


@njit(cache=True)
def _note(m, now_s):
    """Log the signals that have another level now; there is room in the log for all."""
    for here in range(m.counters[TOUCHED]):
        one = m.signals[m.touched[here]]
        one.touched = 0
        if one.count == 0 or one.level_bps < 0.0:
            one.level_bps = 0.0
        if one.level_bps != one.before_bps:
            row = m.log[m.counters[LOGGED]]
            row.at_s, row.signal, row.level_bps = now_s, m.touched[here], one.level_bps
            m.counters[LOGGED] += 1
    m.counters[TOUCHED] = 0


@njit(cache=True)
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


@njit(cache=True)
def mark_link(base, link):
    """A link changed."""
    _mark_link(view(base), link)


@njit(cache=True)
def end(base, member, carried_b, now_s):
    """A flow is given up."""
    _end(view(base), member, carried_b, now_s)


@njit(cache=True)
def next_s(base):
    """When the next flow is done; infinite if none ever is."""
    return _next_s(view(base))
