"""When clients were on, from a file: a CSV beside the scenario, a client and a stretch of time a row.

    client,from_s,to_s
    phone-1,0,3600
    phone-2,120.5,900

Seconds are those since the scenario's start; a client is on from `from_s` to before `to_s`. The rows
of one client are in order of time and do not overlap; where one begins when the one before ends, it
stays on. Clients are numbered as they first appear. A population of n x as many users repeats them:
user i is on when client i mod clients is. After its last row a client is on no more.
Finding who is on at a moment goes once through the rows that have begun.
"""

import hashlib
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.engine.spill import Floats
from simulator.errors import UsageError
from simulator.network.files import csv_in, find_number, one_line, read_bytes, text_in
from simulator.spec import LONGEST_S

COLUMNS = ("client", "from_s", "to_s")
Indices = npt.NDArray[np.int64]


class Trace(NamedTuple):
    """When clients are on, as columns in order of `from_s`; how many clients, and the SHA-256 of the file."""

    client: Indices
    from_s: Floats
    to_s: Floats
    clients: int
    sha256: str = ""

    def on(self, at_s: float) -> Indices:
        """The numbers of the clients that are on, in order."""
        begun = int(np.searchsorted(self.from_s, at_s, side="right"))
        return np.sort(self.client[:begun][self.to_s[:begun] > at_s])

    def off_s(self, clients: Indices, at_s: float) -> Floats:
        """When each of these clients, which are on, is so no more."""
        begun = int(np.searchsorted(self.from_s, at_s, side="right"))
        until_s = np.zeros(self.clients)
        np.maximum.at(until_s, self.client[:begun], self.to_s[:begun])
        return np.asarray(until_s[clients], float)

    def next_s(self, at_s: float) -> float:
        """When the next client comes on; infinite if none does."""
        later = int(np.searchsorted(self.from_s, at_s, side="right"))
        return float(self.from_s[later]) if later < len(self.from_s) else inf


def read_trace(path: Path) -> Trace:
    """Read a trace; raises UsageError with file, line and what to write."""
    content = read_bytes(path)
    table = csv_in(text_in(content, path), path)
    if not table or tuple(cell.strip() for cell in table[0][1]) != COLUMNS:
        raise UsageError(f"{path}:1", "has other columns", f"the first line is `{','.join(COLUMNS)}`")
    latest: dict[str, list[float]] = {}
    rows: list[list[float]] = []
    for line, cells in table[1:]:
        name, from_s, to_s = _row(f"{path}:{line}", cells)
        last = latest.get(name)
        if last is not None and from_s < last[2]:
            state = f"is before {last[2]:g} s, when {one_line(name)} goes off"
            raise UsageError(f"{path}:{line}", state, "put the rows of a client in order; they do not overlap")
        if last is not None and from_s == last[2]:
            last[2] = to_s
            continue
        latest[name] = [float(len(latest)) if last is None else last[0], from_s, to_s]
        rows.append(latest[name])
    if not rows:
        raise UsageError(str(path), "has no row", "give one row a stretch of time in which a client is on")
    return trace_of(rows, hashlib.sha256(content).hexdigest())


def _row(where: str, cells: list[str]) -> tuple[str, float, float]:
    if len(cells) != len(COLUMNS):
        raise UsageError(where, f"has {len(cells)} cells", "a row is a client and two moments")
    name, (from_s, to_s) = cells[0].strip(), (find_number(cell) for cell in cells[1:])
    if not name or from_s is None or to_s is None:
        raise UsageError(where, "is no name and two numbers", "write such as `phone-1,0,3600`")
    if not 0.0 <= from_s < to_s <= LONGEST_S:
        state = f"is on from {from_s:g} s to {to_s:g} s"
        raise UsageError(where, state, "seconds count from the scenario's start, and `to_s` comes after `from_s`")
    return name, from_s, to_s


def trace_of(rows: Sequence[Sequence[float]], sha256: str = "") -> Trace:
    """Stretches `[client, from, to]` as a trace; clients are numbered from 0.

    >>> trace = trace_of([[0, 0.0, 10.0], [1, 5.0, 8.0]])
    >>> trace.on(6.0).tolist(), trace.off_s(trace.on(6.0), 6.0).tolist(), trace.next_s(6.0)
    ([0, 1], [10.0, 8.0], inf)
    """
    table = np.array(rows, float)
    client, from_s, to_s = table[np.argsort(table[:, 1], kind="stable")].T
    return Trace(client.astype(np.int64), from_s, to_s, int(client.max()) + 1, sha256)


def find_misfit(trace: Trace, users: int) -> str | None:
    """Why a trace does not fit so many users, as a sentence; None where it does.

    >>> find_misfit(trace_of([[0, 0.0, 1.0], [1, 0.0, 1.0]]), 4), find_misfit(trace_of([[0, 0.0, 1.0]]), 1)
    (None, None)
    """
    if users % trace.clients == 0:
        return None
    fewer, more = users // trace.clients * trace.clients, (users // trace.clients + 1) * trace.clients
    fits = f"{more:,}" if fewer == 0 else f"{fewer:,} or {more:,}"
    return f"it has {trace.clients:,} clients, which {users:,} users do not repeat as a whole; give `count` {fits}"
