"""The energy of the networks by other models, on the terminal: beside the boundaries, never in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from simulator.units import JOULES_PER_KWH

JOULES_PER_WH = JOULES_PER_KWH / 1000


def network_tables(summary: Mapping[str, Any]) -> Iterable[RenderableType]:
    """One table of what each model says, for all paradigms that sent something; nothing where none did."""
    paradigms = {name: found["network_models"] for name, found in summary["paradigms"].items()}
    if not any(paradigms.values()):
        return
    table = Table(box=None, pad_edge=False, title="the network by other models (not added)")
    table.title_justify = "left"
    several = len(summary["paradigms"]) > 1
    for name in (*(["paradigm"] if several else []), "model", "kWh", "range", "source", "holds"):
        right = name in ("kWh", "range")
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for paradigm, models in paradigms.items():
        for model, told in models.items():
            table.add_row(*([paradigm] if several else []), model, *_cells(told))
    yield table


def gigabyte_table(models: Mapping[str, Mapping[str, Any]]) -> RenderableType:
    """What each model says of one gigabyte, in watt-hours."""
    table = Table(box=None, pad_edge=False, title="a gigabyte by model (not added)")
    table.title_justify = "left"
    for name in ("model", "Wh/GB", "range", "source", "holds"):
        table.add_column(name, justify="right" if name in ("Wh/GB", "range") else "left", overflow="fold")
    for model, told in models.items():
        table.add_row(model, *_cells(told, JOULES_PER_WH))
    return table


def _cells(told: Mapping[str, Any], unit_j: float = JOULES_PER_KWH) -> tuple[str, ...]:
    """The energy in so large a unit, its range, the source with its years, and what it holds."""
    if told["energy_j"] is None:
        return "", "", told["source"], told["holds"]
    energy, low, high = (_kwh(told[key] / unit_j) for key in ("energy_j", "low_j", "high_j"))
    return energy, f"{low} to {high}", f"{told['source']}, {told['year']}", told["holds"]


def _kwh(energy_kwh: float) -> str:
    """Three digits, and no power of ten where people would write thousands."""
    return f"{energy_kwh:.3g}" if energy_kwh < 1000 else f"{energy_kwh:,.0f}"
