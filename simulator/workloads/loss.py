"""The loss of a language model of so many parameters that has seen so many tokens, by a published law.

    loss = irreducible + parameters_nats / N^a + tokens_nats / D^b        nats a token

The law is fitted to models at the end of schedules of their own; along one schedule it is the
loss that a shorter one would have ended with, which a run reaches later. Where it is above that of a
guess among all words, ln(vocabulary), the law does not hold: nothing is said (nan). Constants: the table
`scaling_laws`. Source: Hoffmann et al. 2022, arXiv:2203.15556, equation 10.
"""

from collections.abc import Callable
from math import inf, log

import numpy as np

from simulator.catalogue import find
from simulator.engine.spill import Floats

Loss = Callable[[Floats], Floats]


def loss_by(law: str, parameters: float, vocabulary: float | None = None) -> Loss:
    """The loss of a model as a function of the tokens it has seen, an array; nan where the law does not hold yet.

    >>> import numpy as np
    >>> round(float(loss_by("hoffmann-2022", 70e9)(np.array([1.4e12]))[0]), 3)  # Chinchilla
    1.937
    """
    row, remedy = find("scaling-law", law), "correct the row"
    rest = row.number("parameters_nats", remedy) / parameters ** row.number("parameters_exponent", remedy)
    floor = row.number("irreducible_nats", remedy) + rest
    tokens_nats, exponent = row.number("tokens_nats", remedy), row.number("tokens_exponent", remedy)
    guess_nats = inf if vocabulary is None else log(vocabulary)

    def loss(tokens: Floats) -> Floats:
        nats = floor + tokens_nats / tokens**exponent
        return np.where(nats > guess_nats, np.nan, nats)

    return loss
