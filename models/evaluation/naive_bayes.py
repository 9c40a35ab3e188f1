"""Naive Bayes as CRMs do it: numbers in bins, categories as they are, every signal on its own."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from features.arrays import Floats


class BinnedNaiveBayes(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Naive Bayes over bins of equal mass; missing values are a bin of their own.

    ``categorical`` are the columns whose values are codes, ``bins`` the number of bins of the others, ``alpha`` is
    added to every count. Fitted: ``edges_`` (inner edges or codes per column), ``log_likelihood_`` (per column, that of
    each bin in each class, missing last), ``log_prior_``, ``classes_``.
    """

    def __init__(self, categorical: tuple[int, ...] = (), bins: int = 10, alpha: float = 1.0) -> None:
        self.categorical = categorical
        self.bins = bins
        self.alpha = alpha

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "BinnedNaiveBayes":  # noqa: ANN401 - array-likes
        """Fit on X (n, features), NaN for missing, and outcomes y (n,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(y)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        self.classes_, place = np.unique(y, return_inverse=True)
        mass = np.bincount(place, weight, len(self.classes_))
        self.log_prior_ = np.log((mass + self.alpha) / (mass.sum() + self.alpha * len(mass)))
        self.edges_ = [self._edges(X[:, column], column, weight) for column in range(X.shape[1])]
        self.log_likelihood_ = [
            self._log_likelihood(self._bins(X[:, column], column), len(edges) + 2, place, weight)
            for column, edges in enumerate(self.edges_)
        ]
        return self

    def predict_proba(self, X: Any) -> Floats:  # noqa: ANN401 - array-like
        """Probabilities (n, classes) of X (n, features)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        total = np.tile(self.log_prior_, (len(X), 1))
        for column, table in enumerate(self.log_likelihood_):
            total += table[self._bins(X[:, column], column)]
        odds = np.exp(total - total.max(axis=1, keepdims=True))
        probability: Floats = odds / odds.sum(axis=1, keepdims=True)
        return probability

    def predict(self, X: Any) -> Any:  # noqa: ANN401 - array-likes
        """The likeliest class (n,) of each row."""
        probability = self.predict_proba(X)
        return self.classes_[probability.argmax(axis=1)]

    def _edges(self, x: Floats, column: int, weight: Floats) -> Floats:
        known = np.isfinite(x) & (weight > 0)
        if not known.any():
            return np.empty(0)
        values, place = np.unique(x[known], return_inverse=True)
        if column in self.categorical:
            return values
        mass = np.cumsum(np.bincount(place, weight[known]))
        wanted = np.linspace(0, mass[-1], self.bins + 1)[1:-1]
        reached = np.searchsorted(mass, wanted * (1 - 1e-9))  # a sum of weights may fall short by rounding
        return np.unique(values[np.minimum(reached + 1, len(values) - 1)])

    def _log_likelihood(self, bins: Any, count: int, place: Any, weight: Floats) -> Floats:  # noqa: ANN401
        classes = len(self.classes_)
        mass = np.bincount(bins * classes + place, weight, count * classes).reshape(count, classes) + self.alpha
        table: Floats = np.log(mass / mass.sum(axis=0))
        return table

    def _bins(self, x: Floats, column: int) -> Any:  # noqa: ANN401 - integer array
        """The bin (n,) of each value: how many edges are not above it; 0 for unseen codes, the last for missing."""
        edges = self.edges_[column]
        bins = np.searchsorted(edges, x, side="right")
        if column in self.categorical and len(edges):
            bins = np.where(edges[np.maximum(bins - 1, 0)] == x, bins, 0)
        return np.where(np.isnan(x), len(edges) + 1, bins)
