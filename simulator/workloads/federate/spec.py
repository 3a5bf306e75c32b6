"""What the YAML says of federated learning, and what of it contradicts itself."""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WrapValidator
from pydantic_core import PydanticCustomError

from simulator.errors import PluginError
from simulator.learning.privacy import Privacy
from simulator.learning.spec import LearnSpec
from simulator.population.selection import RANDOM, Selection
from simulator.spec import (
    NAME_ALONE,
    AtLeastOne,
    Bits,
    Count,
    Fault,
    PositiveNumber,
    PositiveSeconds,
    PositiveShare,
    Ref,
    Share,
    Spec,
    kind_field,
    names,
    present,
)
from simulator.workloads.federate import ALGORITHMS
from simulator.workloads.federate.curve import Curve, curve_faults
from simulator.workloads.federate.kind import find_algorithm, find_plugin
from simulator.workloads.federate.modifiers import Compression, SecureAggregation
from simulator.workloads.fields import After, OwnName, Priority, Start, Ways

MOST_SELECTED = 1_000_000
"""Members of one round, whose sessions are held at once."""
MOST_EPOCHS = 10_000
MOST_ROUNDS = 1_000_000
"""Each is a row of half a kilobyte until it is written."""


def _plugged_in(value: Any, built_in: Any) -> Any:
    """What an algorithm of a third party says of itself, else what one of ours does."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind not in ALGORITHMS:
        try:
            plugin = find_plugin(kind)
        except PluginError as error:
            raise PydanticCustomError("plugin", "{sentence}", {"sentence": str(error)}) from None
        if plugin is not None:
            return plugin.spec.model_validate(value)
    return built_in(value)


if TYPE_CHECKING:
    AlgorithmSpec = Spec
else:
    _KINDS = {kind: algorithm.spec for kind, algorithm in ALGORITHMS.items()}
    AlgorithmSpec = kind_field(_KINDS, WrapValidator(_plugged_in))
"""An algorithm in the YAML: `fedavg`, or `{kind: fedprox, proximal: 0.1}`."""


class Federate(Spec):
    """Federated learning: clients learn from what they hold, and what they learned is brought together."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    priority: Priority = 0
    algorithm: AlgorithmSpec = Field(description="how what clients learned becomes a model")
    model: Annotated[str, Ref("model")] = Field(description="a model of this file or of the catalogue")
    clients: Annotated[list[str], BeforeValidator(names), Ref("client"), NAME_ALONE] = Field(
        description="a population whose devices learn, or a list of groups of machines (place/group), each a client"
    )
    server: Annotated[str, Ref("group")] | None = Field(None, description="where updates are aggregated: place/group")
    units: Count | None = Field(None, description="servers to reserve; the whole group's if left out")
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="the data that the users hold; its samples over the users, where these have no `samples`"
    )
    rounds: Count | None = Field(
        None,
        description="rounds until the model is good enough; at most so many where a model really learns to a target; "
        "those of `comparison: {target: ...}` if left out",
    )
    cohort: Count | None = Field(None, description="updates that a round waits for")
    over_selection: AtLeastOne = Field(1.0, description="devices selected over updates waited for, 1 or more")
    selection: Selection = Field(RANDOM, description="whom a round takes of those who are there")
    deadline: PositiveSeconds | None = Field(None, description="when a round closes at the latest")
    dropout: Share | None = Field(None, description="share that drops out; `client-dropout` if left out")
    epochs: PositiveNumber = Field(1.0, description="passes over a user's samples in one round")
    sample_time: PositiveSeconds | None = Field(
        None, description="time of one training sample on the median device; from FLOPs if left out"
    )
    mfu: PositiveShare | None = Field(
        None, description="model FLOPs utilisation of machines that learn, from which the time of a sample follows"
    )
    precision: Literal["fp64", "fp32", "tf32", "bf16", "fp16", "fp8"] | None = Field(
        None, description="the number format whose dense peak counts for it"
    )
    client_utilisation: Share | None = Field(
        None, description="load of machines that learn; `accelerator-load-training` if left out"
    )
    update: Bits | None = Field(None, description="bytes of one update on its way up; the model's size if left out")
    compression: Compression | None = Field(None, description="what is made smaller on its way")
    secure_aggregation: SecureAggregation | None = Field(None, description="a server that learns sums alone")
    privacy: Privacy | None = Field(None, description="updates that are clipped, and noise on their mean")
    aggregation: PositiveSeconds | None = Field(
        None, description="how long the server aggregates after a round's close"
    )
    utilisation: Share | None = Field(None, description="load of the server meanwhile")
    learn: LearnSpec | None = Field(None, description="a small model that really learns, in step with the clock")
    curve: Curve | None = Field(
        None, description="accuracy after rounds, `[[10, 0.5], [90, 0.9]]`, from which those to the target follow"
    )
    latency: Ways = "policy"

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Fields that the algorithm cannot be without, or that mean nothing to it."""
        given = present(raw)
        if raw.get("clients") == []:
            yield Fault(("clients",), "nobody learns; name a population, or a list of groups of machines (place/group)")
            return
        yield from _algorithm_faults(raw.get("algorithm"), raw.get("clients"), given)
        if given >= {"learn", "curve"}:
            yield Fault(("curve",), "`learn` measures how many rounds it takes; keep one of them")
        if given >= {"rounds", "curve"}:
            yield Fault(("rounds",), "`curve` says already how many rounds it takes; keep one of them")
        if "privacy" in given and "learn" not in given:
            yield Fault(("privacy",), "what it costs shows where a model really learns; give `learn`, or leave it out")

    def faults(self) -> Iterator[Fault]:
        """A cohort too large to be held at once, or more rounds than memory holds."""
        if self.rounds is not None and self.rounds > MOST_ROUNDS:
            yield Fault(("rounds",), f"{self.rounds:,} rounds; at most {MOST_ROUNDS:,} can be recorded")
        if self.cohort is not None and self.selected > MOST_SELECTED:
            yield Fault(
                ("cohort",), f"{self.selected:,} devices a round; at most {MOST_SELECTED:,} can be held at once"
            )
        if self.curve is not None:
            yield from curve_faults(self.curve)
        if self.learn is not None and self.epochs > MOST_EPOCHS:
            yield Fault(
                ("epochs",), f"{self.epochs:,.0f} passes; at most {MOST_EPOCHS:,} are really learned in a round"
            )
        elif self.learn is not None and self.epochs != int(self.epochs):
            yield Fault(("epochs",), f"{self.epochs:g} passes: who really learns passes whole times over its samples")
        compressed = self.compression is not None and self.compression.up is not None
        if compressed and self.update is not None:
            yield Fault(("update",), "`compression` says already what is sent up; keep one of them")

    @property
    def selected(self) -> int:
        """How many devices are selected for a round.

        The ceiling is that of the decimal product: 1.1 x 10 selects 11, not 12.
        """
        assert self.cohort is not None, "presence_faults() asks for it"
        return ceil(round(self.cohort * self.over_selection, 6))


def _algorithm_faults(raw: Any, clients: Any, given: set[str]) -> Iterator[Fault]:
    """What an algorithm needs and is not there, and what is there and means nothing to it."""
    kind = raw.get("kind") if isinstance(raw, dict) else raw
    try:
        algorithm = find_algorithm(kind, ALGORITHMS) if isinstance(kind, str) else None
    except PluginError:
        return  # told where the name stands
    play = None if algorithm is None else algorithm.find_play(clients)
    if play is None:
        return  # told where the name, or the clients, stand
    for field in sorted(play.needs - given):
        yield Fault((), f"`{kind}` cannot be without `{field}`; give it")
    for field in sorted((given & Federate.model_fields.keys()) - play.fields):
        yield Fault((field,), f"means nothing to `{kind}`; leave it out")
