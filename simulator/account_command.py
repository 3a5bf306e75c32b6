"""The commands `aiceberg account` and `aiceberg explain`: other answers of one record, and one number to its sources.

Nothing is simulated again.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.command import AsJson, console, read_values
from simulator.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simulator.footprint.accounting.accounts import Accounts

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="a result folder")]
Factors = Annotated[
    list[str] | None,
    typer.Option(
        "--factors", metavar="SET", help="a factor set, or a CSV; may be repeated, the first that knows is taken"
    ),
]
Network = Annotated[
    str | None, typer.Option(help="what networks draw while nothing flows: as-run, per-subscriber, per-byte, peak")
]


def account(
    folder: Folder,
    rule: Annotated[
        str | None,
        typer.Option(help="who pays for what is shared: reserved, used, energy, reserve-then-use, shapley, economic"),
    ] = None,
    factors: Factors = None,
    criterion: Annotated[
        list[str] | None, typer.Option(help="energy_j, co2e_kg, grid_water_l, ...; may be repeated; all if left out")
    ] = None,
    ledger: Annotated[str | None, typer.Option(help="attributional, or consequential")] = None,
    basis: Annotated[str | None, typer.Option(help="what a life is counted in: calendar, or active (hours)")] = None,
    equipment: Annotated[
        str | None, typer.Option(help="what of users' equipment: as-run, whole-device, marginal, time-share")
    ] = None,
    network: Network = None,
    weights: Annotated[
        list[str] | None, typer.Option(metavar="WORKLOAD=PRICE", help="prices, for the rule economic; may be repeated")
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(min=100, max=1_000_000, help="draw the factors so many times: P5, P50, P95, what matters"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="seed of the draws")] = 0,
    as_json: AsJson = False,
) -> None:
    """The account of a result by another rule, ledger or factor set, without simulating it again."""
    from simulator import api, impacts
    from simulator.study.matrix import SETS
    from simulator.view import account as view
    from simulator.view.lineage import lineage_lines
    from simulator.view.unit_costs import unit_lines
    from simulator.vocabulary import CRITERIA

    results = api.open_results(folder)
    words = {"ledger": ledger, "basis": basis, "equipment": equipment, "network": network}
    given: dict[str, Any] = {name: value for name, value in (*words.items(), ("weights", _weights(weights))) if value}
    criteria = criterion or list(CRITERIA)
    found: Accounts = results.account(rule, factors or (), criteria, **given)
    shown = [one for one in criteria if any(found.boundaries(p, one) or found.missing(one, p) for p in found.of)]
    units, ancestors = impacts.unit_costs(results, found), impacts.lineage(results, found)
    told = view.as_json(found, shown) | {"unit_costs": [row._asdict() for row in units]}
    told |= {"lineage": [one.as_json() for one in ancestors]} if ancestors else {}
    said = [view.account(found, shown, results.name), *unit_lines(units), *lineage_lines(ancestors)]
    if draws is not None:
        others = [] if factors else [(name, partial(results.account, rule, sets, **given)) for name, sets in SETS]
        for one in _uncertain(found, shown):
            by_set = [(name, build(criterion=one)) for name, build in others]
            drawn, printed = _draw(found, one, by_set, draws, seed)
            told.setdefault("draws", {})[one] = drawn
            said += printed
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    screen = console()
    for part in said:
        screen.print(part)


def _draw(
    found: "Accounts", criterion: str, by_set: "Sequence[tuple[str, Accounts]]", count: int, seed: int
) -> "tuple[dict[str, Any], list[RenderableType]]":
    """The draws of a criterion as plain data and for people, beside those by factor sets."""
    from simulator.footprint.accounting.uncertainty import under
    from simulator.view import uncertainty

    drawn, first = found.draws(criterion, count=count, seed=seed), next(iter(found.of))
    swings = found.tornado(criterion, first, drawn.boundary)
    told, said = uncertainty.as_json(drawn, swings), ["", uncertainty.uncertain(drawn, swings, first)]
    if by_set:
        others = under(by_set, criterion, None, count, seed)
        told["by_factors"] = {name: uncertainty.plain(of) for name, of in others}
        said += ["", uncertainty.by_method(others)]
    return told, said


def _uncertain(found: "Accounts", criteria: list[str]) -> list[str]:
    """Those of the criteria that all paradigms know at some boundary: CO2e where all were asked for."""
    known = [one for one in criteria if all(found.boundaries(name, one) for name in found.of)]
    return ["co2e_kg"] if len(criteria) > 1 and "co2e_kg" in known else known


def explain(
    folder: Folder,
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="a number of summary.json, such as main.boundaries.facility.co2e_kg")
    ],
    as_json: AsJson = False,
) -> None:
    """Follow one number of a result to its rows, their equation, factors and sources."""
    from simulator import api
    from simulator.view import account as view

    found = api.open_results(folder).explain(path)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        console().print(view.explained(found))


def _weights(texts: list[str] | None) -> dict[str, float]:
    """The prices that options WORKLOAD=PRICE give."""
    found = {}
    for name, value in read_values(texts, "--weights").items():
        try:
            found[name] = float(value)
        except ValueError:
            said = f"--weights {name}={value}"
            raise UsageError(said, "is no WORKLOAD=PRICE", "write such as --weights train=3") from None
    return found
