"""What a result says of itself beside its numbers: with what it was made, what it took for granted."""

import hashlib
import json
from typing import Any

from simulator.catalogue import Row, digest, find, rows, unit_of
from simulator.definitions import SECTIONS
from simulator.footprint.entries import in_service
from simulator.network.path import INSTANT_FABRIC, OPEN_UPLINK
from simulator.network.tables import CATALOGUE, AtlasTables
from simulator.packages import version_of
from simulator.population.crowd import SHARED_CROWD
from simulator.record.tables import Tables
from simulator.scenario.check import is_networked
from simulator.scenario.factors import hashes_of_sets
from simulator.scenario.load import Loaded
from simulator.scenario.run import Outcome
from simulator.scenario.series import HELD
from simulator.scenario.spec import tasks
from simulator.spec import Spec
from simulator.workloads.federate.job import GIVEN_ROUNDS
from simulator.workloads.federate.lesson import BY_PROXY

STATEMENTS = {
    OPEN_UPLINK: "{} has no `uplink`: nothing but the cables limits what it moves",
    INSTANT_FABRIC: "the fabric of {} is known by its rate alone: its latency is not counted",
    SHARED_CROWD: "several workloads use {} at one time; each has its devices and lines as if it were alone",
    GIVEN_ROUNDS: "how many rounds make {}'s model good enough is the scenario's word; it is not measured here",
    HELD: "where the file has no value, the one before holds: {}",
    BY_PROXY: "{} takes as many rounds (or epochs) as the small model that really learned beside it",
}
"""What is assumed without a row of the catalogue, by the prefix of its name."""


def manifest(loaded: Loaded, outcome: Outcome, tick_s: float, results: str) -> dict[str, Any]:
    """What a run was made with and what it assumed; `results` is the SHA-256 of its tables and summary."""
    spec = loaded.spec
    return {
        "status": "complete",
        "name": spec.name,
        "versions": {"aiceberg": version_of("aiceberg")},
        "seed": spec.seed,
        "start": spec.start.isoformat(),
        "horizon_s": spec.horizon,
        "tick_s": tick_s,
        "hashes": {
            "scenario": scenario_hash(loaded),
            "catalogue": digest(),
            "results": results,
        },
        "files": {said.file: series.sha256 for said, series in loaded.series.items()}
        | {path: trace.sha256 for path, trace in loaded.traces.items()}
        | dict(loaded.samples)
        | hashes_of_sets(spec.footprint, loaded.folder)
        | ({} if spec.world.atlas is None else loaded.tables.files(spec.world.atlas)),
        "boundaries": outcome.boundaries,
        "owned_boundaries": outcome.owned_boundaries,
        "footprint": {
            "method": loaded.data.get("footprint", {}),
            "fallbacks": list(outcome.fallbacks),
            "unknown": dict(outcome.missing),
        },
        "models": _models(loaded, outcome.tables),
        "latencies": _latencies(loaded),
        "definitions": {section: loaded.data.get(section, {}) for section in SECTIONS.values()},
        "assumptions": [assumption(name, loaded.tables) for name in outcome.assumptions],
        "learning": outcome.learning,
        "comparison": None if spec.comparison is None else spec.comparison.model_dump(),
        "published": [p.model_dump() for p in spec.published],
    }


def scenario_hash(loaded: Loaded) -> str:
    """The SHA-256 of what a scenario says, whatever its layout."""
    return hashlib.sha256(json.dumps(loaded.data, sort_keys=True).encode()).hexdigest()


def _models(loaded: Loaded, tables: Tables) -> dict[str, str]:
    """The power model of every group that was in service, by place/group."""
    used = {row["asset"].rpartition("/")[0] for row in tables["assets"].to_pylist() if in_service(row)}
    found = {}
    for place, datacenter in loaded.spec.world.datacenters.items():
        groups: dict[str, Spec] = {**datacenter.servers, **datacenter.devices}
        for name, group in groups.items():
            if f"{place}/{name}" in used:
                power = getattr(group, "node_power", None) or getattr(group, "power", None)
                found[f"{place}/{name}"] = str(power.kind) if power is not None else ""
    return found


def _latencies(loaded: Loaded) -> dict[str, dict[str, str]]:
    """The model of latency of every workload that meets the internet, by paradigm."""
    return {
        paradigm: {task.name: task.spec.latency for task in todo if is_networked(task.kind, dict(task.spec))}
        for paradigm, todo in tasks(loaded.spec).items()
    }


def assumption(name: str, tables: AtlasTables = CATALOGUE) -> dict[str, Any]:
    """What an assumption says: a row of the assumptions by its id, a value of another table as `kind/id/column`."""
    for prefix, statement in STATEMENTS.items():
        if name.startswith(prefix):
            text: dict[str, Any] = {"id": name, "statement": statement.format(name.removeprefix(prefix))}
            nothing = {"column": None, "value": None, "range": None, "unit": ""}
            return {**text, **nothing, "source": "the scenario", "confidence": "assumed"}
    row, column = _assumed_value(name, tables)
    value, low_high, source = row.find_number(column), row.find_range(column), row.source(column)
    statement = row.text("statement") if "statement" in row.columns else row.name
    if source.confidence == "unverified":
        statement = f"{statement} (unverified: {source.source})"
    told: dict[str, Any] = {"id": name, "statement": statement, "column": column, "value": value, "range": low_high}
    return {**told, "unit": unit_of(column), "source": source.source, "confidence": source.confidence}


def _assumed_value(name: str, tables: AtlasTables) -> tuple[Row, str]:
    if "/" in name:
        kind, id_, column = name.split("/")
        return tables.find(kind, id_), column
    row = find("assumption" if name in rows("assumption") else "network-assumption", name)
    (column,) = (column for column in row.columns if column != "statement")
    return row, column
