"""A result on the terminal: the boundaries, what was published, jobs, transfers, services, assumptions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.errors import few
from simulator.hardware.fabric import find_row_fabric
from simulator.scenario.fairness import search_lines, unfair
from simulator.units import show
from simulator.view.compare import as_shown, frame_lines, shown_total, totals
from simulator.view.networks import network_tables
from simulator.view.stages import Records, happening_lines, stage_lines
from simulator.vocabulary import BOUNDARIES, NUMBER, OPERATIONAL, QUANTITIES, SENTENCES

_EIGHTHS = " ▏▎▍▌▋▊▉"
RECORDED = {
    "ledger": "attributional",
    "rule": "reserved",
    "equipment": "as-run",
    "network": "as-run",
}
"""The method by which a run itself is summed up; sets, lives and development are the scenario's."""
MOST_UNKNOWN = 3
MAKING = "embodied/"
"""What begins the name of an assumption of what making took."""


def result(
    summary: Mapping[str, Any],
    manifest: Mapping[str, Any],
    records: Records,
    width: int,
) -> RenderableType:
    """The whole answer of a run, for a person with a terminal of so many columns."""
    head = Text(f"{summary['name']}   seed {manifest['seed']}, from {manifest['start'][:10]}", style="bold")
    parts: list[RenderableType] = [
        head,
        Text(),
        Group(*stage_lines(records)),
        Text(),
    ]
    happened = list(happening_lines(records))
    if happened:
        parts += [Text("cables and the traffic of others"), *happened, Text()]
    notes = list(assumption_lines(manifest))
    if notes:
        parts += [Text("assumed where nobody published it (the ladder takes the first value)"), *notes, Text()]
    if not any(found["boundaries"] or found["owned"] for found in summary["paradigms"].values()):
        return Group(*parts, Text("nothing in it draws power, so that no boundary is computed"))
    shown = as_shown(summary, shown_total(manifest))
    parts += [*frame_lines(summary, manifest), Text(), *ladders(shown, width), *boundary_notes(manifest)]
    parts += [*unknown_lines(manifest), *method_lines(manifest)]
    parts += [*learning_lines(manifest), Text(), *share_lines(summary)]
    for networks in network_tables(summary):
        parts += [Text(), networks]
    return Group(*parts, Text(), totals(summary, manifest), Text(), *published_lines(summary, manifest))


def ladders(summary: Mapping[str, Any], width: int) -> Iterable[Table]:
    """One ladder with the paradigms side by side, or one a paradigm where they do not fit."""
    paradigms = summary["paradigms"]
    if width >= 14 + 30 * len(paradigms):
        yield ladder(summary, width)
        return
    for name, found in paradigms.items():
        yield ladder({**summary, "paradigms": {name: found}}, width)


def ladder(summary: Mapping[str, Any], width: int) -> Table:
    """Boundaries downwards, paradigms side by side, bars of CO2e to one scale; making draws no electricity here."""
    paradigms = summary["paradigms"]
    bar_width = max(4, min(24, (width - 14) // max(1, len(paradigms)) - 24))
    most_kg = max((b["co2e_kg"] for p in paradigms.values() for b in p["boundaries"].values()), default=0.0)
    table = Table(box=None, pad_edge=False)
    table.add_column("boundary")
    for name, found in paradigms.items():
        done = "unfinished" if found["done_s"] is None else show(found["done_s"], "time_s")
        table.add_column(f"{name} ({done})", min_width=bar_width)
        table.add_column("energy", justify="right", no_wrap=True)
        table.add_column("CO2e", justify="right", no_wrap=True)
    for boundary in BOUNDARIES:
        if any(boundary in found["boundaries"] for found in paradigms.values()):
            cells = [
                cell
                for found in paradigms.values()
                for cell in _rung(found["boundaries"].get(boundary), most_kg, bar_width)
            ]
            table.add_row(boundary, *cells)
    return table


def _rung(found: Mapping[str, float] | None, most_kg: float, bar_width: int) -> tuple[RenderableType, str, str]:
    if found is None:
        return Text("not computed", style="dim"), "", ""
    bar = Text(_bar(found["co2e_kg"] / most_kg if most_kg else 0.0, bar_width), style="cyan")
    energy = show(found["energy_j"], "energy_j") if "energy_j" in found else ""
    return bar, energy, show(found["co2e_kg"], "co2e_kg")


def _bar(share: float, width: int) -> str:
    """A bar to an eighth of a character, padded to its width."""
    whole, part = divmod(round(share * width * 8), 8)
    return ("█" * whole + _EIGHTHS[part].strip()).ljust(width)


def share_lines(summary: Mapping[str, Any]) -> Iterable[Text]:
    """Who the reserved energy of the widest boundary was for and what it did, the largest share first."""
    for name, found in summary["paradigms"].items():
        widest = next((b for b in reversed(OPERATIONAL) if b in found["boundaries"]), "")
        for key in ("workload", "activity"):
            shares = sorted(found[f"by_{key}"].items(), key=lambda share: -share[1]["energy_j"])
            whole_j = sum(share["energy_j"] for _, share in shares)
            parts = [
                f"{one} {show(share['energy_j'], 'energy_j')} ({share['energy_j'] / whole_j:.1%})"
                for one, share in shares
                if share["energy_j"] > 0
            ]
            if parts:
                yield Text(f"{name} by {key} ({widest}, reserved): {', '.join(parts)}")


def boundary_notes(manifest: Mapping[str, Any]) -> Iterable[Text]:
    """Where a boundary of a paradigm holds something else than its name says; why the other total ends before."""
    shown, other = ("reserved", "owned") if shown_total(manifest) == "reserved" else ("owned", "reserved")
    paradigms: dict[str, list[str]] = {}
    for paradigm, boundaries in manifest[SENTENCES[shown]].items():
        for name, sentence in boundaries.items():
            if sentence != BOUNDARIES[name]:
                paradigms.setdefault(f"{name}: {sentence}", []).append(paradigm)
        for name, sentence in list(manifest[SENTENCES[other]][paradigm].items())[-1:]:
            if name in list(boundaries)[:-1]:
                paradigms.setdefault(f"{name} ({other}): {sentence}", []).append(paradigm)
    for told, names in paradigms.items():
        yield Text(f"{' and '.join(names)}, {told}", style="dim")


def unknown_lines(manifest: Mapping[str, Any]) -> Iterable[Text]:
    """Why the ladder of a paradigm ends before the making of its machines, or before their end."""
    for paradigm, unknown in manifest["footprint"]["unknown"].items():
        if unknown:
            told = few(unknown, MOST_UNKNOWN)
            remedy = "give a factor set of your own, `footprint: {embodied: mine.csv}`"
            yield Text(f"{paradigm}: nobody says what making and its end took of {told}; {remedy}", style="yellow")


def method_lines(manifest: Mapping[str, Any]) -> Iterable[Text]:
    """That the ladder is of what was recorded, where the scenario's method shares or counts it in another way."""
    said = manifest["footprint"]["method"] or {}
    other = [f"{key} {said[key]}" for key, recorded in RECORDED.items() if said.get(key, recorded) != recorded]
    if other:
        told = f"the ladder is of all that was recorded, reserved; `aiceberg account` is by {', '.join(other)}"
        yield Text(told, style="yellow")


def learning_lines(manifest: Mapping[str, Any]) -> Iterable[Text]:
    """What searches for rates found, and on what unequal terms paradigms learn."""
    yield from (Text(line) for line in search_lines(manifest["learning"]))
    yield from (Text(f"note: {line}", style="yellow") for line in unfair(manifest["learning"]))


def published_lines(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterable[Text]:
    """Each published figure beside ours."""
    for figure in manifest["published"]:
        ours = summary["paradigms"][figure["paradigm"]]["boundaries"].get(figure["boundary"]) or {}
        for quantity, key in (("energy_j", "energy"), ("co2e_kg", "co2e")):
            if figure[key] is None:
                continue
            text = f"published {show(figure[key], quantity)} ({figure['boundary']}): "
            if quantity not in ours:
                text += f"ours is not computed for {figure['paradigm']}"
            else:
                error = ours[quantity] / figure[key] - 1
                text += f"ours {show(ours[quantity], quantity)} ({figure['paradigm']}), {error:+.2%}"
            yield Text.assemble((text, "bold"), f"   {figure['source']}")


def assumption_lines(manifest: Mapping[str, Any]) -> Iterable[Text]:
    """What the run took for granted, each with its value and range; of making, how many amounts and the first."""
    making = [row for row in manifest["assumptions"] if row["id"].startswith(MAKING)]
    for row in (*(row for row in manifest["assumptions"] if not row["id"].startswith(MAKING)), *making[:1]):
        if row["value"] is None:
            yield Text.assemble(("  " + row["id"], "yellow"), f": {row['statement']}")
            continue
        between = " [{:g}, {:g}]".format(*row["range"]) if row["range"] else ""
        unit = f" {row['unit']}" if row["unit"] else ""
        yield Text.assemble(("  " + row["id"], "yellow"), f" = {row['value']:g}{between}{unit}: {row['statement']}")
    if len(making) > 1:
        yield Text(f"  and {len(making) - 1} more amounts of making; manifest.json lists all", style="dim")


_QUANTITIES = {**QUANTITIES, "device_s": "device time", "power_w": "node power"}
"""What a comparison may be of."""


def comparisons(report: Any) -> RenderableType:
    """Published figures beside ours, a line each, and the sources below; or one part after the other."""
    if report.parts:
        met = "every gate is met" if report.passed else "a gate is MISSED"
        parts = [part for one in report.parts for part in (comparisons(one), Text())]
        return Group(*parts, Text(f"{report.title}: {met}", style="bold"))
    summary = [Text(line, style="bold") for line in report.summary]
    asides: list[RenderableType] = [] if report.aside is None else [_aside(report.aside), Text()]
    if not report.comparisons:
        return Group(*([Text(report.title)] if report.name else []), *asides, *summary)
    table = Table(box=None, pad_edge=False, title=report.title, title_justify="left")
    kinds = ("published is",) if any(c.kind for c in report.comparisons) else ()
    for name in ("which", "what", "boundary", *kinds, "published", "ours", "error", "verdict"):
        table.add_column(name, justify="right" if name in ("published", "ours", "error") else "left")
    for c in report.comparisons:
        error = "by construction" if c.verdict in ("circular", "carried") else f"{c.error:+.2%}"
        table.add_row(
            c.name,
            c.what or _QUANTITIES.get(c.quantity, ""),
            c.boundary,
            *([c.kind] if kinds else []),
            _amount(c.published, c.quantity),
            _amount(c.ours, c.quantity),
            error,
            c.verdict,
        )
    if report.name:
        sources = {f"sources and notes: aiceberg accuracy {report.name}": None}
    elif len({(c.source, c.note) for c in report.comparisons}) == 1:
        sources = {f"all: {report.comparisons[0].source}": None}
    else:
        told = ("; ".join(part for part in (c.source, c.note) if part) for c in report.comparisons)
        sources = dict.fromkeys(f"{c.name}: {text}" for c, text in zip(report.comparisons, told, strict=True))
    return Group(table, Text(), *asides, *summary, *(Text(line, style="dim") for line in sources))


def _amount(value: float, quantity: str) -> str:
    """A compared value; a number has no unit."""
    return f"{value:.4g}" if quantity == NUMBER else show(value, quantity)


def _aside(aside: Any) -> Table:
    """A further table of a comparison."""
    table = Table(box=None, pad_edge=False, title=aside.title, title_justify="left")
    for name in aside.columns:
        table.add_column(name, justify="left" if name == aside.columns[0] else "right")
    for line in aside.lines:
        table.add_row(*line)
    return table


def catalogue_row(row: Any) -> RenderableType:
    """One thing of the catalogue: each value with its source."""
    table = Table(box=None, pad_edge=False, title=f"{row.id}: {row.name}", title_justify="left")
    for name in ("column", "value", "source", "year", "confidence"):
        table.add_column(name, overflow="fold")
    for column in row.columns:
        table.add_row(column, row.text(column), *row.source(column))
    aliases = ", ".join(row.aliases)
    joined = _joined(row) if row.kind == "server" else ()
    return Group(table, *joined, Text(f"also written: {aliases}" if aliases else "", style="dim"))


def _joined(row: Any) -> Iterable[Text]:
    """What the fabrics of a server come to: ports times the rate of a port."""
    for part, whole in (("accelerator", "each of its accelerators"), ("node", "the server")):
        fabric = find_row_fabric(row, part)
        if fabric is not None:
            latency = "unknown" if fabric.latency_s is None else f"{fabric.latency_s * 1e6:g} us"
            yield Text(f"{fabric.row} joins {whole}: {show(fabric.rate_bps, 'rate_bps')} each way, latency {latency}")


def catalogue_list(rows: Sequence[Any]) -> Table:
    """Things of one kind, a line each."""
    table = Table(box=None, pad_edge=False)
    for name in ("id", "name", "year", "confidence"):
        table.add_column(name, overflow="fold")
    for row in rows:
        source = row.source()
        table.add_row(row.id, row.name, source.year, source.confidence)
    return table
