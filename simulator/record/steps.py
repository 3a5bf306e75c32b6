"""The steps of trainings that are recorded one by one: when each was done, what it had seen, its loss.

    step k is done when computing that counts has taken k x step time

What a failure undid does not count, nor do checkpoints; so a step is told once, when it was done for
good. Spans that join are kept as one, so that memory is per interruption, not per part of a step.
Loss is what a law says of a model that has seen so many samples; null where none was asked for.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from simulator.engine.spill import Floats


@dataclass(slots=True)
class Steps:
    """A training's steps: how many, the computing and the samples of one, the law, and the spans that counted."""

    workload: str
    count: int
    step_s: float
    samples: float | None
    loss: Callable[[Floats], Floats] | None
    begins_s: "array[float]" = field(default_factory=lambda: array("d"))
    ends_s: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, begin_s: Floats, end_s: Floats) -> None:
        """Note spans of computing that counts, in order; where one begins as another ends they become one.

        >>> steps = Steps("train", 4, 2.0, None, None)
        >>> steps.add(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
        >>> steps.add(np.array([2.0, 9.0]), np.array([3.0, 10.0]))
        >>> steps.begins_s.tolist(), steps.ends_s.tolist()
        ([0.0, 9.0], [3.0, 10.0])
        """
        if not len(begin_s):
            return
        parted = begin_s[1:] != end_s[:-1]
        if self.ends_s and self.ends_s[-1] == begin_s[0]:
            self.ends_s.pop()
        else:
            self.begins_s.append(begin_s[0])
        self.begins_s.extend(begin_s[1:][parted].tolist())
        self.ends_s.extend(end_s[:-1][parted].tolist())
        self.ends_s.append(end_s[-1])


def done_s(steps: Steps) -> Floats:
    """When each step was done, as far as the training came.

    >>> steps = Steps("train", 4, 2.0, None, None)
    >>> steps.add(np.array([0.0, 10.0]), np.array([3.0, 14.0]))  # 3 s, a pause, 4 s
    >>> done_s(steps).tolist()
    [2.0, 11.0, 13.0]
    """
    if not steps.begins_s:
        return np.zeros(0)
    begin_s, end_s = np.array(steps.begins_s), np.array(steps.ends_s)
    counted = np.cumsum(end_s - begin_s)
    came = min(steps.count, int(np.floor(counted[-1] / steps.step_s + 1e-6)))  # sums of floats fall short
    wanted = np.minimum(np.arange(1, came + 1) * steps.step_s, counted[-1])
    span = np.searchsorted(counted, wanted)
    return np.asarray(end_s[span] - (counted[span] - wanted))


def step_columns(paradigm: str, trainings: Sequence[Steps]) -> list[pa.Array]:
    """The columns of `steps`: paradigm and workload as labels, then numbers, times, samples and losses."""
    times = [done_s(steps) for steps in trainings]
    owner = np.repeat(np.arange(len(times), dtype=np.int32), [len(at_s) for at_s in times])
    numbers = [np.arange(1.0, len(at_s) + 1.0) for at_s in times]
    return [
        pa.DictionaryArray.from_arrays(np.zeros(len(owner), np.int32), pa.array([paradigm], pa.string())),
        pa.DictionaryArray.from_arrays(owner, pa.array([steps.workload for steps in trainings], pa.string())),
        pa.array(np.concatenate([np.zeros(0), *numbers]).astype(np.int64), pa.int64()),
        pa.array(np.concatenate([np.zeros(0), *times]), pa.float64()),
        _joined(_samples(steps, number) for steps, number in zip(trainings, numbers, strict=True)),
        _joined(_losses(steps, number) for steps, number in zip(trainings, numbers, strict=True)),
    ]


def _samples(steps: Steps, number: Floats) -> pa.Array:
    if steps.samples is None:
        return pa.nulls(len(number), pa.float64())
    return pa.array(number * (steps.samples / steps.count), pa.float64())


def _losses(steps: Steps, number: Floats) -> pa.Array:
    if steps.loss is None or steps.samples is None:
        return pa.nulls(len(number), pa.float64())
    loss = steps.loss(number * (steps.samples / steps.count))
    return pa.array(loss, pa.float64(), mask=np.isnan(loss))


def _joined(columns: Iterable[pa.Array]) -> pa.Array:
    return pa.concat_arrays([pa.array([], pa.float64()), *columns])
