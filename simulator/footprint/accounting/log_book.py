"""A record as it was read once, for all the accounts that are made of it.

Rules, factors and lives change an account, not what was drawn: the log, however long, is gone over once
for what its channels came to, once more where a rule asks how pieces were used, and once for the highest rates
of networks. What making took by the same sets and lives is looked up once too, whatever the rule.
"""

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa

from simulator.footprint.entries import Reading, Tables, read_log
from simulator.footprint.making.factors import FactorSets
from simulator.footprint.sharing.usage import Usage, read_usages

Found = TypeVar("Found")


class Made(NamedTuple):
    """What making took, as a table `embodied`, and the factor sets that said so."""

    table: pa.Table
    sets: FactorSets


class LogBook:
    """What was read of a result so far, by paradigm."""

    __slots__ = ("_kept", "_readings", "_tables", "_usages")

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._readings: dict[str, list[Reading]] = {}
        self._usages: dict[tuple[str, bool], dict[str, Usage]] = {}
        self._kept: dict[Hashable, Any] = {}

    def readings(self, paradigm: str) -> list[Reading]:
        """Every channel that cost something, with its share of the building."""
        if paradigm not in self._readings:
            self._readings[paradigm] = read_log(self._tables, paradigm)
        return self._readings[paradigm]

    def usages(self, paradigm: str, log: bool) -> dict[str, Usage]:
        """How each asset was used; without the log, only what was reserved."""
        if (paradigm, log) not in self._usages:
            self._usages[paradigm, log] = read_usages(self._tables, paradigm, log)
        return self._usages[paradigm, log]

    def once(self, key: Hashable, make: Callable[[], Found]) -> Found:
        """What `make` gives; made when it is asked for by this key for the first time."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Found = self._kept[key]
        return found
