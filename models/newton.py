"""Logistic regression by Newton's method with halved steps."""

from dataclasses import dataclass

import numpy as np

from features.records import Floats

_STEPS = 50
_HALVINGS = 12
_TOLERANCE = 1e-9
_FARTHEST = 35.0


@dataclass(frozen=True)
class _Problem:
    design: Floats
    y: Floats
    weight: Floats
    ridge: Floats
    offset: Floats

    def loss(self, coefficients: Floats) -> float:
        margin = self.design @ coefficients + self.offset
        fit = self.weight @ (np.logaddexp(0, margin) - self.y * margin)
        return float(fit + 0.5 * self.ridge @ coefficients**2)

    def step(self, coefficients: Floats) -> Floats:
        p: Floats = _probability(self.design @ coefficients + self.offset)
        gradient = self.design.T @ (self.weight * (p - self.y)) + self.ridge * coefficients
        scaled: Floats = self.design * np.sqrt(self.weight * p * (1 - p))[:, None]
        hessian = np.asarray(scaled.T @ scaled, dtype=np.float64) + np.diag(self.ridge)
        return np.asarray(np.linalg.solve(hessian, gradient), dtype=np.float64)

    def descend(self, coefficients: Floats, loss: float) -> tuple[Floats, float]:
        """The longest of the halved steps that lowers the loss, else no step."""
        step = self.step(coefficients)
        for halving in range(_HALVINGS):
            moved: Floats = coefficients - step * 0.5**halving
            lower = self.loss(moved)
            if lower <= loss:
                return moved, lower
        return coefficients, loss


def fit_coefficients(
    design: Floats, y: Floats, weight: Floats, ridge: Floats, start: Floats, offset: Floats | None = None
) -> Floats:
    """Coefficients (k,) with the least weighted log loss plus ``ridge @ coefficients^2 / 2``.

    design (n, k), y (n,) in [0, 1], weight (n,), ridge (k,) > 0, offset (n,) added to the margin.
    """
    problem = _Problem(design, y, weight, ridge, np.zeros(len(y)) if offset is None else offset)
    coefficients, loss = start, problem.loss(start)
    for _ in range(_STEPS):
        before = loss
        coefficients, loss = problem.descend(coefficients, before)
        if before - loss <= _TOLERANCE * max(1.0, abs(loss)):
            break
    return coefficients


def fit_shift(margin: Floats, y: Floats, weight: Floats) -> float:
    """The constant which, added to margins (n,), makes their mean probability the mean of y (n,), 0 < mean < 1."""
    low, high = -60.0 - float(margin.max()), 60.0 - float(margin.min())
    rate = np.average(y, weights=weight)
    for _ in range(80):
        middle = (low + high) / 2
        said = np.average(_probability(margin + middle), weights=weight)
        low, high = (middle, high) if said < rate else (low, middle)
    return (low + high) / 2


def _probability(margin: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(margin, -_FARTHEST, _FARTHEST)))
