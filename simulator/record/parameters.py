"""The parameters of a very small model at each look at it, rows of `parameters`: how one neuron learns can be seen."""

from collections.abc import Iterable
from typing import NamedTuple

from simulator.engine.spill import Floats

MOST_PARAMETERS = 16
"""A model of more is not written down: nobody looks at its numbers one by one."""


class Parameter(NamedTuple):
    """One number of a model after so many rounds, epochs or versions, as `Score.step`."""

    workload: str
    step: int
    parameter: int
    value: float


def parameter_rows(workload: str, step: int, params: Floats) -> Iterable[Parameter]:
    """The numbers of a model (P,), layer by layer, weights before biases; none of one that has many, or of several.

    >>> import numpy as np
    >>> [tuple(row) for row in parameter_rows("learn", 3, np.array([0.5, -1.0]))]
    [('learn', 3, 0, 0.5), ('learn', 3, 1, -1.0)]
    """
    if params.ndim > 1 or len(params) > MOST_PARAMETERS:
        return ()
    return (Parameter(workload, step, number, value) for number, value in enumerate(params.tolist()))
