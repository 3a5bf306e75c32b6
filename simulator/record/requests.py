"""The requests of a service: when each was asked, arrived, began, was answered and the answer was there.

A row each of `requests`. Columns are arrays, for there may be millions. They say what happens if
nothing interrupts the service; `until_s` says how far it came, and what lies beyond is null in
the table: a request without begin waits, one without end is being served. What had not
arrived by then is no row. Where no users count, nobody asks and no answer is on its way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator.engine.spill import Floats


@dataclass(slots=True)
class Requests:
    """All requests of one service in the order in which they arrive, which is that in which they begin."""

    workload: str
    arrive_s: Floats
    begin_s: Floats
    end_s: Floats
    asked_s: Floats | None = None
    told_s: Floats | None = None
    until_s: float = -np.inf

    @property
    def done_s(self) -> Floats:
        """When each answer is where it belongs: with the user, or out of the replica where nobody counts."""
        return self.end_s if self.told_s is None else self.told_s


def answered(requests: Requests) -> int:
    """How many were answered as far as the service came."""
    return int(np.count_nonzero(requests.done_s <= requests.until_s))


def request_columns(paradigm: str, services: Sequence[Requests]) -> list[pa.Array]:
    """The columns of `requests`: paradigm and workload as labels, then the times."""
    came = [int(np.searchsorted(service.arrive_s, service.until_s, "right")) for service in services]
    names = pa.array([service.workload for service in services], pa.string())
    owner = np.repeat(np.arange(len(came), dtype=np.int32), came)
    return [
        pa.DictionaryArray.from_arrays(np.zeros(len(owner), np.int32), pa.array([paradigm], pa.string())),
        pa.DictionaryArray.from_arrays(owner, names),
        *(_times(services, came, name) for name in ("asked_s", "arrive_s", "begin_s", "end_s", "told_s")),
    ]


def _times(services: Sequence[Requests], came: Sequence[int], name: str) -> pa.Array:
    """One column of times; what lies beyond the end of its service is null."""
    arrays = [
        _column(getattr(service, name), rows, service.until_s) for service, rows in zip(services, came, strict=True)
    ]
    return pa.concat_arrays([pa.array([], pa.float64()), *arrays])


def _column(times_s: Floats | None, rows: int, until_s: float) -> pa.Array:
    if times_s is None:
        return pa.nulls(rows, pa.float64())
    return pa.array(times_s[:rows], pa.float64(), mask=times_s[:rows] > until_s)
