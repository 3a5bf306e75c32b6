"""Whether a workload needs the internet of a year, told from its fields as the file says them."""

from collections.abc import Mapping
from typing import Any


def always(_: Mapping[str, Any]) -> bool:
    """It sends from one place to another, whatever its fields say."""
    return True


def inside(_: Mapping[str, Any]) -> bool:
    """It stays in its data centre."""
    return False


def with_users(fields: Mapping[str, Any]) -> bool:
    """Only if somebody far away asks it.

    >>> with_users({"rate": "1 /s"}), with_users({"users": "crowd"})
    (False, True)
    """
    return fields.get("users") is not None
