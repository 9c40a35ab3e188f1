"""The margin: log-odds as a weighted sum of components, each of them exactly explainable."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from features.arrays import Floats
from models.margin.kernels import add_scaled


class Component(Protocol):
    """A term of the margin over a feature matrix X (n, features), float64 with NaN for missing.

    A row's margin is bit-identical whether it is computed alone or in a batch.
    """

    kind: ClassVar[str]

    def margin(self, X: Floats) -> Floats:
        """Log-odds (n,)."""
        ...

    def contributions(self, X: Floats) -> Floats:
        """SHAP values (n, features + 1) in log-odds; the last column is the base, and a row adds up to its margin."""
        ...

    def explain(self, X: Floats) -> tuple[Floats, Floats]:
        """Margin and contributions at once."""
        ...

    def save(self, directory: Path, name: str) -> dict[str, Any]:
        """Write text or JSON files that begin with ``name`` and return the JSON entry from which it can be loaded."""
        ...


@dataclass(frozen=True)
class Margin:
    """``intercept + sum(weights[k] * components[k])``; ``width`` is the number of features."""

    components: Sequence[Component]
    weights: Sequence[float]
    intercept: float
    width: int

    def margin(self, X: Floats) -> Floats:
        """Log-odds (n,) of X (n, features)."""
        total = np.full(len(X), self.intercept)
        for weight, component in zip(self.weights, self.components, strict=True):
            total += weight * component.margin(X)
        return total

    def contributions(self, X: Floats) -> Floats:
        """SHAP values (n, features + 1) in log-odds, base last."""
        return self.explain(X)[1]

    def explain(self, X: Floats) -> tuple[Floats, Floats]:
        """Margin and contributions at once; the margin has the bits of ``margin``."""
        margin, total = np.full(len(X), self.intercept), np.zeros((len(X), self.width + 1))
        total[:, -1] = self.intercept
        for weight, component in zip(self.weights, self.components, strict=True):
            part, values = component.explain(X)
            add_scaled(weight, part, values, margin, total)
        return margin, total
