"""Where a picture is written: looked at before it is drawn, and written whole or not at all."""

import os
from pathlib import Path

from simulator.errors import UsageError

DPI = 130
"""Pixels an inch of every picture."""


def find_png(path: str | Path | None) -> Path | None:
    """The path, if a PNG can be written there; None where none is asked for. Raises UsageError."""
    if path is None:
        return None
    target = Path(path)
    if target.suffix != ".png":
        raise UsageError(str(path), "figures are written as PNG", "give a name that ends in .png")
    if not target.parent.is_dir():
        raise UsageError(str(path), f"there is no folder {target.parent}", "make it first")
    return target


def find_free_png(path: str | Path | None, force: bool) -> Path | None:
    """As `find_png`, and nothing is there yet, or a file that may be overwritten. Raises UsageError."""
    target = find_png(path)
    if target is not None and target.is_dir():
        raise UsageError(str(path), "is a folder", "give the name of a file")
    if target is not None and target.exists() and not force:
        raise UsageError(str(path), "exists already", "choose another name, or overwrite it with --force")
    return target


def write_whole(content: bytes, target: Path) -> None:
    """Write a file in one step; raises UsageError where it cannot be written."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(str(target), f"cannot be written ({error.strerror})", "choose another name") from None
