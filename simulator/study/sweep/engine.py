"""What runs batches of points: the one shape that the local pool and every cluster have.

The driver keeps at most `slots` batches in flight, so that a batch is seldom queued behind
another and a worker that dies takes few with it. What a batch did stands in the records of
the sweep's folder; an engine brings back only which points ended how, or that a worker died.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

SIMULATE = "simulator.study.sweep.work:simulate"
"""How points are computed, unless somebody says otherwise."""


class Point(NamedTuple):
    """One run of the base scenario: its content's hash, the values that it sets by path (the seed too), its turn."""

    id: str
    values: dict[str, Any]
    turn: int = 1


class Batch(NamedTuple):
    """Points for one worker, one after the other: of which plan of which folder, and how each is computed."""

    folder: str
    points: tuple[Point, ...]
    compute: str
    plan: str = ""


class Ended(NamedTuple):
    """A batch that is over: which points ended how, or None where its worker died; what kept it from its work."""

    number: int
    statuses: list[tuple[str, str]] | None
    error: OSError | None = None


Work = Callable[[Batch], list[tuple[str, str]]]
"""What a worker does with a batch; a function of a module, for it is handed over by name."""


class Engine(Protocol):
    """Workers that take batches."""

    slots: int
    """How many batches are to be in flight."""

    def submit(self, number: int, work: Work, batch: Batch) -> None:
        """Hand a batch to a worker; `number` names it in `Ended`."""

    def wait(self, timeout_s: float) -> list[Ended]:
        """The batches that ended since the last call; waits for one for at most so long."""

    def close(self) -> None:
        """Stop all workers at once, whatever they are doing."""
