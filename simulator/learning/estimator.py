"""A linear estimator of scikit-learn as an adapter: its coef_ and intercept_ are the parameters.

`partial_fit` steps after every sample, so `batch` is 1; its classes are told apart one against the rest,
with two classes by one row of coefficients. Shuffling is ours, from the client's generator. Any estimator with
`partial_fit`, `coef_`, `intercept_` and `decision_function` will do; `ESTIMATORS` are those with a name.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.errors import ContradictionError
from simulator.learning.arrays import Floats, Indices

Make = Callable[[float], Any]
"""A fresh estimator with this learning rate."""


class LinearEstimator:
    """Parameters are the rows of coefficients one after another, then the intercepts."""

    __slots__ = ("_classes", "_features", "_make", "_rows")

    def __init__(self, make: Make, features: int, classes: int) -> None:
        self._make, self._features, self._classes = make, features, classes
        self._rows = 1 if classes == 2 else classes

    @property
    def parameters(self) -> int:
        """Coefficients and intercepts."""
        return self._rows * (self._features + 1)

    @property
    def forward_flop(self) -> float:
        """Two a coefficient."""
        return 2.0 * self._rows * self._features

    def init(self, generator: np.random.Generator) -> Floats:
        """Zeros: a linear model needs no luck to begin."""
        return np.zeros(self.parameters)

    def train(
        self, params: Floats, x: Floats, y: Indices, rate: float, batch: int, epochs: int, rng: np.random.Generator
    ) -> Floats:
        """One partial fit an epoch; raises ContradictionError if a batch is more than a sample."""
        if batch != 1:
            raise ContradictionError("estimator", f"steps after every sample, not after {batch}; say `batch: 1`")
        estimator = self._holding(params, rate)
        for _ in range(epochs):
            order = rng.permutation(len(y))
            estimator.partial_fit(x[order], y[order], classes=np.arange(self._classes))
        return np.concatenate([estimator.coef_.ravel(), estimator.intercept_])

    def scores(self, params: Floats, x: Floats) -> Floats:
        """The distances from each class's plane; with two classes 0 and that from the one plane."""
        coefficients, intercepts = self._parts(params)
        scores = x @ coefficients.T + intercepts
        return np.hstack([np.zeros_like(scores), scores]) if self._rows == 1 else scores

    def _holding(self, params: Floats, rate: float) -> Any:
        estimator = self._make(rate)
        coefficients, intercepts = self._parts(params)
        estimator.coef_, estimator.intercept_ = coefficients.copy(), intercepts.copy()
        return estimator

    def _parts(self, params: Floats) -> tuple[Floats, Floats]:
        weights = self._rows * self._features
        return params[:weights].reshape(self._rows, self._features), params[weights:]


def _sgd_classifier(rate: float) -> Any:
    """Logistic regression by stochastic gradient descent, without penalty."""
    from sklearn.linear_model import SGDClassifier  # heavy

    return SGDClassifier(loss="log_loss", penalty=None, learning_rate="constant", eta0=rate, shuffle=False)


def _perceptron(rate: float) -> Any:
    """Rosenblatt's perceptron, which learns from its mistakes alone."""
    from sklearn.linear_model import Perceptron  # heavy

    return Perceptron(eta0=rate, shuffle=False)


ESTIMATORS: dict[str, Make] = {"perceptron": _perceptron, "sgd-classifier": _sgd_classifier}
"""The estimators that a scenario can name."""
