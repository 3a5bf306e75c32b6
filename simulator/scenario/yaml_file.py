"""YAML 1.2 core scalars, with the place of every token, through the C parser.

    null: null Null NULL ~ and nothing     bool: true True TRUE false False FALSE
    int: 7 -7 0o17 0xff                    float: 1.5 1e6 .5 -.inf .nan

All else is text: `on`, `no`, `NO`, `12:30` and `0777` reach the field's own parser as they
are. Keys are always text. A key that stands twice, a tag, a node within itself and more
than 300 000 nodes are problems of the file. What would overflow the parser's stack never
reaches it.
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
    (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,300})"), int),  # longer ones are floats: no int overflows a float
    (re.compile(r"0o[0-7]{1,300}"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,250}"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(?:nan|NaN|NAN)"), lambda text: float("nan")),
)
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")} | {None, "!"}
_MOST_NODES, _DEEPEST = 300_000, 60
_SAFE_DEPTH = 250
"""What the parser may be handed; what is deeper than `_DEEPEST` is then refused where it stands."""
_TOO_DEEP = f"nested more than {_SAFE_DEPTH} deep"


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
    """A file as plain data, the mark of each key and value by path, and what is wrong with it as YAML."""

    data: Any
    marks: dict[Path, Any]
    key_marks: dict[Path, Any]
    problems: list[Problem]


class _Named(io.StringIO):
    """A text with a name, which the parser's marks then carry."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name


def compose(text: str, name: str) -> Any:
    """The node tree of a text; raises yaml.YAMLError. `name` stands in its marks."""
    _refuse_depth(text, name)
    return yaml.compose(_Named(text, name), Loader=_LOADER)


def _refuse_depth(text: str, name: str) -> None:
    """Raise yaml.YAMLError for what is nested too deep: composing is recursive, and would overflow the C stack.

    Blocks nest at most twice per column, brackets once per bracket: most files need no second look.
    """
    longest = max(map(len, text.splitlines()), default=0)
    if 2 * longest + text.count("[") + text.count("{") <= _SAFE_DEPTH:
        return
    depth = 0
    for event in yaml.parse(_Named(text, name), Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _SAFE_DEPTH:
            mark: Any = event.start_mark  # the C parser has a class of its own
            raise yaml.composer.ComposerError(None, None, _TOO_DEEP, mark)


def place(mark: Any) -> str:
    """Where a mark points: `file:line:column`; overrides have no line."""
    name = str(mark.name)
    return name if name.startswith("--") else f"{name}:{mark.line + 1}:{mark.column + 1}"


def place_of(text: str, offset: int, name: str) -> str:
    """Where the character at an offset of a text stands: `file:line:column`."""
    before = text[:offset]
    return f"{name}:{before.count(chr(10)) + 1}:{offset - before.rfind(chr(10))}"


def syntax_problem(error: yaml.YAMLError, text: str, name: str) -> Problem:
    """The problem of a text that is no YAML at all."""
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.reader.ReaderError):
        where = place_of(text, error.position, name)
        return Problem(where, "", f"this cannot be read as YAML: {error.reason}; remove {text[error.position]!r}")
    if mark is None:
        return Problem(name, "", f"this cannot be read as YAML: {error}")
    what, context = getattr(error, "problem", None) or str(error), getattr(error, "context", None)
    if "maximum nesting depth" in what:  # the parser reads ahead and has a limit of its own
        what, context = _TOO_DEEP, None
    begun = getattr(error, "context_mark", None)
    if context:
        what = f"{context} ({place(begun)}), {what}" if begun else f"{context}, {what}"
    line = [*text.splitlines(), ""][min(mark.line, len(text.splitlines()))]  # the end of the file is a place too
    tab = "; indent with spaces, not with tabs" if "\t" in line[: len(line) - len(line.lstrip())] else ""
    return Problem(place(mark), "", f"this cannot be read as YAML: {what}{tab}")


def read_nodes(root: Any) -> Document:
    """Plain data from a node tree, with places and problems."""
    document = Document(None, {}, {}, [])
    budget = iter(range(_MOST_NODES))
    data = None if root is None else _read(root, (), document, budget)
    return document._replace(data=None if next(budget, None) is None else data)


def _read(node: Any, path: Path, document: Document, budget: Iterator[int], above: tuple[int, ...] = ()) -> Any:
    document.marks[path] = node.start_mark
    if id(node) in above:
        _once(document, node, path, "an alias repeats what it is part of; write plain values")
        return None
    if len(path) > _DEEPEST:
        _once(document, node, (), f"nested more than {_DEEPEST} deep")
        return None
    if next(budget, None) is None:
        _once(document, node, (), f"more than {_MOST_NODES:,} values, repeats by aliases included; split the file")
        return None
    if node.tag not in _TAGS:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        _once(document, node, path, f"tags such as `{tag}` are not read here; write a plain value")
        return None
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.style else scalar(node.value)
    if isinstance(node, yaml.SequenceNode):
        above = (*above, id(node))
        return [_read(child, (*path, index), document, budget, above) for index, child in enumerate(node.value)]
    return _read_mapping(node, path, document, budget, (*above, id(node)))


def _read_mapping(
    node: Any, path: Path, document: Document, budget: Iterator[int], above: tuple[int, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, child in node.value:
        key = key_node.value
        if not isinstance(key, str):
            _once(document, key_node, path, "a key must be plain text")
            continue
        below = (*path, key)
        if key in found:
            first = place(document.key_marks[below])
            _once(document, key_node, below, f"`{key}` stands twice in this mapping; the first is at {first}")
            continue
        document.key_marks[below] = key_node.start_mark
        found[key] = _read(child, below, document, budget, above)
    return found


def _once(document: Document, node: Any, path: Path, sentence: str) -> None:
    problem = problem_of(node.start_mark, path, sentence)
    if len(document.problems) < 50 and all(problem[1:] != other[1:] for other in document.problems):
        document.problems.append(problem)


def problem_of(mark: Any, path: Path, sentence: str) -> Problem:
    """A problem at a mark, in the field of a path, which is left out where `--set` says it already."""
    where, field = place(mark), show_path(path)
    return Problem(where, "" if where == f"--set {field}" else field, sentence)


def show_path(path: Path) -> str:
    """A path as people write it.

    >>> show_path(("paradigms", "main", 0, "train", "at"))
    'paradigms.main[0].train.at'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
