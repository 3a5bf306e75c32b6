"""All that is wrong with the tables of an atlas folder, at once: their cells, and the names of others in them."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from simulator.catalogue import Row, rows
from simulator.errors import Problem
from simulator.network.atlas import great_circle_km
from simulator.network.files import one_line
from simulator.network.tables import ATLAS_TABLES, Cells, Lines
from simulator.vocabulary import CONFIDENCES

ID = re.compile(r"[a-z0-9.:-]+")
YEAR = re.compile(r"(19|20)\d\d")
NUMBER = re.compile(r".+_(km|tbps|count|deg|ms)")
"""What ends the names of columns that hold numbers."""
VALUE = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
CELL = re.compile(rf"({VALUE})(?:\s*\[({VALUE}),\s*({VALUE})\])?")
ROUNDING_KM = 2.0
"""By how much a length may be below the great circle: coordinates of the catalogue are rounded to 0.01 degree."""
MOST_DEG = {"lat_deg": 90.0, "lon_deg": 180.0}

NEEDED = {
    "cable": ("status", "route_class"),
    "segment": ("cable", "a", "b", "kind", "status", "length_km"),
    "landing": ("kind", "lat_deg", "lon_deg"),
    "overland": ("a", "b", "route_class"),
    "ixp": ("city", "country"),
    "facility": ("city", "country"),
    "round-trip": ("a", "b", "rtt_ms"),
}
"""The cells that no row may leave empty, beside name, source, year and confidence."""

WORDS = {
    ("cable", "status"): ("in service", "planned", "retired"),
    ("segment", "status"): ("in service", "planned", "retired"),
    ("segment", "kind"): ("submarine", "overland"),
    ("landing", "kind"): ("landing", "branching unit"),
}
"""The words of a column."""

NAMES = {
    ("segment", "cable"): ("cable",),
    ("segment", "a"): ("city", "landing"),
    ("segment", "b"): ("city", "landing"),
    ("segment", "route_class"): ("route-class",),
    ("cable", "route_class"): ("route-class",),
    ("landing", "metro"): ("city",),
    ("overland", "a"): ("city", "landing"),
    ("overland", "b"): ("city", "landing"),
    ("overland", "route_class"): ("route-class",),
    ("ixp", "city"): ("city",),
    ("facility", "city"): ("city",),
    ("round-trip", "a"): ("city",),
    ("round-trip", "b"): ("city",),
}
"""The columns that name a row of another table, and of which kinds it may be."""

NAMED = ("city", "landing", "cable", "route-class")
"""The kinds that columns name."""

Ids = Callable[[str], Mapping[str, Row | Cells]]
"""The rows of a kind by id, as the atlas has them."""


def problems_of(folder: str, read: Mapping[str, Lines]) -> Iterator[Problem]:
    """Everything wrong with the rows of a folder, by file and line."""
    own = {kind: {row["id"]: row for _, row in lines} for kind, lines in read.items()}
    known: dict[str, Mapping[str, Row | Cells]] = {kind: {**(own.get(kind) or rows(kind))} for kind in NAMED}
    ids = known.__getitem__

    for kind, lines in read.items():
        path = str(Path(folder) / ATLAS_TABLES[kind])
        first: dict[str, int] = {}
        for line, row in lines:
            where, name = f"{path}:{line}", one_line(row["id"])
            if first.setdefault(row["id"], line) != line:
                yield Problem(where, name, f"stands in line {first[row['id']]} already")
            for column, sentence in _cell_problems(kind, row, ids):
                yield Problem(where, f"{name}, {column}" if column else name, sentence)
            for sentence in (*_row_problems(kind, row, ids), *_length_problems(kind, row, ids)):
                yield Problem(where, name, sentence)
    yield from _left_behind(folder, read, ids)


def _cell_problems(kind: str, row: Cells, ids: Ids) -> Iterator[tuple[str, str]]:
    """What is wrong with single cells."""
    if not ID.fullmatch(row["id"]):
        yield "id", f"{row['id']!r} is no id: small letters, digits, `.`, `:` and `-`"
    for column in ("name", "source", *NEEDED[kind]):
        if not row[column]:
            yield column, "is empty"
    if not YEAR.fullmatch(row["year"]):
        yield "year", f"{row['year']!r} is no year"
    if row["confidence"] not in CONFIDENCES:
        yield "confidence", f"{row['confidence']!r} is none of {', '.join(CONFIDENCES)}"
    for column, text in row.items():
        if text and NUMBER.fullmatch(column) and ":" not in column:
            sentence = _find_bad_number(column, text)
            if sentence is not None:
                yield column, sentence
        if text and (kind, column) in WORDS and text not in WORDS[kind, column]:
            yield column, f"{text!r} is none of {', '.join(WORDS[kind, column])}"
        if text and (kind, column) in NAMES and not any(text in ids(other) for other in NAMES[kind, column]):
            yield column, f"there is no {' or '.join(NAMES[kind, column])} {text!r}"


def _find_bad_number(column: str, text: str) -> str | None:
    match = CELL.fullmatch(text)
    if match is None:
        return f"{text!r} is no number such as `72` or `72 [60, 90]`"
    values = [float(value) for value in match.groups() if value is not None]
    if max(map(abs, values)) > MOST_DEG.get(column, 1e9):
        return f"{text} is too large"
    if column not in MOST_DEG and min(values) <= 0:
        return f"{text} is not above 0; unknown is an empty cell"
    if len(values) == 3 and not values[1] <= values[0] <= values[2]:
        return f"{text} is not within its range"
    return None


def _row_problems(kind: str, row: Cells, ids: Ids) -> Iterator[str]:
    """What does not go together in a row."""
    if kind == "cable" and row["status"] != "planned":
        years = ("rfs_year", "status_year") if row["status"] == "retired" else ("rfs_year",)
        wrong = [column for column in years if not YEAR.fullmatch(row[column])]
        yield from (f"{column} {row[column]!r} is no year, and it is {one_line(row['status'])}" for column in wrong)
        decade = f"submarine-capacity:{row['rfs_year'][:3]}0s"
        if not wrong and not row["capacity_tbps"] and decade not in rows("network-assumption"):
            yield f"has no capacity_tbps, and nothing is assumed for cables of {row['rfs_year']}; give it"
    if kind == "overland" and row["route_class"] in rows("route-class"):
        assumed = f"overland-capacity:{row['route_class']}"
        if assumed not in rows("network-assumption"):
            yield f"{row['route_class']} is no class of an overland link"
    if kind == "landing" and row["id"] in ids("city"):
        yield "is a city too; give it another id"


def _length_problems(kind: str, row: Cells, ids: Ids) -> Iterator[str]:
    """Ends that are one place, a choke point that is none, and a length that the globe does not allow."""
    if kind not in ("segment", "overland"):
        return
    for point in filter(None, row.get("choke_points", "").split(";")):
        if point not in rows("choke-point"):
            yield f"{point!r} is no choke point; there is {', '.join(rows('choke-point'))}"
    if row["a"] == row["b"]:
        yield "joins a place to itself"
    if row["a"] == row["b"] or not row["length_km"]:
        return
    points = [_find_point(row[end], ids) for end in "ab"]
    a, b = points
    match = CELL.fullmatch(row["length_km"])
    if a is not None and b is not None and match is not None:
        direct_km = great_circle_km(a, b)
        if float(match[1]) < direct_km - ROUNDING_KM:
            yield f"its {match[1]} km are less than the great circle between its ends, {direct_km:.0f} km"


def _find_point(place: str, ids: Ids) -> tuple[float, float] | None:
    row = ids("landing").get(place) or rows("city").get(place)
    if row is None:
        return None
    matches = [CELL.fullmatch(row.text(c) if isinstance(row, Row) else row[c]) for c in MOST_DEG]
    lat, lon = (None if match is None else float(match[1]) for match in matches)
    return None if lat is None or lon is None else (lat, lon)


def _left_behind(folder: str, read: Mapping[str, Lines], ids: Ids) -> Iterator[Problem]:
    """Tables of the catalogue that stay and name what the folder's tables, in the place of others, do not have."""
    if "segment" in read:
        return
    for kind, columns in {"cable": ("cable",), "landing": ("a", "b")}.items():
        if kind in read:
            known = ids(kind).keys() | (rows("city").keys() if kind == "landing" else set())
            lost = sorted({row.text(c) for row in rows("segment").values() for c in columns} - known)
            if lost:
                lacking = f"lacks {len(lost)} of those that the catalogue's segments name ({', '.join(lost[:3])}, ...)"
                path = str(Path(folder) / ATLAS_TABLES[kind])
                yield Problem(path, "", f"{lacking}; give {ATLAS_TABLES['segment']} too")
