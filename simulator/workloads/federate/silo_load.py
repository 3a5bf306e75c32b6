"""What one round asks of groups of machines that learn: bits down and up, samples of each, seconds a sample.

samples   of each: those of the data set (of the task that is really learnt, where none is named) by the sizes of
          the task's shards, of which silo i holds number i; equal parts where nothing is learnt
time      samples x epochs x 3 forward passes / (machines x devices x peak x MFU) x what a power cap slows,
          or `sample_time` on each silo
down, up  as for users' devices (load.py)
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.catalogue import doubts
from simulator.definitions import Definitions, count_in_dataset, dataset_doubts
from simulator.errors import ContradictionError, MissingValueError
from simulator.hardware.unit import Stock
from simulator.learning.arrays import Floats
from simulator.model_flop import FORWARD_PASSES
from simulator.units import show_count
from simulator.workloads.federate.lesson import task_of
from simulator.workloads.federate.load import forward_flop_of, mean_samples_of
from simulator.workloads.load import find_load, load_of
from simulator.world import World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

LOAD = "accelerator-load-training"
SILO_TAKES = frozenset(("mfu", "precision", "client_utilisation"))
"""Fields of `federate` that say how machines learn."""


class Silo(NamedTuple):
    """A group of machines that learns: how long it computes in a round, on so many samples, at which load."""

    group: str
    compute_s: float
    samples: float
    load: float


def silos_of(world: World, spec: "Federate") -> list[Silo]:
    """The machines that learn, in the order in which they are named; what of them is assumed is listed."""
    own = world.definitions
    told = dataset_doubts(spec.dataset, own, "samples_count")
    found = []
    for name, share in zip(spec.clients, _shares(world, spec).tolist(), strict=True):
        group = world.groups[name]
        samples = total_samples(spec, own) * share
        sample_s, assumed = sample_time(spec, name, Stock(group.unit, group.count), own)
        load = find_load(world, spec.client_utilisation, group.unit, LOAD)
        found.append(Silo(name, samples * spec.epochs * sample_s, samples, load))
        told += assumed
    world.assumptions.update(dict.fromkeys(told))
    return found


def _shares(world: World, spec: "Federate") -> Floats:
    """The share of all samples that each silo holds.

    Raises ContradictionError where the task has another number of shards, which only its data tell.
    """
    if spec.learn is None:
        return np.full(len(spec.clients), 1.0 / len(spec.clients))
    sizes = task_of(world, spec.learn.task).sizes
    if len(sizes) != len(spec.clients):
        raise ContradictionError(spec.learn.task, other_number(len(sizes), len(spec.clients)))
    return np.asarray(sizes / sizes.sum(), float)


def other_number(shards: int, silos: int) -> str:
    """That a task is cut into another number of shards than there are silos."""
    learn = "learns" if silos == 1 else "learn"
    held = show_count(shards, "client")
    return f"has {held}, and {show_count(silos, 'group')} of machines {learn}; make them as many"


def total_samples(spec: "Federate", own: Definitions) -> float:
    """How many samples all silos hold; raises MissingValueError where nothing says."""
    if spec.dataset is not None:
        return count_in_dataset(spec.dataset, False, own, "define the data set in the scenario")
    if spec.learn is not None:
        return mean_samples_of(spec.learn.task, own) * len(spec.clients)
    raise MissingValueError(spec.clients[0], "number of samples", "name a `dataset`", "in the scenario")


def sample_time(spec: "Federate", name: str, stock: Stock, own: Definitions) -> tuple[float, tuple[str, ...]]:
    """Seconds of one training sample on a whole group of machines, and what of that is doubtful.

    Raises MissingValueError where the device has no such peak, or the model no FLOPs.
    """
    if spec.sample_time is not None:
        return spec.sample_time, ()
    assert spec.mfu is not None, "silo_faults() asks for it"
    assert spec.precision is not None, "silo_faults() asks for it"
    forward_flop, of_model = forward_flop_of(spec, own)
    unit, column = stock.unit, f"peak_{spec.precision}_flop_per_s"
    if unit.device is None:
        raise MissingValueError(name, "peak", "it has no accelerators: give `sample_time`", "in the catalogue")
    peak_flop_per_s = stock.units * unit.devices * unit.device.number(column, "choose another `precision`")
    slower = unit.slow_down(load_of(spec.client_utilisation, LOAD), 0.0)
    capped = unit.slow_down_assumptions if slower > 1.0 else ()
    doubtful = (*doubts(unit.device, column), *of_model, *capped)
    return slower * FORWARD_PASSES * forward_flop / (peak_flop_per_s * spec.mfu), doubtful
