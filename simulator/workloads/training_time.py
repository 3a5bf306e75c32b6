"""How long a training takes, how much it computes, and how its steps divide into computing and waiting.

    wall time given      as it is, checkpoints included
    device time given    wall = device time / devices
    steps x step time    as they are; checkpoints come on top, as in all that follows
    FLOPs x MFU          compute = work / (devices x peak x MFU)
    layout               steps x step of layout_time.py; with `mfu`, FLOPs x MFU and the layout's traffic of gradients

    busy = max(compute x slowest, input) + exposed communication

    work, samples        training_work.py
    input                bytes of the samples / (units x rate at which each reads)
    compute              longer by the law of power caps (hardware/power_cap.py) where one is reached
    slowest              of machines whose times are drawn with a log-normal spread, over their median

Data-parallel over the devices of one group, or as `layout` says: what is left of them is data parallel.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.catalogue import doubts
from simulator.definitions import (
    Definitions,
    count_in_dataset,
    dataset_doubts,
    dataset_size_b,
    model_doubts,
)
from simulator.engine.rng import Streams
from simulator.errors import MissingValueError
from simulator.hardware.failure import failures_per_s, young_daly_s
from simulator.hardware.unit import Stock, Unit
from simulator.workloads.laid_out import Laid, lay_out
from simulator.workloads.load import load_of
from simulator.workloads.timeline import Mix, count_turns
from simulator.workloads.training_spec import Train
from simulator.workloads.training_work import count_samples, count_work_flop, takes_tokens

LOAD = "accelerator-load-training"
"""The assumption about accelerators that compute."""


class Busy(NamedTuple):
    """Seconds of a whole training, checkpoints left out: computing, waiting for each other, waiting for data."""

    compute_s: float
    communicate_s: float = 0.0
    wait_s: float = 0.0

    @property
    def total_s(self) -> float:
        """All of them."""
        return self.compute_s + self.communicate_s + self.wait_s

    @property
    def mix(self) -> Mix:
        """Their shares."""
        total_s = self.total_s
        return Mix(self.compute_s / total_s, self.communicate_s / total_s, self.wait_s / total_s)


class Plan(NamedTuple):
    """What a training will do if nothing interrupts it; None is unknown."""

    units: int
    working: int
    """Units at work; the others are spares."""
    devices: int
    """Devices at work."""
    total_s: float
    """With checkpoints, and without what failures cost."""
    time_mode: str
    samples: float | None
    work_flop: float | None
    peak_flop_per_s: float | None
    mix: Mix
    computing_s: float
    """Without checkpoints."""
    tail_s: float
    """What a length that is given leaves of a last checkpoint, after all computing."""
    every_s: float | None
    """Computing between two checkpoints; None without any."""
    step_s: float | None
    """A step without checkpoints; None where there are no steps."""
    assumptions: tuple[str, ...] = ()


def plan_training(spec: Train, stock: Stock, own: Definitions, streams: Streams | None = None, name: str = "") -> Plan:
    """The plan of a training on so many units of a group; `streams` and its name are what its luck is drawn from.

    `own` is what the scenario defines. Raises MissingValueError where a peak, a FLOP count or a sample count lacks.
    """
    unit = stock.unit
    units = stock.units if spec.units is None or spec.across is not None else spec.units
    working = units - (0 if spec.failures is None else spec.failures.spares)
    every_s = find_every_s(spec, working)
    samples = count_samples(spec, own)
    work = Work(samples, count_work_flop(spec, samples, own), find_peak_flop_per_s(spec, unit))
    if spec.mfu is not None and work.flop is None:
        raise _no_flops(spec, own)
    busy, assumed = _busy(spec, Stock(unit, working), work, own, slowest(spec, working, streams, name))
    given_s = _given_s(spec, working * unit.devices)
    return Plan(
        units,
        working,
        working * unit.devices,
        busy.total_s + _checkpoints_s(spec, every_s, busy.total_s) if given_s is None else given_s,
        time_mode(spec),
        *work,
        busy.mix,
        busy.total_s,
        0.0 if given_s is None else _tail_s(spec, every_s, given_s),
        every_s,
        None if spec.steps is None else busy.total_s / spec.steps,
        assumed,
    )


class Work(NamedTuple):
    """What is to be done: samples, FLOPs and the peak of one device; None is unknown."""

    samples: float | None
    flop: float | None
    peak_flop_per_s: float | None


def whole_stock(spec: Train, stock: Stock) -> Stock:
    """The machines that train together: those of `at`, times the places where as many train along."""
    if spec.across is None:
        return stock
    each = stock.units if spec.units is None else spec.units
    return stock._replace(units=each * (1 + len(spec.across.groups)))


def time_mode(spec: Train) -> str:
    """How the length of a training is known."""
    if spec.layout is not None:
        return "layout" if spec.mfu is None else "FLOPs x MFU + layout"
    given = {"time": "wall time given", "device_time": "device time given", "step_time": "steps x step time"}
    found = next((mode for field, mode in given.items() if getattr(spec, field) is not None), "FLOPs x MFU")
    return f"FLOPs x {spec.mfu} MFU" if isinstance(spec.mfu, str) else found


def find_peak_flop_per_s(spec: Train, unit: Unit) -> float | None:
    """The dense peak of one device at the training's precision; None where no precision is given."""
    if spec.precision is None or unit.device is None:
        return None
    return unit.device.number(f"peak_{spec.precision}_flop_per_s", "choose another `precision`")


def slowest(spec: Train, units: int, streams: Streams | None, name: str) -> float:
    """How many times as long as planned the slowest of so many machines takes; 1 where all are alike.

    Each machine's time is log-normal around what is planned, its median, with the spread as a factor, drawn under
    the training's name; that none is slower than planned makes nothing faster.
    """
    if spec.stragglers is None or streams is None:
        return 1.0
    times = streams.generator("straggler", name).lognormal(0.0, np.log(spec.stragglers), units)
    return max(1.0, float(times.max()))


def training_doubts(spec: Train, unit: Unit, own: Definitions) -> Iterator[str]:
    """What of a training's samples, work and peak is doubtful, as a result lists it."""
    if spec.samples is None and (spec.steps is None or spec.batch is None) and spec.epochs is not None:
        column = "tokens_count" if takes_tokens(spec, own) else "samples_count"
        yield from dataset_doubts(spec.dataset, own, column)
    if spec.work is None and count_samples(spec, own) is not None:
        yield from model_doubts(spec.model, own, "forward_flop_per_sample")
    if find_peak_flop_per_s(spec, unit) is not None and unit.device is not None:
        yield from doubts(unit.device, f"peak_{spec.precision}_flop_per_s")


def _busy(spec: Train, stock: Stock, work: Work, own: Definitions, slow: float) -> tuple[Busy, tuple[str, ...]]:
    """How long all steps take, without checkpoints, and what of it is assumed."""
    devices = stock.units * stock.unit.devices
    given_s = _given_s(spec, devices)
    if given_s is not None:
        return _shared(_computing_s(spec, find_every_s(spec, stock.units), given_s), spec.communication), ()
    if spec.step_time is not None and spec.steps is not None:
        return _shared(spec.step_time * spec.steps, spec.communication), ()
    laid = _laid(spec, stock, work, own)
    longer = find_slow_down(spec, stock.unit)
    compute_s = laid.compute_s * longer
    longest_s = compute_s * slow
    wait_s = max(0.0, _input_s(spec, stock.units, work.samples, own) - longest_s)
    capped = stock.unit.slow_down_assumptions if longer > 1.0 else ()
    return Busy(compute_s, laid.communicate_s + longest_s - compute_s, wait_s), (*laid.assumptions, *capped)


def _laid(spec: Train, stock: Stock, work: Work, own: Definitions) -> Laid:
    """Computing and exposed communication of all steps, where these follow from FLOPs or from the layout."""
    assert work.peak_flop_per_s is not None, "presence_faults() asks for a precision"
    compute_s = None
    if spec.mfu is not None:
        assert work.flop is not None, "plan_training() asks for it"
        assert isinstance(spec.mfu, float), "expected.py puts a share in place of a word"
        compute_s = work.flop / (stock.units * stock.unit.devices * work.peak_flop_per_s * spec.mfu)
    if spec.layout is not None:
        return lay_out(spec, stock, work.peak_flop_per_s, own, compute_s)
    assert compute_s is not None, "presence_faults() asks for one of five"
    shared = _shared(compute_s, spec.communication)
    return Laid(shared.compute_s, shared.communicate_s)


def find_slow_down(spec: Train, unit: Unit) -> float:
    """How much longer computing takes because of a power cap; what the scenario gives as a time has it within."""
    return unit.slow_down(load_of(spec.utilisation, LOAD), spec.memory_utilisation or 0.0)


def _given_s(spec: Train, devices: int) -> float | None:
    """The length of a training that the scenario gives, checkpoints within; None: it follows from the rest."""
    return spec.time if spec.device_time is None else spec.device_time / devices


def _shared(busy_s: float, communication: float | None) -> Busy:
    share = communication or 0.0
    return Busy(busy_s * (1.0 - share), busy_s * share)


def _input_s(spec: Train, units: int, samples: float | None, own: Definitions) -> float:
    """How long the machines read their shares of the data; 0 where nothing says how fast."""
    if spec.input is None or spec.dataset is None:
        return 0.0
    if samples is None:
        raise MissingValueError(spec.dataset, "number of samples that are read", "give `samples`, or `epochs`")
    remedy = "leave `input` out"
    count = count_in_dataset(spec.dataset, takes_tokens(spec, own), own, remedy)
    sample_b = dataset_size_b(spec.dataset, own, remedy) / count
    return samples * sample_b / (units * spec.input)


def find_every_s(spec: Train, working: int) -> float | None:
    """Computing between two checkpoints, of so many units at work; None where there are no checkpoints."""
    checkpoint, failures = spec.checkpoint, spec.failures
    if checkpoint is None or isinstance(checkpoint.every, float):
        return None if checkpoint is None else float(checkpoint.every)
    assert failures is not None, "faults() refuses the word without failures"
    return young_daly_s(checkpoint.time, 1.0 / failures_per_s(failures, working))


def _checkpoints_s(spec: Train, every_s: float | None, busy_s: float) -> float:
    """How long the checkpoints of so much computing take, none after its end."""
    if spec.checkpoint is None or every_s is None:
        return 0.0
    return (count_turns(busy_s, every_s) - 1) * spec.checkpoint.time


def _computing_s(spec: Train, every_s: float | None, total_s: float) -> float:
    """What of a length is left without its checkpoints."""
    if spec.checkpoint is None or every_s is None:
        return total_s
    turns, rest_s = divmod(total_s, every_s + spec.checkpoint.time)
    return turns * every_s + min(rest_s, every_s)


def _tail_s(spec: Train, every_s: float | None, total_s: float) -> float:
    """What of a length is a checkpoint at its end, whole or cut short."""
    if spec.checkpoint is None or every_s is None:
        return 0.0
    turns, rest_s = divmod(total_s, every_s + spec.checkpoint.time)
    return spec.checkpoint.time if turns and not rest_s else max(0.0, rest_s - every_s)


def _no_flops(spec: Train, own: Definitions) -> MissingValueError:
    model, what, remedy = spec.model or "a training without a model", "number of FLOPs", "`work`, such as `314 ZFLOP`"
    if model in own.models:
        return MissingValueError(model, what, f"give its `forward_flop_per_sample`, or {remedy}", "in the scenario")
    return MissingValueError(model, what, f"give {remedy}")
