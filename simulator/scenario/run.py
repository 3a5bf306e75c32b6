"""Run every paradigm of a scenario in its own world and hand over what they recorded.

All are simulated before the first is closed, for they are closed at one common end:

    window = the horizon, else the end of the longest paradigm

The clock of a shorter one goes on to it with nothing left to happen, so that what is owned
rests until then. A paradigm that runs alone has a window of its own.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from simpy.core import EmptySchedule, StopSimulation

from simulator.engine.probe import Probe, Watch
from simulator.engine.withdraw import withdraw
from simulator.errors import DivergedError
from simulator.footprint.accounting.development import stated_trials
from simulator.footprint.boundary import find_unknown, owned_reach, reach, summarise
from simulator.footprint.making.embodied import embodied_table, making_doubts
from simulator.hardware.group import record_idle, record_spare
from simulator.network.rest import find_rest
from simulator.population.crowd import SHARED_CROWD
from simulator.record.crowds import record_idle_devices
from simulator.record.elements import element_places, internet_place, record_rests
from simulator.record.jobs import Job, close_jobs, expected_end_s
from simulator.record.pings import unfinished_pings
from simulator.record.tables import Run, Tables, build_tables, joined
from simulator.record.transfers import Transfer, close_transfers
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.factors import read_sets
from simulator.scenario.learning import learning_of
from simulator.scenario.load import Loaded
from simulator.scenario.outages import start_outages
from simulator.scenario.search import Attempted, tune
from simulator.scenario.series import check_end
from simulator.scenario.spec import Task, definitions, tasks
from simulator.vocabulary import WORLD
from simulator.workloads import KINDS
from simulator.workloads.transfer_spec import TransferFields
from simulator.world import World


class Progress(NamedTuple):
    """How far a run has come, and until when it will go on as far as it is known now; what it is doing."""

    paradigm: str
    now_s: float
    end_s: float | None
    phase: str = "simulating"


Report = Callable[[Progress], None]
COMPILING = "compiling the flow engine, once on this machine"
_REPORT_EVERY_S = 0.1
_BATCH = 512
_AFTER_ALL = 9  # SimPy's own priorities are 0 and 1: what happens at the horizon itself still happens


class Outcome(NamedTuple):
    """What a scenario's run recorded, and what was used for it."""

    tables: Tables
    summary: dict[str, Any]
    boundaries: dict[str, dict[str, str]]
    owned_boundaries: dict[str, dict[str, str]]
    assumptions: list[str]
    learning: dict[str, dict[str, dict[str, Any]]]
    """By paradigm and workload, with which rates and how surely something is learned."""
    missing: Mapping[str, list[str]] = {}
    """By paradigm, what nobody says of the making of what was in service."""
    fallbacks: Sequence[str] = ()
    """The factors that were taken from another set than the first one asked for."""


class Simulated(NamedTuple):
    """A paradigm whose workloads have run, not yet closed: its world, when it came to rest, and who watches it."""

    paradigm: str
    todo: list[Task]
    world: World
    rest_s: float
    watch: Watch
    diverged: bool = False
    """Whether it ended early, for what it learned grew beyond all bounds."""


def run_scenario(loaded: Loaded, report: Report | None = None, probes: Sequence[Probe] = ()) -> Outcome:
    """Run the paradigms one after the other, each in a fresh world; raises ProbeError where a probe fails.

    Probes watch the runs that are the result, not those that a search tries before.
    """
    given, own, method = tasks(loaded.spec), definitions(loaded.spec), loaded.spec.footprint
    sets = read_sets(method, loaded.folder)  # what is wrong with a file is told before anything runs
    tuned = {name: tune(loaded, name, todo, report, attempt) for name, todo in given.items()}
    ran = [simulate(loaded, name, found.todo, report, probes) for name, found in tuned.items()]
    window_s = max(one.rest_s for one in ran)
    parts: list[Tables] = []
    assumptions: dict[str, None] = {}
    shift = 0
    while ran:
        run, used = close(loaded, ran.pop(0), window_s)
        parts.append(build_tables(run._replace(trials=tuned[run.paradigm].trials), shift))
        shift += len(run.ledger.channels)
        assumptions.update(used)
    tables = joined(parts)
    tables["embodied"] = embodied_table(tables, sets, method.lives, method.basis)
    if method.development is not None:
        tables["trials"] = stated_trials(tables, method.development)
    summary = summarise(tables)
    boundaries = {name: reach(tables, name).boundaries for name in summary["paradigms"]}
    owned = {name: owned_reach(tables, name).boundaries for name in summary["paradigms"]}
    learning = {name: learning_of(given[name], found, own) for name, found in tuned.items()}
    missing = {name: find_unknown(tables, name) for name in summary["paradigms"]}
    assumptions |= dict.fromkeys((*making_doubts(tables["embodied"]), *sets.ratios))
    return Outcome(tables, summary, boundaries, owned, list(assumptions), learning, missing, sets.fallbacks)


def attempt(loaded: Loaded, paradigm: str, todo: list[Task], report: Report | None) -> Attempted:
    """Run one way of doing it alone, in a window of its own; one that diverges ends when it does."""
    if report is not None:
        report(Progress(paradigm, 0.0, None))
    done = simulate(loaded, paradigm, todo, report, on_trial=True)
    run, _ = close(loaded, done, done.rest_s)
    return Attempted(build_tables(run, 0), done.diverged)


def simulate(
    loaded: Loaded,
    paradigm: str,
    todo: list[Task],
    report: Report | None = None,
    probes: Sequence[Probe] = (),
    on_trial: bool = False,
) -> Simulated:
    """Run one way of doing it until nothing is left to happen, or to the horizon.

    Raises DivergedError where what is learned grows beyond all bounds, but on trial.
    """
    scenario, watch = loaded.spec, Watch(probes)
    if scenario.world.year is not None or any(isinstance(task.spec, TransferFields) for task in todo):
        make_flows_ready(paradigm, report)
    world = build_world(scenario, loaded.series, watch, loaded.tables, loaded.traces, loaded.folder)
    planned = start_outages(world, scenario.world.network)
    all_done = start_tasks(world, todo)
    all_done.callbacks.append(lambda _: withdraw(world.env, *planned.values()))
    try:
        advance(world, paradigm, scenario.horizon, report, watch)
    except DivergedError:
        if not on_trial:
            raise
        return Simulated(paradigm, todo, world, world.env.now, watch, diverged=True)
    rest_s = world.env.now if scenario.horizon is None else scenario.horizon
    check_end(loaded.series, world.places.values(), world.clock, rest_s)
    return Simulated(paradigm, todo, world, rest_s, watch)


def make_flows_ready(paradigm: str, report: Report | None) -> None:
    """Compile what moves bits before the clock starts, and say so: it is compiled once on a machine."""
    from simulator.network.flows.engine import is_compiled, make_ready  # heavy, and most scenarios send nothing

    if report is not None and not is_compiled():
        report(Progress(paradigm, 0.0, None, COMPILING))
    make_ready()


def close(loaded: Loaded, one: Simulated, window_s: float) -> tuple[Run, dict[str, None]]:
    """End one way of doing it at the end of the window that it shares with the others."""
    paradigm, todo, world, rest_s, watch, _ = one
    assert rest_s == window_s or world.env.peek() == float("inf"), (paradigm, "has something left to do")
    world.env._now = window_s  # exactly: a timeout would add a rounded delay
    done_s = close_records(world, todo, window_s)
    name, horizon_s = loaded.spec.name, loaded.spec.horizon
    if done_s is not None:
        world.events.add(done_s, "done", name)
    last = "last workload" if rest_s == window_s else "the longest paradigm"
    world.events.add(window_s, "end", name, last if horizon_s is None else "horizon")
    groups = list(world.groups.values())
    for group in groups:
        record_idle(group, window_s)
        used = group.service_spans(window_s)[0].size  # what nobody used rests in the total of everything owned
        doubtful = (name for name in group.unit.assumptions if used or name.endswith("idle_w"))
        world.assumptions.update(dict.fromkeys(doubtful))
    world.assumptions.update({SHARED_CROWD + name: None for name, crowd in world.crowds.items() if crowd.shared})
    for crowd in world.crowds.values():
        record_idle_devices(world.ledger, crowd, window_s)
    watch.end()
    for group in groups:  # nobody watches: this was not drawn
        record_spare(group, window_s)
    if world.internet is not None and world.internet.setting.network.energy == "marginal":
        tell_rests(world)
    return _recorded(world, paradigm, window_s), world.assumptions


def tell_rests(world: World) -> None:
    """Have every link and site cost what one more bit does, and those that carried something their rest apart."""
    used, idle_w = world.traffic.spans_s(), {}
    for name, element in world.elements.items():
        rest = find_rest(element)
        world.elements[name] = element._replace(slope_j_per_b=rest.slope_j_per_b)
        world.assumptions.update(dict.fromkeys(rest.assumptions))
        if name in used:
            idle_w[name] = rest.idle_w
    record_rests(world.ledger, idle_w)


def _recorded(world: World, paradigm: str, end_s: float) -> Run:
    internet = {} if world.internet is None else {WORLD: internet_place(world.internet.setting.year)}
    return Run(
        paradigm=paradigm,
        ledger=world.ledger,
        events=world.events,
        jobs=world.jobs,
        transfers=world.transfers,
        requests=world.requests,
        steps=world.steps,
        scores=world.scores,
        parameters=world.parameters,
        participations=world.participations,
        pings=[ping for seen in world.pings.values() for ping in seen],
        rounds=world.rounds,
        groups=list(world.groups.values()),
        crowds=list(world.crowds.values()),
        elements=world.elements,
        spans_s=world.traffic.spans_s(),
        places={**world.places, **internet, **element_places(world.elements)},
        end_s=end_s,
    )


def close_records(world: World, todo: list[Task], end_s: float) -> float | None:
    """End the records of all workloads and note which are not done; when the last ended, None if one has not."""
    submitted = {job.workload for job in world.jobs} | {transfer.workload for transfer in world.transfers}
    submitted |= world.pings.keys()
    for task in todo:
        if task.name not in submitted:
            KINDS[task.kind].never(world, task.spec, task.name)
    for close in world.closing:
        close(end_s)
    world.closing.clear()
    for transfer in world.transfers:
        transfer.sent_b = world.traffic.sent_b(transfer.tag)
    left: list[Job | Transfer] = [*close_jobs(world.jobs, end_s), *close_transfers(world.transfers)]
    watched = unfinished_pings(world.pings)
    cause = "horizon" if world.horizon_s is not None else "nothing is left to happen"
    for workload in dict.fromkeys([*(one.workload for one in left if one.end_s is None), *watched]):
        world.events.add(end_s, "unfinished", workload, cause)
    ended = [job.end_s for job in world.jobs] + [transfer.end_s for transfer in world.transfers]
    ended += [ping.until_s for seen in world.pings.values() for ping in seen[-1:]]
    return None if left or watched else max((at_s for at_s in ended if at_s is not None), default=None)


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
