"""Whether a probability means what it says: calibration slope and intercept, and what the intervals cover."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.evaluation import curves
from models.evaluation.intervals import WILSON_Z
from models.evaluation.metrics import Estimate, mass_bins
from models.log_odds import logit
from pipelines.evaluation.curves import reliability
from pipelines.evaluation.scored import Scored

_ROUNDING = 1e-9
_NOWHERE = Estimate(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class CalibrationLine:
    """Logistic regression of the outcome on the log-odds predicted; ideal: slope 1, intercept 0.

    A slope below 1 means that the probabilities are too extreme, above 1 too timid (Cox, Biometrika 45, 1958).
    """

    slope: Estimate
    intercept: Estimate


def calibration_line(scored: Scored) -> CalibrationLine:
    """The line with 95 % intervals that allow for several snapshots of one lead (sandwich over leads).

    Slope and intercept are NaN where they do not exist: all probabilities equal, one outcome only, or outcomes that the
    probabilities tell apart without an error.
    """
    line = curves.calibration_line(scored.outcome, scored.probability, scored.weight)
    if not np.isfinite(line.slope) or _separated(scored):
        return CalibrationLine(_NOWHERE, _NOWHERE)
    coefficients = np.array([line.intercept, line.slope])
    error = np.sqrt(np.diag(_sandwich(scored, coefficients)))
    intercept, slope = (
        Estimate(float(value), float(value - WILSON_Z * half), float(value + WILSON_Z * half))
        for value, half in zip(coefficients, error, strict=True)
    )
    return CalibrationLine(slope, intercept)


def _separated(scored: Scored) -> bool:
    """Whether some threshold tells won from lost without an error: then the likelihood has no maximum."""
    won = scored.outcome == 1
    lost, found = scored.probability[~won], scored.probability[won]
    return bool(lost.max() <= found.min() or found.max() <= lost.min())


def _sandwich(scored: Scored, coefficients: Floats) -> Floats:
    design = np.column_stack((np.ones(len(scored)), logit(scored.probability)))
    p = 0.5 * (1.0 + np.tanh(design @ coefficients / 2.0))
    residual = design * (scored.weight * (scored.outcome - p))[:, None]
    per_lead = np.column_stack([np.bincount(scored.lead, weights=column) for column in residual.T])
    bread = np.linalg.inv((design * (scored.weight * p * (1 - p))[:, None]).T @ design)
    covariance: Floats = bread @ (per_lead.T @ per_lead) @ bread
    return covariance


@dataclass(frozen=True)
class IntervalFacts:
    """What the Venn-Abers intervals of the test leads amount to.

    Widths in probability. ``covered`` of ``bins`` reliability bins have an observed share of buyers that lies, within
    its own sampling error, between the mean lower and the mean upper end.
    """

    mean_width: float
    median_width: float
    widest_tenth: float  # the width that nine of ten leads stay below
    contains_probability: float  # share of leads whose interval holds their probability
    mean_low: float
    mean_high: float
    covered: int
    bins: int


def interval_facts(scored: Scored, low: Floats, high: Floats, bins: int = 10) -> IntervalFacts:
    """Sum up the intervals ``low`` to ``high`` (n,) of the test leads."""
    width = high - low
    inside = (low <= scored.probability + _ROUNDING) & (scored.probability <= high + _ROUNDING)
    table = reliability(scored, bins)
    lower, upper = _bin_means(scored, low, bins), _bin_means(scored, high, bins)
    covered = (table["high"].to_numpy() >= lower) & (table["low"].to_numpy() <= upper)
    return IntervalFacts(
        mean_width=float(np.average(width, weights=scored.weight)),
        median_width=float(np.median(width)),
        widest_tenth=float(np.quantile(width, 0.9)),
        contains_probability=float(np.average(inside, weights=scored.weight)),
        mean_low=float(np.average(low, weights=scored.weight)),
        mean_high=float(np.average(high, weights=scored.weight)),
        covered=int(covered.sum()),
        bins=len(table),
    )


def _bin_means(scored: Scored, values: Floats, bins: int) -> Floats:
    of = np.unique(mass_bins(scored.probability, scored.weight, bins), return_inverse=True)[1]
    total = np.bincount(of, weights=scored.weight * values)
    means: Floats = total / np.bincount(of, weights=scored.weight)
    return means
