"""What a training does from its first moment to its last, as stretches of one kind each.

The axis is operating time: how long its machines have been at it, pauses left out. A stretch
computes, checkpoints, does again what is lost later (waste), or starts again (restart).
While it computes, every step has a share of computing, of waiting for each other and of
waiting for data:

    mean watts of a stretch = sum of share x watts,    exactly those of its steps one by one

so a stretch is one change of power, and at step resolution as many as its steps have parts;
the joules are the same. A step that a stretch cuts short keeps the shares of a whole one.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import ceil
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats, Ints
from simulator.hardware.group import Parts

MOST_AHEAD = 4096
"""Stretches that are recorded together: enough that arrays pay, few enough that memory does not."""

KINDS = ("compute", "checkpoint", "waste", "lost checkpoint", "restart")
"""What a stretch may be; a chunk names them by their places here."""

STEPPED = ("compute", "waste")
"""The kinds of stretches that are made of steps."""

COUNTS = "compute"
"""The kind whose computing counts, for nothing undoes it."""


class Stretch(NamedTuple):
    """What is done up to this moment, a word of `KINDS`; and what failed as it began."""

    until_s: float
    kind: str
    cause: str = ""


class Mix(NamedTuple):
    """The shares of a step: computing, waiting for each other, waiting for data; they sum to 1."""

    compute_share: float
    communicate_share: float = 0.0
    wait_share: float = 0.0


class Play(NamedTuple):
    """What is drawn in stretches of one kind, and whether their computing counts."""

    parts: Parts
    counts: bool


class Chunk(NamedTuple):
    """Stretches together: until when each, the number of its play, and what failed as some began, by their place."""

    until_s: Floats
    play: Ints
    causes: Mapping[int, str]

    def after(self, over: int) -> "Chunk":
        """Without the first so many."""
        causes = {place - over: cause for place, cause in self.causes.items() if place >= over}
        return Chunk(self.until_s[over:], self.play[over:], causes)


class Walk:
    """Where a training is on its way: the stretches that come next, a chunk at a time, and what each play draws."""

    __slots__ = ("_ahead", "_rest", "plays", "told")

    def __init__(self, chunks: Iterator[Chunk], plays: Sequence[Play]) -> None:
        self._rest, self.plays = chunks, plays
        self._ahead: Chunk | None = None
        self.told = False
        """Whether the first of them began before, and what failed then was noted: a pause cut it."""

    def block(self) -> Chunk | None:
        """The stretches that come next; None once all is done."""
        if self._ahead is None or not len(self._ahead.until_s):
            self._ahead = next(self._rest, None)
        return self._ahead

    def go_on(self, over: int, begun: int) -> None:
        """So many of them are over, and so many have begun."""
        assert self._ahead is not None, "nothing was under way"
        self._ahead = self._ahead.after(over)
        self.told = begun > over


def count_turns(compute_s: float, every_s: float) -> int:
    """How often it computes between checkpoints; what a division of floats leaves over is no turn of its own.

    >>> count_turns(70.0, 30.0), count_turns(3 * 0.1, 0.1), count_turns(1.0, 30.0)
    (3, 3, 1)
    """
    return ceil(compute_s / every_s * (1.0 - 1e-12))


def even_stretches(total_s: float, every_s: float | None, checkpoint_s: float) -> Iterator[Stretch]:
    """Compute to the end, or compute and checkpoint in turn, cut where the end falls.

    >>> [(s.until_s, s.kind) for s in even_stretches(8.0, 3.0, 1.0)]
    [(3.0, 'compute'), (4.0, 'checkpoint'), (7.0, 'compute'), (8.0, 'checkpoint')]
    """
    if every_s is None:
        yield Stretch(total_s, "compute")
        return
    turn = 0
    while True:
        for until_s, kind in (
            (turn * (every_s + checkpoint_s) + every_s, "compute"),
            ((turn + 1) * (every_s + checkpoint_s), "checkpoint"),
        ):
            yield Stretch(min(until_s, total_s), kind)
            if until_s >= total_s:
                return
        turn += 1


def chunks(stretches: Iterator[Stretch]) -> Iterator[Chunk]:
    """The same as arrays, twelve bytes a stretch."""
    number = {kind: n for n, kind in enumerate(KINDS)}
    while True:
        # one stretch after the other: a list of them would be looked through by the garbage collector
        ends_s, play, causes = array("d"), array("i"), {}
        for until_s, kind, cause in islice(stretches, MOST_AHEAD):
            if cause:
                causes[len(ends_s)] = cause
            ends_s.append(until_s)
            play.append(number[kind])
        if not ends_s:
            return
        yield Chunk(np.array(ends_s), np.array(play, np.int32), causes)


def walk(found: Iterable[Chunk], parts: Mapping[str, Parts], step_s: float | None) -> Walk:
    """The way through these stretches by their kinds' parts; with the length of a step, part after part of every step.

    Parts that go on beside the others, such as spares, are drawn with each of them.
    """
    if step_s is None:
        return Walk(iter(found), [Play(parts.get(kind, ()), kind == COUNTS) for kind in KINDS])
    turns = {kind: [(1.0, parts.get(kind, ()))] for kind in KINDS}
    turns |= {kind: _turns(parts[kind]) for kind in STEPPED if kind in parts}
    plays = [Play(p, kind == COUNTS) for kind, inside in turns.items() for _, p in inside]
    return Walk(_by_steps(found, list(turns.values()), step_s), plays)


def _turns(parts: Parts) -> list[tuple[float, Parts]]:
    """The parts of a step one after the other: the share of the step, and what is drawn in it by all at work."""
    beside = tuple(part for part in parts if part.beside)
    turns = [part for part in parts if not part.beside]
    at_work = sum(part.share for part in turns)
    return [(part.share / at_work, (part._replace(share=at_work), *beside)) for part in turns]


def _by_steps(found: Iterable[Chunk], turns: Sequence[Sequence[tuple[float, Parts]]], step_s: float) -> Iterator[Chunk]:
    """Each stretch by its steps."""
    shares = [np.cumsum([share for share, _ in inside]) for inside in turns]
    first = np.cumsum([0, *(len(inside) for inside in turns)]).tolist()
    at_s = 0.0
    for chunk in found:
        for place, (until_s, kind) in enumerate(zip(chunk.until_s.tolist(), chunk.play.tolist(), strict=True)):
            cause = chunk.causes.get(place, "")
            yield from _steps(at_s, until_s, step_s, shares[kind], first[kind], {0: cause} if cause else {})
            at_s = until_s


def _steps(
    at_s: float, until_s: float, step_s: float, shares: Floats, first: int, causes: Mapping[int, str]
) -> Iterator[Chunk]:
    """A stretch as so many steps at a time, their parts in turn; the last step is cut where the stretch ends."""
    if len(shares) == 1:
        yield Chunk(np.array([until_s]), np.array([first], np.int32), causes)
        return
    count = ceil((until_s - at_s) / step_s)
    for begin in range(0, count, MOST_AHEAD):
        edges_s = at_s + np.arange(begin, min(begin + MOST_AHEAD, count) + 1) * step_s
        edges_s = np.minimum(edges_s, until_s)
        edges_s[-1] = until_s if begin + MOST_AHEAD >= count else edges_s[-1]
        inner_s = edges_s[:-1, None] + shares * np.diff(edges_s)[:, None]
        inner_s[:, -1] = edges_s[1:]
        play = np.tile(np.arange(first, first + len(shares), dtype=np.int32), len(inner_s))
        yield Chunk(inner_s.reshape(-1), play, causes if not begin else {})
