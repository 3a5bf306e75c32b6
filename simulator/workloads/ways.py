"""The ways of the world as a workload takes them: what of them is assumed is listed, what they pass is known."""

from collections.abc import Callable, Generator
from typing import TypeVar

import simpy

from simulator.network.path import End, Path, path
from simulator.population.crowd import Crowd
from simulator.population.ways import CrowdWays, crowd_ways
from simulator.world import World

Found = TypeVar("Found")


def end_of(world: World, name: str) -> End:
    """A data centre as the network sees it."""
    place = world.places[name]
    return End(place.name, place.city, place.uplink_bps)


def find_way(world: World, sender: End, receiver: End, latency: str) -> Path:
    """The way from one end to another in the world's year."""
    assert world.year is not None, "the scenario is refused without one"
    way = path(world.year, sender, receiver, latency)
    note_way(world, way)
    return way


def find_crowd_ways(world: World, crowd: Crowd, place: str, latency: str, *uses: str) -> CrowdWays:
    """The ways between a crowd and a data centre; what of the crowd is assumed is listed too, by what is used of it."""
    assert world.year is not None, "the scenario is refused without one"
    ways = crowd_ways(crowd, world.year, end_of(world, place), latency)
    for way in (*ways.down, *ways.up):
        note_way(world, way)
    world.assumptions.update(dict.fromkeys(crowd.assumptions(*uses)))
    return ways


def find_when_free(world: World, name: str, find: Callable[[], Found | None]) -> Generator[simpy.Event, None, Found]:
    """What is to be found as soon as crowds leave the links of a workload's users enough: at once, or after a wait."""
    found = find()
    if found is None:
        world.events.add(world.env.now, "held", name, "links")
        while found is None:
            yield world.traffic.wait_given_back()
            found = find()
        world.events.add(world.env.now, "free", name, "links")
    return found


def note_way(world: World, way: Path) -> None:
    """List what a way assumes, and know what it passes."""
    world.assumptions.update(dict.fromkeys(way.assumptions))
    world.elements.update(way.elements)
