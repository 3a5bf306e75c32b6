"""What one round asks of a client: bits down and up, samples, seconds.

    down   the model's size x what compression leaves of it
    up     the same of `update`, else of the model;  x the expansion of secure aggregation
    time   samples x epochs x 3 forward passes / (peak x the share that a client reaches), or `sample_time`

Backward is twice forward (Kaplan et al. 2020, arXiv:2001.08361, section 2.1); who counts the forward pass alone
finds a third.
"""

from typing import TYPE_CHECKING, NamedTuple

from simulator.catalogue import doubts, find
from simulator.definitions import (
    MODEL_SIZE,
    Definitions,
    count_in_dataset,
    count_parameters,
    dataset_doubts,
    find_forward_flop,
    model_doubts,
    model_size_b,
)
from simulator.errors import MissingValueError, UnknownNameError
from simulator.learning.task import mean_samples
from simulator.model_flop import FORWARD_PASSES
from simulator.population.spec import Population
from simulator.workloads.federate.modifiers import extra_of, smaller_b
from simulator.world import World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

DROPOUT, UTILISATION = "client-dropout", "client-utilisation"


class Load(NamedTuple):
    """What one round asks of the median client: bits down and up, samples, seconds a sample, seconds beside them.

    `samples` is the mean of a user's; `extra_s` does not grow with them.
    """

    down_b: float
    up_b: float
    samples: float
    sample_s: float
    assumptions: tuple[str, ...]
    extra_s: float = 0.0
    trips: int = 0


class Wire(NamedTuple):
    """Bits of the model on its way down and of an update on its way up, and what of them is doubtful."""

    down_b: float
    up_b: float
    assumptions: tuple[str, ...]


def wire_of_model(spec: "Federate", own: Definitions) -> Wire:
    """What goes down and up in a round; raises MissingValueError where nothing says how large the model is."""
    size_b, parameters = model_size_b(spec.model, own), count_parameters(spec.model, own)
    up, down = (None, None) if spec.compression is None else (spec.compression.up, spec.compression.down)
    up_b = smaller_b(up, size_b if spec.update is None else spec.update, parameters)
    return Wire(smaller_b(down, size_b, parameters), up_b, model_doubts(spec.model, own, *MODEL_SIZE))


def load_of_clients(world: World, spec: "Federate", users: Population) -> Load:
    """What a round asks of the median client; what of it is assumed is listed."""
    load = client_load(spec, users, world.definitions)
    world.assumptions.update(dict.fromkeys(load.assumptions))
    return load


def client_load(spec: "Federate", users: Population, own: Definitions) -> Load:
    """What a round asks of the median device of a user with the mean number of samples.

    Raises MissingValueError where nothing says how large the model is, how many samples a user
    has, or how long one takes.
    """
    wire = wire_of_model(spec, own)
    samples, doubtful = _samples(spec, users, own)
    sample_s, assumptions = _sample_s(spec, users, own)
    extra = extra_of(spec.secure_aggregation, count_parameters(spec.model, own), peers_of(spec))
    extra_s, again = (0.0, ()) if not extra.work_flop else _work_s(extra.work_flop, spec, users)
    return Load(
        wire.down_b,
        wire.up_b * extra.up_ratio,
        samples * spec.epochs,
        sample_s,
        tuple(dict.fromkeys((*doubtful, *wire.assumptions, *assumptions, *extra.assumptions, *again))),
        extra_s,
        extra.trips,
    )


def peers_of(spec: "Federate") -> int:
    """With how many others a client of a round shares its keys."""
    return 0 if spec.cohort is None else spec.selected - 1


def _samples(spec: "Federate", users: Population, own: Definitions) -> tuple[float, tuple[str, ...]]:
    """How many samples a user has in the mean: its own, those of the data set, or those that it really learns from."""
    if users.samples is not None:
        return users.samples, ()
    if spec.dataset is not None:
        samples = count_in_dataset(spec.dataset, False, own, "give the population `samples`")
        return samples / users.count, dataset_doubts(spec.dataset, own, "samples_count")
    if spec.learn is not None:
        return mean_samples_of(spec.learn.task, own), ()
    remedy = "give it `samples`, or name a `dataset`"
    raise MissingValueError(spec.clients[0], "number of samples for a user", remedy, "in the scenario")


def mean_samples_of(task: str, own: Definitions) -> float:
    """The mean of a client's samples in a task.

    Raises UnknownNameError where no sound task is called so, which is told where it stands.
    """
    if task not in own.tasks:
        raise UnknownNameError("task", task, "define it in `tasks`")
    return mean_samples(own.tasks[task])


def _sample_s(spec: "Federate", users: Population, own: Definitions) -> tuple[float, tuple[str, ...]]:
    if spec.sample_time is not None:
        return spec.sample_time, ()
    forward_flop, doubtful = forward_flop_of(spec, own)
    sample_s, assumptions = _work_s(FORWARD_PASSES * forward_flop, spec, users)
    return sample_s, (*assumptions, *doubtful)


def forward_flop_of(spec: "Federate", own: Definitions) -> tuple[float, tuple[str, ...]]:
    """FLOPs of a sample's forward pass, and what of them is doubtful; raises MissingValueError where nothing says."""
    forward_flop = find_forward_flop(spec.model, own)
    if forward_flop is None:
        raise MissingValueError(spec.model, "forward FLOPs a sample", "give `sample_time`", "anywhere")
    return forward_flop, model_doubts(spec.model, own, "forward_flop_per_sample")


def _work_s(work_flop: float, spec: "Federate", users: Population) -> tuple[float, tuple[str, ...]]:
    """How long the median device takes for so many FLOPs, and what of that is assumed."""
    device, peak = find("device", users.device), "peak_fp32_flop_per_s"
    share = find("assumption", UTILISATION).number("value_share", "correct the row")
    peak_flop_per_s = device.number(peak, "give `sample_time`")
    return work_flop / (peak_flop_per_s * share), (UTILISATION, *doubts(device, peak))


def find_dropout(world: World, spec: "Federate") -> float:
    """The share of clients that drop out; what is assumed of it is listed."""
    if spec.dropout is not None:
        return spec.dropout
    world.assumptions[DROPOUT] = None
    return find("assumption", DROPOUT).number("value_share", "correct the row")
