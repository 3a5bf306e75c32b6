"""Paradigms beside each other on the terminal: the frame they are compared in, both totals, differences."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.units import show
from simulator.view.matrix import matrix
from simulator.vocabulary import BOUNDARIES, QUANTITIES, TOTAL_KEYS, TOTALS


def shown_total(manifest: Mapping[str, Any]) -> str:
    """Which total the scenario wants to be shown."""
    return str((manifest["comparison"] or {}).get("shows", "reserved"))


def as_shown(summary: Mapping[str, Any], total: str) -> Mapping[str, Any]:
    """The summary with this total as its `boundaries`."""
    ways = {name: {**found, "boundaries": found[TOTAL_KEYS[total]]} for name, found in summary["paradigms"].items()}
    return {**summary, "paradigms": ways}


def frame_lines(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterator[Text]:
    """The window, the functional unit, and which total the ladder shows."""
    ways = list(summary["paradigms"].values())
    end = "the horizon" if manifest["horizon_s"] is not None else "until the longest paradigm was done"
    if len(ways) == 1 and manifest["horizon_s"] is None:
        end = "of this paradigm alone"
    yield Text(f"window: {show(ways[0]['duration_s'], 'time_s')}, {end}")
    asked = manifest["comparison"]
    if asked is not None:
        delivered = "" if asked["units"] == 1 else f" (each paradigm delivers {asked['units']:g})"
        yield Text(f"functional unit: {asked['functional_unit']}{delivered}")
        if asked["repeats"] > 1:
            yield Text(f"this is one seed of {asked['repeats']}: `aiceberg compare SCENARIO` runs them all")
    total = shown_total(manifest)
    yield Text(f"shown: {total}, {TOTALS[total]}")


def totals(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> Table:
    """Both totals of each paradigm at the widest boundaries of all and of energy; the shown one per unit too."""
    asked, total = manifest["comparison"], shown_total(manifest)
    table = Table(box=None, pad_edge=False)
    table.add_column("paradigm")
    table.add_column("boundary")
    for name in (*TOTALS, *(["per unit"] if asked else [])):
        table.add_column(name, justify="right", no_wrap=True)
        table.add_column("CO2e", justify="right", no_wrap=True)
    for name, found in summary["paradigms"].items():
        common = [b for b in BOUNDARIES if b in found["boundaries"] and b in found["owned"]]
        if not common:
            table.add_row(name, "not computed")
            continue
        drawn = [b for b in common if "energy_j" in found["boundaries"][b]]
        for boundary in dict.fromkeys((*drawn[-1:], common[-1])):
            table.add_row(name, boundary, *_total_cells(found, boundary, asked, total))
    return table


def _total_cells(found: Mapping[str, Any], boundary: str, asked: Mapping[str, Any] | None, total: str) -> Iterator[str]:
    """Both totals at a boundary, and the shown one per functional unit."""
    for key in TOTAL_KEYS.values():
        yield from (show(found[key][boundary][q], q) if q in found[key][boundary] else "" for q in QUANTITIES)
    if asked is None:
        return
    if found["done_s"] is None:
        yield "unfinished"
        return
    shown = found[TOTAL_KEYS[total]][boundary]
    yield from (show(shown[q] / asked["units"], q) if q in shown else "" for q in QUANTITIES)


def comparison(found: Any) -> RenderableType:
    """A comparison: its frame, a row a boundary and column, what it says and what to know before believing it."""
    unit = "" if found.functional_unit is None else f", per unit: {found.functional_unit}"
    head = Text(f"window {show(found.window_s, 'time_s')}{unit}", style="bold")
    parts: list[RenderableType] = [head, Text(f"shown: {found.shows}, {TOTALS[found.shows]}"), Text(), _table(found)]
    rules = [] if found.matrix is None else [Text(), *matrix(found.matrix)]
    return Group(*parts, Text(), *said(found), *rules)


def said(found: Any) -> Iterator[Text]:
    """What a comparison says, and what to know before believing it."""
    yield from (Text(line, style="bold yellow" if "FLIPS" in line else "bold") for line in found.verdicts)
    yield from (Text(f"note: {line}", style="yellow") for line in found.warnings)


def _table(found: Any) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("boundary")
    table.add_column("paradigm", overflow="fold")
    for name in ("energy", "to first", "ratio", "CO2e", "to first", "ratio"):
        table.add_column(name, justify="right", no_wrap=True)
    before = ""
    for line in found.table:
        table.add_row(line.boundary if line.boundary != before else "", line.column, *_cells(line))
        before = line.boundary
    return table


def _cells(line: Any) -> Iterator[RenderableType]:
    if line.per_unit is None:
        yield Text("not computed" if line.total is None else "unfinished", style="dim")
        return
    for quantity in QUANTITIES:
        if quantity not in line.per_unit:
            yield from ("", "", "")
            continue
        yield show(line.per_unit[quantity], quantity)
        if line.difference is None:
            yield ""
            yield ""
            continue
        difference, ratio = line.difference[quantity], line.ratio[quantity]
        yield ("-" if difference < 0 else "+") + show(abs(difference), quantity)
        yield "" if ratio is None else f"x{ratio:.3g}"
