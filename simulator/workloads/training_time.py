"""How long a training takes, how much it computes, and when it stops to checkpoint.

    wall time given      as it is, checkpoints included
    device time given    wall = device time / devices
    FLOPs x MFU          compute = work / (devices x peak x MFU); checkpoints come on top
    work                 given, else 3 x forward FLOP a sample x samples (the backward pass is
                         twice the forward one: Kaplan et al. 2020, arXiv:2001.08361, section 2.1)
    samples              given, else steps x batch, else epochs x those of the data set

Data-parallel over the devices of one group: every device takes an equal share of the batch.
"""

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from simulator.catalogue import doubts
from simulator.definitions import (
    TOKEN,
    Definitions,
    count_in_dataset,
    dataset_doubts,
    find_forward_flop,
    find_sample_unit,
    model_doubts,
)
from simulator.errors import MissingValueError, SimulatorError, UnknownNameError
from simulator.hardware.unit import Stock, Unit
from simulator.spec import LONGEST_S, Fault, too_long
from simulator.workloads.given import Given, units_faults
from simulator.workloads.training_spec import Train

MOST_CHECKPOINTS = 25_000_000
"""Four changes each: 1e8 changes in all."""

FORWARD_PASSES = 3.0
"""A training step costs three forward passes: one forward, two backward."""


class Plan(NamedTuple):
    """What a training will do if nothing interrupts it; None is unknown."""

    units: int
    devices: int
    total_s: float
    time_mode: str
    samples: float | None
    work_flop: float | None
    peak_flop_per_s: float | None


def plan_training(spec: Train, stock: Stock, own: Definitions) -> Plan:
    """The plan of a training on so many units of a group.

    `own` is what the scenario defines. Raises MissingValueError where a peak, a FLOP count or a sample count lacks.
    """
    unit = stock.unit
    units = stock.units if spec.units is None else spec.units
    devices = units * unit.devices
    samples = count_samples(spec, own)
    work_flop = count_work_flop(spec, samples, own)
    peak_flop_per_s = find_peak_flop_per_s(spec, unit)
    if spec.mfu is not None and work_flop is None:
        raise _no_flops(spec, own)
    total_s, time_mode = _total(spec, devices, work_flop, peak_flop_per_s)
    return Plan(units, devices, total_s, time_mode, samples, work_flop, peak_flop_per_s)


def count_samples(spec: Train, own: Definitions) -> float | None:
    """How many samples the training sees; None where nothing says."""
    if spec.samples is not None:
        return spec.samples
    if spec.steps is not None and spec.batch is not None:
        return float(spec.steps) * spec.batch
    if spec.epochs is None or spec.dataset is None:
        return None
    tokens = spec.model is not None and find_sample_unit(spec.model, own) == TOKEN
    return spec.epochs * count_in_dataset(spec.dataset, tokens, own, "give `samples`, or `steps` and `batch`")


def count_work_flop(spec: Train, samples: float | None, own: Definitions) -> float | None:
    """The model FLOPs of the whole training; None where nothing says."""
    if spec.work is not None or spec.model is None or samples is None:
        return spec.work
    forward_flop = find_forward_flop(spec.model, own)
    return None if forward_flop is None else FORWARD_PASSES * forward_flop * samples


def find_peak_flop_per_s(spec: Train, unit: Unit) -> float | None:
    """The dense peak of one device at the training's precision; None where no precision is given."""
    if spec.precision is None or unit.device is None:
        return None
    return unit.device.number(f"peak_{spec.precision}_flop_per_s", "choose another `precision`")


def training_doubts(spec: Train, unit: Unit, own: Definitions) -> Iterator[str]:
    """What of a training's samples, work and peak is doubtful, as a result lists it."""
    if spec.samples is None and (spec.steps is None or spec.batch is None) and spec.epochs is not None:
        tokens = spec.model is not None and find_sample_unit(spec.model, own) == TOKEN
        yield from dataset_doubts(spec.dataset, own, "tokens_count" if tokens else "samples_count")
    if spec.work is None and count_samples(spec, own) is not None:
        yield from model_doubts(spec.model, own, "forward_flop_per_sample")
    if find_peak_flop_per_s(spec, unit) is not None and unit.device is not None:
        yield from doubts(unit.device, f"peak_{spec.precision}_flop_per_s")


def training_clashes(spec: Train, given: Given) -> Iterator[Fault]:
    """What the machines, the catalogue or the scenario's own definitions cannot do for this training."""
    if spec.at not in given.stocks:
        return  # told where the name or the group stands
    stock, own = given.stocks[spec.at], given.own
    yield from units_faults("units", spec.units, spec.at, stock)
    if spec.precision is not None and stock.unit.device is None:
        remedy = "leave `precision` out" if spec.mfu is None else "give `time` instead of `mfu` and `precision`"
        yield Fault(("precision",), f"{spec.at} has no accelerator whose peak is known; {remedy}")
        return
    try:
        plan = plan_training(spec, stock, own)
    except UnknownNameError:
        return  # told where the name stands
    except SimulatorError as error:
        yield Fault((_blame(spec, error),), str(error))
        return
    length = next(field for field in ("time", "device_time", "mfu") if getattr(spec, field) is not None)
    if plan.total_s > LONGEST_S:
        yield Fault((length,), too_long("the training", plan.total_s))
    mfu = find_mfu(plan)
    if mfu is not None and mfu > 1.0 + 1e-9:
        yield Fault((length,), f"its work is {mfu:.3g} times what its devices can do in that time at their peak")
    if spec.checkpoint is not None and plan.total_s / (spec.checkpoint.every + spec.checkpoint.time) > MOST_CHECKPOINTS:
        yield Fault(("checkpoint",), "there would be over 25 million checkpoints; take a longer `every`")


def find_mfu(plan: Plan) -> float | None:
    """The model FLOPs utilisation that a plan implies, checkpoints included; None where work or peak is unknown."""
    if plan.work_flop is None or plan.peak_flop_per_s is None:
        return None
    return plan.work_flop / plan.peak_flop_per_s / plan.devices / plan.total_s


def _blame(spec: Train, error: SimulatorError) -> str:
    column = str(error.args[1])
    return (
        "precision"
        if column.startswith("peak_")
        else "epochs"
        if column.endswith("s_count") or column == "tokens"
        else "mfu"
    )


def _no_flops(spec: Train, own: Definitions) -> MissingValueError:
    model, what, remedy = spec.model or "a training without a model", "number of FLOPs", "`work`, such as `314 ZFLOP`"
    if model in own.models:
        return MissingValueError(model, what, f"give its `forward_flop_per_sample`, or {remedy}", "in the scenario")
    return MissingValueError(model, what, f"give {remedy}")


def _total(spec: Train, devices: int, work_flop: float | None, peak_flop_per_s: float | None) -> tuple[float, str]:
    if spec.time is not None:
        return spec.time, "wall time given"
    if spec.device_time is not None:
        return spec.device_time / devices, "device time given"
    assert work_flop is not None, "plan_training() asks for it"
    assert peak_flop_per_s is not None, "faults() asks for a precision"
    assert spec.mfu is not None, "faults() asks for one of three"
    compute_s = work_flop / (devices * peak_flop_per_s * spec.mfu)
    if spec.checkpoint is None:
        return compute_s, "FLOPs x MFU"
    checkpoints = ceil(compute_s / spec.checkpoint.every) - 1
    return compute_s + checkpoints * spec.checkpoint.time, "FLOPs x MFU"
