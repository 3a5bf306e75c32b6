"""The engine's memory: arrays of records, a row a thing.

    links      what a link carries, its level in the solve, its part of `standing`
    classes    flows of one route, weight and workload: how fast each is, how much work is done
    members    flows: what is left of each, as a finish tag of virtual work or as a date
    crossings  a class on a link or at a site, and the signal that records it there
    standing   the crossings of classes that have members, those of a link side by side
    signals    what a link or site carries for a workload: its level now, from when to when it carried something
    caps       the members of a class by their caps, with sums (caps.py)
    log        levels of signals as they changed

Row 0 of `members` is nobody: a pointer of 0 points nowhere. All other rows count from 0, and -1 is none.
Arrays grow by doubling, outside of compiled code; rows that were never written take no memory.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ShortInts = npt.NDArray[np.int32]
Records = npt.NDArray[Any]


def _records(**columns: str) -> np.dtype[Any]:
    """A record whose columns are floats and whole numbers."""
    kinds = {"floats": "f8", "numbers": "i4", "long_numbers": "i8", "more_floats": "f8"}
    return np.dtype([(name, kinds[kind]) for kind, names in columns.items() for name in names.split()], align=True)


LINK = _records(
    floats="level fixed_bps weight capacity_bps", numbers="from_ standing room classes dirty stamp open capped stale"
)
"""`from_`, `standing` and `room` say where it stands; the level and all behind `dirty` are scratch of a solve."""

CLASS = _records(
    floats="level weight rate_bps",
    numbers="stamp count free from_ to dirty by_tag by_date caps_from caps_size caps_room caps_gone "
    "waiting waiting_count",
    more_floats="at_s work_b total_bps ended_b",
)
"""`free` counts members without a cap, `by_tag` and `by_date` head heaps of members, `from_` to `to` are crossings."""

MEMBER = _records(
    floats="size_b cap_bps key", numbers="class_ capped child next before rank queued", long_numbers="order"
)
"""`key` is a finish tag where the level holds the member back, a date where its cap does; `order` that of beginning."""

CROSSING = _records(floats="", numbers="link signal place")
STANDING = _records(floats="", numbers="class_ crossing")
"""`place` is where a crossing stands in its link's part of `standing`."""
SIGNAL = _records(floats="level_bps before_bps from_s to_s", numbers="count touched row")
"""`row` is where the log last had it."""
CAP = _records(floats="cap_bps sum_bps", numbers="member count")
"""`sum_bps` and `count` are nodes of Fenwick trees over the ranks of one class."""
LOG = _records(floats="at_s level_bps", numbers="signal")
KEYED = _records(floats="key", numbers="item")
"""An entry of a binary heap."""
NUMBER, SHORT, FLOAT = np.dtype(np.int64), np.dtype(np.int32), np.dtype(np.float64)

(
    USED_MEMBERS,
    USED_CAPS,
    UNUSED,
    STAMP,
    QUEUED,
    SEEDS,
    TOUCHED,
    LOGGED,
    ORDER,
    USED_LINKS,
    USED_CLASSES,
    USED_SIGNALS,
    ACTIVE,
    LAST,
    SINCE,
    DONE,
) = range(16)
"""The places of `counters`: rows in use, the first unused member, the last stamp, lengths of the lists."""
NOW, NEXT = range(2)
"""The places of `moments`: how far time has moved, and when the next flow is done by the rates last found."""


class Memory(NamedTuple):
    """All arrays of an engine, as compiled code takes them.

    `queue` is the heap of classes by the date of their next end, `places` where each class is in it; `seeds`
    the links (from 0 up) and classes (from -1 down) that changed, `touched` the signals that did; `some_links` and
    `some_classes` hold a component while it is solved, `by_level` and `level_places` the heap of its links,
    `frozen` and `freezing` what became of its classes; `done` the members that ended last, `done_s` when.
    """

    links: Records
    classes: Records
    members: Records
    crossings: Records
    standing: Records
    signals: Records
    caps: Records
    log: Records
    counters: Ints
    moments: Floats
    queue: Records
    places: ShortInts
    seeds: ShortInts
    touched: ShortInts
    some_links: ShortInts
    by_level: Records
    level_places: ShortInts
    some_classes: ShortInts
    frozen: ShortInts
    freezing: ShortInts
    done: ShortInts
    done_s: Floats


_KINDS = (
    *(LINK, CLASS, MEMBER, CROSSING, STANDING, SIGNAL, CAP, LOG, NUMBER, FLOAT, KEYED),
    *(SHORT, SHORT, SHORT, SHORT, KEYED, SHORT, SHORT, SHORT, SHORT, SHORT, FLOAT),
)


def build_memory(rows: int = 64) -> Memory:
    """The memory of an engine without anything in it."""
    memory = Memory(*(np.zeros(rows, kind) for kind in _KINDS))
    memory = memory._replace(seeds=np.zeros(2 * rows, SHORT), log=np.zeros(1 << 14, LOG), moments=np.zeros(2))
    memory.counters[USED_MEMBERS] = 1
    return memory


def grown(records: Any, rows: int) -> Any:
    """An array of at least so many rows that begins with these: the same one, or one at least twice as long."""
    if rows <= len(records):
        return records
    longer = np.zeros(max(rows, 2 * len(records)), records.dtype)
    longer[: len(records)] = records
    return longer
