"""How true federated learnings are, in parts that others mix up: arithmetic, rounds, laws, and what is calibrated.

exact     what must come out to the digit
rounds    how production systems' rounds go: over-selection, drop-outs, night and day, staleness
laws      what is found when models really learn: linear energy, few local epochs, diminishing returns
pace      asynchronous over synchronous, each tuned; no gate
shares    what a task's energy is made of, calibrated on one share, and its kilograms; no gate
    gboard    how much a production task emits, its days given; no gate
"""

from collections.abc import Callable

from simulator.network.tables import AtlasTables
from simulator.study.federated_exact import exact
from simulator.study.federated_gboard import gboard
from simulator.study.federated_laws import laws
from simulator.study.federated_pace import pace
from simulator.study.federated_rounds import rounds
from simulator.study.federated_shares import shares
from simulator.study.report import Report

PARTS: dict[str, Callable[[AtlasTables], Report]] = {
    "fl-exact": lambda _: exact(),
    "fl-rounds": lambda _: rounds(),
    "fl-laws": lambda _: laws(),
    "fl-pace": lambda _: pace(),
    "fl-shares": lambda _: shares(),
    "fl-gboard": lambda _: gboard(),
}
"""The parts by name, each of which can be asked for alone; no cable has a part in them."""


def federated(tables: AtlasTables) -> Report:
    """All parts, one after the other."""
    parts = tuple(make(tables)._replace(name=name) for name, make in PARTS.items())
    return Report("federated learnings", [], parts=parts)
