"""Wide rows with cells `72` or `72 [60, 90]`, read once from CSV and looked up by id.

A row has a source, a year and a confidence; where a value has its own they stand in columns
`source:COLUMN`, `year:COLUMN` and `confidence:COLUMN`, or in the table's companion
`*_sources.csv` (a row a value: id, column, source, year, confidence). No range is invented:
a bare value has none.
"""

import csv
import hashlib
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import NamedTuple

from simulator.errors import MissingValueError, UnknownNameError

TABLES = {
    "device": "devices.csv",
    "server": "servers.csv",
    "grid": "grids.csv",
    "grid-factor": "grid_factors.csv",
    "grid-shape": "grid_shapes.csv",
    "city": "cities.csv",
    "region": "cloud_regions.csv",
    "model": "models.csv",
    "dataset": "datasets.csv",
    "assumption": "assumptions.csv",
    "training": "published_trainings.csv",
    "node-power": "published_node_powers.csv",
    "round-trip": "round_trips.csv",
    "cable": "cables.csv",
    "segment": "cable_segments.csv",
    "landing": "landing_points.csv",
    "overland": "overland.csv",
    "ixp": "ixps.csv",
    "route-class": "route_classes.csv",
    "network-assumption": "network_assumptions.csv",
    "client-power": "client_powers.csv",
    "network-power": "network_powers.csv",
    "network-intensity": "network_intensities.csv",
    "access": "access_technologies.csv",
    "choke-point": "choke_points.csv",
    "satellite": "satellites.csv",
    "repair-time": "repair_times.csv",
    "fabric": "fabrics.csv",
    "collective": "collectives.csv",
    "all-reduce": "published_all_reduces.csv",
    "kernel": "kernels.csv",
    "failure-rate": "failure_rates.csv",
    "step-time": "published_steps.csv",
    "scaling-law": "scaling_laws.csv",
    "mfu": "mfus.csv",
    "published-run": "published_runs.csv",
    "cpu-curve": "cpu_curves.csv",
    "power-phase": "power_phases.csv",
    "power-cap": "power_caps.csv",
    "power-cap-law": "power_cap_laws.csv",
    "federated": "published_federated.csv",
    "embodied": "embodied.csv",
    "reference-scale": "reference_scales.csv",
    "published-footprint": "published_footprints.csv",
    "footprint-input": "footprint_inputs.csv",
    "llm-carbon": "llm_carbon.csv",
    "component": "components.csv",
    "request-law": "request_laws.csv",
    "development-ratio": "development_ratios.csv",
}
"""The file of each kind of thing."""

UNITS = {
    "w_per_mbps": "W/Mbps",
    "nj_per_b": "nJ/b",
    "pj_per_b_per_km": "pJ/b/km",
    "gco2e_per_kwh": "gCO2e/kWh",
    "kgsb_per_kwh": "kgSb/kWh",
    "mj_per_kwh": "MJ/kWh",
    "l_per_kwh": "L/kWh",
    "usd_per_kwh": "USD/kWh",
    "kgco2e": "kgCO2e",
    "kgsb": "kgSb",
    "mj": "MJ",
    "mtco2e": "MtCO2e",
    "twh": "TWh",
    "kwh_per_gb": "kWh/GB",
    "us_per_km": "us/km",
    "w_per_km": "W/km",
    "tbps": "Tbps",
    "gbps": "Gbps",
    "mbps": "Mbps",
    "ms": "ms",
    "d": "d",
    "km": "km",
    "us": "us",
    "w": "W",
}
"""How the unit at the end of a column's name is written."""

COMPANIONS = {"device": "device_sources.csv"}
SHOWN = 3
"""How many ids of an atlas's table a hint names where none is like the one that was asked for."""

_CELL = re.compile(r"(?P<value>[^\s\[]+)(?:\s*\[(?P<low>[^,]+),\s*(?P<high>[^\]]+)\])?")


class Source(NamedTuple):
    """Where a value comes from: a citation, its year, and how far to trust it."""

    source: str
    year: str
    confidence: str


class Row:
    """One thing of the catalogue: its cells by column, and the source of each."""

    __slots__ = ("_cells", "_own", "id", "kind")

    def __init__(self, kind: str, cells: dict[str, str], own: dict[str, Source]) -> None:
        self.kind, self.id = kind, cells["id"]
        self._cells, self._own = cells, own

    @property
    def name(self) -> str:
        """The name for people."""
        return self._cells["name"]

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other spellings: suggested, never accepted."""
        return tuple(alias.strip() for alias in self._cells["aliases"].split(";") if alias.strip())

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold a value in this row, the bookkeeping ones left out."""
        skip = {"id", "name", "aliases", "source", "year", "confidence"}
        return tuple(c for c, text in self._cells.items() if text and c not in skip and ":" not in c)

    def text(self, column: str) -> str:
        """The cell as written; "" where the row has none."""
        return self._cells[column]

    def find_number(self, column: str) -> float | None:
        """The cell's value without its range; None where the row has none."""
        text = self._cells[column]
        return float(_split(text)[0]) if text else None

    def number(self, column: str, remedy: str) -> float:
        """The cell's value; raises MissingValueError with the remedy where the row has none."""
        value = self.find_number(column)
        if value is None:
            raise MissingValueError(self.id, column, remedy)
        return value

    def find_range(self, column: str) -> tuple[float, float] | None:
        """The cell's range; None where the source gives none."""
        text = self._cells[column]
        low, high = _split(text)[1:] if text else (None, None)
        return None if low is None or high is None else (float(low), float(high))

    def source(self, column: str = "") -> Source:
        """Where the column's value comes from; without a column, the row's commonest source."""
        if column in self._own:
            return self._own[column]
        return Source(*(self._cells.get(f"{part}:{column}") or self._cells[part] for part in Source._fields))


DOUBTFUL = ("assumed", "unverified")
"""Confidences of values that a result lists where it used them."""


def doubts(row: Row, *columns: str) -> tuple[str, ...]:
    """The names of those of these values that are there and doubtful, as a result lists them: `kind/id/column`.

    >>> doubts(rows("device")["smartphone"], "idle_w", "peak_fp32_flop_per_s")
    ('device/smartphone/peak_fp32_flop_per_s',)
    """
    there = (column for column in columns if row.text(column))
    return tuple(f"{row.kind}/{row.id}/{column}" for column in there if row.source(column).confidence in DOUBTFUL)


def _split(text: str) -> tuple[str, str | None, str | None]:
    match = _CELL.fullmatch(text)
    assert match is not None, text
    return match["value"], match["low"], match["high"]


def _read(name: str) -> list[dict[str, str]]:
    text = resources.files("simulator.catalogue").joinpath("tables", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def rows(kind: str) -> dict[str, Row]:
    """All rows of a kind by id, in the order of the file.

    >>> rows("device")["a100-sxm4-40gb"].find_number("tdp_w")
    400.0
    """
    own: dict[str, dict[str, Source]] = {}
    for cells in _read(COMPANIONS[kind]) if kind in COMPANIONS else ():
        own.setdefault(cells["id"], {})[cells["column"]] = Source(cells["source"], cells["year"], cells["confidence"])
    return {cells["id"]: Row(kind, cells, own.get(cells["id"], {})) for cells in _read(TABLES[kind])}


@cache
def header(kind: str) -> tuple[str, ...]:
    """The columns of a kind's table, in their order."""
    text = resources.files("simulator.catalogue").joinpath("tables", TABLES[kind]).read_text(encoding="utf-8")
    return tuple(next(csv.reader(text.splitlines())))


def find(kind: str, name: str) -> Row:
    """The row of that id; raises UnknownNameError with the nearest right names.

    >>> find("grid", "FR").name
    'France'
    """
    row = rows(kind).get(name.lower())
    if row is None:
        raise UnknownNameError(kind, name, suggest(name, kind))
    return row


def unit_of(column: str) -> str:
    """The unit that a column's name ends in; "" for a share, a ratio or one that is never shown.

    >>> unit_of("energy_pj_per_b_per_km"), unit_of("line_idle_w"), unit_of("stretch_ratio")
    ('pJ/b/km', 'W', '')
    """
    return next((unit for suffix, unit in UNITS.items() if column.endswith(f"_{suffix}")), "")


def suggest(name: str, kind: str, table: Mapping[str, Row] | None = None) -> str:
    """A sentence with the ids that somebody who wrote `name` may have meant; of an atlas's table, if that is given.

    >>> suggest("xyzzyx", "cable", {id_: find("cable", id_) for id_ in ("marea", "dunant")})
    'the atlas has `dunant`, `marea`'
    """
    own = table is not None and (kind not in TABLES or table is not rows(kind))
    table = rows(kind) if table is None else table
    wanted = name.lower()
    spellings = {row.id: row.id for row in table.values()}
    spellings |= {other.lower(): row.id for row in table.values() for other in (row.name, *row.aliases)}
    if wanted in spellings:
        return f"did you mean `{spellings[wanted]}`?"
    holding = [spelling for spelling in spellings if spelling.startswith(wanted)] if len(wanted) > 2 else []
    near = dict.fromkeys(spellings[s] for s in holding + get_close_matches(wanted, spellings, n=6, cutoff=0.6))
    if near:
        return "did you mean " + " or ".join(f"`{id_}`" for id_ in list(near)[:3]) + "?"
    if not own:
        return f"`aiceberg catalogue list {kind}` shows them all"
    listed = ", ".join(f"`{id_}`" for id_ in sorted(table)[:SHOWN]) or "none"
    return f"the atlas has {listed}" if len(table) <= SHOWN else f"the atlas has {len(table)}, such as {listed}"


@cache
def digest() -> str:
    """SHA-256 of all tables: two results with one digest used the same figures."""
    total = hashlib.sha256()
    for name in sorted({*TABLES.values(), *COMPANIONS.values()}):
        total.update(resources.files("simulator.catalogue").joinpath("tables", name).read_bytes())
    return total.hexdigest()
