"""How users ask a service: when each question arrives, is answered, and when the answer is there.

    asked + latency + question on the line = arrives | waits, is served | + latency + answer on the line = there

Questions and answers run at the rate of each user's own line, or share the links that would
not carry all lines at once (population/bursts.py). Nothing that happens to a service changes
when it is asked, so all moments are known when it opens. What it takes of each link at its
busiest, nine tenths of it at most, is its own until it ends, and other traffic has the rest.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from simulator.engine.spill import Floats
from simulator.network.traffic import Room, Traffic
from simulator.population.bursts import Bursts, Peak, Sent, Steps, find_peaks, send_alone, send_shared, spans
from simulator.population.congestion import find_left_bps, is_taken
from simulator.population.crowd import Crowd, Indices
from simulator.population.ways import CrowdWays, incidence
from simulator.record.requests import Requests
from simulator.workloads.line import begin_times
from simulator.workloads.serving_spec import MOST_OF_A_LINK, Serve
from simulator.world import World

_SLACK = 1.0 + 1e-9
"""Sums of rates that fit but for their rounding."""


class Session(NamedTuple):
    """What the users of a service do: questions, answers, devices in use, lines at work; what it takes of links."""

    up: Sent
    down: Sent
    users: Steps
    lines: Steps
    occupied_bps: Mapping[str, float]


class Crossing(NamedTuple):
    """One direction: the links that it passes, and how each block gets there."""

    latency_s: Floats
    line_bps: Floats
    size_b: float
    capacities_bps: tuple[Mapping[str, float], ...]


class Asking(NamedTuple):
    """The block of who asks, in the order of asking, and both directions."""

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
    return Asking(crowd.block_of(users), up, down)


def play(
    asking: Asking, traffic: Traffic, name: str, asked_s: Floats, service_s: Floats, replicas: int
) -> tuple[Requests, Session] | None:
    """All that will happen as the links are now; None while crowds leave them too little.

    `service_s` is in the order in which questions arrive.
    """
    sent = _cross(asking.up, traffic, asked_s, asking.block)
    if sent is None:
        return None
    order = np.argsort(sent.end_s, kind="stable")
    arrive_s = sent.end_s[order]
    begin_s = begin_times(arrive_s, service_s, replicas)
    requests = Requests(name, arrive_s, begin_s, begin_s + service_s)
    down = asking.down._replace(line_bps=asking.down.line_bps[order])
    told = _cross(down, traffic, requests.end_s, asking.block[order])
    if told is None:
        return None
    requests.asked_s, requests.told_s = asked_s[order], told.end_s
    users = spans(requests.asked_s, told.end_s, told.block, np.ones(len(told.block)))
    begin_s, end_s = np.concatenate((sent.begin_s, told.begin_s)), np.concatenate((sent.end_s, told.end_s))
    lines = spans(begin_s, end_s, np.concatenate((sent.block, told.block)), np.ones(len(begin_s)))
    occupied_bps = {
        link: peak.rate_bps
        for side, way in ((sent, asking.up), (told, asking.down))
        for link, peak in find_peaks(side, incidence(way.capacities_bps)).items()
    }
    return requests, Session(sent, told, users, lines, occupied_bps)


def _cross(way: Crossing, traffic: Traffic, from_s: Floats, block: Indices) -> Sent | None:
    """The crossings of all; None where crowds leave too little."""
    bursts = Bursts(from_s + way.latency_s[block], block, way.line_bps, way.size_b)
    sent = send_alone(bursts)
    peaks = find_peaks(sent, incidence(way.capacities_bps))
    room = traffic.room(peaks)
    if any(is_taken(room[link], peak.rate_bps) for link, peak in peaks.items()):
        return None
    left_bps = {link: _find_left_bps(room[link], peak) for link, peak in peaks.items()}
    if all(peak.rate_bps <= left_bps[link] * _SLACK for link, peak in peaks.items()):
        return sent
    return send_shared(bursts, [tuple(links) for links in way.capacities_bps], left_bps)


def _find_left_bps(room: Room, peak: Peak) -> float:
    """What a service may use of a link: what is free or its share, but not all that crowds leave."""
    return min(find_left_bps(room, peak.transfers), MOST_OF_A_LINK * (room.capacity_bps - room.crowds_bps))
