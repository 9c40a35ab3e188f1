"""Fitting calibrators, and choosing the one with the best cross-fitted log loss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.records import Floats
from models.calibration import Beta, Calibrator, Identity, Isotonic, Sigmoid, VennAbers, beta_terms
from models.folds import Fold, Groups, Rows, group_folds, time_blocks
from models.gain import Gain, log_losses, measure_gain
from models.isotonic import blocks, group_scores, pool
from models.venn_abers import fit_venn_abers

Fit = Callable[[Floats, Floats, Floats], Calibrator]

_FOLDS = 5
_FEWEST_FOR_SHAPES = 100  # won and lost each, below which only identity and sigmoid are tried
_BEYOND_NOISE = 2.0  # standard errors


def fit_identity(margin: Floats, y: Floats, weight: Floats) -> Identity:  # noqa: ARG001 - the same call for every kind
    """Nothing to fit."""
    return Identity()


def fit_sigmoid(margin: Floats, y: Floats, weight: Floats) -> Sigmoid:
    """Platt's scaling with his smoothed targets: (won + 1) / (won + 2) and 1 / (lost + 2)."""
    won, lost = weight @ y, weight @ (1 - y)
    target = np.where(y > 0, (won + 1) / (won + 2), 1 / (lost + 2))
    slope, intercept = _fit_line((margin,), target, weight)
    return Sigmoid(slope, intercept)


def fit_beta(margin: Floats, y: Floats, weight: Floats) -> Beta:
    """Beta calibration by maximum likelihood under a, b >= 0."""
    a, b, c = _fit_line(beta_terms(margin), y, weight)
    return Beta(a, b, c)


def fit_isotonic(margin: Floats, y: Floats, weight: Floats) -> Isotonic:
    """Isotonic regression; its ends stay 1 / (n + 2) away from 0 and 1."""
    scores, outcome, mass = group_scores(margin, y, weight)
    pooled = blocks(pool(outcome, mass))
    edge = 1.0 / (mass.sum() + 2.0)
    centres = [np.average(scores[block], weights=mass[block]) for block in pooled]
    values = [outcome[block].sum() / mass[block].sum() for block in pooled]
    return Isotonic(np.array(centres), np.clip(values, edge, 1 - edge))


def fit_merged_venn_abers(margin: Floats, y: Floats, weight: Floats) -> VennAbers:
    """Both Venn-Abers predictions merged into one."""
    return VennAbers(fit_venn_abers(margin, y, weight))


FITS: Mapping[str, Fit] = {
    "identity": fit_identity,
    "sigmoid": fit_sigmoid,
    "beta": fit_beta,
    "isotonic": fit_isotonic,
    "venn_abers": fit_merged_venn_abers,
}


@dataclass(frozen=True)
class Choice:
    """The chosen calibrator, the cross-fitted log loss of each kind, and the gain over identity."""

    calibrator: Calibrator
    losses: dict[str, float]
    gain: Gain


def choose_calibrator(
    margin: Floats, y: Floats, weight: Floats, group: Groups, seed: int, position: Rows | None = None
) -> Choice:
    """Fit the kind with the lowest log loss on rows that it did not see; identity unless it is beyond noise.

    The rows are folded at random, or into stretches of time by their ``position`` (n,): what holds only for a while is
    then no gain.
    """
    folds = _folds(y, group, seed, position)
    losses = {kind: _cross_fitted(FITS[kind], margin, y, weight, folds) for kind in _kinds(y)}
    means = {kind: float(np.average(loss, weights=weight)) for kind, loss in losses.items()}
    best = min(means, key=lambda kind: means[kind])
    gain = measure_gain(losses["identity"] - losses[best], weight, group)
    chosen = best if gain.z > _BEYOND_NOISE else "identity"
    return Choice(FITS[chosen](margin, y, weight), means, gain)


def _kinds(y: Floats) -> list[str]:
    fewest = min(y.sum(), len(y) - y.sum())
    if fewest < _FOLDS:
        return ["identity"]
    return list(FITS) if fewest >= _FEWEST_FOR_SHAPES else ["identity", "sigmoid"]


def _folds(y: Floats, group: Groups, seed: int, position: Rows | None) -> list[Fold]:
    if position is None:
        return list(group_folds(y, group, _FOLDS, seed))
    blocks = time_blocks(position, group, _FOLDS)
    return [Fold(np.setdiff1d(np.arange(len(y)), block), block) for block in blocks]


def _cross_fitted(fit: Fit, margin: Floats, y: Floats, weight: Floats, folds: Sequence[Fold]) -> Floats:
    losses = np.empty(len(y))
    for fold in folds:
        calibrator = fit(margin[fold.train], y[fold.train], weight[fold.train])
        losses[fold.held_out] = log_losses(y[fold.held_out], calibrator.predict(margin[fold.held_out]))
    return losses


def _fit_line(columns: tuple[Floats, ...], target: Floats, weight: Floats) -> tuple[float, ...]:
    """Slopes >= 0 and intercept of a logistic regression of targets (n,) in [0, 1] on columns (n,)."""
    from scipy.optimize import minimize

    design = np.column_stack([*columns, np.ones(len(target))])
    total = weight.sum()

    def loss(coefficients: Floats) -> tuple[float, Floats]:
        margin = design @ coefficients
        residual = 1 / (1 + np.exp(-np.clip(margin, -500, 500))) - target
        return float(weight @ (np.logaddexp(0, margin) - target * margin)) / total, design.T @ (
            weight * residual
        ) / total

    start = np.append(np.ones(len(columns)), 0.0)
    bounds = [(0.0, None)] * len(columns) + [(None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-13})
    return tuple(float(value) for value in found.x)
