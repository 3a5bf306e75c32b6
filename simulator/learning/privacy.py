"""Differential privacy of clients: no update counts for more than so much, and luck hides what each was.

    clip     u_k <- u_k min(1, clip / |u_k|),   |u| the L2 norm over all parameters
    mean     1/K sum u_k + N(0, (noise clip / K)^2) on each parameter

All updates of a round weigh alike, whatever their samples, for one of a round may then move the mean by clip / K at
most: what `noise` is over. How private that is, an epsilon, is not told: it asks for an accountant over all
rounds. A selection by utility tells the server losses beside, which nothing hides.
Clipping takes some three operations a parameter and round where learning takes six a parameter and sample, and noise
one at the server: both are left out of the clock, and bits are as many as before.
Source: McMahan et al. 2018, "Learning differentially private recurrent language models" (ICLR), algorithm 1,
with flat clipping and equal weights; K is who came through, where it takes who was expected.
"""

import numpy as np
from pydantic import Field

from simulator.learning.arrays import Floats
from simulator.spec import PositiveNumber, Spec


class Privacy(Spec):
    """Updates that are clipped, and noise on their mean."""

    clip: PositiveNumber = Field(description="the largest L2 norm of an update; what is longer is made shorter")
    noise: PositiveNumber = Field(
        description="standard deviation of the noise on each parameter of the mean, over `clip` / updates"
    )


def clipped(updates: Floats, privacy: Privacy) -> Floats:
    """Updates (K, P), none of them longer than allowed.

    >>> clipped(np.array([[3.0, 4.0], [0.3, 0.4]]), Privacy(clip=1, noise=1)).tolist()
    [[0.6, 0.8], [0.3, 0.4]]
    """
    longest = np.linalg.norm(updates, axis=1, keepdims=True)
    return np.asarray(updates / np.maximum(1.0, longest / privacy.clip), float)


def made_private(updates: Floats, privacy: Privacy, luck: np.random.Generator) -> Floats:
    """Clipped updates (K, P) of whose mean, each weighing alike, luck is a part: the same in every row."""
    noise = luck.standard_normal(updates.shape[1]) * (privacy.noise * privacy.clip / len(updates))
    return clipped(updates, privacy) + noise
