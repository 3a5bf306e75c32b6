"""Laws of federated learning's energy, found again by learnings of ours in which a model really learns.

    sync     joules of clients and network ~ rounds x clients selected a round       R2 of a straight line
    async    the same ~ hours x clients at once
    epochs   joules to the target are least at 1 to 3 local epochs
    cohort   10 times the clients a round take at most 2 times fewer rounds

Nothing of this is put in: how many rounds a setting takes to 90 % of digits is measured, by several seeds, and the
means are shown with Student's 95 % intervals. Bytes of the model and seconds of a sample are those that the share of
computing is calibrated with (federated_parts.py), which the best number of epochs hangs on: were sending dearer, more
epochs would pay. The deadline of 4 min is lifted for epochs: it would cut most phones off beyond 5, and settle the
matter by itself. Source of the laws: Yousefpour et al. 2023, Green Federated Learning, figures 7 to 10, section 5.2.
"""

from collections.abc import Sequence
from math import ceil
from statistics import correlation

from simulator.catalogue import find
from simulator.study.federated_parts import Case, fitted
from simulator.study.federated_runs import (
    FIX,
    SEEDS,
    Json,
    Outcome,
    learns,
    play,
    rounds_of,
    scenario,
    shown,
    versions_of,
)
from simulator.study.intervals import Estimate, mean_of
from simulator.study.report import Aside, Comparison, Report
from simulator.units import JOULES_PER_KWH
from simulator.vocabulary import NUMBER

LEAST_R2, MOST_FEWER = 0.99, 2.0
EPOCHS = (1, 2, 3, 5, 10, 20)
COHORTS = (5, 10, 20, 50, 100)
CONCURRENCIES = (10, 20, 50, 100)
OVER_SELECTION = 1.3
COHORT, EPOCH = 20, 2
"""What is held while something else varies."""


def laws() -> Report:
    """All four, with what they were found from."""
    patient = {**rounds_of(COHORT), "deadline": "1 h"}
    by_epochs = {epochs: learnt({**patient, "epochs": epochs}) for epochs in EPOCHS}
    by_cohort = {cohort: learnt({**rounds_of(cohort), "epochs": EPOCH}) for cohort in COHORTS}
    by_slots = {slots: learnt({**versions_of(slots, slots // 2), "epochs": EPOCH}) for slots in CONCURRENCIES}
    every = [one for table in (by_epochs, by_cohort, by_slots) for found in table.values() for one in found]
    comparisons = [_epochs(by_epochs), _cohort(by_cohort)]
    straight = (sync_r2(by_cohort), async_r2(by_slots))
    summary = (
        f"{len(every)} learnings with {len(SEEDS)} seeds a setting, all to 90 % of digits; means [95 % intervals]",
        f"sync: joules of clients and network over rounds x clients selected, R2 {straight[0]:.4f} (gate {LEAST_R2:g})",
        f"async: the same over time x clients at once, R2 {straight[1]:.4f} (gate {LEAST_R2:g}); published of both is "
        "that they are linear with a high R2, without a number",
    )
    met = min(straight) > LEAST_R2 and all(one.finished for one in every)
    lines = [
        *_lines("local epochs", by_epochs),
        *_lines("cohort", by_cohort),
        *_lines("clients at once, async", by_slots),
    ]
    return Report("laws of federated learning, by models that really learn", comparisons, summary, met, _aside(lines))


def learnt(fields: Json) -> list[Outcome]:
    """A setting, learnt with each seed."""
    fit = fitted(Case())
    return [play(scenario(seed, fit.bytes_count, fit.sample_s, {**fields, **learns()})) for seed in SEEDS]


def sync_r2(by_cohort: dict[int, list[Outcome]]) -> float:
    """How straight joules are over rounds x clients that were selected."""
    points = [
        (ceil(round(OVER_SELECTION * cohort, 6)) * one.rounds, one.used_j)
        for cohort, found in by_cohort.items()
        for one in found
    ]
    return r2(points)


def async_r2(by_slots: dict[int, list[Outcome]]) -> float:
    """How straight joules are over time x clients at once."""
    return r2([(slots * one.time_s, one.used_j) for slots, found in by_slots.items() for one in found])


def r2(points: Sequence[tuple[float, float]]) -> float:
    """The share of the variance that a straight line explains.

    >>> r2([(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)])
    1.0
    """
    x, y = zip(*points, strict=True)
    return correlation(x, y) ** 2


def mean_j(found: Sequence[Outcome]) -> Estimate:
    """Joules of clients and network, the mean of the seeds."""
    return mean_of([one.used_j for one in found])


def mean_rounds(found: Sequence[Outcome]) -> Estimate:
    """Rounds to the target, the mean of the seeds."""
    return mean_of([float(one.rounds) for one in found])


def _epochs(by_epochs: dict[int, list[Outcome]]) -> Comparison:
    best = min(by_epochs, key=lambda epochs: mean_j(by_epochs[epochs]).value)
    row = find("federated", "yousefpour-epochs")
    low, high = row.find_range("epochs_count") or (0.0, 0.0)
    verdict = f"within {low:g} to {high:g}" if low <= best <= high else "MISSED"
    note = row.text("note")
    source = row.source("epochs_count").source
    return Comparison(
        "Green FL", NUMBER, "", row.number("epochs_count", FIX), best, verdict, source, note, what=row.name
    )


def _cohort(by_cohort: dict[int, list[Outcome]]) -> Comparison:
    row = find("federated", "yousefpour-concurrency")
    few, many = (mean_rounds(by_cohort[cohort]).value for cohort in (10, 100))
    verdict = f"at most {MOST_FEWER:g}" if few / many <= MOST_FEWER else "MISSED"
    published, source = row.number("value_ratio", FIX), row.source("value_ratio").source
    what = "rounds of 10 clients over those of 100"
    return Comparison("Green FL", NUMBER, "", published, few / many, verdict, source, row.text("note"), what=what)


def _lines(what: str, table: dict[int, list[Outcome]]) -> list[tuple[str, ...]]:
    return [
        (
            f"{what}: {value}",
            shown(mean_rounds(found)),
            shown(mean_of([one.time_s / 60.0 for one in found])),
            shown(mean_of([one.used_j / JOULES_PER_KWH * 1e3 for one in found])),
        )
        for value, found in table.items()
    ]


def _aside(lines: list[tuple[str, ...]]) -> Aside:
    columns = ("setting", "rounds to 90 %", "minutes", "Wh of clients and network")
    return Aside(f"with {COHORT} updates a round and {EPOCH} local epochs, but for what varies", columns, lines)
