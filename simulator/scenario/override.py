"""`--set PATH=VALUE`: one value of a scenario replaced before it is checked.

The path walks mappings by key and lists by number or by the name (or kind) of a workload, whose
fields follow: `workloads.first.time`, or in full `workloads.0.train.time`; the value is YAML.
Of a value that aliases repeat, only the one on the path changes. One level only: the file, then
what is set here.
"""

from copy import copy
from typing import Any

import yaml

from simulator.errors import UsageError
from simulator.scenario.yaml_file import Path, compose


def set_values(root: Any, values: dict[str, str]) -> None:
    """Replace values in a node tree; raises UsageError for a path that leads nowhere."""
    for path, text in values.items():
        _set(root, path, text)


def locate(root: Any, path: str, asked: str) -> Path:
    """The keys and indices that a path of a node tree means, the kind of a workload included.

    The last key may be one that is not there yet. Raises UsageError for a path that leads nowhere;
    `asked` is how it was asked for.
    """
    node, steps = root, path.split(".")
    found: Path = ()
    while steps:
        width = _match(node, steps)
        if width == 0 and len(steps) == 1 and isinstance(node, yaml.MappingNode):
            return (*found, steps[0])
        if width == 0:
            raise UsageError(asked, f"there is no `{steps[0]}`", f"there is {_names(node)}")
        index = _index(node, ".".join(steps[:width]))
        listed, steps = isinstance(node, yaml.SequenceNode), steps[width:]
        found = (*found, index if listed else node.value[index][0].value)
        node = _child(node, index)
        if steps and listed and _workload_names(node) and node.value[0][0].value != steps[0]:
            found, node = (*found, node.value[0][0].value), _child(node, 0)  # `workloads.first.time`
    return found


def _set(root: Any, path: str, text: str) -> None:
    asked = f"--set {path}={text}"
    try:
        value = compose(text, f"--set {path}")
    except yaml.YAMLError:
        raise UsageError(asked, "the value is not YAML", "quote it, such as --set 'tick=5 min'") from None
    value = compose("~", f"--set {path}") if value is None else value
    *above, last = locate(root, path, asked)
    node = root
    for step in above:
        index = _place(node, step)
        node = _put(node, index, _copy(_child(node, index)))
    index = _place(node, last)
    if index is None:
        node.value.append((yaml.ScalarNode("tag:yaml.org,2002:str", last, value.start_mark, style="'"), value))
    else:
        _put(node, index, value)


def _place(node: Any, step: str | int) -> Any:
    """Where a key or index of a path found by `locate` stands; a workload may be called as an index is."""
    return step if isinstance(step, int) else _index(node, step)


def _match(node: Any, steps: list[str]) -> int:
    """How many steps make the longest key of this node; 0 if none does. Names may contain dots."""
    for width in range(len(steps), 0, -1):
        if _index(node, ".".join(steps[:width])) is not None:
            return width
    return 0


def _index(node: Any, key: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((n for n, (name, _) in enumerate(node.value) if name.value == key), None)
    if isinstance(node, yaml.SequenceNode):
        names = {str(n): n for n in range(len(node.value))}
        names |= {name: n for n, child in enumerate(node.value) for name in _workload_names(child)}
        return names.get(key)
    return None


def _workload_names(node: Any) -> list[str]:
    if not isinstance(node, yaml.MappingNode) or len(node.value) != 1:
        return []
    kind, fields = node.value[0]
    own = [v.value for k, v in fields.value if k.value == "name"] if isinstance(fields, yaml.MappingNode) else []
    return own or [kind.value]


def _child(node: Any, index: int) -> Any:
    return node.value[index][1] if isinstance(node, yaml.MappingNode) else node.value[index]


def _copy(node: Any) -> Any:
    """A node that can be changed without changing its repeats by aliases."""
    own = copy(node)
    own.value = list(node.value) if isinstance(node.value, list) else node.value
    return own


def _put(node: Any, index: int, value: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        node.value[index] = (node.value[index][0], value)
    else:
        node.value[index] = value
    return value


def _names(node: Any) -> str:
    if isinstance(node, yaml.MappingNode):
        return ", ".join(f"`{key.value}`" for key, _ in node.value if isinstance(key.value, str)) or "nothing"
    if isinstance(node, yaml.SequenceNode):
        return ", ".join(f"`{name}`" for child in node.value for name in _workload_names(child)) or "nothing"
    return "a plain value, with nothing below it"
