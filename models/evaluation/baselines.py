"""What a model has to beat, on the same leads: the base rate, naive Bayes, logistic regression, hand-picked points."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from data_contracts.scorecard import PointRules
from features.arrays import Floats, Integers
from features.feature import Feature
from models.evaluation.binning import ColumnBins
from models.evaluation.scorecard import score_points
from models.log_odds import bounded, expit, logit
from models.logistic.newton import fit_path

Baseline: TypeAlias = Callable[[Floats], Floats]  # probabilities (n,) of X (n, features)

_PER_POINTS = 100.0
_MAX_ROWS = 60_000  # that logistic regression is fitted on


def fit_baselines(
    X: Floats, y: Floats, weight: Floats, features: Sequence[Feature], scorecard: PointRules
) -> dict[str, Baseline]:
    """Fit all four on the same training rows: X (n, features), y (n,) of 0 and 1, weight (n,).

    Naive Bayes and logistic regression are scikit-learn's, as they come: not calibrated.
    """
    rate = float(bounded(np.average(y, weights=weight)))

    def base_rate(X: Floats) -> Floats:
        return np.full(len(X), rate)

    both = np.ptp(y) > 0  # scikit-learn's logistic regression refuses one outcome only
    return {
        "base_rate": base_rate,
        "naive_bayes": _naive_bayes(X, y, weight, features) if both else base_rate,
        "logistic_regression": _logistic_regression(X, y, weight, features) if both else base_rate,
        "scorecard": _scorecard(X, y, weight, features, scorecard, rate),
    }


def _naive_bayes(X: Floats, y: Floats, weight: Floats, features: Sequence[Feature]) -> Baseline:
    from sklearn.naive_bayes import CategoricalNB

    columns = [ColumnBins.of(x, feature) for x, feature in zip(X.T, features, strict=True)]

    def binned(X: Floats) -> Integers:
        return np.column_stack([column.bin(x) for column, x in zip(columns, X.T, strict=True)])

    estimator = CategoricalNB(min_categories=[column.count for column in columns])
    estimator.fit(binned(X), y, sample_weight=weight)
    return lambda X: bounded(estimator.predict_proba(binned(X))[:, 1])


def _logistic_regression(X: Floats, y: Floats, weight: Floats, features: Sequence[Feature]) -> Baseline:
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
    estimator.fit(_finite(X[rows]), y[rows], logisticregression__sample_weight=weight[rows])
    return lambda X: bounded(estimator.predict_proba(_finite(X))[:, 1])


def _finite(X: Floats) -> Floats:
    return np.where(np.isfinite(X), X, np.nan)


def _scorecard(
    X: Floats, y: Floats, weight: Floats, features: Sequence[Feature], scorecard: PointRules, rate: float
) -> Baseline:
    """Hand-picked points; one number, the log-odds of 100 points, is all that is learned from data."""
    points = score_points(X, features, scorecard)
    mean, base = float(np.average(points, weights=weight)), float(logit(rate))
    excess = (points - mean) / _PER_POINTS
    ((fitted,),) = fit_path(excess[:, None], y, weight, [np.array([1e-6])], np.zeros(1), np.full(len(y), base))
    slope = max(0.0, float(fitted))
    return lambda X: expit(base + slope * (score_points(X, features, scorecard) - mean) / _PER_POINTS)
