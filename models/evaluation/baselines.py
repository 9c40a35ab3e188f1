"""What a model has to beat, on the same leads: the base rate, naive Bayes, logistic regression, hand-picked points."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data_contracts.scorecard import PointRules
from features.arrays import Floats
from features.feature import Feature
from models.evaluation.binning import Binning
from models.evaluation.scorecard import score_points
from models.log_odds import bounded, expit, logit
from models.logistic.newton import fit_coefficients

_PER_POINTS = 100.0
_MAX_ROWS = 60_000  # that logistic regression is fitted on


class Baseline(Protocol):
    """Something that gives a probability and is not the model."""

    def probability(self, X: Floats) -> Floats:
        """Probabilities (n,) of X (n, features)."""
        ...


@dataclass(frozen=True)
class BaseRate:
    """Every lead gets the share of won leads in training."""

    rate: float

    def probability(self, X: Floats) -> Floats:
        """Probabilities (n,) of X (n, features)."""
        return np.full(len(X), self.rate)


@dataclass(frozen=True)
class Classifier:
    """A fitted classifier of scikit-learn's, as it comes: not calibrated. ``prepare`` gives it what it takes."""

    estimator: Any
    prepare: Callable[[Floats], NDArray[Any]]

    def probability(self, X: Floats) -> Floats:
        """Probabilities (n,) of X (n, features)."""
        return bounded(self.estimator.predict_proba(self.prepare(X))[:, 1])


@dataclass(frozen=True)
class PointScore:
    """Hand-picked points; one number, the log-odds of 100 points, is all that is learned from data."""

    scorecard: PointRules
    features: tuple[Feature, ...]
    slope: float
    mean: float
    base: float

    def probability(self, X: Floats) -> Floats:
        """Probabilities (n,) of X (n, features)."""
        points = score_points(X, self.features, self.scorecard)
        return expit(self.base + self.slope * (points - self.mean) / _PER_POINTS)


def fit_baselines(
    X: Floats, y: Floats, weight: Floats, features: Sequence[Feature], scorecard: PointRules
) -> dict[str, Baseline]:
    """Fit all four on the same training rows: X (n, features), y (n,) of 0 and 1, weight (n,)."""
    rate = float(bounded(np.average(y, weights=weight)))
    base_rate, both = BaseRate(rate), np.ptp(y) > 0  # scikit-learn's logistic regression refuses one outcome only
    return {
        "base_rate": base_rate,
        "naive_bayes": _naive_bayes(X, y, weight, features) if both else base_rate,
        "logistic_regression": _logistic_regression(X, y, weight, features) if both else base_rate,
        "scorecard": _point_score(X, y, weight, tuple(features), scorecard, rate),
    }


def _naive_bayes(X: Floats, y: Floats, weight: Floats, features: Sequence[Feature]) -> Classifier:
    from sklearn.naive_bayes import CategoricalNB

    binning = Binning.of(X, features)
    estimator = CategoricalNB(min_categories=[column.count for column in binning.columns])
    return Classifier(estimator.fit(binning.bins(X), y, sample_weight=weight), binning.bins)


def _logistic_regression(X: Floats, y: Floats, weight: Floats, features: Sequence[Feature]) -> Classifier:
    """Its default penalty on standardised numbers, one-hot categories and what is missing."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(StandardScaler(), SimpleImputer(add_indicator=True, keep_empty_features=True))
    categorical = np.array([feature.categories is not None for feature in features])
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer((numbers, ~categorical), (one_hot, categorical))
    estimator = make_pipeline(columns, LogisticRegression(solver="newton-cholesky"))  # exact in a few steps
    rows = np.random.default_rng(0).permutation(len(X))[:_MAX_ROWS]
    fitted = estimator.fit(_finite(X[rows]), y[rows], logisticregression__sample_weight=weight[rows])
    return Classifier(fitted, _finite)


def _point_score(
    X: Floats, y: Floats, weight: Floats, features: tuple[Feature, ...], scorecard: PointRules, rate: float
) -> PointScore:
    points = score_points(X, features, scorecard)
    mean, base = float(np.average(points, weights=weight)), float(logit(rate))
    excess = (points - mean) / _PER_POINTS
    slope = fit_coefficients(excess[:, None], y, weight, np.array([1e-6]), np.zeros(1), np.full(len(y), base))
    return PointScore(scorecard, features, max(0.0, float(slope[0])), mean, base)


def _finite(X: Floats) -> Floats:
    return np.where(np.isfinite(X), X, np.nan)
