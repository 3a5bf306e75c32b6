"""Heaps that live in the engine's records: one of classes by date, and many of members by key.

Members are in pairing heaps, a heap for those of a class that its level holds back, by finish tag, and one
for those at their cap, by date: `child` is the first of a node's children, `next` its next sibling, `before` its
previous sibling or its parent. Putting in costs O(1), taking out O(log n) on the whole.
Source: Fredman et al. 1986, "The pairing heap: a new form of self-adjusting heap", Algorithmica 1.

Classes that have a date are in one binary heap; `place` is where a class stands, -1 where it does not.
"""

from numba import njit


@njit(cache=True)
def meld(members, a, b):
    """The root of two heaps made one; 0 is an empty heap."""
    if a == 0:
        return b
    if b == 0:
        return a
    if members[b].key < members[a].key or (members[b].key == members[a].key and members[b].order < members[a].order):
        a, b = b, a
    members[b].next = members[a].child
    if members[a].child:
        members[members[a].child].before = b
    members[b].before = a
    members[a].child = b
    return a


@njit(cache=True)
def put(members, root, member):
    """The root of a heap with a member more."""
    members[member].child = members[member].next = members[member].before = 0
    return meld(members, root, member)


@njit(cache=True)
def _merge_pairs(members, first):
    """The root of one heap of a list of siblings: pairs from left to right, then all from right to left."""
    paired = 0
    while first:
        a, b = first, members[first].next
        first = members[b].next if b else 0
        members[a].next = members[a].before = 0
        if b:
            members[b].next = members[b].before = 0
            a = meld(members, a, b)
        members[a].next = paired
        paired = a
    root = 0
    while paired:
        following = members[paired].next
        members[paired].next = members[paired].before = 0
        root = meld(members, root, paired)
        paired = following
    return root


@njit(cache=True)
def take(members, root, member):
    """The root of a heap without one of its members."""
    children = _merge_pairs(members, members[member].child)
    members[member].child = 0
    if member == root:
        return children
    before, following = members[member].before, members[member].next
    if members[before].child == member:
        members[before].child = following
    else:
        members[before].next = following
    if following:
        members[following].before = before
    members[member].next = members[member].before = 0
    return meld(members, root, children)


@njit(cache=True)
def following(members, member, root):
    """The next member of a heap in the order in which its nodes hang, 0 after the last."""
    if members[member].child:
        return members[member].child
    while member != root and not members[member].next:
        while members[members[member].before].child != member:  # to the first of its siblings, then up
            member = members[member].before
        member = members[member].before
    return 0 if member == root else members[member].next


@njit(cache=True)
def _before(classes, a, b):
    return classes[a].date_s < classes[b].date_s or (classes[a].date_s == classes[b].date_s and a < b)


@njit(cache=True)
def _rise(queue, classes, place):
    moving = queue[place]
    while place > 0:
        above = (place - 1) >> 1
        if not _before(classes, moving, queue[above]):
            break
        queue[place] = queue[above]
        classes[queue[place]].place = place
        place = above
    queue[place] = moving
    classes[moving].place = place
    return place


@njit(cache=True)
def _sink(queue, size, classes, place):
    moving = queue[place]
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _before(classes, queue[below + 1], queue[below]):
            below += 1
        if not _before(classes, queue[below], moving):
            break
        queue[place] = queue[below]
        classes[queue[place]].place = place
        place = below
    queue[place] = moving
    classes[moving].place = place


@njit(cache=True)
def date(queue, size, classes, number, date_s):
    """Give a class a date, infinite for none; how many classes have one now."""
    place = classes[number].place
    if date_s == classes[number].date_s and (place >= 0) == (date_s < float("inf")):
        return size
    classes[number].date_s = date_s
    if date_s == float("inf"):
        if place >= 0:
            size -= 1
            classes[number].place = -1
            last = queue[size]
            if last != number:
                queue[place] = last
                classes[last].place = place
                _sink(queue, size, classes, _rise(queue, classes, place))
        return size
    if place < 0:
        place = size
        queue[place] = number
        size += 1
    _sink(queue, size, classes, _rise(queue, classes, place))
    return size


@njit(cache=True)
def order_anew(queue, size, classes):
    """Make a heap of a queue whose dates were changed in place."""
    for place in range(size // 2 - 1, -1, -1):
        _sink(queue, size, classes, place)
