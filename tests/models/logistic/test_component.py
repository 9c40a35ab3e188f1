import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from features.arrays import Floats
from models.logistic.component import LogisticTerms
from models.logistic.fitting import fit_logistic
from models.logistic.kernels import add_terms, term_table
from models.logistic.terms import STANDARD_LIMIT, CategoryTerm, NumberTerm, Term, category_rows, standardise
from tests.models.problems import FEATURES, LEVELS, NUMBERS, category, matrix, number, truth

WIDTH = len(FEATURES)
CLOSE = 1e-3  # log-odds: steps end where the loss gains no more
STRENGTHS = (0.01, 0.1, 1.0)


def fitted(rows: int = 600, seed: int = 0) -> LogisticTerms:
    X = matrix(rows, seed)
    y = (truth(X) + np.random.default_rng(seed).logistic(size=rows) > 0).astype(float)
    return fit_logistic(X, y, np.ones(rows), FEATURES, STRENGTHS)[-1]


TERMS = fitted()
VALUES = st.floats(-1e300, 1e300) | st.sampled_from([np.nan, np.inf, -np.inf])
ROWS = arrays(np.float64, st.tuples(st.integers(1, 30), st.just(WIDTH)), elements=VALUES)
SIGNS = (-1, 1, 0, -1, 1, -1, 0, 0)  # against the truth wherever it has a direction


@pytest.mark.parametrize("seed", range(3))
def test_dense_numbers_give_what_scikit_learn_gives(seed: int) -> None:
    random = np.random.default_rng(seed)
    X = random.normal(3.0, [1.0, 5.0, 0.1], (800, 3))
    y = (X @ [0.5, -0.2, 3.0] - 10 + random.logistic(size=800) > 0).astype(float)
    weight = random.uniform(0.2, 1.0, 800)
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    path = fit_logistic(X, y, weight, [number(name) for name in "abc"], STRENGTHS)
    for strength, terms in zip(STRENGTHS, path, strict=True):
        peer = LogisticRegression(C=strength, tol=1e-12, solver="newton-cholesky").fit(standard, y, weight)
        slopes = [term.slope for term in terms.terms if isinstance(term, NumberTerm)]
        np.testing.assert_allclose(slopes, peer.coef_[0], atol=CLOSE)
        np.testing.assert_allclose(terms.margin(X), peer.decision_function(standard), atol=CLOSE)


def test_categories_and_missing_numbers_give_what_scikit_learn_gives_for_indicators() -> None:
    X = matrix(800, seed=2)[:, [0, 6]]
    y = (np.nan_to_num(X[:, 0]) + (X[:, 1] == 1) + np.random.default_rng(2).logistic(size=800) > 0).astype(float)
    known = np.isfinite(X[:, 0])
    centre, scale = X[known, 0].mean(), X[known, 0].std()
    filled = (np.where(known, X[:, 0], np.median(X[known, 0])) - centre) / scale
    levels = np.where(np.isnan(X[:, 1]), LEVELS + 1, X[:, 1])
    design = np.column_stack([filled, ~known, levels[:, None] == np.arange(LEVELS + 2)])
    peer = LogisticRegression(C=0.3, tol=1e-12, solver="newton-cholesky").fit(design, y)
    terms = fit_logistic(X, y, np.ones(800), [number("a"), category("b")], [0.3])[0]
    np.testing.assert_allclose(terms.margin(X), peer.decision_function(design), atol=CLOSE)


def test_a_path_gives_what_each_strength_gives_alone() -> None:
    X = matrix(600)
    y = (truth(X) + np.random.default_rng(0).logistic(size=600) > 0).astype(float)
    path = fit_logistic(X, y, np.ones(600), FEATURES, STRENGTHS)
    for strength, terms in zip(STRENGTHS, path, strict=True):
        alone = fit_logistic(X, y, np.ones(600), FEATURES, [strength])[0]
        np.testing.assert_allclose(terms.margin(X), alone.margin(X), atol=CLOSE)


@given(ROWS)
def test_whatever_the_values_the_margin_is_finite(X: Floats) -> None:
    contributions = TERMS.contributions(X)
    assert np.isfinite(TERMS.margin(X)).all()
    np.testing.assert_allclose(contributions.sum(axis=1), TERMS.margin(X), atol=1e-9)


@given(ROWS, st.data())
def test_a_row_alone_has_the_bits_of_the_row_in_a_batch(X: Floats, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(X) - 1))
    np.testing.assert_array_equal(TERMS.margin(X[row : row + 1]), TERMS.margin(X)[row : row + 1])
    np.testing.assert_array_equal(TERMS.contributions(X[row : row + 1])[0], TERMS.contributions(X)[row])


def values(term: Term, x: Floats) -> Floats:
    """The log-odds (n,) that a term gives to values (n,) of its feature."""
    total = np.zeros(len(x))
    add_terms(x[:, None], term_table([term]), total)
    return total


@pytest.mark.parametrize("log", [False, True])
def test_extreme_values_are_cut(log: bool) -> None:
    term = NumberTerm(0, 0.7, 1.0, 2.0, log, missing=-0.3, mean=0.0)
    assert values(term, np.array([1e30, 1e308])).tolist() == [0.7 * STANDARD_LIMIT] * 2
    assert values(term, np.array([np.nan, np.inf, -np.inf])).tolist() == [-0.3] * 3
    lowest = 0.7 * (-STANDARD_LIMIT if not log else -0.5)
    assert values(term, np.array([-1e308])).tolist() == [lowest]


def test_a_standardised_number_is_at_most_ten_deviations() -> None:
    assert standardise(np.array([-1e9, -3.0, 5.0, 1e9]), 1.0, 2.0, log=False).tolist() == [-10.0, -2.0, 2.0, 10.0]
    assert standardise(np.array([-5.0, 0.0, np.e - 1]), 0.0, 0.5, log=True) == pytest.approx([0.0, 0.0, 2.0])


def test_beyond_the_numbers_that_it_was_fitted_on_a_line_is_flat() -> None:
    X = matrix(600)[:, :1]
    y = (np.nan_to_num(X[:, 0]) + np.random.default_rng(0).logistic(size=600) > 0).astype(float)
    terms = fit_logistic(X, y, np.ones(600), [number("a")], [1.0])[0]
    low, high = float(np.nanmin(X)), float(np.nanmax(X))
    inside, beyond = (terms.margin(np.array(ends)[:, None]) for ends in ([low, high], [low - 5, high + 5]))
    np.testing.assert_allclose(inside, beyond, atol=1e-12)
    assert inside[0] < terms.margin(np.array([[low + 0.1]]))[0] < inside[1]


def test_a_code_finds_its_row_of_the_table() -> None:
    term = CategoryTerm(0, (1.0, 2.0, 3.0, 8.0, 9.0), 0.0)
    codes = np.array([0, 1, 2, 3, 4, 1e300, -1, -7, np.nan, np.inf])
    assert values(term, codes).tolist() == [1, 2, 3, 8, 8, 8, 8, 8, 9, 9]
    assert category_rows(codes, 3).dtype == np.int64


def test_skewed_counts_enter_by_their_logarithm() -> None:
    logs = [term.log for term in TERMS.terms if isinstance(term, NumberTerm)]
    assert logs == [False] * 5 + [True]


def test_columns_that_say_nothing_are_harmless() -> None:
    X = np.column_stack([matrix(300)[:, :1], np.full(300, np.nan), np.full(300, 7.0)])
    y = (np.nan_to_num(X[:, 0]) + np.random.default_rng(0).logistic(size=300) > 0).astype(float)
    terms = fit_logistic(X, y, np.ones(300), [number(name) for name in "abc"], [1.0])[0]
    assert [term.feature for term in terms.terms] == [0, 2]
    other = np.column_stack([X[:, 0], np.full(300, 1e9), X[:, 2]])
    np.testing.assert_array_equal(terms.margin(other), terms.margin(X))
    assert not terms.contributions(X)[:, 1].any()


def test_contributions_average_to_nothing_over_the_training_rows() -> None:
    contributions = TERMS.contributions(matrix(600))
    np.testing.assert_allclose(contributions[:, :-1].mean(axis=0), 0.0, atol=1e-9)


def test_saved_terms_have_the_same_bits(tmp_path: Path) -> None:
    entry = json.loads(json.dumps(TERMS.save(tmp_path, "first")))
    again = LogisticTerms.load((tmp_path / entry["file"]).read_text(), TERMS.width)
    assert again == TERMS
    X = matrix(100, seed=5, missing=0.3)
    np.testing.assert_array_equal(again.margin(X), TERMS.margin(X))


def outcomes(X: Floats, seed: int = 0) -> Floats:
    """Outcomes (n,) of which four numbers of X say something along a line."""
    pull = truth(X) + 0.7 * np.nan_to_num(X[:, 3]) - 0.5 * np.nan_to_num(X[:, 4])
    return (pull + np.random.default_rng(seed).logistic(size=len(X)) > 0).astype(float)


def slopes(terms: LogisticTerms) -> Floats:
    return np.array([term.slope for term in terms.terms if isinstance(term, NumberTerm)])


CONSTRAINED = fit_logistic(matrix(600), outcomes(matrix(600)), np.ones(600), FEATURES, STRENGTHS, signs=SIGNS)


@given(
    arrays(np.float64, st.just(WIDTH), elements=st.floats(-1e6, 1e6) | st.just(np.nan)),
    st.integers(0, NUMBERS - 1),
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=30),
    st.sampled_from(CONSTRAINED),
)
def test_a_constrained_number_never_moves_the_margin_the_other_way(
    row: Floats, feature: int, values: list[float], terms: LogisticTerms
) -> None:
    X = np.repeat(row[None, :], len(values), axis=0)
    X[:, feature] = np.sort(values)
    assert (SIGNS[feature] * np.diff(terms.margin(X)) >= -1e-12).all()


@given(st.integers(0, 1000), st.lists(st.sampled_from([-1, 0, 1]), min_size=NUMBERS, max_size=NUMBERS))
@settings(max_examples=20, deadline=None)
def test_no_slope_has_the_wrong_sign_whatever_the_data(seed: int, signs: list[int]) -> None:
    X = matrix(200, seed, missing=0.2)
    path = fit_logistic(X, outcomes(X, seed), np.ones(200), FEATURES, STRENGTHS, signs=(*signs, 0, 0))
    for terms in path:
        assert (np.array(signs) * slopes(terms) >= 0).all()


def test_numbers_whose_effect_has_the_other_sign_count_nothing_and_the_others_count() -> None:
    free = fit_logistic(matrix(600), outcomes(matrix(600)), np.ones(600), FEATURES, STRENGTHS)
    for strength in range(len(STRENGTHS)):
        wrong = np.array(SIGNS[:NUMBERS]) * slopes(free[strength]) < 0
        assert wrong[[0, 1, 3, 4]].all()
        assert (slopes(CONSTRAINED[strength])[[0, 1, 3, 4]] == 0).all()
        assert slopes(CONSTRAINED[strength])[2] != 0


def test_what_a_missing_number_adds_is_free() -> None:
    X = matrix(1_000, missing=0.3)[:, :1]
    y = (np.where(np.isnan(X[:, 0]), 2.0, X[:, 0]) + np.random.default_rng(0).logistic(size=1_000) > 0).astype(float)
    term = fit_logistic(X, y, np.ones(1_000), [number("a")], [1.0], signs=(-1,))[0].terms[0]
    assert isinstance(term, NumberTerm)
    assert term.slope == 0
    assert term.missing > 1.0


@pytest.mark.parametrize("seed", range(3))
def test_slopes_are_the_bounded_optimum_that_scipy_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    X = random.normal(size=(500, 6)) + 1.5 * random.normal(size=(500, 1))
    y = (X @ random.normal(0, 0.5, 6) + random.logistic(size=500) > 0).astype(float)
    weight = random.uniform(0.2, 1.0, 500)
    signs = (1, -1, 1, 0, -1, 1)
    design = np.column_stack([(X - X.mean(axis=0)) / X.std(axis=0), np.ones(500)])
    bounds = [{1: (0, None), -1: (None, 0), 0: (None, None)}[sign] for sign in (*signs, 0)]
    path = fit_logistic(X, y, weight, [number(name) for name in "abcdef"], STRENGTHS, signs=signs)
    for strength, terms in zip(STRENGTHS, path, strict=True):
        ridge = np.array([1 / strength] * 6 + [1e-9])

        def loss(b: Floats, ridge: Floats = ridge) -> tuple[float, Floats]:
            margin = design @ b
            residual = weight * (1 / (1 + np.exp(-margin)) - y)
            return float(weight @ (np.logaddexp(0, margin) - y * margin) + 0.5 * ridge @ b**2), (
                design.T @ residual + ridge * b
            )

        peer = minimize(
            loss, np.zeros(7), jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-9}
        )
        assert loss(np.append(slopes(terms), terms.intercept))[0] < peer.fun + 1e-8 * weight.sum()
        np.testing.assert_allclose(slopes(terms), peer.x[:-1], atol=CLOSE)
        assert ((slopes(terms) == 0) == (np.abs(peer.x[:-1]) < 1e-9)).all()


def test_signs_of_zero_change_no_bit() -> None:
    X = matrix(600)
    free, zeros = (
        fit_logistic(X, outcomes(X), np.ones(600), FEATURES, STRENGTHS, signs=signs) for signs in ((), (0,) * WIDTH)
    )
    assert free == zeros


def test_signs_that_the_data_keep_by_themselves_change_nothing() -> None:
    X = matrix(600)
    free = fit_logistic(X, outcomes(X), np.ones(600), FEATURES, STRENGTHS)
    signs = (*np.sign(slopes(free[-1])).astype(int).tolist(), 0, 0)
    again = fit_logistic(X, outcomes(X), np.ones(600), FEATURES, STRENGTHS, signs=signs)
    np.testing.assert_allclose(again[-1].margin(X), free[-1].margin(X), atol=CLOSE)
