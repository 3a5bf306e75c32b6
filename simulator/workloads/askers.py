"""The users who ask a service, recorded: their devices, their lines and the ways between.

    device   busy from asking to having the answer: both ways, the wait and the service
    line     question and answer, at the rates of asking.py; charged whole, its rest meanwhile
    ways     the same bits

All of it by city or block, at the mean level of each stretch of recorded time, whose integrals
are exact: who has no answer at the end counts up to there.
"""

from collections.abc import Iterable

import numpy as np

from simulator.engine.bundle import Bundle
from simulator.engine.ledger import Channel
from simulator.population.bursts import Integral
from simulator.population.crowd import Crowd
from simulator.population.power import build_use_power_w
from simulator.population.ways import CrowdWays, carriers
from simulator.vocabulary import POWER, RATE
from simulator.workloads.asking import Session
from simulator.world import World


class Askers:
    """The users' side of one service, recorded stretch by stretch."""

    __slots__ = (
        *("_bundle", "_crowd", "_down", "_from_s", "_line_w", "_lines_s", "_name"),
        *("_received_b", "_sent_b", "_traffic", "_up", "_use_w", "_used_s"),
    )

    def __init__(self, world: World, crowd: Crowd, ways: CrowdWays, name: str, session: Session, open_s: float) -> None:
        self._crowd, self._traffic, self._from_s, self._name = crowd, world.traffic, open_s, name
        self._use_w = build_use_power_w(crowd.spec)
        self._line_w = np.array([crowd.charged_line_w(block) for block in crowd.blocks])
        self._sent_b, self._received_b, self._used_s, self._lines_s = (
            Integral(steps, len(crowd.blocks), open_s)
            for steps in (session.up.rates_bps, session.down.rates_bps, session.users, session.lines)
        )
        self._down, self._up = carriers(ways)
        self._bundle = Bundle(world.ledger, list(self._signals(name)))

    def record(self, until_s: float) -> None:
        """Write what happened since the last time."""
        from_s, crowd = self._from_s, self._crowd
        if until_s <= from_s:
            return
        sent_b, received_b = self._sent_b.until(until_s), self._received_b.until(until_s)
        used_s, lines_s = self._used_s.until(until_s), self._lines_s.until(until_s)
        devices_j, lines_j = crowd.city_sums(used_s) * self._use_w, lines_s * self._line_w
        ways_b = (self._up.passes @ sent_b, self._down.passes @ received_b)
        whole = np.concatenate([devices_j, lines_j, sent_b, received_b, *ways_b])
        self._bundle.add(np.array([from_s, until_s]), whole[:, None] / (until_s - from_s))
        for number in np.flatnonzero(used_s).tolist():
            busy_s = float(used_s[number]), float(lines_s[number])
            crowd.used(crowd.blocks[number], self._name, from_s, until_s, *busy_s)
        self._up.note_use(self._traffic, sent_b, from_s, until_s)
        self._down.note_use(self._traffic, received_b, from_s, until_s)
        self._from_s = until_s

    def flush(self) -> None:
        """Hand what is kept to the ledger."""
        self._bundle.flush()

    def _signals(self, name: str) -> Iterable[Channel]:
        crowd = self._crowd
        yield from (Channel(crowd.device(city), name, "use", POWER) for city in crowd.cities)
        yield from (Channel(block.line, name, "use", POWER) for block in crowd.blocks)
        for moving in ("upload", "download"):
            yield from (Channel(block.line, name, moving, RATE) for block in crowd.blocks)
        for side in (self._up, self._down):
            yield from (Channel(passed, name, "transfer", RATE) for passed in side.names)
