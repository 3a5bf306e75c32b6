"""How far a sweep has come: a bar on a terminal, a line every 10 s elsewhere, nothing for short ones."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from simulator.units import show

_LINE_EVERY_S = 10.0


@contextmanager
def reporter(name: str, points: int, done: int) -> Iterator[Callable[[Any], None]]:
    """A function to call now and then while a sweep runs, of which `done` points were there before; all to stderr."""
    if sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(name, total=points, completed=done, text="starting the workers")
            yield lambda step: bar.update(task, completed=points - step.left, text=describe(step, points))
    else:
        yield _in_lines(name, points)


def describe(step: Any, points: int) -> str:
    """Done of how many, what went wrong, and how long it will still take.

    >>> from types import SimpleNamespace
    >>> describe(SimpleNamespace(counts={"ok": 9, "failed": 1}, left=30, left_s=900.0), 40)
    '10 of 40 points, 1 failed, 15 min to go'
    """
    parts = [f"{points - step.left} of {points} points", *_failures(step.counts)]
    if step.left_s is not None and step.left:
        parts.append(f"{show(step.left_s, 'time_s', 2)} to go")
    return ", ".join(parts)


def _failures(counts: Mapping[str, int]) -> list[str]:
    return [f"{count} {status}" for status, count in counts.items() if status != "ok"]


def _in_lines(name: str, points: int) -> Callable[[Any], None]:
    told_s = time.monotonic()

    def report(step: Any) -> None:
        nonlocal told_s
        if time.monotonic() - told_s >= _LINE_EVERY_S:
            told_s = time.monotonic()
            print(f"{name}: {describe(step, points)}", file=sys.stderr, flush=True)

    return report
