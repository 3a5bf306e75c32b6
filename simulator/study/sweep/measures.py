"""What a point of a sweep is remembered by: the figures of its summary that people compare.

By paradigm: how long, both totals at every boundary for the whole window, energy by activity (of what
was reserved, at the widest boundary of operation), and of its services and learnings the figures that
have one value a run. Flattened, a name is what stands before the unit:

    duration_s, done_s, facility_energy_j, owned_facility_co2e_kg, wait_activity_energy_j,
    WORKLOAD_p95_response_s, WORKLOAD_rounds ...
"""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.record.learnings import learning_rows
from simulator.record.services import service_rows
from simulator.scenario.run import Outcome
from simulator.vocabulary import TOTAL_KEYS

_SERVICE = ("arrived", "answered", "mean_wait_s", "p50_response_s", "p95_response_s", "p99_response_s", "busy_share")
_LEARNING = ("rounds", "mean_round_s", "accepted_share", "dropped_share", "late_share", "lost_share")
_PREFIXES = dict(zip(TOTAL_KEYS.values(), ("", "owned_"), strict=True))


def measures(outcome: Outcome) -> dict[str, Any]:
    """What is recorded of a run, by paradigm; plain data in a fixed order."""
    ways = outcome.summary["paradigms"]
    found: dict[str, Any] = {
        name: {
            **{key: way[key] for key in ("duration_s", "done_s", *TOTAL_KEYS.values())},
            "by_activity": {activity: share["energy_j"] for activity, share in way["by_activity"].items()},
            "workloads": {},
            "learning": outcome.learning[name],
        }
        for name, way in ways.items()
    }
    told: list[tuple[dict[str, Any], tuple[str, ...]]]
    told = [(row, _SERVICE) for row in service_rows(outcome.tables, outcome.summary)]
    told += [(row, _LEARNING) for row in learning_rows(outcome.tables)]
    for row, names in told:
        found[row["paradigm"]]["workloads"][row["workload"]] = {name: row[name] for name in names}
    return {"paradigms": found}


def flat(way: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    """The measures of one paradigm by the names of their columns.

    >>> way = {"duration_s": 60.0, "done_s": None, "boundaries": {"server": {"energy_j": 3.0, "co2e_kg": 1.0}},
    ...        "owned": {}, "by_activity": {"wait": 2.0}, "workloads": {"ask": {"answered": 4}}}
    >>> list(flat(way))[2:]
    [('server_energy_j', 3.0), ('server_co2e_kg', 1.0), ('wait_activity_energy_j', 2.0), ('ask_answered', 4)]
    """
    yield from (("duration_s", way["duration_s"]), ("done_s", way["done_s"]))
    for key, prefix in _PREFIXES.items():
        for boundary, figures in way[key].items():
            yield from ((f"{prefix}{boundary}_{quantity}", value) for quantity, value in figures.items())
    yield from ((f"{activity}_activity_energy_j", energy_j) for activity, energy_j in way["by_activity"].items())
    for workload, row in way["workloads"].items():
        yield from ((f"{workload}_{name}", value) for name, value in row.items())
