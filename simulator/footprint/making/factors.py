"""Named sets of factors for the making of things and for electricity, asked one after the other.

    a factor = the first set of the chain that has a value for the thing, and in it the first name of the thing

Behind what was asked for stand `base`, which knows every kind of thing that a world has, and, for
electricity, `codecarbon` (the table grids), then `ecologits` for water and metals. What nothing in
the chain knows is None: it is unknown, not 0.

Transport and end of life belong to the row whose manufacture is taken, so that nothing counts twice:

    its own cells            where it has them
    0 beside manufacture     where that has them in it, not told apart (`covers: life_cycle`):
                             phases add up to what was published, and to no more
    manufacture x share      where it follows a thing to the factory's gate alone (`covers: manufacture`);
                             the shares are base:share.transport and base:share.end-of-life
    unknown                  where it does not say what it covers

A marginal intensity that nobody gives is average x marginal_ratio. Both products go by the name of the cell that
is empty, and are as uncertain as the extremes of their two ranges; what they rest on is in `ratios`.

A set is a choice: one card differs 39 times between them (a bare die, a card to its grave). Limit: the ratio is
one for all countries, of the operating margin (CO2 alone) over the average (all gases, life cycle).
Source: the tables embodied and grid-factor.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from simulator.catalogue import Row, rows
from simulator.errors import UsageError
from simulator.footprint.making.factor_files import (
    LIFE_CYCLE,
    MANUFACTURE,
    WORLD,
    FactorRows,
    is_file,
    plain,
    read_factors,
)

BASE, CODECARBON = "base", "codecarbon"
COUNTRIES = "ecologits"
"""The set that knows water and metals of electricity by country."""
AVERAGE, MARGINAL, RATIO = "average_gco2e_per_kwh", "marginal_gco2e_per_kwh", "marginal_ratio"
MAKING, SHARE = "manufacture_kgco2e", "of_manufacture_share"
AFTERWARDS = {"transport_kgco2e": "share.transport", "end_of_life_kgco2e": "share.end-of-life"}
"""The columns of what happens after the gate, and the rows of base that stand in for them."""
KINDS = {"embodied": "target", "grid-factor": "zone"}
"""The kinds of factor sets, and the column that says what a row is about."""
OF_GRIDS = {AVERAGE: "intensity_gco2e_per_kwh"}
"""What the table grids calls a column."""


class Factor(NamedTuple):
    """A value with its range, and where it comes from: `kind/row/column` of the catalogue or of a file."""

    name: str
    value: float
    low: float | None
    high: float | None
    source: str
    confidence: str


class FactorSets:
    """Chains of factor sets, which remember what they had to take from another set than the first one.

    >>> sets = build_sets([], ["bloom"])
    >>> sets.embodied(["a100-sxm4-80gb", "class.dc_gpu"], "manufacture_kgco2e").value
    150.0
    >>> sets.embodied(["pixel-6", "class.phone"], "manufacture_kgco2e").name
    'embodied/base:pixel-6/manufacture_kgco2e'
    >>> sets.fallbacks
    ('embodied/base:pixel-6/manufacture_kgco2e',)
    """

    def __init__(self, grid: Sequence[FactorRows], embodied: Sequence[FactorRows]) -> None:
        self._grid, self._embodied = tuple(grid), tuple(embodied)
        self._fallbacks: dict[str, None] = {}
        self._ratios: dict[str, None] = {}

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The names of factors that came from another set than the first one, in the order of their first use."""
        return tuple(self._fallbacks)

    @property
    def ratios(self) -> tuple[str, ...]:
        """The names of shares and ratios that products rested on, in the order of their first use."""
        return tuple(self._ratios)

    def grid(self, zone: str, column: str) -> Factor | None:
        """What a zone's electricity has in a column of the table grid-factor; None where nobody knows it.

        >>> build_sets([], []).grid("FR", "average_gco2e_per_kwh").value
        56.039
        """
        found = self.said(zone, column)
        if found is not None or column != MARGINAL:
            return found
        average, ratio = self.grid(zone, AVERAGE), self.grid(zone, RATIO)
        return None if average is None or ratio is None else self._product(average, ratio, MARGINAL)

    def said(self, zone: str, column: str) -> Factor | None:
        """The same where a set has a value of its own for it, none that is derived.

        >>> build_sets([], []).said("FR", "marginal_gco2e_per_kwh") is None
        True
        """
        return self._first(self._grid, (plain(zone), WORLD), column)

    def embodied(self, candidates: Sequence[str], column: str) -> Factor | None:
        """What a thing has in a column of the table embodied, by its names, the closest first; None: nobody knows.

        >>> build_sets([], []).embodied(["class.phone"], "transport_kgco2e").value  # in its 84 kg already
        0.0
        """
        names = tuple(map(plain, candidates))
        return self._after(names, column) if column in AFTERWARDS else self._first(self._embodied, names, column)

    def _first(self, chain: Sequence[FactorRows], names: Sequence[str], column: str) -> Factor | None:
        """The first value of a column along a chain."""
        cells = ((place, _cell(row, column)) for place, row in _rows(chain, names))
        return next((self._noted(place, cell) for place, cell in cells if cell is not None), None)

    def _after(self, names: Sequence[str], column: str) -> Factor | None:
        """Transport or end of life: a row's own, or what follows for the row whose manufacture is taken."""
        for place, row in _rows(self._embodied, names):
            own, making = _cell(row, column), _cell(row, MAKING)
            if own is not None:
                return self._noted(place, own)
            if making is not None:
                return self._follows(row, self._noted(place, making), column)
        return None

    def _follows(self, row: Row, making: Factor, column: str) -> Factor | None:
        """What is known of transport or end of life by what the manufacture of its row covers."""
        if row.text("covers") == LIFE_CYCLE:
            told = f"in {MAKING} already, which goes to the grave: {making.source}"
            return Factor(f"{row.kind}/{row.id}/{column}", 0.0, 0.0, 0.0, told, "derived")
        if row.text("covers") != MANUFACTURE:
            return None
        share = self._first(self._embodied, (AFTERWARDS[column],), SHARE)
        return None if share is None else self._product(making, share, column)

    def _product(self, of: Factor, ratio: Factor, column: str) -> Factor:
        """The value of an empty cell that is another one's times a share or a ratio."""
        self._ratios[ratio.name] = None
        ranged = of.low is not None or ratio.low is not None  # without any, its confidence tells how sure it is
        low, high = (a * b for a, b in zip(_ends(of), _ends(ratio), strict=True)) if ranged else (None, None)
        source = f"{ratio.value:g} x {of.value:g} ({of.name}): {ratio.source}"
        name = f"{of.name.rpartition('/')[0]}/{column}"
        return Factor(name, of.value * ratio.value, low, high, source, ratio.confidence)

    def _noted(self, place: int, factor: Factor) -> Factor:
        """The factor, remembered if it is not of the chain's first set."""
        if place:
            self._fallbacks[factor.name] = None
        return factor


def build_sets(grid: Sequence[str], embodied: Sequence[str]) -> FactorSets:
    """The chains of these sets, each a name or the path of a CSV; raises UsageError where there is no such set.

    What is wrong with a file is a ScenarioError, all of it at once.
    """
    behind = (*grid, *(name for name in (CODECARBON, COUNTRIES, BASE) if name not in grid))
    made = (*embodied, *(name for name in (BASE,) if name not in embodied))
    return FactorSets([_rows_of("grid-factor", n) for n in behind], [_rows_of("embodied", n) for n in made])


def set_names(kind: str) -> tuple[str, ...]:
    """The sets of a kind that come with the simulator, sorted.

    >>> set_names("embodied")
    ('act', 'ademe', 'base', 'bloom', 'boavizta', 'ecologits', 'llmcarbon', 'vendor')
    """
    named = {row.text("set") for row in rows(kind).values()}
    return tuple(sorted(named | {CODECARBON} if kind == "grid-factor" else named))


def _rows_of(kind: str, name: str) -> FactorRows:
    """A set of the catalogue by its name, or a file's."""
    if is_file(name):
        return read_factors(name, kind, KINDS[kind], set_names(kind))
    if name not in set_names(kind):
        there = ", ".join(f"`{known}`" for known in set_names(kind))
        raise UsageError(f"factor set {name!r}", f"there is no such {kind} set", f"there are {there}, or give a .csv")
    return _catalogued(kind, name)


@cache
def _catalogued(kind: str, name: str) -> FactorRows:
    if name == CODECARBON:
        return FactorRows(name, rows("grid"))
    own = (row for row in rows(kind).values() if row.text("set") == name)
    return FactorRows(name, {plain(row.text(KINDS[kind])): row for row in own})


def _rows(chain: Sequence[FactorRows], names: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """The rows along a chain that are about one of these names, each with the place of its set."""
    for place, each in enumerate(chain):
        yield from ((place, each.rows[name]) for name in names if name in each.rows)


def _cell(row: Row, column: str) -> Factor | None:
    """A row's own value of a column of the table grid-factor or embodied."""
    own = OF_GRIDS.get(column, "") if row.kind == "grid" else column
    return find_cell(row, own) if own else None


def find_cell(row: Row, column: str) -> Factor | None:
    """A cell of the catalogue with its range and its source; None where it is empty."""
    value = row.find_number(column)
    if value is None:
        return None
    low, high = row.find_range(column) or (None, None)
    source = row.source(column)
    return Factor(f"{row.kind}/{row.id}/{column}", value, low, high, source.source, source.confidence)


def _ends(factor: Factor) -> Iterator[float]:
    yield factor.value if factor.low is None else factor.low
    yield factor.value if factor.high is None else factor.high
