"""What a model has to beat, on the same leads: the base rate, naive Bayes, logistic regression, hand-picked points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from data_contracts.scorecard import PointRules
from features.arrays import Floats
from features.feature import Feature
from models.evaluation.scorecard import score_points
from models.log_odds import bounded, expit, logit
from models.logistic.component import LogisticTerms
from models.logistic.fitting import fit_logistic
from models.logistic.newton import fit_coefficients

if TYPE_CHECKING:
    from models.evaluation.naive_bayes import BinnedNaiveBayes

_PER_POINTS = 100.0


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
class NaiveBayes:
    """Naive Bayes over binned numbers and categories, as it comes: not calibrated."""

    estimator: "BinnedNaiveBayes"

    def probability(self, X: Floats) -> Floats:
        """Probabilities (n,) of X (n, features)."""
        won: Floats = (
            self.estimator.predict_proba(_finite(X)) @ self.estimator.classes_
        )  # classes: 0 and 1, or one of them
        return bounded(won)


@dataclass(frozen=True)
class LogisticRegression:
    """Logistic regression with scikit-learn's default penalty on standardised numbers and one-hot categories."""

    terms: LogisticTerms

    def probability(self, X: Floats) -> Floats:
        """Probabilities (n,) of X (n, features)."""
        return expit(self.terms.margin(X))


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
    return {
        "base_rate": BaseRate(rate),
        "naive_bayes": _naive_bayes(X, y, weight, features),
        "logistic_regression": LogisticRegression(fit_logistic(X, y, weight, features, (1.0,))[0]),
        "scorecard": _point_score(X, y, weight, tuple(features), scorecard, rate),
    }


def _naive_bayes(X: Floats, y: Floats, weight: Floats, features: Sequence[Feature]) -> NaiveBayes:
    from models.evaluation.naive_bayes import BinnedNaiveBayes

    categorical = tuple(column for column, feature in enumerate(features) if feature.categories is not None)
    return NaiveBayes(BinnedNaiveBayes(categorical).fit(_finite(X), y, sample_weight=weight))


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
