"""How long the preparation of a data set takes, and how busy it keeps the machines.

    reading    = bits / (machines x read rate of each)
    computing  = samples x CPU time of one / (machines x cores at work on each)
    time       = max(reading, computing)
    load       = cores at work / cores of a machine x computing / time

Reading and computing overlap as a pipeline, and the slower of the two sets the pace. Where it
is reading, the cores wait and the machine draws less. Samples are alike and shared equally;
filling and emptying the pipeline is left out, and so is what the storage itself draws.
Source: the roofline of Williams et al. 2009 (Comm. ACM 52, 4), with storage for memory.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.definitions import Definitions, count_in_dataset, dataset_doubts, dataset_size_b, dataset_size_doubts
from simulator.errors import MissingValueError, UnknownNameError
from simulator.hardware.unit import Stock
from simulator.spec import LONGEST_S, Fault, too_long
from simulator.workloads.given import Given, no_memory_faults, units_faults
from simulator.workloads.prepare_spec import Prepare

REMEDY = "give `samples` and `size` instead"


class Preparation(NamedTuple):
    """What a preparation will do if nothing interrupts it."""

    units: int
    total_s: float
    time_mode: str
    samples: float
    load: float


def plan_preparation(spec: Prepare, stock: Stock, own: Definitions) -> Preparation:
    """The plan of a preparation on so many machines of a group.

    `own` is what the scenario defines. Raises MissingValueError where the data set lacks a count or a size.
    """
    units = stock.units if spec.units is None else spec.units
    cores = spec.host_cores if spec.cores is None else spec.cores
    samples, size_b = find_data(spec, own)
    read_s = size_b / (units * spec.read)
    compute_s = samples * spec.cpu_time / (units * cores)
    total_s = max(read_s, compute_s)
    mode = "cpu-bound" if compute_s >= read_s else "read-bound"
    return Preparation(units, total_s, mode, samples, cores / spec.host_cores * (compute_s / total_s))


def find_data(spec: Prepare, own: Definitions) -> tuple[float, float]:
    """How many samples there are and the bits of all; raises MissingValueError where nothing says."""
    if spec.dataset is not None:
        samples = count_in_dataset(spec.dataset, False, own, REMEDY)
        return samples, dataset_size_b(spec.dataset, own, REMEDY)
    assert spec.samples is not None, "presence_faults() asks for them"
    assert spec.size is not None, "presence_faults() asks for it"
    return spec.samples, spec.size


def data_doubts(dataset: str, own: Definitions) -> tuple[str, ...]:
    """What of a data set's count and size is doubtful, as a result lists it."""
    return (*dataset_doubts(dataset, own, "samples_count"), *dataset_size_doubts(dataset, own))


def preparation_clashes(spec: Prepare, given: Given) -> Iterator[Fault]:
    """What the machines, the catalogue or the scenario's own definitions cannot do for this preparation."""
    if spec.at not in given.stocks:
        return  # told where the name or the group stands
    stock = given.stocks[spec.at]
    yield from units_faults("units", spec.units, spec.at, stock)
    yield from no_memory_faults("at", spec.at, given)
    if any(component.kind != "host" for component in stock.unit.components):
        sentence = f"prepare runs on CPUs, and {spec.at} has accelerators or users' equipment"
        yield Fault(("at",), f"{sentence}; choose servers without accelerators")
    try:
        plan = plan_preparation(spec, stock, given.own)
    except UnknownNameError:
        return  # told where the name stands
    except MissingValueError as error:
        yield Fault(("dataset",), str(error))
        return
    if plan.total_s > LONGEST_S:
        field = "read" if plan.time_mode == "read-bound" else "cpu_time"
        yield Fault((field,), too_long("the preparation", plan.total_s))
