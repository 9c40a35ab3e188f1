"""What stands behind the metrics: calibration line, reliability, Brier's parts, gains and precision at the top."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.evaluation.metrics import BINS, mass_bins
from models.log_odds import logit
from models.logistic.newton import fit_coefficients


@dataclass(frozen=True)
class Line:
    """Logistic regression of the outcome on the log-odds of the probability: 1 and 0 are perfect (Cox 1958)."""

    slope: float
    intercept: float


@dataclass(frozen=True)
class ReliabilityBin:
    """Leads of similar probability: what was said and what came true."""

    low: float
    high: float
    mean_probability: float
    won_share: float
    weight: float


@dataclass(frozen=True)
class BrierParts:
    """``brier = reliability - resolution + uncertainty`` up to what varies within bins (Murphy 1973)."""

    reliability: float
    resolution: float
    uncertainty: float


@dataclass(frozen=True)
class Gains:
    """The best ``contacted`` share of the leads holds ``won`` of all won leads; ``lift`` is their quotient; (k,)."""

    contacted: Floats
    won: Floats
    lift: Floats


def calibration_line(y: Floats, p: Floats, weight: Floats | None = None) -> Line:
    """Slope and intercept by Newton's method; NaN where all p are equal or only one outcome occurs."""
    mass = _weights(y, weight)
    margin = logit(p)
    if np.ptp(margin) < 1e-9 or np.ptp(y) == 0:
        return Line(float("nan"), float("nan"))
    design = np.column_stack([margin, np.ones(len(y))])
    beta = fit_coefficients(design, y, mass, np.full(2, 1e-9), np.array([1.0, 0.0]))
    return Line(float(beta[0]), float(beta[1]))


def reliability(y: Floats, p: Floats, weight: Floats | None = None, count: int = BINS) -> list[ReliabilityBin]:
    """Bins of equal weight, lowest probability first; equal probabilities are never torn apart."""
    mass = _weights(y, weight)
    place = mass_bins(p, mass, count)
    bins = []
    for number in np.unique(place):
        rows = place == number
        mean, share = np.average(p[rows], weights=mass[rows]), np.average(y[rows], weights=mass[rows])
        bins.append(
            ReliabilityBin(
                float(p[rows].min()), float(p[rows].max()), float(mean), float(share), float(mass[rows].sum())
            )
        )
    return bins


def brier_parts(y: Floats, p: Floats, weight: Floats | None = None) -> BrierParts:
    """Murphy's three parts over the reliability bins."""
    bins = reliability(y, p, weight)
    mass = np.array([b.weight for b in bins])
    mean, share = np.array([b.mean_probability for b in bins]), np.array([b.won_share for b in bins])
    rate = float(np.average(share, weights=mass))
    return BrierParts(
        float(np.average((mean - share) ** 2, weights=mass)),
        float(np.average((share - rate) ** 2, weights=mass)),
        rate * (1 - rate),
    )


def gains(y: Floats, p: Floats, weight: Floats | None = None) -> Gains:
    """One point per distinct probability, from the highest."""
    mass = _weights(y, weight)
    distinct, place = np.unique(-p, return_inverse=True)
    everyone = np.cumsum(np.bincount(place, mass, len(distinct)))
    won = np.cumsum(np.bincount(place, mass * y, len(distinct)))
    contacted = everyone / everyone[-1]
    share = won / won[-1] if won[-1] > 0 else np.zeros(len(won))
    return Gains(contacted, share, share / contacted)


def precision_at(y: Floats, p: Floats, top: float, weight: Floats | None = None) -> float:
    """Share of won leads among the ``top`` leads (a weight) of highest probability; ties count in proportion."""
    mass = _weights(y, weight)
    distinct, place = np.unique(-p, return_inverse=True)
    everyone, won = np.bincount(place, mass, len(distinct)), np.bincount(place, mass * y, len(distinct))
    limit = min(top, float(mass.sum()))
    if limit <= 0:
        return float("nan")
    taken = np.clip((limit - (np.cumsum(everyone) - everyone)) / everyone, 0.0, 1.0)
    return float((won * taken).sum() / limit)


def _weights(y: Floats, weight: Floats | None) -> Floats:
    return np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
