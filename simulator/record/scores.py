"""What a model that really learns had learned by some moment, a row of `scores`."""

from typing import NamedTuple


class Score(NamedTuple):
    """One look at a model: after which round (or epoch, or version), when, from how many samples, how good it was.

    `staleness` is the mean number of versions that its updates were behind; None where all began with the newest.
    """

    workload: str
    step: int
    at_s: float
    samples: float
    accuracy: float
    loss_nats: float
    staleness: float | None = None
