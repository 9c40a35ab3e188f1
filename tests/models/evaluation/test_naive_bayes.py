from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import CategoricalNB
from sklearn.utils.estimator_checks import parametrize_with_checks

from models.evaluation.naive_bayes import BinnedNaiveBayes

NAN = float("nan")


@parametrize_with_checks([BinnedNaiveBayes()])  # type: ignore[untyped-decorator]
def test_scikit_learns_checks_of_an_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_small_example_by_hand() -> None:
    # Two won leads with code 1, two lost ones with code 0; bins: unseen, 0, 1, missing, each counted once more.
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    model = BinnedNaiveBayes((0,)).fit(X, [0, 0, 1, 1])
    # 1: 3/6 against 1/6. 0: the other way round. Unseen and missing: 1/6 against 1/6.
    found = model.predict_proba(np.array([[1.0], [0.0], [7.0], [NAN]]))[:, 1]
    np.testing.assert_allclose(found, [0.75, 0.25, 0.5, 0.5])
    assert model.predict(np.array([[1.0], [0.0]])).tolist() == [1, 0]


def test_every_signal_multiplies_the_odds_on_its_own() -> None:
    random = np.random.default_rng(0)
    X = random.integers(0, 3, (60, 2)).astype(float)
    y = random.integers(0, 2, 60)
    prior = (y.sum() + 1) / (len(y) - y.sum() + 1)

    def odds(*columns: int) -> Any:
        p = BinnedNaiveBayes(tuple(range(len(columns)))).fit(X[:, columns], y).predict_proba(X[:, columns])[:, 1]
        return p / (1 - p)

    np.testing.assert_allclose(odds(0, 1), odds(0) * odds(1) / prior)


def test_categories_count_as_in_scikit_learn() -> None:
    random = np.random.default_rng(0)
    X, y = random.integers(0, 4, (200, 3)).astype(float), random.integers(0, 2, 200)
    # Scikit-learn has no bins for unseen and missing: two more levels that no row has stand for them.
    oracle = CategoricalNB(alpha=1.0, min_categories=6, class_prior=(np.bincount(y) + 1) / 202).fit(X, y)
    found = BinnedNaiveBayes((0, 1, 2)).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(found, oracle.predict_proba(X))


def test_numbers_are_binned_by_equal_mass() -> None:
    model = BinnedNaiveBayes(bins=4).fit(np.arange(100.0)[:, None], np.arange(100) % 2)
    assert model.edges_[0].tolist() == [25.0, 50.0, 75.0]


def test_numbers_of_few_values_have_a_bin_each() -> None:
    model = BinnedNaiveBayes(bins=10).fit(np.arange(100.0)[:, None] // 10, np.arange(100) % 2)
    assert model.edges_[0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_missing_is_a_signal_of_its_own() -> None:
    X = np.where(np.arange(40) < 10, np.nan, np.arange(40.0))[:, None]
    model = BinnedNaiveBayes().fit(X, np.arange(40) < 10)
    assert model.predict(np.array([[NAN], [20.0]])).tolist() == [True, False]


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_a_weight_of_two_is_the_row_twice(seed: int) -> None:
    random = np.random.default_rng(seed)
    X = np.column_stack([random.integers(0, 3, 40), random.normal(size=40).round(1)])
    y, weight = random.integers(0, 2, 40), random.integers(1, 4, 40)
    y[:2] = 0, 1
    heavy = BinnedNaiveBayes((0,)).fit(X, y, sample_weight=weight)
    often = BinnedNaiveBayes((0,)).fit(X.repeat(weight, axis=0), y.repeat(weight))
    np.testing.assert_allclose(heavy.predict_proba(X), often.predict_proba(X))


def test_an_endless_number_is_refused() -> None:
    with pytest.raises(ValueError, match="infinity"):
        BinnedNaiveBayes().fit(np.array([[np.inf], [1.0]]), [0, 1])
