"""Utilisation learnt from published runs, and how well each family is predicted by the others.

    m_f = mean of ln MFU over the runs of family f in a cell,   o = mean over all families
    centre = (sum of m_f + PRIOR o) / (families in the cell + PRIOR)
    spread^2 = sum of (ln MFU - centre)^2 / (n - cells) x (1 + cells / families)

A family counts once, however many of its runs are known: the next run is of another one. Cells
are drawn towards the whole as if one more family stood there (PRIOR), so that a cell of one
family is half the whole; PRIOR was fixed before, not fitted. The last factor is the uncertainty of the centres.
A training is predicted from the runs of other families only, centres and spread alike.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import exp, log, sqrt
from statistics import mean, median
from typing import NamedTuple

from simulator.study.published_run import Run
from simulator.workloads.mfu import P95_Z

PRIOR = 1
"""How many families the whole weighs in the centre of a cell."""

Cells = Callable[[Run], str]
"""Which runs are alike."""

Family = Callable[[Run], str]
"""Which runs are never predicted from each other."""


class Expected(NamedTuple):
    """The median of an MFU and the ratio of one standard deviation of its logarithm."""

    p50_share: float
    spread_ratio: float


class Blind(NamedTuple):
    """A run, and what the others made of it."""

    run: Run
    expected: Expected

    def device_s(self, z: float = 0.0) -> float:
        """Predicted device-seconds, so many spreads above the median."""
        median_s = self.run.work_flop / self.run.peak_flop_per_s / self.expected.p50_share
        return median_s * float(self.expected.spread_ratio**z)

    @property
    def error(self) -> float:
        """Ours over published, minus 1."""
        return self.device_s() / self.run.published_s - 1.0

    @property
    def covered(self) -> bool:
        """Whether the published hours are within P5-P95."""
        return self.device_s(-P95_Z) <= self.run.published_s <= self.device_s(P95_Z)


Learner = Callable[[Sequence[Run]], Callable[[Run], Expected]]
"""What makes of known runs a prediction of others."""


class Score(NamedTuple):
    """How well runs were predicted."""

    error: float
    within_two_share: float
    covered_share: float
    width_ratio: float


def constant(share: float) -> Learner:
    """The same MFU for all; only its spread is learnt."""

    def learn(runs: Sequence[Run]) -> Callable[[Run], Expected]:
        spread = exp(sqrt(mean((log(run.mfu) - log(share)) ** 2 for run in runs)))
        return lambda run: Expected(share, spread)

    return learn


def by_device(runs: Sequence[Run]) -> Callable[[Run], Expected]:
    """The median of the runs on devices of one peak, no family weighed; of all runs where there is none."""
    groups: dict[float, list[float]] = defaultdict(list)
    for run in runs:
        groups[run.peak_flop_per_s].append(log(run.mfu))
    whole = median(log(run.mfu) for run in runs)
    centres = {peak: median(values) for peak, values in groups.items()}
    spread = exp(sqrt(mean((log(run.mfu) - centres[run.peak_flop_per_s]) ** 2 for run in runs)))
    return lambda run: Expected(exp(centres.get(run.peak_flop_per_s, whole)), spread)


def pooled(cells: Cells) -> Learner:
    """Centres of cells, each drawn towards the whole."""

    def learn(runs: Sequence[Run]) -> Callable[[Run], Expected]:
        whole, centres = _centres(runs, cells)
        spread = _spread_ratio(runs, cells, centres)
        return lambda run: Expected(exp(centres.get(cells(run), whole)), spread)

    return learn


def choosing(candidates: Sequence[Cells]) -> Learner:
    """The cells that do best when families are left out once more, of the known runs alone."""

    def learn(runs: Sequence[Run]) -> Callable[[Run], Expected]:
        best = min(candidates, key=lambda cells: _loss(leave_one_family_out(runs, pooled(cells))))
        return pooled(best)(runs)

    return learn


def leave_one_family_out(runs: Sequence[Run], learner: Learner, family: Family = lambda run: run.family) -> list[Blind]:
    """Every run, predicted from those of other families."""
    predictors = {
        name: learner([run for run in runs if family(run) != name]) for name in dict.fromkeys(map(family, runs))
    }
    return [Blind(run, predictors[family(run)](run)) for run in runs]


def score(blinds: Sequence[Blind]) -> Score:
    """Median of the errors' sizes, shares within a factor of two and within P5-P95, mean P95 over P5."""
    return Score(
        median(abs(blind.error) for blind in blinds),
        mean(0.5 <= blind.error + 1.0 <= 2.0 for blind in blinds),
        mean(blind.covered for blind in blinds),
        mean(blind.expected.spread_ratio ** (2.0 * P95_Z) for blind in blinds),
    )


def _centres(runs: Sequence[Run], cells: Cells) -> tuple[float, Mapping[str, float]]:
    """ln MFU of the whole, and of each cell that has runs."""
    whole = mean(_families(runs))
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[cells(run)].append(run)
    families = {name: _families(members) for name, members in groups.items()}
    return whole, {name: (sum(ms) + PRIOR * whole) / (len(ms) + PRIOR) for name, ms in families.items()}


def _families(runs: Sequence[Run]) -> list[float]:
    groups: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        groups[run.family].append(log(run.mfu))
    return [mean(values) for values in groups.values()]


def _spread_ratio(runs: Sequence[Run], cells: Cells, centres: Mapping[str, float]) -> float:
    squares = sum((log(run.mfu) - centres[cells(run)]) ** 2 for run in runs)
    families = len({run.family for run in runs})
    assert len(runs) > len(centres), f"{len(runs)} runs in {len(centres)} cells leave nothing to tell the spread by"
    return exp(sqrt(squares / (len(runs) - len(centres)) * (1.0 + len(centres) / families)))


def _loss(blinds: Sequence[Blind]) -> float:
    """Mean over families of the mean size of ln(ours / published)."""
    groups: dict[str, list[float]] = defaultdict(list)
    for blind in blinds:
        groups[blind.run.family].append(abs(log(blind.error + 1.0)))
    return mean(mean(values) for values in groups.values())
