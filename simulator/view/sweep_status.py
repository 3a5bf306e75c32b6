"""A sweep on the terminal: how its points stand, what went wrong, how long it will take."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.units import show


def standing(found: Any, folder: Any, with_factors: bool = False) -> RenderableType:
    """How a sweep stands, and what to do about it; what varies in it, if that is asked for."""
    counts = ", ".join(f"{count} {status}" for status, count in found.counts.items())
    head = Text(f"{found.name}: {found.points} point{'s' if found.points != 1 else ''}: {counts}", style="bold")
    factors = (
        Text(f"  {name}: {', '.join(map(str, values))}") for name, values in found.factors.items() if with_factors
    )
    return Group(head, *factors, *_failures(found, folder), *_oddities(found))


def _failures(found: Any, folder: Any) -> Iterator[Text]:
    for failure in found.failures:
        told = ", ".join(f"{name} {value}" for name, value in failure.factors.items())
        seed = f"{', ' if told else ''}seed {failure.seed}"
        yield Text(f"  {failure.status} {failure.point} ({told}{seed}): {reason(failure.error)}")
    bad = found.points - found.counts.get("ok", 0) - found.counts.get("missing", 0)
    if bad > len(found.failures):
        yield Text(f"  and {bad - len(found.failures)} more")
    if bad:
        yield Text(f"run them again with: aiceberg sweep retry {folder}")


def reason(error: str) -> str:
    """An error in one line: of a list of problems the first, and how many more there are.

    >>> reason("a.yaml: 2 problems\\n  a.yaml:3:1: no\\n  a.yaml:4:1: no"), reason("KeyError: 'x'")
    ('a.yaml:3:1: no (and 1 more)', "KeyError: 'x'")
    """
    head, *below = error.splitlines() or [""]
    if not below or not head.endswith(("problem", "problems")):
        return head
    return below[0].strip() + (f" (and {len(below) - 1} more)" if len(below) > 1 else "")


def _oddities(found: Any) -> Iterator[Text]:
    if found.torn:
        yield Text(f"{found.torn} record{'s' if found.torn > 1 else ''} cut short by a worker that died: not counted")
    if found.damaged:
        yield Text(f"{found.damaged} lines of the records cannot be read: their points count as missing")
    for name in found.drivers:
        yield Text(f"at work now: {name}")


def forecast(points: int, left: int, point_s: float | None, workers: int) -> Text:
    """How many points there are and about how long those that are left will take."""
    done = f", {points - left} of them done" if left < points else ""
    head = f"{points} point{'s' if points != 1 else ''}{done}"
    if not left:
        return Text(f"{head}: nothing is left to run")
    if point_s is None:
        return Text(f"{head}: none of those tried ended within 20 s, so no time can be told")
    whole_s = left * point_s / workers
    told = f"{show(point_s, 'time_s', 2)} a point, about {show(whole_s, 'time_s', 2)}"
    return Text(f"{head}: {told} on {workers} worker{'s' if workers != 1 else ''}")
