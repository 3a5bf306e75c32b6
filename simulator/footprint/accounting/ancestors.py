"""What the model of a run takes from its ancestors, and what of its own making it hands on.

    taken = sum over ancestors of  share of the model in the ancestor x what the ancestor took itself

It stands beside the ladder and in none of its boundaries: an ancestor's figure was published by somebody
else, within bounds of his own. What this run trains counts at the widest boundary that is known of it, with
what is stated to have been tried for it, and without trainings that a search tried, which are its paradigm's.
An ancestor of which nobody says a criterion is told as unknown, unless the model's share of it is 0.
"""

from collections.abc import Iterator, Sequence
from math import fsum
from typing import Any, NamedTuple

from simulator.errors import UsageError
from simulator.footprint.accounting.accounts import Accounts
from simulator.footprint.accounting.lineage import FUTURE, Kin, Lineage, shares
from simulator.footprint.accounting.term import GIVEN
from simulator.footprint.making.factors import Factor
from simulator.vocabulary import UNASSIGNED

SAID = {"co2e_kg": "impact", "energy_j": "energy"}
"""The field of a model that says what it took, by criterion."""


class Part(NamedTuple):
    """A model that the run's model answers for in part: itself, or an ancestor; `whole` is what that took itself."""

    model: str
    share: float
    whole: Factor

    @property
    def value(self) -> float:
        """What of it falls on the run's model."""
        return self.share * self.whole.value


class Ancestry(NamedTuple):
    """What falls on the model of a run, by one criterion, in one paradigm; of those `unknown` nobody says it."""

    paradigm: str
    of: str
    rule: str
    criterion: str
    parts: tuple[Part, ...]
    unknown: tuple[str, ...]

    @property
    def taken(self) -> float | None:
        """What it takes from its ancestors; None where one of them is unknown."""
        own = [part.value for part in self.parts if part.model != self.of]
        return None if set(self.unknown) - {self.of} else fsum(own)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        parts = [
            {"model": part.model, "share": part.share, "amount": part.value, "whole": part.whole._asdict()}
            for part in self.parts
        ]
        return {**self._asdict(), "parts": parts, "unknown": list(self.unknown), "taken": self.taken}


def find_ancestry(accounts: Accounts, criteria: Sequence[str] = tuple(SAID)) -> list[Ancestry]:
    """What the model of a lineage takes from its ancestors, by paradigm and criterion; nothing without a lineage.

    Raises UsageError where the lineage cannot be, or a model is trained by a workload that no paradigm has.
    """
    lineage = accounts.method.lineage
    if lineage is None:
        return []
    for fault in lineage.faults():
        raise UsageError(".".join(("footprint.lineage", *map(str, fault.path))), fault.sentence, "mend it there")
    _check_workloads(accounts, lineage)
    found = shares(lineage.models, lineage.rule)
    held = {name: one[lineage.of] for name, one in found.items() if lineage.of in one}
    return [_ancestry(accounts, lineage, held, way, one) for way in accounts.of for one in criteria if one in SAID]


def _check_workloads(accounts: Accounts, lineage: Lineage) -> None:
    known = {term.workload: None for term in accounts.terms if term.workload != UNASSIGNED}
    for name, kin in lineage.models.items():
        if kin.trains is not None and kin.trains not in known:
            there = ", ".join(known) or "nothing"
            state = f"no workload that {kin.trains!r} names was charged with anything"
            raise UsageError(f"footprint.lineage.models.{name}.trains", state, f"there is {there}")


def _ancestry(accounts: Accounts, lineage: Lineage, held: dict[str, float], paradigm: str, criterion: str) -> Ancestry:
    parts, unknown = [], []
    for name, share in held.items():
        whole = _find_whole(accounts, name, lineage.models[name], paradigm, criterion)
        if whole is None:
            unknown.append(name)
        else:
            parts.append(Part(name, share, whole))
    return Ancestry(paradigm, lineage.of, lineage.rule, criterion, tuple(parts), tuple(unknown))


def _find_whole(accounts: Accounts, name: str, kin: Kin, paradigm: str, criterion: str) -> Factor | None:
    """What a model took itself; None where nobody says, or the paradigm does not train it."""
    if kin.trains is None:
        value = getattr(kin, SAID[criterion])
        named = f"footprint.lineage.models.{name}.{SAID[criterion]}"
        return None if value is None else Factor(named, value, None, None, "the scenario", GIVEN)
    boundaries = list(accounts.boundaries(paradigm, criterion))
    charged = accounts.by_workload(criterion, paradigm) if boundaries else {}
    if kin.trains not in charged:
        return None
    source = f"this run: workload {kin.trains} at the boundary {boundaries[-1]}"
    return Factor(f"{paradigm}/{kin.trains}/{criterion}", charged[kin.trains], None, None, source, "derived")


def totals(accounts: Accounts, criterion: str = "co2e_kg") -> Iterator[tuple[str, str, float]]:
    """What falls on each model of the lineage, and last on `FUTURE` ones, as (paradigm, model, amount).

    They add up to what all models of the lineage took. Paradigms in which one of them is unknown are left out.
    """
    lineage = accounts.method.lineage
    if lineage is None:
        return
    found = shares(lineage.models, lineage.rule)
    for paradigm in accounts.of:
        wholes = {name: _find_whole(accounts, name, kin, paradigm, criterion) for name, kin in lineage.models.items()}
        known = {name: whole.value for name, whole in wholes.items() if whole is not None}
        if len(known) < len(wholes):
            continue
        for model in (*lineage.models, FUTURE):
            yield paradigm, model, fsum(one.get(model, 0.0) * known[name] for name, one in found.items())
