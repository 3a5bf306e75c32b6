"""What-ifs of a scenario, each alone and all together: what each saves, ranked, and what they save less together.

    saving        = total of the scenario - total with the lever,   below 0 where it makes things worse
    after rebound = saving x (1 - rebound),   of what is saved; nothing comes back where nothing is
    interaction   = sum of the savings alone - saving together

at the widest boundary that all runs have, for one functional unit if the scenario has one. Levers are pulled on fresh
loads of the scenario, which stays as it is. One that touches nothing but `footprint:` is an account of the same record
by another method; all others are simulated. Where two set one thing to two values, the later one of the file
stands for both in the sum and together, and the earlier is told. Assumption: a rebound is a part of what a lever saves
alone. Limit: totals are of what was in service, one seed; a run that did not finish its work saves nothing that counts.
"""

from collections.abc import Mapping, Sequence
from math import fsum, isclose
from typing import Any, NamedTuple

from simulator.errors import Problem, ScenarioError, UsageError
from simulator.footprint.accounting.accounts import Accounts, build_accounts
from simulator.footprint.accounting.method import Method
from simulator.record.tables import Tables
from simulator.scenario.factors import beside
from simulator.scenario.lever_values import FOOTPRINT, Path, as_values, clash, values_of
from simulator.scenario.load import Loaded, as_texts, dump, load_text
from simulator.scenario.run import Outcome, Report, run_scenario
from simulator.scenario.sentences import nearest
from simulator.vocabulary import BOUNDARIES, CRITERIA

TOGETHER = "together"
_ROUNDING = 1e-12
"""Totals closer than this share of the larger are equal."""


class Saving(NamedTuple):
    """What one lever comes to in a paradigm, in the unit of the criterion; None where its run did not finish.

    `after` is what is left of the saving after its rebound, None where it states none.
    """

    name: str
    says: str
    value: float | None
    share: float | None
    rebound: float | None
    after: float | None
    simulated: bool
    aside: str


class Ranking(NamedTuple):
    """The levers of one paradigm, those that save most first, and all of them together."""

    paradigm: str
    boundary: str
    value: float
    """What it is without any lever."""
    levers: list[Saving]
    together: Saving
    interaction: float | None
    """What the levers save less together than the sum of each alone; below 0: more."""


class Levers(NamedTuple):
    """The levers of a scenario, ranked by one criterion."""

    name: str
    criterion: str
    functional_unit: str | None
    rankings: list[Ranking]
    notes: list[str]

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        plain = [
            {**r._asdict(), "levers": [s._asdict() for s in r.levers], TOGETHER: r.together._asdict()}
            for r in self.rankings
        ]
        return {**self._asdict(), "rankings": plain}


class _Pulled(NamedTuple):
    """A scenario with some levers pulled: what they set, and the scenario that this makes."""

    name: str
    found: Mapping[Path, Any]
    loaded: Loaded


class _Ran(NamedTuple):
    """What a scenario came to: totals by paradigm and boundary, who finished, whether it was simulated for this."""

    accounts: Accounts
    totals: dict[str, dict[str, float]]
    finished: dict[str, bool]
    simulated: bool


def pull(
    loaded: Loaded, criterion: str = "co2e_kg", paradigm: str | None = None, report: Report | None = None
) -> Levers:
    """Pull each lever of a scenario alone, and all of them together; the scenario itself stays as it is.

    Raises UsageError where there is nothing to pull or to rank, ScenarioError with all that is wrong with its levers.
    """
    _check(loaded, criterion, paradigm)
    pulled = _pulled(loaded)
    kept, notes = _kept(pulled)
    whole = _together(loaded, kept)
    outcome = run_scenario(loaded, _named(report, "base"))
    base = _account(loaded, outcome.tables, _method(loaded), criterion, outcome, simulated=True)
    ran = {
        one.name: _answer(loaded, one, outcome, criterion, _named(report, one.name))
        for one in (*pulled, *([] if whole is None else [whole]))
    }
    asked = base.accounts.of if paradigm is None else [paradigm]
    rankings = [_ranking(loaded, criterion, name, base, ran, [one.name for one in kept]) for name in asked]
    unit = None if loaded.spec.comparison is None else loaded.spec.comparison.functional_unit
    return Levers(loaded.spec.name, criterion, unit, rankings, notes)


def _check(loaded: Loaded, criterion: str, paradigm: str | None) -> None:
    """Refuse what cannot be answered before anything is run."""
    if not loaded.spec.levers:
        remedy = "list some under `levers:`, such as `levers: {longer: {device_lifetime: 5 y}}`"
        raise UsageError(f"levers of {loaded.source}", "it has none", remedy)
    if criterion not in CRITERIA:
        raise UsageError(f"criterion {criterion!r}", "no such criterion", f"there is {', '.join(CRITERIA)}")
    paradigms = ["main"] if loaded.spec.paradigms is None else list(loaded.spec.paradigms)
    if paradigm is not None and paradigm not in paradigms:
        state = f"{loaded.source} has no such paradigm"
        raise UsageError(f"--paradigm {paradigm}", state, nearest(paradigm, paradigms))


def _pulled(loaded: Loaded) -> list[_Pulled]:
    """The scenario with each lever alone; raises ScenarioError with what is wrong with any of them."""
    found: list[_Pulled] = []
    problems: list[Problem] = []
    for name in loaded.spec.levers:
        try:
            values = values_of(loaded, name)
            found.append(_Pulled(name, values, _set(loaded, values)))
        except ScenarioError as error:
            problems += [Problem(loaded.source, f"levers.{name}", _told(one)) for one in error.problems]
        except UsageError as error:
            problems.append(Problem(loaded.source, f"levers.{name}", str(error)))
    if problems:
        raise ScenarioError(loaded.source, tuple(problems))
    return found


def _told(problem: Problem) -> str:
    return f"{problem.path or problem.where.removeprefix('--set ')}: {problem.sentence}"


def _set(loaded: Loaded, found: Mapping[Path, Any]) -> Loaded:
    """A fresh load of the scenario with these values."""
    return load_text(dump(loaded.data), loaded.source, as_texts(as_values(loaded.data, found)))


def _kept(pulled: Sequence[_Pulled]) -> tuple[list[_Pulled], list[str]]:
    """The levers that go together, and why the others do not: a later one sets the same."""
    kept: list[_Pulled] = []
    notes: list[str] = []
    for number, one in enumerate(pulled):
        clashes = ((other.name, clash(one.found, other.found)) for other in pulled[number + 1 :])
        found = next(((name, path) for name, path in clashes if path is not None), None)
        if found is None:
            kept.append(one)
        else:
            what = f"{found[0]}, later in the file, sets `{'.'.join(found[1])}` to something else"
            notes.append(f"{one.name} is not among those together, for {what}")
    return kept, notes


def _together(loaded: Loaded, kept: Sequence[_Pulled]) -> _Pulled | None:
    """All levers that go together as one; None where there is one alone, which was pulled already."""
    if len(kept) < 2:
        return None
    values = {path: value for one in kept for path, value in one.found.items()}
    try:
        return _Pulled(TOGETHER, values, _set(loaded, values))
    except ScenarioError as error:
        problems = (Problem(loaded.source, "levers, together", _told(one)) for one in error.problems)
        raise ScenarioError(loaded.source, tuple(problems)) from None


def _named(report: Report | None, name: str) -> Report | None:
    """A report that says which lever is being pulled."""
    return None if report is None else lambda step: report(step._replace(paradigm=f"{name}, {step.paradigm}"))


def _answer(loaded: Loaded, one: _Pulled, base: Outcome, criterion: str, report: Report | None) -> _Ran:
    """What a scenario with levers comes to: by another account of the base's record where that is all they change."""
    if all(path[0] == FOOTPRINT for path in one.found):
        return _account(loaded, base.tables, _method(one.loaded), criterion, base, simulated=False)
    outcome = run_scenario(one.loaded, report)
    return _account(one.loaded, outcome.tables, _method(one.loaded), criterion, outcome, simulated=True)


def _account(
    recorded: Loaded, tables: Tables, method: Mapping[str, Any], criterion: str, outcome: Outcome, simulated: bool
) -> _Ran:
    """The totals of a record by a method; `recorded` is the scenario by whose method it was made."""
    found = build_accounts(tables, _method(recorded), method, [criterion])
    comparison = recorded.spec.comparison
    units = 1.0 if comparison is None else comparison.units
    totals = {
        name: {boundary: one.value / units for boundary, one in found.boundaries(name, criterion).items()}
        for name in found.of
    }
    finished = {name: way["done_s"] is not None for name, way in outcome.summary["paradigms"].items()}
    return _Ran(found, totals, finished, simulated)


def _method(loaded: Loaded) -> dict[str, Any]:
    """The method of a scenario, whole, as plain data; its own files of factors by paths that hold anywhere."""
    plain = {name: field.get_default(call_default_factory=True) for name, field in Method.model_fields.items()}
    return plain | beside(loaded.data.get(FOOTPRINT) or {}, loaded.folder)


def _ranking(
    loaded: Loaded, criterion: str, paradigm: str, base: _Ran, ran: Mapping[str, _Ran], kept: Sequence[str]
) -> Ranking:
    """The levers in a paradigm, at the widest boundary that all of its runs have."""
    runs = [base, *(one for one in ran.values() if one.finished[paradigm])]
    common = [b for b in BOUNDARIES if all(b in one.totals[paradigm] for one in runs)]
    if not base.finished[paradigm]:
        raise UsageError(f"levers of {paradigm}", "it does not finish its work", "give it a longer `horizon`")
    if not common:
        for one in runs:
            one.accounts.total(criterion, paradigm)  # raises, with what nobody says
        raise UsageError(f"{criterion} of {paradigm}", "no boundary is known of all levers", "pull them one by one")
    boundary = common[-1]
    value = base.totals[paradigm][boundary]
    lines = [_saving(loaded, name, ran[name], paradigm, boundary, value) for name in loaded.spec.levers]
    alone = [line for line in lines if line.name in kept]
    together = _all(alone, ran.get(TOGETHER), paradigm, boundary, value)
    ranked = sorted(lines, key=lambda line: (line.value is None, -(line.value or 0.0)))
    savings = [line.value for line in alone]
    known = [one for one in savings if one is not None]
    complete = together.value is not None and len(known) == len(savings)
    interaction = _less(fsum(known), together.value or 0.0) if complete else None
    return Ranking(paradigm, boundary, value, ranked, together, interaction)


def _saving(loaded: Loaded, name: str, ran: _Ran, paradigm: str, boundary: str, value: float) -> Saving:
    """What one lever saves alone."""
    lever = loaded.spec.levers[name]
    saved = _saved(ran, paradigm, boundary, value)
    rebound = lever.rebound
    after = None if rebound is None or saved is None else saved - rebound * max(saved, 0.0)
    aside = "" if saved is not None else "it did not finish its work"
    return Saving(name, lever.says or "", saved, _share(saved, value), rebound, after, ran.simulated, aside)


def _all(alone: Sequence[Saving], ran: _Ran | None, paradigm: str, boundary: str, value: float) -> Saving:
    """What the levers save together; where there is one alone, what that does."""
    if ran is None:
        return alone[0]._replace(name=TOGETHER, says="", aside=f"{alone[0].name} alone")
    saved = _saved(ran, paradigm, boundary, value)
    back = [(one.rebound or 0.0) * max(one.value or 0.0, 0.0) for one in alone]
    stated = any(one.rebound is not None for one in alone)
    after = None if saved is None or not stated else saved - fsum(back)
    aside = "" if saved is not None else "it did not finish its work"
    says = ", ".join(one.name for one in alone)
    return Saving(TOGETHER, says, saved, _share(saved, value), None, after, ran.simulated, aside)


def _saved(ran: _Ran, paradigm: str, boundary: str, value: float) -> float | None:
    return _less(value, ran.totals[paradigm][boundary]) if ran.finished[paradigm] else None


def _less(one: float, other: float) -> float:
    """A difference that is 0 where nothing but rounding is left of it."""
    return 0.0 if isclose(one, other, rel_tol=_ROUNDING) else one - other


def _share(saved: float | None, value: float) -> float | None:
    return None if saved is None or not value else saved / value
