"""Accounts of one record: a rule over ten million changes, a thousand draws, the peak game of a million moments.

    python benchmarks/accounting.py [CHANGES]          (1e7 unless said)

A hundred machines that three workloads share compute and wait in turn; the account charges them by what each
used, which reads the whole log twice. Twenty machines in two ways of doing it are drawn a thousand times by
factors of the catalogue. Budgets: 2 s, 5 s and 0.5 s. Beside each stands a floor: what numpy needs to sort the log by
channel and sum it once, to make as many draws, and to sort as many moments.
"""

import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simulator.footprint.accounting.accounts import build_accounts
from simulator.footprint.making.embodied import embodied_table
from simulator.footprint.making.factors import build_sets
from simulator.footprint.sharing.shapley import peak_rates
from simulator.record.tables import Tables, from_rows, schema
from simulator.vocabulary import CRITERIA, POWER, UNASSIGNED

WORKLOADS = ("chat", "search", "train")
DRAWS, MOMENTS, ROUNDS = 1000, 1_000_000, 3


class Size(NamedTuple):
    """How much there is to account."""

    machines: int
    changes: int
    reservations: int = 10
    paradigms: tuple[str, ...] = ("main",)


def a_record(size: Size) -> Tables:
    """The exact tables of machines that workloads share, changing watts in turn."""
    parts = [_of_paradigm(size, name, number) for number, name in enumerate(size.paradigms)]
    tables = {name: pa.concat_tables([part[name] for part in parts]) for name in parts[0]}
    return {**tables, "embodied": embodied_table(tables, build_sets((), ()), {}, "calendar")}


def _of_paradigm(size: Size, paradigm: str, number: int) -> Tables:
    names = [f"site/n{n}/node" for n in range(size.machines)]
    doing = [(w, activity) for w in WORKLOADS for activity in ("compute", "wait")] + [(UNASSIGNED, "idle")]
    channels = [(name, *did) for name in names for did in doing]
    first, end_s = number * len(channels), float(size.changes)
    luck = np.random.Generator(np.random.Philox(7))
    channel = luck.integers(0, len(channels), size.changes)
    watts = luck.uniform(0.0, 400.0 + 50.0 * number, size.changes)
    label = pa.DictionaryArray.from_arrays(np.zeros(size.changes, np.int32), [paradigm])
    changes = [label, np.arange(size.changes, dtype=float), channel + first, watts]
    asset = ("node", "site", "fr", "dgx-h100", "site", "reserved", 1, 0.0, end_s)
    more = (None, None, "", None, None, 10_200.0, None, "")
    edges_s = np.linspace(0.0, end_s, size.reservations + 1).tolist()
    return {
        "events": from_rows("events", [(paradigm, 0.0, "start", "x", ""), (paradigm, end_s, "end", "x", "")]),
        "assets": from_rows("assets", [(paradigm, name, *asset, *more) for name in names]),
        "channels": from_rows("channels", [(paradigm, first + n, *c, POWER) for n, c in enumerate(channels)]),
        "changes": pa.table(changes, schema=schema("changes")),
        "reservations": from_rows(
            "reservations",
            [
                (paradigm, name, workload, from_s, to_s, 0.25)
                for name in names
                for workload in (*WORKLOADS, UNASSIGNED)
                for from_s, to_s in pairwise(edges_s)
            ],
        ),
        "signals": from_rows(
            "signals",
            [
                (paradigm, "grid_gco2e_per_kwh", "site", 0.0, 56.0, "fr", "catalogue"),
                (paradigm, "pue_ratio", "site", 0.0, 1.2, "scenario", "the scenario"),
            ],
        ),
        "pue_curves": from_rows("pue_curves", []),
        "trials": from_rows("trials", []),
    }


def rule_floor(tables: Tables) -> Callable[[], object]:
    """The log sorted by channel and summed once."""
    channel = tables["changes"]["channel"].to_numpy().astype(np.uint16)
    at_s, watts = (tables["changes"][name].to_numpy() for name in ("at_s", "value"))

    def work() -> object:
        order = np.argsort(channel, kind="stable")
        spent_j = watts[order][:-1] * np.diff(at_s[order])
        return np.bincount(channel[order][:-1], spent_j)

    return work


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median."""
    spent_s = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        work()
        spent_s.append(time.perf_counter() - began_s)
    return statistics.median(spent_s)


def tell(name: str, most_s: float, spent_s: float, floor_s: float, floor: str) -> None:
    print(f"{name}: {spent_s:.3f} s (at most {most_s:g} s), {spent_s / floor_s:.1f} times {floor}", flush=True)


def compare_rule(size: Size) -> None:
    tables = a_record(size)
    rule = {"rule": "used"}
    accounts = build_accounts(tables, rule, {}, ["co2e_kg"])
    whole, charged = accounts.total(boundary="facility").value, sum(accounts.by_workload().values())
    assert abs(charged / accounts.total().value - 1.0) < 1e-9, (charged, whole)
    spent_s = seconds(lambda: build_accounts(tables, rule, {}, ["co2e_kg"]))
    tell(f"`used` over {size.changes:,} changes", 2.0, spent_s, seconds(rule_floor(tables)), "a sort and a sum")


def compare_draws(machines: int) -> None:
    tables = a_record(Size(machines, 1000 * machines, paradigms=("here", "there")))
    accounts = build_accounts(tables, {}, {}, list(CRITERIA))
    luck = np.random.Generator(np.random.Philox(7))
    terms = sum(term.criterion == "co2e_kg" for term in accounts.terms)
    floor_s = seconds(lambda: luck.standard_normal((terms, DRAWS)))
    name = f"{DRAWS:,} draws of {machines} machines in two ways"
    tell(name, 5.0, seconds(lambda: accounts.draws("co2e_kg", count=DRAWS)), floor_s, f"{terms} x {DRAWS} normal draws")


def compare_peaks(moments: int) -> None:
    luck = np.random.Generator(np.random.Philox(7))
    demand, length_s = luck.uniform(0.0, 1.0, moments), luck.uniform(1.0, 2.0, moments)
    peak = float(peak_rates(demand, length_s) @ length_s)
    assert abs(peak / demand.max() - 1.0) < 1e-9, peak
    spent_s = seconds(lambda: peak_rates(demand, length_s))
    tell(f"the peak game of {moments:,} moments", 0.5, spent_s, seconds(lambda: np.argsort(demand)), "a sort")


def main() -> None:
    changes = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    compare_rule(Size(100, changes))
    compare_draws(20)
    compare_peaks(MOMENTS)


if __name__ == "__main__":
    main()
