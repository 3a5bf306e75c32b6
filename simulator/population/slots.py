"""The clock of asynchronous learning: so many clients at once, a new model after every few updates.

    slot        one client after another; each begins the moment the one before has ended
    session     as in population/session.py; ends with its upload, where it drops out or `timeout` after its begin
    version j   max(arrival of update j x buffer, version j - 1) + time of an aggregation; version 0 is there at 0
    staleness   of an update that goes into version j: j - 1 - the version that there was when it began

Staleness is counted at the aggregation: it is how many versions lie between the model that an
update was computed from and the one that it is added to. Counted at the arrival it is the same
where an aggregation takes no time. A session that begins at the moment of a version has it;
updates that arrive at one moment are taken by the number of their slot.

Where a session's length depends on nothing but its client and the moment it begins, slots do
not meet but in the buffer, so all of this is exact on columns: the moments of a slot are the
cumulative sum of its sessions, and versions are the merged arrivals, counted.

    mean staleness = (concurrency - 1) / buffer      nobody stops early, aggregation takes no time

for between two arrivals of one slot there are `concurrency` arrivals in the mean, whatever
the lengths are, of which its own is the last; that is Little's law with the arrivals as clock.
Limits: a client that stopped is noticed at once; one user may have two slots (a chance of
about concurrency / users); links hold nobody back.
Source: Nguyen et al. 2022, "Federated learning with buffered asynchronous aggregation",
algorithm 1; Huba et al. 2022, "Papaya"; the time-out: Yousefpour et al. 2023, "Green FL".
"""

from collections.abc import Callable
from itertools import accumulate
from math import inf
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.population.crowd import Indices
from simulator.population.session import BEGIN, UPLOADED, Flags, Members, Sizes, drop_times_s, moments_alone


class SlotRules(NamedTuple):
    """So many clients at once, updates a version, and how long a client may take and an aggregation takes."""

    concurrency: int
    buffer: int
    timeout_s: float
    aggregation_s: float
    sizes: Sizes


class Drawn(NamedTuple):
    """The next clients of all slots, one or more for each: first those of all slots by number, then their next ones."""

    user: Indices
    members: Members


Draw = Callable[[int, Floats], Drawn]
"""From the number of a block, and the moment at which each slot begins it, to its clients.

A block that has one client a slot may depend on these moments, one that has more may not.
"""


class Asynchronous(NamedTuple):
    """All that slots did up to a moment, session by session: all of slot 0 in order, then all of slot 1.

    `moments_s` has shape (6, n), as far as they came. `version_at_begin` is the version that a session
    began with, `aggregated_in` the one that its update went into, -1 where there is none yet.
    `version_s` is when each version was there.
    """

    close_s: float
    user: Indices
    moments_s: Floats
    down_bps: Floats
    up_bps: Floats
    arrived: Flags
    dropped: Flags
    timed_out: Flags
    version_at_begin: Indices
    aggregated_in: Indices
    version_s: Floats

    @property
    def begin_s(self) -> Floats:
        """When each session began."""
        begin_s: Floats = self.moments_s[BEGIN]
        return begin_s

    @property
    def accepted(self) -> Flags:
        """Whose update went into a version: all else was in vain."""
        return self.aggregated_in >= 0

    @property
    def staleness(self) -> Indices:
        """How many versions old each update was when it was aggregated; -1 where it was not."""
        return np.where(self.accepted, self.aggregated_in - 1 - self.version_at_begin, -1)


class Courses(NamedTuple):
    """Sessions counted from their begins: moments of shape (6, n) as far as they come, who arrives, who drops out.

    Each ends at its last moment.
    """

    moments_s: Floats
    arrived: Flags
    dropped: Flags


class _Block(NamedTuple):
    """Sessions of all slots, of shape (turns, slots) each."""

    user: Indices
    moments_s: Floats
    down_bps: Floats
    up_bps: Floats
    arrived: Flags
    dropped: Flags


class Slots:
    """What all slots do, known as far as anybody asked; to ask for more changes nothing of what was told."""

    __slots__ = ("_blocks", "_draw", "_end_s", "_known", "_later_s", "_rules")

    def __init__(self, draw: Draw, rules: SlotRules) -> None:
        self._draw, self._rules = draw, rules
        self._blocks: list[_Block] = []
        self._end_s = np.zeros(rules.concurrency)
        self._known, self._later_s = 0, np.zeros(0)

    def until_versions(self, versions: int, most_s: float = inf) -> Asynchronous:
        """All up to the moment at which there are so many versions beyond the first, at most up to `most_s`.

        Without `most_s` it does not end if no update ever arrives.
        """
        while not self._blocks or (self._known < versions * self._rules.buffer and self._end_s.min() < most_s):
            self._extend()
        whole = self._whole()
        close_s = min(most_s, float(whole.version_s[versions]) if versions < len(whole.version_s) else inf)
        if close_s > whole.close_s:  # while the last ones are aggregated, others go on
            while self._end_s.min() < close_s:
                self._extend()
            whole = self._whole()
        return cut(whole, close_s)

    def _extend(self) -> None:
        """Draw one more block; an arrival is known when no slot can have an earlier one that is not drawn yet."""
        block = _play(self._draw(len(self._blocks), self._end_s), self._end_s, self._rules)
        self._blocks.append(block)
        ends_s = block.moments_s[UPLOADED]
        self._end_s = ends_s[-1].copy()
        open_s = np.concatenate((self._later_s, ends_s[block.arrived]))
        later = open_s > self._end_s.min()
        self._later_s = open_s[later]
        self._known += len(open_s) - len(self._later_s)

    def _whole(self) -> Asynchronous:
        """All that is drawn; it is true up to its close."""
        user, moments_s, down_bps, up_bps, arrived, dropped = (
            _by_slot([block[column] for block in self._blocks]) for column in range(len(_Block._fields))
        )
        aggregated_in, version_s = _aggregate(moments_s[UPLOADED], arrived, self._rules)
        begun_with = np.searchsorted(version_s, moments_s[BEGIN], side="right") - 1
        columns = (user, moments_s, down_bps, up_bps, arrived, dropped, ~(arrived | dropped))
        return Asynchronous(float(self._end_s.min()), *columns, begun_with, aggregated_in, version_s)


def cut(whole: Asynchronous, at_s: float) -> Asynchronous:
    """The whole as it stands at a moment: what is under way has come so far, and no version has it."""
    at_s = min(at_s, whole.close_s)
    begun = np.flatnonzero(whole.begin_s < at_s)
    moments_s = whole.moments_s.take(begun, axis=1)
    ended = moments_s[UPLOADED] <= at_s
    np.minimum(moments_s, at_s, out=moments_s)
    version_s = whole.version_s[whole.version_s <= at_s]
    into = whole.aggregated_in[begun]
    return whole._replace(
        close_s=at_s,
        user=whole.user[begun],
        moments_s=moments_s,
        down_bps=whole.down_bps[begun],
        up_bps=whole.up_bps[begun],
        arrived=whole.arrived[begun] & ended,
        dropped=whole.dropped[begun] & ended,
        timed_out=whole.timed_out[begun] & ended,
        version_at_begin=whole.version_at_begin[begun],
        aggregated_in=np.where(into < len(version_s), into, -1),
        version_s=version_s,
    )


def versions_s(arrivals_s: Floats, buffer: int, aggregation_s: float) -> Floats:
    """When each version is there, from the moments at which updates arrive, in order; the first is there at 0.

    >>> versions_s(np.array([1.0, 2.0, 3.0, 4.0, 9.0]), buffer=2, aggregation_s=5.0).tolist()
    [0.0, 7.0, 12.0]
    """
    full_s = arrivals_s[buffer - 1 :: buffer].tolist()
    return np.array([*accumulate(full_s, lambda done_s, at_s: max(done_s, at_s) + aggregation_s, initial=0.0)])


def courses(members: Members, rules: SlotRules) -> Courses:
    """The sessions of some clients on clocks of their own.

    >>> one = np.ones(2)
    >>> members = Members(0.0 * one, 10.0 * one, 10.0 * one, np.array([3.0, 30.0]), np.inf * one)
    >>> found = courses(members, SlotRules(2, 1, 20.0, 0.0, Sizes(20.0, 20.0)))
    >>> found.moments_s[UPLOADED].tolist(), found.arrived.tolist()
    ([7.0, 20.0], [True, False])
    """
    moments_s = moments_alone(members, rules.sizes)
    drop_s, ends_s = drop_times_s(members, moments_s), moments_s[UPLOADED]
    dropped = (drop_s < ends_s) & (drop_s <= rules.timeout_s)
    arrived = ~dropped & (ends_s <= rules.timeout_s)
    stop_s = np.minimum(drop_s, rules.timeout_s)
    return Courses(np.minimum(moments_s, stop_s, out=moments_s), arrived, dropped)


def _play(drawn: Drawn, begin_s: Floats, rules: SlotRules) -> _Block:
    """The sessions of a block, from when each slot begins it."""
    user, members = drawn
    shape = (-1, rules.concurrency)
    moments_s, *flags = courses(members, rules)
    moments_s = moments_s.reshape(6, *shape)
    moments_s += np.cumsum(np.vstack((begin_s, moments_s[UPLOADED])), axis=0)[:-1]
    arrived, dropped = (flag.reshape(shape) for flag in flags)
    down_bps, up_bps = members.down_bps.reshape(shape), members.up_bps.reshape(shape)
    return _Block(user.reshape(shape), moments_s, down_bps, up_bps, arrived, dropped)


def _by_slot(parts: list[np.ndarray]) -> np.ndarray:
    """Parts of shape (…, turns, slots) as one of shape (…, slots x turns).

    A slot's sessions follow each other in time, so a stable sort has only to merge the slots.
    """
    turns = sum(part.shape[-2] for part in parts)
    *more, _, slots = parts[0].shape
    found, first = np.empty((*more, slots, turns), parts[0].dtype), 0
    for part in parts:
        last = first + part.shape[-2]
        found[..., first:last] = part.swapaxes(-1, -2)
        first = last
    return found.reshape(*more, slots * turns)


def _aggregate(ends_s: Floats, arrived: Flags, rules: SlotRules) -> tuple[Indices, Floats]:
    """The version that each update goes into, -1 where none is full yet, and when each version is there."""
    (coming,) = np.nonzero(arrived)
    coming = coming[np.argsort(ends_s[coming], kind="stable")]
    version_s = versions_s(ends_s[coming], rules.buffer, rules.aggregation_s)
    into = np.full(len(ends_s), -1)
    full = coming[: (len(version_s) - 1) * rules.buffer]
    into[full] = np.arange(len(full)) // rules.buffer + 1
    return into, version_s
