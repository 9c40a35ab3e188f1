"""Logistic regression by Newton's method with halved steps; the curvature is computed anew only when steps gain slowly.

Steps with an old curvature cost two products with the design instead of one with its square (the chord method: Kelley,
"Solving Nonlinear Equations with Newton's Method", 2003, section 1.9). Where coefficients must keep a sign, each step
goes to the least of the quadratic under these bounds, so it ends where nothing is to gain under them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.log_odds import sigmoid
from models.logistic.active_set import signed_step
from models.logistic.design import Design

_STEPS = 100
_HALVINGS = 12
_TOLERANCE = 1e-8
_SLOW = 0.3  # a step that gains more than this share of the one before shows that the curvature is old


@dataclass(frozen=True)
class _Point:
    """Coefficients (k,), their margin (n,) and penalised loss."""

    coefficients: Floats
    margin: Floats
    loss: float


@dataclass(frozen=True)
class _Quadratic:
    """The second derivatives (k, k) of the penalised loss, and their Cholesky factor."""

    matrix: Floats
    factor: tuple[Floats, bool]

    @classmethod
    def of(cls, curvature: Floats, ridge: Floats) -> "_Quadratic":
        from scipy.linalg import cho_factor

        matrix = curvature + np.diag(ridge)
        return cls(matrix, cho_factor(matrix, check_finite=False))

    def solve(self, gradient: Floats) -> Floats:
        from scipy.linalg import cho_solve

        return np.asarray(cho_solve(self.factor, gradient, check_finite=False), dtype=np.float64)


@dataclass(frozen=True)
class _Problem:
    design: Design
    y: Floats
    weight: Floats
    offset: Floats
    signs: Floats

    def point(self, coefficients: Floats, ridge: Floats) -> _Point:
        margin = self.design.margin(coefficients) + self.offset
        return _Point(coefficients, margin, self.loss(coefficients, margin, ridge))

    def loss(self, coefficients: Floats, margin: Floats, ridge: Floats) -> float:
        fit = self.weight @ (np.logaddexp(0, margin) - self.y * margin)
        return float(fit + 0.5 * ridge @ coefficients**2)

    def curvature(self, at: _Point) -> Floats:
        """The second derivatives (k, k) without the penalty's."""
        p = sigmoid(at.margin)
        return self.design.curvature(self.weight * p * (1 - p))

    def descend(self, at: _Point, ridge: Floats, quadratic: _Quadratic) -> _Point:
        """The longest of the halved steps that lowers the loss, else no step."""
        residual = self.weight * (sigmoid(at.margin) - self.y)
        gradient = self.design.sums(residual) + ridge * at.coefficients
        step = signed_step(quadratic.matrix, gradient, at.coefficients, self.signs, quadratic.solve(gradient))
        change = self.design.margin(step)
        for halving in range(_HALVINGS):
            share = 0.5**halving
            coefficients, margin = at.coefficients - share * step, at.margin - share * change
            lower = self.loss(coefficients, margin, ridge)
            if lower <= at.loss:
                return _Point(coefficients, margin, lower)
        return at


def fit_path(
    design: Design | Floats,
    y: Floats,
    weight: Floats,
    ridges: Sequence[Floats],
    start: Floats,
    offset: Floats | None = None,
    signs: Floats | None = None,
) -> list[Floats]:
    """Coefficients (k,) for each penalty ``ridge @ coefficients^2 / 2``, one after the other from ``start``.

    design (n, k), y (n,) in [0, 1], weight (n,), each ridge (k,) > 0, offset (n,) added to the margin. ``signs`` (k,)
    are +1 for a coefficient that must not be negative, -1 for one that must not be positive, 0 for a free one.
    """
    signs = np.zeros(len(start)) if signs is None else signs
    design = design if isinstance(design, Design) else Design.of(design)
    problem = _Problem(design, y, weight, np.zeros(len(y)) if offset is None else offset, signs)
    start = np.where(signs * start < 0, 0.0, start)
    path: list[Floats] = []
    curvature = None
    for ridge in ridges:
        start, curvature = _fit(problem, ridge, start, curvature)
        path.append(start)
    return path


def _fit(problem: _Problem, ridge: Floats, start: Floats, curvature: Floats | None) -> tuple[Floats, Floats]:
    """Coefficients with the least loss, and the last curvature; a given one may be old."""
    at, before = problem.point(start, ridge), np.inf
    fresh = curvature is None
    curvature = problem.curvature(at) if curvature is None else curvature
    quadratic = _Quadratic.of(curvature, ridge)
    for _ in range(_STEPS):
        reached = problem.descend(at, ridge, quadratic)
        gained, at = at.loss - reached.loss, reached
        settled = gained <= _TOLERANCE * max(1.0, abs(at.loss))
        slow = gained > _SLOW * before or (settled and not fresh and not np.isfinite(before))
        if settled and (fresh or not slow):
            break
        fresh, before = False, gained
        if slow:
            curvature, fresh, before = problem.curvature(at), True, np.inf
            quadratic = _Quadratic.of(curvature, ridge)
    return at.coefficients, curvature


def fit_shift(margin: Floats, y: Floats, weight: Floats) -> float:
    """The constant which, added to margins (n,), makes their mean probability the mean of y (n,).

    Where all of y is 0 or 1, half a lead of the other outcome is added.

    >>> round(fit_shift(np.array([0.0, 0.0]), np.array([1.0, 0.0]), np.array([3.0, 1.0])), 4)
    1.0986
    """
    from scipy.optimize import brentq

    low, high = -60.0 - float(margin.max()), 60.0 - float(margin.min())
    rate = float(np.average(y, weights=weight))
    if rate in (0.0, 1.0):
        rate = abs(rate - 0.5 / (float(weight.sum()) + 1.0))

    def excess(shift: float) -> float:
        return float(np.average(sigmoid(margin + shift), weights=weight)) - rate

    return float(brentq(excess, low, high, xtol=1e-15))
