import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

from data_contracts.scorecard import PointRules
from features.arrays import Floats
from features.feature import Feature
from models.evaluation.baselines import Baseline, fit_baselines

SCORECARD = PointRules.model_validate(
    {"name": "test", "rules": [{"rule": "large", "field": "size", "at_least": 0, "points": 20}]}
)
OPPOSITE = PointRules.model_validate(
    {"name": "test", "rules": [{"rule": "small", "field": "size", "below": 0, "points": 20}]}
)


def feature(name: str, categories: tuple[str, ...] | None = None) -> Feature:
    return Feature(f"lead.{name}", "demographic", name, "", "", "", label=name, categories=categories)


FEATURES = (feature("size"), feature("age"), feature("job", ("boss", "clerk", "none")))


def sample(count: int = 600) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(0)
    X = np.column_stack([random.normal(0, 1, count), random.normal(5, 3, count), random.integers(0, 3, count)])
    odds = X[:, 0] - 0.2 * (X[:, 1] - 5) - (X[:, 2] == 2) - 0.5
    return X, (random.random(count) < 1 / (1 + np.exp(-odds))).astype(float), random.integers(1, 4, count) / 2


def fitted(scorecard: PointRules = SCORECARD) -> dict[str, Baseline]:
    return fit_baselines(*sample(), FEATURES, scorecard)


def test_the_base_rate_is_the_weighted_share_of_won_leads() -> None:
    X, y, weight = sample()
    p = fitted()["base_rate"](X[:3])
    np.testing.assert_allclose(p, np.full(3, (weight * y).sum() / weight.sum()))


def test_logistic_regression_is_that_of_scikit_learn() -> None:
    X, y, weight = sample()
    design = np.column_stack([StandardScaler().fit_transform(X[:, :2]), np.eye(3)[X[:, 2].astype(int)]])
    oracle = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(design, y, sample_weight=weight)
    p = fitted()["logistic_regression"](X)
    np.testing.assert_allclose(p, oracle.predict_proba(design)[:, 1], atol=1e-4)


def test_naive_bayes_is_that_of_scikit_learn() -> None:
    X, y, weight = sample()
    bins = np.column_stack(
        [KBinsDiscretizer(10, encode="ordinal", quantile_method="linear").fit_transform(X[:, :2]), X[:, 2]]
    )
    oracle = CategoricalNB(min_categories=[11, 11, 5]).fit(bins, y, sample_weight=weight)
    p = fitted()["naive_bayes"](X)
    np.testing.assert_allclose(p, oracle.predict_proba(bins)[:, 1], atol=1e-9)


def test_a_scorecards_points_become_the_share_of_won_leads_with_them() -> None:
    X, y, weight = sample()
    p = fitted()["scorecard"](X)
    for large in (True, False):
        rows = (X[:, 0] >= 0) == large
        assert np.ptp(p[rows]) == 0
        np.testing.assert_allclose(p[rows][0], np.average(y[rows], weights=weight[rows]), atol=0.02)


def test_points_that_mislead_are_worth_nothing_rather_than_turned_round() -> None:
    X, y, weight = sample()
    p = fitted(OPPOSITE)["scorecard"](X)
    assert np.ptp(p) == 0
    np.testing.assert_allclose(p, np.average(y, weights=weight))


@pytest.mark.parametrize("name", ["base_rate", "naive_bayes", "logistic_regression", "scorecard"])
def test_every_baseline_bears_missing_endless_and_unknown_values(name: str) -> None:
    X = np.array([[np.nan, np.nan, np.nan], [np.inf, -np.inf, 3.0], [1e300, -1e300, -1.0]])
    p = fitted()[name](X)
    assert ((p > 0) & (p < 1)).all()


@pytest.mark.parametrize("name", ["naive_bayes", "logistic_regression", "scorecard"])
def test_what_learns_is_better_than_the_base_rate(name: str) -> None:
    X, y, _ = sample()
    baselines = fitted()
    brier = {each: ((baselines[each](X) - y) ** 2).mean() for each in (name, "base_rate")}
    assert brier[name] < brier["base_rate"] - 0.005


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_one_outcome_only_leaves_probabilities_within_0_and_1(outcome: float) -> None:
    X, _, weight = sample(50)
    for name, baseline in fit_baselines(X, np.full(50, outcome), weight, FEATURES, SCORECARD).items():
        p = baseline(X)
        assert ((p > 0) & (p < 1)).all(), name
