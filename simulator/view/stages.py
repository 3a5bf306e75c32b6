"""What each workload did, a line each, in the order in which they were submitted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from rich.text import Text

from simulator.record.services import PERCENTILES
from simulator.units import BITS_PER_BYTE, show, show_count

Row = Mapping[str, Any]
Key = tuple[str, str]
MOST_LINES = 24
MOST_WAYS = 6
_WORDS = {"down": " down", "up": " back", "demand": ""}
_COUNTED = {"prepare": "machine"}
"""What `devices` counts, by kind of workload, where it is no device."""


class Records(NamedTuple):
    """The rows that lines are made of: jobs, transfers, services, the seasons of learning, pings and events."""

    jobs: Sequence[Row]
    transfers: Sequence[Row] = ()
    services: Sequence[Row] = ()
    learnings: Sequence[Row] = ()
    pings: Sequence[Row] = ()
    events: Sequence[Row] = ()


class _Line(NamedTuple):
    """A line, and what it is sorted by."""

    paradigm: int
    submit_s: float
    text: str


def stage_lines(records: Records) -> Iterable[Text]:
    """The lines of all workloads, the first so many, and how many there are beside."""
    lines = sorted(_lines(records), key=lambda line: line[:2])
    yield from (Text(line.text) for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield Text(f"… and {len(lines) - MOST_LINES} more, in the tables `jobs` and `transfers`", style="dim")


def _lines(records: Records) -> Iterable[_Line]:
    paradigms = dict.fromkeys(row["paradigm"] for row in (*records.jobs, *records.transfers, *records.pings))
    order = {name: number for number, name in enumerate(paradigms)}
    below = _by_workload(records.services, _service) | _by_workload(records.learnings, _learning)
    for job in records.jobs:
        submit_s = inf if job["submit_s"] is None else job["submit_s"]
        for text in ("  ".join(_job(job)), *below.get((job["paradigm"], job["workload"]), ())):
            yield _Line(order[job["paradigm"]], submit_s, text)
    moved: dict[Key, list[Row]] = {}
    for transfer in records.transfers:
        moved.setdefault((transfer["paradigm"], transfer["workload"]), []).append(transfer)
    for (paradigm, _), parts in moved.items():
        text = "  ".join(_transfer(parts[0]) if len(parts) == 1 else _moving(parts))
        yield _Line(order[paradigm], _first_s(parts), text)
    watched: dict[Key, list[Row]] = {}
    for ping in records.pings:
        watched.setdefault((ping["paradigm"], ping["workload"]), []).append(ping)
    for (paradigm, _), ways in watched.items():
        yield _Line(order[paradigm], ways[0]["at_s"], "  ".join(_ping(ways)))


def _by_workload(rows: Sequence[Row], tell: Callable[[Row], Iterable[str]]) -> dict[Key, list[str]]:
    """What is told of each row, by paradigm and workload, each of which is a service or learns, not both.

    The rounds of edges, `workload/population`, stand with their workload, a line each.
    """
    told: dict[Key, list[str]] = {}
    for row in rows:
        told.setdefault((row["paradigm"], row["workload"].split("/")[0]), []).append("  ".join(tell(row)))
    return told


def _first_s(parts: Sequence[Row]) -> float:
    return min((part["submit_s"] for part in parts if part["submit_s"] is not None), default=inf)


def _job(job: Row) -> Iterable[str]:
    if job["submit_s"] is None:
        yield f"{job['paradigm']}/{job['workload']}: {job['status']} within the horizon"
        return
    yield ", ".join((f"{job['paradigm']}/{job['workload']}: {job['status']}", *_held(job)))
    if job["status"] != "finished":
        yield f"{job['done_share']:.0%} done"
    if job["begin_s"] is not None and job["begin_s"] > job["submit_s"]:
        yield f"waited {show(job['begin_s'] - job['submit_s'], 'time_s')}"
    yield f"({job['time_mode']})"
    yield from _training(job)
    if job["step_s"] is not None:
        yield f"step {show(job['step_s'], 'time_s')}"
    if job["mfu"] is not None:
        yield f"MFU {job['mfu']:.2%}"
    if job["pj_per_flop"] is not None:
        yield f"{job['pj_per_flop']:.3g} pJ/FLOP ({job['boundary']})"


def _held(job: Row) -> Iterable[str]:
    """The devices that it had and for how long; nothing of a job that reserves none, as users' phones are nobody's."""
    if job["devices"]:
        thing = _COUNTED.get(job["kind"], "device")
        yield show_count(job["devices"], thing)
        yield f"{job['device_s'] / 3600:,.{0 if job['device_s'] > 3.6e6 else 2}f} {thing}-hours".replace(",", " ")


def _training(job: Row) -> Iterable[str]:
    """What else is known of a training: how sure its length is, how it waits, how it fails."""
    if job["p5_s"] is not None:
        yield f"expected {show(job['p5_s'], 'time_s', 2)} to {show(job['p95_s'], 'time_s', 2)} (P5 to P95)"
    if job["exposed_share"]:
        yield f"waits {job['exposed_share']:.1%} of its steps"
    if job["lost_s"] is not None:
        lost = f", {show(job['lost_s'], 'time_s')} lost" if job["status"] == "finished" else ""
        yield f"{show_count(job['failures'], 'failure')}{lost}"
    if job["lost_s"] is not None and job["effective_share"] is not None:
        yield f"{job['effective_share']:.1%} effective"


def _transfer(transfer: Row) -> Iterable[str]:
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
    if (transfer["ways"] or 1) > 1:
        yield f"and {show_count(transfer['ways'] - 1, 'way')} more"
    if transfer["reroutes"]:
        yield f"rerouted {show_count(transfer['reroutes'], 'time')}"
    if transfer["waited_s"]:
        yield f"waited {show(transfer['waited_s'], 'time_s')} for a way"


def _ping(ways: Sequence[Row]) -> Iterable[str]:
    """The round trip on each way that it took."""
    first = ways[0]
    yield f"{first['paradigm']}/{first['workload']}: {first['from']} to {first['to']}"
    for way in ways[:MOST_WAYS]:
        took = "no way with room" if way["rtt_s"] is None else f"{show(way['rtt_s'], 'time_s')} over {way['km']:.0f} km"
        yield took if way is first else f"then from {show(way['at_s'], 'time_s')} on {took}"
    if len(ways) > MOST_WAYS:
        yield f"… and {len(ways) - MOST_WAYS} more ways, in the table `pings`"


def happening_lines(records: Records) -> Iterable[Text]:
    """What befell cables, and how the traffic of others found its way, the first so many."""
    told = [event for event in records.events if event["event"] in ("down", "up", "demand")]
    several = len({event["paradigm"] for event in told}) > 1
    for event in told[:MOST_LINES]:
        where = f"{event['paradigm']}, " if several else ""
        at = show(event["at_s"], "time_s") if event["at_s"] else "from the start"
        yield Text(f"{where}{at}: {event['subject']}{_WORDS[event['event']]}  ({event['cause']})")
    if len(told) > MOST_LINES:
        yield Text(f"… and {len(told) - MOST_LINES} more, in the table `events`", style="dim")


def _moving(parts: Sequence[Row]) -> Iterable[str]:
    """A collection or a distribution, whose flows are many."""
    first, size_bytes = parts[0], sum(part["size_bytes"] for part in parts)
    statuses = " and ".join(sorted({part["status"] for part in parts}))
    sites = [", ".join(dict.fromkeys(part[end].split("/")[0] for part in parts)) for end in ("from", "to")]
    way = f"{show(size_bytes, 'size_bytes')} {sites[0]} -> {sites[1]} in {len(parts)} flows"
    yield f"{first['paradigm']}/{first['workload']}: {statuses}, {way}"
    if statuses != "finished":
        yield f"{sum(part['size_bytes'] * part['done_share'] for part in parts) / size_bytes:.0%} done"
    ends_s = [part["end_s"] for part in parts]
    if None not in ends_s:
        time_s = max(ends_s) - _first_s(parts)
        yield f"in {show(time_s, 'time_s')}  at {show(size_bytes * BITS_PER_BYTE / time_s, 'rate_bps')} in the mean"


def _service(service: Row) -> Iterable[str]:
    left = [
        f"{service[key]} {key.replace('_', ' ')}"
        for key in ("on_their_way_back", "being_served", "waiting")
        if service[key]
    ]
    came = ", ".join([f"{service['answered']} of {service['arrived']} requests answered", *left])
    yield f"{service['paradigm']}/{service['workload']}: {came}"
    if service["answered"]:
        quantiles = ", ".join(f"P{p} {show(service[f'p{p}_response_s'], 'time_s')}" for p in PERCENTILES)
        yield f"mean wait {show(service['mean_wait_s'], 'time_s')}, response {quantiles}"
    if service["busy_share"] is not None:
        yield f"replicas busy {service['busy_share']:.1%}"
    if service["answered"]:
        yield f"{show(service['energy_per_answer_j'], 'energy_j')} per answer ({service['boundary']})"
    if service["held_s"]:
        yield f"waited {show(service['held_s'], 'time_s')} for links"
    if service["overload"] is not None:
        yield f"{service['overload']}: the queue grows"


def _learning(learning: Row) -> Iterable[str]:
    rounds = f"{show_count(learning['rounds'], 'round')} of {show_count(round(learning['selected']), 'device')}"
    yield f"{learning['paradigm']}/{learning['workload']}: {rounds}, {show(learning['mean_round_s'], 'time_s')} each"
    yield f"{learning['accepted_share']:.1%} accepted, {learning['dropped_share']:.1%} dropped out, the rest too late"
    yield f"{learning['lost_share']:.1%} of what was uploaded was lost"
    if learning["held_s"]:
        yield f"waited {show(learning['held_s'], 'time_s')} for links or users"
    if learning["empty"]:
        yield f"{learning['empty']} of the rounds brought no update"
    if learning["shared"]:
        yield f"{learning['shared']} of the rounds held back by links"
