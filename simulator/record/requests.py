"""The requests of a service: when each arrived, began and was answered; a row each of `requests`.

Columns are arrays, for there may be millions. They say what happens if nothing interrupts
the service; `until_s` says how far it came, and what lies beyond is null in the table: a
request without begin waits, one without end is being served. What had not arrived by then is
no row.
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
    until_s: float = -np.inf


def answered(requests: Requests) -> int:
    """How many were answered as far as the service came."""
    return int(np.count_nonzero(requests.end_s <= requests.until_s))


def request_columns(paradigm: str, services: Sequence[Requests]) -> list[pa.Array]:
    """The columns of `requests`: paradigm and workload as labels, then the times."""
    came = [int(np.searchsorted(service.arrive_s, service.until_s, "right")) for service in services]
    names = list(dict.fromkeys(service.workload for service in services))
    owners = [np.full(rows, names.index(s.workload), np.int32) for s, rows in zip(services, came, strict=True)]
    columns = [
        pa.DictionaryArray.from_arrays(np.zeros(sum(came), np.int32), pa.array([paradigm], pa.string())),
        pa.DictionaryArray.from_arrays(_joined(owners, np.int32), pa.array(names, pa.string())),
    ]
    until_s = _joined([np.full(rows, s.until_s) for s, rows in zip(services, came, strict=True)], np.float64)
    for name in ("arrive_s", "begin_s", "end_s"):
        times_s = _joined([getattr(s, name)[:rows] for s, rows in zip(services, came, strict=True)], np.float64)
        columns.append(pa.array(times_s, mask=times_s > until_s))
    return columns


def _joined(parts: Sequence[np.ndarray], kind: type[np.generic]) -> np.ndarray:
    return np.concatenate([np.empty(0, kind), *parts])
