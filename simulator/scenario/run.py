"""Run every paradigm of a scenario in its own world and hand over what they recorded."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from simpy.core import EmptySchedule, StopSimulation

from simulator.engine.probe import Probe, Watch
from simulator.footprint.boundary import reach, summarise
from simulator.hardware.group import record_idle
from simulator.record.elements import element_places
from simulator.record.jobs import close_jobs, expected_end_s
from simulator.record.tables import Run, Tables, build_tables, joined
from simulator.record.transfers import close_transfers
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.load import Loaded
from simulator.scenario.series import check_end
from simulator.scenario.spec import Task, tasks
from simulator.workloads import KINDS
from simulator.world import World


class Progress(NamedTuple):
    """How far a run has come, and until when it will go on as far as it is known now; what it is doing."""

    paradigm: str
    now_s: float
    end_s: float | None
    phase: str = "simulating"


Report = Callable[[Progress], None]
_REPORT_EVERY_S = 0.1
_BATCH = 512
_AFTER_ALL = 9  # SimPy's own priorities are 0 and 1: what happens at the horizon itself still happens


class Outcome(NamedTuple):
    """What a scenario's run recorded, and what was used for it."""

    tables: Tables
    summary: dict[str, Any]
    boundaries: dict[str, dict[str, str]]
    assumptions: list[str]


def run_scenario(loaded: Loaded, report: Report | None = None, probes: Sequence[Probe] = ()) -> Outcome:
    """Run the paradigms one after the other, each in a fresh world; raises ProbeError where a probe fails."""
    parts: list[Tables] = []
    assumptions: dict[str, None] = {}
    shift = 0
    for name, todo in tasks(loaded.spec).items():
        run, used = run_paradigm(loaded, name, todo, report, probes)
        parts.append(build_tables(run, shift))
        shift += len(run.ledger.channels)
        assumptions.update(used)
    tables = joined(parts)
    summary = summarise(tables)
    boundaries = {name: reach(tables, name).boundaries for name in summary["paradigms"]}
    return Outcome(tables, summary, boundaries, list(assumptions))


def run_paradigm(
    loaded: Loaded, paradigm: str, todo: list[Task], report: Report | None = None, probes: Sequence[Probe] = ()
) -> tuple[Run, dict[str, None]]:
    """Run one way of doing it to its end."""
    scenario, watch = loaded.spec, Watch(probes)
    world = build_world(scenario, loaded.series, watch)
    start_tasks(world, todo)
    advance(world, paradigm, scenario.horizon, report, watch)
    end_s = world.env.now if scenario.horizon is None else scenario.horizon
    check_end(loaded.series, world.clock, end_s)
    close_records(world, todo, end_s)
    world.events.add(end_s, "end", scenario.name, "last workload" if scenario.horizon is None else "horizon")
    groups = list(world.groups.values())
    for group in groups:
        record_idle(group, end_s)
        if group.service_spans(end_s)[0].size:
            world.assumptions.update(dict.fromkeys(group.unit.assumptions))
    watch.end()
    places = {**world.places, **element_places(world.elements)}
    spans_s, crowds = world.traffic.spans_s(), list(world.crowds.values())
    records = world.ledger, world.events, world.jobs, world.transfers
    run = Run(paradigm, *records, groups, world.elements, spans_s, places, end_s, crowds, world.rounds)
    return run, world.assumptions


def close_records(world: World, todo: list[Task], end_s: float) -> None:
    """End the records of all workloads, those whose turn never came included, and note which are not done."""
    submitted = {job.workload for job in world.jobs} | {transfer.workload for transfer in world.transfers}
    for task in todo:
        if task.name not in submitted:
            KINDS[task.kind].never(world, task.spec, task.name)
    for transfer in world.transfers:
        transfer.sent_b = world.traffic.sent_b(transfer.tag or transfer.workload)
    left = [job.workload for job in close_jobs(world.jobs, end_s)]
    for close in world.closing:
        close(end_s)
    left += [transfer.workload for transfer in close_transfers(world.transfers)]
    for workload in dict.fromkeys(left):
        world.events.add(end_s, "unfinished", workload, "horizon")


def advance(world: World, paradigm: str, horizon_s: float | None, report: Report | None, watch: Watch) -> None:
    """Let the clock run until nothing is left to happen, or up to and including the horizon."""
    env = world.env
    if horizon_s is not None:
        stop = env.event()
        stop.callbacks.append(StopSimulation.callback)
        stop._ok, stop._value = True, None
        env.schedule(stop, priority=_AFTER_ALL, delay=horizon_s)  # type: ignore[arg-type]  # any number orders events
    step, relieve = watch.watched(env.step), world.ledger.relieve
    told_s = time.monotonic()
    with suppress(StopSimulation, EmptySchedule):
        while True:
            for _ in range(_BATCH):
                step()
            relieve()
            if report is not None and time.monotonic() - told_s >= _REPORT_EVERY_S:
                told_s = time.monotonic()
                latest_s = max((expected_end_s(job, env.now) for job in world.jobs), default=None)
                report(Progress(paradigm, env.now, latest_s if horizon_s is None else horizon_s))
