"""Fewer bits on the wire: what of an update arrives when it is quantised or thinned out, and how many bits it is.

    whole      32 bits a parameter
    quantise   u -> s q / L,  L = 2^(bits - 1) - 1,  s = max |u|,  q = floor(u L / s + U(0, 1)):  right in the mean;
               bits a parameter, and 32 for s           (Alistarh et al. 2017, NeurIPS, section 3, by max |u|)
    top        the k largest |u + memory| are sent, the rest is remembered for the next time;
               32 bits a value and the place's ceil(log2 P)     (Stich et al. 2018, NeurIPS, algorithm 1)

Parameters are computed with 64 bits here; a wire carries 32, as federated learning does everywhere.
Updates are (S, P), one a row; what each remembers is the caller's to keep (zeros at first).
"""

from typing import NamedTuple, Protocol

import numpy as np

from simulator.learning.arrays import Floats

WORD_B = 32.0


class Sent(NamedTuple):
    """What arrives of updates (S, P), and what their senders remember of them (S, P)."""

    arrived: Floats
    memory: Floats


class Compressor(Protocol):
    """A way to say an update in fewer bits."""

    def send(self, updates: Floats, memory: Floats, generator: np.random.Generator) -> Sent:
        """What arrives of updates (S, P) whose senders remember something (S, P)."""

    def wire_b(self, parameters: int) -> float:
        """The bits of one update."""


class Whole(NamedTuple):
    """An update as it is."""

    def send(self, updates: Floats, memory: Floats, generator: np.random.Generator) -> Sent:
        """All of it arrives."""
        return Sent(updates, memory)

    def wire_b(self, parameters: int) -> float:
        """A word a parameter."""
        return WORD_B * parameters


class Quantise(NamedTuple):
    """Each parameter in so many bits, 2 or more, by stochastic rounding."""

    bits: int

    def send(self, updates: Floats, memory: Floats, generator: np.random.Generator) -> Sent:
        """Multiples of each update's largest parameter over the levels; nothing needs to be remembered."""
        levels = 2 ** (self.bits - 1) - 1
        largest = np.abs(updates).max(axis=-1, keepdims=True)
        unit = np.where(largest > 0, largest, 1.0) / levels
        rounded = np.floor(updates / unit + generator.random(updates.shape))
        return Sent(np.clip(rounded, -levels, levels) * unit, memory)

    def wire_b(self, parameters: int) -> float:
        """So many bits a parameter, and the scale."""
        return float(self.bits) * parameters + WORD_B


class Top(NamedTuple):
    """The largest parameters alone: this share of them, one at least."""

    share: float

    def kept(self, parameters: int) -> int:
        """How many parameters are sent.

        >>> Top(0.01).kept(650), Top(0.01).kept(10)
        (6, 1)
        """
        return max(1, round(self.share * parameters))

    def send(self, updates: Floats, memory: Floats, generator: np.random.Generator) -> Sent:
        """The largest of update and memory together; the rest is remembered."""
        whole = updates + memory
        kept = self.kept(whole.shape[-1])
        places = np.argsort(-np.abs(whole), axis=-1, kind="stable")[..., :kept]
        arrived = np.zeros_like(whole)
        np.put_along_axis(arrived, places, np.take_along_axis(whole, places, axis=-1), axis=-1)
        return Sent(arrived, whole - arrived)

    def wire_b(self, parameters: int) -> float:
        """A word and a place for each parameter that is sent."""
        return self.kept(parameters) * (WORD_B + (parameters - 1).bit_length())
