"""What a comparison with published figures is: rows, what they come to, whether the gates are met."""

from typing import NamedTuple


class Comparison(NamedTuple):
    """One published figure beside ours, and how it was come by; `error` is ours over published, minus 1."""

    name: str
    quantity: str
    boundary: str
    published: float
    ours: float
    verdict: str
    source: str
    note: str
    kind: str = ""
    what: str = ""
    """What is compared, where the quantity alone does not say."""
    low: float | None = None
    high: float | None = None
    """Between what ours lies with 90 %, where that is predicted."""

    @property
    def error(self) -> float:
        """By how much ours is above the published figure, as a share of it."""
        return self.ours / self.published - 1.0


class Aside(NamedTuple):
    """A further table, in text, for who doubts the first: nothing of it is gated."""

    title: str
    columns: tuple[str, ...]
    lines: list[tuple[str, ...]]


class Report(NamedTuple):
    """A table of comparisons, what they come to, whether every gate is met, a table beside it; or parts that are so."""

    title: str
    comparisons: list[Comparison]
    summary: tuple[str, ...] = ()
    met: bool = True
    aside: Aside | None = None
    parts: tuple["Report", ...] = ()
    name: str = ""
    """What to ask for to see this part alone, with its sources; empty where it is no part."""
    band: float | None = None
    """By how much a row may differ, as a share, where a figure draws it."""

    @property
    def passed(self) -> bool:
        """No counted row misses its gate, nor do all together, nor does any part."""
        return self.met and all(c.verdict != "MISSED" for c in self.comparisons) and all(p.passed for p in self.parts)
