"""The learning rates with which each paradigm is at its best, so that none is compared at those of another.

A search tries N settings of a paradigm, the same for all paradigms:

    trial 0        the rates that the scenario gives
    trial 1 ...    rate = low (high / low)^u,  u from a scrambled Halton sequence in the unit square,
                   keyed by the seed: one side for clients, one for the server

Each is a whole run to the target, with a seed of its own that follows from the scenario's and the trial's number:
what is compared afterwards is not the luck by which it was chosen. The best has reached the target with the least
energy (of what is reserved, at the widest boundary of operation), time or rounds; the first of equals. Where none
has, the scenario's own rates stand. A trial that diverges is one that failed, and counts until it did.
All workloads of a paradigm that learn have one rate in a trial, for one paradigm is one way of doing it.
A trial is one run, so that a lucky one may be chosen: repeats search anew, and show how much that matters.
Source: Bergstra & Bengio 2012, "Random search for hyper-parameter optimization" (JMLR 13).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.engine.rng import Streams
from simulator.footprint.boundary import reach, summarise, widest_of
from simulator.footprint.entries import find_done_s, span_s
from simulator.record.pieces import of_paradigm
from simulator.record.tables import Tables
from simulator.record.trials import DIVERGED, MISSED, REACHED, Trial
from simulator.scenario.load import Loaded
from simulator.scenario.search_spec import MINIMISED, Search, has_server_rate, learns
from simulator.scenario.spec import Task

if TYPE_CHECKING:
    from simulator.scenario.run import Report


class Candidate(NamedTuple):
    """Rates to try; None leaves what the scenario gives."""

    rate: float | None = None
    server_rate: float | None = None


class Attempted(NamedTuple):
    """What a trial recorded, and whether what it learned grew beyond all bounds."""

    tables: Tables
    diverged: bool


Attempt = Callable[[Loaded, str, list[Task], "Report | None"], Attempted]
"""How one way of doing it is run alone, in a window of its own."""


class Tuned(NamedTuple):
    """The workloads of a paradigm with its best rates, and what was tried to find them."""

    todo: list[Task]
    trials: tuple[Trial, ...] = ()


def tune(loaded: Loaded, paradigm: str, todo: list[Task], report: "Report | None", attempt: Attempt) -> Tuned:
    """Find the best rates of a paradigm; as it is where no search is asked for, or nothing in it learns."""
    asked = loaded.spec.comparison
    if asked is None or asked.search is None or not any(learns(task.spec) for task in todo):
        return Tuned(todo)
    tried, alone = candidates(asked.search, loaded.spec.seed), learners_alone(todo)
    trials = []
    for number, candidate in enumerate(tried):
        own = loaded._replace(spec=loaded.spec.model_copy(update={"seed": trial_seed(loaded.spec.seed, number)}))
        tell = None if report is None else _telling(report, f"search {number + 1} of {len(tried)}")
        changed = with_rates(alone, candidate)
        found = attempt(own, paradigm, changed, tell)
        trials.append(_trial(number, own.spec.seed, paradigm, changed, found))
    best = choose(trials, asked.search)
    chosen = tuple(trial._replace(chosen="yes" if trial is best else "no") for trial in trials)
    return Tuned(with_rates(todo, tried[best.trial]), chosen)


def learners_alone(todo: Sequence[Task]) -> list[Task]:
    """What learns, waiting for nothing else: to try a rate nobody collects the data again, or hands the model out."""
    names = {task.name for task in todo if learns(task.spec)}
    return [
        task._replace(spec=task.spec.model_copy(update={"after": [name for name in task.spec.after if name in names]}))
        for task in todo
        if task.name in names
    ]


def candidates(search: Search, seed: int) -> list[Candidate]:
    """The settings that every paradigm tries, the scenario's own first."""
    from scipy.stats import qmc  # heavy, and most scenarios search nothing

    points = qmc.Halton(d=2, scramble=True, seed=_drawn(seed, "search points")).random(search.budget - 1)
    return [Candidate(), *(Candidate(_between(search.rates, u), _between(search.server_rates, v)) for u, v in points)]


def _between(ends: Sequence[float] | None, share: float) -> Any:
    """What lies at this share of the way from one end to the other, by equal ratios; None where there are none."""
    return None if ends is None else float(ends[0] * (ends[1] / ends[0]) ** share)


def trial_seed(seed: int, number: int) -> int:
    """The seed of a trial."""
    return _drawn(seed, "trial seed", number)


def _drawn(seed: int, name: str, turn: int = 0) -> int:
    return int(Streams(seed).generator(name, turn=turn).integers(2**53))


def with_rates(todo: Sequence[Task], candidate: Candidate) -> list[Task]:
    """Workloads of which those that learn do so with these rates."""
    return [task._replace(spec=_with_rates(task.spec, candidate)) if learns(task.spec) else task for task in todo]


def _with_rates(spec: Any, candidate: Candidate) -> Any:
    update = {}
    if candidate.rate is not None:
        update["learn"] = spec.learn.model_copy(update={"rate": candidate.rate})
    if candidate.server_rate is not None and has_server_rate(spec):
        update["algorithm"] = spec.algorithm.model_copy(update={"rate": candidate.server_rate})
    return spec.model_copy(update=update)


def choose(trials: Sequence[Trial], search: Search) -> Trial:
    """The best of the trials: of those that reached the target the least, else the scenario's own."""
    reached = [trial for trial in trials if trial.status == REACHED]
    return min(reached, key=lambda trial: getattr(trial, MINIMISED[search.minimise]), default=trials[0])


def _telling(report: "Report", phase: str) -> "Report":
    return lambda step: report(step._replace(phase=phase))


def _trial(number: int, seed: int, paradigm: str, todo: Sequence[Task], found: Attempted) -> Trial:
    tables = found.tables
    learners = [task for task in todo if learns(task.spec)]
    way = summarise(tables)["paradigms"][paradigm]
    widest, widest_owned = reach(tables, paradigm).widest, widest_of(way["owned"])
    nothing = {"energy_j": 0.0, "co2e_kg": 0.0}
    reserved, owned = way["boundaries"].get(widest, nothing), way["owned"].get(widest_owned, nothing)
    done_s = find_done_s(tables, paradigm)
    return Trial(
        trial=number,
        seed=seed,
        chosen="no",
        status=_status(tables, paradigm, learners, found.diverged),
        rate=find_one(task.spec.learn.rate for task in learners),
        server_rate=find_one(task.spec.algorithm.rate for task in learners if has_server_rate(task.spec)),
        rounds=_rounds(tables, paradigm),
        time_s=span_s(tables, paradigm) if done_s is None else done_s,
        boundary=widest,
        energy_j=reserved["energy_j"],
        co2e_kg=reserved["co2e_kg"],
        owned_energy_j=owned["energy_j"],
        owned_co2e_kg=owned["co2e_kg"],
    )


def _status(tables: Tables, paradigm: str, learners: Sequence[Task], diverged: bool) -> str:
    names = {task.name for task in learners}
    jobs = [row for row in of_paradigm(tables["jobs"], paradigm).to_pylist() if row["workload"] in names]
    if diverged:
        return DIVERGED
    return REACHED if all(row["status"] == "finished" for row in jobs) else MISSED


def _rounds(tables: Tables, paradigm: str) -> int:
    """How many rounds (or epochs) all that learns in it took, together."""
    last: dict[str, int] = {}
    for row in of_paradigm(tables["scores"], paradigm).to_pylist():
        last[row["workload"]] = max(row["step"], last.get(row["workload"], 0))
    return sum(last.values())


def find_one(values: Iterator[float]) -> float | None:
    """The value that all have; None where they have several, or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
