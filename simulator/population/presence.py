"""Which users are there at a moment, without looking at each of them.

    always     all of them
    by hour    of the users of a block a number ~ Binomial(users, A(t)), which of them is luck
               A(t) = charging x idle x (1 - metered) x mean x (1 + a cos(2 pi (hour - peak) / 24 h))
    trace      those that the file has on (trace.py); who goes off leaves what it is doing

A(t) is a step function: it has the value of the beginning of each quarter of an hour, by the clock of
the block's city. Who is there by luck is drawn anew for each round and quarter of an hour: who was there
before is not more likely to be so again, and nobody leaves before the end of a session, for drop-outs
are the scenario's.
"""

from math import cos, inf, pi
from typing import Protocol

import numpy as np

from simulator.catalogue import find
from simulator.engine.clock import Clock
from simulator.engine.spill import Floats
from simulator.population.available import Diurnal, Traced, find_diurnal, metered_share, swing
from simulator.population.crowd import Crowd, Indices
from simulator.population.pool import Lucky, Pool, Seen
from simulator.population.trace import Trace
from simulator.units import SECONDS_PER_DAY

STEP_S = 900.0
_CALENDAR_S = 146_097 * SECONDS_PER_DAY
"""After 400 years dates and days of the week are the same again: the calendar of computers ends in the year 9999."""


class Presence(Protocol):
    """When the users of a crowd are there."""

    def pool(self, turn: int, at_s: float) -> Pool:
        """Who is there for a round at a moment."""

    def next_s(self, at_s: float) -> float:
        """When that changes next; infinite if never."""

    def off_s(self, users: Indices, at_s: float) -> Floats:
        """How long each of these users, who are there, stays; infinite if for good."""


class ByHour:
    """Users who are there by chance, more at one hour of their day than at others."""

    __slots__ = ("_clock", "_crowd", "_diurnal", "_into_s", "_shares", "_zones")

    def __init__(self, crowd: Crowd, clock: Clock, shares: Floats, diurnal: Diurnal | None) -> None:
        self._crowd, self._clock, self._diurnal = crowd, clock, diurnal
        self._shares = shares if diurnal is None else shares * diurnal.mean
        self._zones = [find("city", block.city).text("timezone") for block in crowd.blocks]
        self._into_s = clock.start.timestamp() % STEP_S

    def pool(self, turn: int, at_s: float) -> Lucky:
        """Who is there for a round at a moment."""
        draw = self._crowd.streams.generator(f"availability of round {turn}", self._crowd.name, self._step(at_s))
        return Lucky(self._crowd.blocks, self.shares(at_s), draw)

    def shares(self, at_s: float) -> Floats:
        """The share of each block that is there at a moment."""
        if self._diurnal is None:
            return self._shares
        return np.asarray(self._shares * [self._swung(zone, at_s) for zone in self._zones])

    def shares_each(self, at_s: Floats) -> Floats:
        """The share of each block that is there at each of these moments, shape (moments, blocks)."""
        steps, which = np.unique((self._into_s + at_s) // STEP_S, return_inverse=True)
        begins_s = [max(0.0, step * STEP_S - self._into_s) for step in steps.tolist()]
        return np.array([self.shares(begin_s) for begin_s in begins_s])[which]

    def next_s(self, at_s: float) -> float:
        """When the next quarter of an hour begins."""
        return max((self._step(at_s) + 1) * STEP_S - self._into_s, float(np.nextafter(at_s, inf)))

    def off_s(self, users: Indices, at_s: float) -> Floats:
        """They stay."""
        return np.full(len(users), inf)

    def _step(self, at_s: float) -> int:
        return int((self._into_s + at_s) // STEP_S)

    def _swung(self, zone: str, at_s: float) -> float:
        """The share over its mean at the beginning of a quarter of an hour."""
        assert self._diurnal is not None, "only what is diurnal swings"
        local = self._clock.local(at_s % _CALENDAR_S, zone)
        day_s = local.hour * 3600 + local.minute * 60 // STEP_S * STEP_S
        turned = 2.0 * pi * (day_s - self._diurnal.peak) / SECONDS_PER_DAY
        return 1.0 + swing(self._diurnal.night_over_day) * cos(turned)


class Whole:
    """Users who are always there."""

    __slots__ = ("_pool",)

    def __init__(self, crowd: Crowd) -> None:
        none_by_luck = crowd.streams.generator("availability", crowd.name)
        self._pool = Lucky(crowd.blocks, np.ones(len(crowd.blocks)), none_by_luck)

    def pool(self, turn: int, at_s: float) -> Lucky:
        """All of them."""
        return self._pool

    def next_s(self, at_s: float) -> float:
        """Nothing changes."""
        return inf

    def off_s(self, users: Indices, at_s: float) -> Floats:
        """They stay."""
        return np.full(len(users), inf)


class ByTrace:
    """Users who are there when a file says so, on lines that suit."""

    __slots__ = ("_crowd", "_shares", "_trace")

    def __init__(self, crowd: Crowd, shares: Floats, trace: Trace) -> None:
        self._crowd, self._shares, self._trace = crowd, shares, trace

    def pool(self, turn: int, at_s: float) -> Seen:
        """Who is there at a moment."""
        first = np.arange(0, self._crowd.count, self._trace.clients)
        users = (first[:, None] + self._trace.on(at_s)).ravel()
        return Seen(self._crowd.blocks, users[self._shares[self._crowd.block_of(users)] > 0.0])

    def next_s(self, at_s: float) -> float:
        """When the next one comes on."""
        return self._trace.next_s(at_s)

    def off_s(self, users: Indices, at_s: float) -> Floats:
        """How long each of these stays."""
        return self._trace.off_s(users % self._trace.clients, at_s) - at_s


def build_presence(crowd: Crowd) -> Presence:
    """When the users of a crowd are there."""
    spec, shares = crowd.spec, eligible_shares(crowd)
    if isinstance(spec.available, Traced):
        assert crowd.trace is not None, f"{crowd.name}: the file {spec.available.file} has been read"
        return ByTrace(crowd, shares, crowd.trace)
    diurnal = find_diurnal(spec.available)
    if diurnal is None and bool(np.all(shares == 1.0)):
        return Whole(crowd)
    assert crowd.clock is not None, f"{crowd.name}: who is there depends on the date"
    return ByHour(crowd, crowd.clock, shares, diurnal)


def eligible_shares(crowd: Crowd) -> Floats:
    """The share of each block that may be selected at all."""
    eligible = crowd.spec.eligible
    if eligible is None:
        return np.ones(len(crowd.blocks))
    metered = [metered_share(block.access.id) if eligible.unmetered else 0.0 for block in crowd.blocks]
    return np.asarray(eligible.share * (1.0 - np.array(metered)))
