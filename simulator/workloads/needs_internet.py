"""Whether a workload needs the internet of a year, told from its fields as the file says them."""

from collections.abc import Mapping
from typing import Any


def always(_: Mapping[str, Any]) -> bool:
    """It sends from one place to another, whatever its fields say."""
    return True


def inside(_: Mapping[str, Any]) -> bool:
    """It stays in its data centre."""
    return False


def elsewhere(fields: Mapping[str, Any]) -> bool:
    """Only if machines of another data centre work along.

    >>> elsewhere({"at": "a/x", "across": {"groups": "a/y"}}), elsewhere({"at": "a/x", "across": {"groups": ["b/x"]}})
    (False, True)
    """
    across = fields.get("across")
    groups = across.get("groups") if isinstance(across, Mapping) else getattr(across, "groups", None)
    named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    here = str(fields.get("at", "")).partition("/")[0]
    return any(str(group).partition("/")[0] != here for group in named)


def with_users(fields: Mapping[str, Any]) -> bool:
    """Only if somebody far away asks it.

    >>> with_users({"rate": "1 /s"}), with_users({"users": "crowd"})
    (False, True)
    """
    return fields.get("users") is not None
