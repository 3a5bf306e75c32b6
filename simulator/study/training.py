"""How true trainings are, in parts that others mix up: arithmetic, measured power, prediction.

    arithmetic   hours, watts, PUE and grid are given: tests units, boundaries, sums
    power        minutes are given: tests what machines draw
    prediction   sizes, hardware and layout are given: tests hours and step times

Each part states what it was fitted to; its gate is on what it was not fitted to.
"""

from collections.abc import Callable

from simulator.network.tables import AtlasTables
from simulator.study.all_reduces import all_reduces
from simulator.study.blind import blind
from simulator.study.effective import effective
from simulator.study.node_power import node_power
from simulator.study.per_flop import per_flop
from simulator.study.replay import replay
from simulator.study.report import Report
from simulator.study.step_times import step_times

PARTS: dict[str, Callable[[AtlasTables], Report]] = {
    "replay": replay,
    "node-power": lambda _: node_power(),
    "blind": lambda _: blind(),
    "step-times": lambda _: step_times(),
    "all-reduce": lambda _: all_reduces(),
    "effective": lambda _: effective(),
    "per-flop": lambda _: per_flop(),
}
"""The parts by name, each of which can be asked for alone; no cable has a part in them."""


def training(tables: AtlasTables) -> Report:
    """All parts, one after the other."""
    return Report("trainings", [], parts=tuple(part(tables) for part in PARTS.values()))
