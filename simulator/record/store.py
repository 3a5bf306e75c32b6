"""A result folder: written whole or not at all, and opened only if it is whole.

Files go to a folder beside the target whose name begins with a dot and ends in `.partial`;
`manifest.json`, which says `complete`, is written last; then one rename puts it in place.
A run that is killed at any moment leaves at most the partial folder, which is refused.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.columns import TABLES
from simulator.engine import spill
from simulator.errors import ResultsError
from simulator.record.pieces import LongTable, batches, long_file
from simulator.record.tables import Tables

FORMAT = "aiceberg-results/7"
DOCUMENTS = ("summary.json", "scenario.yaml", "provenance.json")
FIGURES = ("power.png", "iceberg.png", "learning.png")
"""The last only of a run in which something was learned."""
LONG = "changes"
"""The table that may not fit in memory."""
_TIMES = ("at_s", "asked_s", "arrive_s", "begin_s", "end_s", "told_s")
"""Columns that rise from row to row, or nearly so."""
_ROW_GROUP = 1_000_000


def check_free(folder: Path, force: bool) -> None:
    """Raises ResultsError if the folder is taken or cannot be written: before the run, not after it."""
    target = _real(folder)
    taken = os.path.exists(target)
    if taken and not force:
        raise ResultsError(str(folder), "exists already", "choose another `-o`, or overwrite it with --force")
    if taken:
        _check_ours(folder, target)
    partial = _partial(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        partial.rmdir()
    except OSError as error:
        raise ResultsError(str(folder), f"cannot be written ({error.strerror})", "choose another `-o`") from None


def _check_ours(folder: Path, target: Path) -> None:
    """Refuse to replace what is no result folder, or holds something that no run wrote."""
    names = sorted(path.name for path in target.iterdir()) if target.is_dir() else [target.name]
    known = {f"{table}.parquet" for table in TABLES} | {"manifest.json", *DOCUMENTS, *FIGURES}
    strange = [name for name in names if name not in known]
    if strange:
        state = f"holds other things than a result ({', '.join(strange[:3])})"
        raise ResultsError(str(folder), state, "--force overwrites results only; choose another `-o`")


def write_folder(
    folder: Path,
    tables: Tables,
    documents: Mapping[str, str],
    manifest: Mapping[str, Any],
    force: bool = False,
    extra: Callable[[Path], None] | None = None,
) -> None:
    """Write a result folder in one step; `extra` may add files (figures) to it.

    Raises ResultsError if the folder exists and `force` is not set, or if it cannot be written.
    """
    check_free(folder, force)
    target = _real(folder)
    partial = _partial(target)
    try:
        partial.mkdir()
        for name, table in tables.items():
            write_table(table, partial / f"{name}.parquet")
        for name, text in documents.items():
            (partial / name).write_text(text, encoding="utf-8")
        if extra is not None:
            extra(partial)
        (partial / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
        _swap(partial, target)
    except OSError as error:
        state = f"could not be written ({error.strerror or error}); nothing was left there"
        raise ResultsError(str(folder), state, "make room, or choose another `-o`") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _real(folder: Path) -> Path:
    """The folder itself where a link leads to it."""
    return Path(os.path.realpath(folder))


def _partial(target: Path) -> Path:
    return target.parent / f".{target.name}.{os.getpid()}.partial"


def _swap(partial: Path, folder: Path) -> None:
    """Put the new folder in place; if that fails the old one is back where it was."""
    old = folder.parent / f".{folder.name}.{os.getpid()}.old"
    try:
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def write_table(table: pa.Table, path: Path) -> None:
    """Write one table as Parquet: the same bytes for the same table, long or not."""
    # times rise evenly: split into their bytes they shrink 14 times more than as a dictionary, and are
    # written faster; statistics only of what rows are looked up by (benchmarks/ticks.py: 0.6 of the time)
    names = table.schema.names
    coding = {
        "use_dictionary": [name for name in names if name not in _TIMES],
        "use_byte_stream_split": [name for name in names if name in _TIMES],
        "write_statistics": [name for name in names if name in ("at_s", "channel")],
    }
    with pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1, **coding) as file:
        for batch in batches(table, _ROW_GROUP) if isinstance(table, LongTable) else [table]:
            file.write_table(batch, row_group_size=_ROW_GROUP)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a whole result folder; raises ResultsError where there is none."""
    if not folder.is_dir():
        raise ResultsError(str(folder), "is no folder", "give the folder that `aiceberg run -o` wrote")
    if not (folder / "manifest.json").exists():
        raise ResultsError(
            str(folder), "has no manifest.json: no result folder, or its run did not finish", "run it again"
        )
    manifest = read_json(folder, "manifest.json")
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or manifest.get("status") != "complete":
        raise ResultsError(str(folder), f"its manifest.json is not that of a complete {FORMAT}", "run it again")
    if manifest != sealed(manifest):
        raise ResultsError(str(folder), "its manifest.json is not as it was written", "run it again")
    return manifest


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with the SHA-256 of all the rest of it among its hashes."""
    found = manifest.get("hashes")
    hashes = {name: value for name, value in found.items() if name != "manifest"} if isinstance(found, dict) else {}
    digest = hashlib.sha256(to_json({**manifest, "hashes": hashes}).encode()).hexdigest()
    return {**manifest, "hashes": {**hashes, "manifest": digest}}


def read_json(folder: Path, name: str) -> Any:
    """One JSON file of a result folder; raises ResultsError where it is missing or damaged."""
    text = read_document(folder, name)
    try:
        found = json.loads(text, parse_constant=_finite, parse_float=_finite)
        to_json({"": found}).encode()  # half a character is no text
        return found
    except (ValueError, RecursionError):
        raise ResultsError(str(folder), f"its {name} is damaged", "run it again") from None


def _finite(text: str) -> float:
    """A number; raises ValueError for what no run writes, NaN and infinities."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


def read_document(folder: Path, name: str) -> str:
    """One text file of a result folder; raises ResultsError where it is missing."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ResultsError(str(folder), f"{name} is missing or damaged", "run it again") from None


def read_table(folder: Path, name: str) -> pa.Table | LongTable:
    """One table of a result folder, a long log as a `LongTable`; raises ResultsError where it is missing or damaged."""
    path = folder / f"{name}.parquet"
    try:
        if name == LONG and pq.read_metadata(path).num_rows >= spill.SPILL_AT:
            return long_file(path)
        return pq.read_table(path)
    except FileNotFoundError:
        raise ResultsError(str(folder), f"{path.name} is missing", "run it again") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise ResultsError(str(folder), f"{path.name} is damaged ({error})", "run it again") from None


def to_json(value: Mapping[str, Any]) -> str:
    """The one way in which the project writes JSON: indented, keys in their order, no NaN."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
