"""What happens to cables, as processes of the world: they go down at their moment and are mended after a while.

repair = the scenario's, or median x spread ^ z of the table repair_times, z standard normal
"""

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from simulator.catalogue import doubts, find
from simulator.network.internet import Internet
from simulator.network.setting import world_atlas
from simulator.network.spec import NetworkSpec, happening
from simulator.units import SECONDS_PER_DAY, show, show_count
from simulator.world import World

if TYPE_CHECKING:
    from simulator.network.outage import Event

REPAIRS = {"cut": "cable-cut", "outage": "outage", "closure": "outage"}
"""The row of the table repair_times by kind of event."""

Planned = dict[int, simpy.Event]
"""What happens next to each event's cables, by the number of the event."""


def start_outages(world: World, network: NetworkSpec) -> Planned:
    """Let the traffic of others be there, and everything happen in its time, before what workloads do then.

    What is returned is what is still to come, at any time: a run that is done need not wait for it.
    """
    internet, planned = world.internet, Planned()
    if internet is not None:
        internet.begin()
        _note_demands(world, internet)
        for number, event in enumerate(network.events):
            world.env.process(_happen(world, internet, planned, number, *happening(event)))
    return planned


def _happen(
    world: World, internet: Internet, planned: Planned, number: int, kind: str, said: "Event"
) -> Generator[simpy.Event, None, None]:
    from simulator.network.outage import links_down, name_of  # networkx

    env, note = world.env, world.events.add
    links = links_down(world_atlas(internet.setting), said)
    repair_s = _repair_s(world, kind, f"{name_of(said)} at {said.at:g} s", said.repair)
    if said.at:
        planned[number] = env.timeout(said.at)
        yield planned[number]
    until = "not mended in this run" if repair_s is None else f"mended after {show(repair_s, 'time_s')}"
    note(env.now, "down", name_of(said), f"{kind}: {show_count(len(links), 'link')}, {until}")
    internet.take_down(links)
    _note_demands(world, internet)
    if repair_s is None:
        return
    planned[number] = env.timeout(repair_s)
    yield planned[number]
    back = internet.bring_back(links)
    still = "" if back == len(links) else f", {len(links) - back} still down for another cause"
    note(env.now, "up", name_of(said), f"{kind}: {show_count(back, 'link')}{still}")
    _note_demands(world, internet)


def _repair_s(world: World, kind: str, subject: str, repair: float | str | None) -> float | None:
    """How long it takes; a draw is that of what goes down and when, whatever else is in the file."""
    if repair is None or isinstance(repair, float):
        return repair
    row = find("repair-time", REPAIRS[kind])
    world.assumptions.update(dict.fromkeys(doubts(row, "median_d", "spread_ratio")))
    median_d, spread_ratio = (row.number(column, "correct the row") for column in ("median_d", "spread_ratio"))
    z = float(world.streams.generator("repair", f"{kind} {subject}").standard_normal())
    return float(median_d * SECONDS_PER_DAY * spread_ratio**z)


def _note_demands(world: World, internet: Internet) -> None:
    for placed in internet.demands:
        for lane in placed.lanes:
            world.assumptions.update(dict.fromkeys((*lane.way.doubtful_times, *lane.way.doubtful_capacities)))
        carried, asked = (show(bps, "rate_bps") for bps in (placed.carried_bps, placed.asked_bps))
        cause = f"{carried} of {asked} over {show_count(len(placed.lanes), 'way')}"
        if placed.lanes:
            cause += f", round trip {placed.rtt_s * 1000:.0f} ms in the mean"
        world.events.add(world.env.now, "demand", " to ".join(placed.ends), cause)
