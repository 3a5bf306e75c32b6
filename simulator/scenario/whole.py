"""A run made whole: its tables with the tick log, its manifest, and its documents; as a result folder holds them."""

import platform
import socket
import sys
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from simulator.footprint.power_log import tick_table
from simulator.packages import version_of
from simulator.record.digest import results_digest
from simulator.record.store import FORMAT, sealed, to_json
from simulator.record.tables import Tables
from simulator.record.ticks import choose_tick_s
from simulator.scenario.load import Loaded, dump
from simulator.scenario.manifest import manifest
from simulator.scenario.run import Outcome
from simulator.scenario.spec import Scenario

TICK_TABLE = "ticks"


class Whole(NamedTuple):
    """What a result folder holds."""

    tables: Tables
    manifest: dict[str, Any]
    documents: dict[str, str]


def whole(loaded: Loaded, outcome: Outcome, began_s: float) -> Whole:
    """All that a result says; `began_s` is when the run did, in seconds of the epoch."""
    tick_s = tick_of(loaded.spec, outcome.summary)
    tables = {**outcome.tables, TICK_TABLE: tick_table(outcome.tables, tick_s)}
    documents = {
        "summary.json": to_json(outcome.summary),
        "scenario.yaml": dump(loaded.data),
        "provenance.json": to_json(_provenance(loaded.source, began_s)),
    }
    digest = results_digest(tables, outcome.summary)
    return Whole(tables, sealed({"format": FORMAT, **manifest(loaded, outcome, tick_s, digest)}), documents)


def tick_of(spec: Scenario, summary: dict[str, Any]) -> float:
    """The tick of the power log: the scenario's, else a round one."""
    longest_s = max(way["duration_s"] for way in summary["paradigms"].values())
    return spec.tick or choose_tick_s(longest_s)


def _provenance(source: str, began_s: float) -> dict[str, Any]:
    """Where and when a run was made, and with which packages; nothing of it is hashed."""
    packages = ("numpy", "simpy", "pyarrow", "pydantic", "PyYAML")
    return {
        "source": source,
        "began": datetime.fromtimestamp(began_s, UTC).isoformat(),
        "ended": datetime.now(UTC).isoformat(),
        "wall_s": time.time() - began_s,
        "peak_memory_bytes": peak_memory_bytes(),
        "host": socket.gethostname(),
        "system": platform.platform(),
        "versions": {"python": sys.version.split()[0], **{name: version_of(name) for name in packages}},
    }


def peak_memory_bytes() -> int | None:
    """The most memory that this process has had; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource  # Unix only

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
