"""Many transfers of users that begin at known moments: when each is done, and what all of them carry meanwhile.

    alone    end = begin + size / rate of the line
    shared   rates are max-min fair on what the links have left (network/flows), capped by the lines

If at its busiest moment every link has room for the rates of all lines together, each transfer has
the rate of its line, which is what max-min fairness would give it; else they share the links. A user has one
line: alone, one transfer follows the other on it; shared, it is a link like the others. What they
carry is kept as steps: moments at which the level of a block of users changes, and by how much.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.network.sharing import Flow
from simulator.population.crowd import Indices
from simulator.population.ways import Incidence

if TYPE_CHECKING:
    from simulator.network.flows.engine import Engine

_ALL = "all"
"""What all transfers pass, and which limits nothing: its signals are the rates of the blocks."""
_DUST = 1e-9
"""A level below this share of the largest step is what rounding leaves of 0."""


class Steps(NamedTuple):
    """Changes of the levels of blocks as columns, in order of time."""

    at_s: Floats
    block: Indices
    change: Floats


class Bursts(NamedTuple):
    """Transfers as columns, of one size: when each may begin, its user and the block of it, the rate of its line."""

    begin_s: Floats
    user: Indices
    block: Indices
    line_bps: Floats
    size_b: float


class Sent(NamedTuple):
    """Transfers as they went: when the bits of each began and ended, its block; the rates of the blocks meanwhile."""

    begin_s: Floats
    end_s: Floats
    block: Indices
    rates_bps: Steps


def spans(from_s: Floats, to_s: Floats, block: Indices, level: Floats) -> Steps:
    """The steps of levels that hold from one moment to another.

    >>> spans(np.array([1.0]), np.array([3.0]), np.array([0]), np.array([5.0])).change.tolist()
    [5.0, -5.0]
    """
    at_s = np.concatenate((from_s, to_s))
    order = np.argsort(at_s, kind="stable")
    return Steps(at_s[order], np.concatenate((block, block))[order], np.concatenate((level, -level))[order])


def send_alone(bursts: Bursts) -> Sent:
    """Each at the rate of its line."""
    time_s = bursts.size_b / bursts.line_bps
    begin_s = one_after_another(bursts.begin_s, time_s, bursts.user)
    end_s = np.maximum(begin_s + time_s, np.nextafter(begin_s, np.inf))
    # the clock rounds their ends: the rate makes up for it
    return Sent(begin_s, end_s, bursts.block, spans(begin_s, end_s, bursts.block, bursts.size_b / (end_s - begin_s)))


def one_after_another(ready_s: Floats, time_s: Floats, user: Indices) -> Floats:
    """When each begins, if those of one user follow each other in the order in which they are ready.

    >>> one_after_another(np.array([0.0, 1.0, 1.0]), np.array([4.0, 4.0, 4.0]), np.array([7, 7, 8])).tolist()
    [0.0, 4.0, 1.0]
    """
    order = np.lexsort((ready_s, user))
    ready, whose, takes_s = ready_s[order], user[order], time_s[order]
    begin_s = ready_s.copy()
    if not np.any((whose[1:] == whose[:-1]) & (ready[1:] < (ready + takes_s)[:-1])):
        return begin_s
    before, free_s = -1, 0.0
    for number, at_s, one, takes in zip(order.tolist(), ready.tolist(), whose.tolist(), takes_s.tolist(), strict=True):
        start_s = max(at_s, free_s) if one == before else at_s
        begin_s[number], before, free_s = start_s, one, start_s + takes
    return begin_s


def in_use(from_s: Floats, to_s: Floats, user: Indices, block: Indices) -> Steps:
    """How many users of each block have something under way; one who has several is counted once.

    >>> both = in_use(np.array([0.0, 1.0]), np.array([4.0, 5.0]), np.array([7, 7]), np.array([0, 0]))
    >>> both.at_s.tolist(), both.change.tolist()
    ([0.0, 5.0], [1.0, -1.0])
    """
    order = np.lexsort((from_s, user))
    begin_s, whose = from_s[order], user[order]
    until_s = to_s[order]
    if np.any((whose[1:] == whose[:-1]) & (begin_s[1:] < until_s[:-1])):
        until_s = _latest_so_far(until_s, whose)
    first = np.append(True, (whose[1:] != whose[:-1]) | (begin_s[1:] > until_s[:-1]))
    last = np.append(first[1:], True)
    whole = np.ones(int(first.sum()))
    return spans(begin_s[first], until_s[last], block[order][first], whole)


def _latest_so_far(until_s: Floats, whose: Indices) -> Floats:
    """The latest end of each user's so far."""
    found_s, before, latest_s = until_s.copy(), -1, 0.0
    for number, (at_s, one) in enumerate(zip(until_s.tolist(), whose.tolist(), strict=True)):
        latest_s = max(latest_s, at_s) if one == before else at_s
        found_s[number], before = latest_s, one
    return found_s


def find_peaks(sent: Sent, side: Incidence) -> dict[str, float]:
    """What passes each link at its busiest moment, in bits per second; links that nothing passes are left out."""
    patterns, which = np.unique(side.passes > 0, axis=0, return_inverse=True)
    found_bps = [_peak(sent.rates_bps, blocks) for blocks in patterns]
    peaks_bps = zip(side.names, (found_bps[number] for number in which.ravel().tolist()), strict=True)
    return {name: bps for name, bps in peaks_bps if bps}


def _peak(steps: Steps, blocks: np.ndarray) -> float:
    """The highest level of these blocks together; steps of one moment count as one."""
    mine = blocks[steps.block]
    at_s, levels = steps.at_s[mine], np.cumsum(steps.change[mine])
    return float(levels[np.append(at_s[1:] > at_s[:-1], True)].max()) if len(at_s) else 0.0


def send_shared(bursts: Bursts, routes: Sequence[tuple[str, ...]], left_bps: Mapping[str, float]) -> Sent:
    """All of them on shared links; `routes` has the links of each block, `left_bps` what each link carries."""
    from simulator.network.flows.engine import Engine  # heavy, and only what links hold back needs it

    end_s = bursts.begin_s.copy()
    _, which, times = np.unique(bursts.user, return_inverse=True, return_counts=True)
    several = times[which] > 1  # whose line is a link of its own
    lines_bps = {
        f"line {user}": bps
        for user, bps in zip(bursts.user[several].tolist(), bursts.line_bps[several].tolist(), strict=True)
    }
    told: list[tuple[Floats, Indices, Floats]] = []

    def keep(at_s: Floats, signals: Indices, levels_bps: Floats) -> None:
        told.append((at_s.copy(), signals.copy(), levels_bps.copy()))

    engine = Engine({**left_bps, **lines_bps}, float(bursts.begin_s.min()), keep)
    whose: dict[int, int] = {}
    for at_s, done in _play(engine, bursts, routes, lines_bps, whose):
        for flow in done:
            end_s[whose.pop(flow)] = at_s
    engine.flush()
    return Sent(bursts.begin_s, end_s, bursts.block, _steps(engine.signals, told, len(routes)))


def _play(
    engine: "Engine", bursts: Bursts, routes: Sequence[tuple[str, ...]], lines: Collection[str], whose: dict[int, int]
) -> Iterator[tuple[float, list[int]]]:
    """Each moment at which transfers begin or are done, and those that are done; `whose` is each flow under way."""
    order = np.argsort(bursts.begin_s, kind="stable").tolist()
    next_one = 0
    while next_one < len(order) or whose:
        begin_s = float(bursts.begin_s[order[next_one]]) if next_one < len(order) else np.inf
        at_s = max(engine.now_s, min(begin_s, engine.next_completion_s()))
        yield at_s, [flow for flow, _ in engine.advance(at_s)]
        while next_one < len(order) and bursts.begin_s[order[next_one]] <= at_s:
            number = order[next_one]
            block, line = int(bursts.block[number]), f"line {bursts.user[number]}"
            route = (*routes[block], line) if line in lines else routes[block]
            flow = Flow(route, bursts.size_b, str(block), 1.0, float(bursts.line_bps[number]))
            whose[engine.add(flow, (_ALL,))] = number
            next_one += 1


def _steps(signals: Sequence[tuple[str, str]], told: Sequence[tuple[Floats, Indices, Floats]], blocks: int) -> Steps:
    """What the signals of the blocks say, as steps."""
    at_s, signal, level_bps = (np.concatenate(columns) for columns in zip(*told, strict=True))
    block_of = np.array([int(block) if carrier == _ALL else -1 for carrier, block in signals])
    mine = block_of[signal] >= 0
    at_s, block, level_bps = at_s[mine], block_of[signal[mine]], level_bps[mine]
    change = np.empty(len(block))
    for number in range(blocks):
        (own,) = np.nonzero(block == number)
        change[own] = np.diff(level_bps[own], prepend=0.0)
    return Steps(at_s, block, change)


def find_peak_means(sent: Sent, side: Incidence, edges_s: Floats) -> dict[str, float]:
    """The highest mean rate of each link over the stretches between these edges, in bits per second."""
    blocks = side.passes.shape[1]
    integral = Integral(sent.rates_bps, blocks, float(edges_s[0]))
    carried_b = np.array([integral.until(edge_s) for edge_s in edges_s[1:].tolist()]).reshape(-1, blocks)
    means_bps = side.passes @ (carried_b / np.diff(edges_s)[:, None]).T
    return {name: bps for name, bps in zip(side.names, means_bps.max(axis=1, initial=0.0).tolist(), strict=True) if bps}


class Integral:
    """The integral of levels that change in steps, by block, a stretch at a time.

    >>> integral = Integral(spans(np.array([1.0]), np.array([3.0]), np.array([0]), np.array([5.0])), 1, 0.0)
    >>> integral.until(2.0).tolist(), integral.until(9.0).tolist()
    ([5.0], [5.0])
    """

    __slots__ = ("_dust", "_from_s", "_level", "_next", "_steps")

    def __init__(self, steps: Steps, blocks: int, from_s: float) -> None:
        self._steps, self._level, self._from_s, self._next = steps, np.zeros(blocks), from_s, 0
        self._dust = _DUST * float(np.abs(steps.change).max(initial=0.0))

    def until(self, at_s: float) -> Floats:
        """What came since the last time, by block."""
        last = int(np.searchsorted(self._steps.at_s, at_s, side="right"))
        times_s, block, change = (column[self._next : last] for column in self._steps)
        blocks = len(self._level)
        found = self._level * (at_s - self._from_s) + np.bincount(block, change * (at_s - times_s), blocks)
        self._level += np.bincount(block, change, blocks)
        self._level[np.abs(self._level) < self._dust] = 0.0
        self._from_s, self._next = at_s, last
        return np.maximum(found, 0.0)
