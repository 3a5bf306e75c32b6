"""Models and data sets: those that a scenario defines itself, then those of the catalogue.

A name is looked up in the scenario first. One that both define is refused when the scenario
is read, so that no definition hides another. Sizes are in bits inside.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

from simulator.catalogue import doubts, find
from simulator.errors import MissingValueError
from simulator.model_flop import Shape, forward_of_shape
from simulator.spec import Bits, Count, Fault, Flop, PositiveNumber, PositiveShare, Spec, present
from simulator.units import BITS_PER_BYTE
from simulator.vocabulary import SAMPLE_UNITS

TOKEN = "token"
SECTIONS = {"model": "models", "dataset": "datasets"}
"""The section of a scenario that defines things of a catalogue's kind."""


class Architecture(Spec):
    """The layers of a transformer that the scenario defines itself; biases and norms are left out."""

    layers: Count = Field(description="how many there are")
    hidden: Count = Field(description="numbers that stand for a token between two layers")
    heads: Count = Field(description="heads of attention in a layer, which divide `hidden`")
    kv_heads: Count | None = Field(None, description="heads of keys and values; as many as `heads` if left out")
    ffn: Count = Field(description="numbers inside a layer's feed-forward part, or inside one expert's")
    gated: bool = Field(False, description="whether that part has a gate, as SwiGLU: three matrices instead of two")
    experts_per_token: Count = Field(1, description="experts that a token passes in a layer; 1 without any")
    vocabulary: Count = Field(description="words that the last layer scores")

    def faults(self) -> Iterator[Fault]:
        """Heads that do not divide what they share."""
        if self.hidden % self.heads:
            yield Fault(("heads",), f"{self.heads} heads do not divide {self.hidden} hidden numbers; take others")
        if self.kv_heads is not None and self.heads % self.kv_heads:
            yield Fault(
                ("kv_heads",), f"{self.kv_heads} do not divide {self.heads} heads, which share them; take others"
            )

    @property
    def shape(self) -> Shape:
        """The same as what FLOPs are counted from, with an empty context: attention's scores are counted apart."""
        kv_heads = self.heads if self.kv_heads is None else self.kv_heads
        widths = (self.hidden, self.heads, kv_heads, self.hidden // self.heads, self.ffn, self.vocabulary)
        return Shape(self.layers, *widths, 0, self.gated, self.experts_per_token)


class OwnModel(Spec):
    """A model that the scenario defines itself."""

    parameters: PositiveNumber = Field(description="how many parameters it has")
    bytes_per_parameter: Bits | None = Field(None, description="the size of one parameter, such as `2 B`")
    forward_flop_per_sample: Flop | None = Field(None, description="FLOPs of one forward pass over one sample")
    architecture: Architecture | None = Field(
        None, description="the layers of a transformer, from which its FLOPs for a token follow"
    )
    sample_unit: Literal[tuple(SAMPLE_UNITS)] | None = Field(None, description="what a sample is, such as `token`")  # type: ignore[valid-type]  # the words of a table

    @property
    def mixes_experts(self) -> bool:
        """Whether its tokens pass several experts in a layer."""
        return self.architecture is not None and self.architecture.experts_per_token > 1

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """FLOPs of nobody knows what."""
        if "forward_flop_per_sample" in present(raw) and "sample_unit" not in present(raw):
            sentence = "the FLOPs are those of one sample; say what that is, such as `sample_unit: token`"
            yield Fault(("forward_flop_per_sample",), sentence)
        if "architecture" in present(raw):
            if "forward_flop_per_sample" in present(raw):
                yield Fault(("architecture",), "`forward_flop_per_sample` says already what it costs; keep one of them")
            if raw.get("sample_unit") not in (None, TOKEN):
                yield Fault(("sample_unit",), "the architecture is of a model of tokens; leave it out, or say `token`")


class OwnDataset(Spec):
    """A data set that the scenario defines itself."""

    samples: PositiveNumber = Field(description="how many samples it has")
    bytes_per_sample: Bits | None = Field(None, description="the mean size of one sample, such as `40 B`")
    tokens: PositiveNumber | None = Field(None, description="how many tokens it has, over all samples")


class Target(Spec):
    """What a model must come to, whoever trains it: an accuracy, or so many rounds that are taken to be enough."""

    accuracy: PositiveShare | None = Field(None, description="share of the test samples that the model gets right")
    rounds: Count | None = Field(None, description="rounds that are taken to be enough; nothing is learned")
    basis: Literal["assumed"] = Field("assumed", description="what `rounds` stand on: they are the scenario's word")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Neither, or both."""
        given = present(raw) & {"accuracy", "rounds"}
        if len(given) != 1:
            yield Fault((), "what is to be reached? Give `accuracy`, such as 0.9, or `rounds`; one of them")
        if "basis" in raw and "rounds" not in given:
            yield Fault(("basis",), "an accuracy is measured, or read off a curve; leave it out")


class Definitions(NamedTuple):
    """What a scenario defines itself, by name; its learning tasks; what a learning is to reach, if it says so."""

    models: Mapping[str, OwnModel] = {}
    datasets: Mapping[str, OwnDataset] = {}
    tasks: Mapping[str, Any] = {}
    target: Target | None = None
    folder: Path = Path()
    """Where the files are that its tasks name."""


def find_forward_flop(model: str, own: Definitions) -> float | None:
    """The FLOPs of a forward pass over one sample; None where nothing says."""
    if model in own.models:
        architecture = own.models[model].architecture
        if architecture is not None:
            return forward_of_shape(architecture.shape).total_flop
        return own.models[model].forward_flop_per_sample
    return find("model", model).find_number("forward_flop_per_sample")


def find_sample_unit(model: str, own: Definitions) -> str | None:
    """What a sample of this model is; None where nothing says."""
    if model in own.models:
        return own.models[model].sample_unit if own.models[model].architecture is None else TOKEN
    return find("model", model).text("sample_unit") or None


def dataset_size_b(dataset: str, own: Definitions, remedy: str) -> float:
    """The bits of a data set; raises MissingValueError with the remedy where it has no size, nor its samples."""
    if dataset in own.datasets:
        defined = own.datasets[dataset]
        if defined.bytes_per_sample is None:
            raise MissingValueError(dataset, "size", "give its `bytes_per_sample`", "in the scenario")
        return defined.samples * defined.bytes_per_sample
    row = find("dataset", dataset)
    size_bytes = row.find_number("size_bytes")
    if size_bytes is None:
        samples, sample_bytes = row.find_number("samples_count"), row.find_number("sample_bytes")
        if samples is None or sample_bytes is None:
            raise MissingValueError(row.id, "size", remedy)
        size_bytes = samples * sample_bytes
    return size_bytes * BITS_PER_BYTE


def model_size_b(model: str, own: Definitions) -> float:
    """The bits of a model's parameters; raises MissingValueError where their number or size is unknown."""
    if model in own.models:
        defined = own.models[model]
        if defined.bytes_per_parameter is None:
            raise MissingValueError(model, "size", "give its `bytes_per_parameter`", "in the scenario")
        return defined.parameters * defined.bytes_per_parameter
    row, remedy = find("model", model), "give the transfer a `size` instead"
    parameter_bytes = row.number("bytes_per_parameter_bytes", remedy)
    return row.number("parameters_count", remedy) * parameter_bytes * BITS_PER_BYTE


def count_parameters(model: str, own: Definitions) -> float:
    """The parameters of a model; raises MissingValueError where nothing says."""
    if model in own.models:
        return own.models[model].parameters
    return find("model", model).number("parameters_count", "define the model in the scenario")


def count_in_dataset(dataset: str, tokens: bool, own: Definitions, remedy: str) -> float:
    """The tokens or samples of a data set; raises MissingValueError with the remedy where nothing says."""
    if dataset not in own.datasets:
        return find("dataset", dataset).number("tokens_count" if tokens else "samples_count", remedy)
    defined = own.datasets[dataset]
    count = defined.tokens if tokens else defined.samples
    if count is None:
        raise MissingValueError(dataset, "tokens", f"give its `tokens`, or {remedy}", "in the scenario")
    return count


def dataset_doubts(dataset: str | None, own: Definitions, *columns: str) -> tuple[str, ...]:
    """What of these columns of a data set is doubtful; what the scenario defines itself is its word."""
    return () if dataset is None or dataset in own.datasets else doubts(find("dataset", dataset), *columns)


def dataset_size_doubts(dataset: str, own: Definitions) -> tuple[str, ...]:
    """What is doubtful of the size of a data set."""
    sized = dataset not in own.datasets and find("dataset", dataset).text("size_bytes")
    return dataset_doubts(dataset, own, *(("size_bytes",) if sized else ("samples_count", "sample_bytes")))


def model_doubts(model: str | None, own: Definitions, *columns: str) -> tuple[str, ...]:
    """What of these columns of a model is doubtful; what the scenario defines itself is its word."""
    return () if model is None or model in own.models else doubts(find("model", model), *columns)


MODEL_SIZE = ("parameters_count", "bytes_per_parameter_bytes")
"""The columns that a model's size is made of."""
