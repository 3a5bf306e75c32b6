"""The record of a round trip between two cities, as its process fills it in: a row whenever its way becomes another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Ping:
    """The way between two cities from a moment on; `rtt_s` is None where there was none."""

    workload: str
    sender: str
    receiver: str
    at_s: float
    until_s: float | None
    rtt_s: float | None
    km: float | None
    cables: tuple[str, ...]


def ping_row(ping: Ping, end_s: float) -> dict[str, object]:
    """The row of a way, less its paradigm; `end_s` is when the run ended."""
    return {
        "workload": ping.workload,
        "from": ping.sender,
        "to": ping.receiver,
        "at_s": ping.at_s,
        "until_s": end_s if ping.until_s is None else ping.until_s,
        "rtt_s": ping.rtt_s,
        "km": ping.km,
        "hops": len(ping.cables),
        "cables": " | ".join(ping.cables),
    }


def unfinished_pings(pings: Mapping[str, Sequence[Ping]]) -> list[str]:
    """Those that were still watched, or had not begun, when the run ended."""
    return [name for name, seen in pings.items() if not seen or seen[-1].until_s is None]
