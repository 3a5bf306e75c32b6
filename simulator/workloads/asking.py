"""How users ask a service: when each question arrives, is answered, and when the answer is there.

    asked + latency + question on the line = arrives | waits, is served | + latency + answer on the line = there

A user has one device, in use while anything of its is under way, and one line, on which one question or answer
follows the other. Questions and answers run at the rate of each user's own line, or share the links that would
not carry all lines at once (population/bursts.py): nine tenths of what crowds leave of them
as the service opens. Nothing that happens to a service changes when it is asked, so all
moments are known then. What it carries in the mean of its busiest stretch is its own until it
ends, and other traffic has the rest: it sees the mean, not each question.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.network.traffic import Traffic
from simulator.population.bursts import (
    Bursts,
    Sent,
    Steps,
    find_peak_means,
    find_peaks,
    in_use,
    send_alone,
    send_shared,
)
from simulator.population.crowd import Crowd, Indices
from simulator.population.ways import CrowdWays, incidence
from simulator.record.requests import Requests
from simulator.workloads.line import begin_times
from simulator.workloads.serving_spec import MOST_IN_THE_MEAN, MOST_OF_A_LINK, Serve
from simulator.world import World


class Session(NamedTuple):
    """What the users of a service do: questions, answers, devices in use, lines at work."""

    up: Sent
    down: Sent
    users: Steps
    lines: Steps


class Crossing(NamedTuple):
    """One direction: the links that it passes, and how each block gets there."""

    latency_s: Floats
    line_bps: Floats
    size_b: float
    capacities_bps: tuple[Mapping[str, float], ...]


class Asking(NamedTuple):
    """Who asks, in the order of asking, the block of each, and both directions."""

    users: Indices
    block: Indices
    up: Crossing
    down: Crossing


def find_asking(world: World, spec: Serve, name: str, crowd: Crowd, ways: CrowdWays) -> Asking:
    """Who asks, drawn uniformly from the population, and what they have between them and the service."""
    assert spec.request is not None, spec
    assert spec.response is not None, spec
    users = world.streams.generator("askers", name).integers(crowd.count, size=spec.requests)
    columns = crowd.columns()
    for link, capacity_bps in ways.capacities_bps.items():
        world.traffic.add_link(link, capacity_bps)
    up, down = (
        Crossing(
            np.array([way.latency_s for way in side]), rates_bps[users], size_b, tuple(w.capacities_bps for w in side)
        )
        for side, rates_bps, size_b in (
            (ways.up, columns.up_bps, spec.request),
            (ways.down, columns.down_bps, spec.response),
        )
    )
    return Asking(users, crowd.block_of(users), up, down)


class Questions(NamedTuple):
    """What a service is asked: when, how long each takes on a replica in the order of arriving, over which time."""

    name: str
    asked_s: Floats
    service_s: Floats
    during_s: float


def find_play(asking: Asking, traffic: Traffic, questions: Questions, replicas: int) -> tuple[Requests, Session] | None:
    """All that will happen as the links are now; None while crowds leave them too little."""
    name, asked_s, service_s, during_s = questions
    sent = _find_crossing(asking.up, traffic, asked_s, asking, during_s)
    if sent is None:
        return None
    order = np.argsort(sent.end_s, kind="stable")
    arrive_s = sent.end_s[order]
    begin_s = begin_times(arrive_s, service_s, replicas)
    requests = Requests(name, arrive_s, begin_s, begin_s + service_s)
    down = asking.down._replace(line_bps=asking.down.line_bps[order])
    who = asking.users
    asking = asking._replace(users=asking.users[order], block=asking.block[order])
    told = _find_crossing(down, traffic, requests.end_s, asking, during_s)
    if told is None:
        return None
    requests.asked_s, requests.told_s = asked_s[order], told.end_s
    users = in_use(requests.asked_s, told.end_s, asking.users, told.block)
    begin_s, end_s = np.concatenate((sent.begin_s, told.begin_s)), np.concatenate((sent.end_s, told.end_s))
    lines = in_use(begin_s, end_s, np.concatenate((who, asking.users)), np.concatenate((sent.block, told.block)))
    return requests, Session(sent, told, users, lines)


def _find_crossing(way: Crossing, traffic: Traffic, from_s: Floats, asking: Asking, during_s: float) -> Sent | None:
    """The crossings of all; None where crowds leave less of a link than is asked for in the mean."""
    block = asking.block
    bursts = Bursts(from_s + way.latency_s[block], asking.users, block, way.line_bps, way.size_b)
    sent, side = send_alone(bursts), incidence(way.capacities_bps)
    peaks_bps, room = find_peaks(sent, side), traffic.room(side.names)
    left_bps = {link: MOST_OF_A_LINK * (room[link].capacity_bps - room[link].crowds_bps) for link in peaks_bps}
    if all(peak_bps <= left_bps[link] for link, peak_bps in peaks_bps.items()):
        return sent
    asked_bps = side.passes @ np.bincount(block, minlength=side.passes.shape[1]) * (way.size_b / during_s)
    if any(
        bps > MOST_IN_THE_MEAN * left_bps[link] for link, bps in zip(side.names, asked_bps.tolist(), strict=True) if bps
    ):
        return None
    return send_shared(bursts, [tuple(links) for links in way.capacities_bps], left_bps)


def occupied_bps(session: Session, ways: CrowdWays, edges_s: Floats) -> dict[str, float]:
    """What other traffic is to leave to a service: the mean of its busiest stretch, link by link."""
    sides = (incidence(tuple(way.capacities_bps for way in side)) for side in (ways.up, ways.down))
    found = (find_peak_means(sent, side, edges_s) for sent, side in zip((session.up, session.down), sides, strict=True))
    return {link: bps for means_bps in found for link, bps in means_bps.items()}
