"""How long a step of a transformer's training takes from how it is laid out over accelerators.

    step = (m + (p - 1) / v) x stage + m x head + exposed data-parallel traffic

    m      micro-batches of each data-parallel part;  p stages, each in v parts of its own
    stage  the layers of the fullest stage x layer + what passes from stage to stage, there and back, v times
    layer  matmul FLOP / (peak x matmul share) + activation traffic / (bandwidth x memory share)
           + 4 all-reduces of b s h 16-bit numbers over the tensor-parallel devices (6 with full recomputation)
    head   the words' scores, on the last stage

A layer's matmul FLOP are 3 forward passes, 4 with full recomputation; selective recomputation
does attention's scores once more. Its forward pass is the model's FLOPs per token without the
head, and 4 s h for the scores. Activation traffic: each byte that the backward pass needs,
s b h (10 + 24 / t) + 5 a b s^2 / t, or s b h x 34 / t + 5 a b s^2 / t with sequence parallelism,
is written and read once a pass; fused attention stores no scores, and does
them once more. The bubble is (p - 1) / v stages in which devices wait.
Data-parallel traffic: gradients in 16 bits; ZeRO 1 and 2 send as much, ZeRO 3 half as much again.
Not counted: the optimiser's own arithmetic, and what experts spread over devices would send each other
(mixtures of experts are refused). Stages that a server has room for stand in one. Of what a device must
hold, weights, gradients and the optimiser's state are checked (16 bytes a parameter: Rajbhandari et
al. 2020, section 3.1), activations are not.
Sources: Korthikanti et al. 2022, arXiv:2205.05198, equations 1 to 4 (activations) and appendix A
(FLOP); Dao et al. 2022 (fused attention); Narayanan et al. 2021, arXiv:2104.04473 (interleaving);
Rajbhandari et al. 2020 (ZeRO).
What kernels and fabrics reach: the tables `kernels` and `collectives`.
"""

from math import ceil
from typing import NamedTuple

from simulator.catalogue import Row, doubts, find, rows
from simulator.hardware.collective import Joint, find_joint, hierarchical_s, ring_s, tree_s
from simulator.hardware.unit import Unit
from simulator.model_flop import find_attention_width, scores_flop
from simulator.workloads.layout_spec import Layout

ANY = "any-device"
"""The row of devices whose kernels have none of their own."""

OVERLAP = "overlap-data-parallel"
NUMBER_B = 16.0
"""Bits of a number that is sent: gradients and activations in half precision."""


class Layers(NamedTuple):
    """The layers of a transformer, and the FLOPs of its forward pass over a token without attention's scores."""

    layers: float
    hidden: float
    heads: float
    vocabulary: float
    parameters: float
    forward_flop: float
    width: float
    """Of attention: heads x head dimension."""


class Kernels(NamedTuple):
    """What a device reaches in matrix products and from its memory."""

    flop_per_s: float
    memory_bytes_per_s: float
    assumptions: tuple[str, ...] = ()


class StepTime(NamedTuple):
    """A step: seconds of computing, of waiting for each other's bits, and of waiting in the bubble."""

    compute_s: float
    exposed_s: float
    bubble_s: float
    assumptions: tuple[str, ...] = ()

    @property
    def total_s(self) -> float:
        """From the first micro-batch to the last gradient."""
        return self.compute_s + self.exposed_s + self.bubble_s


def find_shape(model: Row) -> Layers:
    """The layers of a model of the catalogue; raises MissingValueError where its row does not know them."""
    remedy = "only transformers of known layers can be laid out: give `mfu` beside `layout`, or `time`"
    columns = ("layers_count", "hidden_count", "heads_count", "vocabulary_count", "parameters_count")
    layers, hidden, heads, vocabulary, parameters = (model.number(name, remedy) for name in columns)
    forward_flop, width = model.number("forward_flop_per_sample", remedy), find_attention_width(model)
    return Layers(layers, hidden, heads, vocabulary, parameters, forward_flop, hidden if width is None else width)


def find_kernels(device: Row, peak_flop_per_s: float) -> Kernels:
    """What a device's kernels reach of this peak and of its memory's bandwidth; listed where that is assumed."""
    row = rows("kernel").get(device.id) or find("kernel", ANY)
    bandwidth = device.number("memory_bandwidth_bytes_per_s", "give `mfu` beside `layout`, or `time`")
    return Kernels(
        row.number("matmul_share", "correct the row") * peak_flop_per_s,
        row.number("memory_share", "correct the row") * bandwidth,
        (*doubts(row, "matmul_share", "memory_share"), *doubts(device, "memory_bandwidth_bytes_per_s")),
    )


class Group(NamedTuple):
    """The devices of a training: a unit, how many of them, and how many data-parallel parts they make."""

    unit: Unit
    units: int
    replicas: int


def find_group(layout: Layout, unit: Unit, units: int) -> Group:
    """The data-parallel parts that a layout makes of so many units; `layout_clashes` refuses what does not divide."""
    return Group(unit, units, units * unit.devices // (layout.tensor * layout.pipeline))


def layout_step(
    layout: Layout, shape: Layers, kernels: Kernels, group: Group, sequences: float, length: int
) -> StepTime:
    """The step over so many sequences of this length, from the layers of the model."""
    micro = layout.micro_batch or sequences / group.replicas
    rounds = sequences / group.replicas / micro
    tensor = _tensor_joint(layout, group)
    tokens = micro * length
    layer_s = _layer_s(layout, shape, kernels, tokens, length)
    sent_s = _all_reduces(layout) * ring_s(tokens * shape.hidden * NUMBER_B, layout.tensor, tensor)
    between_s = _between_stages_s(layout, shape, group, tokens)
    mean, most = shape.layers / layout.pipeline, most_layers(layout, shape.layers)
    head_flop = 2.0 * shape.hidden * shape.vocabulary * tokens / layout.tensor
    head_s = 3.0 * head_flop / kernels.flop_per_s
    data_s, assumed = data_parallel_s(layout, shape.parameters, group, rounds * mean * layer_s)
    stage_s = most * (layer_s + sent_s) + between_s
    return StepTime(
        rounds * (mean * layer_s + head_s),
        rounds * ((most - mean) * layer_s + most * sent_s + between_s) + data_s,
        (layout.pipeline - 1) / layout.interleave * stage_s,
        (*kernels.assumptions, *tensor.assumptions, *assumed),
    )


def most_layers(layout: Layout, layers: float) -> float:
    """The layers of the fullest stage, which sets the pace where they do not divide evenly.

    >>> [most_layers(Layout(pipeline=p, interleave=v, micro_batch=1), 32) for p, v in ((4, 1), (3, 1), (4, 3))]
    [8.0, 11.0, 9.0]
    """
    return float(layout.interleave * ceil(layers / layout.pipeline / layout.interleave))


def data_parallel_s(layout: Layout, parameters: float, group: Group, compute_s: float) -> tuple[float, tuple[str, ...]]:
    """Seconds in which devices wait for gradients after so much computing, and what of it is assumed.

    What is hidden behind computing is the layout's `overlap` of the traffic, and never more than the computing.
    """
    if group.replicas == 1:
        return 0.0, ()
    size_b = parameters / layout.tensor / layout.pipeline * NUMBER_B
    whole_s, assumed = _reduce_s(layout, size_b, group)
    row = find("assumption", OVERLAP)
    given = layout.overlap
    overlap = row.number("value_share", "correct the row") if given is None else given
    return whole_s - min(overlap * whole_s, compute_s), (*assumed, *((OVERLAP,) if given is None else ()))


def held_bytes(layout: Layout, parameters: float, replicas: int) -> float:
    """Bytes of weights, gradients (2 each) and the optimiser's state (12) that each device holds of a model.

    >>> held_bytes(Layout(tensor=8, pipeline=16, micro_batch=1), 405e9, 128) / 1e9
    50.625
    """
    shared = {"none": 1.0, "optimiser": (4.0 + 12.0 / replicas) / 16.0, "all": 1.0 / replicas}
    return 16.0 * parameters / layout.tensor / layout.pipeline * shared[layout.shard]


def _layer_s(layout: Layout, shape: Layers, kernels: Kernels, tokens: float, length: int) -> float:
    """Computing of one layer, all passes over one micro-batch, on one device."""
    body = (shape.forward_flop - 2.0 * shape.hidden * shape.vocabulary) / shape.layers * tokens / layout.tensor
    scores = scores_flop(1, shape.width, length) * tokens / layout.tensor
    fused = layout.attention == "fused"
    again, again_scores = layout.recompute == "full", fused or layout.recompute != "none"
    flop = (3.0 + again) * body + (3.0 + again_scores) * scores
    core_bytes = 0.0 if fused else 5.0 * shape.heads * length * tokens / layout.tensor
    width = 34.0 / layout.tensor if layout.sequence_parallel else 10.0 + 24.0 / layout.tensor
    kept_bytes = (3.0 + again) * tokens * shape.hidden * width + (3.0 + again_scores) * core_bytes
    return flop / kernels.flop_per_s + 2.0 * kept_bytes / kernels.memory_bytes_per_s


def _all_reduces(layout: Layout) -> int:
    return 6 if layout.recompute == "full" else 4


def _tensor_joint(layout: Layout, group: Group) -> Joint:
    if layout.tensor == 1:
        return Joint(1.0, 0.0)  # nobody to send to
    return find_joint(group.unit.accelerator_fabric, "the accelerators of a server")


def _between_stages_s(layout: Layout, shape: Layers, group: Group, tokens: float) -> float:
    """Activations to the next stage and gradients back, of one micro-batch; each device sends its tensor part."""
    if layout.pipeline == 1:
        return 0.0
    joint = device_joint(group, layout.tensor * layout.pipeline <= group.unit.devices)
    size_b = tokens * shape.hidden * NUMBER_B / layout.tensor
    return 2.0 * layout.interleave * (size_b / joint.rate_bps + joint.alpha_s)


def device_joint(group: Group, inside: bool) -> Joint:
    """What one device sends to the next: inside a server, or to one of another server."""
    if inside:
        return find_joint(group.unit.accelerator_fabric, "the accelerators of a server")
    return find_joint(group.unit.fabric, "the servers", group.unit.devices)


def _reduce_s(layout: Layout, size_b: float, group: Group) -> tuple[float, tuple[str, ...]]:
    """Seconds in which the data-parallel parts add their gradients, and what of it is assumed."""
    inside = max(1, group.unit.devices // (layout.tensor * layout.pipeline))
    servers = group.replicas // inside or 1
    between = device_joint(group, servers == 1)
    sent_b = 1.5 * size_b if layout.shard == "all" else size_b
    if layout.all_reduce == "hierarchical" and inside > 1 and servers > 1:
        within = find_joint(group.unit.accelerator_fabric, "the accelerators of a server")
        return hierarchical_s(sent_b, inside, servers, within, between), (*within.assumptions, *between.assumptions)
    ring = between if servers == 1 else _through_servers(group, between, inside)
    reduce_s = tree_s if layout.all_reduce == "tree" else ring_s
    return reduce_s(sent_b, group.replicas, ring), ring.assumptions


def _through_servers(group: Group, between: Joint, inside: int) -> Joint:
    """A ring through several devices of each server: it leaves by the ports of all, and is no faster than inside."""
    rate_bps, fabric = between.rate_bps * inside, group.unit.accelerator_fabric
    if inside == 1 or fabric is None:
        return between._replace(rate_bps=rate_bps)
    within = find_joint(fabric, "the accelerators of a server")
    return Joint(min(rate_bps, within.rate_bps), between.alpha_s, (*between.assumptions, *within.assumptions))
