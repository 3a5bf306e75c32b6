"""A cohort for each round: who is selected, and how the round goes.

    selected   uniformly, without replacement, of all users of the population
    computing  samples x seconds a sample / the user's speed
    links      if the rates of all members' lines fit every link beside what is there, each member has
               its own rate, which is what max-min fairness would give; else population/congestion.py

The draws of a round are keyed by the population and the round's number: every workload and
paradigm with this population, cohort and number meets the same users and the same luck.
While a round lasts, what it may use of the links is taken from the capacities that other
traffic sees: in a congested round at least the members' share by number, so that nobody starves.
What other crowds took stays theirs to the end; where they left too little and less than
half of a link, a round waits until one of them gives it back.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from simulator.engine.rng import Streams
from simulator.engine.spill import Floats
from simulator.network.traffic import Room, Traffic
from simulator.population.congestion import Ways, carried_b, play_congested
from simulator.population.crowd import Crowd, Indices
from simulator.population.record import STRETCHES, Bits, CrowdRecord, Told, bits_alone
from simulator.population.session import (
    Members,
    Sessions,
    Sizes,
    close_round,
    cut,
    drop_times_s,
    moments_alone,
    reached_s,
)
from simulator.population.ways import CrowdWays, Incidence, incidence


class Rules(NamedTuple):
    """How a round is played: how many are selected and waited for, until when, who drops out, what each does."""

    selected: int
    goal: int
    deadline_s: float
    dropout_share: float
    sizes: Sizes
    samples: float
    sample_s: float


class Played(NamedTuple):
    """A round as it will go if nothing cuts it short; `ways` is None where only the lines hold it back."""

    block: Indices
    members: Members
    sessions: Sessions
    sizes: Sizes
    ways: Ways | None
    occupied_bps: Mapping[str, float]

    def until(self, at_s: float) -> "Played":
        """The round as far as it came by then."""
        return self._replace(sessions=cut(self.sessions, at_s)) if at_s < self.sessions.close_s else self

    def broken_off(self, at_s: float) -> "Played":
        """The round as it ends where its ways broke: all of it was in vain."""
        sessions = self.sessions._replace(accepted=np.zeros_like(self.sessions.accepted))
        return self._replace(sessions=cut(sessions, at_s))

    def record(self, record: CrowdRecord, begin_s: float) -> Told:
        """Record it as it went from a moment on, cut into equal stretches."""
        edges_s = self.edges_s()
        reached = reached_s(self.sessions, edges_s)
        bits = self.bits(edges_s, reached)
        return record.write(begin_s, self.block, self.sessions.accepted, edges_s, reached, bits)

    def edges_s(self) -> Floats:
        """The edges of its stretches, from its beginning to its close."""
        return np.linspace(0.0, self.sessions.close_s, STRETCHES + 1)

    def bits(self, edges_s: Floats, reached: Floats) -> Bits:
        """What each member had down- and uploaded at each edge, where it had reached what it had."""
        if self.ways is None:
            return bits_alone(reached, self.members.down_bps, self.members.up_bps)
        return carried_b(self.members, self.sizes, self.ways, self.sessions, edges_s)


class Cohorts:
    """The rounds of one workload."""

    __slots__ = ("_crowd", "_down", "_latency_s", "_rules", "_streams", "_traffic", "_up", "_ways")

    def __init__(self, crowd: Crowd, ways: CrowdWays, traffic: Traffic, streams: Streams, rules: Rules) -> None:
        self._crowd, self._ways, self._traffic, self._streams, self._rules = crowd, ways, traffic, streams, rules
        for link, capacity_bps in ways.capacities_bps.items():
            traffic.add_link(link, capacity_bps)
        # both ways of a session together take what they take, where the way back is another
        pairs = zip(ways.down, ways.up, strict=True)
        self._latency_s = np.array([(down.latency_s + up.latency_s) / 2 for down, up in pairs])
        self._down, self._up = (incidence(tuple(way.capacities_bps for way in side)) for side in ways)

    def select(self, turn: int) -> tuple[Indices, Members]:
        """The users of a round and what each of them has."""
        crowd, rules = self._crowd, self._rules
        draw = self._streams.generator("selection", crowd.name, turn)
        users = np.sort(draw.choice(crowd.count, rules.selected, replace=False, shuffle=False))
        columns, block = crowd.columns(), crowd.block_of(users)
        compute_s = columns.samples[users] * (rules.samples * rules.sample_s) / columns.speed[users]
        drops = draw.random((2, rules.selected))
        drop_share = np.where(drops[0] < rules.dropout_share, drops[1], inf)
        down_bps, up_bps = columns.down_bps[users], columns.up_bps[users]
        return block, Members(self._latency_s[block], down_bps, up_bps, compute_s, drop_share)

    def find_play(self, turn: int, force_flows: bool = False) -> Played | None:
        """How the round goes, as the links are now; None while other crowds leave it too little.

        `force_flows` has the flow engine solve it in any case.
        """
        rules = self._rules
        block, members = self.select(turn)
        asked_bps = self._asked_bps(block, members)
        room = self._traffic.room(asked_bps)
        if any(_taken(room[link], bps) for link, bps in asked_bps.items()):
            return None
        fits = all(bps <= room[link].capacity_bps - room[link].used_bps for link, bps in asked_bps.items())
        alone_s = moments_alone(members, rules.sizes)
        drop_s = drop_times_s(members, alone_s)
        if fits and not force_flows:
            sessions = close_round(alone_s, drop_s, rules.goal, rules.deadline_s)
            return Played(block, members, sessions, rules.sizes, None, asked_bps)
        ways = self._member_ways(block, room)
        sessions = play_congested(members, rules.sizes, ways, drop_s, rules.goal, rules.deadline_s)
        occupied_bps = {link: min(bps, ways.left_bps[link]) for link, bps in asked_bps.items()}
        return Played(block, members, sessions, rules.sizes, ways, occupied_bps)

    def _asked_bps(self, block: Indices, members: Members) -> dict[str, float]:
        """The rates of the lines of all members whose bits pass a link, link by link."""
        blocks = len(self._crowd.blocks)
        by_link = [
            _by_link(self._down, np.bincount(block, members.down_bps, blocks)),
            _by_link(self._up, np.bincount(block, members.up_bps, blocks)),
        ]
        return {name: bps for name, bps in _summed(by_link).items() if bps}

    def _member_ways(self, block: Indices, room: Mapping[str, Room]) -> Ways:
        down, up = (
            [tuple(side[number].capacities_bps) for number in block.tolist()]
            for side in (self._ways.down, self._ways.up)
        )
        numbers = np.bincount(block, minlength=len(self._crowd.blocks))
        members = _summed([_by_link(side, numbers) for side in (self._down, self._up)])
        left_bps = {link: _left_bps(found, members[link]) for link, found in room.items()}
        return Ways(down, up, left_bps)


def _by_link(side: Incidence, of_blocks: np.ndarray) -> dict[str, float]:
    """The sum over the blocks that pass each link."""
    return dict(zip(side.names, (side.passes @ of_blocks).tolist(), strict=True))


def _summed(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """One sum a link: downloads and uploads may pass the same one, where the ways there and back are others."""
    found: dict[str, float] = {}
    for part in parts:
        for name, value in part.items():
            found[name] = found.get(name, 0.0) + value
    return found


def _taken(room: Room, asked_bps: float) -> bool:
    """Whether other crowds leave less of a link than is asked for and than half of it."""
    return room.capacity_bps - room.crowds_bps < min(asked_bps, room.capacity_bps / 2)


def _left_bps(room: Room, members: float) -> float:
    """What a crowd of so many may use of a link: what is free, or its share by number if that is more.

    What other crowds use is never among it: their rounds are settled.
    """
    share, open_bps = members / (members + room.flows), room.capacity_bps - room.crowds_bps
    return max(room.capacity_bps - room.used_bps, open_bps * share)
