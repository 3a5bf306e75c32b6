"""One round of a cohort: each member downloads, computes and uploads; the round closes.

    session    latency | download | compute | latency | upload,   each after the one before
    download   size / down rate,       upload   size / up rate
    drop-out   stops at a uniform share of the session it would have had alone
    close      when the goal-th upload has arrived, at the deadline at the latest

Accepted are the first so many whose upload has arrived by the close. All others are stopped
at the close (or where they dropped out), and what they did is waste. Nobody tells the server
who dropped out: if too few come through it waits for the deadline; without a deadline the
round ends when the last member has stopped. Members that arrive at one instant are taken by
their number.
Source: Bonawitz et al. 2019, "Towards federated learning at scale", sections 2 and 9.
"""

from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.engine.spill import Floats

Flags = npt.NDArray[np.bool_]

BEGIN, PAID, DOWNLOADED, COMPUTED, PAID_AGAIN, UPLOADED = range(6)
"""The moments of a session, in order: rows of its array."""


class Members(NamedTuple):
    """The members of a cohort as columns: seconds and bits per second, `drop_share` infinite where none drops out."""

    latency_s: Floats
    down_bps: Floats
    up_bps: Floats
    compute_s: Floats
    drop_share: Floats


class Sizes(NamedTuple):
    """Bits that each member downloads and uploads."""

    down_b: float
    up_b: float


class Sessions(NamedTuple):
    """A closed round: its length, each member's moments (6, n) as far as they came, who was accepted or dropped."""

    close_s: float
    moments_s: Floats
    accepted: Flags
    dropped: Flags


def moments_alone(members: Members, sizes: Sizes) -> Floats:
    """The moments of every session if nothing but its own line holds it back, shape (6, n).

    >>> one = np.ones(1)
    >>> moments_alone(Members(0.1 * one, 10 * one, 5 * one, 3 * one, np.inf * one), Sizes(20.0, 20.0))[:, 0].tolist()
    [0.0, 0.1, 2.1, 5.1, 5.199999999999999, 9.2]
    """
    spans = np.empty((6, len(members.latency_s)))
    spans[BEGIN] = 0.0
    spans[PAID] = spans[PAID_AGAIN] = members.latency_s
    spans[DOWNLOADED], spans[UPLOADED] = sizes.down_b / members.down_bps, sizes.up_b / members.up_bps
    spans[COMPUTED] = members.compute_s
    return np.cumsum(spans, axis=0)


def drop_times_s(members: Members, moments_s: Floats) -> Floats:
    """When each member drops out, given the sessions that they would have alone; infinite where never."""
    never = np.isinf(members.drop_share)
    return np.where(never, inf, np.where(never, 0.0, members.drop_share) * moments_s[UPLOADED])


def close_round(moments_s: Floats, drop_s: Floats, goal: int, deadline_s: float) -> Sessions:
    """Close a round whose members would have these moments if nobody stopped them."""
    ends_s = moments_s[UPLOADED]
    dropped = drop_s < ends_s
    done_s = np.where(dropped, inf, ends_s)
    first = np.argsort(done_s, kind="stable")[:goal]
    goal_s = done_s[first[-1]] if len(first) == goal else inf
    if np.isfinite(goal_s) or np.isfinite(deadline_s):
        close_s = float(min(goal_s, deadline_s))
    else:
        close_s = float(np.minimum(ends_s, drop_s).max())
    accepted = np.zeros(len(ends_s), bool)
    accepted[first] = done_s[first] <= close_s
    return Sessions(
        close_s, np.minimum(moments_s, np.minimum(drop_s, close_s)), accepted, dropped & (drop_s <= close_s)
    )


def cut(sessions: Sessions, at_s: float) -> Sessions:
    """The round as far as it came by a moment before its close; whose work would have counted stays as it is."""
    return sessions._replace(close_s=at_s, moments_s=np.minimum(sessions.moments_s, at_s))


def reached_s(sessions: Sessions, edges_s: Floats) -> Floats:
    """Each moment of each member, or the edge if that comes first: shape (6, edges, n).

    Between two moments of it, so many seconds of what lies between them had passed at the edge.
    """
    return np.minimum(sessions.moments_s[:, None, :], edges_s[None, :, None])
