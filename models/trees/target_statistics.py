"""Target statistics: a category as the share of its leads that were won.

The statistic of a training row comes from the leads of other folds, so that it does not hold the row's own outcome
(Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes", 2001; out of fold as in
Prokhorenkova et al., "CatBoost", 2018). What trees learn of it is an order of the levels, and a split on it is a set of
levels: the grown trees are written anew with such sets (rewriting.py), and who reads them needs no statistics.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.arrays import Floats, Integers
from models.samples.folds import group_folds
from models.samples.sample import Sample

MIN_LEVELS = 3  # with fewer a set of levels says no less
_PRIOR = 10.0  # leads of the base rate that are added to each level
_FOLDS = 5


@dataclass(frozen=True)
class Encoded:
    """X (n, features) with statistics in place of codes, and for each such column the statistic of every code.

    A table's last entry is that of a missing value, the one before that of pooled and unknown levels.
    """

    X: Floats
    tables: Mapping[int, Floats]


def encode(sample: Sample, seed: int) -> Encoded:
    """Replace the codes of each column with at least three levels by out-of-fold target statistics."""
    X, tables = sample.X.copy(), {}
    folds = list(group_folds(sample.y, sample.lead, _FOLDS, seed))
    for column in sample.categorical:
        levels = len(sample.features[column].categories or ())
        if levels < MIN_LEVELS:
            continue
        codes = np.where(np.isnan(sample.X[:, column]), levels + 1, sample.X[:, column]).astype(np.int64)
        tables[column] = _table(codes, sample.y, sample.weight, levels)
        for fold in folds:
            table = _table(codes[fold.train], sample.y[fold.train], sample.weight[fold.train], levels)
            X[fold.held_out, column] = table[codes[fold.held_out]]
    return Encoded(X, tables)


def _table(codes: Integers, y: Floats, weight: Floats, levels: int) -> Floats:
    rate = np.average(y, weights=weight)
    won = np.bincount(codes, weights=weight * y, minlength=levels + 2)
    return np.asarray((won + _PRIOR * rate) / (np.bincount(codes, weights=weight, minlength=levels + 2) + _PRIOR))
