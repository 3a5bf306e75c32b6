"""The record of one transfer from its submission to its last byte, as its process fills it in.

A row of `transfers`, not of `jobs`: a job is machines reserved for a time, a transfer
reserves none, and two thirds of a job's columns would be empty. Statuses are the same words.
"""

from dataclasses import dataclass

from simulator.units import BITS_PER_BYTE


@dataclass(slots=True)
class Transfer:
    """What is moved, on which way, and how far it came; None is unknown.

    `held_s` is since when it has been waiting for a way, if it is and had begun before.
    """

    workload: str
    sender: str
    receiver: str
    size_b: float
    submit_s: float | None = None
    begin_s: float | None = None
    latency_s: float | None = None
    km: float | None = None
    cables: tuple[str, ...] | None = None
    end_s: float | None = None
    status: str = "not submitted"
    sent_b: float = 0.0
    waited_s: float = 0.0
    held_s: float | None = None
    ways: int | None = None
    reroutes: int = 0
    turn: int = 0
    """Which of the workload's sendings between these ends it is, where there are several."""

    @property
    def tag(self) -> str:
        """What tells its bits from those of the workload's other transfers."""
        return "\0".join((self.workload, self.sender, self.receiver, *([str(self.turn)] if self.turn else ())))

    def waited_until_s(self, at_s: float) -> float:
        """How long it had waited for a way up to a moment, since it first began."""
        return self.waited_s + (0.0 if self.held_s is None else at_s - self.held_s)


def close_transfers(transfers: list[Transfer]) -> list[Transfer]:
    """The transfers that were still under way, or had not begun, when the run ended."""
    return [transfer for transfer in transfers if transfer.status in ("unfinished", "not submitted")]


def transfer_row(transfer: Transfer, end_s: float) -> dict[str, object]:
    """The row of a transfer, less its paradigm; `end_s` is when the run ended."""
    begin_s, mean_rate_bps = transfer.begin_s, None
    if begin_s is not None and begin_s > (end_s if transfer.end_s is None else transfer.end_s):
        begin_s = None
    if transfer.status == "finished" and begin_s is not None and transfer.end_s is not None:
        time_s = transfer.end_s - begin_s
        mean_rate_bps = transfer.size_b / time_s if time_s > 0 else None
    return {
        "workload": transfer.workload,
        "from": transfer.sender,
        "to": transfer.receiver,
        "size_bytes": transfer.size_b / BITS_PER_BYTE,
        "status": transfer.status,
        "submit_s": transfer.submit_s,
        "begin_s": begin_s,
        "end_s": transfer.end_s,
        "latency_s": transfer.latency_s,
        "km": transfer.km,
        "hops": None if transfer.cables is None else len(transfer.cables),
        "cables": None if transfer.cables is None else " | ".join(transfer.cables),
        "waited_s": transfer.waited_until_s(end_s),
        "ways": transfer.ways,
        "reroutes": transfer.reroutes,
        "done_share": transfer.sent_b / transfer.size_b,
        "mean_rate_bps": mean_rate_bps,
    }
