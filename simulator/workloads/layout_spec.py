"""How a training is laid out over accelerators: what the YAML says of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from simulator.spec import Count, Fault, Share, Spec, present


class Layout(Spec):
    """Data, tensor, pipeline and sequence parallel; what is left of the devices is data parallel."""

    tensor: Count = Field(1, description="devices that share each layer, within a server")
    pipeline: Count = Field(1, description="stages, one after the other, that share the layers")
    interleave: Count = Field(1, description="parts of its own that each stage has of the layers")
    micro_batch: Count | None = Field(None, description="sequences that pass the stages at a time")
    sequence_parallel: bool = Field(False, description="whether what tensor parallelism repeats is split too")
    recompute: Literal["none", "selective", "full"] = Field(
        "none", description="which activations the backward pass computes again: none, those of attention, all"
    )
    attention: Literal["stored", "fused"] = Field(
        "stored", description="whether attention's scores go to memory, or are computed again instead (FlashAttention)"
    )
    shard: Literal["none", "optimiser", "all"] = Field(
        "none", description="what data-parallel devices share instead of repeating it: ZeRO 1 and 2, or 3 (FSDP)"
    )
    all_reduce: Literal["ring", "tree", "hierarchical"] | None = Field(
        None, description="how data-parallel devices add their gradients; needed where there are several"
    )
    overlap: Share | None = Field(
        None, description="share of their traffic hidden behind computing; `overlap-data-parallel` if left out"
    )

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Stages that nothing says how to fill."""
        if present(raw) & {"pipeline", "tensor"} and "micro_batch" not in present(raw):
            yield Fault(
                (), "nothing says how many sequences pass at a time; give `micro_batch`, such as `micro_batch: 1`"
            )

    def faults(self) -> Iterator[Fault]:
        """Parts of stages where there are none."""
        if self.interleave > 1 and self.pipeline == 1:
            yield Fault(("interleave",), "there is one stage, which has nothing to interleave; give `pipeline`")
        if self.sequence_parallel and self.tensor == 1:
            yield Fault(("sequence_parallel",), "splits what tensor parallelism repeats; give `tensor`")
