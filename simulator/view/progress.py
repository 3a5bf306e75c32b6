"""How far a run has come: a bar on a terminal, a line every 10 s elsewhere, nothing for short runs."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from simulator.scenario.run import COMPILING
from simulator.scenario.run import Progress as Step
from simulator.units import show

_LINE_EVERY_S = 10.0


@contextmanager
def reporter(name: str) -> Iterator[Callable[[Step], None]]:
    """A function to call now and then while the scenario runs; all goes to stderr."""
    if sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[text]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield _on_terminal(bar, name)
    else:
        yield _in_lines(name)


def describe(step: Step, spent_s: float) -> str:
    """Simulated time and how fast it goes by, or what is done once the simulation is."""
    if step.phase != "simulating":
        return step.phase
    of = f" of {show(step.end_s, 'time_s')}" if step.end_s is not None else ""
    return f"{show(step.now_s, 'time_s')}{of} simulated, {show(step.now_s / max(spent_s, 1e-3), 'time_s', 2)} a second"


def _on_terminal(bar: Progress, name: str) -> Callable[[Step], None]:
    tasks: dict[str, tuple[TaskID, float]] = {}

    def report(step: Step) -> None:
        if step.paradigm not in tasks:
            number = bar.add_task(f"{name}: {step.paradigm}", total=step.end_s, text="")
            tasks[step.paradigm] = number, time.monotonic()
        number, began_s = tasks[step.paradigm]
        bar.update(number, completed=step.now_s, total=step.end_s, text=describe(step, time.monotonic() - began_s))

    return report


def _in_lines(name: str) -> Callable[[Step], None]:
    began_s = told_s = time.monotonic()

    def report(step: Step) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _LINE_EVERY_S or step.phase == COMPILING:
            told_s = now_s
            print(f"{name}: {step.paradigm}: {describe(step, now_s - began_s)}", file=sys.stderr, flush=True)

    return report
