"""What users' equipment does for flows of many users at once.

A stream is the users of one city and technology who send or receive in turn, at the rates of
their own lines. Of b bits that they moved from begin to end, evenly,

    seconds of devices = b x mean(1 / rate of a line) x stretch,   stretch = (end - begin) x cap / b,

the stretch being 1 unless links slowed the flow below the rate `cap` that it would have alone.
Mean levels from begin to end are recorded, whose integrals are exact.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.engine.bundle import Bundle
from simulator.engine.ledger import Channel, Ledger
from simulator.engine.spill import Floats
from simulator.population.crowd import Block, Crowd
from simulator.vocabulary import POWER, RATE


class Stream(NamedTuple):
    """The users of a block who moved so many bits from then to then; `cap_bps` is what they would do alone.

    For `waited_s` of that time there was no way, and nobody was busy.
    """

    block: Block
    begin_s: float
    end_s: float
    moved_b: float
    cap_bps: float
    waited_s: float = 0.0


def record_streams(ledger: Ledger, crowd: Crowd, workload: str, upward: bool, streams: Sequence[Stream]) -> None:
    """Record all streams of one workload on one crowd, which may overlap."""
    doing, watts_w = ("upload", crowd.watts.send_w) if upward else ("download", crowd.watts.receive_w)
    lines_bps = crowd.columns().up_bps if upward else crowd.columns().down_bps
    edges_s = np.unique([moment for stream in streams for moment in (stream.begin_s, stream.end_s)])
    cities = list(dict.fromkeys(stream.block.city for stream in streams))
    devices = np.zeros((len(cities), len(edges_s) - 1))
    lines = np.zeros((2 * len(streams), len(edges_s) - 1))
    for number, stream in enumerate(streams):
        block, during = stream.block, (edges_s[:-1] >= stream.begin_s) & (edges_s[1:] <= stream.end_s)
        busy = _busy_devices(stream, lines_bps[block.first : block.last])
        devices[cities.index(block.city), during] += busy * watts_w
        lines[2 * number, during] = stream.moved_b / (stream.end_s - stream.begin_s)
        lines[2 * number + 1, during] = busy * crowd.charged_line_w(block)
        busy_s = busy * (stream.end_s - stream.begin_s)
        crowd.used(block, workload, stream.begin_s, stream.end_s, busy_s, busy_s)
    signals = [Channel(crowd.device(city), workload, doing, POWER) for city in cities]
    for stream in streams:
        signals += [Channel(stream.block.line, workload, doing, quantity) for quantity in (RATE, POWER)]
    bundle = Bundle(ledger, signals)
    bundle.add(edges_s, np.vstack([devices, lines]))
    bundle.flush()


def _busy_devices(stream: Stream, lines_bps: Floats) -> float:
    """How many devices of the stream are busy, in the mean over its time."""
    time_s = stream.end_s - stream.begin_s
    stretch = max(1.0, (time_s - stream.waited_s) * stream.cap_bps / stream.moved_b) if stream.moved_b else 1.0
    return stream.moved_b * float((1.0 / lines_bps).mean()) * stretch / time_s
