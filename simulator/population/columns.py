"""What each user of a crowd has, drawn once and only where it is used: speed, rates, samples.

    speed, rate    median x spread ^ z,              z standard normal
    samples        spread ^ z', over their mean,     z' = c z_speed + sqrt(1 - c^2) z    (log-normal)
    samples        rank ^ -exponent, over their mean, rank 1 to the user with the highest z', and so on (Zipf)

c is `speed_with_samples`: with log-normal samples the correlation of the logarithms; with Zipf's that of
the normal variables behind both (a Gaussian copula). Rates are those of the access rows, down and up with
one factor. The streams are named by the population: a user has the same in every paradigm, whatever
else is drawn. A column is 8 bytes a user.
"""

from collections.abc import Sequence
from functools import cached_property
from math import log, sqrt

import numpy as np

from simulator.catalogue import find
from simulator.engine.rng import Streams
from simulator.engine.spill import Floats
from simulator.network.access import Access
from simulator.population.spec import Population

SPEED_SPREAD, RATE_SPREAD = "client-speed-spread", "client-rate-spread"


class Columns:
    """What each user has, drawn when first asked for; `lines` are so many of each technology, one after the other."""

    def __init__(self, name: str, spec: Population, lines: Sequence[tuple[Access, int]], streams: Streams) -> None:
        self._name, self._spec, self._lines, self._streams = name, spec, lines, streams

    @cached_property
    def speed(self) -> Floats:
        """Speed over the median device's."""
        return self._factors("speed", spread_ratio(self._spec.speed_spread, SPEED_SPREAD))

    @cached_property
    def rate(self) -> Floats:
        """Rate of the line over that of its technology."""
        return self._factors("rate", spread_ratio(self._spec.rate_spread, RATE_SPREAD))

    @cached_property
    def samples(self) -> Floats:
        """Samples over the mean."""
        spec = self._spec
        if spec.samples_zipf is not None:
            samples = np.empty(spec.count)
            order = np.argsort(-self._sample_normals(), kind="stable")
            samples[order] = np.arange(1.0, spec.count + 1.0) ** -spec.samples_zipf
        elif spec.samples_spread == 1.0:
            samples = np.ones(spec.count)
        else:
            samples = _powers(spec.samples_spread, self._sample_normals())
        samples /= samples.mean()
        return samples

    @cached_property
    def down_bps(self) -> Floats:
        """Bits per second on the way down."""
        return self._repeated([access.down_bps for access, _ in self._lines]) * self.rate

    @cached_property
    def up_bps(self) -> Floats:
        """Bits per second on the way up."""
        return self._repeated([access.up_bps for access, _ in self._lines]) * self.rate

    def _repeated(self, lines_bps: Sequence[float]) -> Floats:
        return np.repeat(lines_bps, [users for _, users in self._lines])

    def _sample_normals(self) -> Floats:
        """The normal variable behind each user's samples."""
        own, together = self._normals("samples"), self._spec.speed_with_samples
        if not together:
            return own
        return np.asarray(together * self._normals("speed") + sqrt(1.0 - together**2) * own)

    def _factors(self, what: str, ratio: float) -> Floats:
        return np.ones(self._spec.count) if ratio == 1.0 else _powers(ratio, self._normals(what))

    def _normals(self, what: str) -> Floats:
        return self._streams.generator(f"users' {what}", self._name).standard_normal(self._spec.count)


def _powers(ratio: float, normals: Floats) -> Floats:
    """A factor to the power of each, in their place."""
    normals *= log(ratio)
    return np.exp(normals, out=normals)


def spread_ratio(ratio: float | None, row: str) -> float:
    """How unequal something is, a factor: as given, else that of the catalogue's row."""
    return find("assumption", row).number("spread_ratio", "correct the row") if ratio is None else ratio
