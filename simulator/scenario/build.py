"""From a checked spec to a fresh world, and the processes that live in it."""

from collections.abc import Generator, Iterable, Mapping
from pathlib import Path

import simpy

from simulator.catalogue import find
from simulator.engine.clock import Clock
from simulator.engine.ledger import Ledger
from simulator.engine.probe import UNWATCHED, Watch
from simulator.engine.rng import Streams
from simulator.hardware.datacenter import Datacenter, Signal, build_place, build_user_place, find_city
from simulator.hardware.device import build_device
from simulator.hardware.grid import GridSeries
from simulator.hardware.grid_shape import assumption_of, describe, draw_shape
from simulator.hardware.group import Group
from simulator.hardware.server import build_server
from simulator.network.internet import Internet
from simulator.network.setting import Setting
from simulator.network.tables import CATALOGUE, AtlasTables
from simulator.network.traffic import Traffic
from simulator.population.available import Traced
from simulator.population.crowd import Crowd
from simulator.population.trace import Trace
from simulator.record.events import Events
from simulator.scenario.bulk import collector_off
from simulator.scenario.series import HELD, Dated, on_clock
from simulator.scenario.spec import Scenario, Task, definitions
from simulator.vocabulary import GRID
from simulator.workloads import KINDS
from simulator.world import World


@collector_off()
def build_world(
    scenario: Scenario,
    series: Mapping[GridSeries, Dated] | None = None,
    watch: Watch = UNWATCHED,
    tables: AtlasTables = CATALOGUE,
    traces: Mapping[str, Trace] = {},
    folder: Path = Path(),
) -> World:
    """A world at second 0 in which nothing has happened yet; `series`, `tables` and `traces` are files that it names,
    those of its learning tasks are in `folder`."""
    env = simpy.Environment()
    own = definitions(scenario)._replace(folder=folder)
    ledger, events = Ledger(env, watch.find_teller("change")), Events(watch.find_teller("event"))
    clock, streams, traffic = Clock(scenario.start), Streams(scenario.seed), Traffic(env, ledger)
    world = World(env, clock, ledger, streams, events, {}, {}, traffic, definitions=own)
    if scenario.world.year is not None:
        world.internet = Internet(env, traffic, Setting(scenario.world.year, scenario.world.network, tables))
    world.horizon_s = scenario.horizon
    for name, datacenter in scenario.world.datacenters.items():
        world.places[name] = build_place(name, datacenter, _find_grid(world, datacenter, series or {}))
        for group in _groups(env, world.ledger, name, datacenter):
            world.groups[group.name] = group
    for name, population in scenario.world.populations.items():
        named = population.available
        trace = traces[named.file] if isinstance(named, Traced) else None
        crowd = world.crowds[name] = Crowd(name, population, streams, clock, trace)
        for place, city in dict.fromkeys((block.place, block.city) for block in crowd.blocks):
            world.places[place] = build_user_place(place, city, population.grid)
    world.events.add(env.now, "start", scenario.name)
    return world


def _find_grid(world: World, spec: Datacenter, series: Mapping[GridSeries, Dated]) -> Signal | None:
    """The intensities of a data centre that has a series or a shape, with what they take for granted."""
    if spec.grid_series is not None and spec.grid_series in series:
        said, dated = spec.grid_series, series[spec.grid_series]
        if dated.held_s:
            world.assumptions[f"{HELD}{said.file}, {dated.held_s / 3600:g} h in all"] = None
        return Signal(GRID, on_clock(dated, world.clock), "scenario", dated.source)
    if spec.grid_shape is None:
        return None
    shape, city = spec.grid_shape, find_city(spec)
    world.assumptions[assumption_of(shape)] = None
    timezone = find("city", city).text("timezone") if city else ""
    drawn = draw_shape(shape, timezone, world.clock, world.streams, world.horizon_s)
    return Signal(GRID, drawn, (shape.zone or "scenario").lower(), describe(shape))


def _groups(env: simpy.Environment, ledger: Ledger, place: str, datacenter: Datacenter) -> Iterable[Group]:
    for name, server in datacenter.servers.items():
        yield Group(env, ledger, f"{place}/{name}", build_server(server), server.count, server.owned)
    for name, device in datacenter.devices.items():
        yield Group(env, ledger, f"{place}/{name}", build_device(device), device.count, device.owned)


@collector_off()
def start_tasks(world: World, tasks: list[Task]) -> simpy.Event:
    """Set every workload going; each waits for those that it comes after. What is returned happens after the last."""
    done = {task.name: world.env.event() for task in tasks}
    for task in tasks:
        world.env.process(_live(world, task, done))
    return world.env.all_of(list(done.values()))


def _live(world: World, task: Task, done: dict[str, simpy.events.Event]) -> Generator[simpy.events.Event, None, None]:
    yield world.env.all_of([done[name] for name in task.spec.after])
    if task.spec.start:
        yield world.env.timeout(task.spec.start)
    yield world.env.process(KINDS[task.kind].process(world, task.spec, task.name))
    done[task.name].succeed()
