"""Who has a slot next: any user of the crowd who is there, uniformly, whoever else has one.

    always there     a block of sessions holds many a slot, drawn at once
    by the hour      a block holds one a slot, for who is there depends on when each begins:
                     a user of block b with probability ~ users of b x their share at that moment

The draws of a block of sessions are keyed by the population and the block's number, so the n-th
client of a slot does not depend on how many were asked for. Runs with one concurrency share
their clients; with another one they have others. Users whom a trace has on and off are not for slots.
"""

from math import inf
from typing import NamedTuple

import numpy as np

from simulator.engine.rng import Streams
from simulator.engine.spill import Floats
from simulator.errors import ContradictionError
from simulator.population.crowd import Crowd, Indices
from simulator.population.presence import ByHour
from simulator.population.session import Members
from simulator.population.slots import Draw, Drawn

_SESSIONS = 65_536
"""Of a block, where slots are fewer."""
MOST_SESSIONS = 30_000_000
"""Of one learning: each is some 130 bytes until it ends."""


class Tasked(NamedTuple):
    """What a session is: one way's latency by block of the crowd, the mean user's seconds of computing on the median
    device, the share of sessions that drop out, seconds that do not grow with samples; when the first begins."""

    latency_s: Floats
    compute_s: float
    dropout_share: float
    extra_s: float = 0.0
    from_s: float = 0.0
    shards: Floats | None = None
    """Samples of each client of a task that really learns over their mean: user u has those of client u mod K."""


def draw_from_crowd(
    crowd: Crowd, streams: Streams, concurrency: int, tasked: Tasked, by_hour: ByHour | None = None
) -> Draw:
    """Draws for so many slots, of users who are always there, or by the hour.

    Raises ContradictionError, when it draws, where so many sessions bring too few updates.
    """
    turns = 1 if by_hour is not None else max(1, _SESSIONS // concurrency)

    def draw(number: int, begin_s: Floats) -> Drawn:
        if number * turns * concurrency > MOST_SESSIONS:
            sentence = (
                f"{MOST_SESSIONS:,} sessions bring too few updates; ask for fewer versions, or let more come through"
            )
            raise ContradictionError(crowd.name, sentence)
        luck = streams.generator("slot sessions", crowd.name, number)
        sessions = turns * concurrency
        if by_hour is None:
            user = luck.integers(crowd.count, size=sessions)
        else:
            user = _there(crowd, by_hour, luck, tasked.from_s + begin_s)
        return Drawn(user, _members(crowd, user, luck.random((2, sessions)), tasked))

    return draw


def _there(crowd: Crowd, presence: ByHour, luck: np.random.Generator, begin_s: Floats) -> Indices:
    """A user for each moment, of those who are there then."""
    users = np.array([block.users for block in crowd.blocks])
    edges = np.cumsum(users * presence.shares_each(begin_s), axis=1)
    if not edges[:, -1].all():
        raise ContradictionError(
            crowd.name, "at some hour nobody of it is there, and slots do not wait; lower `night_over_day`"
        )
    place, rank = luck.random((2, len(begin_s)))
    block = (place[:, None] * edges[:, -1:] >= edges).sum(axis=1)
    first = np.array([one.first for one in crowd.blocks])
    return np.asarray(first[block] + (rank * users[block]).astype(np.int64))


def _members(crowd: Crowd, user: Indices, drops: Floats, tasked: Tasked) -> Members:
    columns = crowd.columns()
    samples = columns.samples[user] if tasked.shards is None else tasked.shards[user % len(tasked.shards)]
    time_s = (samples * tasked.compute_s + tasked.extra_s) / columns.speed[user]
    drop_share = np.where(drops[0] < tasked.dropout_share, drops[1], inf)
    latency_s = tasked.latency_s[crowd.block_of(user)]
    return Members(latency_s, columns.down_bps[user], columns.up_bps[user], time_s, drop_share)
