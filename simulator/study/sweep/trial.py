"""Every value of every factor tried on the base before anything runs: all mistakes at once, where they stand.

Each is checked as a scenario is, the other factors at their first value; of a range,
both ends and a value between.
"""

from typing import Any

from simulator.errors import Problem, ScenarioError, UsageError
from simulator.scenario.check import in_order
from simulator.scenario.load import as_texts, load_text
from simulator.scenario.sentences import problem_at
from simulator.scenario.yaml_file import Document
from simulator.scenario.yaml_file import Path as Place
from simulator.study.sweep.load import Factor, LoadedSweep

_BETWEEN = 2
_AMID = 0.381966
"""A share of the way that seldom falls on a round number, which alone some fields take."""


def try_values(sweep: LoadedSweep) -> None:
    """Raises ScenarioError with the place in the sweep file of every value that no scenario can have."""
    first = {factor.name: _listed(factor)[0] for factor in sweep.factors}
    own = _found(sweep, first)
    problems = [_moved(sweep, problem, None, 0) for problem in own]
    for factor in sweep.factors:
        for index, value in enumerate(_listed(factor)):
            is_between = factor.ends is not None and index == _BETWEEN
            if index and not (is_between and problems):  # of what is wrong at an end it would say no more
                found = _found(sweep, {**first, factor.name: value})
                problems += [_moved(sweep, problem, factor, index) for problem in found if problem not in own]
    if problems:
        raise ScenarioError(sweep.source, tuple(in_order(list(dict.fromkeys(problems)))))


def _listed(factor: Factor) -> list[Any]:
    """The values to try: all, or both ends and one between them."""
    ends = factor.ends
    if ends is None:
        return list(factor.values)
    return [ends.said(value) for value in (ends.low, ends.high, ends.at(_AMID))]


def _found(sweep: LoadedSweep, chosen: dict[str, Any]) -> tuple[Problem, ...]:
    """What is wrong with the base where factors have these values."""
    values = dict(sweep.spec.overrides)
    for factor in sweep.factors:
        values.update(dict.fromkeys(factor.paths, chosen[factor.name]))
    try:
        load_text(sweep.base.text, sweep.base.source, as_texts(values))
    except UsageError as error:
        return (Problem("", "", str(error)),)
    except ScenarioError as error:
        return error.problems
    return ()


def _moved(sweep: LoadedSweep, problem: Problem, tried: Factor | None, index: int) -> Problem:
    """A problem where the sweep file says it: at the value, or the override; else where the base does.

    `tried` is the factor that is not at its first value.
    """
    if not problem.where:
        at = () if tried is None else _place(sweep.document, tried, index)
        return problem_at(sweep.document, at, problem.sentence)
    path = problem.where.removeprefix("--set ")
    told = f"{problem.path}: {problem.sentence}" if problem.path else problem.sentence
    for factor in sweep.factors:
        if path in factor.paths:
            return problem_at(sweep.document, _place(sweep.document, factor, index if factor is tried else 0), told)
    if path in sweep.spec.overrides:
        return problem_at(sweep.document, ("overrides", path), told)
    if tried is None:
        return problem
    return problem_at(sweep.document, _place(sweep.document, tried, index), f"with this value, {problem}")


def _place(document: Document, factor: Factor, index: int) -> Place:
    """Where a value of a factor stands, whether it was written short or in full."""
    sections = ("sample", "ranges") if factor.section == "sample" else (factor.section,)
    at: Place = (*sections, factor.name)
    inner = "values" if factor.ends is None else "range"
    if factor.ends is not None and index == _BETWEEN:
        return at  # between the ends
    long: Place = (*at, inner, index)
    return long if long in document.marks else (*at, index)
