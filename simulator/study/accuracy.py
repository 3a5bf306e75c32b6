"""Published training figures beside ours: arithmetic replay.

Each row of the catalogue's `published_trainings.csv` is built as a scenario in memory and
runs through engine, ledger and accounting. This tests units, boundaries and sums, and
nothing more: hours and watts are inputs. Where an input was itself computed from the
published output the row agrees by construction: it is printed `circular` and never counted.
"""

from collections.abc import Callable

from simulator.catalogue import Row, rows
from simulator.network.tables import AtlasTables
from simulator.scenario.load import Loaded, dump, load_text
from simulator.scenario.run import run_scenario
from simulator.study.blind import blind
from simulator.study.internet import internet
from simulator.study.report import Comparison, Report

GATE = 0.01
"""Arithmetic replay: within 1 % of what was published."""


def replay(tables: AtlasTables) -> Report:
    """Every published training of the catalogue, replayed; no cable has a part in it."""
    comparisons = [c for row in rows("training").values() for c in _compare(row)]
    return Report(f"arithmetic replay, gate {GATE:.0%}", comparisons)


def training(_: AtlasTables) -> Report:
    """Device-hours of published trainings, blind; no cable has a part in them."""
    return blind()


SUBJECTS: dict[str, Callable[[AtlasTables], Report]] = {"replay": replay, "internet": internet, "training": training}


def replay_scenario(row: Row) -> Loaded:
    """The scenario, in memory, that does what a published training says it did."""
    power = {"kind": "constant", "power": f"{row.number('device_power_w', 'correct the row')} W"}
    count = int(row.find_number("devices_count") or 1)  # where it is not published, it cancels out of device-hours
    if row.text("power_boundary") == "server":
        machines = {"accelerator": row.text("device"), "accelerators": 1, "node_power": power, "count": count}
        place: dict[str, object] = {"servers": {"machines": machines}}
    else:
        place = {"devices": {"machines": {"model": row.text("device"), "count": count, "power": power}}}
    grid, pue = row.find_number("grid_gco2e_per_kwh"), row.find_number("pue_ratio")
    place["grid"] = "1 gCO2e/kWh" if grid is None else f"{grid} gCO2e/kWh"
    if pue is not None:
        place["pue"] = pue
    hours, days = row.text("device_time_h"), row.text("wall_time_d")
    train = {"at": "site/machines", **({"device_time": f"{hours} h"} if hours else {"time": f"{days} d"})}
    name = row.id
    data = {"name": name, "world": {"datacenters": {"site": place}}, "workloads": [{"train": train}]}
    return load_text(dump(data), f"<{name}>")


def _compare(row: Row) -> list[Comparison]:
    boundaries = run_scenario(replay_scenario(row)).summary["paradigms"]["main"]["boundaries"]
    boundary = list(boundaries)[-1]
    ours = boundaries[boundary]
    found = []
    for column, quantity, value in (("energy_mwh", "energy_j", 3.6e9), ("co2e_t", "co2e_kg", 1000.0)):
        published = row.find_number(column)
        if published is None or (quantity == "co2e_kg" and row.find_number("grid_gco2e_per_kwh") is None):
            continue
        source = row.source(column)
        compared = Comparison(
            row.name,
            quantity,
            _boundary(row, boundary),
            published * value,
            ours[quantity],
            "",
            source.source,
            row.text("note"),
        )
        found.append(compared._replace(verdict=_verdict(row, compared.error, source.confidence)))
    return found


def _boundary(row: Row, boundary: str) -> str:
    bare = row.text("power_boundary") == "accelerator"
    return "accelerator x PUE" if bare and boundary == "facility" else boundary


def _verdict(row: Row, error: float, confidence: str) -> str:
    if row.text("back_solved"):
        return "circular"
    if abs(error) > GATE:
        return "MISSED"
    return "agrees, unverified" if confidence == "unverified" else "agrees"
