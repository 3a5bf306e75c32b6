"""YAML 1.2 core scalars, with the place of every token, through the C parser.

    null: null Null NULL ~ and nothing     bool: true True TRUE false False FALSE
    int: 7 -7 0o17 0xff                    float: 1.5 1e6 .5 -.inf .nan

All else is text: `on`, `no`, `NO`, `12:30` and `0777` reach the field's own parser as they
are. Keys are always text. A key that stands twice, a tag, a node within itself and more
than 1 000 000 nodes are problems of the file.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from simulator.errors import Problem

Path = tuple[str | int, ...]

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_CORE = (
    (re.compile(r"null|Null|NULL|~|"), lambda text: None),
    (re.compile(r"true|True|TRUE"), lambda text: True),
    (re.compile(r"false|False|FALSE"), lambda text: False),
    (re.compile(r"[-+]?(?:0|[1-9][0-9]*)"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(?:nan|NaN|NAN)"), lambda text: float("nan")),
)
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")} | {None, "!"}
_MOST_NODES, _DEEPEST = 1_000_000, 60


def scalar(text: str) -> Any:
    """What a plain (unquoted) scalar means.

    >>> [scalar(text) for text in ("NO", "0777", "1e6", "12:30", "~")]
    ['NO', '0777', 1000000.0, '12:30', None]
    """
    for pattern, read in _CORE:
        if pattern.fullmatch(text):
            return read(text)
    return text


class Document(NamedTuple):
    """A file as plain data, the place of each key and value by path, and what is wrong with it as YAML."""

    data: Any
    places: dict[Path, str]
    key_places: dict[Path, str]
    problems: list[Problem]


class _Named(io.StringIO):
    """A text with a name, which the parser's marks then carry."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name


def compose(text: str, name: str) -> Any:
    """The node tree of a text; raises yaml.YAMLError. `name` stands in its marks."""
    return yaml.compose(_Named(text, name), Loader=_LOADER)


def place(mark: Any) -> str:
    """Where a mark points: `file:line:column`; overrides have no line."""
    name = str(mark.name)
    return name if name.startswith("--") else f"{name}:{mark.line + 1}:{mark.column + 1}"


def syntax_problem(error: yaml.YAMLError, name: str) -> Problem:
    """The problem of a text that is no YAML at all."""
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return Problem(place(mark) if mark else name, "", f"this is not YAML: {what}")


def read_nodes(root: Any) -> Document:
    """Plain data from a node tree, with places and problems."""
    document = Document(None, {}, {}, [])
    budget = iter(range(_MOST_NODES))
    data = None if root is None else _read(root, (), document, budget)
    return document._replace(data=data)


def _read(node: Any, path: Path, document: Document, budget: Iterator[int]) -> Any:
    document.places.setdefault(path, place(node.start_mark))
    if next(budget, None) is None or len(path) > _DEEPEST:
        _once(document, node, path, "nested too deeply, or repeated too often by aliases")
        return None
    if node.tag not in _TAGS:
        _once(document, node, path, f"tags such as `{node.tag}` are not read here; write plain values")
        return None
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style else scalar(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_read(child, (*path, index), document, budget) for index, child in enumerate(node.value)]
    return _read_mapping(node, path, document, budget)


def _read_mapping(node: Any, path: Path, document: Document, budget: Iterator[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, child in node.value:
        key = key_node.value
        if not isinstance(key, str):
            _once(document, key_node, path, "a key must be plain text")
            continue
        below = (*path, key)
        if key in found:
            first = document.key_places[below]
            _once(document, key_node, below, f"`{key}` stands twice in this mapping; the first is at {first}")
            continue
        document.key_places[below] = place(key_node.start_mark)
        found[key] = _read(child, below, document, budget)
    return found


def _once(document: Document, node: Any, path: Path, sentence: str) -> None:
    problem = Problem(place(node.start_mark), show_path(path), sentence)
    if len(document.problems) < 50 and problem not in document.problems:
        document.problems.append(problem)


def show_path(path: Path) -> str:
    """A path as people write it.

    >>> show_path(("paradigms", "main", 0, "train", "at"))
    'paradigms.main[0].train.at'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
