"""The part of a long log that is not kept in memory: sorted runs in a temporary Parquet file.

Whenever the log has grown to `SPILL_AT` changes, they are sorted by time (equal times keep
their order) and appended to the file as one run, in row groups of 100 000 rows or more. An
array that is written late, as the watts at rest are, makes runs that overlap others in time,
so reading merges: of every run at most one row group is held, whatever the length of the log,
and the result is the log sorted as a whole. Merging at each reading, and not once into a
second file, keeps the disk at one copy; runs that do not overlap cost it nothing.

The file has no name from its first moment on (on Windows: it is deleted with its last
handle), so the system takes it back whatever ends the process.
"""

import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import ResultsError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

SPILL_AT = 4_000_000
"""Changes that a ledger keeps in memory, 20 bytes each."""
LEAST_ROWS = 100_000
"""Rows of a row group at least, where a run has as many."""


class Changes(NamedTuple):
    """A stretch of the log as three columns of equal length, in order of time."""

    at_s: Floats
    channel: Ints
    value: Floats


class Block(NamedTuple):
    """A stretch of a run that is loaded as one, and the times of its first and its last change."""

    first_s: float
    last_s: float
    load: Callable[[], Changes]


class _Part:
    """One temporary file: written, then read."""

    __slots__ = ("__weakref__", "_file", "_reader", "_writer")

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the part
        fields = [("at_s", pa.float64()), ("channel", pa.int32()), ("value", pa.float64())]
        self._writer = pq.ParquetWriter(self._file, pa.schema(fields), compression="zstd", compression_level=1)
        self._reader: Any = None
        weakref.finalize(self, _close, self._writer, self._file)

    def write(self, changes: Changes, rows: int) -> None:
        """Append these as row groups of so many rows."""
        self._writer.write_table(pa.table(list(changes), schema=self._writer.schema), row_group_size=rows)
        self._file.flush()

    def seal(self) -> None:
        """Write the footer; from now on the part is read."""
        self._writer.close()
        self._file.flush()
        self._reader = pq.ParquetFile(self._file)

    def read(self, group: int) -> Changes:
        """One row group."""
        table = self._reader.read_row_group(group, use_threads=False)
        at_s, channel, value = (column.to_numpy() for column in table.columns)
        return Changes(at_s, channel, value)


def _close(writer: Any, file: IO[bytes]) -> None:
    """Let go of a part: a footer that nobody will read must not fail on a full disk."""
    with suppress(OSError):
        writer.close()
    with suppress(OSError):
        file.close()


class Spill:
    """The runs of one ledger that went to disk, in the order of the log."""

    __slots__ = ("_open", "_runs", "rows")

    def __init__(self) -> None:
        self._open: tuple[_Part, int] | None = None
        self._runs: list[list[Block]] = []
        self.rows = 0

    def add(self, run: Changes) -> None:
        """Append one run, in order of time; raises ResultsError where the disk does not take it."""
        size = len(run.at_s)
        step = -(-size // max(1, size // LEAST_ROWS))
        try:
            part, group = self._open or (_Part(), 0)
            part.write(run, step)
        except OSError as error:
            state = f"does not take the log of so long a run ({error.strerror or error})"
            raise ResultsError(tempfile.gettempdir(), state, "make room, or set TMPDIR to a larger disk") from None
        starts = range(0, size, step)
        lasts = (min(start + step, size) - 1 for start in starts)
        self._runs.append(
            [
                Block(float(run.at_s[first]), float(run.at_s[last]), _Later(part, group + number))
                for number, (first, last) in enumerate(zip(starts, lasts, strict=True))
            ]
        )
        self._open = (part, group + len(starts))
        self.rows += size

    def runs(self) -> list[list[Block]]:
        """All runs so far; what is added later goes to another file."""
        if self._open is not None:
            self._open[0].seal()
            self._open = None
        return list(self._runs)


class _Later:
    """A row group to be read when it is its turn."""

    __slots__ = ("_group", "_part")

    def __init__(self, part: _Part, group: int) -> None:
        self._part, self._group = part, group

    def __call__(self) -> Changes:
        return self._part.read(self._group)


def in_order(changes: Changes) -> Changes:
    """The same changes sorted by time; equal times keep their order."""
    if (changes.at_s[1:] >= changes.at_s[:-1]).all():
        return changes
    return _some(changes, np.argsort(changes.at_s, kind="stable"))


def joined(parts: Sequence[Changes]) -> Changes:
    """Stretches one after the other."""
    at_s, channel, value = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Changes(at_s, channel, value)


def _some(changes: Changes, which: slice | npt.NDArray[np.int64]) -> Changes:
    return Changes(changes.at_s[which], changes.channel[which], changes.value[which])


class _Head:
    """How far the merge has come in one run: the rest of one block, loaded when it is its turn, and what follows."""

    __slots__ = ("_next", "_rest", "_run")

    def __init__(self, run: Sequence[Block]) -> None:
        self._run, self._next = run, 0
        self._rest: Changes | None = None

    @property
    def block(self) -> Block:
        """The present block."""
        return self._run[self._next]

    def take(self, until_s: float, side: Literal["left", "right"]) -> Changes:
        """The rest of the block before this moment, or up to and including it (`right`)."""
        rest = self.block.load() if self._rest is None else self._rest
        cut = int(np.searchsorted(rest.at_s, until_s, side))
        self._rest = _some(rest, slice(cut, None))
        return _some(rest, slice(cut))

    def step(self) -> bool:
        """Go on to the next block; False where there is none."""
        self._next, self._rest = self._next + 1, None
        return self._next < len(self._run)


def merged(runs: Sequence[Sequence[Block]]) -> Iterator[Changes]:
    """All runs as one, sorted by time, stretch by stretch; at equal times the earlier run comes first.

    Each turn gives everything up to the end of the block that ends first, and uses that block up.
    """
    heads = [_Head(run) for run in runs if run]
    while heads:
        until_s, first = min((head.block.last_s, number) for number, head in enumerate(heads))
        taken = [
            head.take(until_s, "right" if number <= first else "left")
            for number, head in enumerate(heads)
            if head.block.first_s <= until_s
        ]
        yield taken[0] if len(taken) == 1 else in_order(joined(taken))
        if not heads[first].step():
            del heads[first]
