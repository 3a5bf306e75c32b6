"""Whose samples are whose: every training sample is in exactly one client's shard, and no shard is empty.

    sizes      whole numbers that add up to all samples, by largest remainders of
               1 (equal), spread ^ z (log-normal, z standard normal), k ^ -exponent (zipf, k = 1 … clients);
               a client left without any gets one of the client with most
    iid        a random permutation, cut by sizes
    dirichlet  client k draws p_k ~ Dir(alpha, …, alpha) over the classes, then its samples from the classes
               by p_k, as long as these last: who comes later (in a random order) gets more of what is left
    natural    as the data say, or one shard a class; sizes are what they are

Source: Hsu, Qi & Brown 2019, "Measuring the effects of non-identical data distribution for
federated visual classification", section 2, with sizes that need not be equal.
"""

from math import log
from typing import NamedTuple

import numpy as np

from simulator.errors import ContradictionError
from simulator.learning.arrays import Floats, Indices
from simulator.learning.spec import Dirichlet, Equal, Iid, LogNormal, Natural, Sizes, Zipf


class Labels(NamedTuple):
    """What a partition looks at: each training sample's class, and whose it is where that is known."""

    y: Indices
    client: Indices | None


def partition(
    labels: Labels, clients: int | None, kind: Iid | Dirichlet | Natural, sizes: Sizes, generator: np.random.Generator
) -> tuple[Indices, ...]:
    """The shards: the numbers of each client's samples, rising.

    Raises ContradictionError where there are more clients than samples, or where natural
    shards are asked of data that know no clients.
    """
    if isinstance(kind, Natural):
        return _natural(labels, kind)
    assert clients is not None, "presence_faults() asks for them"
    if clients > len(labels.y):
        raise ContradictionError("partition", f"{clients} clients cannot share {len(labels.y)} samples; ask for fewer")
    counts = shard_sizes(len(labels.y), _weights(clients, sizes, generator))
    if isinstance(kind, Dirichlet):
        return _dirichlet(labels.y, counts, kind.alpha, generator)
    cut = np.split(generator.permutation(len(labels.y)), np.cumsum(counts)[:-1])
    return tuple(np.sort(shard) for shard in cut)


def shard_sizes(count: int, weights: Floats) -> Indices:
    """Split a number of samples by weights into whole numbers of 1 or more, by largest remainders.

    >>> shard_sizes(10, np.array([0.55, 0.25, 0.2])).tolist(), shard_sizes(4, np.array([100.0, 1.0, 1.0])).tolist()
    ([6, 2, 2], [2, 1, 1])
    """
    exact = count * weights / weights.sum()
    sizes: Indices = np.floor(exact + 1e-9).astype(np.int64)
    sizes[np.argsort(sizes - exact, kind="stable")[: count - int(sizes.sum())]] += 1
    for empty in np.flatnonzero(sizes == 0):
        sizes[np.argmax(sizes)] -= 1
        sizes[empty] = 1
    return sizes


def _weights(clients: int, sizes: Sizes, generator: np.random.Generator) -> Floats:
    if isinstance(sizes, LogNormal):
        return np.asarray(np.exp(log(sizes.spread) * generator.standard_normal(clients)), float)
    if isinstance(sizes, Zipf):
        return np.asarray(np.arange(1.0, clients + 1.0) ** -sizes.exponent, float)
    assert isinstance(sizes, Equal)
    return np.ones(clients)


def _natural(labels: Labels, kind: Natural) -> tuple[Indices, ...]:
    whose = labels.y if kind.by == "label" else labels.client
    if whose is None:
        raise ContradictionError("partition", "the data do not say whose a sample is; take `iid` or `dirichlet`")
    return tuple(np.flatnonzero(whose == client) for client in np.unique(whose))


def _dirichlet(y: Indices, counts: Indices, alpha: float, generator: np.random.Generator) -> tuple[Indices, ...]:
    pools = [generator.permutation(np.flatnonzero(y == label)) for label in range(int(y.max()) + 1)]
    left = np.array([len(pool) for pool in pools])
    shards: list[Indices] = [np.empty(0, np.int64)] * len(counts)
    for client in generator.permutation(len(counts)).tolist():
        taken = _taken(left, int(counts[client]), generator.dirichlet(np.full(len(pools), alpha)), generator)
        parts = [pool[have - take : have] for pool, have, take in zip(pools, left, taken, strict=True)]
        shards[client] = np.sort(np.concatenate(parts))
        left = left - taken
    return tuple(shards)


def _taken(left: Indices, count: int, shares: Floats, generator: np.random.Generator) -> Indices:
    """How many samples of each class a client takes of what is left."""
    taken = np.zeros_like(left)
    while (missing := count - int(taken.sum())) > 0:
        wanted = np.where(taken < left, shares, 0.0)
        if wanted.sum() == 0.0:  # its classes are used up
            wanted = (left - taken).astype(float)
        taken = np.minimum(left, taken + generator.multinomial(missing, wanted / wanted.sum()))
    return taken
