"""Factor sets that people bring: CSV files with the columns of the catalogue's tables, all their mistakes at once.

A file is one set. Its columns are those of the table (embodied or grid-factor), in any order; what a
row is about (`target` or `zone`), `source`, `year` and `confidence` are needed, and one column of values.
`id`, `name`, `aliases` and `set` may be left out: the set is called as its file, the row as its set and what
it is about. A cell is `72` or `72 [60, 90]`, an empty one is unknown; 0 is a value, where whoever
writes it means none. A row about making should say in `covers` whether transport and end of life are in it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from simulator.catalogue import Row, header
from simulator.errors import Problem, ScenarioError
from simulator.network.files import csv_in, one_line, read_bytes, text_in
from simulator.vocabulary import CONFIDENCES

MANUFACTURE, LIFE_CYCLE = "manufacture", "life_cycle"
WORLD, ANY = "world", "*"
"""The zone of what holds for all that a set has no row of."""
COVERS = (MANUFACTURE, LIFE_CYCLE)
"""What the manufacture of a row covers: what happens up to the gate, or all but use."""
PER = {"kind.building": "kw", "kind.site": "gb"}
PER |= dict.fromkeys(("kind.submarine", "kind.overland", "kind.backhaul", "kind.satellite"), "km")
PER |= dict.fromkeys(("access.mobile", "access.fixed"), "gb")
"""What one of a target is, where it is no piece."""
PIECE = "piece"
NEEDED = ("source", "year", "confidence")
WORDS = ("id", "name", "aliases", "set", "target", "zone", "scope", "per", "covers", "statement", *NEEDED)
"""The columns that hold words; all others hold numbers."""
ABOVE_0 = ("lifetime_y", "duty_share", "marginal_ratio")
"""The columns of what is divided by, or is no amount."""

NAME = re.compile(r"[a-z0-9.-]+")
YEAR = re.compile(r"(19|20)\d\d")
NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
CELL = re.compile(rf"({NUMBER})(?:\s*\[({NUMBER}),\s*({NUMBER})\])?")

Cells = dict[str, str]


class FactorRows(NamedTuple):
    """A set: its name, and its rows by what they are about."""

    name: str
    rows: Mapping[str, Row]


def is_file(name: str) -> bool:
    """Whether a set is meant as a path.

    >>> is_file("mine/phones.csv"), is_file("boavizta")
    (True, False)
    """
    return name.lower().endswith(".csv")


def plain(name: str) -> str:
    """A target or zone as tables spell it, in small letters and with hyphens.

    >>> plain("class.dc_gpu"), plain("FR"), plain("*")
    ('class.dc-gpu', 'fr', 'world')
    """
    return WORLD if name.strip() == ANY else name.strip().lower().replace("_", "-")


def per_of(target: str) -> str:
    """What one of a target is: a piece, a kilowatt, a kilometre or a gigabyte.

    >>> per_of("kind.submarine"), per_of("h100-sxm5-80gb")
    ('km', 'piece')
    """
    return PER.get(target, PIECE)


def read_factors(file: str, kind: str, about: str, taken: Collection[str]) -> FactorRows:
    """The set of a file; raises ScenarioError with all that is wrong with it, UsageError if it cannot be read.

    `about` is the column that says what a row is about; `taken` are names that the set may not have.
    """
    path = Path(file)
    lines = csv_in(text_in(read_bytes(path), path), path)
    if len(lines) < 2:
        where = Problem(f"{path}:1", "", "has no row of values; give a header and a row for each thing")
        raise ScenarioError(str(path), (where,))
    (top, head), *rest = lines
    columns = [cell.strip() for cell in head]
    problems = list(_header_problems(f"{path}:{top}", columns, kind, about))
    if problems:
        raise ScenarioError(str(path), tuple(problems))
    set_ = plain(path.stem)
    read = [(line, _cells(columns, cells, kind, about, set_), len(cells)) for line, cells in rest]
    problems = [Problem(f"{path}:{line}", *fault) for line, row, n in read for fault in _faults(row, n, columns, about)]
    problems += _set_problems(path, [(line, row) for line, row, _ in read], about, taken)
    if problems:
        raise ScenarioError(str(path), tuple(sorted(problems, key=_line_of)))
    return FactorRows(read[0][1]["set"], {row[about]: Row(kind, row, {}) for _, row, _ in read})


def _line_of(problem: Problem) -> int:
    return int(problem.where.rpartition(":")[2])


def _header_problems(where: str, columns: list[str], kind: str, about: str) -> Iterator[Problem]:
    """Columns that are missing, unknown or there twice, and a table without any values."""
    known = _known(kind)
    for column in dict.fromkeys(columns):
        if columns.count(column) > 1:
            yield Problem(where, column, "this column is there twice; keep one of them")
        if column not in known:
            near = get_close_matches(column, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"columns are {', '.join(known[:12])} ..."
            yield Problem(where, one_line(column), f"there is no such column of a table {kind}; {hint}")
    for column in (about, *NEEDED):
        if column not in columns:
            yield Problem(where, column, "this column is missing; add it")
    if not any(column in known and column not in WORDS and ":" not in column for column in columns):
        values = [column for column in known if column not in WORDS and ":" not in column]
        yield Problem(where, "", f"there is no column of values; add one of {', '.join(values)}")


def _known(kind: str) -> tuple[str, ...]:
    """The columns that a file of a kind may have: the table's, and the source, year and confidence of each value."""
    plain_ = [column for column in header(kind) if ":" not in column]
    own = [f"{part}:{column}" for column in plain_ if column not in WORDS for part in NEEDED]
    return (*plain_, *own)


def _cells(columns: list[str], cells: list[str], kind: str, about: str, set_: str) -> Cells:
    """A row with every column of its kind, named where the file has no names."""
    row = dict.fromkeys(_known(kind), "")
    row |= {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    row[about] = plain(row[about])
    row["set"] = row["set"] or set_
    row["id"] = f"{row['set']}:{row[about]}"
    row["name"] = row["name"] or f"{row[about]} ({row['set']})"
    if kind == "embodied":
        row["per"] = row["per"] or per_of(row[about])
    return row


def _faults(row: Cells, cells_count: int, columns: list[str], about: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a row: (field, sentence)."""
    name = one_line(row[about])
    if cells_count != len(columns):
        told = f"has {cells_count} cells, and the header {len(columns)} columns"
        yield name, f"{told}; put a range and whatever has commas in quotes"
        return
    if not NAME.fullmatch(row[about]):
        yield name, f"{row[about]!r} is no {about}: letters, digits, `.` and `-`"
    if not row["source"]:
        yield f"{name}, source", "is empty; say where the values come from"
    yield from _source_faults(name, row)
    if "per" in row and row["per"] != per_of(row[about]):
        yield f"{name}, per", f"{row['per']!r} is not what one of it is; give its values per {per_of(row[about])}"
    if row.get("covers", "") not in ("", *COVERS):
        yield f"{name}, covers", f"{row['covers']!r} is none of {', '.join(COVERS)}"
    values = {column: text for column, text in row.items() if text and column not in WORDS and ":" not in column}
    if not values:
        yield name, "has no value; leave the row out"
    for column, text in values.items():
        sentence = _find_bad_number(column, text)
        if sentence is not None:
            yield f"{name}, {column}", sentence


def _source_faults(name: str, row: Cells) -> Iterator[tuple[str, str]]:
    """Years and confidences, the row's and those of single values, which may be left out."""
    for column, text in row.items():
        part, _, of = column.partition(":")
        if part == "year" and (text or not of) and not YEAR.fullmatch(text):
            yield f"{name}, {column}", f"{text!r} is no year such as 2024"
        if part == "confidence" and (text or not of) and text not in CONFIDENCES:
            yield f"{name}, {column}", f"{text!r} is none of {', '.join(CONFIDENCES)}"


def _find_bad_number(column: str, text: str) -> str | None:
    match = CELL.fullmatch(text)
    if match is None:
        return f"{text!r} is no number such as `72` or `72 [60, 90]`"
    values = [float(value) for value in match.groups() if value is not None]
    if max(values) > 1e12:
        return f"{text} is too large"
    if min(values) < 0 or (column in ABOVE_0 and min(values) == 0):
        return f"{text} is {'not above' if column in ABOVE_0 else 'below'} 0; unknown is an empty cell"
    if column.endswith("_share") and max(values) > 1:
        return f"{text} is above 1, and it is a share"
    if len(values) == 3 and not values[1] <= values[0] <= values[2]:
        return f"{text} is not within its range"
    return None


def _set_problems(path: Path, lines: list[tuple[int, Cells]], about: str, taken: Collection[str]) -> Iterator[Problem]:
    """Rows about the same thing, several sets in a file, and a set that is called as one that is there."""
    first: dict[str, int] = {}
    set_ = lines[0][1]["set"]
    for line, row in lines:
        where, name = f"{path}:{line}", one_line(row[about])
        if first.setdefault(row[about], line) != line:
            yield Problem(where, name, f"stands in line {first[row[about]]} already; keep one of them")
        if row["set"] != set_:
            yield Problem(where, f"{name}, set", f"is {row['set']!r}, and the first row's {set_!r}; a file is one set")
    if set_ in taken:
        remedy = "call the file otherwise, or write another name under `set`"
        yield Problem(f"{path}:{lines[0][0]}", "set", f"{set_!r} is a set that is there already; {remedy}")
