"""Rounds of phones as a production system has them: they close in time, some drop out, more are there at night.

    close       with 130 % selected every round has its updates before the deadline; with 100 % hardly one does
    drop-out    the share of the selected that a run records, over rounds that last until the deadline
    night       the most devices that can be selected over the fewest, hour by hour on the clock of their city
    staleness   versions that updates are behind x buffer / concurrency, of a FedBuff in which a model learns

Sources: Bonawitz et al. 2019, Towards federated learning at scale, section 9; staleness: Little's law.
"""

from datetime import UTC, datetime
from statistics import fmean

from simulator.catalogue import find
from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.population.crowd import Crowd
from simulator.population.pool import NOBODY
from simulator.population.presence import build_presence
from simulator.population.spec import Population
from simulator.study.federated_parts import Case, fitted
from simulator.study.federated_runs import FIX, HOUR_S, Outcome, learns, play, rounds_of, scenario, versions_of
from simulator.study.report import Comparison, Report
from simulator.vocabulary import NUMBER

COHORT, ROUNDS = 500, 20
CONCURRENCY, BUFFER, WARM = 200, 20, 30
"""Slots, updates a version, and versions until nobody works with the first ones any more."""
STALENESS_WITHIN, NIGHT_WITHIN = 0.02, 0.05
DEADLINE_S = 240.0
SYDNEY_USERS = 1_000_000


def rounds() -> Report:
    """What each of them comes to."""
    over = find("federated", "bonawitz-over-selection").number("value_ratio", FIX)
    bare, selected = played(1.0), played(over)
    summary = (
        f"{over:.0%} selected: {closed(selected)} of {ROUNDS} rounds have their {COHORT} updates before the deadline "
        f"(gate: all), after {_mean_s(selected):.0f} s in the mean",
        f"100 % selected: {closed(bare)} of {ROUNDS} (gate: none), after {_mean_s(bare):.0f} s, the deadline",
        f"staleness: exact is (concurrency - 1) / buffer = {(CONCURRENCY - 1) / BUFFER:g}; gate "
        f"{STALENESS_WITHIN:.0%} about concurrency / buffer = {CONCURRENCY / BUFFER:g}",
    )
    met = closed(selected) == ROUNDS and closed(bare) == 0
    comparisons = [*_dropouts(bare), _night(), _staleness()]
    return Report("rounds as a production system has them", comparisons, summary, met)


def played(over_selection: float) -> Outcome:
    """Rounds with so many selected over those that are waited for; drop-outs are the catalogue's."""
    fit = fitted(Case())
    fields = {**rounds_of(COHORT, over_selection), "rounds": ROUNDS}
    return play(scenario(1, fit.bytes_count, fit.sample_s, fields))


def closed(found: Outcome) -> int:
    """How many rounds had all updates before the deadline."""
    rows = found.tables["rounds"].to_pylist()
    return sum(row["accepted"] == COHORT and row["close_s"] - row["begin_s"] < DEADLINE_S for row in rows)


def _mean_s(found: Outcome) -> float:
    return fmean(row["close_s"] - row["begin_s"] for row in found.tables["rounds"].to_pylist())


def dropped_share(found: Outcome) -> float:
    """Devices that dropped out before the close, of those selected."""
    rows = found.tables["rounds"].to_pylist()
    return float(sum(row["dropped"] for row in rows) / sum(row["selected"] for row in rows))


def _dropouts(bare: Outcome) -> list[Comparison]:
    row = find("federated", "bonawitz-dropout")
    low, high = row.find_range("value_share") or (0.0, 0.0)
    shares = {
        "drop-out that the catalogue assumes": find("assumption", "client-dropout").number("value_share", FIX),
        "drop-out that rounds record": dropped_share(bare),
    }
    return [
        _compare(
            "bonawitz-dropout", "value_share", ours, what, f"within {low:.0%} to {high:.0%}" * (low <= ours <= high)
        )
        for what, ours in shares.items()
    ]


def night_over_day() -> float:
    """The most devices of a city far from Greenwich that can be selected over the fewest, drawn hour by hour."""
    counts = available_by_hour()
    return max(counts) / min(counts)


def available_by_hour() -> list[int]:
    """How many phones of Sydney can be selected at each hour of its clock, of a million that are there at `nights`."""
    said = {
        "device": "smartphone",
        "count": SYDNEY_USERS,
        "places": {"sydney": 1},
        "access": {"wifi": 1},
        "state": "charging",
        "account": "marginal",
        "available": "nights",
    }
    clock = Clock(datetime(2025, 1, 6, tzinfo=UTC))
    crowd = Crowd("phones", Population.model_validate(said), Streams(1), clock)
    presence, zone = build_presence(crowd), find("city", "sydney").text("timezone")
    found = [0] * 24
    for hour in range(24):
        there = presence.pool(hour, hour * HOUR_S).numbers(NOBODY)
        found[clock.local(hour * HOUR_S, zone).hour] = int(there.sum())
    return found


def _night() -> Comparison:
    ours, published = night_over_day(), find("federated", "bonawitz-night").number("value_ratio", FIX)
    near = abs(ours / published - 1.0) <= NIGHT_WITHIN
    what = "most over fewest devices of a day, by the clock of Sydney"
    return _compare("bonawitz-night", "value_ratio", ours, what, f"within {NIGHT_WITHIN:.0%}" * near)


def staleness() -> float:
    """Versions that updates are behind in the mean, once nobody works with the first ones any more."""
    fields = {**versions_of(CONCURRENCY, BUFFER), **learns(0.05), "rounds": 150, "dropout": 0.0, "aggregation": "1 ms"}
    data = scenario(1, 1e6, 0.5, fields, {"rate_spread": 1.8})
    data["comparison"]["target"] = {"accuracy": 1.0}
    found = [row["staleness"] for row in play(data).tables["scores"].to_pylist()]
    return fmean(found[WARM:])


def _staleness() -> Comparison:
    ours = staleness() * BUFFER / CONCURRENCY
    verdict = f"within {STALENESS_WITHIN:.0%}" * (abs(ours - 1.0) <= STALENESS_WITHIN)
    what = f"staleness over {CONCURRENCY} / {BUFFER}"
    return _compare("fedbuff-staleness", "value_ratio", ours, what, verdict)


def _compare(id_: str, column: str, ours: float, what: str, verdict: str) -> Comparison:
    row = find("federated", id_)
    source, note = row.source(column).source, row.text("note")
    return Comparison(row.name, NUMBER, "", row.number(column, FIX), ours, verdict or "MISSED", source, note, what=what)
