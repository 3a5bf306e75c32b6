"""How true footprints are, in parts that others mix up: arithmetic, a power model, a route from parameters.

    fp-replay      inputs given: BLOOM, and the formulas of EcoLogits and Boavizta built anew
    fp-network     a power model of lines, layers of routers, a country's lines
    fp-llmcarbon   parameters and tokens given, with the efficiency of that very training

Only the two lines of fp-network that are not counted rest on nothing of the figure's own source.
"""

from collections.abc import Callable
from typing import NamedTuple

from simulator.network.tables import AtlasTables
from simulator.study.footprint_llmcarbon import llmcarbon
from simulator.study.footprint_network import network
from simulator.study.footprint_replay import footprints
from simulator.study.footprint_report import ARITHMETIC, POWER_MODEL, PREDICTION
from simulator.study.report import Report


class Part(NamedTuple):
    """One part: what kind of test it is, and how it is made."""

    kind: str
    report: Callable[[AtlasTables], Report]


PARTS: dict[str, Part] = {
    "fp-replay": Part(ARITHMETIC, lambda _: footprints()),
    "fp-network": Part(POWER_MODEL, lambda _: network()),
    "fp-llmcarbon": Part(PREDICTION, lambda _: llmcarbon()),
}
"""The parts by name, each of which can be asked for alone; no cable has a part in them."""


def footprint(tables: AtlasTables) -> Report:
    """All parts, one after the other."""
    parts = (part.report(tables)._replace(name=name) for name, part in PARTS.items())
    named = tuple(one._replace(title=f"{PARTS[one.name].kind}: {one.title}") for one in parts)
    return Report("footprints", [], parts=named)
