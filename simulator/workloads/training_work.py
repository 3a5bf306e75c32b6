"""What a training computes: its samples, and the FLOPs of all of them by the family of its model.

    samples     given, else steps x batch, else epochs x those of the data set
    work        given, else samples x FLOPs of one:
                a model that learns whole: 3 x forward (backward is twice forward: Kaplan et al. 2020,
                arXiv:2001.08361, section 2.1), adapters beside frozen weights: about 2 x (model_flop.py)
                + what only runs forward beside it, such as the encoders of a diffusion model

A forward pass is the catalogue's, or the scenario's; the scores of attention, which these leave out,
are counted where the scenario says how long a sequence is. Hardware does more where activations
are computed again; that is no model FLOP, and told as HFU.
"""

from simulator.catalogue import find
from simulator.definitions import TOKEN, Definitions, OwnModel, count_in_dataset, find_forward_flop, find_sample_unit
from simulator.model_flop import (
    Forward,
    find_attention_width,
    forward_of_shape,
    hardware_flop,
    lora_flop,
    scores_flop,
    training_flop,
)
from simulator.workloads.training_spec import Train


def count_samples(spec: Train, own: Definitions) -> float | None:
    """How many samples the training sees; None where nothing says."""
    if spec.samples is not None:
        return spec.samples
    if spec.steps is not None and spec.batch is not None:
        return float(spec.steps) * spec.batch
    if spec.epochs is None or spec.dataset is None:
        return None
    remedy = "give `samples`, or `steps` and `batch`"
    return spec.epochs * count_in_dataset(spec.dataset, takes_tokens(spec, own), own, remedy)


def takes_tokens(spec: Train, own: Definitions) -> bool:
    """Whether a sample of its model is a token."""
    return spec.model is not None and find_sample_unit(spec.model, own) == TOKEN


def count_work_flop(spec: Train, samples: float | None, own: Definitions) -> float | None:
    """The model FLOPs of the whole training; None where nothing says."""
    forward = find_forward(spec, own)
    if spec.work is not None or forward is None or samples is None:
        return spec.work
    return samples * sample_flop(spec, forward)


def sample_flop(spec: Train, forward: Forward) -> float:
    """The model FLOPs of learning from one sample, whose forward pass is known; encoders run forward beside it."""
    learning_flop = training_flop(forward) if spec.adapters is None else lora_flop(forward)
    return learning_flop + (spec.encoders or 0.0)


def find_forward(spec: Train, own: Definitions) -> Forward | None:
    """The forward pass over one sample, by its parts; None where nothing says what it costs."""
    forward_flop = None if spec.model is None else find_forward_flop(spec.model, own)
    if forward_flop is None or spec.model is None:
        return None
    if spec.model in own.models:
        return _forward_of_own(spec, own.models[spec.model], forward_flop)
    if not takes_tokens(spec, own):
        return Forward(forward_flop, 0.0)
    row = find("model", spec.model)
    layers, width = row.find_number("layers_count"), find_attention_width(row)
    hidden, vocabulary = row.find_number("hidden_count"), row.find_number("vocabulary_count")
    output_flop = 2.0 * hidden * vocabulary if hidden is not None and vocabulary is not None else 0.0
    known = spec.sequence is not None and layers is not None and width is not None
    attention_flop = scores_flop(int(layers or 0), width or 0, spec.sequence or 0) if known else 0.0
    return Forward(forward_flop - output_flop, attention_flop, output_flop)


def _forward_of_own(spec: Train, model: OwnModel, forward_flop: float) -> Forward:
    """The forward pass of a scenario's own model, by its parts where its architecture is told."""
    if model.architecture is None:
        return Forward(forward_flop, 0.0)
    found = forward_of_shape(model.architecture.shape._replace(context=spec.sequence or 0))
    return found if spec.sequence is not None else found._replace(scores_flop=0.0)


def hardware_ratio(spec: Train, own: Definitions) -> float | None:
    """FLOPs that the hardware does for a model FLOP; None where no layout says what it computes again."""
    forward = find_forward(spec, own)
    if spec.layout is None or forward is None or spec.adapters is not None:
        return None
    again = (
        "selective" if spec.layout.attention == "fused" and spec.layout.recompute == "none" else spec.layout.recompute
    )
    return hardware_flop(forward, again) / training_flop(forward)
