"""The tables of an atlas: those of the catalogue, or those of a user's folder in their place.

A folder holds any of these files, each in the catalogue's wide format; facilities, which the
catalogue does not have, in that of `FACILITIES`. A table of the folder replaces the catalogue's,
the others stay. Where its landings are other ones, overland links of the catalogue that end at a
landing which is gone go too, and each landing of the folder that no overland link reaches has a
backhaul to its `metro`: the great circle times the assumed row `overland-length`.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.catalogue import Row, header, rows, suggest
from simulator.errors import AtlasError, Problem, UnknownNameError, UsageError
from simulator.network.files import csv_in, one_line, read_bytes, text_in

if TYPE_CHECKING:
    import networkx as nx

ATLAS_TABLES = {
    "cable": "cables.csv",
    "segment": "cable_segments.csv",
    "landing": "landing_points.csv",
    "overland": "overland.csv",
    "ixp": "ixps.csv",
    "facility": "facilities.csv",
    "round-trip": "round_trips.csv",
}
"""The file of each kind of thing that an atlas may hold."""

SUBMARINE, OVERLAND, BACKHAUL, SATELLITE = "submarine", "overland", "backhaul", "satellite"
"""The kinds of links."""
LENGTH = "overland-length"
"""The assumed row by which an overland link without a length is longer than the great circle."""

WHOLE = "whole"
"""What of a graph holds the one that it was cut out of; one of which nothing is cut has none."""
FACILITY = "facility"
FACILITIES = ("id", "name", "aliases", "city", "country", "lat_deg", "lon_deg", "source", "year", "confidence")
"""Columns of the buildings in which networks meet."""

ISTHMUS_LAT_DEG = 30.5
"""Between the Mediterranean and the Red Sea, in Egypt."""

MOST_ATLASES = 16
"""How many atlases of users are kept for those who ask again."""

Cells = dict[str, str]
"""A row as its file has it."""
Lines = list[tuple[int, Cells]]
"""The rows of a file, each with its line."""


class AtlasTables:
    """The rows of an atlas by kind: its folder's, else the catalogue's."""

    __slots__ = ("_own", "folder", "sha256")

    def __init__(self, folder: str, own: Mapping[str, dict[str, Row]], sha256: Mapping[str, str]) -> None:
        self.folder, self.sha256 = folder, dict(sha256)
        self._own = {**own}
        if "landing" in own and "overland" not in own:
            self._own["overland"] = _with_backhauls(own["landing"])

    def rows(self, kind: str) -> dict[str, Row]:
        """All rows of a kind by id."""
        if kind in self._own:
            return self._own[kind]
        return {} if kind == FACILITY else rows(kind)

    def files(self, folder: str) -> dict[str, str]:
        """The SHA-256 of each file, below the folder as a scenario calls it."""
        return {f"{folder}/{name}": digest for name, digest in self.sha256.items()}

    def find(self, kind: str, name: str) -> Row:
        """The row of that id; raises UnknownNameError with the nearest right names."""
        row = self.rows(kind).get(name.lower())
        if row is None:
            raise UnknownNameError(kind, name, self.suggest(name, kind))
        return row

    def suggest(self, name: str, *kinds: str) -> str:
        """What somebody who wrote `name` may have meant, by the first of these kinds in which something is like it."""
        hints = [suggest(name, kind, self.rows(kind)) for kind in kinds]
        return next((hint for hint in hints if hint.startswith("did you mean")), hints[0])


CATALOGUE = AtlasTables("", {}, {})
"""The atlas that comes with the simulator."""


@lru_cache(maxsize=MOST_ATLASES)
def segments_of(tables: AtlasTables) -> dict[tuple[str, frozenset[str]], Row]:
    """The segments by their cable and their ends, whatever their ids."""
    found = tables.rows("segment").values()
    return {(row.text("cable"), frozenset((row.text("a"), row.text("b")))): row for row in found}


def tables_of(atlas: "nx.Graph") -> AtlasTables:
    """The tables that a graph was built from; those of the catalogue for one that was made by hand."""
    found: AtlasTables = atlas.graph.get("tables", CATALOGUE)
    return found


def on_red_sea(country: str, point: tuple[float, float]) -> bool:
    """Whether a landing of Egypt is on that side of the isthmus: what leads from there to its metro crosses Egypt."""
    return country == "eg" and point[0] < ISTHMUS_LAT_DEG


def _with_backhauls(landings: Mapping[str, Row]) -> dict[str, Row]:
    """The catalogue's overland links between places that are there, and a backhaul for each landing without one."""
    places = rows("city").keys() | landings.keys()
    kept = {row.id: row for row in rows("overland").values() if {row.text("a"), row.text("b")} <= places}
    reached = {row.text(end) for row in kept.values() for end in "ab"}
    source = {"source": "its landing's metro; length: great circle x the row overland-length", "confidence": "assumed"}
    for landing in landings.values():
        if landing.text("metro") and landing.id not in reached:
            a, b = landing.id, landing.text("metro")
            cells = dict.fromkeys(header("overland"), "") | {"id": f"{a}:{b}", "a": a, "b": b} | source
            cells |= {"name": f"{landing.name} - {rows('city')[b].name}", "route_class": "backhaul"}
            lat_deg, lon_deg = (landing.number(column, "correct the row") for column in ("lat_deg", "lon_deg"))
            cells["choke_points"] = "egypt" if on_red_sea(landing.text("country"), (lat_deg, lon_deg)) else ""
            kept[cells["id"]] = Row("overland", cells | {"year": landing.text("year")}, {})
    return kept


def columns_of(kind: str) -> tuple[str, ...]:
    """The columns of a table, in their order.

    >>> columns_of("landing")[:6]
    ('id', 'name', 'aliases', 'kind', 'country', 'metro')
    """
    return FACILITIES if kind == FACILITY else header(kind)


def read_tables(folder: Path) -> AtlasTables:
    """The atlas of a folder: the same object as long as its files hold the same.

    Raises UsageError where there is no such folder, AtlasError with all that is wrong with its tables.
    """
    if not folder.is_dir():
        state = "is no folder" if folder.exists() else "there is no such folder"
        raise UsageError(str(folder), state, "give the folder of an atlas, as `aiceberg import` writes it")
    names = {name: kind for kind, name in ATLAS_TABLES.items()}
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    known = f"an atlas has {', '.join(names)}"
    strange = tuple(Problem(str(path), "", f"is no table; {known}") for path in files if path.name not in names)
    if not files:
        strange = (Problem(str(folder), "", f"holds no table; {known}"),)
    if strange:
        raise AtlasError(str(folder), strange)
    return _tables(str(folder), tuple((names[path.name], read_bytes(path)) for path in files))


@lru_cache(maxsize=MOST_ATLASES)
def _tables(folder: str, contents: tuple[tuple[str, bytes], ...]) -> AtlasTables:
    from simulator.network.tables_check import problems_of

    read: dict[str, Lines] = {}
    problems: list[Problem] = []
    for kind, content in contents:
        path = Path(folder) / ATLAS_TABLES[kind]
        try:
            read[kind] = list(_lines(kind, content, path, problems))
        except UsageError as error:
            problems.append(Problem(error.asked, "", f"{error.state}; {error.remedy}"))
    problems += problems_of(folder, read)
    if problems:
        raise AtlasError(folder, tuple(problems))
    own = {kind: {cells["id"]: Row(kind, cells, {}) for _, cells in lines} for kind, lines in read.items()}
    sha256 = {ATLAS_TABLES[kind]: hashlib.sha256(content).hexdigest() for kind, content in contents}
    return AtlasTables(folder, own, sha256)


def _lines(kind: str, content: bytes, path: Path, problems: list[Problem]) -> Iterator[tuple[int, Cells]]:
    """The rows of a file with as many cells as it has columns; the others are problems, and so are columns."""
    table = csv_in(text_in(content, path), path)
    if not table:
        raise UsageError(str(path), "is empty", f"its first line is `{','.join(columns_of(kind))}`")
    columns, known = table[0][1], columns_of(kind)
    needed = [column for column in known if ":" not in column]
    missing = [f"`{column}`" for column in needed if column not in columns]
    strange = [f"`{one_line(column)}`" for column in columns if column not in known or columns.count(column) > 1]
    if missing or strange:
        what = [f"lacks the column {', '.join(missing)}"] if missing else []
        what += [f"has the column {', '.join(dict.fromkeys(strange))}, which it should not have"] if strange else []
        raise UsageError(f"{path}:1", " and ".join(what), f"the columns are {','.join(needed)}")
    if len(table) == 1:
        problems.append(Problem(f"{path}:1", "", "has no row below it; add one, or delete the file"))
    for line, cells in table[1:]:
        if len(cells) == len(columns):
            yield line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
        else:
            sentence = f"has {len(cells)} cells, and the first line {len(columns)} columns"
            problems.append(Problem(f"{path}:{line}", "", sentence))
