"""The text of a YAML file, and its node tree: what cannot be read as either is told with its place."""

from pathlib import Path
from typing import Any

import yaml

from simulator.errors import Problem, ScenarioError, UsageError
from simulator.scenario.yaml_file import compose, place_of, syntax_problem

MOST_BYTES = 8 << 20
"""The largest file that is read as a scenario."""


def root_node(text: str, source: str) -> Any:
    """The node tree of a text; raises ScenarioError where it is no YAML, or nothing."""
    _refuse_binary(text, source)
    try:
        root = compose(text, source)
    except yaml.YAMLError as error:
        raise ScenarioError(source, (syntax_problem(error, text, source),)) from None
    if root is None:
        raise ScenarioError(source, (Problem(f"{source}:1:1", "", "the file is empty"),))
    return root


def _refuse_binary(text: str, source: str) -> None:
    nul = text.find("\0")
    if nul >= 0:
        sentence = "a NUL byte, which no text holds; save the file as UTF-8 text"
        raise ScenarioError(source, (Problem(place_of(text, nul, source), "", sentence),))


def read_text(path: Path) -> str:
    """The text of a file; raises ScenarioError or UsageError where there is none that could be read."""
    try:
        with path.open("rb") as file:
            found = file.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            sentence = f"the file is larger than {MOST_BYTES >> 20} MiB; is it a scenario? Split it if so"
            raise ScenarioError(str(path), (Problem(str(path), "", sentence),))
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        sentence = f"this byte ({error.object[error.start]:#04x}) is not UTF-8 text; save the file as UTF-8"
        raise ScenarioError(str(path), (Problem(place_of(before, len(before), str(path)), "", sentence),)) from None
    except OSError as error:
        raise UsageError(str(path), f"cannot be read ({error.strerror})", "check its permissions") from None
