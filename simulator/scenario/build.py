"""From a checked spec to a fresh world, and the processes that live in it."""

from collections.abc import Generator, Iterable, Mapping
from pathlib import Path

import simpy

from simulator.engine.clock import Clock
from simulator.engine.ledger import Ledger
from simulator.engine.probe import UNWATCHED, Watch
from simulator.engine.rng import Streams
from simulator.hardware.datacenter import Datacenter, build_place, build_user_place
from simulator.hardware.device import build_device
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
from simulator.scenario.series import Dated, on_clock
from simulator.scenario.spec import Scenario, Task, definitions
from simulator.workloads import KINDS
from simulator.world import World


@collector_off()
def build_world(
    scenario: Scenario,
    series: Mapping[str, Dated] | None = None,
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
        path = datacenter.grid_series
        grid = None if path is None or series is None else on_clock(series[path], world.clock)
        world.places[name] = build_place(name, datacenter, grid)
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
