"""What several tests of files and their specs look at: the plain data of a file, every spec that a type holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from simulator.scenario.yaml_file import compose, read_nodes


def find_data(path: Path) -> Any:
    """The plain data of a file; None where it is refused as YAML."""
    try:
        root = compose(path.read_bytes().decode("utf-8"), path.name)
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    document = read_nodes(root)
    return None if root is None or document.problems else document.data


def specs(kind: Any) -> Iterator[type[BaseModel]]:
    """Every spec that a type holds, itself included."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from specs(field.annotation)
    for part in get_args(kind):
        yield from specs(part)
