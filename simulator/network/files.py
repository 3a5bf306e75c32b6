"""Files of a user, read with care: what cannot be read is a sentence with its line, never a traceback."""

import csv
import io
import json
from math import isfinite
from pathlib import Path
from typing import Any

from simulator.errors import UsageError

MOST_BYTES = 1 << 30
"""The largest file that is read: the whole PeeringDB is a tenth of it."""


def read_bytes(path: Path) -> bytes:
    """What a file holds; raises UsageError where there is none."""
    try:
        if not path.is_file():
            state = "is a folder" if path.is_dir() else "there is no such file"
            raise UsageError(str(path), state, "give a file")
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(str(path), "is too large", f"give a file of at most {MOST_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(str(path), f"cannot be read ({error.strerror})", "check its name and permissions") from None


def text_in(content: bytes, path: Path) -> str:
    """Bytes of a file as text; raises UsageError with the line where they are none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}:{line}", "is not UTF-8 text", "save it as UTF-8, or download it again") from None


def json_in(text: str, path: Path) -> Any:
    """The data of a JSON text; raises UsageError with the line where it does not parse."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        state = f"is no JSON ({error.msg})"
        raise UsageError(f"{path}:{error.lineno}:{error.colno}", state, "download it again, whole") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(str(path), f"is no JSON that can be read ({error})", "download it again, whole") from None


def csv_in(text: str, path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a CSV text with the line that each ends in, empty ones left out; raises UsageError with the line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)  # else an open quotation mark swallows all below
    found: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for cells in reader:
            found.append((reader.line_num, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        remedy = "close its quotation marks, and save it as CSV, UTF-8"
        raise UsageError(f"{path}:{begin}", f"is no CSV ({error})", remedy) from None
    return [(line, cells) for line, cells in found if any(cells)]


def one_line(text: str) -> str:
    """A text of a file as a message shows it: line ends and the like as Python writes them.

    >>> one_line("Orléans\\nla Source")
    'Orléans\\\\nla Source'
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def find_number(raw: Any) -> float | None:
    """A finite number, given as such or as a text; None for anything else.

    >>> find_number("-9.14"), find_number(""), find_number("nan"), find_number(True)
    (-9.14, None, None, None)
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        value = float(raw)
    except (ValueError, OverflowError):
        return None
    return value if isfinite(value) else None
