"""A result on the terminal: the boundaries, what was published, jobs, transfers, services, assumptions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.record.services import PERCENTILES
from simulator.units import show
from simulator.view.compare import as_shown, frame_lines, shown_total, totals
from simulator.vocabulary import BOUNDARIES

_QUANTITIES = {"energy_j": "energy", "co2e_kg": "CO2e"}
_COUNTED = {"prepare": "machine"}
"""What a job of a kind is counted in, where it is not devices."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


def result(
    summary: Mapping[str, Any],
    manifest: Mapping[str, Any],
    jobs: Sequence[Mapping[str, Any]],
    transfers: Sequence[Mapping[str, Any]],
    services: Sequence[Mapping[str, Any]],
    width: int,
) -> RenderableType:
    """The whole answer of a run, for a person with a terminal of so many columns."""
    head = Text(f"{summary['name']}   seed {manifest['seed']}, from {manifest['start'][:10]}", style="bold")
    parts: list[RenderableType] = [
        head,
        Text(),
        Group(
            *first_lines(jobs, _job, "jobs"),
            *first_lines(transfers, _transfer, "transfers"),
            *first_lines(services, _service, "requests"),
        ),
        Text(),
    ]
    notes = list(assumption_lines(manifest))
    if notes:
        parts += [Text("assumed where nobody published it (the ladder takes the first value)"), *notes, Text()]
    shown = as_shown(summary, shown_total(manifest))
    parts += [*frame_lines(summary, manifest), Text(), *ladders(shown, width), *boundary_notes(manifest)]
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
    """Boundaries downwards, paradigms side by side, bars to one scale."""
    paradigms = summary["paradigms"]
    bar_width = max(4, min(24, (width - 14) // max(1, len(paradigms)) - 24))
    longest_j = max((b["energy_j"] for p in paradigms.values() for b in p["boundaries"].values()), default=0.0)
    table = Table(box=None, pad_edge=False, padding=(0, 1))
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
                for cell in _rung(found["boundaries"].get(boundary), longest_j, bar_width)
            ]
            table.add_row(boundary, *cells)
    return table


def _rung(found: Mapping[str, float] | None, longest_j: float, bar_width: int) -> tuple[RenderableType, str, str]:
    if found is None:
        return Text("not computed", style="dim"), "", ""
    bar = Text(_bar(found["energy_j"] / longest_j if longest_j else 0.0, bar_width), style="cyan")
    return bar, show(found["energy_j"], "energy_j"), show(found["co2e_kg"], "co2e_kg")


def _bar(share: float, width: int) -> str:
    """A bar to an eighth of a character, padded to its width."""
    whole, part = divmod(round(share * width * 8), 8)
    return ("█" * whole + _EIGHTHS[part].strip()).ljust(width)


def boundary_notes(manifest: Mapping[str, Any]) -> Iterable[Text]:
    """Where a boundary of a paradigm holds something else than its name says."""
    key = "boundaries" if shown_total(manifest) == "reserved" else "owned_boundaries"
    for paradigm, boundaries in manifest[key].items():
        for name, sentence in boundaries.items():
            if sentence != BOUNDARIES[name]:
                yield Text(f"{paradigm}, {name}: {sentence}", style="dim")


def published_lines(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterable[Text]:
    """Each published figure beside ours."""
    for figure in manifest["published"]:
        ours = summary["paradigms"][figure["paradigm"]]["boundaries"].get(figure["boundary"])
        for quantity, key in (("energy_j", "energy"), ("co2e_kg", "co2e")):
            if figure[key] is None:
                continue
            text = f"published {show(figure[key], quantity)} ({figure['boundary']}): "
            if ours is None:
                text += f"ours is not computed for {figure['paradigm']}"
            else:
                error = ours[quantity] / figure[key] - 1
                text += f"ours {show(ours[quantity], quantity)} ({figure['paradigm']}), {error:+.2%}"
            yield Text.assemble((text, "bold"), f"   {figure['source']}")


def first_lines(
    rows: Sequence[Mapping[str, Any]], tell: Callable[[Mapping[str, Any]], Iterable[str]], table: str, most: int = 12
) -> Iterable[Text]:
    """A line a row, told in parts; the first so many, and where the others stand."""
    for row in rows[:most]:
        yield Text("  ".join(tell(row)))
    if len(rows) > most:
        yield Text(f"… and {len(rows) - most} more, in the table `{table}`", style="dim")


def _job(job: Mapping[str, Any]) -> Iterable[str]:
    if job["submit_s"] is None:
        yield f"{job['paradigm']}/{job['workload']}: {job['status']} within the horizon"
        return
    thing = _COUNTED.get(job["kind"], "device")
    hours = f"{job['device_s'] / 3600:,.{0 if job['device_s'] > 3.6e6 else 2}f} {thing}-hours".replace(",", " ")
    yield f"{job['paradigm']}/{job['workload']}: {job['status']}, {job['devices']} {thing}s, {hours}"
    if job["status"] != "finished":
        yield f"{job['done_share']:.0%} done"
    if job["begin_s"] is not None and job["begin_s"] > job["submit_s"]:
        yield f"waited {show(job['begin_s'] - job['submit_s'], 'time_s')}"
    yield f"({job['time_mode']})"
    if job["step_s"] is not None:
        yield f"step {show(job['step_s'], 'time_s')}"
    if job["mfu"] is not None:
        yield f"MFU {job['mfu']:.2%}"
    if job["pj_per_flop"] is not None:
        yield f"{job['pj_per_flop']:.3g} pJ/FLOP"


def _transfer(transfer: Mapping[str, Any]) -> Iterable[str]:
    way = f"{show(transfer['size_bytes'], 'size_bytes')} {transfer['from']} -> {transfer['to']}"
    yield f"{transfer['paradigm']}/{transfer['workload']}: {transfer['status']}, {way}"
    if transfer["status"] != "finished":
        yield f"{transfer['done_share']:.0%} done"
    if transfer["end_s"] is not None:
        yield f"in {show(transfer['end_s'] - transfer['submit_s'], 'time_s')}"
    if transfer["mean_rate_bps"] is not None:
        yield f"at {show(transfer['mean_rate_bps'], 'rate_bps')}"
    if transfer["km"] is not None:
        yield f"over {transfer['km']:.0f} km, {show(transfer['latency_s'], 'time_s')} one way"


def _service(service: Mapping[str, Any]) -> Iterable[str]:
    left = [f"{service[key]} {key.replace('_', ' ')}" for key in ("being_served", "waiting") if service[key]]
    came = ", ".join([f"{service['answered']} of {service['arrived']} requests answered", *left])
    yield f"{service['paradigm']}/{service['workload']}: {came}"
    if service["answered"]:
        quantiles = ", ".join(f"P{p} {show(service[f'p{p}_response_s'], 'time_s')}" for p in PERCENTILES)
        yield f"mean wait {show(service['mean_wait_s'], 'time_s')}, response {quantiles}"
    if service["busy_share"] is not None:
        yield f"replicas busy {service['busy_share']:.1%}"
    if service["answered"]:
        yield f"{show(service['energy_per_answer_j'], 'energy_j')} per answer"
    if service["overload"] is not None:
        yield f"{service['overload']}: the queue grows"


def assumption_lines(manifest: Mapping[str, Any]) -> Iterable[Text]:
    """What the run took for granted, each with its value and range."""
    for row in manifest["assumptions"]:
        if row["value"] is None:
            yield Text.assemble(("  " + row["id"], "yellow"), f": {row['statement']}")
            continue
        low, high = row["range"] or (row["value"], row["value"])
        unit = f" {row['unit']}" if row["unit"] else ""
        yield Text.assemble(
            ("  " + row["id"], "yellow"), f" = {row['value']:g} [{low:g}, {high:g}]{unit}: {row['statement']}"
        )


def comparisons(report: Any) -> RenderableType:
    """Published figures beside ours, a line each, and the sources below."""
    table = Table(box=None, pad_edge=False, title=report.title, title_justify="left")
    for name in ("training", "what", "boundary", "published", "ours", "error", "verdict"):
        table.add_column(name, justify="right" if name in ("published", "ours", "error") else "left")
    for c in report.comparisons:
        error = "by construction" if c.verdict == "circular" else f"{c.error:+.2%}"
        table.add_row(
            c.name,
            _QUANTITIES[c.quantity],
            c.boundary,
            show(c.published, c.quantity),
            show(c.ours, c.quantity),
            error,
            c.verdict,
        )
    sources = dict.fromkeys(f"{c.name}: {c.source}; {c.note}" for c in report.comparisons)
    return Group(table, Text(), *(Text(line, style="dim") for line in sources))


def catalogue_row(row: Any) -> RenderableType:
    """One thing of the catalogue: each value with its source."""
    table = Table(box=None, pad_edge=False, title=f"{row.id}: {row.name}", title_justify="left")
    for name in ("column", "value", "source", "year", "confidence"):
        table.add_column(name, overflow="fold")
    for column in row.columns:
        table.add_row(column, row.text(column), *row.source(column))
    aliases = ", ".join(row.aliases)
    return Group(table, Text(f"also written: {aliases}" if aliases else "", style="dim"))


def catalogue_list(rows: Sequence[Any]) -> Table:
    """Things of one kind, a line each."""
    table = Table(box=None, pad_edge=False)
    for name in ("id", "name", "year", "confidence"):
        table.add_column(name, overflow="fold")
    for row in rows:
        source = row.source()
        table.add_row(row.id, row.name, source.year, source.confidence)
    return table
