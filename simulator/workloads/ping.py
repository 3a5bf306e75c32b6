"""The round trip between two cities as a process: noted when it begins, and whenever its way becomes another.

    round trip = that of the way that one packet takes now (network/route.py)

With `routing: capacity` that is the first way that others leave any room on. It carries no bits, draws
nothing and waits for nobody. Where no cable is left it notes that there is no way.
"""

import simpy

from simulator.engine.withdraw import withdraw
from simulator.network.path import home
from simulator.network.spec import cities_of
from simulator.record.pings import Ping
from simulator.workloads.ping_spec import PingFields
from simulator.workloads.ways import internet_of
from simulator.world import Process, World


def ping(world: World, spec: PingFields, name: str) -> Process:
    """The life of a ping, from its first round trip to its last."""
    env, internet, note = world.env, internet_of(world), world.events.add
    note(env.now, "submit", name)
    end = env.timeout(0.0 if spec.during is None else spec.during)
    try:
        look(world, spec, name)
        while not end.processed:
            changed = internet.wait_changed()
            yield env.any_of([end, changed])
            if changed.triggered:
                look(world, spec, name)
        note(env.now, "finish", name)
    except simpy.Interrupt as interruption:
        withdraw(env, end)
        note(env.now, "cancel", name, str(interruption.cause or ""))
    world.pings[name][-1].until_s = env.now


def look(world: World, spec: PingFields, name: str) -> None:
    """Note the way as it is now, unless it is still the same."""
    now_s, (sender, receiver) = world.env.now, cities_of(spec)
    internet = internet_of(world)
    way = internet.find_way(home(sender), home(receiver), spec.latency, back=True)
    rtt_s, km, cables = (None, None, ()) if way is None else (2.0 * way.latency_s, way.km, way.cables)
    seen = world.pings.setdefault(name, [])
    if seen and (seen[-1].rtt_s, seen[-1].km, seen[-1].cables) == (rtt_s, km, cables):
        return
    if seen:
        seen[-1].until_s = now_s
    if way is not None:
        heeded = way.doubtful_capacities if internet.setting.network.routing == "capacity" else ()
        world.assumptions.update(dict.fromkeys((*way.doubtful_times, *heeded)))
    seen.append(Ping(name, sender, receiver, now_s, None, rtt_s, km, cables))


def never_pinged(world: World, spec: PingFields, name: str) -> None:
    """Record one whose turn had not come when the run ended: it has no row."""
    world.pings.setdefault(name, [])
