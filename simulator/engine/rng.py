"""Luck by name: each draw has its own generator, keyed by (seed, name, entity, round).

    key = BLAKE2b-128(seed, name, entity, round);  generator = Philox(key)

Streams do not depend on the order of calls, on hashing or on each other: one more draw, or
one more workload, leaves all others as they were, and compared paradigms share their luck.
Philox: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

import hashlib

import numpy as np


class Streams:
    """The random streams of one run.

    >>> streams = Streams(7)
    >>> a, b = streams.generator("speed", "phone", 3), streams.generator("speed", "phone", 3)
    >>> a.random() == b.random()
    True
    """

    __slots__ = ("seed",)

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def generator(self, name: str, entity: str = "", turn: int = 0) -> np.random.Generator:
        """A generator at the beginning of its stream; `turn` is the round it is drawn for."""
        text = "\0".join((str(self.seed), name, entity, str(turn)))
        key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
        return np.random.Generator(np.random.Philox(key=key))
