"""Fitting calibrators, and choosing the one with the best cross-fitted log loss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import Floats
from models.calibration.calibrators import Beta, Calibrator, Identity, Isotonic, Sigmoid, VennAbers, beta_terms
from models.calibration.isotonic import blocks, group_scores, pool
from models.calibration.venn_abers import fit_venn_abers
from models.log_odds import log_losses, sigmoid
from models.samples.folds import Fold, OutOfFold, forward_folds, group_folds, held_out_rows
from models.samples.gain import Gain, measure_gain

Fit = Callable[[Floats, Floats, Floats], Calibrator]

_FOLDS = 5
_MIN_FOR_SHAPES = 100  # won and lost each, below which only identity and sigmoid are tried
_BEYOND_NOISE = 2.0  # standard errors


def fit_sigmoid(margin: Floats, y: Floats, weight: Floats) -> Sigmoid:
    """Platt's scaling with his smoothed targets: (won + 1) / (won + 2) and 1 / (lost + 2)."""
    won, lost = weight @ y, weight @ (1 - y)
    target = np.where(y > 0, (won + 1) / (won + 2), 1 / (lost + 2))
    slope, intercept = _fit_slopes((margin,), target, weight)
    return Sigmoid(slope, intercept)


def fit_beta(margin: Floats, y: Floats, weight: Floats) -> Beta:
    """Beta calibration by maximum likelihood under a, b >= 0."""
    a, b, c = _fit_slopes(beta_terms(margin), y, weight)
    return Beta(a, b, c)


def fit_isotonic(margin: Floats, y: Floats, weight: Floats) -> Isotonic:
    """Isotonic regression; its ends stay 1 / (n + 2) away from 0 and 1."""
    scores, outcome, mass = group_scores(margin, y, weight)
    pooled = blocks(pool(outcome, mass))
    edge = 1.0 / (mass.sum() + 2.0)
    centres = [np.average(scores[block], weights=mass[block]) for block in pooled]
    values = [outcome[block].sum() / mass[block].sum() for block in pooled]
    return Isotonic(np.array(centres), np.clip(values, edge, 1 - edge))


FITS: Mapping[str, Fit] = {
    "identity": lambda *_: Identity(),
    "sigmoid": fit_sigmoid,
    "beta": fit_beta,
    "isotonic": fit_isotonic,
    "venn_abers": lambda *rows: VennAbers(fit_venn_abers(*rows)),
}


@dataclass(frozen=True)
class Choice:
    """The chosen calibrator, the cross-fitted log loss of each kind, and the gain over identity."""

    calibrator: Calibrator
    losses: dict[str, float]
    gain: Gain


def choose_calibrator(margin: Floats, held: OutOfFold, seed: int, ordered: bool) -> Choice:
    """Fit the kind with the lowest log loss on held-out rows (n,) that it did not see; identity unless beyond noise.

    In time order each fold is judged by what was fitted on the folds before it, and each of them has to gain: what
    holds only for a while is not a gain. Otherwise the rows are folded at random.
    """
    y, weight, group = held.y, held.weight, held.lead
    blocks = [np.flatnonzero(held.fold == fold) for fold in np.unique(held.fold)]
    folds = list(forward_folds(blocks, skipped=1) if ordered else group_folds(y, group, _FOLDS, seed))
    judged = held_out_rows(folds)
    losses = {kind: _cross_fitted(FITS[kind], margin, y, weight, folds) for kind in _kinds(y)}
    means = {kind: float(np.average(loss, weights=weight[judged])) for kind, loss in losses.items()}
    best = min(means, key=lambda kind: means[kind])
    difference = losses["identity"] - losses[best]
    gain = measure_gain(difference, weight[judged], group[judged])
    parts = np.repeat(np.arange(len(folds)), [len(fold.held_out) for fold in folds])
    each = np.bincount(parts, weight[judged] * difference)
    confirmed = gain.z > _BEYOND_NOISE and (not ordered or bool((each > 0).all()))
    chosen = best if confirmed else "identity"
    return Choice(FITS[chosen](margin, y, weight), means, gain)


def _kinds(y: Floats) -> list[str]:
    rarer = min(y.sum(), len(y) - y.sum())
    if rarer < _FOLDS:
        return ["identity"]
    return list(FITS) if rarer >= _MIN_FOR_SHAPES else ["identity", "sigmoid"]


def _cross_fitted(fit: Fit, margin: Floats, y: Floats, weight: Floats, folds: Sequence[Fold]) -> Floats:
    """Log loss of each held-out row, fold after fold."""
    losses = []
    for fold in folds:
        calibrator = fit(margin[fold.train], y[fold.train], weight[fold.train])
        losses.append(log_losses(y[fold.held_out], calibrator.predict(margin[fold.held_out])))
    return np.concatenate(losses)


def _fit_slopes(columns: tuple[Floats, ...], target: Floats, weight: Floats) -> tuple[float, ...]:
    """Slopes >= 0 and intercept of a logistic regression of targets (n,) in [0, 1] on columns (n,)."""
    from scipy.optimize import minimize

    design = np.column_stack([*columns, np.ones(len(target))])
    total = weight.sum()

    def loss(coefficients: Floats) -> tuple[float, Floats]:
        margin = design @ coefficients
        residual = sigmoid(margin) - target
        return float(weight @ (np.logaddexp(0, margin) - target * margin)) / total, design.T @ (
            weight * residual
        ) / total

    start = np.append(np.ones(len(columns)), 0.0)
    bounds = [(0.0, None)] * len(columns) + [(None, None)]
    optimum = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-13})
    return tuple(float(value) for value in optimum.x)
