"""One number for one functional unit: what an account comes to for a training, a request, a user's year.

    unit        counted                                                    amount
    training    one for each workload `train` or `federate` that is done   what the workload is charged with
    request     requests of a service that were answered                   what the service is charged with
    token       those times its tokens a request, where somebody says      the same
    point       percentage points of accuracy from the first to the last   what the paradigm had spent by then
                look at a model, where it became better
    user-year   users whose equipment was in service x window in years     all of the paradigm
    EFLOP       1e18 model FLOPs of trainings that are done                what those trainings are charged with

All at the widest boundary that is known of a criterion; a point, at the widest one of operation, as curves are.
A count that is unknown or 0 has no row. EFLOP is compute carbon intensity (CCI), of what is drawn and made: within
the boundary `embodied`, or the widest below it, which its row names; what was tried before is left out, for its
FLOPs are not counted either. A rule that leaves idle machines to nobody leaves them out of it, while Google's
counts whole fleets in their six years: compare under `used` or `energy`.
Source of CCI: Schneider et al. 2025, Life-cycle emissions of AI hardware, arXiv:2502.01671.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from simulator.footprint.accounting.accounts import Accounts
from simulator.footprint.accounting.development import TRAININGS
from simulator.footprint.curves import curve_rows
from simulator.footprint.entries import Tables, in_service, span_s
from simulator.record.integrate import floats
from simulator.record.pieces import of_paradigm
from simulator.units import SECONDS_PER_YEAR
from simulator.vocabulary import BOUNDARIES, DEVELOPMENT, USERS

WHOLE = ""
"""The workload of what a whole paradigm comes to."""
EFLOP = 1e18
CCI = "co2e_kg"
POINTS = ("energy_j", "co2e_kg")
"""The criteria that a curve of learning knows."""
PER_SHARE = 100.0
"""Percentage points of a share of 1."""


class UnitCost(NamedTuple):
    """What one functional unit comes to, in the unit of the criterion; `units` is how many there were."""

    paradigm: str
    workload: str
    unit: str
    units: float
    criterion: str
    boundary: str
    value: float


def unit_costs(tables: Tables, accounts: Accounts, tokens: Mapping[str, float] | None = None) -> list[UnitCost]:
    """A row for each functional unit whose count is known, criterion by criterion.

    `tokens` are those of one request, by service.
    """
    found: list[UnitCost] = []
    for paradigm, account in accounts.of.items():
        counts = list(_counts(tables, paradigm, tokens or {}))
        for criterion in account.criteria:
            known = list(accounts.boundaries(paradigm, criterion))
            if known:
                amounts = charged(accounts, criterion, paradigm, known[-1])
                rows = ((workload, unit, units) for workload, unit, units in counts if workload in amounts)
                found += [
                    UnitCost(paradigm, workload, unit, units, criterion, known[-1], amounts[workload] / units)
                    for workload, unit, units in rows
                ]
    return [*found, *_points(tables, accounts)]


def carbon_intensity(tables: Tables, accounts: Accounts) -> list[UnitCost]:
    """Kilograms of CO2e an exaFLOP of each paradigm whose trainings say what they compute (CCI)."""
    return [row for paradigm in accounts.of for row in _intensity(tables, accounts, paradigm)]


def charged(
    accounts: Accounts, criterion: str, paradigm: str, boundary: str, less: Sequence[str] = ()
) -> dict[str, float]:
    """What each workload is charged with within a boundary, and all of the paradigm under the name `WHOLE`.

    What counts from one of the boundaries `less` on is left out.
    """
    account = accounts.of[paradigm]
    amounts: dict[str, list[float]] = {WHOLE: []}
    for term in account.terms:
        if term.criterion != criterion or term.boundary in less:
            continue
        if account.reach.holds(term.boundary, boundary):
            amounts.setdefault(term.workload, []).append(term.amount)
            amounts[WHOLE].append(term.amount)
    return {workload: fsum(values) for workload, values in amounts.items()}


def answered_count(tables: Tables, paradigm: str, service: str) -> int:
    """Requests of a service that were answered; where users count, that reached who asked."""
    own = of_paradigm(tables["requests"], paradigm).filter(pc.field("workload") == service)
    asked_s, told_s, end_s = (floats(own, name) for name in ("asked_s", "told_s", "end_s"))  # null as NaN
    return int(np.count_nonzero(np.isfinite(told_s if np.isfinite(asked_s).any() else end_s)))


def _counts(tables: Tables, paradigm: str, tokens: Mapping[str, float]) -> Iterator[tuple[str, str, float]]:
    """Workload, unit and how many of it, of what is known and more than 0."""
    for job in of_paradigm(tables["jobs"], paradigm).to_pylist():
        name = job["workload"]
        if job["kind"] in TRAININGS and job["status"] == "finished":
            yield name, "training", 1.0
        if job["kind"] == "serve":
            count = float(answered_count(tables, paradigm, name))
            if count:
                yield name, "request", count
            if count and tokens.get(name):
                yield name, "token", count * tokens[name]
    assets = of_paradigm(tables["assets"], paradigm).to_pylist()
    users = sum(one["count"] for one in assets if one["owner"] == USERS and one["kind"] == "device" and in_service(one))
    if users:
        yield WHOLE, "user-year", users * span_s(tables, paradigm) / SECONDS_PER_YEAR


def _points(tables: Tables, accounts: Accounts) -> Iterator[UnitCost]:
    """What a percentage point of accuracy had cost, by each model that became better between its looks."""
    curves: dict[tuple[str, str], list[Mapping[str, float]]] = {}
    for row in curve_rows(tables):
        curves.setdefault((row["paradigm"], row["workload"]), []).append(row)
    for (paradigm, workload), looks in curves.items():
        points = (looks[-1]["accuracy"] - looks[0]["accuracy"]) * PER_SHARE
        asked = [one for one in POINTS if paradigm in accounts.of and one in accounts.of[paradigm].criteria]
        if points > 0.0 and asked:
            boundary = accounts.of[paradigm].reach.widest
            for criterion in asked:
                value = looks[-1][criterion] / points
                yield UnitCost(paradigm, workload, "point", points, criterion, boundary, value)


def _intensity(tables: Tables, accounts: Accounts, paradigm: str) -> Iterator[UnitCost]:
    """The row of a paradigm that computes something that somebody counts."""
    order = list(BOUNDARIES)
    known = [b for b in accounts.boundaries(paradigm, CCI) if order.index(b) <= order.index("embodied")]
    if not known:
        return
    amounts = charged(accounts, CCI, paradigm, known[-1], less=(DEVELOPMENT,))
    jobs = of_paradigm(tables["jobs"], paradigm).to_pylist()
    done = [
        job
        for job in jobs
        if job["status"] == "finished" and job["kind"] in TRAININGS and job["work_flop"] and job["workload"] in amounts
    ]
    if done:
        units = fsum(job["work_flop"] for job in done) / EFLOP
        value = fsum(amounts[job["workload"]] for job in done) / units
        yield UnitCost(paradigm, WHOLE, "EFLOP", units, CCI, known[-1], value)
