"""Asynchronous against synchronous, each tuned: time and rounds to one accuracy, beside FedScale's. No gate.

5 updates a round or version, 10 phones at once where none waits for others. For each way the rate of the clients'
steps, and for FedBuff that of the server's, are those of a small grid that reach 90 % of digits soonest in the mean
of the seeds: with one setting for both the comparison says more of the setting than of the ways. Another task,
other phones and another model than the published ones: what is compared is a ratio of each.
"""

from itertools import product

from simulator.catalogue import find
from simulator.study.federated_laws import mean_rounds
from simulator.study.federated_parts import Case, fitted
from simulator.study.federated_runs import FIX, SEEDS, Json, Outcome, learns, play, scenario, shown, versions_of
from simulator.study.intervals import Pairs, beside, mean_of
from simulator.study.report import Aside, Comparison, Report
from simulator.vocabulary import NUMBER

UPDATES, AT_ONCE = 5, 10
RATES, SERVER_RATES = (0.15, 0.3, 0.6, 0.9), (0.7, 1.0)
COLUMNS = ("setting", "rounds to 90 %", "minutes", "not reached")

Learnt = dict[str, list[Outcome]]


def pace() -> Report:
    """Both ratios at the best setting of each way, and all settings."""
    sync, asynchronous = synchronous_ways(), asynchronous_ways()
    found = [soonest(ways) for ways in (sync, asynchronous)]
    quantities = {
        "fedscale-time": [(a.time_s, s.time_s) for s, a in zip(*found, strict=True)],
        "fedscale-rounds": [(float(a.rounds), float(s.rounds)) for s, a in zip(*found, strict=True)],
    }
    comparisons = [_compare(id_, pairs) for id_, pairs in quantities.items()]
    lines = [_line(label, outcomes) for label, outcomes in (*sync.items(), *asynchronous.items())]
    summary = (f"each way at its best of {len(sync)} and {len(asynchronous)} settings, {len(SEEDS)} seeds; no gate",)
    return Report(
        "asynchronous over synchronous, each tuned: not gated",
        comparisons,
        summary,
        aside=Aside("all settings, means [95 % intervals]", COLUMNS, lines),
    )


def synchronous_ways() -> Learnt:
    """Learnings in rounds that wait for all of 5, by setting."""
    fields = {"algorithm": "fedavg", "cohort": UPDATES}
    return {f"sync, rate {rate:g}": _learnt({**fields, **learns(rate)}) for rate in RATES}


def asynchronous_ways() -> Learnt:
    """Learnings in versions of 5 updates by 10 at once, by setting."""
    return {
        f"async, rate {rate:g}, server {server:g}": _learnt({**versions_of(AT_ONCE, UPDATES, server), **learns(rate)})
        for rate, server in product(RATES, SERVER_RATES)
    }


def _learnt(fields: Json) -> list[Outcome]:
    fit = fitted(Case())
    more = {**fields, "epochs": 2, "dropout": 0.0}
    return [play(scenario(seed, fit.bytes_count, fit.sample_s, more)) for seed in SEEDS]


def soonest(ways: Learnt) -> list[Outcome]:
    """The setting that is at the target first in the mean, of those that always come to it."""
    reached = [outcomes for outcomes in ways.values() if all(one.finished for one in outcomes)]
    return min(reached, key=lambda outcomes: mean_of([one.time_s for one in outcomes]).value)


def _compare(id_: str, pairs: Pairs) -> Comparison:
    row, found = find("federated", id_), beside(pairs)
    assert found is not None, "there are several seeds"
    assert found.ratio is not None, "no way takes no time"
    ratio = found.ratio
    source, note = row.source("value_ratio").source, row.text("note")
    what = f"{row.text('statement')} (ours {shown(ratio, '.2f')})"
    published = row.number("value_ratio", FIX)
    return Comparison(row.name, NUMBER, "", published, ratio.value, "no gate", source, note, what=what)


def _line(label: str, outcomes: list[Outcome]) -> tuple[str, ...]:
    minutes = mean_of([one.time_s / 60.0 for one in outcomes])
    short = sum(not one.finished for one in outcomes)
    return (label, shown(mean_rounds(outcomes)), shown(minutes), str(short))
