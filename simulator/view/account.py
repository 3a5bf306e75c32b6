"""An account on the terminal: nested totals, who pays, what nobody says, whose factors; and a number explained."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.errors import few
from simulator.footprint.sharing.rules import RULES
from simulator.units import show
from simulator.vocabulary import BOUNDARIES, LEDGERS

HEADS = {
    "energy_j": "energy",
    "co2e_kg": "CO2e",
    "marginal_co2e_kg": "marginal CO2e",
    "site_water_l": "site water",
    "grid_water_l": "grid water",
    "primary_energy_mj": "primary energy",
    "adpe_kgsb": "ADPe",
    "cost_usd": "cost",
}
"""The name of each criterion for people."""
NOTHING_MADE = "what stands there anyway counts for nothing: electricity alone; not to be taken for a total"
"""What an account by a rule that charges nothing of what was made is of."""
DUST = 1e-12
"""A share of the whole below which nothing but rounding is left."""
MOST = 3
"""So many of what is missing, or taken from elsewhere, are named; `--json` has all."""


def account(found: Any, criteria: Sequence[str], name: str) -> RenderableType:
    """All that an account by one method says, paradigm by paradigm."""
    method = found.method
    told = [f"rule {method.rule}", f"lives by {method.basis}", f"users' equipment {method.equipment}"]
    told += [] if method.network == "as-run" else [f"networks {method.network}"]
    sets = (f"electricity {', '.join(method.grid) or 'as run'}", f"making {', '.join(method.embodied) or 'base'}")
    head = Text(f"{name}, {method.ledger}: {', '.join((*told, *sets))}", style="bold")
    parts: list[RenderableType] = [head, Text(_answers(method), style="dim")]
    for paradigm in found.of:
        parts += [Text(), _ladder(found, paradigm, criteria), *_workloads(found, paradigm, criteria)]
        parts += _missing(found, paradigm, criteria)
    return Group(*parts, *_fallbacks(found), *_unused(found))


def _answers(method: Any) -> str:
    """What question an account answers."""
    return LEDGERS[method.ledger] if RULES[method.rule].conserving else NOTHING_MADE


def _ladder(found: Any, paradigm: str, criteria: Sequence[str]) -> Table:
    """Nested totals: boundaries downwards, criteria beside each other."""
    totals = {criterion: found.boundaries(paradigm, criterion) for criterion in criteria}
    table = Table(box=None, pad_edge=False)
    table.add_column(paradigm)
    for criterion in criteria:
        table.add_column(HEADS[criterion], justify="right", no_wrap=True)
    for boundary in BOUNDARIES:
        if any(boundary in of for of in totals.values()):
            cells = [show(totals[c][boundary].value, c) if boundary in totals[c] else "-" for c in criteria]
            table.add_row(boundary, *cells)
    return table


def _workloads(found: Any, paradigm: str, criteria: Sequence[str]) -> Iterator[Text]:
    """Who is charged with what of each criterion, at the widest boundary that is known of it."""
    for criterion in criteria:
        if not found.boundaries(paradigm, criterion):
            continue
        shares = found.by_workload(criterion, paradigm)
        whole = sum(shares.values())
        told = sorted(((value, one) for one, value in shares.items() if abs(value) > DUST * abs(whole)), reverse=True)
        parts = (
            f"{one} {show(value, criterion)}" + (f" ({value / whole:.1%})" if whole else "") for value, one in told
        )
        boundary = found.total(criterion, paradigm).boundary
        if told:
            yield Text(f"{paradigm}, {HEADS[criterion]} by workload ({boundary}): {', '.join(parts)}")


def _missing(found: Any, paradigm: str, criteria: Sequence[str]) -> Iterator[Text]:
    """What is not computed, and what nobody says."""
    for criterion in criteria:
        missing = list(dict.fromkeys(one.what for one in found.missing(criterion, paradigm)))
        if missing:
            from_ = min((one.boundary for one in found.missing(criterion, paradigm)), key=list(BOUNDARIES).index)
            yield Text(f"{HEADS[criterion]} ends before {from_}: nobody says {_few(missing)}", style="yellow")


def _fallbacks(found: Any) -> Iterator[Text]:
    """The factors that were taken from another set than the first one asked for."""
    if found.fallbacks:
        yield Text(f"\nnot in the first set, taken from the next that has them: {_few(found.fallbacks)}", style="dim")


def _unused(found: Any) -> Iterator[Text]:
    """What was asked for in vain: nothing of this record has a figure of it."""
    if found.unused:
        yield Text(f"no figure here is of {_few(found.unused)}", style="yellow")


def _few(names: Sequence[str]) -> str:
    return few(names, MOST) + (" (`--json` lists all)" if len(names) > MOST else "")


def as_json(found: Any, criteria: Sequence[str]) -> dict[str, Any]:
    """An account as plain data: the method, nested totals, workloads by phase, what is missing, fallbacks."""
    return {
        "method": found.method.model_dump(),
        "paradigms": {paradigm: _plain(found, paradigm, criteria) for paradigm in found.of},
        "fallbacks": list(found.fallbacks),
        "unused": list(found.unused),
    }


def _plain(found: Any, paradigm: str, criteria: Sequence[str]) -> dict[str, Any]:
    return {
        "boundaries": {
            criterion: {b: total.value for b, total in found.boundaries(paradigm, criterion).items()}
            for criterion in criteria
        },
        "by_workload": {
            criterion: found.by_workload(criterion, paradigm)
            for criterion in criteria
            if found.boundaries(paradigm, criterion)
        },
        "missing": {c: sorted({one.what for one in found.missing(c, paradigm)}) for c in criteria},
    }


def explained(found: Any, most: int = 40) -> RenderableType:
    """A number, its equation, and the rows that it is the sum of, the largest first; then whose factors they are."""
    rows = sorted(found.rows, key=lambda row: -abs(row.amount))
    table = Table(box=None, pad_edge=False)
    for name in ("amount", "of", "for", "doing", "base", "times", "over"):
        table.add_column(name, justify="right" if name in ("amount", "base") else "left", overflow="fold")
    for row in rows[:most]:
        what = f"{row.asset or row.item} ({row.item})" if row.item and row.asset else row.asset or row.item
        table.add_row(
            f"{row.amount:.6g}",
            what,
            row.workload,
            row.activity,
            f"{row.base:.6g} {row.unit}",
            " x ".join(f"{factor.value:.6g}" for factor in row.factors),
            " x ".join(f"{factor.value:.6g}" for factor in row.inverse),
        )
    more = [Text(f"and {len(rows) - most} smaller rows (`--json` prints all)", style="dim")] if len(rows) > most else []
    head = Text(f"{found.path} = {found.value:.9g} {found.unit}", style="bold")
    return Group(head, Text(found.holds, style="dim"), Text(EQUATION), Text(), table, *more, Text(), *_sources(found))


EQUATION = "value = sum over rows of base x product(times) / product(over)"


def _sources(found: Any) -> Iterator[Text]:
    """Each factor once, with its source and confidence; and where the bases were measured."""
    seen: dict[str, Text] = {}
    for row in found.rows:
        for factor in (*row.factors, *row.inverse):
            if factor.confidence == "exact":
                continue
            between = "" if factor.low is None else f" [{factor.low:g}, {factor.high:g}]"
            told = f"{factor.name} = {factor.value:g}{between}: {factor.source} ({factor.confidence})"
            seen.setdefault(factor.name, Text(told, style="dim"))
    yield from seen.values()
    tables = dict.fromkeys(row.origin.partition(":")[0] for row in found.rows if row.origin)
    if tables:
        yield Text(f"bases are measured in the tables {', '.join(tables)} (Parquet) of the result", style="dim")
