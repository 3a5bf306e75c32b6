"""The ways of the world as a workload takes them: what of them is assumed is listed, what they pass is known."""

from collections.abc import Callable, Generator
from functools import partial
from math import inf
from typing import TypeVar

import simpy

from simulator.engine.withdraw import withdraw
from simulator.network.internet import Internet, Lane
from simulator.network.path import End, Path, find_inner_path
from simulator.population.crowd import Crowd
from simulator.population.ways import CrowdWays, find_ways_of_crowd
from simulator.workloads.ends import lead_of
from simulator.world import World

Found = TypeVar("Found")


def end_of(world: World, name: str) -> End:
    """A data centre, or a group of its machines, as the network sees it."""
    place, group = world.places[name.partition("/")[0]], world.groups.get(name)
    lead = None if group is None else lead_of(name, group.unit, group.count)
    return End(name, place.city, place.uplink_bps, lead)


def internet_of(world: World) -> Internet:
    """The internet of a world that has one."""
    assert world.internet is not None, "the scenario is refused without a year"
    return world.internet


def find_lanes(world: World, sender: End, receiver: End, latency: str, want_bps: float) -> tuple[Lane, ...]:
    """The ways from one end to another as they are now, inside their data centre or not; none where none has room."""
    inner = find_inner_path(sender, receiver)
    if inner is not None:
        return (Lane(inner, want_bps),)
    internet = internet_of(world)
    lanes = internet.find_lanes(sender, receiver, latency, want_bps)
    return () if any(internet.find_full(lane.way) for lane in lanes) else lanes


def find_crowd_ways(world: World, crowd: Crowd, place: str, latency: str, *uses: str) -> CrowdWays | None:
    """The ways between a crowd and a data centre as they are now; None where a city of it is cut off.

    What of the crowd is assumed is listed too, by what is used of it.
    """
    internet = internet_of(world)
    ways = find_ways_of_crowd(crowd, end_of(world, place), partial(internet.find_way, latency=latency))
    if ways is None:
        return None
    for way in (*ways.down, *ways.up):
        note_way(world, way)
    world.assumptions.update(dict.fromkeys(crowd.assumptions(*uses)))
    return ways


def find_when_free(
    world: World,
    name: str,
    find: Callable[[], Found | None],
    cause: str = "links",
    find_next_s: Callable[[], float | None] = lambda: None,
) -> Generator[simpy.Event, None, Found]:
    """What is to be found as soon as a workload's ends are joined, and others leave its links enough."""
    found, env = find(), world.env
    if found is None:
        world.events.add(env.now, "held", name, cause)
        while found is None:
            next_s = find_next_s()
            changes = [world.traffic.wait_given_back(), internet_of(world).wait_changed()]
            waking = [] if next_s is None or next_s == inf else [env.timeout(next_s - env.now)]
            yield env.any_of([*changes, *waking])
            withdraw(env, *waking)
            found = find()
        world.events.add(env.now, "free", name, cause)
    return found


def note_way(world: World, way: Path) -> None:
    """List what a way assumes, and know what it passes."""
    world.assumptions.update(dict.fromkeys(way.assumptions))
    for name, element in way.elements.items():
        world.elements.setdefault(name, element)  # a link keeps its joules a bit when a cable of it goes down
