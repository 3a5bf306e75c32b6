"""Functions compiled by numba and kept on disk, for as long as none of the sources beside them changes.

Numba keeps compiled code by the age of the file that a function stands in. What it calls, and the records that it
knows, stand in others: were one of those changed alone, code of yesterday would write into memory of today. So
the folder of compiled code is called by what all sources say.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import config, njit

SETTINGS: Any = config
"""Numba's own, whose names are made when it is imported."""


@cache
def folder(here: Path = Path(__file__).parent) -> str:
    """Where code compiled from the sources of a folder, as they are, is kept."""
    said = hashlib.sha256()
    for source in sorted(here.glob("*.py")):
        said.update(source.read_bytes())
    return str(here / "__pycache__" / f"compiled-{said.hexdigest()[:16]}")


def compiled(function: Callable[..., Any]) -> Any:
    """The function in machine code, compiled when it is first called with such arguments, then read from disk."""
    before = SETTINGS.CACHE_DIR
    SETTINGS.CACHE_DIR = folder()
    try:
        return njit(cache=True)(function)
    finally:
        SETTINGS.CACHE_DIR = before
