"""What the YAML says of a training, and what of it contradicts itself."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from simulator.hardware.failure import Failures
from simulator.learning.spec import LearnSpec
from simulator.spec import (
    AtLeastOne,
    Count,
    Fault,
    Flop,
    PositiveNumber,
    PositiveSeconds,
    Rate,
    Ref,
    Share,
    Spec,
    positive_share,
    present,
    quantity,
    quantity_schema,
    shown,
)
from simulator.workloads.across_spec import Across
from simulator.workloads.fields import After, OwnName, Priority, Start
from simulator.workloads.layout_spec import Layout

YOUNG_DALY = "young-daly"
_seconds_of_text = quantity("time", positive=True)
_INTERVAL = {"anyOf": [{"const": YOUNG_DALY}, quantity_schema("time", positive=True)]}


def interval(value: Any) -> float | str:
    """A validator that takes a time, or the word for the interval that follows from how machines fail."""
    return YOUNG_DALY if value == YOUNG_DALY else _seconds_of_text(value)


MOST_UNEQUAL = 3.0
PREDICTED, DRAWN = "predicted", "drawn"
_MFU = {"anyOf": [{"enum": [PREDICTED, DRAWN]}, {"type": "number", "exclusiveMinimum": 0, "maximum": 1}]}


def share_or_word(value: Any) -> float | str:
    """A validator that takes a share, or a word for what is expected of the model's family."""
    if isinstance(value, str) and value not in (PREDICTED, DRAWN):
        context = {"found": shown(value)}
        raise PydanticCustomError("mfu", "expected a share above 0, `predicted` or `drawn`, found {found}", context)
    return value if isinstance(value, str) else positive_share(value)


def at_most_three(value: float) -> float:
    """A validator of spreads that machines of one kind can have."""
    if value > MOST_UNEQUAL:
        context = {"most": f"{MOST_UNEQUAL:g}", "shown": shown(value)}
        raise PydanticCustomError(
            "factor", "machines of one kind differ by a factor of {most} at most, found {shown}", context
        )
    return value


class Checkpoint(Spec):
    """A pause of the computing, in which the state is written to storage."""

    every: Annotated[float | str, BeforeValidator(interval), WithJsonSchema(_INTERVAL)] = Field(
        description="computing time between two checkpoints; `young-daly`: what wastes least where machines fail"
    )
    time: PositiveSeconds = Field(description="how long one takes")
    load: Share = Field(description="load of the accelerators meanwhile")


class Train(Spec):
    """One training, over the devices of one group or, with `across`, of several."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    priority: Priority = 0
    at: Annotated[str, Ref("group")] = Field(description="where: place/group")
    units: Count | None = Field(None, description="servers or bare devices to reserve; the whole group's if left out")
    model: Annotated[str, Ref("model")] | None = Field(None, description="a model of this file or of the catalogue")
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="a data set of this file or of the catalogue"
    )
    time: PositiveSeconds | None = Field(None, description="how long the training takes")
    device_time: PositiveSeconds | None = Field(None, description="device-hours that it takes, over all devices")
    step_time: PositiveSeconds | None = Field(None, description="how long one of the `steps` takes")
    mfu: Annotated[float | str, BeforeValidator(share_or_word), WithJsonSchema(_MFU)] | None = Field(
        None,
        description="model FLOPs utilisation, from which the time follows: a share; `predicted`, the median of "
        "what models of its family reach; `drawn` from that with the seed",
    )
    layout: Layout | None = Field(None, description="how it is laid out over the devices, from which the time follows")
    sequence: Count | None = Field(None, description="tokens of one sequence")
    precision: Literal["fp64", "fp32", "tf32", "bf16", "fp16", "fp8"] | None = Field(
        None, description="the number format whose dense peak counts"
    )
    work: Flop | None = Field(None, description="model FLOPs of the whole training")
    adapters: Count | None = Field(
        None,
        description="parameters of the adapters that alone learn, beside frozen weights (LoRA); all learn if left out",
    )
    encoders: Flop | None = Field(
        None,
        description="FLOPs for a sample of what only runs forward beside the model, such as a diffusion's encoders",
    )
    samples: PositiveNumber | None = Field(None, description="samples (or tokens) that it sees")
    steps: Count | None = Field(None, description="optimiser steps")
    batch: Count | None = Field(None, description="samples (or tokens) of one step")
    epochs: PositiveNumber | None = Field(
        None, description="passes over the data set; at most so many where a model really learns to a target"
    )
    learn: LearnSpec | None = Field(
        None, description="a small model that really learns and says how many epochs it takes"
    )
    utilisation: Share | None = Field(
        None, description="load of the accelerators; `accelerator-load-training` if left out"
    )
    communication: Share | None = Field(
        None, description="share of its time in which the devices wait for each other, where that is known"
    )
    wait_utilisation: Share | None = Field(
        None, description="load while they wait for each other; `accelerator-load-waiting` if left out"
    )
    input: Rate | None = Field(None, description="rate at which each machine reads its share of the data set")
    stragglers: Annotated[AtLeastOne, AfterValidator(at_most_three), Field(json_schema_extra={"maximum": 3})] | None = (
        Field(None, description="how unequal the machines are, as a factor up to 3; the slowest sets the pace")
    )
    resolution: Literal["segment", "step"] = Field(
        "segment", description="changes of power: one for a stretch, or all those of every step"
    )
    loss: Annotated[str, Ref("scaling-law")] | None = Field(
        None, description="the law by which the loss of a language model falls, step by step"
    )
    memory_utilisation: Share | None = Field(
        None,
        description="share of the memory's bandwidth in use while it computes; asked for by power models of phases",
    )
    checkpoint: Checkpoint | None = Field(None, description="regular checkpoints")
    across: Across | None = Field(None, description="groups in other data centres that train along, and how often")
    failures: Failures | None = Field(None, description="how machines fail; what that costs comes on top of its time")

    @property
    def latency(self) -> str:
        """The model of its ways between data centres; empty where it stays in one."""
        return "" if self.across is None else self.across.latency

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Fields that need each other, or that say the same thing twice."""
        given = present(raw)
        yield from _length_faults(given)
        yield from _needs_faults(given)
        if raw.get("resolution") == "segment" and "loss" in given:
            yield Fault(("resolution",), "a loss is told of every step; give `resolution: step`, or leave `loss` out")
        if "wait_utilisation" in given and not given & {"across", "communication", "layout", "stragglers"}:
            sentence = (
                "nothing says that devices wait for each other; give `communication`, such as 0.2, or leave it out"
            )
            yield Fault(("wait_utilisation",), sentence)
        if "across" in given:
            for field in ("checkpoint", "failures", "layout", "communication"):
                if field in given:
                    yield Fault((field,), "is not simulated over several data centres; leave it out, or `across`")
            if raw.get("resolution") == "step":
                yield Fault(("resolution",), "is by rounds over several data centres; leave it out, or `across`")
        if given >= {"encoders", "work"}:
            yield Fault(("encoders",), "`work` says already all that it computes; keep one of them")
        yield from _expected_faults(raw, given)
        counts = [field for field in ("samples", "batch", "epochs") if field in given]
        for count in counts[1:]:
            yield Fault((count,), f"`{counts[0]}` says already how many samples there are; keep one of them")
        if "mfu" in given and "work" not in given and not ("model" in given and counts):
            sentence = "the time follows from the FLOPs; give `work`, such as `1 EFLOP`, or `model` and `samples`"
            yield Fault(("mfu",), sentence)

    def faults(self) -> Iterator[Fault]:
        """An interval that follows from failures, where there are none."""
        if self.communication == 1.0:
            yield Fault(("communication",), "who waits all the time computes nothing; give a share below 1")
        if self.learn is not None and self.epochs is not None and self.epochs != int(self.epochs):
            yield Fault(("epochs",), f"{self.epochs:g} passes: who really learns passes whole times over its samples")
        if self.checkpoint is not None and self.checkpoint.every == YOUNG_DALY and self.failures is None:
            sentence = "the interval follows from how machines fail; give `failures`, or a time such as `30 min`"
            yield Fault(("checkpoint", "every"), sentence)


GIVEN_LENGTHS = ("time", "device_time", "step_time")
"""Fields that say how long it takes, with all that it waits for."""

_NEEDS = (
    ("mfu", "precision", "an MFU is of the peak at some number format; give `precision`, such as `bf16`"),
    ("batch", "steps", "a batch needs the number of `steps`"),
    ("step_time", "steps", "the time of a step needs the number of `steps`"),
    ("adapters", "model", "adapters learn beside the weights of a model; name the `model`"),
    ("encoders", "model", "encoders run beside a model; name the `model`"),
    ("across", "model", "what places send each other are the parameters of a model; name the `model`"),
    ("across", "steps", "places exchange after so many steps; say how many `steps` there are"),
    ("learn", "epochs", "what is measured are `epochs`; give the most there may be"),
    ("learn", "mfu", "the time follows from the epochs; give `mfu` and `precision`"),
    ("failures", "checkpoint", "a failure takes all since the last checkpoint; give `checkpoint`"),
    ("epochs", "dataset", "epochs are passes over a `dataset`; name it"),
    ("loss", "model", "the loss follows from the model's size; name the `model`"),
    ("loss", "resolution", "a loss is told of every step; give `resolution: step`"),
    ("input", "dataset", "what is read are samples of a `dataset`; name it"),
    ("layout", "model", "the time follows from the layers; name the `model`"),
    ("layout", "batch", "a step is of so many samples; give `batch` and `steps`"),
    ("layout", "precision", "the time follows from the peak at some number format; give `precision`, such as `bf16`"),
)
"""A field, what it cannot be without, and what to do."""


def _length_faults(given: set[str]) -> Iterator[Fault]:
    lengths = [field for field in (*GIVEN_LENGTHS, "mfu", "layout") if field in given]
    if not lengths:
        yield Fault((), "nothing says how long it takes; give `time`, `device_time`, `step_time`, `mfu` or `layout`")
    for field in lengths[1:]:
        if (lengths[0], field) != ("mfu", "layout"):
            yield Fault((field,), f"`{lengths[0]}` says already how long it takes; keep one of them")
    for field in ("input", "stragglers"):
        if lengths and lengths[0] in GIVEN_LENGTHS and field in given:
            yield Fault((field,), f"the time that `{lengths[0]}` gives holds such waiting already; leave it out")
    if "layout" in given and "communication" in given:
        yield Fault(("communication",), "`layout` says already how long devices wait for each other; keep one of them")


def _expected_faults(raw: Mapping[str, Any], given: set[str]) -> Iterator[Fault]:
    """What an MFU of whole trainings holds already, or cannot be without."""
    if raw.get("mfu") not in (PREDICTED, DRAWN):
        return
    if "model" not in given:
        yield Fault(("mfu",), "what is expected follows from the model's family and size; name the `model`")
    for field in ("checkpoint", "failures", "stragglers", "input", "layout"):
        if field in given:
            sentence = (
                "what is expected of an MFU holds such waiting, as published hours do; leave it out, or give a share"
            )
            yield Fault((field,), sentence)
    if "precision" in given and raw["precision"] not in ("bf16", "fp16"):
        yield Fault(("precision",), "what is expected is of the peak in 16 bits; give `bf16` or `fp16`")


def _needs_faults(given: set[str]) -> Iterator[Fault]:
    for field, other, sentence in _NEEDS:
        if field in given and other not in given:
            yield Fault((field,), sentence)
