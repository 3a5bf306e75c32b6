"""What happened, in order: a list of (time, kind, subject, cause), kinds from `vocabulary`."""

from typing import NamedTuple

from simulator.engine.probe import Call
from simulator.vocabulary import EVENTS


class Event(NamedTuple):
    """One thing that happened."""

    at_s: float
    event: str
    subject: str
    cause: str


class Events:
    """The diary of one run; `tell` is told each entry."""

    __slots__ = ("_tell", "rows")

    def __init__(self, tell: Call | None = None) -> None:
        self.rows: list[Event] = []
        self._tell = tell

    def add(self, at_s: float, event: str, subject: str, cause: str = "") -> None:
        """Note that this happened; a kind that `vocabulary` does not list is a bug of ours."""
        assert event in EVENTS, event
        self.rows.append(Event(at_s, event, subject, cause))
        if self._tell is not None:
            self._tell(at_s, event, subject, cause)
