"""How a record is turned into an account: which ledger, which factors, who pays for what nobody asked for.

A method is a choice, not physics: the same record gives another answer by another method, without
being simulated again. The scenario states one under `footprint:`; an account may take any other.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from simulator.footprint.accounting.development import Development
from simulator.footprint.accounting.lineage import Lineage
from simulator.footprint.making.items import thing_names
from simulator.footprint.making.life import LifeSpec
from simulator.footprint.sharing.rules import RULES
from simulator.spec import NAME_ALONE, Fault, Name, PositiveNumber, Spec, Text, names
from simulator.vocabulary import LEDGERS

BASES = {
    "calendar": "the making is charged by the seconds that pieces count, over their lives",
    "active": "over the hours in which pieces of their kind are at work in their lives",
}
"""What a life is counted in."""

EQUIPMENT = {
    "as-run": "users' equipment as the scenario's populations say, marginal or whole",
    "whole-device": "all that it draws while it works",
    "marginal": "what it draws beyond its rest while it works",
    "time-share": "beyond its rest, and a part of what it draws at rest day and night, by its hours of use",
}
"""What of the electricity of users' equipment is charged."""

NETWORKS = {
    "as-run": "networks as they were recorded",
    "per-subscriber": "users' lines by one more bit, and their rest while they work; links and sites as recorded",
    "per-byte": "users' lines, links and sites by averages per bit, which hold what all draw while nothing flows",
    "peak": "one more bit, and what networks draw at rest all the time by the highest rate over what they can carry",
}
"""Who pays for what networks draw while nothing flows."""


Sets = Annotated[list[Text], BeforeValidator(names), NAME_ALONE]
"""Names of factor sets or paths of CSV files, the first that knows something first; one may stand alone."""


class Method(Spec):
    """How impacts are counted and shared."""

    ledger: Literal[tuple(LEDGERS)] = Field("attributional", description="which question is answered")  # type: ignore[valid-type]  # the words of a table
    rule: Literal[tuple(RULES)] = Field("reserved", description="who pays for what shared machines cost")  # type: ignore[valid-type]  # the words of a table
    basis: Literal[tuple(BASES)] = Field("calendar", description="what a machine's life is counted in")  # type: ignore[valid-type]  # the words of a table
    equipment: Literal[tuple(EQUIPMENT)] = Field("as-run", description="what of users' equipment is charged")  # type: ignore[valid-type]  # the words of a table
    network: Literal[tuple(NETWORKS)] = Field(  # type: ignore[valid-type]  # the words of a table
        "as-run", description="who pays for what networks draw while nothing flows; users' lines go by it unless as-run"
    )
    grid: Sets = Field(
        [], description="factor sets of electricity, or CSV files; the run's own intensities if left out"
    )
    embodied: Sets = Field([], description="factor sets of making, or CSV files, in order; `base` stands behind them")
    lives: dict[Name, LifeSpec] = Field({}, description="how long things last, by device, server or class")
    weights: dict[Name, PositiveNumber] = Field({}, description="prices of workloads, for the rule `economic`")
    development: Development | None = Field(
        None,
        description="what was tried before, over what trainings draw: a study (`olmo`), or `{ratio: 0.5, source: ...}`",
    )
    lineage: Lineage | None = Field(
        None, description="the models that the run's model is made from, and who shares them"
    )

    def faults(self) -> Iterator[Fault]:
        """Prices without the rule that asks for them, the other way round, and lives of what there is not."""
        if self.rule == "economic" and not self.weights:
            yield Fault(("weights",), "the rule `economic` shares by prices; give `weights: {workload: price}`")
        if self.weights and self.rule != "economic":
            yield Fault(("weights",), f"prices are for `rule: economic`, and it is `{self.rule}`; keep one of them")
        known = thing_names() if self.lives else set()
        for name in (one for one in self.lives if one not in known):
            near = get_close_matches(name, sorted(known), n=1)
            hint = (
                f"did you mean `{near[0]}`?" if near else "give a device, a server, a class such as `phone`, or `rack`"
            )
            yield Fault(("lives", name), f"nothing that is made is called {name!r}; {hint}")
