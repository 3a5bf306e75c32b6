"""The table of a sweep: a row a point and paradigm, in the order of the plan; the same bytes whatever ran it.

    point, row, replicate, seed | a column a factor | status, error, paradigm | a column a measure

A point that did not end well has one row, with its error and without paradigm and measures; one
that has not run yet is `missing`. A sampled quantity is a number, whose unit stands in the
metadata of its column. Measures are named in measures.py; provenance is not in here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import UsageError
from simulator.study.sweep.folder import Kept, put
from simulator.study.sweep.measures import flat
from simulator.study.sweep.records import OK, Records
from simulator.study.sweep.spec import UNIT

TABLE = "results.parquet"
MISSING = "missing"
_PLANNED = ("point", "row", "replicate", "seed")


class _Columns:
    """Measures as they come, a row a point and paradigm; what a row lacks is null."""

    def __init__(self) -> None:
        self.points: list[str] = []
        self.statuses: list[str] = []
        self.errors: list[str | None] = []
        self.paradigms: list[str | None] = []
        self.values: dict[str, list[float | None]] = {}

    def add(self, point: str, record: Mapping[str, Any]) -> None:
        """A record of a point: a row a paradigm, or one row where it did not end well."""
        ways = record["results"]["paradigms"] if record["status"] == OK else {None: None}
        for paradigm, way in ways.items():
            self.points.append(point)
            self.statuses.append(record["status"])
            self.errors.append(record.get("error"))
            self.paradigms.append(paradigm)
            for name, value in () if way is None else flat(way):
                column = self.values.setdefault(name, [])
                column.extend([None] * (len(self.points) - 1 - len(column)))
                column.append(None if value is None else float(value))

    def table(self) -> pa.Table:
        """All rows, in the order in which they came."""
        columns = {
            "point": pa.array(self.points, pa.string()),
            "status": pa.array(self.statuses, pa.string()),
            "error": pa.array(self.errors, pa.string()),
            "paradigm": pa.array(self.paradigms, pa.string()),
        }
        for name in sorted(self.values):
            values = self.values[name]
            columns[name] = pa.array([*values, *([None] * (len(self.points) - len(values)))], pa.float64())
        return pa.table(columns)


def collect(kept: Kept, records: Records) -> pa.Table:
    """The table of a plan from the records that there are; raises UsageError where a measure is called as a factor."""
    found = _Columns()
    for point, record in records.documents(list(dict.fromkeys(kept.design.column("point").to_pylist()))):
        found.add(point, record)
    rows = found.table()
    for factor in kept.document["factors"]:
        if factor["name"] in found.values:
            remedy = "give the factor another name and run the sweep again: what has run is taken over"
            raise UsageError(f"factor {factor['name']}", "a measure is called so too", remedy)
    planned, taken = _matched(kept.design.column("point").to_pylist(), found.points)
    design = kept.design.take(pa.array(planned))
    right = rows.take(pa.array(taken, pa.int64()))
    columns = {name: design.column(name) for name in _PLANNED}
    columns |= {f["name"]: design.column(f["name"]) for f in kept.document["factors"]}
    columns["status"] = right.column("status").fill_null(MISSING)
    columns |= {name: right.column(name) for name in right.column_names if name not in ("point", "status")}
    return _told(pa.table(columns), kept)


def _matched(design: list[str], points: list[str]) -> tuple[list[int], list[int | None]]:
    """Pairs of rows: of the design, each with those of its records, or with none."""
    rows: dict[str, list[int]] = {}
    for index, point in enumerate(points):
        rows.setdefault(point, []).append(index)
    pairs = [(index, taken) for index, point in enumerate(design) for taken in rows.get(point, [None])]
    return [index for index, _ in pairs], [taken for _, taken in pairs]


def _told(table: pa.Table, kept: Kept) -> pa.Table:
    units = {f["name"]: f.get("unit", "") for f in kept.document["factors"]}
    fields = [
        field.with_metadata({"unit": units[field.name]}) if units.get(field.name) else field for field in table.schema
    ]
    document = kept.document
    metadata = {"name": document["name"], "model": document["model"], "plan": kept.id}
    return table.cast(pa.schema(fields, metadata=metadata))


def unit_design(kept: Kept) -> np.ndarray:
    """The sampled rows in the unit cube, rows x factors, in their order."""
    drawn = [f["name"] for f in kept.document["factors"] if f["section"] == "sample"]
    rows = kept.design.column("row").to_pylist()
    first: dict[int, int] = {}
    for index, row in enumerate(rows):
        if row is not None:
            first.setdefault(row, index)
    order = [first[row] for row in sorted(first)]
    return np.column_stack([kept.design.column(UNIT + name).to_numpy()[order] for name in drawn])


def write_collected(folder: Path, table: pa.Table) -> Path:
    """Keep the table in its folder, as one Parquet file."""
    path = folder / TABLE
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    coding: dict[str, Any] = {
        "use_dictionary": [name for name in table.column_names if name not in floats],
        "use_byte_stream_split": floats,
    }
    put(path, lambda partial: pq.write_table(table, partial, compression="zstd", compression_level=9, **coding))
    return path
