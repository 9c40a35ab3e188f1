"""Whether probabilities are too extreme or too timid: the calibration line."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.evaluation.intervals import UNDEFINED, WILSON_Z, Estimate
from models.evaluation.scored import Scored
from models.log_odds import logit
from models.logistic.newton import fit_path


@dataclass(frozen=True)
class CalibrationLine:
    """Logistic regression of the outcome on the log-odds predicted; ideal: slope 1, intercept 0.

    A slope below 1 means that the probabilities are too extreme, above 1 too timid (Cox, Biometrika 45, 1958).
    """

    slope: Estimate
    intercept: Estimate


def calibration_line(scored: Scored) -> CalibrationLine:
    """The line with 95% intervals that allow for several snapshots of one lead (sandwich over leads).

    Slope and intercept are NaN where they do not exist: all probabilities equal, one outcome only, or outcomes that the
    probabilities tell apart without an error.

    >>> outcome = np.concatenate([np.tile([1.0, 0.0, 0.0], 50), np.tile([1.0, 1.0, 0.0], 50)])
    >>> line = calibration_line(Scored.one_each(outcome, np.repeat([0.2, 0.6], 150)))
    >>> print(f"{line.slope.value:.2f} ({line.slope.low:.2f} to {line.slope.high:.2f})")
    0.77 (0.51 to 1.04)
    """
    margin = logit(scored.probability)
    if np.ptp(margin) < 1e-9 or np.ptp(scored.outcome) == 0 or _separated(scored):
        return CalibrationLine(UNDEFINED, UNDEFINED)
    ones = np.ones(len(scored))
    slope_first = np.column_stack([margin, ones])
    ridges, start = [np.full(2, 1e-9)], np.array([1.0, 0.0])
    ((slope, intercept),) = fit_path(slope_first, scored.outcome, scored.weight, ridges, start)
    coefficients = np.array([intercept, slope])
    error = np.sqrt(np.diag(_sandwich(scored, np.column_stack((ones, margin)), coefficients)))
    estimates = [
        Estimate(float(value), float(value - WILSON_Z * half), float(value + WILSON_Z * half))
        for value, half in zip(coefficients, error, strict=True)
    ]
    return CalibrationLine(slope=estimates[1], intercept=estimates[0])


def _separated(scored: Scored) -> bool:
    """Whether some threshold tells won from lost without an error: then the likelihood has no maximum."""
    won = scored.outcome == 1
    below, above = scored.probability[~won], scored.probability[won]
    return bool(below.max() <= above.min() or above.max() <= below.min())


def _sandwich(scored: Scored, design: Floats, coefficients: Floats) -> Floats:
    p = 0.5 * (1.0 + np.tanh(design @ coefficients / 2.0))
    residual = design * (scored.weight * (scored.outcome - p))[:, None]
    per_lead = np.column_stack([np.bincount(scored.lead, weights=column) for column in residual.T])
    bread = np.linalg.inv((design * (scored.weight * p * (1 - p))[:, None]).T @ design)
    covariance: Floats = bread @ (per_lead.T @ per_lead) @ bread
    return covariance
