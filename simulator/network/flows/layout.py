"""The engine's memory: arrays of records, a row a thing.

    links      what a link carries, its level in the solve, the list of its crossings
    classes    flows of one route, weight and workload: how fast each is, how much work is done
    members    flows: what is left of each, as a finish tag of virtual work or as a date
    crossings  a class on a link or at a site, and the signal that records it there
    signals    what a link or site carries for a workload: its level now
    caps       the members of a class by their caps, with sums (caps.py)
    log        levels of signals as they changed

Row 0 of `members` is nobody: a pointer of 0 points nowhere. All other rows count from 0, and -1 is none.
Arrays grow by doubling, outside of compiled code.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Records = npt.NDArray[Any]


def _records(**columns: str) -> np.dtype[Any]:
    """A record whose columns are floats and whole numbers."""
    kinds = {"floats": "f8", "numbers": "i4", "long_numbers": "i8", "more_floats": "f8"}
    return np.dtype([(name, kinds[kind]) for kind, names in columns.items() for name in names.split()], align=True)


LINK = _records(floats="level fixed_bps weight capacity_bps", numbers="first dirty stamp open capped stale")
"""`first` heads the list of its crossings; what stands beside capacity, `first` and `dirty` is scratch of a solve."""

CLASS = _records(
    floats="level weight rate_bps",
    numbers="stamp frozen count free from_ to dirty by_tag by_date place "
    "caps_from caps_size caps_room caps_gone waiting waiting_count",
    more_floats="at_s work_b date_s total_bps ended_b",
)
"""`free` counts members without a cap, `by_tag` and `by_date` head heaps of members, `from_` to `to` are crossings."""

MEMBER = _records(
    floats="size_b cap_bps key", numbers="class_ capped child next before rank queued", long_numbers="order"
)
"""`key` is a finish tag where the level holds the member back, a date where its cap does; `order` that of beginning."""

CROSSING = _records(floats="", numbers="link class_ next before signal")
SIGNAL = _records(floats="level_bps before_bps", numbers="count touched")
CAP = _records(floats="cap_bps sum_bps", numbers="member count")
"""`sum_bps` and `count` are nodes of Fenwick trees over the ranks of one class."""
LOG = _records(floats="at_s level_bps", numbers="signal")
NUMBER = np.dtype(np.int64)

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
    ACTIVE,
    LAST,
    SINCE,
) = range(14)
"""The places of `counters`: rows in use, the first unused member, the last stamp, lengths of the lists."""


class Memory(NamedTuple):
    """All arrays of an engine, as compiled code takes them.

    `queue` is the heap of classes that have a date, `seeds` the links (from 0 up) and classes (from -1 down) that
    changed, `touched` the signals that did; `some_links` and `some_classes` hold a component while it is
    solved, `done` the members that ended last.
    """

    links: Records
    classes: Records
    members: Records
    crossings: Records
    signals: Records
    caps: Records
    log: Records
    counters: Ints
    queue: Ints
    seeds: Ints
    touched: Ints
    some_links: Ints
    some_classes: Ints
    done: Ints


def build_memory(rows: int = 64) -> Memory:
    """The memory of an engine without anything in it."""
    records: list[Any] = [np.zeros(rows, kind) for kind in (LINK, CLASS, MEMBER, CROSSING, SIGNAL, CAP)]
    records.append(np.zeros(1 << 14, LOG))
    records += [np.zeros(length, NUMBER) for length in (14, rows, 2 * rows, rows, rows, rows, rows)]
    memory = Memory(*records)
    memory.counters[USED_MEMBERS] = 1
    return memory


def grown(records: Any, rows: int) -> Any:
    """An array of at least so many rows that begins with these: the same one, or one at least twice as long."""
    if rows <= len(records):
        return records
    longer = np.zeros(max(rows, 2 * len(records)), records.dtype)
    longer[: len(records)] = records
    return longer
