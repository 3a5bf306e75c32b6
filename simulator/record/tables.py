"""From a world that has come to its end to the exact tables of one paradigm.

Column names, types and units are those of `columns.TABLES`, their only home. Channel
numbers are shifted so that they are unique over all paradigms of a result.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from simulator.columns import TABLES
from simulator.engine.ledger import Ledger
from simulator.engine.series import within
from simulator.engine.spill import Changes, merged
from simulator.hardware.datacenter import Place
from simulator.hardware.group import Group, all_spans, idle_spans
from simulator.network.element import Element
from simulator.population.crowd import Crowd
from simulator.population.participation import Participation
from simulator.record.crowds import crowd_rows, crowd_uses
from simulator.record.elements import element_row
from simulator.record.events import Events, in_order
from simulator.record.excess import excess_rows
from simulator.record.jobs import Job
from simulator.record.parameters import Parameter
from simulator.record.participation import participation_rows
from simulator.record.pieces import LongTable, Source
from simulator.record.pieces import joined as joined_one
from simulator.record.pings import Ping, ping_row
from simulator.record.requests import Requests, request_columns
from simulator.record.rounds import Round
from simulator.record.scores import Score
from simulator.record.steps import Steps, step_columns
from simulator.record.transfers import Transfer, transfer_row
from simulator.record.trials import Trial
from simulator.vocabulary import KIND_BOUNDARIES, POWER

Tables = dict[str, pa.Table]
"""By name; `changes` may be a `LongTable`, which is read by `pieces`."""

EXACT = ("assets", "channels", "changes", "reservations", "events", "signals", "pue_curves", "embodied", "trials")
"""The tables from which every number of the summary can be computed again."""


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a result table."""
    label = pa.dictionary(pa.int32(), pa.string())
    types = {"string": pa.string(), "label": label, "float64": pa.float64(), "int64": pa.int64()}
    return pa.schema([(name, types[column.type]) for name, column in TABLES[table].items()])


def from_rows(table: str, rows: Iterable[Sequence[Any]]) -> pa.Table:
    """A result table from rows in the order of its columns."""
    kept = list(rows)
    fields = schema(table)
    columns = zip(*kept, strict=True) if kept else [()] * len(fields)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)], schema=fields)


class Run(NamedTuple):
    """One paradigm's world at its end, as far as it is recorded."""

    paradigm: str
    ledger: Ledger
    events: Events
    jobs: Sequence[Job]
    transfers: Sequence[Transfer]
    groups: Sequence[Group]
    places: Mapping[str, Place]
    end_s: float
    elements: Mapping[str, Element] = {}
    spans_s: Mapping[str, tuple[float, float]] = {}
    """From when to when each element carried something; those that never did are not there."""
    crowds: Sequence[Crowd] = ()
    rounds: Sequence[Round] = ()
    requests: Sequence[Requests] = ()
    pings: Sequence[Ping] = ()
    steps: Sequence[Steps] = ()
    scores: Sequence[Score] = ()
    parameters: Sequence[Parameter] = ()
    participations: Mapping[str, Participation] = {}
    trials: Sequence[Trial] = ()


def build_tables(run: Run, shift: int) -> Tables:
    """The exact tables of one run, and those of what its workloads did; `shift` channels were numbered before it."""
    return {
        "assets": from_rows("assets", _all_assets(run)),
        "channels": from_rows("channels", ((run.paradigm, shift + n, *c) for n, c in enumerate(run.ledger.channels))),
        "changes": _changes(run, shift),
        "reservations": from_rows("reservations", _all_reservations(run)),
        "events": from_rows("events", ((run.paradigm, *event) for event in in_order(run.events))),
        "signals": from_rows("signals", _signals(run)),
        "pue_curves": from_rows("pue_curves", _pue_curves(run)),
        "embodied": from_rows("embodied", []),  # the footprint's, who knows what making took
        "jobs": from_rows("jobs", _jobs(run)),
        "rounds": from_rows("rounds", ((run.paradigm, *turn) for turn in run.rounds)),
        "participation": from_rows(
            "participation", ((run.paradigm, *row) for row in participation_rows(run.participations))
        ),
        "excess": from_rows("excess", ((run.paradigm, *row) for row in excess_rows(run.crowds))),
        "scores": from_rows("scores", ((run.paradigm, *score) for score in run.scores)),
        "parameters": from_rows("parameters", ((run.paradigm, *parameter) for parameter in run.parameters)),
        "trials": from_rows("trials", ((run.paradigm, *trial) for trial in run.trials)),
        "transfers": _from_dicts("transfers", run, (transfer_row(transfer, run.end_s) for transfer in run.transfers)),
        "pings": _from_dicts("pings", run, (ping_row(ping, run.end_s) for ping in run.pings)),
        "steps": pa.table(step_columns(run.paradigm, run.steps), schema=schema("steps")),
        "requests": pa.table(request_columns(run.paradigm, run.requests), schema=schema("requests")),
    }


def joined(parts: Sequence[Tables]) -> Tables:
    """The tables of several paradigms one after the other."""
    return {name: joined_one([part[name] for part in parts]) for name in parts[0]}


def _all_assets(run: Run) -> Iterator[Sequence[Any]]:
    for group in run.groups:
        yield from _assets(run, group)
    for crowd in run.crowds:
        yield from ((run.paradigm, *row) for row in crowd_rows(crowd, run.places, run.end_s))
    for name, element in run.elements.items():
        yield run.paradigm, *element_row(name, element, run.spans_s.get(name))


def _assets(run: Run, group: Group) -> Iterator[Sequence[Any]]:
    from_s, to_s = group.service_spans(run.end_s)
    service = (float(from_s.min()), float(to_s.max())) if len(from_s) else (None, None)
    place = run.places[group.name.split("/")[0]]
    most_w = group.unit.draws(1.0, 1.0)
    for asset, part, unit_w in zip(group.assets, group.unit.components, most_w, strict=True):
        inside = group.name if group.unit.server else ""
        row, lifetime_y = (part.row.id, part.row.find_number("lifetime_y")) if part.row else ("", None)
        count = group.count * part.per_unit
        named = (run.paradigm, asset, part.kind, place.name, place.zone, row, inside, group.owned, count)
        yield (*named, *service, lifetime_y, None, "", None, None, unit_w / part.per_unit, None, "")


def _changes(run: Run, shift: int) -> pa.Table | LongTable:
    if not run.ledger.spilled:
        return _piece(run.paradigm, run.ledger.changes(), shift)
    # the runs as they are now: processes that the horizon cut off turn their meters off when they are collected
    runs, paradigm = run.ledger.runs(), run.paradigm

    def read() -> Iterator[pa.Table]:
        return (_piece(paradigm, changes, shift) for changes in merged(runs))

    return LongTable([Source(len(run.ledger), [paradigm], read)], schema("changes"))


def _piece(paradigm: str, changes: Changes, shift: int) -> pa.Table:
    names = pa.DictionaryArray.from_arrays(np.zeros(len(changes.at_s), np.int32), [paradigm])
    numbers = changes.channel.astype(np.int64) + shift
    return pa.table([names, changes.at_s, numbers, changes.value], schema=schema("changes"))


def _all_reservations(run: Run) -> Iterator[Sequence[Any]]:
    for group in run.groups:
        yield from _reservations(run, group)
    for crowd in run.crowds:
        yield from ((run.paradigm, *row) for row in crowd_uses(crowd, run.end_s))


def _reservations(run: Run, group: Group) -> Iterator[Sequence[Any]]:
    """What was reserved, and what was in service for nobody: together all that counts."""
    for span in (*all_spans(group), *idle_spans(group, run.end_s)):
        for asset in group.assets:
            yield run.paradigm, asset, span.workload, span.from_s, span.to_s, span.units / group.count


def _signals(run: Run) -> Iterator[Sequence[Any]]:
    for place in run.places.values():
        for s in place.signals:
            series = within(s.series, run.end_s)
            for at_s, value in zip(series.at_s.tolist(), series.values.tolist(), strict=True):
                yield run.paradigm, s.signal, place.name, at_s, value, s.row, s.source


def _pue_curves(run: Run) -> Iterator[Sequence[Any]]:
    """The PUE of places where it follows the load, by the watts that make the load."""
    full_w: dict[str, float] = {}
    for group in run.groups:
        name = group.name.split("/")[0]
        full_w[name] = full_w.get(name, 0.0) + group.count * group.unit.full_w
    for place in run.places.values():
        for load, pue in place.pue_by_load:
            yield run.paradigm, place.name, load * full_w.get(place.name, 0.0), pue, "scenario", "the scenario"


def _jobs(run: Run) -> Iterator[Sequence[Any]]:
    spent_j: dict[str, float] = {}
    reserved = {asset for group in run.groups for asset in group.assets}  # users' devices are not
    for number, channel in enumerate(run.ledger.channels):
        if channel.quantity == POWER and channel.asset in reserved:
            spent_j[channel.workload] = spent_j.get(channel.workload, 0.0) + run.ledger.integral(number)
    boundaries = {group.name: _boundary(group) for group in run.groups}
    for job in run.jobs:
        own = {"energy_j": spent_j.get(job.workload, 0.0), "boundary": boundaries[job.at] if job.devices else None}
        yield _job(run.paradigm, job, own)


def _boundary(group: Group) -> str:
    """The boundary of what is drawn by machines that are reserved, buildings excluded."""
    return "server" if group.unit.server else KIND_BOUNDARIES[group.unit.components[0].kind]


def _from_dicts(table: str, run: Run, found: Iterable[Mapping[str, object]]) -> pa.Table:
    """A result table from rows by the names of its columns."""
    names = list(TABLES[table])[1:]
    return from_rows(table, ((run.paradigm, *(row[name] for name in names)) for row in found))


def _job(paradigm: str, job: Job, drawn: Mapping[str, Any]) -> Sequence[Any]:
    mfu = hfu = pj_per_flop = effective_share = None
    if job.status == "finished" and job.computing_s is not None:
        effective_share = job.computing_s * job.devices / job.device_s
    if job.status == "finished" and job.work_flop is not None:
        pj_per_flop = drawn["energy_j"] / job.work_flop * 1e12
        if job.peak_flop_per_s is not None:
            mfu = job.work_flop / (job.device_s * job.peak_flop_per_s)
            hfu = None if job.hardware_ratio is None else mfu * job.hardware_ratio
    own = {
        "paradigm": paradigm,
        **drawn,
        "mfu": mfu,
        "hfu": hfu,
        "pj_per_flop": pj_per_flop,
        "effective_share": effective_share,
    }
    return [own[name] if name in own else getattr(job, name) for name in TABLES["jobs"]]
