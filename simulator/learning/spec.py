"""What the YAML says of a task that is really learnt: its data, its model, and how the data lie on the clients.

    tasks:
      numbers:
        data: digits
        model: {kind: mlp, hidden: 32}
        clients: 100
        partition: {kind: dirichlet, alpha: 0.5}
        sizes: {kind: log-normal, spread: 2}

A kind whose name says it all stands alone (`model: softmax`). A workload names the task and
says how a client learns it (`LearnSpec`). No packaged data set knows whose its samples are:
`natural` shards are those of a CSV file's client column, or one shard a class.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from simulator.learning.data import DATA
from simulator.spec import (
    AtLeastOne,
    Count,
    Fault,
    PositiveNumber,
    PositiveShare,
    Ref,
    Share,
    Spec,
    Text,
    kinds_alone,
    present,
)

Packaged = Literal["breast-cancer", "digits", "iris", "mnist-5k", "one-neuron", "wine"]
"""The names of `DATA`."""


MOST_HIDDEN = 10_000
"""Of one layer: all clients of a round are one array."""


def _form(raw: Any) -> str:
    return "name" if isinstance(raw, str) else "csv"


class Csv(Spec):
    """A table of the user: a header, then one sample a row, its features numbers."""

    csv: Text = Field(description="the file, beside the scenario")
    label: Text = Field(description="the column of what is to be learnt: a class, any text")
    client: Text | None = Field(None, description="the column of whose a sample is; no feature either")

    def faults(self) -> Iterator[Fault]:
        """One column for two things."""
        if self.client == self.label:
            yield Fault(("client",), f"{self.label!r} is the label already; name another column, or leave it out")


class Softmax(Spec):
    """Softmax regression: one layer, convex."""

    kind: Literal["softmax"]


class Mlp(Spec):
    """A multi-layer perceptron with one hidden layer of rectified linear units."""

    kind: Literal["mlp"]
    hidden: Count = Field(description="neurons of the hidden layer")

    def faults(self) -> Iterator[Fault]:
        """More than can be learned here."""
        if self.hidden > MOST_HIDDEN:
            yield Fault(("hidden",), f"{self.hidden:,} neurons; at most {MOST_HIDDEN:,} are learned here")


class Neuron(Spec):
    """One sigmoid neuron, for data of two classes."""

    kind: Literal["neuron"]


class Estimator(Spec):
    """A linear estimator of scikit-learn that learns piece by piece; it steps after every sample."""

    kind: Literal["estimator"]
    name: Literal["perceptron", "sgd-classifier"] = Field(description="which: perceptron or sgd-classifier")


class Iid(Spec):
    """Every client's samples are drawn from all of them alike."""

    kind: Literal["iid"]


class Dirichlet(Spec):
    """Label skew: the classes' shares of each client are drawn from a symmetric Dirichlet distribution."""

    kind: Literal["dirichlet"]
    alpha: PositiveNumber = Field(
        description="its concentration: large is like iid, 0.1 is one or two classes a client"
    )


class Natural(Spec):
    """The data say whose a sample is, or each class is one client's."""

    kind: Literal["natural"]
    by: Literal["client", "label"] = Field(
        description="client: by the CSV file's client column; label: one shard a class"
    )


class Equal(Spec):
    """All clients have as many samples."""

    kind: Literal["equal"]


class LogNormal(Spec):
    """Samples a client are log-normal."""

    kind: Literal["log-normal"]
    spread: AtLeastOne = Field(description="one standard deviation above the median over the median")


class Zipf(Spec):
    """The k-th client's samples are as k to a negative power."""

    kind: Literal["zipf"]
    exponent: PositiveNumber = Field(description="that power's amount")


Data = Annotated[
    Annotated[Packaged, Tag("name")] | Annotated[Csv, Tag("csv")],
    Discriminator(_form),
]
Model = Annotated[Softmax | Mlp | Neuron | Estimator, *kinds_alone("softmax", "neuron")]
Partition = Annotated[Iid | Dirichlet | Natural, *kinds_alone("iid")]
Sizes = Annotated[Equal | LogNormal | Zipf, *kinds_alone("equal")]


class TaskSpec(Spec):
    """Something to learn: data, a model, and the clients' shards of the data."""

    data: Data = Field(description="a packaged data set, or `{csv: FILE, label: COLUMN}`")
    model: Model = Field(description="what learns: softmax, mlp, neuron or estimator")
    clients: Count | None = Field(None, description="how many shards the training data are cut into; not if natural")
    partition: Partition = Field(Iid(kind="iid"), description="whose samples are like whose: iid, dirichlet or natural")
    sizes: Sizes = Field(Equal(kind="equal"), description="samples a client: equal, log-normal or zipf; not if natural")
    test_share: PositiveShare = Field(0.2, description="part of each class's samples that is kept for the test")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Shards are cut into a number of clients, or the data say which there are."""
        partition = raw.get("partition")
        natural = isinstance(partition, dict) and partition.get("kind") == "natural"
        said = present(raw)
        if natural:
            for key in sorted({"clients", "sizes"} & said):
                yield Fault((key,), "the data say it where the partition is natural; leave it out")
        elif "clients" not in said:
            yield Fault((), "say how many `clients` share the data, or `partition: {kind: natural, by: label}`")

    def faults(self) -> Iterator[Fault]:
        """What the data set contradicts, as far as is known without reading it."""
        if self.test_share == 1.0:
            yield Fault(("test_share",), "leaves nothing to train on; keep it below 1")
        if self.partition.kind == "natural" and self.partition.by == "client" and not self._knows_clients():
            yield Fault(("partition",), "the data do not say whose a sample is; name a CSV file's `client` column")
        if isinstance(self.data, str):
            kind = DATA[self.data]
            if self.model.kind == "neuron" and kind.classes != 2:
                sentence = f"one neuron tells two classes apart and {self.data} has {kind.classes}; take `softmax`"
                yield Fault(("model",), sentence)
            if (self.clients or 0) > (1.0 - self.test_share) * kind.samples:
                yield Fault(("clients",), f"more than {self.data} has samples to train on, of {kind.samples} in all")

    def _knows_clients(self) -> bool:
        return isinstance(self.data, Csv) and self.data.client is not None


class LearnSpec(Spec):
    """How a client learns a task, in a workload."""

    task: Annotated[str, Ref("task")] = Field(description="a task of the scenario")
    rate: PositiveNumber = Field(description="the learning rate of a client's steps")
    batch: Count = Field(description="samples a step")
    momentum: Share = Field(0.0, description="part of a step that goes on in the next one, below 1")

    def faults(self) -> Iterator[Fault]:
        """A velocity must die away."""
        if self.momentum == 1.0:
            yield Fault(("momentum",), "a step that never dies away goes anywhere; keep it below 1")
