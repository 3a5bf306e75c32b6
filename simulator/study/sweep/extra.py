"""What the extra `cluster` installs: imported when it is used, for it is slow to import and need not be there."""

from importlib import import_module
from typing import Any

from simulator.errors import UsageError


def require(module: str) -> Any:
    """A module of the extra; raises UsageError where it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise UsageError(f"the module {module}", "it is not installed", "pip install 'aiceberg[cluster]'") from None
