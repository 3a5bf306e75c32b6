"""What happened, in order: a list of (time, kind, subject, cause), kinds from `vocabulary`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

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


def in_order(events: Events) -> list[Event]:
    """By time; what happened at one moment as it was noted. What is told of a past stretch is noted late."""
    return sorted(events.rows, key=lambda event: event.at_s)


def held_s(tables: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """How long each workload waited for links, by (paradigm, workload); to the end of the run where it still does."""
    found: dict[tuple[str, str], float] = {}
    since_s: dict[tuple[str, str], float] = {}
    for event in tables["events"].to_pylist():
        key = event["paradigm"], event["subject"]
        if event["event"] == "held":
            since_s[key] = event["at_s"]
        elif event["event"] in ("free", "cancel", "unfinished") and key in since_s:
            found[key] = found.get(key, 0.0) + event["at_s"] - since_s.pop(key)
    return found
