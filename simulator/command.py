"""What all commands share: the console, options, and how one is stopped."""

import json
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from simulator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="print JSON for programs instead of text for people")]
NOTHING_LEFT = "the run under way wrote no result"
Step = TypeVar("Step")


def console() -> "Console":
    """Where people read: as wide as their terminal, or 160 columns of a file."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160)


def list_shipped(known: "Mapping[str, Path]", command: str, as_json: bool) -> None:
    """Print the files that come with the package, by name, each with its question; `command` runs one."""
    from simulator.scenario.shipped import header

    questions = {name: header(path).get("question", "") for name, path in known.items()}
    if as_json:
        typer.echo(json.dumps(questions, indent=2, ensure_ascii=False))
        return
    for name, question in questions.items():
        typer.echo(f"{name:32} {question}")
    typer.echo(f"\nrun one with: {command} NAME   (or the path of your own file)")


def read_values(sets: list[str] | None, option: str = "--set") -> dict[str, str]:
    """The values that options `NAME=VALUE` give, by name; raises UsageError for what is none, or one given twice."""
    what, example = {
        "--set": ("PATH=VALUE", "world.datacenters.east.pue=1.2"),
        "--where": ("NAME=VALUE", "pue=1.2"),
        "--weights": ("WORKLOAD=PRICE", "train=3"),
    }[option]
    values: dict[str, str] = {}
    for text in sets or ():
        path, equals, value = text.partition("=")
        if not equals or not path:
            raise UsageError(f"{option} {text}", f"is no {what}", f"write such as {option} {example}")
        if path in values:
            raise UsageError(f"{option} {text}", f"`{path}` is set already, to {values[path]!r}", "set it once")
        values[path] = value
    return values


class Stop:
    """The wish to stop: a signal notes it, and the run looks for it between its steps, where nothing is half done."""

    asked: int | None = None
    heeded = False
    left = ""

    @classmethod
    def ask(cls, number: int, frame: Any) -> None:
        """Note the signal, or end at once where no run looks for it; a second one has its usual effect."""
        cls.asked = number
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not cls.heeded:
            raise SystemExit(128 + number)

    @classmethod
    def heed(cls, report: Callable[[Step], None], left: str = NOTHING_LEFT) -> Callable[[Step], None]:
        """A report that ends the process if somebody asked for it; `left` says then what there is of it."""
        cls.heeded, cls.left = True, left

        def watched(step: Step) -> None:
            if cls.asked is not None:
                raise SystemExit(128 + cls.asked)
            report(step)

        return watched
