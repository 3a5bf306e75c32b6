"""The users who ask a service: their devices, their lines and the ways between, for every request.

    device   busy from the request's first bit to the answer's last:
             latency + request / up rate + wait + service + latency + answer / down rate
    line     request and answer at the rate of the user's own line
    ways     the same bits, by the mean rate of each stretch of recorded time

Requests are no flows: they pay latency and bytes and hold nobody back, which is refused where
their mean rate would not fit a link. Who asks is drawn uniformly from the population. A
request is counted in the stretch in which it arrives; its answer, and the time of its device
on line and way, in that in which it is answered; its wait and service as they pass, so that
what is not answered at the end counts up to there. The wait of the service does not include
the way.
"""

from collections.abc import Iterable

import numpy as np

from simulator.engine.bundle import Bundle
from simulator.engine.ledger import Channel
from simulator.engine.spill import Floats
from simulator.population.crowd import Indices
from simulator.population.power import build_use_power_w
from simulator.population.ways import CrowdWays, carriers
from simulator.record.requests import Requests
from simulator.vocabulary import POWER, RATE
from simulator.workloads.serving_spec import Serve
from simulator.workloads.ways import find_crowd_ways
from simulator.world import World


class Askers:
    """The users' side of one service, recorded stretch by stretch."""

    __slots__ = (
        *("_block", "_bundle", "_by_end", "_crowd", "_down", "_line_s", "_request_b", "_requests", "_response_b"),
        *("_ends_s", "_line_w", "_open_s", "_traffic", "_up", "_use_w", "_waiting", "_way_s"),
    )

    def __init__(self, world: World, spec: Serve, name: str, requests: Requests) -> None:
        assert spec.users is not None, "a service that nobody asks has no users' side"
        assert spec.request is not None, spec
        assert spec.response is not None, spec
        self._requests, self._traffic = requests, world.traffic
        crowd = self._crowd = world.crowds[spec.users]
        ways = find_crowd_ways(world, crowd, spec.at.split("/")[0], spec.latency)
        self._request_b, self._response_b = spec.request, spec.response
        self._use_w = build_use_power_w(crowd.spec)
        self._line_w = np.array([crowd.charged_line_w(block) for block in crowd.blocks])
        users = world.streams.generator("askers", name).integers(crowd.count, size=len(requests.end_s))
        self._block = crowd.block_of(users)
        columns = crowd.columns()
        self._line_s = spec.request / columns.up_bps[users] + spec.response / columns.down_bps[users]
        self._way_s = self._line_s + self._latency_s(ways)[self._block]
        self._by_end = np.argsort(requests.end_s, kind="stable")
        self._ends_s, self._open_s = requests.end_s[self._by_end], world.env.now
        self._down, self._up = carriers(ways)
        self._waiting = np.zeros(len(crowd.blocks))  # users of each block without their answer, as far as recorded
        self._bundle = Bundle(world.ledger, list(self._signals(name)))

    def record(self, from_s: float, until_s: float, last: bool = False) -> None:
        """Write what reached or left the service after one moment, up to and including another; all of it if `last`."""
        from_s = max(from_s, self._open_s)
        if until_s > from_s:
            asked, answered = self._asked(from_s, until_s), self._answered(from_s, until_s)
            used_s = self._waited_s(asked, answered, from_s, until_s) + self._by_block(answered, self._way_s[answered])
            sent_b = self._by_block(asked, np.full(len(asked), self._request_b))
            told_b = self._by_block(answered, np.full(len(answered), self._response_b))
            self._write(from_s, until_s, used_s, self._by_block(answered, self._line_s[answered]), sent_b, told_b)
        if last:
            self._bundle.flush()

    def _asked(self, from_s: float, until_s: float) -> Indices:
        """Who arrived after `from_s`, the very first included, up to `until_s`."""
        first, last = np.searchsorted(self._requests.arrive_s, [from_s, until_s], side="right")
        return np.arange(0 if from_s == self._open_s else first, last)

    def _answered(self, from_s: float, until_s: float) -> Indices:
        first, last = np.searchsorted(self._ends_s, [from_s, until_s], side="right")
        return self._by_end[first:last]

    def _waited_s(self, asked: Indices, answered: Indices, from_s: float, until_s: float) -> Floats:
        """Seconds that users of each block waited for the service in this stretch, answered in it or not."""
        began_s, ended_s = self._requests.arrive_s[asked], self._requests.end_s[answered]
        found_s = self._waiting * (until_s - from_s)
        found_s += self._by_block(asked, until_s - began_s) - self._by_block(answered, until_s - ended_s)
        self._waiting += self._by_block(asked, np.ones(len(asked))) - self._by_block(answered, np.ones(len(answered)))
        return found_s

    def _by_block(self, who: Indices, amounts: Floats) -> Floats:
        return np.bincount(self._block[who], amounts, len(self._crowd.blocks)).astype(float)

    def _write(
        self, from_s: float, until_s: float, used_s: Floats, line_s: Floats, sent_b: Floats, told_b: Floats
    ) -> None:
        crowd = self._crowd
        devices_j, lines_j = crowd.city_sums(used_s) * self._use_w, line_s * self._line_w
        ways_b = (self._up.passes @ sent_b, self._down.passes @ told_b)
        whole = np.concatenate([devices_j, lines_j, sent_b, told_b, *ways_b])
        self._bundle.add(np.array([from_s, until_s]), whole[:, None] / (until_s - from_s))
        for number in np.flatnonzero(used_s + sent_b).tolist():
            crowd.used(crowd.blocks[number], from_s, until_s)
        self._up.note_use(self._traffic, sent_b, from_s, until_s)
        self._down.note_use(self._traffic, told_b, from_s, until_s)

    def _latency_s(self, ways: CrowdWays) -> Floats:
        return np.array([up.latency_s + down.latency_s for up, down in zip(ways.up, ways.down, strict=True)])

    def _signals(self, name: str) -> Iterable[Channel]:
        crowd = self._crowd
        yield from (Channel(crowd.device(city), name, "use", POWER) for city in crowd.cities)
        yield from (Channel(block.line, name, "use", POWER) for block in crowd.blocks)
        for moving in ("upload", "download"):
            yield from (Channel(block.line, name, moving, RATE) for block in crowd.blocks)
        for side in (self._up, self._down):
            yield from (Channel(passed, name, "transfer", RATE) for passed in side.names)
