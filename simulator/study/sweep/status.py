"""How a sweep stands: how many points ended how, what went wrong, who is at work."""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from simulator.study.sweep.collect import MISSING
from simulator.study.sweep.folder import Kept
from simulator.study.sweep.others import drivers
from simulator.study.sweep.records import OK, STATUSES, Records

_MOST_TOLD = 5
_MOST_VALUES = 12


class Failure(NamedTuple):
    """A point that did not end well: what it sets, how it stands, and what went wrong."""

    point: str
    factors: dict[str, Any]
    seed: int
    status: str
    error: str


class Status(NamedTuple):
    """Where a sweep is: its points by status (`missing`: no record yet), failures, and what is odd about its files.

    `factors` are the values of each, the lowest and the highest where they are many.
    """

    name: str
    plan: str
    counts: dict[str, int]
    failures: list[Failure]
    torn: int
    damaged: int
    drivers: list[str]
    factors: dict[str, list[Any]]

    @property
    def points(self) -> int:
        """How many points it has."""
        return sum(self.counts.values())

    @property
    def is_done(self) -> bool:
        """Whether all points ended well."""
        return self.counts.get(OK, 0) == self.points

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**self._asdict(), "points": self.points, "failures": [f._asdict() for f in self.failures]}


def status(folder: Path, kept: Kept, records: Records, most: int = _MOST_TOLD) -> Status:
    """How a plan stands by the records that there are; of failures, so many are told."""
    records.refresh()
    names = list(dict.fromkeys(kept.design.column("point").to_pylist()))
    standing = records.standing
    found = Counter(standing[name].status if name in standing else MISSING for name in names)
    counts = {status: found[status] for status in (*STATUSES, MISSING) if found[status]}
    bad = [name for name in names if name in standing and standing[name].status != OK][:most]
    return Status(
        kept.document["name"],
        kept.id,
        counts,
        _failures(kept, records, bad),
        records.torn,
        records.damaged,
        drivers(folder, kept.id),
        {factor["name"]: _values(kept, factor["name"]) for factor in kept.document["factors"]},
    )


def _values(kept: Kept, factor: str) -> list[Any]:
    values: list[Any] = kept.design.column(factor).unique().to_pylist()
    if len(values) <= _MOST_VALUES:
        return values
    return [min(values), "...", max(values)]


def _failures(kept: Kept, records: Records, names: list[str]) -> list[Failure]:
    if not names:
        return []
    rows = dict(zip(kept.design.column("point").to_pylist(), kept.design.to_pylist(), strict=True))
    factors = [factor["name"] for factor in kept.document["factors"]]
    told = dict(records.documents(names))
    return [
        Failure(
            name,
            {factor: rows[name][factor] for factor in factors},
            rows[name]["seed"],
            told[name]["status"],
            str(told[name].get("error", "")),
        )
        for name in names
    ]
