"""Heaps that live in the engine's records: one of classes by date, and many of members by key.

Members are in pairing heaps, a heap for those of a class that its level holds back, by finish tag, and one
for those at their cap, by date: `child` is the first of a node's children, `next` its next sibling, `before` its
previous sibling or its parent. Putting in costs O(1), taking out O(log n) on the whole.
Source: Fredman et al. 1986, "The pairing heap: a new form of self-adjusting heap", Algorithmica 1.

Binary would do for the others, of classes by date and of links by level, but four children lie side by side, which
halves the way down: an entry is a key and what it is of, and `places` says where each is, -1 where it is not.
Source: Johnson 1975, "Priority queues with update and finding minimum spanning trees", Inf. Process. Lett. 4.
"""

from simulator.network.flows.compiled import compiled


@compiled
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


@compiled
def put(members, root, member):
    """The root of a heap with a member more."""
    members[member].child = members[member].next = members[member].before = 0
    return meld(members, root, member)


@compiled
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


@compiled
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


@compiled
def following(members, member, root):
    """The next member of a heap in the order in which its nodes hang, 0 after the last."""
    if members[member].child:
        return members[member].child
    while member != root and not members[member].next:
        while members[members[member].before].child != member:  # to the first of its siblings, then up
            member = members[member].before
        member = members[member].before
    return 0 if member == root else members[member].next


@compiled
def _rise(heap, places, place):
    key, item = heap[place].key, heap[place].item
    while place > 0:
        above = (place - 1) >> 2
        if heap[above].key < key or (heap[above].key == key and heap[above].item < item):
            break
        heap[place].key, heap[place].item = heap[above].key, heap[above].item
        places[heap[place].item] = place
        place = above
    heap[place].key, heap[place].item = key, item
    places[item] = place
    return place


@compiled
def sink(heap, size, places, place):
    """Let an entry whose key has grown go down to where it belongs."""
    key, item = heap[place].key, heap[place].item
    while True:
        first = 4 * place + 1
        if first >= size:
            break
        least, least_key, least_item = first, heap[first].key, heap[first].item
        for below in range(first + 1, min(first + 4, size)):
            other_key = heap[below].key
            if other_key < least_key or (other_key == least_key and heap[below].item < least_item):
                least, least_key, least_item = below, other_key, heap[below].item
        if key < least_key or (key == least_key and item < least_item):
            break
        heap[place].key, heap[place].item = least_key, least_item
        places[least_item] = place
        place = least
    heap[place].key, heap[place].item = key, item
    places[item] = place


@compiled
def put_in_order(heap, size, places):
    """Make a heap of entries in any order."""
    for place in range((size + 2) // 4 - 1, -1, -1):
        sink(heap, size, places, place)


@compiled
def date(queue, size, places, number, date_s):
    """Give a class a date, infinite for none; how many classes have one now."""
    place = places[number]
    if date_s == float("inf"):
        if place >= 0:
            size -= 1
            places[number] = -1
            if place < size:
                queue[place].key, queue[place].item = queue[size].key, queue[size].item
                sink(queue, size, places, _rise(queue, places, place))
        return size
    if place < 0:
        place = size
        queue[place].item = number
        size += 1
    elif queue[place].key == date_s:
        return size
    queue[place].key = date_s
    sink(queue, size, places, _rise(queue, places, place))
    return size
