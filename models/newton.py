"""Logistic regression by Newton's method with halved steps."""

import numpy as np

from features.records import Floats

_STEPS = 50
_HALVINGS = 12
_TOLERANCE = 1e-9


def fit_coefficients(design: Floats, y: Floats, weight: Floats, ridge: Floats, start: Floats) -> Floats:
    """Coefficients (k,) with the least weighted log loss plus ``ridge @ coefficients^2 / 2``.

    design (n, k), y (n,) in [0, 1], weight (n,), ridge (k,) > 0.
    """
    coefficients, loss = start, _loss(design, y, weight, ridge, start)
    for _ in range(_STEPS):
        step = _step(design, y, weight, ridge, coefficients)
        moved, lower = _descend(design, y, weight, ridge, coefficients, step, loss)
        gained, coefficients, loss = loss - lower, moved, lower
        if gained <= _TOLERANCE * max(1.0, abs(loss)):
            break
    return coefficients


def fit_shift(margin: Floats, y: Floats, weight: Floats) -> float:
    """The constant which, added to margins (n,), makes their mean probability the mean of y (n,), 0 < mean < 1."""
    low, high = -60.0 - float(margin.max()), 60.0 - float(margin.min())
    rate = np.average(y, weights=weight)
    for _ in range(80):
        middle = (low + high) / 2
        said = np.average(1 / (1 + np.exp(-np.clip(margin + middle, -60, 60))), weights=weight)
        low, high = (middle, high) if said < rate else (low, middle)
    return (low + high) / 2


def _descend(
    design: Floats, y: Floats, weight: Floats, ridge: Floats, coefficients: Floats, step: Floats, loss: float
) -> tuple[Floats, float]:
    for halving in range(_HALVINGS):
        moved = coefficients - step * 0.5**halving
        lower = _loss(design, y, weight, ridge, moved)
        if lower <= loss:
            return moved, lower
    return coefficients, loss


def _step(design: Floats, y: Floats, weight: Floats, ridge: Floats, coefficients: Floats) -> Floats:
    p = 1 / (1 + np.exp(-np.clip(design @ coefficients, -35, 35)))
    gradient = design.T @ (weight * (p - y)) + ridge * coefficients
    root = np.sqrt(weight * p * (1 - p))[:, None]
    hessian = (design * root).T @ (design * root)
    hessian[np.diag_indices_from(hessian)] += ridge
    solved: Floats = np.linalg.solve(hessian, gradient)
    return solved


def _loss(design: Floats, y: Floats, weight: Floats, ridge: Floats, coefficients: Floats) -> float:
    margin = design @ coefficients
    return float(weight @ (np.logaddexp(0, margin) - y * margin) + 0.5 * ridge @ coefficients**2)
