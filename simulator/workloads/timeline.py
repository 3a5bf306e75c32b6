"""What a training does from its first moment to its last, as stretches of one kind each.

The axis is operating time: how long its machines have been at it, pauses left out. A stretch
computes, checkpoints, does again what is lost later (waste), or starts again (restart).
While it computes, every step has a share of computing, of waiting for each other and of
waiting for data:

    mean watts of a stretch = sum of share x watts,    exactly those of its steps one by one

so a stretch is one change of power, and at step resolution as many as its steps have parts;
the joules are the same. A step that a stretch cuts short keeps the shares of a whole one.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from math import ceil
from typing import NamedTuple

from simulator.hardware.group import Parts

MOST_AHEAD = 4096
"""Phases that are recorded together: enough that arrays pay, few enough that memory does not."""

STEPPED = ("compute", "waste")
"""The kinds of stretches that are made of steps."""


class Stretch(NamedTuple):
    """What is done up to this moment: compute, waste, checkpoint, lost checkpoint or restart; and what failed."""

    until_s: float
    kind: str
    cause: str = ""


class Phase(NamedTuple):
    """What is drawn up to this moment, and what failed when it began."""

    until_s: float
    parts: Parts
    counts: bool
    """Whether it computes, and nothing undoes that."""
    cause: str = ""


class Mix(NamedTuple):
    """The shares of a step: computing, waiting for each other, waiting for data; they sum to 1."""

    compute_share: float
    communicate_share: float = 0.0
    wait_share: float = 0.0


class Walk:
    """Where a training is on its way: the phases that come next, a block at a time."""

    __slots__ = ("_ahead", "_rest", "told")

    def __init__(self, phases: Iterator[Phase]) -> None:
        self._rest = phases
        self._ahead: list[Phase] = []
        self.told = False
        """Whether the first of them began before, and what failed then was noted: a pause cut it."""

    def block(self) -> list[Phase]:
        """The phases that come next; none once all is done."""
        if not self._ahead:
            self._ahead = list(islice(self._rest, MOST_AHEAD))
        return self._ahead

    def go_on(self, over: int, begun: int) -> None:
        """So many of them are over, and so many have begun."""
        self._ahead = self._ahead[over:]
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


def phases(stretches: Iterator[Stretch], parts: Mapping[str, Parts], step_s: float | None) -> Iterator[Phase]:
    """What is drawn in each stretch by its kind's parts; with the length of a step, part after part of every step."""
    at_s = 0.0
    for until_s, kind, cause in stretches:
        if step_s is None or sum(not part.beside for part in parts[kind]) == 1 or kind not in STEPPED:
            yield Phase(until_s, parts[kind], kind == "compute", cause)
        else:
            yield from _steps(at_s, until_s, step_s, parts[kind], kind == "compute")
        at_s = until_s


def _steps(at_s: float, until_s: float, step_s: float, parts: Parts, counts: bool) -> Iterator[Phase]:
    beside = tuple(part for part in parts if part.beside)
    turns = [part for part in parts if not part.beside]
    at_work = sum(part.share for part in turns)
    alone = [(part.share / at_work, (part._replace(share=at_work), *beside)) for part in turns]
    count = 0
    while True:
        begin_s = at_s + count * step_s
        if begin_s >= until_s:
            return
        end_s = min(begin_s + step_s, until_s)
        reached = 0.0
        for share, part in alone:
            reached += share
            yield Phase(min(begin_s + reached * (end_s - begin_s), end_s), part, counts)
        count += 1
