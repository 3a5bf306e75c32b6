"""How long many spans of time lasted by some moments: exact integrals, without an array of moments x spans.

A span counts for its level from one moment to another. Over a stretch from e to f the integral is

    (f - e) x levels of the spans that last at e  +  sum over the moments t in it of ± level x (f - t),

plus where a span begins, minus where it ends. What lasts at e is the cumulative sum of what
began and ended before it. Work and memory are those of the spans plus those of the stretches.
"""

import numpy as np

from simulator.engine.spill import Floats
from simulator.population.crowd import Indices
from simulator.population.session import BEGIN, COMPUTED, DOWNLOADED, PAID, PAID_AGAIN, UPLOADED
from simulator.population.slots import Asynchronous


def integrals(
    edges_s: Floats, from_s: Floats, to_s: Floats, group: Indices, groups: int, level: Floats | None = None
) -> Floats:
    """The integral of each group's level from the first edge to each, shape (groups, edges); without `level` each is 1.

    >>> edges_s, from_s, to_s = np.array([0.0, 2.0, 4.0]), np.array([1.0, 0.0]), np.array([3.0, 9.0])
    >>> integrals(edges_s, from_s, to_s, np.array([0, 1]), 2).tolist()
    [[0.0, 1.0, 2.0], [0.0, 2.0, 4.0]]
    """
    shape = (groups, len(edges_s) - 1)
    many, change, within = np.zeros((3, *shape))
    for sign, moments_s in ((1.0, from_s), (-1.0, to_s)):
        at_s = np.clip(moments_s, edges_s[0], edges_s[-1])
        stretch = np.minimum(np.searchsorted(edges_s, at_s, side="right") - 1, shape[1] - 1)
        left_s = edges_s[stretch + 1] - at_s
        cell = group * shape[1] + stretch
        for found, weight in ((many, None), (change, level), (within, left_s if level is None else left_s * level)):
            found += sign * np.bincount(cell, weight, groups * shape[1]).reshape(shape)
    lasting = np.cumsum(change, axis=1) - change
    lasting[np.cumsum(many, axis=1) == many] = 0.0  # and not what rounding leaves of it
    parts = np.maximum(lasting * np.diff(edges_s) + within, 0.0)
    return np.hstack((np.zeros((groups, 1)), np.cumsum(parts, axis=1)))


def sums_by_block(whole: Asynchronous, block: Indices, blocks: int, edges_s: Floats) -> tuple[Floats, Floats]:
    """What members of each block did from the first edge to each, those accepted and the others.

    Both have shape (5, blocks, edges): seconds downloading, computing and uploading, bits down and up, as
    CrowdRecord.write_sums takes them.
    """
    moments_s, group = whole.moments_s, block + blocks * ~whole.accepted
    kinds = (
        (BEGIN, DOWNLOADED, None),
        (DOWNLOADED, COMPUTED, None),
        (COMPUTED, UPLOADED, None),
        (PAID, DOWNLOADED, whole.down_bps),
        (PAID_AGAIN, UPLOADED, whole.up_bps),
    )
    found = np.stack(
        [integrals(edges_s, moments_s[begin], moments_s[end], group, 2 * blocks, level) for begin, end, level in kinds]
    )
    return found[:, :blocks], found[:, blocks:]
