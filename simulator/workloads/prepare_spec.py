"""What the YAML says of the preparation of a data set, and what of it contradicts itself."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from simulator.spec import (
    Bits,
    Count,
    Fault,
    PositiveNumber,
    PositiveSeconds,
    Rate,
    Ref,
    Spec,
    present,
)
from simulator.workloads.fields import After, OwnName, Priority, Start


class Prepare(Spec):
    """Work of CPUs on a data set that they read from storage, shared equally by the machines of one group."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    priority: Priority = 0
    at: Annotated[str, Ref("group")] = Field(description="where: place/group, of machines without accelerators")
    units: Count | None = Field(None, description="machines to reserve; the whole group's if left out")
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="a data set of this file or of the catalogue, to be prepared whole"
    )
    samples: PositiveNumber | None = Field(None, description="how many samples are to be prepared")
    size: Bits | None = Field(None, description="how much is to be read, over all samples, such as `5 TB`")
    read: Rate = Field(description="the rate at which each machine reads its share, such as `2 GB/s`")
    cpu_time: PositiveSeconds = Field(description="time of one core that a sample takes, such as `4 ms`")
    cores: Count | None = Field(None, description="cores that work on each machine; all that it has if left out")
    host_cores: Count = Field(description="cores that one machine has")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """No data, half of what describes them, or the same said twice."""
        given = present(raw)
        if "dataset" in given:
            for field in sorted(given & {"samples", "size"}):
                yield Fault((field,), "`dataset` says already what is to be prepared; keep one of them")
        elif not given & {"samples", "size"}:
            yield Fault((), "nothing says what is to be prepared; give `dataset`, or `samples` and `size`")
        elif "size" not in given:
            yield Fault(("samples",), "samples are read from storage; give their `size` over all, such as `5 TB`")
        elif "samples" not in given:
            yield Fault(("size",), "the CPU time is that of a sample; give the number of `samples`")

    def faults(self) -> Iterator[Fault]:
        """More cores at work than there are."""
        if self.cores is not None and self.cores > self.host_cores:
            sentence = f"asks for {self.cores}, and a machine has {self.host_cores} by `host_cores`; ask for fewer"
            yield Fault(("cores",), sentence)
