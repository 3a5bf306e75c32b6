"""Who is there at a moment, and drawing some of them, without looking at each user.

    lucky    of the users of a block a number ~ Binomial(users, share) is there, which of them is luck
    seen     it is known who is there

All draws are without replacement; of those who are there, k are split over the blocks by a multivariate
hypergeometric law and drawn evenly within each, which is to draw them evenly from all. What is asked of
a pool is of users beside those that it is told to leave out, such as those who are known already.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from simulator.engine.spill import Floats
from simulator.population.crowd import Block, Indices
from simulator.population.session import Flags

NOBODY: Indices = np.zeros(0, np.int64)


class Pool(Protocol):
    """Who is there at a moment."""

    @property
    def everybody(self) -> int:
        """How many users there are if all are there, else 0."""

    def numbers(self, without: Indices) -> Indices:
        """How many of each block are there, beside these users, whose numbers rise."""

    def pick(self, draw: np.random.Generator, of_blocks: Indices, without: Indices) -> Indices:
        """So many of each block, of those who are there beside these."""

    def among(self, users: Indices) -> Flags:
        """Which of these users are there."""


def pick_at_random(pool: Pool, draw: np.random.Generator, asked: int, without: Indices = NOBODY) -> Indices:
    """So many of those who are there, all alike, beside some users; all of them if they are fewer."""
    numbers = pool.numbers(without)
    split = draw.multivariate_hypergeometric(numbers, min(asked, int(numbers.sum())))
    return pool.pick(draw, split, without)


class Lucky:
    """A pool of which only the chance is known that a user of a block is there; `draw` says who of them."""

    __slots__ = ("_blocks", "_draw", "_shares")

    def __init__(self, blocks: Sequence[Block], shares: Floats, draw: np.random.Generator) -> None:
        self._blocks, self._shares, self._draw = blocks, shares, draw

    @property
    def everybody(self) -> int:
        """How many users there are if all are there, else 0."""
        return self._blocks[-1].last if bool(np.all(self._shares == 1.0)) else 0

    def numbers(self, without: Indices) -> Indices:
        """How many of each block are there."""
        users = np.array([block.users for block in self._blocks])
        beside = users - _by_block(without, self._blocks) if len(without) else users
        return np.asarray(self._draw.binomial(beside, self._shares))

    def pick(self, draw: np.random.Generator, of_blocks: Indices, without: Indices) -> Indices:
        """So many of each block: who of a block is there is as likely as any other of it."""
        chosen = zip(self._blocks, of_blocks.tolist(), strict=True)
        parts = [_pick_in(block, draw, number, without) for block, number in chosen if number]
        return np.concatenate(parts) if parts else NOBODY

    def among(self, users: Indices) -> Flags:
        """Which of these users are there."""
        return np.asarray(self._draw.random(len(users)) < self._shares[block_of(users, self._blocks)])


def block_of(users: Indices, blocks: Sequence[Block]) -> Indices:
    """The number of each user's block."""
    return np.searchsorted([block.last for block in blocks], users, side="right")


def _by_block(users: Indices, blocks: Sequence[Block]) -> Indices:
    """How many of these users each block has; their numbers rise."""
    return np.diff(np.searchsorted(users, [block.last for block in blocks]), prepend=0)


def _pick_in(block: Block, draw: np.random.Generator, number: int, without: Indices) -> Indices:
    """So many users of a block beside some, whose numbers rise."""
    if not len(without):
        return block.first + draw.choice(block.users, number, replace=False, shuffle=False)
    first, last = np.searchsorted(without, (block.first, block.last))
    ranks = draw.choice(block.users - int(last - first), number, replace=False, shuffle=False)
    # the user of rank r has so many of those left out before it as have r or fewer others before them
    ahead = without[first:last] - block.first - np.arange(last - first)
    return np.asarray(block.first + ranks + np.searchsorted(ahead, ranks, side="right"))


class Seen(NamedTuple):
    """A pool of which it is known who is there: their numbers, which rise."""

    blocks: Sequence[Block]
    users: Indices

    @property
    def everybody(self) -> int:
        """Not asked: who is there is known."""
        return 0

    def numbers(self, without: Indices) -> Indices:
        """How many of each block are there."""
        return _by_block(self._beside(without), self.blocks)

    def pick(self, draw: np.random.Generator, of_blocks: Indices, without: Indices) -> Indices:
        """So many of each block."""
        there = self._beside(without)
        lasts = np.cumsum(_by_block(there, self.blocks)).tolist()
        parts = [
            there[first:last][draw.choice(last - first, number, replace=False, shuffle=False)]
            for first, last, number in zip([0, *lasts[:-1]], lasts, of_blocks.tolist(), strict=True)
            if number
        ]
        return np.concatenate(parts) if parts else NOBODY

    def among(self, users: Indices) -> Flags:
        """Which of these users are there."""
        return np.isin(users, self.users)

    def _beside(self, without: Indices) -> Indices:
        return self.users[~np.isin(self.users, without)] if len(without) else self.users
