"""Paradigms beside each other, of one result or of several: what differs, and whether the answer holds.

    difference = per unit - the first column's,   ratio = per unit / the first column's

for each boundary that both columns have; a boundary that one of them lacks is never compared.
The headline ranks the columns at the widest boundary that all of them have. It flips where
another boundary, or the other total of machines, puts two of them in the opposite order.

Comparable are results of one window and one functional unit; else the question is refused.
What did not finish its work within the window delivered no unit: it has no figure per unit,
nothing is compared with it, and the headline ranks the others alone. `development` adds to the
boundary before it, and is compared only where that is one boundary for all.
Who learns with rates that were not tuned for each is told (scenario/fairness.py).
Other differences (seed, catalogue, version, start, units) are told and left to the reader.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

from simulator.errors import UsageError
from simulator.lower import is_same
from simulator.scenario.fairness import unfair
from simulator.study.matrix import Account, Matrix, build_matrix
from simulator.units import show
from simulator.vocabulary import BOUNDARIES, DEVELOPMENT, MAIN, OPERATIONAL, QUANTITIES, SENTENCES, TOTAL_KEYS, TOTALS

Figures = dict[str, float]


class Record(NamedTuple):
    """A result as it is compared: what it is called, its summary and its manifest."""

    name: str
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]


class Column(NamedTuple):
    """One paradigm of one result; `units` is how many functional units it delivers, `left_out` what is not compared."""

    name: str
    paradigm: str
    record: Record
    units: float
    left_out: str = ""

    @property
    def result(self) -> str:
        """The name of its result."""
        return self.record.name

    @property
    def finished(self) -> bool:
        """Whether its work was done by the end of the window."""
        return self.record.summary["paradigms"][self.paradigm]["done_s"] is not None

    @property
    def window_s(self) -> float:
        """The span that its figures are of."""
        return float(self.record.summary["paradigms"][self.paradigm]["duration_s"])

    def find(self, total: str, boundary: str) -> Figures | None:
        """Its figures at a boundary, for the whole window; None where it is not computed."""
        if boundary == self.left_out:
            return None
        figures: Figures | None = self.record.summary["paradigms"][self.paradigm][TOTAL_KEYS[total]].get(boundary)
        return figures

    def find_widest(self, total: str) -> str | None:
        """Its widest boundary of operation; None where there is none."""
        return next((b for b in reversed(OPERATIONAL) if self.find(total, b) is not None), None)

    def find_per_unit(self, total: str, boundary: str) -> Figures | None:
        """Its figures at a boundary for one functional unit; None where there is none."""
        figures = self.find(total, boundary) if self.finished else None
        return None if figures is None else {name: value / self.units for name, value in figures.items()}


class Line(NamedTuple):
    """One column at one boundary; None is not computed, or (`difference`, `ratio`) nothing to compare with."""

    boundary: str
    column: str
    total: Figures | None
    per_unit: Figures | None
    difference: Figures | None
    ratio: dict[str, float | None] | None


class Comparison(NamedTuple):
    """Columns beside the first: a table, what it says, and what is to be known before it is believed."""

    shows: str
    functional_unit: str | None
    window_s: float
    columns: list[str]
    table: list[Line]
    verdicts: list[str]
    flips: bool
    warnings: list[str]
    matrix: Matrix | None = None
    """Who is lowest under other rules and factor sets; None where that was not asked for."""

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        matrix = None if self.matrix is None else self.matrix.as_json()
        return {**self._asdict(), "table": [line._asdict() for line in self.table], "matrix": matrix}


def compare(records: Sequence[Record], shows: str | None = None, accounts: Sequence[Account] = ()) -> Comparison:
    """Set all paradigms of these results beside the first; `shows` is one of `TOTALS`, else the first scenario's.

    With how to account each result, the matrix of rules and factor sets stands beside.
    Raises UsageError where there is one paradigm only, or windows or functional units differ.
    """
    check_total(shows)
    called = _distinct([record.name for record in records])
    columns = _columns([record._replace(name=name) for name, record in zip(called, records, strict=True)])
    _check(columns)
    finished = [column for column in columns if column.finished]
    by_name = dict(zip(called, accounts, strict=True)) if accounts else {}
    matrix = build_matrix(finished, by_name) if by_name and len(finished) > 1 else None
    reaches = _developed(columns)
    columns = [column._replace(left_out=DEVELOPMENT if reaches else "") for column in columns]
    wanted = shows or _comparison(records[0]).get("shows", "reserved")
    verdicts = [_verdict(columns, wanted, quantity) for quantity in QUANTITIES]
    return Comparison(
        wanted,
        _comparison(records[0]).get("functional_unit"),
        columns[0].window_s,
        [column.name for column in columns],
        list(_table(columns, wanted)),
        [sentence for sentence, _ in verdicts],
        any(flips for _, flips in verdicts),
        [*_unfinished(columns), *_fairness(columns), *reaches, *_differences(columns), *_held(columns, wanted)],
        matrix,
    )


def check_total(shows: str | None) -> None:
    """Refuse a total that does not exist; None leaves it to the scenario."""
    if shows is not None and shows not in TOTALS:
        raise UsageError(f"shows {shows!r}", "no such total", f"there is {', '.join(TOTALS)}")


def refuse(asked: str, faults: Sequence[tuple[str, str]]) -> None:
    """Raise UsageError with all the reasons at once, each a state and its remedy; nothing where there is none."""
    if faults:
        states, remedies = zip(*faults, strict=True)
        raise UsageError(asked, ", and ".join(states), ", and ".join(remedies))


Order = Callable[[str, str], int]
"""Of two columns, for a total and a boundary: -1 where the first is lower, 1 where the other is, else 0."""


def turned(order: Order, total: str, boundary: str) -> dict[str, list[str]]:
    """The boundaries of each total that put two columns the other way round than this boundary of this total.

    >>> turned(lambda total, boundary: 1 if boundary == "server" else -1, "owned", "facility")
    {'reserved': ['server'], 'owned': ['server']}
    """
    headline = order(total, boundary)
    found = {key: [b for b in BOUNDARIES if headline * order(key, b) < 0] for key in TOTALS}
    return {key: boundaries for key, boundaries in found.items() if boundaries}


def told(places: Mapping[str, Sequence[str]]) -> str:
    """Boundaries of totals in words.

    >>> told({"reserved": ["accelerator"], "owned": ["accelerator", "server"]})
    'at accelerator (reserved) and at accelerator, server (owned)'
    """
    return " and ".join(f"at {', '.join(found)} ({key})" for key, found in places.items())


def _comparison(record: Record) -> Mapping[str, Any]:
    return record.manifest["comparison"] or {}


def _columns(records: Sequence[Record]) -> list[Column]:
    found = []
    for record in records:
        ways = list(record.summary["paradigms"])
        for way in ways:
            name = way if len(records) == 1 else record.name if ways == [MAIN] else f"{record.name}/{way}"
            found.append(Column(name, way, record, _comparison(record).get("units", 1.0)))
    return found


def _distinct(names: Sequence[str]) -> list[str]:
    """Names with a number after each that came before.

    >>> _distinct(["night", "day", "night"])
    ['night', 'day', 'night (2)']
    """
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _check(columns: Sequence[Column]) -> None:
    """Refuse what cannot be compared, all reasons at once."""
    if len(columns) < 2:
        asked = f"compare {', '.join(column.name for column in columns)}".strip()
        raise UsageError(asked, "there is nothing beside it", "give another result folder, or a run of all paradigms")
    faults = []
    longest_s = max(column.window_s for column in columns)
    if not all(is_same(column.window_s, longest_s) for column in columns):
        windows = _differing(columns, lambda column: show(column.window_s, "time_s"))
        faults.append((f"the windows differ ({windows})", "run them again with one `horizon`"))
    units = _differing(columns, lambda column: _comparison(column.record).get("functional_unit") or "none")
    if units:
        remedy = "give all of them one `comparison: {functional_unit: ...}`"
        faults.append((f"the functional units differ ({units})", remedy))
    refuse(f"compare {', '.join(dict.fromkeys(column.record.name for column in columns))}", faults)


def _differing(columns: Sequence[Column], value: Callable[[Column], Any]) -> str:
    """Each value with the results that have it, `1 h of a, 3 h of b`; "" where all have the same."""
    by_value: dict[str, dict[str, None]] = {}
    for column in columns:
        by_value.setdefault(str(value(column)), {})[column.record.name] = None
    return (
        ", ".join(f"{text} of {' and '.join(names)}" for text, names in by_value.items()) if len(by_value) > 1 else ""
    )


_WARNED: dict[str, Callable[[Column], Any]] = {
    "units that are delivered": lambda column: f"{column.units:g}",
    "seeds": lambda column: column.record.manifest["seed"],
    "starts": lambda column: column.record.manifest["start"],
    "catalogues": lambda column: column.record.manifest["hashes"]["catalogue"][:8],
    "versions": lambda column: column.record.manifest["versions"]["aiceberg"],
}


def _differences(columns: Sequence[Column]) -> Iterator[str]:
    """What should be equal and is not."""
    for what, value in _WARNED.items():
        differing = _differing(columns, value)
        if differing:
            yield f"the {what} differ: {differing}"


def _unfinished(columns: Sequence[Column]) -> Iterator[str]:
    """Who delivered nothing that could be compared."""
    for column in columns:
        if not column.finished:
            yield f"{column.name} did not finish its work within the window, so that nothing is compared with it"


def _fairness(columns: Sequence[Column]) -> Iterator[str]:
    """On what unequal terms they learn."""
    return unfair({column.name: column.record.manifest["learning"][column.paradigm] for column in columns})


def _developed(columns: Sequence[Column]) -> list[str]:
    """Why trainings that were thrown away are not compared: they were added to different boundaries."""
    with_trials = [column for column in columns if any(column.find(total, DEVELOPMENT) for total in TOTALS)]
    for total in TOTALS:
        reaches: dict[str, list[str]] = {}
        for column in with_trials:
            reaches.setdefault(column.find_widest(total) or "nothing", []).append(column.name)
        if len(reaches) > 1:
            told = ", ".join(f"{boundary} of {' and '.join(names)}" for boundary, names in reaches.items())
            return [f"{DEVELOPMENT} is not compared, for it is what is added to different boundaries ({told})"]
    return []


def _held(columns: Sequence[Column], total: str) -> Iterator[str]:
    """Where a boundary holds something else than its name says, for some of them."""
    for boundary, meaning in BOUNDARIES.items():
        held: dict[str, list[str]] = {}
        for column in columns:
            sentence = column.record.manifest[SENTENCES[total]][column.paradigm].get(boundary, meaning)
            if sentence != meaning and boundary != column.left_out:
                held.setdefault(sentence.removeprefix(meaning).lstrip("; "), []).append(column.name)
        for more, names in held.items():
            yield f"{' and '.join(names)}, {boundary}: {more}"


def _table(columns: Sequence[Column], total: str) -> Iterator[Line]:
    first = columns[0]
    for boundary in BOUNDARIES:
        if any(column.find(total, boundary) for column in columns):
            base = first.find_per_unit(total, boundary)
            for column in columns:
                own = column.find_per_unit(total, boundary)
                beside = None if column is first else _beside(own, base)
                yield Line(boundary, column.name, column.find(total, boundary), own, *(beside or (None, None)))


def _beside(own: Figures | None, base: Figures | None) -> tuple[Figures, dict[str, float | None]] | None:
    if own is None or base is None:
        return None
    both = [name for name in QUANTITIES if name in own and name in base]
    difference = {name: own[name] - base[name] for name in both}
    return difference, {name: own[name] / base[name] if base[name] else None for name in both}


def _verdict(columns: Sequence[Column], total: str, quantity: str) -> tuple[str, bool]:
    """Which is lower at the widest boundary that all have, and whether anything puts two the other way round."""
    name, left = QUANTITIES[quantity], [column.name for column in columns if not column.finished]
    columns = [column for column in columns if column.finished]
    if len(columns) < 2:
        return f"{name}: none is lower, for {' and '.join(left)} did not finish (the tables say what)", False
    common = [b for b in BOUNDARIES if all(quantity in (column.find(total, b) or {}) for column in columns)]
    if not common:
        return f"{name}: no boundary is computed for all of them, so none is lower", False
    boundary = common[-1]
    figures = {column.name: (column.find_per_unit(total, boundary) or {})[quantity] for column in columns}
    lowest, highest = min(figures, key=figures.__getitem__), max(figures, key=figures.__getitem__)
    where = f"{name} at {boundary} ({total})"
    if is_same(figures[lowest], figures[highest]):
        return f"{where}: all are equal, {show(figures[lowest], quantity)}", False
    word = "lower" if len(columns) == 2 else "lowest"
    listed = ", ".join(f"{column} {show(value, quantity)}" for column, value in figures.items())
    flips = list(_flips(columns, total, boundary, quantity))
    end = f"; the order FLIPS: {'; '.join(flips)}" if flips else "; no boundary and no total turns the order round"
    least = [column for column, value in figures.items() if is_same(value, figures[lowest])]
    are = f"{least[0]} is" if len(least) == 1 else f"{' and '.join(least)} are"
    return f"{where}: {are} {word} ({listed}){end}", bool(flips)


def _flips(columns: Sequence[Column], total: str, boundary: str, quantity: str) -> Iterator[str]:
    for one, other in combinations(columns, 2):
        order = partial(_order, one, other, quantity)
        places = turned(order, total, boundary)
        if places:
            lower = other if order(total, boundary) < 0 else one
            higher = "" if len(columns) == 2 else f" than {(one if lower is other else other).name}"
            yield f"{lower.name} is lower{higher} {told(places)}"


def _order(one: Column, other: Column, quantity: str, total: str, boundary: str) -> int:
    """-1 where the first is lower, 1 where the other is, 0 where they are equal or one is not computed."""
    mine, theirs = ((way.find_per_unit(total, boundary) or {}).get(quantity) for way in (one, other))
    if mine is None or theirs is None or is_same(mine, theirs):
        return 0
    return -1 if mine < theirs else 1
