"""What happens in the world: a frozen spec and a generator for each kind of workload.

`KINDS` is the only list. A process takes (world, spec, name), runs on the simulated clock and
records a job; a workload's name is its `name:`, else its kind.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from simulator.spec import Spec
from simulator.workloads.train import train
from simulator.workloads.training_spec import Train
from simulator.workloads.training_time import training_clashes


class Kind(NamedTuple):
    """A kind of workload: what the YAML says, what happens, and what the machines cannot do for it."""

    spec: type[Spec]
    process: Callable[..., Any]
    clashes: Callable[..., Any]


KINDS: dict[str, Kind] = {
    "train": Kind(Train, train, training_clashes),
}
