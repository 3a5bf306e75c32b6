"""Time goes on, compiled: rates are settled after all changes, and flows that are through end.

A class whose rate changes costs nothing for each of its members, but for those whose cap lies between the
old and the new rate: they change from tags to dates, or back (events.py). Rates are settled once an instant, and what
the last ends of it change only when time goes on, for others may begin where they end.
"""

from simulator.network.flows import heaps
from simulator.network.flows.caps import count_up_to, crowded, room_wanted, sort_anew
from simulator.network.flows.compiled import compiled
from simulator.network.flows.events import bring_to, end_one, hold_back, let_go
from simulator.network.flows.layout import DONE, LOGGED, NEXT, NOW, QUEUED, SEEDS, TOUCHED, USED_CAPS, USED_SIGNALS
from simulator.network.flows.memory import view
from simulator.network.flows.reading import left_of
from simulator.network.flows.solve import INFINITE, demand, fill, gather

NOTHING, LOG_ROOM, CAPS_ROOM = range(3)
"""What room is lacking."""
SAME_INSTANT = 4.0 * 2.220446049250313e-16
"""Moments, and works, that are closer than this share of them are the same."""


@compiled
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


@compiled
def advance(base, to_s):
    """Let time pass and note in `done` the flows that are done meanwhile; what is lacking, or `NOTHING`.

    Where room is lacking, time stands where it lacks, and goes on from there. What the last ends change is settled
    when time goes on: others may begin at the same instant. A moment that is over only settles; an infinite one stands
    for the next completion.
    """
    m = view(base)
    now_s = m.moments[NOW]
    while True:
        if m.counters[SEEDS]:
            lacking = _settle(base, now_s)
            if lacking:
                return lacking
        next_s = m.queue[0].key if m.counters[QUEUED] else INFINITE
        m.moments[NEXT] = next_s
        if to_s == INFINITE:
            if next_s == INFINITE:
                return NOTHING
            to_s = max(now_s, next_s)
        slack_s = SAME_INSTANT * abs(to_s)
        if next_s > to_s + slack_s:
            break
        now_s = max(now_s, next_s) if next_s < to_s - slack_s else to_s
        m.moments[NOW] = now_s
        _complete(base, now_s)
        if now_s >= to_s:
            break
    m.moments[NOW] = max(now_s, to_s)
    return NOTHING


@compiled
def _complete(base, now_s):
    """End all flows that are done by now."""
    m = view(base)
    limit_s = now_s + SAME_INSTANT * abs(now_s)
    while m.counters[QUEUED] and m.queue[0].key <= limit_s:
        number, before = m.queue[0].item, m.counters[DONE]
        one = m.classes[number]
        bring_to(one, now_s)
        while one.count:
            due = _due(base, number, limit_s, now_s, m.counters[DONE] == before)
            if due == 0:
                break
            m.done[m.counters[DONE]], m.done_s[m.counters[DONE]] = due, now_s
            m.counters[DONE] += 1
            end_one(base, due, m.members[due].size_b, now_s)
        date_s = _next_date(m.classes, m.members, number)
        m.counters[QUEUED] = heaps.date(m.queue, m.counters[QUEUED], m.places, number, date_s)


@compiled
def _due(base, number, limit_s, now_s, certain):
    """A member of a class that is done by now, 0 where none is; `certain`: one is, whatever the rounding."""
    m = view(base)
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


@compiled
def _settle(base, now_s):
    """Find the rates of all that hang together with what changed, unless room is lacking."""
    m = view(base)
    room = m.counters[USED_CAPS]
    link_count, class_count = gather(base)
    for here in range(class_count):
        if crowded(base, m.some_classes[here]):
            room += room_wanted(base, m.some_classes[here])
    if room > len(m.caps):
        return CAPS_ROOM
    if m.counters[LOGGED] + m.counters[USED_SIGNALS] > len(m.log):
        return LOG_ROOM
    for here in range(class_count):
        if crowded(base, m.some_classes[here]):
            sort_anew(base, m.some_classes[here])
    fill(base, link_count, class_count)
    _take_levels(base, class_count, now_s)
    for here in range(m.counters[SEEDS]):
        if m.seeds[here] >= 0:
            m.links[m.seeds[here]].dirty = 0
    m.counters[SEEDS] = 0
    _note(base, now_s)
    return NOTHING


@compiled
def _take_levels(base, class_count, now_s):
    """Let the classes of a component run at the levels that were found."""
    m = view(base)
    classes, crossings, signals, queue, places = m.classes, m.crossings, m.signals, m.queue, m.places
    some, touched, touched_count, queued = m.some_classes, m.touched, m.counters[TOUCHED], m.counters[QUEUED]
    many = 8 * class_count > queued
    for here in range(class_count):
        number = some[here]
        one = classes[number]
        rate_bps = one.weight * one.level if one.count else 0.0
        if rate_bps == one.rate_bps and not one.dirty:
            continue
        one.dirty = 0
        bring_to(one, now_s)
        total_bps = rate_bps * one.count if one.count else 0.0
        if one.count == one.free:
            one.rate_bps = rate_bps
        else:
            _change_sides(base, number, rate_bps, now_s)
            total_bps, _ = demand(base, number, one.level)
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
        date_s = _next_date(classes, m.members, number)
        if many and places[number] >= 0 and date_s < INFINITE:
            queue[places[number]].key = date_s
        else:
            queued = heaps.date(queue, queued, places, number, date_s)
    m.counters[TOUCHED], m.counters[QUEUED] = touched_count, queued
    if many:
        heaps.put_in_order(queue, queued, places)


@compiled
def _change_sides(base, number, rate_bps, now_s):
    """Give a class another rate; who is held back by a cap now, or no longer, is put where it belongs."""
    m = view(base)
    one = m.classes[number]
    before_bps, one.rate_bps = one.rate_bps, rate_bps
    low_bps, high_bps = min(before_bps, rate_bps), max(before_bps, rate_bps)
    for rank in range(count_up_to(base, number, low_bps), count_up_to(base, number, high_bps)):
        member = m.caps[one.caps_from + rank].member
        if member:
            _change_side(base, member, now_s)
    member = one.waiting
    while member:
        if low_bps < m.members[member].cap_bps <= high_bps:
            _change_side(base, member, now_s)
        member = m.members[member].queued


@compiled
def _change_side(base, member, now_s):
    left = left_of(base, member, now_s)
    let_go(base, member)
    hold_back(base, member, left, now_s)


@compiled
def _note(base, now_s):
    """Log the signals that have another level now, each once an instant; there is room in the log for all."""
    m = view(base)
    for here in range(m.counters[TOUCHED]):
        one = m.signals[m.touched[here]]
        one.touched = 0
        if one.count == 0 or one.level_bps < 0.0:
            one.level_bps = 0.0
        if one.level_bps != one.before_bps:
            if one.level_bps > 0.0:
                one.from_s = min(one.from_s, now_s)
            else:
                one.to_s = now_s
            row = m.log[one.row]
            if one.row >= m.counters[LOGGED] or row.signal != m.touched[here] or row.at_s != now_s:
                one.row = m.counters[LOGGED]
                m.counters[LOGGED] += 1
                row = m.log[one.row]
                row.at_s, row.signal = now_s, m.touched[here]
            row.level_bps = one.level_bps
    m.counters[TOUCHED] = 0
