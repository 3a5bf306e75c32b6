"""One number of a summary followed to its rows: what was measured, by what it is multiplied, who says so.

    number = sum over its rows of  base x product of factors / product of what it is divided by

The base of a row is an integral or a sum of one of the exact tables, which the row names; factors carry
their catalogue row, source and confidence. Whoever multiplies and adds the rows gets the number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from simulator.errors import UsageError
from simulator.footprint.accounting.account import Account, build_account
from simulator.footprint.accounting.log_book import LogBook
from simulator.footprint.accounting.method import Method
from simulator.footprint.accounting.term import Term, exact
from simulator.footprint.entries import Tables, accounts
from simulator.footprint.making.factors import Factor, build_sets
from simulator.footprint.networks import MODELS, Part, Value
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import TOTAL_KEYS

EQUATION = "value = sum over rows of base x product(factors) / product(divided by)"
BY = ("by_place", "by_workload", "by_activity")
ENDS = {"energy_j": None, "low_j": 0, "high_j": 1}
"""The figures of a model of networks: at its values, or at one end of all their ranges."""


class Explained(NamedTuple):
    """A number, what it holds, and the rows that it is the sum of."""

    path: str
    value: float
    unit: str
    holds: str
    rows: list[Term]

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**self._asdict(), "equation": EQUATION, "rows": [_plain(row) for row in self.rows]}


def explain(
    tables: Tables, summary: Mapping[str, Any], said: Mapping[str, Any], path: str, book: LogBook | None = None
) -> Explained:
    """The rows of a number of the summary, by its path such as `main.boundaries.facility.co2e_kg`.

    `said` is the method that the result was recorded with, `book` its log as it was read.
    Raises UsageError where the path leads to no number.
    """
    keys = _keys(summary, path)
    paradigm, what, rest = keys[0], keys[1], keys[2:]
    value = _at(summary["paradigms"], keys)
    if value is None:
        raise UsageError(path, "is nothing: it is not known in this result", "ask for another number")
    unit, holds, rows = _FINDERS[what](_Record(tables, paradigm, said, book or LogBook(tables)), rest)
    return Explained(".".join(keys), float(value), unit, holds, rows)


class _Record(NamedTuple):
    """The record of one paradigm."""

    tables: Tables
    paradigm: str
    said: Mapping[str, Any]
    book: LogBook

    def account(self, criterion: str, owned: bool = False) -> Account:
        """Its account by what the record says alone: nobody's stays nobody's."""
        lives = {key: self.said[key] for key in ("lives", "basis") if key in self.said}
        method = Method.model_validate(lives)
        return build_account(self.tables, self.paradigm, method, build_sets((), ()), [criterion], owned, self.book)


def _keys(summary: Mapping[str, Any], path: str) -> list[str]:
    """The keys of a path below `paradigms`, whose names may hold dots and slashes."""
    rest = path.removeprefix("paradigms.")
    node: Any = summary["paradigms"]
    keys: list[str] = []
    while isinstance(node, Mapping):
        fitting = [key for key in node if rest == key or rest.startswith(f"{key}.")]
        if not fitting:
            here = ".".join(keys) or "the summary"
            state = f"{here} has no {rest!r}" if rest else "is no number but holds several"
            raise UsageError(path or "no path", state, f"there is {', '.join(map(str, node)) or 'nothing'}")
        key = max(fitting, key=len)
        keys.append(key)
        node, rest = node[key], rest[len(key) + 1 :]
    if rest or len(keys) < 2 or not isinstance(node, float | int | None) or keys[1] not in _FINDERS:
        raise UsageError(path, "leads to no number of the summary", "give such as main.boundaries.facility.co2e_kg")
    return keys


def _at(node: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        node = node[key]
    return node


Found = tuple[str, str, list[Term]]


def _span(record: _Record, rest: Sequence[str]) -> Found:
    return "s", "from the event `start` to the event `end`", list(_moments(record, {"end": 1.0, "start": -1.0}))


def _done(record: _Record, rest: Sequence[str]) -> Found:
    return "s", "when the last workload ended", list(_moments(record, {"done": 1.0}))


def _moments(record: _Record, signs: Mapping[str, float]) -> Iterator[Term]:
    for row in of_paradigm(record.tables["events"], record.paradigm).to_pylist():
        if row["event"] in signs:
            named = ("", "", "", "", "", row["event"], row["subject"], "")
            factors = () if signs[row["event"]] == 1.0 else (exact("less", -1.0),)
            yield Term(record.paradigm, *named, row["at_s"], "s", factors, (), f"events: {row['event']}")


def _boundary(owned: bool) -> Callable[[_Record, Sequence[str]], Found]:
    def find(record: _Record, rest: Sequence[str]) -> Found:
        boundary, quantity = rest
        account = record.account(quantity, owned)
        rows = [term for term in account.terms if account.reach.holds(term.boundary, boundary)]
        return _unit(quantity), account.reach.boundaries[boundary], rows

    return find


def _share(key: str) -> Callable[[_Record, Sequence[str]], Found]:
    def find(record: _Record, rest: Sequence[str]) -> Found:
        name, quantity = rest
        account = record.account(quantity)
        widest = account.reach.widest
        held = [term for term in account.terms if account.reach.holds(term.boundary, widest)]
        rows = [term for term in held if getattr(term, key) == name]
        return _unit(quantity), f"{key} {name}: {account.reach.boundaries[widest]}", rows

    return find


def _network(record: _Record, rest: Sequence[str]) -> Found:
    """The parts of a model of networks: what one unit of all its values would be, times each of them."""
    model, figure = rest
    carriers = accounts(record.book.readings(record.paradigm)).carriers
    parts = MODELS[model].parts(carriers)
    return "J", MODELS[model].holds, [_part(record.paradigm, part, ENDS[figure]) for part in parts]


def _part(paradigm: str, part: Part, end: int | None) -> Term:
    named = ("network", "use", "energy_j", "", "", "network", "", "transfer")
    base = part.energy_j / prod(value.number for value in part.values)
    units = "J for one unit of each factor"
    return Term(paradigm, *named, base, units, tuple(_value(v, end) for v in part.values), (), "changes")


def _value(value: Value, end: int | None) -> Factor:
    source = value.row.source(value.column)
    low, high = value.row.find_range(value.column) or (None, None)
    number = value.number if end is None else value.number * value.ends_share()[end]
    name = f"{value.row.kind}/{value.row.id}/{value.column}"
    return Factor(name, number, low, high, f"{source.source} ({source.year})", source.confidence)


def _unit(quantity: str) -> str:
    return quantity.rpartition("_")[2].upper() if quantity == "energy_j" else quantity.rpartition("_")[2]


_FINDERS: Mapping[str, Callable[[_Record, Sequence[str]], Found]] = {
    "duration_s": _span,
    "done_s": _done,
    **{key: _boundary(total == "owned") for total, key in TOTAL_KEYS.items()},
    **{key: _share(key.removeprefix("by_")) for key in BY},
    "network_models": _network,
}
"""What a paradigm's summary holds, and how each is followed."""


def numbers(summary: Mapping[str, Any]) -> list[str]:
    """The paths of all numbers of a summary that can be explained.

    >>> numbers({"paradigms": {"main": {"duration_s": 60.0, "done_s": None, "owned": {"server": {"energy_j": 1.0}}}}})
    ['main.duration_s', 'main.owned.server.energy_j']
    """
    return [path for name, way in summary["paradigms"].items() for path in _leaves(f"{name}", way)]


def _leaves(path: str, node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, child in node.items():
            yield from _leaves(f"{path}.{key}", child)
    elif isinstance(node, float | int):
        yield path


def _plain(row: Term) -> dict[str, Any]:
    return {
        **row._asdict(),
        "factors": [factor._asdict() for factor in row.factors],
        "inverse": [factor._asdict() for factor in row.inverse],
        "amount": row.amount,
    }
