"""Whom a round takes of those who are there: a table of rules, and a field that takes one of them.

    random     all alike
    utility    those who bring most a second (utility.py), and some new ones
    carbon     those where electricity is cleanest at that moment
    excess     those whom power that their places have beside what is asked of them carries (selection_excess.py)
    fair       those who seldom came through rather than those who often did (selection_fair.py)

Carbon goes block by block: the users of a block are as good as each other and drawn all alike, blocks of
one intensity are taken in their order. A selector is made once for a learning, for it may remember.
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np

from simulator.engine.series import Series
from simulator.engine.spill import Floats
from simulator.population.crowd import Crowd, Indices
from simulator.population.pool import NOBODY, Pool, pick_at_random
from simulator.population.selection_excess import ByExcess, Excessive
from simulator.population.selection_fair import ByFairness, Fair
from simulator.population.utility import ByUtility, Utility
from simulator.spec import Spec, kind_field

if TYPE_CHECKING:
    from simulator.population.cohort import Rules

Grids = Sequence[Series]
"""The intensity of the grid of each block of a crowd, in gCO2e/kWh."""


class AtRandom(Spec):
    """All who are there are alike."""

    kind: Literal["random"]


class ByCarbon(Spec):
    """Those whose electricity is cleanest at that moment."""

    kind: Literal["carbon"]


class Selector(Protocol):
    """Chooses the users of a round, and may learn of those who came through."""

    def choose(self, pool: Pool, draw: np.random.Generator, asked: int, at_s: float) -> Indices:
        """So many of those who are there at a moment, or all of them if they are fewer; in any order."""

    def next_s(self, at_s: float) -> float:
        """When it may take somebody of those who are there, where it took nobody; infinite if it takes whoever is."""

    def saw(self, users: Indices, time_s: Floats, losses: Floats | None = None) -> None:
        """Learn how long users took who came through, and their root mean square loss where a model really learns."""


class _AtRandom:
    __slots__ = ()

    def choose(self, pool: Pool, draw: np.random.Generator, asked: int, at_s: float) -> Indices:
        """All alike."""
        if pool.everybody:
            return draw.choice(pool.everybody, min(asked, pool.everybody), replace=False, shuffle=False)
        return pick_at_random(pool, draw, asked)

    def next_s(self, at_s: float) -> float:
        """It takes whoever is there."""
        return inf

    def saw(self, users: Indices, time_s: Floats, losses: Floats | None = None) -> None:
        """It remembers nothing."""


class _ByCarbon:
    __slots__ = ("_grids",)

    def __init__(self, grids: Grids) -> None:
        self._grids = grids

    def choose(self, pool: Pool, draw: np.random.Generator, asked: int, at_s: float) -> Indices:
        """Block by block, the cleanest first."""
        numbers = pool.numbers(NOBODY)
        order = np.argsort([_value_at(grid, at_s) for grid in self._grids], kind="stable")
        before = np.cumsum(numbers[order]) - numbers[order]
        chosen = np.empty_like(numbers)
        chosen[order] = np.clip(asked - before, 0, numbers[order])
        return pool.pick(draw, chosen, NOBODY)

    def next_s(self, at_s: float) -> float:
        """It takes whoever is there."""
        return inf

    def saw(self, users: Indices, time_s: Floats, losses: Floats | None = None) -> None:
        """It remembers nothing."""


def _value_at(series: Series, at_s: float) -> float:
    step = int(np.searchsorted(series.at_s, at_s, side="right")) - 1
    assert step >= 0, "before the series begins"
    return float(series.values[step])


class Setting(NamedTuple):
    """What a selector may look at: the crowd, the grid of each of its blocks, and how a round is played."""

    crowd: Crowd
    grids: Grids
    rules: "Rules"


SELECTIONS: dict[str, tuple[type[Spec], Callable[[Any, Setting], Selector]]] = {
    "random": (AtRandom, lambda spec, setting: AT_RANDOM),
    "utility": (ByUtility, lambda spec, setting: Utility(spec, setting.crowd)),
    "carbon": (ByCarbon, lambda spec, setting: _ByCarbon(setting.grids)),
    "excess": (ByExcess, lambda spec, setting: Excessive(spec, setting.crowd, setting.rules)),
    "fair": (ByFairness, lambda spec, setting: Fair(spec)),
}
"""All rules: what the YAML says, and what it means."""
RANDOM = AtRandom(kind="random")
AT_RANDOM: Selector = _AtRandom()


if TYPE_CHECKING:
    Selection = Spec
else:
    Selection = kind_field({kind: spec for kind, (spec, _) in SELECTIONS.items()})
"""A rule: `random`, or `{kind: utility, exploration: 0.1, preferred: 60 s, exponent: 2}`."""


def asks_losses(spec: Any) -> bool:
    """Whether a rule asks how well the model that really learns does on what users hold."""
    return bool(spec.kind == "utility")


def build_selector(spec: Any, crowd: Crowd, grids: Grids, rules: "Rules") -> Selector:
    """What a learning asks each round; `grids` are the intensities of the crowd's blocks, in their order."""
    return SELECTIONS[spec.kind][1](spec, Setting(crowd, grids, rules))
