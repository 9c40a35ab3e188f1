"""The tables against LightGBM's own recursion and against the definition of a Shapley value."""

from itertools import permutations
from math import factorial
from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.arrays import Floats
from models.trees.booster import Booster
from models.trees.shap.explainer import TreeShap
from models.trees.shap.flat_trees import UnsupportedTreesError
from models.trees.shap.leaf import leaf_values
from models.trees.shap.subtrees import MAX_PATH

WIDTH = 6
LEVELS = 40  # of the last two columns, which are categorical: more than one word of a set
SPECIAL = (
    np.nan,
    0.0,
    -0.0,
    1e-36,
    -1e-36,
    1e-35,
    np.inf,
    -np.inf,
    1e300,
    -1.0,
    -0.5,
    0.5,
    1.5,
    31.0,
    32.0,
    40.0,
    1e10,
)


def leads(rows: int, seed: int) -> tuple[Floats, Floats]:
    """Numbers with ties, zeros and missing values, categories, and outcomes that hang on them."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, WIDTH)).round(1)
    X[:, 1] = np.where(random.random(rows) < 0.4, 0.0, X[:, 1])
    X[:, -2:] = random.integers(0, LEVELS, (rows, 2))
    X[random.random(X.shape) < 0.15] = np.nan
    margin = np.nan_to_num(X[:, 0] * X[:, 1] - X[:, 2] + (X[:, -1] % 3) - 1) + 2 * np.isnan(X[:, 3])
    return X, (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.float64)


def grown(seed: int = 0, rows: int = 600, trees: int = 12, **params: Any) -> str:
    X, y = leads(rows, seed)
    options = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3, "seed": seed} | params
    data = lightgbm.Dataset(X, y, categorical_feature=[WIDTH - 2, WIDTH - 1], params=options)
    return str(lightgbm.train(options, data, trees).model_to_string())


def rows_to_explain(seed: int, rows: int = 150) -> Floats:
    X, _ = leads(rows, seed)
    random = np.random.default_rng(seed)
    return np.where(random.random(X.shape) < 0.2, random.choice(SPECIAL, X.shape), X)


def check(text: str, X: Floats) -> None:
    """Margins to the bit, SHAP values and their sum, and each row alone."""
    model, shap = lightgbm.Booster(model_str=text), TreeShap.of(text, WIDTH)
    margin, values = shap.explain(X)
    np.testing.assert_array_equal(margin, model.predict(X, raw_score=True, num_threads=1))
    np.testing.assert_allclose(values, model.predict(X, pred_contrib=True, num_threads=1), atol=1e-10, rtol=0)
    np.testing.assert_allclose(values.sum(axis=1), margin, atol=1e-10, rtol=0)
    for i in range(len(X)):
        alone, of_row = shap.explain(X[i : i + 1])
        assert alone[0] == margin[i]
        np.testing.assert_array_equal(of_row[0], values[i])


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    params=st.fixed_dictionaries(
        {
            "num_leaves": st.sampled_from([2, 3, 7, 31, 63]),
            "max_depth": st.sampled_from([-1, 1, 3, 6]),
            "use_missing": st.booleans(),
            "zero_as_missing": st.booleans(),
            "max_cat_to_onehot": st.sampled_from([1, 4, 100]),
            "max_cat_threshold": st.sampled_from([4, 64]),
        }
    ),
)
def test_any_model_is_explained_as_lightgbm_explains_it(seed: int, params: dict[str, Any]) -> None:
    check(grown(seed, **params), rows_to_explain(seed + 1))


def test_trees_of_one_leaf_and_none_of_any() -> None:
    check(grown(min_data_in_leaf=10_000), rows_to_explain(3))
    assert "num_leaves=1\n" in grown(min_data_in_leaf=10_000)


def test_leaves_without_a_table_give_the_same() -> None:
    """Wide trees over many features: paths that no table holds."""
    random = np.random.default_rng(0)
    width = 24
    X = random.normal(size=(4_000, width))
    y = np.exp(X.sum(axis=1))  # a few huge values, which the trees split off one after the other
    params = {"objective": "regression", "verbose": -1, "num_threads": 1, "num_leaves": 300, "min_data_in_leaf": 1}
    model = lightgbm.train(params, lightgbm.Dataset(X, y), 3)
    shap = TreeShap.of(model.model_to_string(), width)
    assert shap._tables.deep.any()
    assert not shap._tables.deep.all()
    margin, values = shap.explain(X[:300])
    np.testing.assert_array_equal(margin, model.predict(X[:300], raw_score=True, num_threads=1))
    expected = model.predict(X[:300], pred_contrib=True, num_threads=1)
    np.testing.assert_allclose(values, expected, atol=1e-12 * y.max(), rtol=0)
    for i in range(5):
        np.testing.assert_array_equal(shap.explain(X[i : i + 1])[1][0], values[i])


def test_blocks_do_not_matter() -> None:
    shap, X = TreeShap.of(grown(), WIDTH), rows_to_explain(5, rows=5_000)
    margin, values = shap.explain(X)
    for begin, end in ((0, 100), (100, 2_500), (4_990, 5_000)):
        part_margin, part_values = shap.explain(X[begin:end])
        np.testing.assert_array_equal(part_margin, margin[begin:end])
        np.testing.assert_array_equal(part_values, values[begin:end])


def test_a_leaf_is_shared_out_as_shapley_defined_it() -> None:
    zero_fraction, value = np.array([0.3, 0.9, 0.05, 0.5, 0.7]), -2.5
    for pattern in range(32):
        one_fraction = np.array([pattern >> i & 1 == 1 for i in range(5)])
        out, scratch = np.empty(5), np.empty((2, MAX_PATH))
        leaf_values(value, zero_fraction, one_fraction, 5, out, scratch)
        np.testing.assert_allclose(out, shapley(value, zero_fraction, one_fraction), atol=1e-14)


def shapley(value: float, zero_fraction: Floats, one_fraction: Any) -> Floats:
    """The mean over all orders in which the features may join of what each changes."""
    total = np.zeros(zero_fraction.size)
    for order in permutations(range(zero_fraction.size)):
        factors = zero_fraction.copy()
        for feature in order:
            before = factors.prod()
            factors[feature] = float(one_fraction[feature])
            total[feature] += value * (factors.prod() - before)
    return total / factorial(zero_fraction.size)


@pytest.mark.parametrize(
    "params", [{"linear_tree": True}, {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}]
)
def test_what_only_lightgbm_can_explain_is_left_to_it(params: dict[str, Any]) -> None:
    X, y = leads(600, 1)
    X = np.nan_to_num(X)
    options = {"objective": "binary", "verbose": -1, "num_threads": 1} | params
    model = lightgbm.train(options, lightgbm.Dataset(X, y, params=options), 5)
    with pytest.raises(UnsupportedTreesError, match=r"linear functions|averaged"):
        TreeShap.of(model.model_to_string(), WIDTH)
    if "boosting" in params:
        expected = model.predict(X[:50], pred_contrib=True, num_threads=1)
        np.testing.assert_allclose(Booster(model.model_to_string()).contributions(X[:50]), expected, atol=1e-12)
