"""Tables too long for memory, as pieces that are made again at every reading.

Only `changes` becomes so long. A short table is an Arrow table and one piece; a long one
holds no rows itself but knows where they are: in a ledger's spilled runs, or in the file of
a result folder. Readers go over `pieces`, as often as they need; what must not depend on how
the rows happen to be cut (a hash, a file) goes over `batches`, all of the same length.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.errors import ResultsError


class Source(NamedTuple):
    """Where some rows of a long table are: how many, whose paradigms, and how to read them once."""

    rows: int
    paradigms: list[str]
    read: Callable[[], Iterator[pa.Table]]


class LongTable:
    """Rows of one or more sources, one source after the other."""

    __slots__ = ("_paradigms", "_sources", "schema")

    def __init__(self, sources: Sequence[Source], schema: pa.Schema) -> None:
        self._sources, self.schema = sources, schema
        self._paradigms = list(dict.fromkeys(name for source in sources for name in source.paradigms))

    @property
    def num_rows(self) -> int:
        """How many rows there are, as of an Arrow table."""
        return sum(source.rows for source in self._sources)

    @property
    def sources(self) -> Sequence[Source]:
        """Where the rows are."""
        return self._sources

    def __iter__(self) -> Iterator[pa.Table]:
        return (self._alike(piece) for source in self._sources for piece in source.read())

    def _alike(self, piece: pa.Table) -> pa.Table:
        """The piece with the labels that all pieces share."""
        names = pc.index_in(piece.column("paradigm").cast(pa.string()), pa.array(self._paradigms, pa.string()))
        labels = pa.DictionaryArray.from_arrays(names.combine_chunks(), self._paradigms)
        return piece.set_column(0, self.schema.field(0), labels)

    def whole(self) -> pa.Table:
        """All rows in memory."""
        return pa.concat_tables([self.schema.empty_table(), *self]).combine_chunks()


def pieces(table: pa.Table | LongTable, paradigm: str | None = None) -> Iterable[pa.Table]:
    """The table piece by piece, all of it or the rows of one paradigm; may be gone over again and again."""
    if not isinstance(table, LongTable):
        return [table if paradigm is None else of_paradigm(table, paradigm)]
    if paradigm is None:
        return table
    own = [source for source in table.sources if paradigm in source.paradigms]
    return _Filtered(LongTable(own, table.schema), paradigm)


class _Filtered:
    """The rows of one paradigm of a long table."""

    __slots__ = ("_paradigm", "_table")

    def __init__(self, table: LongTable, paradigm: str) -> None:
        self._table, self._paradigm = table, paradigm

    def __iter__(self) -> Iterator[pa.Table]:
        return (of_paradigm(piece, self._paradigm) for piece in self._table)


def of_paradigm(table: pa.Table, paradigm: str) -> pa.Table:
    """The rows of one paradigm."""
    names = table.column("paradigm").unique()
    # by a mask, not by an expression: that sets up a plan of execution, 5 times the time of a small table
    return table if names.to_pylist() == [paradigm] else table.filter(pc.equal(table.column("paradigm"), paradigm))


def batches(table: LongTable, rows: int) -> Iterator[pa.Table]:
    """The table in stretches of exactly so many rows, but for the last."""
    held: list[pa.Table] = []
    missing = rows
    for piece in table:
        while piece.num_rows >= missing:
            yield pa.concat_tables([*held, piece.slice(0, missing)]).combine_chunks()
            piece, held, missing = piece.slice(missing), [], rows
        held.append(piece)
        missing -= piece.num_rows
    if missing < rows:
        yield pa.concat_tables(held).combine_chunks()


def joined(tables: Sequence[pa.Table | LongTable]) -> pa.Table | LongTable:
    """The tables one after the other; long if one of them is."""
    if not any(isinstance(table, LongTable) for table in tables):
        return pa.concat_tables(tables)
    sources = [source for table in tables for source in _sources(table)]
    return LongTable(sources, tables[0].schema)


def _sources(table: pa.Table | LongTable) -> Sequence[Source]:
    if isinstance(table, LongTable):
        return table.sources
    names = list(
        dict.fromkeys(name for chunk in table.column("paradigm").chunks for name in chunk.dictionary.to_pylist())
    )
    return [Source(table.num_rows, names, lambda: iter((table,)))]


def long_file(path: Path) -> LongTable:
    """The table of a Parquet file, read a row group at a time; reading raises ResultsError where it is damaged."""
    file = pq.ParquetFile(path)
    groups = range(file.num_row_groups)
    names = (file.read_row_group(group, columns=["paradigm"]).column(0).unique().to_pylist() for group in groups)
    paradigms = list(dict.fromkeys(name for found in names for name in found))

    def read() -> Iterator[pa.Table]:
        for group in groups:
            try:
                yield file.read_row_group(group)
            except (pa.ArrowInvalid, OSError) as error:
                raise ResultsError(str(path.parent), f"{path.name} is damaged ({error})", "run it again") from None

    return LongTable([Source(file.metadata.num_rows, paradigms, read)], file.schema_arrow)
