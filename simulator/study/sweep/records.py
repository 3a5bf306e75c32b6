"""What points came to: lines of JSON, a file a worker, each line written whole and never changed.

    {"id": ..., "status": ..., "turn": ..., "results": {...}, "error": ..., "traceback": ..., "provenance": {...}}

`results` depends on the point alone and is the same bytes whatever ran it; `provenance` says who
did, and how long it took. A worker that dies or a disk that fills up in the middle of a line
leaves a torn one, which is told and counts for nothing. Of several records of a point, one that
ended well counts; else the one of the latest turn (`sweep retry` begins another turn).

A line begins with id, status and turn, so that who looks for what is left to do reads no JSON.
"""

import json
import os
import re
import socket
import time
import weakref
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from simulator.errors import ResultsError
from simulator.study.sweep.folder import RECORDS

OK, FAILED, TIMEOUT, KILLED = "ok", "failed", "timeout", "killed"
STATUSES = {
    OK: "ended well",
    FAILED: "raised an error",
    TIMEOUT: "took longer than its limit",
    KILLED: "its process died of it",
}
_HEAD = re.compile(rb'\{"id": "([0-9a-f]{16})", "status": "([a-z]+)", "turn": ([0-9]+), .*\}')
_SYNC_EVERY_S = 1.0


class Standing(NamedTuple):
    """How a point stands: its status, the turn, and where the line of it is: file, offset, length."""

    status: str
    turn: int
    file: str
    offset: int
    length: int


class Writer:
    """The file of records of this process."""

    def __init__(self, folder: Path, worker: Mapping[str, Any]) -> None:
        name = f"{socket.gethostname()}-{os.getpid()}-{time.time_ns():x}.jsonl"
        self._fd = os.open(folder / RECORDS / name, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY, 0o644)
        self._close = weakref.finalize(self, os.close, self._fd)
        self._end, self._synced_s = 0, time.monotonic()
        self._append((json.dumps({"worker": dict(worker)}) + "\n").encode())

    def add(self, point: str, status: str, turn: int, rest: Mapping[str, Any]) -> None:
        """Write a record; raises OSError where there is no room, and leaves no part of it then."""
        record = {"id": point, "status": status, "turn": turn, **rest}
        self._append((json.dumps(record, allow_nan=False) + "\n").encode())

    @property
    def is_gone(self) -> bool:
        """Whether somebody has removed the file: what is written to it then is lost."""
        return os.fstat(self._fd).st_nlink == 0

    def close(self) -> None:
        """Close the file."""
        self._close()

    def _append(self, line: bytes) -> None:
        done = 0
        try:
            while done < len(line):
                done += os.write(self._fd, line[done:])
        except OSError:
            os.ftruncate(self._fd, self._end)
            raise
        self._end += len(line)
        if time.monotonic() - self._synced_s > _SYNC_EVERY_S:
            os.fsync(self._fd)
            self._synced_s = time.monotonic()


class Records:
    """All records of a folder, read as they grow: `refresh` looks at what came since."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / RECORDS
        self._read: dict[str, int] = {}
        self.standing: dict[str, Standing] = {}
        self.torn = self.damaged = 0

    def refresh(self) -> int:
        """Read what was written since the last time; how many records that were."""
        count, torn = 0, 0
        for name in sorted(path.name for path in self._folder.glob("*.jsonl")):
            begin = self._read.get(name, 0)
            with (self._folder / name).open("rb") as file:
                file.seek(begin)
                text = file.read()
            whole = text.rfind(b"\n") + 1
            torn += whole < len(text)
            self._read[name] = begin + whole
            count += self._take(name, begin, text[:whole])
        self.torn = torn
        return count

    def _take(self, name: str, begin: int, text: bytes) -> int:
        count, offset = 0, 0
        for line in text.split(b"\n")[:-1]:
            match = _HEAD.fullmatch(line)
            if match:
                count += 1
                self._keep(
                    match[1].decode(), Standing(match[2].decode(), int(match[3]), name, begin + offset, len(line))
                )
            elif not line.startswith(b'{"worker"'):
                self.damaged += 1
            offset += len(line) + 1
        return count

    def _keep(self, point: str, found: Standing) -> None:
        known = self.standing.get(point)
        if known is None or _rank(found) > _rank(known):
            self.standing[point] = found

    def documents(self, points: Iterator[str] | list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The whole record of each point that has one, file by file in the order of the lines.

        Raises ResultsError for one that is damaged, but for its ends.
        """
        wanted = [(self.standing[point], point) for point in points if point in self.standing]
        wanted.sort(key=lambda one: (one[0].file, one[0].offset))
        for name, lines in groupby(wanted, key=lambda one: one[0].file):
            with (self._folder / name).open("rb") as file:
                for found, point in lines:
                    file.seek(found.offset)
                    yield point, _document(file.read(found.length), self._folder / name, point)


def _document(line: bytes, path: Path, point: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        remedy = "take that line out, then run the sweep again"
        raise ResultsError(str(path), f"the record of point {point} is damaged", remedy) from None
    return found


def _rank(found: Standing) -> tuple[bool, int]:
    return found.status == OK, found.turn
