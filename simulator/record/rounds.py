"""The record of one round of federated learning, a row of `rounds`."""

from typing import NamedTuple

CABLES = "cables"
"""The `links` of a round among machines, whose bits are rows of `transfers` too."""


class Round(NamedTuple):
    """One round that was closed: when, with whom, and what was moved."""

    workload: str
    round: int
    begin_s: float
    close_s: float
    end_s: float
    selected: int
    accepted: int
    dropped: int
    late: int
    download_bytes: float
    upload_bytes: float
    lost_bytes: float
    links: str
