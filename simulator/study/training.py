"""How true trainings are, in parts that others mix up: arithmetic, measured power, prediction.

    arithmetic   hours, watts, PUE and grid are given: tests units, boundaries, sums
    power        minutes are given: tests what machines draw
    prediction   sizes, hardware and layout are given: tests hours and step times

Each part states what it was fitted to; its gate is on what it was not fitted to.
"""

from collections.abc import Callable
from typing import NamedTuple

from simulator.network.tables import AtlasTables
from simulator.study.all_reduces import all_reduces
from simulator.study.blind import blind
from simulator.study.effective import effective
from simulator.study.node_power import node_power
from simulator.study.per_flop import per_flop
from simulator.study.replay import replay
from simulator.study.report import Report
from simulator.study.step_times import step_times

ARITHMETIC, POWER, PREDICTION = "arithmetic", "measured power", "prediction"


class Part(NamedTuple):
    """One part: what kind of test it is, and how it is made."""

    kind: str
    report: Callable[[AtlasTables], Report]


PARTS: dict[str, Part] = {
    "replay": Part(ARITHMETIC, replay),
    "node-power": Part(POWER, lambda _: node_power()),
    "blind": Part(PREDICTION, lambda _: blind()),
    "step-times": Part(PREDICTION, lambda _: step_times()),
    "all-reduce": Part(PREDICTION, lambda _: all_reduces()),
    "effective": Part(PREDICTION, lambda _: effective()),
    "per-flop": Part(PREDICTION, lambda _: per_flop()),
}
"""The parts by name, each of which can be asked for alone; no cable has a part in them."""


def training(tables: AtlasTables) -> Report:
    """All parts, one after the other."""
    found = []
    for name, (kind, make) in PARTS.items():
        part = make(tables)
        found.append(
            part._replace(name=name, title=part.title if part.title.startswith(kind) else f"{kind}: {part.title}")
        )
    return Report("trainings", [], parts=tuple(found))
