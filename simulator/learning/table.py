"""A user's CSV file as samples: one a row, its label and client any text, all other columns numbers.

What is likely to be a slip is refused: a column without a name, a row without a label, a number beyond 1e100,
whose square overflows where features are scaled.

Labels and clients are numbered in the order of their text, so the order of the rows does not matter to it.
"""

import csv
from math import isfinite, nan
from pathlib import Path

import numpy as np

from simulator.errors import UsageError
from simulator.learning.arrays import Floats
from simulator.learning.data import Samples

MOST = 1e100
"""What a feature may be at most, of either sign."""


def read_samples(path: Path, label: str, client: str | None) -> Samples:
    """The samples of a CSV file; raises UsageError with the line for what is no such table."""
    header, *rows = _read(path)
    columns = dict(zip(header[1], range(len(header[1])), strict=True))
    for name in (label, client):
        if name is not None and name not in columns:
            known = ", ".join(f"`{column}`" for column in header[1])
            raise UsageError(f"{path}:1", f"has no column {name!r}", f"it has {known}")
    features = [number for name, number in columns.items() if name not in (label, client)]
    if not rows or not features:
        raise UsageError(str(path), "holds no sample with a feature", "give rows with numbers beside the label")
    x = np.array([_numbers(path, line, [cells[number] for number in features]) for line, cells in rows])
    labels, y = np.unique([_label(path, line, cells[columns[label]]) for line, cells in rows], return_inverse=True)
    if len(labels) < 2:
        raise UsageError(str(path), f"knows one class alone, {str(labels[0])!r}", "give samples of two or more")
    whose = None if client is None else np.unique([cells[columns[client]] for _, cells in rows], return_inverse=True)[1]
    return Samples(x, y.astype(np.int64), tuple(labels.tolist()), whose, False)


def _read(path: Path) -> list[tuple[int, list[str]]]:
    """The filled rows with their lines, header first, all of one length."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(reader.line_num, cells) for cells in reader if any(cells)]
    except OSError as error:
        raise UsageError(str(path), f"cannot be read ({error.strerror})", "check its name and permissions") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(str(path), f"is no CSV ({error})", "save it as CSV, UTF-8") from None
    if not rows:
        raise UsageError(str(path), "is empty", "give a header and a row for each sample")
    header = rows[0][1]
    for number, name in enumerate(header, 1):
        if not name.strip():
            remedy = "name it, or leave it out (pandas: `to_csv(..., index=False)`)"
            raise UsageError(f"{path}:{rows[0][0]}", f"does not name column {number}", remedy)
    if len(set(header)) < len(header):
        raise UsageError(f"{path}:1", "names a column twice", "give each a name of its own")
    for line, cells in rows:
        if len(cells) != len(header):
            raise UsageError(f"{path}:{line}", f"has {len(cells)} cells, the header {len(header)}", "mend the row")
    return rows


def _numbers(path: Path, line: int, cells: list[str]) -> Floats:
    found = np.array([_number(cell) for cell in cells])
    if np.isnan(found).any():
        wrong = cells[int(np.flatnonzero(np.isnan(found))[0])]
        raise UsageError(
            f"{path}:{line}", f"{wrong!r} is no finite number", "features are numbers; code classes as such"
        )
    if (np.abs(found) > MOST).any():
        wrong = cells[int(np.argmax(np.abs(found)))]
        raise UsageError(f"{path}:{line}", f"{wrong!r} is beyond {MOST:g}", "mend it, or take a larger unit")
    return found


def _label(path: Path, line: int, cell: str) -> str:
    if not cell.strip():
        raise UsageError(f"{path}:{line}", "has no label", "fill it in, or leave the row out")
    return cell


def _number(cell: str) -> float:
    """A cell's number; not a number where it holds none."""
    try:
        value = float(cell)
    except ValueError:
        return nan
    return value if isfinite(value) else nan
