"""The public face of what a result comes to beyond its totals: a functional unit, a model's ancestors, what-ifs."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.api import load
from simulator.footprint.accounting.ancestors import Ancestry, find_ancestry
from simulator.footprint.accounting.unit_costs import UnitCost, carbon_intensity
from simulator.footprint.accounting.unit_costs import unit_costs as _unit_costs
from simulator.scenario.load import Loaded
from simulator.scenario.run import Report
from simulator.study.levers import Levers, pull

if TYPE_CHECKING:
    from simulator.api import Results
    from simulator.footprint.accounting.accounts import Accounts


def unit_costs(
    result: "Results", accounts: "Accounts | None" = None, tokens: Mapping[str, float] | None = None
) -> list[UnitCost]:
    """What a training, a request, a user's year, a point of accuracy or an exaFLOP of a result comes to.

    By these accounts, the result's own if left out; `tokens` a request by service, where a token is asked for.

    >>> import simulator as sim
    >>> rows = sim.unit_costs(sim.run("small/one_gpu"))
    >>> [(row.unit, row.boundary, round(row.value, 3)) for row in rows if row.criterion == "co2e_kg"]
    [('training', 'life_cycle', 0.228)]
    """
    found = accounts or result.account()
    return [*_unit_costs(result._tables, found, tokens), *carbon_intensity(result._tables, found)]


def lineage(result: "Results", accounts: "Accounts | None" = None) -> list[Ancestry]:
    """What a result's model takes from the models that it was made from, in no boundary; empty where none is said."""
    return find_ancestry(accounts or result.account())


def levers(
    scenario: str | Path | Loaded,
    criterion: str = "co2e_kg",
    *,
    paradigm: str | None = None,
    values: Mapping[str, Any] | None = None,
    report: Report | None = None,
) -> Levers:
    """What each of a scenario's levers saves, alone and all together.

    Raises UsageError for a scenario without levers, or a criterion that is not known of all runs.
    """
    loaded = scenario if isinstance(scenario, Loaded) else load(scenario, values)
    return pull(loaded, criterion, paradigm, report)
