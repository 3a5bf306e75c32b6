"""A training laid out over its machines: the time of all its steps, and what the layout cannot be.

Devices that share layers stand in one server; stages stand one behind the other. With `mfu` beside
the layout, computing follows from FLOPs and the layout says what gradients add.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.catalogue import find
from simulator.definitions import TOKEN, Definitions, find_sample_unit
from simulator.errors import MissingValueError
from simulator.hardware.unit import Stock, Unit
from simulator.model_flop import forward_of_shape
from simulator.spec import Fault
from simulator.units import show, show_count
from simulator.workloads.layout_spec import Layout
from simulator.workloads.layout_time import (
    Layers,
    data_parallel_s,
    find_group,
    find_kernels,
    find_shape,
    held_bytes,
    layout_step,
)
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
    shape, kernels = layers_of(spec, own), find_kernels(stock.unit.device, peak_flop_per_s)
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
    """What of a layout does not fit the machines at work, the model or the batch."""
    at, each = ("layout",), stock.unit.devices
    devices, shared = stock.units * each, layout.tensor * layout.pipeline
    if each % layout.tensor:
        sentence = f"layers are shared within one machine, and {spec.at} has {show_count(each, 'device')} in each"
        divisors = " or ".join(str(n) for n in range(1, each + 1) if each % n == 0)
        yield Fault((*at, "tensor"), f"{sentence}, which `tensor: {layout.tensor}` does not divide; take {divisors}")
    elif devices % shared:
        sentence = f"{devices} devices at work are no multiple of tensor x pipeline, {shared}"
        yield Fault(at, f"{sentence}; change one of them, or `units`")
        return
    elif devices > shared and layout.all_reduce is None:
        sentence = f"nothing says how {devices // shared} data-parallel parts add their gradients"
        yield Fault(at, f"{sentence}; give `all_reduce`, such as `all_reduce: ring`")
    if spec.adapters is not None and spec.mfu is None:
        sentence = "the time by layers is that of a model that learns whole; give `mfu` beside `layout`"
        yield Fault(("adapters",), sentence)
    if spec.mfu is not None:
        yield from _mfu_faults(layout)
    elif not each % layout.tensor:
        yield from _layer_faults(spec, layout, stock, own)


def _mfu_faults(layout: Layout) -> Iterator[Fault]:
    """What a layout says of layers, where their time follows from an MFU."""
    of_layers = ("tensor", "pipeline", "micro_batch", "attention")  # `recompute` tells the hardware utilisation
    for field in of_layers:
        if getattr(layout, field) != Layout.model_fields[field].default:
            sentence = "beside `mfu` a layout says what gradients add, and nothing of layers"
            yield Fault(("layout", field), f"{sentence}; leave `{field}` out, or `mfu`")


def _layer_faults(spec: Train, layout: Layout, stock: Stock, own: Definitions) -> Iterator[Fault]:
    """What of the batch and the layers cannot be divided as the layout says."""
    replicas = find_group(layout, stock.unit, stock.units).replicas
    assert spec.model is not None, "presence_faults() asks for a model"
    if find_sample_unit(spec.model, own) != TOKEN:
        sentence = f"only models of tokens have a time by layers, and {spec.model} is none; give `mfu`, and the layout"
        yield Fault(("layout",), f"{sentence} beside it")
        return
    if spec.sequence is None:
        yield Fault(("sequence",), "a layer's work depends on the length of a sequence; give it, such as 2048")
        return
    yield from _model_faults(spec.model, layout, own) or _memory_faults(spec, layout, stock.unit, replicas, own)
    each = _sequences(spec) / replicas
    if each != int(each) or (layout.micro_batch is not None and each % layout.micro_batch):
        parts = f"{replicas} data-parallel parts of `micro_batch: {layout.micro_batch or int(each) or 1}`"
        spares = (
            "" if spec.failures is None or not spec.failures.spares else " (machines that stand by are not among them)"
        )
        yield Fault(("batch",), f"{_sequences(spec):g} sequences of {spec.sequence} do not divide into {parts}{spares}")


def _model_faults(model: str, layout: Layout, own: Definitions) -> list[Fault]:
    """What of a model's own layers cannot be laid out so."""
    layers, experts = _depth(model, own)
    parts, found = layout.pipeline * layout.interleave, []
    if experts:
        sentence = f"{model} sends tokens from expert to expert, which no time by layers counts"
        remedy = "give `mfu` beside a layout of data-parallel parts alone"
        found.append(Fault(("layout",), f"{sentence}; {remedy}"))
    heads = _heads(model, own)
    if heads is not None and heads % layout.tensor:
        sentence = f"{model} has {heads:g} heads of attention, which {layout.tensor} devices cannot share evenly"
        found.append(Fault(("layout", "tensor"), f"{sentence}; take a divisor of them"))
    if layers is not None and parts > layers:
        sentence = f"{model} has {layers:g} layers, too few for {parts} parts (pipeline x interleave)"
        field = "pipeline" if layout.pipeline > layers else "interleave"
        found.append(Fault(("layout", field), f"{sentence}; take fewer"))
    return found


def _depth(model: str, own: Definitions) -> tuple[float | None, bool]:
    """How many layers a model has, None where nobody knows, and whether it is a mixture of experts."""
    if model not in own.models:
        row = find("model", model)
        return row.find_number("layers_count"), row.find_number("experts_count") is not None
    architecture = own.models[model].architecture
    return (None, False) if architecture is None else (float(architecture.layers), own.models[model].mixes_experts)


def _heads(model: str, own: Definitions) -> float | None:
    if model not in own.models:
        return find("model", model).find_number("heads_count")
    architecture = own.models[model].architecture
    return None if architecture is None else float(architecture.heads)


def _memory_faults(spec: Train, layout: Layout, unit: Unit, replicas: int, own: Definitions) -> Iterator[Fault]:
    """A model whose state alone is more than a device can hold."""
    has_bytes = None if unit.device is None else unit.device.find_number("memory_bytes")
    if has_bytes is None:
        return
    need_bytes = held_bytes(layout, parameters_of(spec, own), replicas)
    if need_bytes > has_bytes:
        held = f"each device would hold {show(need_bytes, 'size_bytes')} of weights, gradients and optimiser"
        sentence = f"{held}, and has {show(has_bytes, 'size_bytes')}"
        yield Fault(("layout",), f"{sentence}; share them by `tensor`, `pipeline` or `shard`, over more devices")


def layers_of(spec: Train, own: Definitions) -> Layers:
    """The layers of the model, of the catalogue or by the architecture that the scenario tells.

    Raises MissingValueError where nobody knows them.
    """
    assert spec.model is not None, "presence_faults() asks for a model"
    if spec.model not in own.models:
        return find_shape(find("model", spec.model))
    architecture = own.models[spec.model].architecture
    if architecture is None:
        remedy = "give its `architecture`, name a model of the catalogue, or give `mfu` beside `layout`"
        raise MissingValueError(spec.model, "layers", remedy, "in the scenario")
    forward = forward_of_shape(architecture.shape)
    return Layers(
        layers=architecture.layers,
        hidden=architecture.hidden,
        heads=architecture.heads,
        vocabulary=architecture.vocabulary,
        parameters=parameters_of(spec, own),
        forward_flop=forward.total_flop,
        width=architecture.hidden,
    )


def _sequences(spec: Train) -> float:
    return (spec.batch or 0) / (spec.sequence or 1)
