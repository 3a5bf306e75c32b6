"""What a crowd's sessions leave on the ledger: watts of devices, bits on lines and on the ways.

Nobody is recorded alone. A round is cut into a few equal stretches, and each signal has its
mean level over each of them, so that its integral over the round is exact:

    devices     power_w   by city, watts x devices downloading, computing, uploading
    lines       rate_bps  by city and technology; where lines are charged whole, power_w too
    ways        rate_bps  by link and site

What members did that were not accepted is one activity, `waste`; on links and sites, whose
bits are `transfer` else, too.
"""

from typing import NamedTuple

import numpy as np

from simulator.engine.bundle import Bundle
from simulator.engine.ledger import Channel, Ledger
from simulator.engine.spill import Floats
from simulator.network.traffic import Traffic
from simulator.population.crowd import Crowd, Indices
from simulator.population.session import (
    BEGIN,
    COMPUTED,
    DOWNLOADED,
    PAID,
    PAID_AGAIN,
    UPLOADED,
    Flags,
)
from simulator.population.ways import CrowdWays, carriers
from simulator.vocabulary import POWER, RATE

STRETCHES = 8
"""How many a round is cut into."""
_DOING = ("download", "compute", "upload", "waste")
_MOVING = ("download", "upload", "waste")


Bits = tuple[Floats, Floats]
"""What each member had down- and uploaded at each edge of a round: two arrays of shape (edges, n)."""


class Told(NamedTuple):
    """What a round came to in bits: downloaded, uploaded, and of these uploaded in vain."""

    down_b: float
    up_b: float
    lost_b: float


class CrowdRecord:
    """The signals of one workload on one crowd."""

    __slots__ = ("_bundle", "_crowd", "_down", "_line_w", "_traffic", "_up", "_watts_w", "_workload")

    def __init__(self, ledger: Ledger, traffic: Traffic, crowd: Crowd, ways: CrowdWays, workload: str) -> None:
        self._crowd, self._traffic, self._workload = crowd, traffic, workload
        self._down, self._up = carriers(ways)
        watts = crowd.watts
        self._watts_w = np.array([watts.receive_w, watts.compute_w, watts.send_w])
        self._line_w = np.array([crowd.charged_line_w(block) for block in crowd.blocks])
        devices = [Channel(crowd.device(city), workload, doing, POWER) for doing in _DOING for city in crowd.cities]
        lines = [
            Channel(block.line, workload, moving, quantity)
            for quantity in (RATE, POWER)
            for moving in _MOVING
            for block in crowd.blocks
        ]
        ways_signals = [
            Channel(name, workload, activity, RATE)
            for side in (self._down, self._up)
            for activity in ("transfer", "waste")
            for name in side.names
        ]
        self._bundle = Bundle(ledger, [*devices, *lines, *ways_signals])

    def write(
        self, begin_s: float, block: Indices, accepted: Flags, edges_s: Floats, reached: Floats, bits: Bits
    ) -> Told:
        """Record a round from `begin_s` on, from what its members had reached and moved at its edges."""
        done = np.empty((5, *reached.shape[1:]))
        for kind, (begin, end) in enumerate(((BEGIN, DOWNLOADED), (DOWNLOADED, COMPUTED), (COMPUTED, UPLOADED))):
            np.subtract(reached[end], reached[begin], out=done[kind])
        done[3], done[4] = bits
        return self.write_sums(begin_s, edges_s, *self._by_block(block, accepted, done))

    def write_sums(self, begin_s: float, edges_s: Floats, good: Floats, vain: Floats) -> Told:
        """Record what members did that were accepted, and what the others did, as sums by block up to each edge.

        Edges count from `begin_s`; both sums are 0 at the first and have shape (5, blocks, edges): seconds
        downloading, computing and uploading, bits down and up.
        """
        self._bundle.add(begin_s + edges_s, np.diff(self._signals(good, vain), axis=1) / np.diff(edges_s))
        if self._crowd.excess is not None:
            drawn_j = self._crowd.city_sums(np.tensordot(self._watts_w, (good + vain)[:3], axes=1))
            self._crowd.excess.take(self._workload, begin_s + edges_s, np.diff(drawn_j, axis=1))
        whole = good[:, :, -1] + vain[:, :, -1]
        self._note_use(begin_s + float(edges_s[0]), begin_s + float(edges_s[-1]), whole)
        down_b, up_b = (float(good[kind, :, -1].sum() + vain[kind, :, -1].sum()) for kind in (3, 4))
        return Told(down_b, up_b, float(vain[4, :, -1].sum()))

    def flush(self) -> None:
        """Hand what is kept to the ledger."""
        self._bundle.flush()

    def _by_block(self, block: Indices, accepted: Flags, cumulative: Floats) -> tuple[Floats, Floats]:
        """Sums over the members of each block, those accepted and the others: (kinds, blocks, edges) each."""
        blocks, n = len(self._crowd.blocks), len(block)
        chosen = np.zeros((n, 2 * blocks))
        chosen[np.arange(n), block + blocks * ~accepted] = 1.0
        sums = np.moveaxis(cumulative @ chosen, 2, 1)
        return sums[:, :blocks], sums[:, blocks:]

    def _signals(self, good: Floats, vain: Floats) -> Floats:
        """The integral of every signal at each edge, in the order of the bundle."""
        doing_j = np.tensordot(np.diag(self._watts_w), good[:3], axes=1)
        waste_j = np.tensordot(self._watts_w, vain[:3], axes=1)
        devices = [self._crowd.city_sums(part) for part in (*doing_j, waste_j)]
        lines = [good[3], good[4], vain[3] + vain[4]]
        whole = [self._line_w[:, None] * part for part in (good[0], good[2], vain[0] + vain[2])]
        ways = [
            side.passes @ part for side, kind in ((self._down, 3), (self._up, 4)) for part in (good[kind], vain[kind])
        ]
        return np.vstack([*devices, *lines, *whole, *ways])

    def _note_use(self, from_s: float, to_s: float, whole: Floats) -> None:
        """Note who and what did anything, from the sums of a round, shape (kinds, blocks)."""
        devices_s, lines_s = whole[:3].sum(axis=0), whole[0] + whole[2]
        for number in np.flatnonzero(whole[:3].any(axis=0)).tolist():
            busy_s = float(devices_s[number]), float(lines_s[number])
            self._crowd.used(self._crowd.blocks[number], self._workload, from_s, to_s, *busy_s)
        self._down.note_use(self._traffic, whole[3], from_s, to_s)
        self._up.note_use(self._traffic, whole[4], from_s, to_s)


def bits_alone(reached: Floats, down_bps: Floats, up_bps: Floats) -> Bits:
    """What each member had down- and uploaded at each edge of a round that only the lines hold back."""
    return down_bps * (reached[DOWNLOADED] - reached[PAID]), up_bps * (reached[UPLOADED] - reached[PAID_AGAIN])
