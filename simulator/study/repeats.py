"""Paradigms beside the first over repeats of one scenario, each with another seed: what differs, and for certain.

Repeat k of every paradigm has one seed and so the same luck (common random numbers), hence pairs: what luck does
to both falls out of the difference (Law 2015, "Simulation Modeling and Analysis", 10.2 and 11.2). Figures are per
functional unit, each of its own repeat's window; a repeat that a paradigm did not finish counts neither for it nor
for its pairs. The order is that of the means of the pairs; it is certain where the difference's interval leaves out 0.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

from simulator.errors import few
from simulator.lower import is_same
from simulator.scenario.fairness import unfair
from simulator.study.compare import Column, Figures, Record, check_total, refuse, told, turned
from simulator.study.intervals import Estimate, Pairs, average, beside, lower_of, mean_of, spread_of
from simulator.units import show, show_count
from simulator.vocabulary import BOUNDARIES, QUANTITIES, TOTAL_KEYS

_MOST_LISTED = 5


class Repeat(NamedTuple):
    """One run with one seed: what each paradigm came to, as `summary["paradigms"]` has it, and how it learns."""

    seed: int
    paradigms: Mapping[str, Any]


class Line(NamedTuple):
    """One quantity of one paradigm at one boundary; `mean` is None where not computed or never finished.

    `spread` is of the repeats themselves, in the quantity's unit: P5, P50 and P95 of 20 and more, else min and max.
    `difference` and `ratio` (None where the first is 0) are to the first paradigm, `lower` is P(this < first).
    """

    boundary: str
    paradigm: str
    quantity: str
    finished: int
    mean: Estimate | None
    spread: dict[str, float] | None
    pairs: int
    difference: Estimate | None
    ratio: Estimate | None
    lower: Estimate | None


class RepeatedComparison(NamedTuple):
    """Paradigms beside the first over repeats: a table, what it says, and what to know before believing it."""

    name: str
    shows: str
    functional_unit: str | None
    seeds: list[int]
    windows_s: list[float]
    columns: list[str]
    table: list[Line]
    verdicts: list[str]
    flips: bool
    warnings: list[str]

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data; an estimate is a value and its ends."""
        return {**self._asdict(), "table": [_plain(line) for line in self.table]}


class _Runs(NamedTuple):
    """One paradigm in all repeats, by seed."""

    name: str
    columns: list[Column]

    @property
    def finished(self) -> int:
        return sum(column.finished for column in self.columns)

    def computed(self, total: str, boundary: str) -> int:
        """In how many of the repeats that it finished this boundary is computed."""
        return sum(column.find_per_unit(total, boundary) is not None for column in self.columns)

    def figures(self, total: str, boundary: str) -> list[Figures | None]:
        """Its figures for one functional unit; all None where one repeat that it finished has no such boundary."""
        found = [column.find_per_unit(total, boundary) for column in self.columns]
        return found if self.computed(total, boundary) == self.finished else [None] * len(found)


def compare_repeats(
    name: str, repeats: Sequence[Repeat], comparison: Mapping[str, Any] | None, shows: str | None = None
) -> RepeatedComparison:
    """Set the paradigms of this scenario beside the first of them, over all repeats, in whatever order they come.

    `comparison` is the scenario's; `shows` is one of `TOTALS`, else what the scenario says. Raises UsageError
    where there are not two paradigms, not two repeats, a seed twice, other paradigms or windows in a repeat.

    >>> def way(energy_j):
    ...     total = {"facility": {"energy_j": energy_j, "co2e_kg": energy_j}}
    ...     return {"duration_s": 60.0, "done_s": 60.0, "boundaries": total, "owned": total}
    >>> repeats = [Repeat(seed, {"day": way(8.0 + 2.0 * seed), "night": way(5.0 + seed)}) for seed in (1, 2, 3)]
    >>> line = compare_repeats("sleep", repeats, None).table[2]
    >>> line.paradigm, line.quantity, line.mean.value, line.pairs
    ('night', 'energy_j', 7.0, 3)
    >>> [round(value, 3) for value in line.difference], [round(value, 3) for value in line.lower]
    ([-5.0, -7.484, -2.516], [1.0, 0.439, 1.0])
    """
    check_total(shows)
    _check(name, repeats)
    asked = comparison or {}
    repeats = sorted(repeats, key=lambda repeat: repeat.seed)
    ways = _runs(repeats, asked.get("units", 1.0))
    total = shows or asked.get("shows", "reserved")
    verdicts = [verdict for quantity in QUANTITIES for verdict in _verdicts(ways, total, quantity)]
    windows_s = [column.window_s for column in ways[0].columns]
    return RepeatedComparison(
        name,
        total,
        asked.get("functional_unit"),
        [repeat.seed for repeat in repeats],
        windows_s,
        [way.name for way in ways],
        list(_table(ways, total)),
        [sentence for sentence, _ in verdicts],
        any(flips for _, flips in verdicts),
        [
            *_unfinished(ways),
            *_fairness(repeats),
            *_partly(ways, total),
            *_other_windows(windows_s),
            *_alike(repeats),
        ],
    )


def _plain(line: Line) -> dict[str, Any]:
    return {key: value._asdict() if isinstance(value, Estimate) else value for key, value in line._asdict().items()}


def _runs(repeats: Sequence[Repeat], units: float) -> list[_Runs]:
    records = [Record(str(repeat.seed), {"paradigms": repeat.paradigms}, {}) for repeat in repeats]
    return [_Runs(way, [Column(way, way, record, units) for record in records]) for way in repeats[0].paradigms]


def _check(name: str, repeats: Sequence[Repeat]) -> None:
    """Refuse what cannot be compared, all reasons at once."""
    faults = []
    if len(repeats) < 2:
        there = f"there {'is' if len(repeats) == 1 else 'are'} {show_count(len(repeats), 'repeat')}"
        faults.append((f"{there}, too few for an interval", "run it with two seeds or more"))
    twice = [seed for seed, count in Counter(str(repeat.seed) for repeat in repeats).items() if count > 1]
    if twice:
        faults.append(
            (f"seed {few(twice, _MOST_LISTED)} is there more than once", "give each repeat a seed of its own")
        )
    ways = {frozenset(repeat.paradigms): ", ".join(repeat.paradigms) or "no paradigm" for repeat in repeats}
    if len(ways) > 1:
        faults.append((f"the paradigms differ ({' of one, '.join(ways.values())} of another)", "run all of one file"))
    elif any(len(way) < 2 for way in ways):
        faults.append((f"there is nothing beside {next(iter(ways.values()))}", "give repeats of all paradigms"))
    windows = {repeat.seed: [float(way["duration_s"]) for way in repeat.paradigms.values()] for repeat in repeats}
    torn = [str(seed) for seed, spans_s in windows.items() if spans_s and not is_same(min(spans_s), max(spans_s))]
    if torn:
        faults.append(
            (f"the windows of its paradigms differ (seed {few(torn, _MOST_LISTED)})", "run all paradigms in one run")
        )
    refuse(f"compare repeats of {name}", faults)


def _pairs(own: _Runs, base: _Runs, quantity: str, total: str, boundary: str) -> Pairs:
    both = zip(own.figures(total, boundary), base.figures(total, boundary), strict=True)
    known = ((mine or {}, theirs or {}) for mine, theirs in both)
    return [(mine[quantity], theirs[quantity]) for mine, theirs in known if quantity in mine and quantity in theirs]


def _table(ways: Sequence[_Runs], total: str) -> Iterator[Line]:
    for boundary in BOUNDARIES:
        if any(column.find(total, boundary) for way in ways for column in way.columns):
            told = [quantity for quantity in QUANTITIES if _is_told(ways, quantity, total, boundary)]
            yield from (_line(way, ways[0], quantity, total, boundary) for way in ways for quantity in told)


def _is_told(ways: Sequence[_Runs], quantity: str, total: str, boundary: str) -> bool:
    """Whether a boundary says a quantity: making draws no electricity."""
    return any(quantity in (column.find(total, boundary) or {}) for way in ways for column in way.columns)


def _line(way: _Runs, first: _Runs, quantity: str, total: str, boundary: str) -> Line:
    values = [figures[quantity] for figures in way.figures(total, boundary) if figures and quantity in figures]
    found = None if way is first else beside(_pairs(way, first, quantity, total, boundary))
    mean, spread = (mean_of(values), spread_of(values)) if values else (None, None)
    return Line(boundary, way.name, quantity, way.finished, mean, spread, *(found or (0, None, None, None)))


def _verdicts(ways: Sequence[_Runs], total: str, quantity: str) -> Iterator[tuple[str, bool]]:
    """Each beside the first at the widest boundary that all have; two others only where their order flips."""
    name, left = QUANTITIES[quantity], [way.name for way in ways if not way.finished]
    ways = [way for way in ways if way.finished]
    if len(ways) < 2:
        yield f"{name}: none is lower, for {' and '.join(left)} finished in no repeat", False
        return
    common = [b for b in BOUNDARIES if all(any(quantity in (f or {}) for f in way.figures(total, b)) for way in ways)]
    if not common:
        yield f"{name}: no boundary is computed for all of them, so none is lower", False
        return
    for one, other in combinations(ways, 2):
        sentence, flips = _verdict(one, other, quantity, total, common[-1])
        if one is ways[0] or flips:
            yield f"{name} at {common[-1]} ({total}): {sentence}", flips


def _verdict(one: _Runs, other: _Runs, quantity: str, total: str, boundary: str) -> tuple[str, bool]:
    """Which of two is lower, by how much, how surely, and what puts them the other way round."""
    order = partial(_order, one, other, quantity)
    if not _pairs(one, other, quantity, total, boundary):
        return f"nothing is said of {other.name} beside {one.name}, for no repeat has both finished", False
    lower, higher = (one, other) if order(total, boundary) < 0 else (other, one)
    pairs = _pairs(lower, higher, quantity, total, boundary)
    if order(total, boundary) == 0:
        equal = show(average([mine for mine, _ in pairs]), quantity)
        return f"{one.name} and {other.name} are equal, {equal} on the mean of {show_count(len(pairs), 'pair')}", False
    more = mean_of([theirs - mine for mine, theirs in pairs])
    said = f"{lower.name} is lower than {higher.name} by {show(more.value, quantity)}"
    if more.low is not None and more.high is not None:
        said += f" (95 %: {show(more.low, quantity)} to {show(more.high, quantity)})"
    chance = lower_of(pairs)
    said += f", P({lower.name} < {higher.name}) = {chance.value:.3g} ({chance.low:.2g} to {chance.high:.2g})"
    said += f" of {show_count(len(pairs), 'pair')}"
    if more.low is None:
        said += "; one pair has no interval: these repeats do not tell them apart"
    elif not more.excludes(0.0):
        said += "; the interval holds 0: these repeats do not tell them apart"
    places = turned(order, total, boundary)
    if not places:
        return f"{said}; no boundary and no total turns the order of the means round", False
    return (
        f"{said}; the order FLIPS: {higher.name} is lower {told(places)}, {_sure(one, other, quantity, places)}",
        True,
    )


def _order(one: _Runs, other: _Runs, quantity: str, total: str, boundary: str) -> int:
    """-1 where the first is lower on the mean of their pairs, 1 where the other is, 0 where neither is."""
    pairs = _pairs(one, other, quantity, total, boundary)
    if not pairs:
        return 0
    mine, theirs = (average(values) for values in zip(*pairs, strict=True))
    return 0 if is_same(mine, theirs) else -1 if mine < theirs else 1


def _sure(one: _Runs, other: _Runs, quantity: str, places: Mapping[str, Sequence[str]]) -> str:
    """Where of these the order is not one that luck could have made."""
    sure: dict[str, list[str]] = {}
    for total, boundaries in places.items():
        for boundary in boundaries:
            pairs = _pairs(one, other, quantity, total, boundary)
            if mean_of([mine - theirs for mine, theirs in pairs]).excludes(0.0):
                sure.setdefault(total, []).append(boundary)
    if sure == places:
        return "for certain: no interval there holds 0"
    return f"for certain {told(sure)}; elsewhere the interval holds 0" if sure else "nowhere for certain"


def _unfinished(ways: Sequence[_Runs]) -> Iterator[str]:
    """Whose figures are of some repeats only."""
    for way in ways:
        left = [column.record.name for column in way.columns if not column.finished]
        if left:
            of = f"{len(left)} of {len(way.columns)} repeats (seed {few(left, _MOST_LISTED)})"
            yield f"{way.name} did not finish in {of}: its figures and its pairs are of the others"


def _fairness(repeats: Sequence[Repeat]) -> Iterator[str]:
    """On what unequal terms they learn in any of the repeats, each searched anew."""
    found = (unfair({name: way.get("learning", {}) for name, way in one.paradigms.items()}) for one in repeats)
    yield from dict.fromkeys(sentence for sentences in found for sentence in sentences)


def _partly(ways: Sequence[_Runs], total: str) -> Iterator[str]:
    """Which boundaries are compared in no repeat because some of them lack it."""
    for way in ways:
        for boundary in BOUNDARIES:
            if 0 < way.computed(total, boundary) < way.finished:
                of = f"{way.computed(total, boundary)} of {show_count(way.finished, 'repeat')}"
                yield f"{way.name}, {boundary}: computed in {of} only, so that it is compared in none"


def _other_windows(windows_s: Sequence[float]) -> Iterator[str]:
    least_s, most_s = min(windows_s), max(windows_s)
    if not is_same(least_s, most_s):
        spans = f"{show(least_s, 'time_s')} to {show(most_s, 'time_s')}"
        yield f"the windows differ among repeats, {spans}, for no horizon ends them; each figure is of its own"


def _alike(repeats: Sequence[Repeat]) -> Iterator[str]:
    """Whether the seed changes nothing at all."""
    keys = ("duration_s", "done_s", *TOTAL_KEYS.values())
    came_to = [{name: [way[key] for key in keys] for name, way in repeat.paradigms.items()} for repeat in repeats]
    if all(one == came_to[0] for one in came_to):
        yield "nothing in it is drawn by seed: the repeats are one and the same, and intervals of means have no width"
