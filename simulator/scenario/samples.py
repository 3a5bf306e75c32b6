"""Tables of samples that learning tasks name: files beside the scenario (learning/table.py)."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from simulator.errors import UsageError
from simulator.learning.table import read_samples


class Named(NamedTuple):
    """A table where a task names it: the place in the file, its path as written, and what else is said of it."""

    place: tuple[str, ...]
    path: str
    said: Mapping[str, Any]


def samples_in(data: Any) -> Iterator[Named]:
    """Every table of samples that raw data names."""
    tasks = data.get("tasks") if isinstance(data, dict) else None
    for name, raw in tasks.items() if isinstance(tasks, dict) else ():
        said = raw.get("data") if isinstance(raw, dict) else None
        path = said.get("csv") if isinstance(said, dict) else None
        if isinstance(said, dict) and isinstance(path, str):
            yield Named(("tasks", name, "data", "csv"), path, said)


def find_wrong_samples(named: Named, folder: Path) -> str | None:
    """What is wrong with a table, as a sentence; None where nothing is, or where the fault is told elsewhere."""
    label, client = named.said.get("label"), named.said.get("client")
    if not isinstance(label, str) or not isinstance(client, str | None):
        return None
    try:
        read_samples(folder / named.path, label, client)
    except UsageError as error:
        return f"{error}; paths are relative to the scenario"
    return None


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
