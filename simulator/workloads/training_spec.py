"""What the YAML says of a training, and what of it contradicts itself."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from simulator.spec import (
    Count,
    Fault,
    Flop,
    PositiveNumber,
    PositiveSeconds,
    PositiveShare,
    Ref,
    Share,
    Spec,
    present,
)
from simulator.workloads.fields import After, OwnName, Priority, Start


class Checkpoint(Spec):
    """A pause of the computing, in which the state is written to storage."""

    every: PositiveSeconds = Field(description="computing time between two checkpoints")
    time: PositiveSeconds = Field(description="how long one takes")
    load: Share = Field(description="load of the accelerators meanwhile")


class Train(Spec):
    """One training, data-parallel over the devices of one group."""

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
    mfu: PositiveShare | None = Field(None, description="model FLOPs utilisation, from which the time follows")
    precision: Literal["fp64", "fp32", "tf32", "bf16", "fp16", "fp8"] | None = Field(
        None, description="the number format whose dense peak counts"
    )
    work: Flop | None = Field(None, description="model FLOPs of the whole training")
    samples: PositiveNumber | None = Field(None, description="samples (or tokens) that it sees")
    steps: Count | None = Field(None, description="optimiser steps")
    batch: Count | None = Field(None, description="samples (or tokens) of one step")
    epochs: PositiveNumber | None = Field(None, description="passes over the data set")
    utilisation: Share | None = Field(
        None, description="load of the accelerators; `accelerator-load-training` if left out"
    )
    checkpoint: Checkpoint | None = Field(None, description="regular checkpoints")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Fields that need each other, or that say the same thing twice."""
        given = present(raw)
        lengths = [field for field in ("time", "device_time", "mfu") if field in given]
        if not lengths:
            yield Fault((), "nothing says how long it takes; give `time`, `device_time` or `mfu`")
        for field in lengths[1:]:
            yield Fault((field,), f"`{lengths[0]}` says already how long it takes; keep one of them")
        if "mfu" in given and "precision" not in given:
            yield Fault(("mfu",), "an MFU is of the peak at some number format; give `precision`, such as `bf16`")
        if "batch" in given and "steps" not in given:
            yield Fault(("batch",), "a batch needs the number of `steps`")
        if "epochs" in given and "dataset" not in given:
            yield Fault(("epochs",), "epochs are passes over a `dataset`; name it")
        counts = [field for field in ("samples", "batch", "epochs") if field in given]
        for count in counts[1:]:
            yield Fault((count,), f"`{counts[0]}` says already how many samples there are; keep one of them")
        if "mfu" in given and "work" not in given and not ("model" in given and counts):
            sentence = "the time follows from the FLOPs; give `work`, such as `1 EFLOP`, or `model` and `samples`"
            yield Fault(("mfu",), sentence)
