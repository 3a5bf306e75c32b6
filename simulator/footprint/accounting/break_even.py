"""What a request comes to when those who ask share what was done once: the training, and all else but the service.

    I(N) = once / N + each           N requests in the life of the model
    N*   = once / each               where both weigh the same
    N    = rate x years              at the rate of the run

    two ways cross at N = (once a - once b) / (each b - each a), if that is above 0: the one that takes less once is
    lighter below it, the one that takes less each time above

`once` is every workload that is no service, and the trainings that were tried; `each` is what the services are
charged with over the requests that they answered. What is left to nobody by the rule is in neither. Assumptions: a
request costs the same however many there are, and the replicas of the run answer them. Whether a model is asked
N times is an input, which nobody publishes; so that a curve is shown, and not a point.
Sources: Morrison et al. 2025, arXiv:2503.05804, table 3, for N*.
"""

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

import numpy as np

from simulator.footprint.accounting.accounts import Accounts
from simulator.footprint.accounting.term import Term, Total
from simulator.footprint.accounting.uncertainty import draw
from simulator.footprint.accounting.unit_costs import answered_count
from simulator.footprint.entries import Tables, span_s
from simulator.record.integrate import Floats
from simulator.record.pieces import of_paradigm
from simulator.units import SECONDS_PER_YEAR
from simulator.vocabulary import BOUNDARIES, UNASSIGNED


class Service(NamedTuple):
    """A way of answering requests: what it takes once, what for each request, and how many there are a second."""

    paradigm: str
    once: Total
    each: Total
    rate_per_s: float | None = None

    def per_request(self, requests: Floats) -> Floats:
        """What one request comes to where the model answers so many in its life.

        >>> a = Service("main", Total(90.0, "co2e_kg", "facility", ""), Total(1.0, "co2e_kg", "facility", ""))
        >>> a.per_request(np.array([10.0, 90.0])).tolist(), a.break_even_requests
        ([10.0, 2.0], 90.0)
        """
        return np.asarray(self.once.value / requests + self.each.value, float)

    @property
    def break_even_requests(self) -> float | None:
        """After how many requests they weigh as much as what was done once; None where they cost nothing."""
        return self.once.value / self.each.value if self.each.value else None

    @property
    def break_even_y(self) -> float | None:
        """How many years that takes at the rate of the run; None where the one or the other is unknown."""
        if self.break_even_requests is None or not self.rate_per_s:
            return None
        return self.break_even_requests / self.rate_per_s / SECONDS_PER_YEAR


class Drawn(NamedTuple):
    """Draws of what a service takes once and for each request, in one luck."""

    once: Floats
    each: Floats

    def per_request(self, requests: Floats) -> Floats:
        """What a request comes to, a row for each draw."""
        return np.asarray(self.once[:, None] / requests + self.each[:, None], float)


def crossing_requests(a: Service, b: Service) -> float | None:
    """Requests at which two ways cost a request the same; None where one is lighter for any number of them.

    >>> few = Service("few", Total(10.0, "co2e_kg", "facility", ""), Total(3.0, "co2e_kg", "facility", ""))
    >>> many = Service("many", Total(90.0, "co2e_kg", "facility", ""), Total(1.0, "co2e_kg", "facility", ""))
    >>> crossing_requests(few, many), crossing_requests(few, few._replace(once=many.once))
    (40.0, None)
    """
    for total in ("once", "each"):
        _ = getattr(a, total) + getattr(b, total)  # two kinds of totals have no place where they meet
    more, less = a.once.value - b.once.value, b.each.value - a.each.value
    return more / less if less and more / less > 0.0 else None


def find_services(tables: Tables, accounts: Accounts, criterion: str = "co2e_kg") -> list[Service]:
    """Each paradigm that does something once and answers requests, at the widest boundary that all of them know.

    One in which something that is done once is not done yet is left out.
    """
    counts = _counts(tables, accounts)
    boundary = _find_common(accounts, list(counts), criterion)
    if boundary is None:
        return []
    found = []
    for paradigm, count in counts.items():
        once, each = (fsum(t.amount for t in part) for part in _parts(tables, accounts, paradigm, criterion, boundary))
        kind = (criterion, boundary, accounts.method.ledger)
        rate_per_s = _find_rate_per_s(tables, paradigm, count)
        found.append(Service(paradigm, Total(once, *kind), Total(each / count, *kind), rate_per_s))
    return found


def draw_services(
    tables: Tables, accounts: Accounts, criterion: str = "co2e_kg", count: int = 1000, seed: int = 0
) -> dict[str, Drawn]:
    """So many draws of each of those services with other values of its factors, all in one luck."""
    counts = _counts(tables, accounts)
    boundary = _find_common(accounts, list(counts), criterion)
    if boundary is None:
        return {}
    parts = {name: _parts(tables, accounts, name, criterion, boundary) for name in counts}
    terms = {f"{name}/{place}": found for name, both in parts.items() for place, found in enumerate(both)}
    drawn = draw(terms, criterion, boundary, count, seed)
    return {name: Drawn(drawn.of(f"{name}/0"), drawn.of(f"{name}/1") / answered) for name, answered in counts.items()}


def _counts(tables: Tables, accounts: Accounts) -> dict[str, int]:
    """The requests that each paradigm answered, of those that are done with all else."""
    found = {}
    for paradigm in accounts.of:
        jobs, transfers = (of_paradigm(tables[name], paradigm).to_pylist() for name in ("jobs", "transfers"))
        once = [*(job for job in jobs if job["kind"] != "serve"), *transfers]
        count = sum(answered_count(tables, paradigm, name) for name in _services(tables, paradigm))
        if once and count and all(one["status"] == "finished" for one in once):
            found[paradigm] = count
    return found


def _find_common(accounts: Accounts, names: Sequence[str], criterion: str) -> str | None:
    """The widest boundary at which all of these paradigms know a criterion; None where there is none."""
    known = [accounts.boundaries(name, criterion) for name in names]
    return next((b for b in reversed(BOUNDARIES) if known and all(b in one for one in known)), None)


def _parts(
    tables: Tables, accounts: Accounts, paradigm: str, criterion: str, boundary: str
) -> tuple[list[Term], list[Term]]:
    """The terms of what was done once, and those of the services, within a boundary."""
    services = _services(tables, paradigm)
    within = list(accounts.of[paradigm].within(criterion, boundary))
    once = [one for one in within if one.workload not in (*services, UNASSIGNED)]
    return once, [one for one in within if one.workload in services]


def _services(tables: Tables, paradigm: str) -> Sequence[str]:
    return [job["workload"] for job in of_paradigm(tables["jobs"], paradigm).to_pylist() if job["kind"] == "serve"]


def _find_rate_per_s(tables: Tables, paradigm: str, count: int) -> float | None:
    """Requests answered over the time from the first service's begin to the last one's end, or the window's."""
    jobs = [job for job in of_paradigm(tables["jobs"], paradigm).to_pylist() if job["kind"] == "serve"]
    begins_s = [job["begin_s"] for job in jobs if job["begin_s"] is not None]
    ends_s = [span_s(tables, paradigm) if job["end_s"] is None else job["end_s"] for job in jobs]
    open_s = max(ends_s) - min(begins_s) if begins_s else 0.0
    return count / open_s if open_s > 0.0 else None
