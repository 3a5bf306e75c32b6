"""Weighted max-min rates of all classes that hang together with what changed.

    component  all links and classes that reach each other from those that changed
    level      of a link: the common level at which it is full, what is frozen being given
    filling    the link of the lowest level is full first: its classes are frozen there, which raises
               the levels of the other links that they cross

A link's level is the root of a function that rises ever more slowly, for members at their caps want no more:

    frozen + sum over its open classes of (caps up to weight x level + weight x level x members above) = capacity

Newton's method from the left never passes such a root, and finds it, for the function is straight between caps.
As frozen classes want no more than at the level, levels only rise, so that a stale top of the heap is put back.
Classes that no link holds back have an infinite level: all their members are at their caps.
Source of the rule: network/sharing.py, of which this finds the same in another order.
"""

from simulator.network.flows import heaps
from simulator.network.flows.caps import wanted
from simulator.network.flows.compiled import compiled
from simulator.network.flows.layout import ACTIVE, LAST, SEEDS, SINCE, STAMP, USED_CLASSES, USED_LINKS
from simulator.network.flows.memory import view

INFINITE = float("inf")


@compiled
def gather(base):
    """Fill `some_links` and `some_classes` with the components of all seeds; how many of each.

    Where the last time half of all was found, all is taken at once: solving more than hangs together is right too.
    """
    m = view(base)
    if 2 * m.counters[LAST] > m.counters[ACTIVE] > 64:
        return _gather_all(base)
    links, classes, crossings = m.links, m.classes, m.crossings
    some_links, some_classes, seeds = m.some_links, m.some_classes, m.seeds
    m.counters[STAMP] += 1
    stamp = m.counters[STAMP]
    link_count, class_count, seen_links, seen_classes = 0, 0, 0, 0
    for here in range(m.counters[SEEDS]):
        seed = seeds[here]
        if seed >= 0:
            link_count = _found(links, some_links, link_count, seed, stamp)
        else:
            class_count = _found(classes, some_classes, class_count, -1 - seed, stamp)
    while seen_links < link_count or seen_classes < class_count:
        if link_count == m.counters[USED_LINKS]:
            seen_classes = class_count  # all links are there: their classes are all that can come
        if seen_classes < class_count:
            one = classes[some_classes[seen_classes]]
            seen_classes += 1
            if one.count:
                for here in range(one.from_, one.to):
                    if crossings[here].link >= 0:
                        link_count = _found(links, some_links, link_count, crossings[here].link, stamp)
            continue
        link = links[some_links[seen_links]]
        seen_links += 1
        for here in range(link.from_, link.from_ + link.standing):
            class_count = _found(classes, some_classes, class_count, m.standing[here].class_, stamp)
    m.counters[LAST] = class_count if class_count > 8 * m.counters[SEEDS] else 0
    if 4 * class_count > m.counters[USED_CLASSES]:  # in the order of memory, which is gone through often
        here = 0
        for number in range(m.counters[USED_CLASSES]):
            if classes[number].stamp == stamp:
                some_classes[here] = number
                here += 1
    return link_count, class_count


@compiled
def _gather_all(base):
    """All links that carry something and all classes that have members or changed."""
    m = view(base)
    link_count, class_count = 0, 0
    for link in range(m.counters[USED_LINKS]):
        if m.links[link].standing:
            m.some_links[link_count] = link
            link_count += 1
    for number in range(m.counters[USED_CLASSES]):
        if m.classes[number].count or m.classes[number].dirty:
            m.some_classes[class_count] = number
            class_count += 1
    m.counters[SINCE] += 1
    if m.counters[SINCE] > 256:  # now and then it is seen whether they still hang together
        m.counters[SINCE] = m.counters[LAST] = 0
    return link_count, class_count


@compiled
def _found(records, some, count, number, stamp):
    """Note a link or a class, once; how many are noted."""
    if records[number].stamp == stamp:
        return count
    records[number].stamp = stamp
    some[count] = number
    return count + 1


@compiled
def demand(base, number, level):
    """What all members of a class want at a level: bits per second, and how much it grows with the level."""
    m = view(base)
    one = m.classes[number]
    rate_bps = one.weight * level
    if one.count == one.free:
        return rate_bps * one.count, one.weight * one.count
    sum_bps, above = wanted(base, number, rate_bps)
    if above == 0:
        return sum_bps, 0.0
    return sum_bps + rate_bps * above, one.weight * above


@compiled
def _full_level(base, link, level):
    """The level at which a link is full, sought from a lower one up; infinite where it never is."""
    m = view(base)
    one = m.links[link]
    while True:
        total_bps, slope = one.fixed_bps + one.weight * level, one.weight
        if one.capped:
            for here in range(one.from_ + one.standing - 1, one.from_ - 1, -1):
                number = m.standing[here].class_
                if not m.frozen[number] and m.classes[number].count != m.classes[number].free:
                    want_bps, grows = demand(base, number, level)
                    total_bps += want_bps
                    slope += grows
        if slope <= 0.0:
            return INFINITE if total_bps <= one.capacity_bps * (1.0 + 1e-12) else level
        higher = level + (one.capacity_bps - total_bps) / slope
        if higher <= level * (1.0 + 4e-16):
            return level
        if not one.capped:
            return higher
        level = higher


@compiled
def _open(base, link_count, class_count):
    """Begin with nothing frozen; how many links can be full at all, as entries of `by_level` in any order."""
    m = view(base)
    links, classes, crossings, some_links, some_classes = m.links, m.classes, m.crossings, m.some_links, m.some_classes
    for here in range(link_count):
        one = links[some_links[here]]
        one.fixed_bps = one.weight = one.level = 0.0
        one.open = one.capped = one.stale = 0
    for here in range(class_count):
        one = classes[some_classes[here]]
        m.frozen[some_classes[here]], one.level = 0, INFINITE
        plain = one.count == one.free
        if one.count:
            for crossing in range(one.from_, one.to):
                if crossings[crossing].link >= 0:
                    link = links[crossings[crossing].link]
                    link.open += 1
                    if plain:
                        link.weight += one.weight * one.count
                    else:
                        link.capped += 1
    size = 0
    for here in range(link_count):
        link = some_links[here]
        if links[link].open:
            links[link].level = _full_level(base, link, 0.0)
            if links[link].level < INFINITE:
                m.by_level[size].key, m.by_level[size].item = links[link].level, link
                size += 1
    return size


@compiled
def fill(base, link_count, class_count):
    """Find the level of every class that was gathered."""
    m = view(base)
    size, heap, places = _open(base, link_count, class_count), m.by_level, m.level_places
    heaps.put_in_order(heap, size, places)
    while size:
        link = heap[0].item
        one = m.links[link]
        if one.open and one.stale:
            before, one.stale = one.level, 0
            one.level = _full_level(base, link, before)
            if before < one.level < INFINITE:
                heap[0].key = one.level
                heaps.sink(heap, size, places, 0)
                continue
        if one.open and one.level < INFINITE:
            _freeze(base, link)
        size -= 1
        if size:
            heap[0].key, heap[0].item = heap[size].key, heap[size].item
            heaps.sink(heap, size, places, 0)


@compiled
def _freeze(base, link):
    """Let the classes that cross a full link stay at its level."""
    m = view(base)
    links, classes, crossings, frozen, freezing = m.links, m.classes, m.crossings, m.frozen, m.freezing
    level, first, count = links[link].level, links[link].from_, 0
    for here in range(first + links[link].standing - 1, first - 1, -1):
        number = m.standing[here].class_
        freezing[count] = number
        count += 1 - frozen[number]  # an `if` would be guessed wrongly too often: a third of the time of a solve
    for here in range(count):
        number = freezing[here]
        one = classes[number]
        frozen[number], one.level = 1, level
        plain, weight = one.count == one.free, one.weight * one.count
        want_bps = weight * level
        if not plain:
            want_bps, _ = demand(base, number, level)
        for other in range(one.from_, one.to):
            if crossings[other].link >= 0:
                crossed = links[crossings[other].link]
                crossed.fixed_bps += want_bps
                crossed.open -= 1
                crossed.stale = 1
                if plain:
                    crossed.weight -= weight
                else:
                    crossed.capped -= 1
