"""What happened, in order: a list of (time, kind, subject, cause), kinds from `vocabulary`."""

from typing import NamedTuple

from simulator.vocabulary import EVENTS


class Event(NamedTuple):
    """One thing that happened."""

    at_s: float
    event: str
    subject: str
    cause: str


class Events:
    """The diary of one run."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[Event] = []

    def add(self, at_s: float, event: str, subject: str, cause: str = "") -> None:
        """Note that this happened; a kind that `vocabulary` does not list is a bug of ours."""
        assert event in EVENTS, event
        self.rows.append(Event(at_s, event, subject, cause))
