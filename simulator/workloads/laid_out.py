"""A training laid out over its machines: the time of all its steps, and what the layout cannot be.

Devices that share layers stand in one server; stages stand one behind the other. With `mfu` beside
the layout, computing follows from FLOPs and the layout says what gradients add.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.catalogue import Row, find
from simulator.definitions import TOKEN, Definitions, find_sample_unit
from simulator.errors import MissingValueError
from simulator.hardware.unit import Stock
from simulator.spec import Fault
from simulator.workloads.layout_spec import Layout
from simulator.workloads.layout_time import data_parallel_s, find_group, find_kernels, find_shape, layout_step
from simulator.workloads.training_spec import Train


class Laid(NamedTuple):
    """Seconds of all steps: computing, waiting for each other; and what is assumed of it."""

    compute_s: float
    communicate_s: float
    assumptions: tuple[str, ...] = ()


def lay_out(spec: Train, stock: Stock, peak_flop_per_s: float, own: Definitions, compute_s: float | None) -> Laid:
    """The seconds of all steps; `compute_s`, where it follows from an MFU, in place of the layers' own.

    Raises MissingValueError where the model's layers, a fabric or a device's memory are unknown.
    """
    layout, steps = spec.layout, spec.steps
    assert layout is not None, "asked of a training with a layout alone"
    assert steps is not None, "presence_faults() asks for steps and batch"
    group = find_group(layout, stock.unit, stock.units)
    if compute_s is not None:
        data_s, assumed = data_parallel_s(layout, gradients_of(spec, own), group, compute_s / steps)
        return Laid(compute_s, data_s * steps, assumed)
    assert stock.unit.device is not None, "training_clashes() refuses machines without accelerators"
    shape, kernels = find_shape(_layers_of(spec, own)), find_kernels(stock.unit.device, peak_flop_per_s)
    step = layout_step(layout, shape, kernels, group, _sequences(spec), spec.sequence or 0)
    waiting_s = step.exposed_s + step.bubble_s
    return Laid(step.compute_s * steps, waiting_s * steps, tuple(dict.fromkeys(step.assumptions)))


def gradients_of(spec: Train, own: Definitions) -> float:
    """How many gradients data-parallel devices add: one for each parameter that learns."""
    return parameters_of(spec, own) if spec.adapters is None else float(spec.adapters)


def parameters_of(spec: Train, own: Definitions) -> float:
    """How many parameters the model has."""
    assert spec.model is not None, "presence_faults() asks for a model"
    if spec.model in own.models:
        return own.models[spec.model].parameters
    return find("model", spec.model).number("parameters_count", "name another `model`, or leave `layout` out")


def layout_clashes(spec: Train, layout: Layout, stock: Stock, own: Definitions) -> Iterator[Fault]:
    """What of a layout does not fit the machines, the model or the batch."""
    at, units = ("layout",), stock.units if spec.units is None else spec.units
    devices, shared = units * stock.unit.devices, layout.tensor * layout.pipeline
    if layout.tensor > stock.unit.devices:
        yield Fault((*at, "tensor"), f"a server has {stock.unit.devices}; layers are shared within one server")
    if devices % shared:
        yield Fault(at, f"{devices} devices are no multiple of tensor x pipeline, {shared}; change one of them")
        return
    if devices > shared and layout.all_reduce is None:
        yield Fault(at, f"nothing says how {devices // shared} data-parallel parts add gradients; give `all_reduce`")
    if spec.adapters is not None and spec.mfu is None:
        yield Fault(
            ("adapters",), "the time by layers is that of a model that learns whole; give `mfu` beside `layout`"
        )
    if spec.mfu is not None:
        if shared > 1:
            sentence = "beside `mfu` a layout says what gradients add: leave `tensor` and `pipeline` out, or `mfu`"
            yield Fault(at, sentence)
        return
    yield from _layer_faults(spec, layout, devices // shared, own)


def _layer_faults(spec: Train, layout: Layout, replicas: int, own: Definitions) -> Iterator[Fault]:
    """What of the batch and the layers cannot be divided as the layout says."""
    assert spec.model is not None, "presence_faults() asks for a model"
    if find_sample_unit(spec.model, own) != TOKEN:
        yield Fault(("layout",), f"only models of tokens have a time by layers, and {spec.model} has none; give `mfu`")
        return
    if spec.sequence is None:
        yield Fault(("sequence",), "a layer's work depends on the length of a sequence; give it, such as 2048")
        return
    each = _sequences(spec) / replicas
    if each != int(each) or (layout.micro_batch is not None and each % layout.micro_batch):
        parts = f"{replicas} data-parallel parts of `micro_batch: {layout.micro_batch or int(each) or 1}`"
        yield Fault(("batch",), f"{_sequences(spec):g} sequences of {spec.sequence} do not divide into {parts}")


def _layers_of(spec: Train, own: Definitions) -> Row:
    assert spec.model is not None, "presence_faults() asks for a model"
    if spec.model in own.models:
        remedy = "name a model of the catalogue, or give `mfu` beside `layout`"
        raise MissingValueError(spec.model, "number of layers", remedy, "in the scenario")
    return find("model", spec.model)


def _sequences(spec: Train) -> float:
    return (spec.batch or 0) / (spec.sequence or 1)
