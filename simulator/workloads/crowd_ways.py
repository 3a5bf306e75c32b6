"""The ways between the users of the world and its data centres, as a workload needs them."""

from simulator.network.path import End
from simulator.population.crowd import Crowd
from simulator.population.ways import CrowdWays, crowd_ways
from simulator.world import World


def find_crowd_ways(world: World, crowd: Crowd, place: str, latency: str) -> CrowdWays:
    """The ways between a crowd and a data centre; what of them and of the crowd is assumed is listed."""
    assert world.year is not None, "the scenario is refused without one"
    found = world.places[place]
    ways = crowd_ways(crowd, world.year, End(found.name, found.city, found.uplink_bps), latency)
    for way in (*ways.down, *ways.up):
        world.assumptions.update(dict.fromkeys(way.assumptions))
        world.elements.update(way.elements)
    world.assumptions.update(dict.fromkeys(crowd.assumptions()))
    return ways
