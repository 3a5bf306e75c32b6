"""What an asynchronous task's CO2e is made of, and how much it is, beside the published: printed, with no gate.

Computing is what one scalar was fitted to, and is shown as calibrated (federated_parts.py); the published length of
the task is given. Neither counts for anything. Beside it the same for each model of the network and, one by one,
with each assumed value at either end of its range, both scalars fitted anew. Rates of lines have no field of a
scenario: their ranges, a factor 3 either way, are not gone through.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.catalogue import Row, find
from simulator.study.federated_parts import (
    OWN,
    Case,
    Fit,
    Parts,
    Task,
    asynchronous,
    catalogue_w,
    fitted,
    parts_of,
    synchronous,
)
from simulator.study.federated_runs import FIX
from simulator.study.report import Aside, Comparison, Report
from simulator.vocabulary import NUMBER

NETWORKS = (OWN, "router_time", "intensity", "per_bit")
SHARES = {"compute": "compute_j", "upload": "upload_j", "download": "download_j", "server": "server_j"}
"""The published shares, by their ids, and ours."""
LOW, HIGH = 0, 2
COLUMNS = ("what is taken", "s per MB", "compute (calibrated)", "upload", "download", "server", "async kg", "sync kg")


class Found(NamedTuple):
    """What was taken and fitted; what the asynchronous task is made of, and kilograms of 100 versions both ways."""

    label: str
    fit: Fit
    parts: Parts
    async_kg: float
    sync_kg: float


def shares() -> Report:
    """Shares and kilograms by the network of a run, and whatever else may be assumed."""
    found = [Found(label, *_line(case)) for label, case in (("as a run has it", Case()), *cases())]
    comparisons = [*_shares([one.parts for one in found]), _task([one.async_kg for one in found])]
    inside = sum(one.verdict.startswith("within") for one in comparisons)
    summary = (
        f"given: the share of computing, and 2.4 h for 100 versions; {inside} of {len(comparisons) - 1} others lie "
        "within the published range with the catalogue's values and the network of a run; no gate",
    )
    return Report(
        "shares of a federated task's energy, and its CO2e: calibrated on computing, the rest not gated",
        comparisons,
        summary,
        aside=Aside(
            "the same by other models of the network, and with assumed values at their ends",
            COLUMNS,
            [_told(one) for one in found],
        ),
    )


def cases() -> Iterator[tuple[str, Case]]:
    """What else may be taken, and how it is called."""
    for network in NETWORKS:
        for end, name in ((LOW, "low"), (1, ""), (HIGH, "high")):
            if (network, end) != (OWN, 1):
                yield f"network by {network} {name}".strip(), Case(network, end)
    phone, device = find("client-power", "phone"), find("device", "smartphone")
    watts = catalogue_w()
    for place, (row, column) in enumerate(
        ((phone, "compute_w"), (phone, "receive_w"), (phone, "send_w"), (device, "idle_w"))
    ):
        for value in _ends(row, column):
            if value == watts[place]:
                continue  # the range ends at the value
            compute_w, receive_w, send_w, idle_w = (value if n == place else w for n, w in enumerate(watts))
            if idle_w <= min(compute_w, receive_w, send_w):
                yield f"{row.id} {column} {value:g}", Case(power_w=(compute_w, receive_w, send_w, idle_w))
    for value in _ends(find("assumption", "client-speed-spread"), "spread_ratio"):
        yield f"client-speed-spread {value:g}", Case(speed_spread=value)
    for value in _ends(find("assumption", "client-rate-spread"), "spread_ratio"):
        yield f"client-rate-spread {value:g}", Case(rate_spread=value)
    for value in _ends(find("assumption", "client-dropout"), "value_share"):
        yield f"client-dropout {value:g}", Case(dropout_share=value)


def _ends(row: Row, column: str) -> tuple[float, float]:
    found = row.find_range(column)
    assert found is not None, (row.id, column)
    return found


def _line(case: Case) -> tuple[Fit, Parts, float, float]:
    fit = fitted(case)
    both = (asynchronous(fit), synchronous(fit))
    return fit, parts_of(both[0], fit), task_kg(both[0], fit), task_kg(both[1], fit)


def task_kg(task: Task, fit: Fit) -> float:
    """CO2e of as many versions as were published, each like those that were played, with the network of the case."""
    versions = find("federated", "yousefpour-async").number("rounds_count", FIX)
    kg_per_j = task.found.co2e_kg / sum(task.found.place_j.values())
    return parts_of(task, fit).total_j * kg_per_j * versions / task.found.rounds


def _shares(every: list[Parts]) -> Iterator[Comparison]:
    for name, field in SHARES.items():
        found = [parts.share(getattr(parts, field)) for parts in every]
        yield _compare(find("federated", f"yousefpour-{name}"), "value_share", found, "carried" * (name == "compute"))


def _task(every_kg: list[float]) -> Comparison:
    return _compare(find("federated", "yousefpour-task"), "total_kgco2e", every_kg)


def _compare(row: Row, column: str, every: list[float], verdict: str = "") -> Comparison:
    low, high = _ends(row, column)
    published, ours = row.number(column, FIX), every[0]
    told = verdict or f"{'within' if low <= ours <= high else 'beyond'} {low:g} to {high:g}, no gate"
    unit = ", kg" if column == "total_kgco2e" else ""
    return Comparison(
        "Green Federated Learning",
        NUMBER,
        "",
        published,
        ours,
        told,
        row.source(column).source,
        row.text("note"),
        what=f"{row.name}{unit} (ours {min(every):.3g} to {max(every):.3g} over what is assumed)",
    )


def _told(one: Found) -> tuple[str, ...]:
    told = (f"{one.parts.share(getattr(one.parts, field)):.1%}" for field in SHARES.values())
    return (one.label, f"{one.fit.s_per_mb:.3g}", *told, f"{one.async_kg:.2f}", f"{one.sync_kg:.2f}")
