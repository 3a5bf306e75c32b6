"""What a training computes: the FLOPs of one sample, from an architecture or from its totals.

    weights        2 FLOP per parameter and token, of the parameters that a token passes (active ones)
    scores         4 L w s per token: L layers of width w = heads x head dimension, s tokens in the context
    training       3 x forward: the backward pass takes the gradients of activations and of weights
                   = 6 N + 12 L w s per token (Chowdhery et al. 2022, arXiv:2204.02311, appendix B)
    hardware       what is done besides to spare memory: `selective` computes the scores once more,
                   `full` the forward pass of all layers, so about 8 N (Korthikanti et al. 2022, arXiv:2205.05198)
    LoRA           frozen weights need no gradient: 4 N + 12 L w s (Hu et al. 2021, arXiv:2106.09685)
    diffusion      3 x UNet + what encodes image and caption, which is frozen (workloads/training_work.py)

The scores are counted whole, as PaLM does, though a causal mask hides half of them; `causal` halves them.
MFU is told of model FLOPs, HFU of hardware FLOPs. Norms, biases, adapters and the optimiser are left out.
What a catalogue row says that a forward pass costs is found by definitions.find_forward_flop;
it leaves the scores out.
"""

from typing import Literal, NamedTuple

from simulator.catalogue import Row

BACKWARD_OVER_FORWARD = 2.0
"""Gradients of the activations and of the weights, each as much as the forward pass."""

FORWARD_PASSES = 1.0 + BACKWARD_OVER_FORWARD
"""What a step of training costs, in forward passes."""

Recompute = Literal["none", "selective", "full"]
"""What of the forward pass is done again in the backward one, so that it need not be kept."""


class Forward(NamedTuple):
    """The FLOPs of one token's forward pass: weights in the layers, attention scores, the output layer."""

    layers_flop: float
    scores_flop: float
    output_flop: float = 0.0

    @property
    def total_flop(self) -> float:
        """All of it."""
        return sum(self)


class Shape(NamedTuple):
    """A transformer as its configuration file tells it; `ffn` is the width of one expert where there are several."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head: int
    ffn: int
    vocabulary: int
    context: int
    gated: bool = False
    experts_per_token: int = 1


def scores_flop(layers: int, width: float, context: float, *, causal: bool = False) -> float:
    """One token's queries against all keys, and the sum of values that they weigh: 2 x 2 L w s.

    >>> scores_flop(layers=118, width=48 * 256, context=2048) * 3 / 1e12  # PaLM 540B, three passes
    0.035634806784
    """
    return 4.0 * layers * width * context / (2.0 if causal else 1.0)


def forward_of_parameters(parameters: float, scores_flop: float = 0.0, output_flop: float = 0.0) -> Forward:
    """A token through so many active parameters; of a mixture of experts those that the token passes.

    >>> forward = forward_of_parameters(540.35e9, scores_flop(118, 48 * 256, 2048))
    >>> round(training_flop(forward) / 1e12, 2)  # PaLM appendix B: 3.28 TFLOP a token, with attention
    3.28
    >>> round(780e9 * training_flop(forward_of_parameters(540e9)) / 1e24, 4)
    2.5272
    """
    return Forward(2.0 * parameters - output_flop, scores_flop, output_flop)


def forward_of_model(model: Row, context: int) -> Forward:
    """A token through a model of the catalogue, trained with this context; counted as the MFUs of `mfus.csv` are.

    The row's own context is what it serves, often extended after the training. Scores are left out where the row has
    no layers or width. Raises MissingValueError where it has no parameters.

    >>> from simulator.catalogue import find
    >>> training_flop(forward_of_model(find("model", "llama-2-7b"), context=4096)) / 1e9  # 6 x 6.738 + 6.442
    46.87294464
    """
    active = model.find_number("active_parameters_count")
    if active is None:
        active = model.number("parameters_count", "give the training's `work`")
    layers, width = model.find_number("layers_count"), find_attention_width(model)
    scores = 0.0 if layers is None or width is None else scores_flop(int(layers), width, context)
    return forward_of_parameters(active, scores)


def find_attention_width(model: Row) -> int | None:
    """Heads x head dimension of a model, else its hidden width; None where it has neither."""
    heads, head = model.find_number("heads_count"), model.find_number("head_dim_count")
    width = model.find_number("hidden_count") if heads is None or head is None else heads * head
    return None if width is None else int(width)


def forward_of_shape(shape: Shape, *, causal: bool = False, output_share: float = 1.0) -> Forward:
    """A token through an architecture; the look-up of its embedding is free.

    `output_share` is the part of the tokens whose output is computed: an encoder predicts the masked ones alone.

    >>> llama = Shape(32, 4096, 32, 32, 128, 11008, 32000, 2048, gated=True)
    >>> forward_of_shape(llama)  # Llama 7B: 2 x 6.476e9, and 2 x 0.131e9 for its output layer
    Forward(layers_flop=12952010752.0, scores_flop=1073741824.0, output_flop=262144000.0)
    """
    attention = 2 * shape.hidden * shape.head * (shape.heads + shape.kv_heads)
    feed_forward = (3 if shape.gated else 2) * shape.hidden * shape.ffn * shape.experts_per_token
    scores = scores_flop(shape.layers, shape.heads * shape.head, shape.context, causal=causal)
    output = 2.0 * shape.hidden * shape.vocabulary * output_share
    return Forward(2.0 * shape.layers * (attention + feed_forward), scores, output)


def training_flop(forward: Forward) -> float:
    """The model FLOPs of training on one token: forward, and backward twice as much.

    >>> training_flop(forward_of_parameters(175e9)) * 300e9  # GPT-3: 3.15e23
    3.15e+23
    """
    return FORWARD_PASSES * forward.total_flop


def hardware_flop(forward: Forward, recompute: Recompute) -> float:
    """What the hardware does for one token of training; the output layer is never computed again.

    >>> forward = forward_of_parameters(130e9)  # GLM-130B: MFU 32.5 %, HFU 43.3 %
    >>> round(0.325 * hardware_flop(forward, "full") / training_flop(forward), 3)
    0.433
    """
    again = {"none": 0.0, "selective": forward.scores_flop, "full": forward.layers_flop + forward.scores_flop}
    return training_flop(forward) + again[recompute]


def lora_flop(forward: Forward) -> float:
    """One token of training low-rank adapters beside frozen weights; scores, which have no weights, cost all thrice.

    >>> lora_flop(forward_of_parameters(70e9)) / 70e9
    4.0
    """
    return 2.0 * (forward.layers_flop + forward.output_flop) + 3.0 * forward.scores_flop
