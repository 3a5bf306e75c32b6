"""The most that many sessions ask of lines and links at one time.

of a block     the highest sum of the rates of those who download (or upload) at once
of a link      the sum of that over the blocks whose bits pass it: no less than what it ever carries
"""

import numpy as np

from simulator.engine.spill import Floats
from simulator.population.crowd import Indices
from simulator.population.session import DOWNLOADED, PAID, PAID_AGAIN, UPLOADED
from simulator.population.slots import Asynchronous
from simulator.population.ways import CrowdWays, incidence


def peak(from_s: Floats, to_s: Floats, level: Floats) -> float:
    """The highest sum of the levels of spans that last at one time; who ends makes room for who begins.

    >>> peak(np.array([0.0, 1.0, 2.0]), np.array([2.0, 3.0, 4.0]), np.array([1.0, 5.0, 2.0]))
    7.0
    """
    at_s = np.concatenate((to_s, from_s))
    change = np.concatenate((-level, level))
    return float(np.cumsum(change[np.argsort(at_s, kind="stable")]).max(initial=0.0))


def peaks_bps(whole: Asynchronous, block: Indices, ways: CrowdWays) -> dict[str, float]:
    """The most that sessions, of users of these blocks, ask of every link of their ways."""
    found: dict[str, float] = {}
    spans = ((PAID, DOWNLOADED, whole.down_bps, ways.down), (PAID_AGAIN, UPLOADED, whole.up_bps, ways.up))
    for begin, end, bps, side in spans:
        of_blocks = np.zeros(len(side))
        for number in np.unique(block).tolist():
            mine = block == number
            of_blocks[number] = peak(whole.moments_s[begin, mine], whole.moments_s[end, mine], bps[mine])
        links = incidence(tuple(way.capacities_bps for way in side))
        for link, most_bps in zip(links.names, (links.passes @ of_blocks).tolist(), strict=True):
            found[link] = found.get(link, 0.0) + most_bps
    return {link: bps for link, bps in found.items() if bps}
