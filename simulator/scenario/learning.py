"""What each paradigm learns with and how surely, as its manifest says it.

measured   a model really learns until it is good enough
curve      a curve that the scenario gives says when it is
assumed    the scenario says how many rounds, steps or hours it takes
"""

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.definitions import Definitions
from simulator.record.trials import REACHED
from simulator.scenario.search import Tuned
from simulator.scenario.search_spec import has_server_rate, learns
from simulator.scenario.spec import Task
from simulator.workloads.federate.target import ROUNDS_BY_CURVE, ROUNDS_MEASURED, basis_of

MEASURED, CURVE, ASSUMED = "measured", "curve", "assumed"
_BASES = {ROUNDS_MEASURED: MEASURED, ROUNDS_BY_CURVE: CURVE}


def learning_of(given: Sequence[Task], tuned: Tuned, own: Definitions) -> dict[str, dict[str, Any]]:
    """What the workloads of a paradigm learn with; `given` are they as the scenario has them."""
    trials = tuned.trials
    search = {"tried": len(trials), "reached": sum(trial.status == REACHED for trial in trials)}
    return {
        task.name: {"basis": _basis(task, own), "learn": _learn(before.spec, task.spec, search)}
        for before, task in zip(given, tuned.todo, strict=True)
        if task.kind in ("federate", "train")
    }


def _basis(task: Task, own: Definitions) -> str:
    if task.kind == "federate":
        return _BASES.get(basis_of(task.spec, own).mode, ASSUMED)
    aimed = own.target is not None and own.target.accuracy is not None
    return MEASURED if learns(task.spec) and aimed else ASSUMED


def _learn(before: Any, spec: Any, search: Mapping[str, int]) -> dict[str, Any] | None:
    """Rates and the rest of a model that really learns; None where none does."""
    if not learns(spec):
        return None
    server_rate = spec.algorithm.rate if has_server_rate(spec) else None
    return {**spec.learn.model_dump(), "given_rate": before.learn.rate, "server_rate": server_rate, **search}
