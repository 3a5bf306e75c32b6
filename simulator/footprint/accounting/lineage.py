"""Models that are made from models: who answers for what an ancestor took.

    an ancestor = the shares of those who use it + what stays with its future children       (all of it, once)

    cut-off    who trained it answers for all of it; what is made from it takes nothing
    equal      one head for its own use, one for each child that it has or will have; a child hands its part on
               to its own children likewise; heads that nobody named are the future's
    use        by requests or tokens, its own and those of all its descendants, each counted once
    economic   by what that use is worth

With `use` and `economic` a model that comes from an ancestor by two ways uses it once. `reserve` is a
part kept back for children that nobody knows yet; with `equal` heads do that too. Charging an ancestor in
full to each child is no rule here: its impact would be counted as often as it has children.
Limit: a share says nothing of what the child would have cost without its ancestor.
"""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from math import fsum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from simulator.errors import UsageError
from simulator.spec import (
    NAME_ALONE,
    Count,
    Fault,
    Joules,
    KilogramsCO2e,
    Name,
    Share,
    Spec,
    WholeNumber,
    names,
    present,
)

CUT_OFF, EQUAL, USE, ECONOMIC = "cut-off", "equal", "use", "economic"
RULES = {
    CUT_OFF: "what is made from a model takes nothing of it",
    EQUAL: "by heads: a model's own use is one, each child that it has or will have another",
    USE: "by requests or tokens, a model's own and those of all that comes from it",
    ECONOMIC: "by what the use is worth, a model's own and that of all that comes from it",
}
"""How an ancestor's impact is shared among those who use it."""
AMOUNTS = {USE: "use", ECONOMIC: "value"}
"""What each model must say under a rule of amounts."""
FULL = "charging an ancestor in full to each child counts it as often as it has children; share it: {}"


def _rule(value: Any) -> Any:
    if value == "full":
        raise PydanticCustomError("rule", "{sentence}", {"sentence": FULL.format(", ".join(RULES))})
    return value


class Kin(Spec):
    """A model of a lineage: what it took itself, and what it was made from."""

    impact: KilogramsCO2e | None = Field(None, description="greenhouse gas of making it, its ancestors left out")
    energy: Joules | None = Field(None, description="electricity of making it, its ancestors left out")
    trains: Name | None = Field(None, description="the workload of this run that makes it, in place of both")
    parents: Annotated[list[Name], BeforeValidator(names), NAME_ALONE] = Field(
        [], description="the models that it was made from: a name, or a list of names"
    )
    children: Count | None = Field(
        None, description="how many models are or will be made from it; those named here if left out; for `equal`"
    )
    direct: bool = Field(True, description="whether it is used itself, and not built upon alone; for `equal`")
    use: WholeNumber | None = Field(None, description="requests (or tokens, as all others) of it itself; for `use`")
    value: WholeNumber | None = Field(None, description="what its own use is worth, in any money; for `economic`")
    reserve: Share = Field(0.0, description="part that is kept back for models that nobody knows yet")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """A model that took nothing that anybody knows, or one that is told twice."""
        given = present(raw)
        if not given & {"impact", "energy", "trains"}:
            yield Fault((), "what did it take? Give `impact`, such as `11 tCO2e`, or the workload that `trains` it")
        for field in sorted(given & {"impact", "energy"}):
            if "trains" in given:
                yield Fault((field,), "the workload that trains it says already what it took; keep one of them")


class Lineage(Spec):
    """Which models are made from which, and how their impact is shared."""

    rule: Annotated[Literal[tuple(RULES)], BeforeValidator(_rule)] = Field(  # type: ignore[valid-type]  # the words of a table
        description="how an ancestor's impact is shared"
    )
    of: Name = Field(description="the model that this run is about")
    models: dict[Name, Kin] = Field(description="the models by name", json_schema_extra={"minProperties": 1})

    def faults(self) -> Iterator[Fault]:
        """Parents that are not there, circles, too few children, and what the rule asks for and nobody says."""
        if self.of not in self.models:
            yield Fault(("of",), f"no model of the lineage is called {self.of!r}; there is {', '.join(self.models)}")
        named = [Fault(("models", name, *f.path), f.sentence) for name in self.models for f in self._of_model(name)]
        yield from named
        if not named:
            try:
                shares(self.models, self.rule)
            except UsageError as error:
                yield Fault(("models",), f"{error.state}; {error.remedy}")

    def _of_model(self, name: str) -> Iterator[Fault]:
        """What is wrong with one model, its place among the others left out."""
        kin = self.models[name]
        for number, parent in enumerate(kin.parents):
            if parent not in self.models:
                yield Fault(("parents",), f"no model is called {parent!r}; there is {', '.join(self.models)}")
            elif parent in kin.parents[:number]:
                yield Fault(("parents",), f"{parent!r} stands there twice; name it once")
        have = sum(name in other.parents for other in self.models.values())
        if kin.children is not None and kin.children < have:
            yield Fault(("children",), f"{have} are named already; give {have} or more")
        amount = AMOUNTS.get(self.rule)
        if amount is not None and getattr(kin, amount) is None:
            yield Fault((amount,), f"the rule `{self.rule}` shares by it; unknown is not 0: say it, or take `equal`")


Shares = dict[str, float]
"""Who answers for what part of a model: itself and those made from it by name, and `FUTURE`; together 1."""
FUTURE = ""
"""Stands for models that nobody has named yet."""


def shares(models: Mapping[str, Kin], rule: str) -> dict[str, Shares]:
    """The shares of every model's own impact, by model; together 1 each. Raises UsageError for a circle.

    >>> said = {"base": {"impact": "11 tCO2e", "children": 3}, "tuned": {"impact": "1 tCO2e", "parents": ["base"]}}
    >>> kin = {name: Kin.model_validate(one) for name, one in said.items()}
    >>> shares(kin, "equal")["base"]
    {'base': 0.25, 'tuned': 0.25, '': 0.5}
    """
    order = in_order(models)
    children = {name: [one for one in order if name in models[one].parents] for name in order}
    if rule == CUT_OFF:
        return {name: {name: 1.0} for name in order}
    if rule == EQUAL:
        return {name: _by_heads(name, order, models, children) for name in order}
    return {name: _by_amounts(name, order, models, children, AMOUNTS[rule]) for name in order}


def in_order(models: Mapping[str, Kin]) -> list[str]:
    """The models, each after those that it was made from; raises UsageError that names a circle."""
    try:
        return list(TopologicalSorter({name: kin.parents for name, kin in models.items()}).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise UsageError("the lineage", f"goes round in a circle: {circle}", "take one of its `parents` away") from None


Children = Mapping[str, Sequence[str]]


def _by_heads(start: str, order: Sequence[str], models: Mapping[str, Kin], children: Children) -> Shares:
    """What becomes of one model as it is handed from parents to children, head by head."""
    part = dict.fromkeys(order, 0.0)
    part[start] = 1.0
    kept: dict[str, float] = {}
    future = []
    for name in order:
        kin, named = models[name], children[name]
        heads = int(kin.direct) + (len(named) if kin.children is None else kin.children)
        if part[name] == 0.0:
            continue
        each = part[name] * (1.0 - kin.reserve) / heads if heads else 0.0
        kept[name] = each if kin.direct else 0.0
        for child in named:
            part[child] += each
        future.append(part[name] * kin.reserve if heads else part[name])
        future.append(each * (heads - int(kin.direct) - len(named)))
    return _told({**kept, FUTURE: fsum(future)})


def _by_amounts(start: str, order: Sequence[str], models: Mapping[str, Kin], children: Children, field: str) -> Shares:
    """What falls on a model and on each of its descendants, once, by an amount that each of them says."""
    reached = {start}
    for name in order:
        if name in reached:
            reached.update(children[name])
    amounts = {name: getattr(models[name], field) for name in order if name in reached}
    unknown = [name for name, amount in amounts.items() if amount is None]
    if unknown:
        raise UsageError("the lineage", f"nobody says the `{field}` of {', '.join(unknown)}", "say it, or take `equal`")
    whole = fsum(amounts.values())
    if not whole:
        raise UsageError("the lineage", f"{start} and all that comes from it have a `{field}` of 0", "say whose it is")
    reserve = models[start].reserve
    return _told({**{name: (1.0 - reserve) * amount / whole for name, amount in amounts.items()}, FUTURE: reserve})


def _told(parts: Shares) -> Shares:
    """Those who answer for something."""
    return {name: share for name, share in parts.items() if share}
