"""One step of Laplace's method: the normal posterior of a line on the log-odds after a batch of outcomes.

Spiegelhalter & Lauritzen, "Sequential updating of conditional probabilities on directed graphical structures" (1990),
section 6; MacKay, "The evidence framework applied to classification networks" (1992) for the evidence.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from features.arrays import Floats
from models.log_odds import sigmoid, within

_MAX_LOG_SLOPE = 4.0  # of the slope's logarithm, either way
_STEPS, _HALVINGS = 100, 40
_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Line:
    """``offset + intercept + exp(log_slope) * z``: the mean (2,) and covariance (2, 2) of intercept and log_slope.

    ``evidence`` is the logarithm of the probability of the outcomes that led here from the line before.
    """

    mean: Floats
    covariance: Floats
    evidence: float = 0.0


@dataclass(frozen=True)
class Batch:
    """Margins z, outcomes y of 0 and 1 and weights, each (n,), and what all margins have in common, the offset."""

    z: Floats
    y: Floats
    weight: Floats
    offset: float


@dataclass(frozen=True)
class _Point:
    """Coefficients (2,), their loss, and its gradient (2,) and expected second derivatives (2, 2)."""

    coefficients: Floats
    loss: float
    gradient: Floats
    curvature: Floats


def posterior(prior: Line, batch: Batch) -> Line:
    """The mode, and as covariance the inverse of the expected curvature there.

    Fisher's scoring with steps that are halved until they lower the loss; every step stays finite, even where a line
    separates won from lost, because the prior holds it.
    """
    precision: Floats = np.linalg.inv(prior.covariance).astype(np.float64)
    point = partial(_point, mean=prior.mean, precision=precision, batch=batch)
    at = point(prior.mean)
    for _ in range(_STEPS):
        step = np.linalg.solve(at.curvature, at.gradient)
        halved = (point(at.coefficients - 0.5**halving * step) for halving in range(_HALVINGS))
        reached = next((each for each in halved if each.loss <= at.loss), at)
        gained, at = at.loss - reached.loss, reached
        if gained <= _TOLERANCE * max(1.0, abs(at.loss)):
            break
    certainty = np.linalg.slogdet(precision)[1] - np.linalg.slogdet(at.curvature)[1]
    covariance: Floats = np.linalg.inv(at.curvature).astype(np.float64)
    return Line(at.coefficients, covariance, float(0.5 * certainty - at.loss))


def _point(coefficients: Floats, mean: Floats, precision: Floats, batch: Batch) -> _Point:
    """The loss at coefficients (2,) of which the second is cut, with its derivatives there."""
    intercept, log_slope = coefficients[0], within(coefficients[1], -_MAX_LOG_SLOPE, _MAX_LOG_SLOPE)
    coefficients, slope = np.array([intercept, log_slope]), float(np.exp(log_slope))
    margin = batch.offset + intercept + slope * batch.z
    p = sigmoid(margin)
    design, apart = np.column_stack([np.ones(len(margin)), slope * batch.z]), coefficients - mean
    fit = batch.weight @ (np.logaddexp(0, margin) - batch.y * margin)
    scaled = design * (batch.weight * p * (1 - p))[:, None]
    return _Point(
        coefficients,
        float(fit + 0.5 * apart @ precision @ apart),
        design.T @ (batch.weight * (p - batch.y)) + precision @ apart,
        scaled.T @ design + precision,
    )
