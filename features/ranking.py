"""How well a score ranks won leads above lost ones, and how well one column does so alone."""

import numpy as np
from numpy.typing import NDArray

from features.arrays import Floats


def roc_auc(score: Floats, won: Floats, lost: Floats) -> float:
    """Area under the ROC curve, ties counted half (Mann & Whitney 1947); 0.5 where a class is absent.

    ``score`` (k,) is of rows or of groups of rows; ``won`` and ``lost`` (k,) are the weights of each class there: of
    single rows the label and 1 - label.

    >>> label = np.array([1, 1, 0, 0])
    >>> roc_auc(np.array([2.0, 1.0, 1.0, 0.0]), label, 1 - label)
    0.875
    """
    _, place = np.unique(-score, return_inverse=True)
    positive: Floats = np.bincount(place, won).astype(np.float64)
    negative: Floats = np.bincount(place, lost).astype(np.float64)
    return float(area(positive, negative)) if positive.any() and negative.any() else 0.5


def area(won: Floats, lost: Floats) -> Floats:
    """The same (...,) from the weights (..., k) of both classes at k distinct scores, the highest first."""
    lost_below = lost.sum(axis=-1, keepdims=True) - np.cumsum(lost, axis=-1)
    pairs = (won * (lost_below + lost / 2)).sum(axis=-1)
    return np.asarray(pairs / (won.sum(axis=-1) * lost.sum(axis=-1)), dtype=np.float64)


def separation(score: Floats, won: Floats, lost: Floats) -> float:
    """The AUC of a score or of its reverse, whichever is higher: 0.5 to 1."""
    value = roc_auc(score, won, lost)
    return max(value, 1 - value)


def cross_fitted_rates(won: Floats, total: Floats, prior: float, base: float | None = None) -> Floats:
    """The share of won (folds, levels) of each level in the other folds, drawn by ``prior`` rows towards ``base``.

    ``won`` and ``total`` (folds, levels) are weights of rows; without a ``base`` it is the share of won in these folds.
    """
    others_won, others = won.sum(axis=0) - won, total.sum(axis=0) - total
    bases = others_won.sum(axis=1, keepdims=True) / others.sum(axis=1, keepdims=True) if base is None else base
    rates: Floats = (others_won + prior * bases) / (others + prior)
    return rates


def cross_fitted_auc(
    level: NDArray[np.int64], fold: NDArray[np.int64], label: Floats, prior: float, base: float | None = None
) -> float:
    """AUC of each row's level by its share of won in the other folds, so that a rare level cannot tell on itself.

    ``level`` (n,) and ``fold`` (n,) count from 0, ``label`` (n,) is 0 or 1. With a handful of rows give a ``base``, the
    same for all folds: that of the other folds is high where a fold has few won, and ranks unknown levels in reverse.

    >>> level, fold, label = np.arange(8) // 4, np.arange(8) % 2, np.array([1, 1, 1, 1, 0, 0, 0, 0])
    >>> cross_fitted_auc(level, fold, label, prior=1.0)
    1.0
    >>> cross_fitted_auc(np.arange(8), fold, label, prior=1.0)  # a key of its own for each row
    0.5
    """
    folds, levels = int(fold.max()) + 1, int(level.max()) + 1
    cell = fold * levels + level
    won: Floats = np.bincount(cell, label, folds * levels).astype(np.float64)
    lost: Floats = np.bincount(cell, 1 - label, folds * levels).astype(np.float64)
    table = won.reshape(folds, levels)
    rates = cross_fitted_rates(table, table + lost.reshape(folds, levels), prior, base)
    return roc_auc(rates.ravel(), won, lost)
