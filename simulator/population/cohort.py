"""A cohort for each round: who is selected, and how the round goes.

    selected   of the users who are there (presence.py), by a rule (selection.py): all alike, unless said;
               all of them if they are fewer than asked for
    computing  samples x seconds a sample / the user's speed
    links      if the rates of all members' lines fit every link beside what is there, each member has
               its own rate, which is what max-min fairness would give; else population/congestion.py

The draws of a round are keyed by the population and the round's number: every workload and
paradigm with this population, cohort and number meets the same users and the same luck, at the same
moment where not all users are always there. Who leaves by his trace drops out at that moment.
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
from simulator.population.presence import Whole, build_presence
from simulator.population.record import STRETCHES, Bits, CrowdRecord, Told, bits_alone
from simulator.population.selection import AT_RANDOM, Selector
from simulator.population.session import (
    UPLOADED,
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
    extra_s: float = 0.0
    """What a member of median speed computes for beside its samples."""
    trips: int = 0
    """Round trips of a member beside that of its down- and upload."""
    shards: Floats | None = None
    """Samples of each client of a task that really learns, over their mean: user u has those of client u mod K."""
    epochs: float = 1.0
    """How often a member passes over its samples, all of which are in `samples`."""


class Played(NamedTuple):
    """A round as it will go if nothing cuts it short; `ways` is None where only the lines hold it back."""

    block: Indices
    members: Members
    sessions: Sessions
    sizes: Sizes
    ways: Ways | None
    occupied_bps: Mapping[str, float]
    users: Indices
    """The number of each member."""

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
    """The rounds of one workload; `selector` says whom they take, and remembers from one to the next."""

    __slots__ = (
        *("_crowd", "_down", "_latency_s", "_lines_bps", "_presence", "_rules", "_selector", "_streams", "_traffic"),
        *("_up", "_ways"),
    )

    def __init__(
        self,
        crowd: Crowd,
        ways: CrowdWays,
        traffic: Traffic,
        streams: Streams,
        rules: Rules,
        selector: Selector = AT_RANDOM,
    ) -> None:
        self._crowd, self._ways, self._traffic, self._streams, self._rules = crowd, ways, traffic, streams, rules
        self._lines_bps = tuple(
            np.array([getattr(block.access, way) for block in crowd.blocks]) for way in ("down_bps", "up_bps")
        )
        self._presence, self._selector = build_presence(crowd), selector
        for link, capacity_bps in ways.capacities_bps.items():
            traffic.add_link(link, capacity_bps)
        self._latency_s = ways.latencies_s
        self._down, self._up = (incidence(tuple(way.capacities_bps for way in side)) for side in ways)

    def select(self, turn: int, at_s: float | None = None) -> tuple[Indices, Members]:
        """The blocks of a round's users and what each of them has, at the moment that it begins.

        The moment may be left out where all users are always there and taken at random.
        """
        users, members = self._select(turn, at_s)
        return self._crowd.block_of(users), members

    def _select(self, turn: int, at_s: float | None) -> tuple[Indices, Members]:
        crowd, rules = self._crowd, self._rules
        assert at_s is not None or self._is_timeless, f"{crowd.name}: who is selected depends on the moment"
        at_s = 0.0 if at_s is None else at_s
        draw = self._streams.generator("selection", crowd.name, turn)
        users = np.sort(self._selector.choose(self._presence.pool(turn, at_s), draw, rules.selected, at_s))
        columns, block = crowd.columns(), crowd.block_of(users)
        rate = columns.rate[users]
        samples = columns.samples[users] if rules.shards is None else rules.shards[users % len(rules.shards)]
        compute_s = (samples * (rules.samples * rules.sample_s) + rules.extra_s) / columns.speed[users]
        drops = draw.random((2, len(users)))
        drop_share = np.where(drops[0] < rules.dropout_share, drops[1], inf)
        down_bps, up_bps = (lines_bps[block] * rate for lines_bps in self._lines_bps)
        latency_s = (1 + rules.trips) * self._latency_s[block]
        return users, Members(latency_s, down_bps, up_bps, compute_s, drop_share)

    def find_next_s(self, turn: int, at_s: float) -> float | None:
        """When to ask again if nobody is taken at a moment, infinite if never; None where some are."""
        users, _ = self._select(turn, at_s)
        return None if len(users) else min(self._presence.next_s(at_s), self._selector.next_s(at_s))

    def saw(self, played: Played, losses: Floats | None = None) -> None:
        """Tell the selector who was accepted, after how long, and their root mean square losses if a model learns."""
        accepted = played.sessions.accepted
        users, shards = played.users[accepted], self._rules.shards
        if shards is not None:  # a user has the samples of a client of the task, not those of the crowd's columns
            own = shards[users % len(shards)] / self._crowd.columns().samples[users]
            losses = own if losses is None else own * losses
        self._selector.saw(users, played.sessions.moments_s[UPLOADED, accepted], losses)

    @property
    def _is_timeless(self) -> bool:
        """Whether it is all the same when a round begins."""
        return isinstance(self._presence, Whole) and self._selector is AT_RANDOM

    def find_play(self, turn: int, force_flows: bool = False, at_s: float | None = None) -> Played | None:
        """How the round goes that begins at a moment, as the links are now.

        None while other crowds leave it too little, or nobody is there: `find_next_s` tells until when.
        `force_flows` has the flow engine solve it in any case.
        """
        rules = self._rules
        users, members = self._select(turn, at_s)
        if not len(users):
            return None
        block = self._crowd.block_of(users)
        asked_bps = self._asked_bps(block, members)
        room = self._traffic.room(asked_bps)
        if any(_taken(room[link], bps) for link, bps in asked_bps.items()):
            return None
        fits = all(bps <= room[link].capacity_bps - room[link].used_bps for link, bps in asked_bps.items())
        alone_s = moments_alone(members, rules.sizes)
        drop_s = np.minimum(drop_times_s(members, alone_s), self._presence.off_s(users, at_s or 0.0))
        if fits and not force_flows:
            sessions = close_round(alone_s, drop_s, rules.goal, rules.deadline_s)
            return Played(block, members, sessions, rules.sizes, None, asked_bps, users)
        ways = self._member_ways(block, room)
        sessions = play_congested(members, rules.sizes, ways, drop_s, rules.goal, rules.deadline_s)
        occupied_bps = {link: min(bps, ways.left_bps[link]) for link, bps in asked_bps.items()}
        return Played(block, members, sessions, rules.sizes, ways, occupied_bps, users)

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
