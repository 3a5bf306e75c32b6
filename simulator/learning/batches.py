"""The minibatches of several clients side by side, so that one matrix product does a step of all of them.

    steps of a client = epochs x ceil(samples / batch);   the last batch of an epoch is what is left

Clients are ordered by their steps, most first: those who still
have a step to do are the first so many. A place of a short batch that holds no sample points
at sample 0 with weight 0; the weights of a batch add up to 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.learning.arrays import Floats, Indices


class Batches(NamedTuple):
    """Step by step: `samples` and `weights` (T, S, B) of clients in `order` (S,); the first `active` (T,) step."""

    order: Indices
    active: Indices
    samples: Indices
    weights: Floats


def steps_of(sizes: Indices, epochs: int, batch: int) -> Indices:
    """How many steps clients with so many samples do.

    >>> steps_of(np.array([10, 11]), epochs=5, batch=10).tolist()
    [5, 10]
    """
    return epochs * -(-sizes // batch)


def side_by_side(orders: Sequence[Indices], batch: int) -> Batches:
    """The batches of clients who go through their samples in these orders (epochs, samples), all as many epochs."""
    epochs = len(orders[0])
    sizes = np.array([own.shape[1] for own in orders])
    batch = min(batch, int(sizes.max()))  # what no client fills takes no room
    steps = steps_of(sizes, epochs, batch)
    order = np.argsort(-steps, kind="stable")
    longest = int(steps.max())
    samples = np.zeros((longest, len(orders), batch), np.int64)
    for place, client in enumerate(order.tolist()):
        own = int(steps[client])
        padded = np.zeros((epochs, own // epochs * batch), np.int64)
        padded[:, : sizes[client]] = orders[client]
        samples[:own, place] = padded.reshape(own, batch)
    turns = np.arange(longest)
    active = np.searchsorted(-steps[order], -turns, side="left")
    return Batches(order, active, samples, _weights(sizes[order], turns, batch))


def _weights(sizes: Indices, turns: Indices, batch: int) -> Floats:
    """One over the samples of a batch at each of its places that holds one, (T, S, B)."""
    before = turns[:, None] % -(-sizes // batch) * batch
    held = np.minimum(batch, sizes - before)[..., None]
    return np.where(np.arange(batch) < held, 1.0 / held, 0.0)
