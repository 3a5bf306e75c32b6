"""Tables written into a user atlas: all of an import or none of it, and none over another without leave."""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from simulator.errors import UsageError
from simulator.network.tables import ATLAS_TABLES, columns_of


def check_free(folder: Path, kinds: Iterable[str], force: bool) -> None:
    """Raises UsageError if the atlas is no folder, or has one of the tables already and `force` is not set."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(str(folder), "is no folder", "choose another `-o`")
    taken = [name for kind in kinds if (folder / (name := ATLAS_TABLES[kind])).exists()]
    if taken and not force:
        raise UsageError(
            str(folder), f"has {', '.join(taken)} already", "choose another `-o`, or replace them with --force"
        )


def write_tables(folder: Path, rows: Mapping[str, list[dict[str, str]]]) -> dict[str, int]:
    """Write the tables, each in one step once all are on the disk; how many rows each file has.

    Raises UsageError where the folder cannot be written.
    """
    partial = {folder / ATLAS_TABLES[kind]: folder / f".{ATLAS_TABLES[kind]}.{os.getpid()}.partial" for kind in rows}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for (kind, listed), path in zip(rows.items(), partial.values(), strict=True):
            path.write_text(table_text(kind, listed), encoding="utf-8", newline="")
        for target, path in partial.items():
            os.replace(path, target)
    except OSError as error:
        raise UsageError(str(folder), f"cannot be written ({error.strerror})", "choose another `-o`") from None
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
    return {ATLAS_TABLES[kind]: len(listed) for kind, listed in rows.items()}


def table_text(kind: str, rows: Iterable[Mapping[str, str]]) -> str:
    """A table as text, its rows in the order of their ids; a cell that a row does not have is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns_of(kind), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: row["id"]))
    return text.getvalue()
