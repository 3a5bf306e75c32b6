"""What points came to: lines of JSON, a file a worker, each line written whole and never changed.

    {"crc": ..., "id": ..., "status": ..., "turn": ..., "results": {...} or "error": ..., "provenance": {...}}

`results` depends on the point alone and is the same bytes whatever ran it; `provenance` says who
did, and how long it took. A worker that dies or a disk that fills up in the middle of a line
leaves a torn one, which is told and counts for nothing. Of several records of a point, one that
ended well counts; else the one of the latest turn (`sweep retry` begins another turn).

A line begins with the CRC-32 of what follows, id, status and turn, so that who looks for what is left to do reads
no JSON, and a line that is not as it was written is told, counts for nothing, and its point is run again.
"""

import json
import os
import re
import socket
import time
import weakref
import zlib
from collections.abc import Iterable, Iterator, Mapping
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
_LINE = re.compile(
    rb'\{"crc": ([0-9]{1,10}), '
    rb'("id": "([0-9a-f]{16})", "status": "(ok|failed|timeout|killed)", "turn": ([0-9]{1,9}), .*)'
)
_SYNC_EVERY_S = 1.0


class Standing(NamedTuple):
    """How a point stands: its status, the turn, and where the line of it is: file, offset, length."""

    status: str
    turn: int
    file: str
    offset: int
    length: int


def record_line(point: str, status: str, turn: int, rest: Mapping[str, Any]) -> bytes:
    """A record as its line; raises ValueError for what JSON does not know."""
    body = json.dumps({"id": point, "status": status, "turn": turn, **rest}, allow_nan=False)[1:].encode()
    return b'{"crc": %d, %b\n' % (zlib.crc32(body), body)


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
        self._append(record_line(point, status, turn, rest))

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

    @property
    def files(self) -> int:
        """How many files there are: every worker that ever began has one."""
        return len(self._read)

    def refresh(self) -> int:
        """Read what was written since the last time; how many records that were."""
        count, torn = 0, 0
        for name in self._names():
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

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self._folder) if name.endswith(".jsonl"))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ResultsError(str(self._folder), f"cannot be read ({error.strerror})", "mend that first") from None

    def _take(self, name: str, begin: int, text: bytes) -> int:
        count, offset = 0, 0
        for line in text.split(b"\n")[:-1]:
            match = _LINE.fullmatch(line)
            if match and zlib.crc32(match[2]) == int(match[1]):
                count += 1
                found = Standing(match[4].decode(), int(match[5]), name, begin + offset, len(line))
                self._keep(match[3].decode(), found)
            elif not line.startswith(b'{"worker"'):
                self.damaged += 1
            offset += len(line) + 1
        return count

    def _keep(self, point: str, found: Standing) -> None:
        known = self.standing.get(point)
        if known is None or _rank(found) > _rank(known):
            self.standing[point] = found

    def documents(self, points: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The whole record of each point that has one, file by file in the order of the lines."""
        wanted = [(self.standing[point], point) for point in points if point in self.standing]
        wanted.sort(key=lambda one: (one[0].file, one[0].offset))
        for name, lines in groupby(wanted, key=lambda one: one[0].file):
            with (self._folder / name).open("rb") as file:
                for found, point in lines:
                    file.seek(found.offset)
                    record = json.loads(file.read(found.length))
                    del record["crc"]
                    yield point, record


def _rank(found: Standing) -> tuple[bool, int]:
    return found.status == OK, found.turn
