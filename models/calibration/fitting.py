"""Fitting calibrators: a line in time order, otherwise the kind with the best cross-fitted log loss."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.arrays import Floats
from models.calibration.calibrators import Beta, Calibrator, Identity, Isotonic, Sigmoid, VennAbers, beta_terms
from models.calibration.isotonic import blocks, group_scores, pool
from models.calibration.laplace import Batch, Line, posterior
from models.calibration.venn_abers import fit_venn_abers
from models.log_odds import log_losses, sigmoid
from models.samples.folds import Fold, OutOfFold, forward_folds, group_folds, held_out_rows
from models.samples.gain import Gain, measure_gain

Fit = Callable[[Floats, Floats, Floats], Calibrator]

_FOLDS = 5
_MIN_FOR_SHAPES = 100  # won and lost each, below which only identity and sigmoid are tried
_BEYOND_NOISE = 2.0  # standard errors
_INTERCEPT_DEVIATION, _SLOPE_DEVIATION = 10.0, 0.2  # of the prior of a line; the second of the logarithm of its slope


def fit_sigmoid(margin: Floats, y: Floats, weight: Floats) -> Sigmoid:
    """Platt's scaling with his smoothed targets: (won + 1) / (won + 2) and 1 / (lost + 2)."""
    won, lost = weight @ y, weight @ (1 - y)
    target = np.where(y > 0, (won + 1) / (won + 2), 1 / (lost + 2))
    slope, intercept = _fit_slopes((margin,), target, weight)
    return Sigmoid(slope, intercept)


def fit_line(margin: Floats, y: Floats, weight: Floats) -> Sigmoid:
    """The likeliest line whose slope is probably near 1: few leads hardly bend it, and it never ends or turns.

    >>> line = fit_line(np.array([-1.0, 1.0]), np.array([0.0, 1.0]), np.ones(2))
    >>> round(line.slope, 2), abs(round(line.intercept, 2))
    (1.02, 0.0)
    """
    prior = Line(np.zeros(2), np.diag([_INTERCEPT_DEVIATION**2, _SLOPE_DEVIATION**2]))
    intercept, log_slope = posterior(prior, Batch(margin, y, weight, 0.0)).mean.tolist()
    return Sigmoid(float(np.exp(log_slope)), intercept)


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
    """The chosen calibrator, the cross-fitted log loss of each kind, and the gain of the best over identity."""

    calibrator: Calibrator
    losses: dict[str, float]
    gain: Gain


def choose_calibrator(margin: Floats, held: OutOfFold, seed: int, ordered: bool) -> Choice:
    """The calibrator that held-out margins (n,) ask for.

    In time order a line: another shape is only known where the held-out margins lie, and the next ones may lie
    elsewhere. Its losses are those on each fold of what was fitted on the folds before it. Otherwise the kind with the
    lowest log loss on rows, folded at random, that it did not see; identity unless that is beyond noise.
    """
    if ordered:
        blocks = [np.flatnonzero(held.fold == fold) for fold in np.unique(held.fold)]
        return _compare({"identity": FITS["identity"], "sigmoid": fit_line}, margin, held, forward_folds(blocks, 1))
    kinds = {kind: FITS[kind] for kind in _kinds(held.y)}
    choice = _compare(kinds, margin, held, group_folds(held.y, held.lead, _FOLDS, seed))
    return choice if choice.gain.z > _BEYOND_NOISE else replace(choice, calibrator=Identity())


def _compare(kinds: Mapping[str, Fit], margin: Floats, held: OutOfFold, folded: Iterable[Fold]) -> Choice:
    """The kind, other than identity if there is another, with the lowest cross-fitted log loss."""
    folds, y, weight = list(folded), held.y, held.weight
    judged = held_out_rows(folds)
    losses = {kind: _cross_fitted(fit, margin, y, weight, folds) for kind, fit in kinds.items()}
    means = {kind: float(np.average(loss, weights=weight[judged])) for kind, loss in losses.items()}
    best = min((kind for kind in kinds if kind != "identity"), key=lambda kind: means[kind], default="identity")
    gain = measure_gain(losses["identity"] - losses[best], weight[judged], held.lead[judged])
    return Choice(kinds[best](margin, y, weight), means, gain)


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
