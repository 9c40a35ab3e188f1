import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from features.ranking import cross_fitted_auc, cross_fitted_rates, roc_auc, separation

DRAW = np.random.default_rng(5)
LABEL = (DRAW.random(1000) < 0.3).astype(np.float64)
SCORE = np.round(LABEL + DRAW.normal(size=1000), 1)
WEIGHT = DRAW.random(1000)


def test_the_auc_is_that_of_scikit_learn() -> None:
    assert roc_auc(SCORE, LABEL, 1 - LABEL) == pytest.approx(roc_auc_score(LABEL, SCORE), abs=1e-12)
    weighted = roc_auc(SCORE, WEIGHT * LABEL, WEIGHT * (1 - LABEL))
    assert weighted == pytest.approx(roc_auc_score(LABEL, SCORE, sample_weight=WEIGHT), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=30))
def test_the_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    score, won = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    pairs = np.sign(score[won][:, None] - score[~won][None, :])
    expected = float((pairs + 1).mean() / 2) if pairs.size else 0.5
    assert roc_auc(score, won.astype(float), 1.0 - won) == pytest.approx(expected)
    assert separation(score, won.astype(float), 1.0 - won) == pytest.approx(max(expected, 1 - expected))


def test_ties_count_half_and_a_single_class_ranks_nothing() -> None:
    label = np.array([1.0, 1.0, 0.0, 0.0])
    assert roc_auc(np.array([2.0, 1.0, 1.0, 0.0]), label, 1 - label) == 0.875
    assert roc_auc(np.ones(4), label, 1 - label) == 0.5
    assert roc_auc(np.arange(4.0), np.ones(4), np.zeros(4)) == 0.5


def test_a_rate_is_learned_from_the_other_folds_alone() -> None:
    won, total = DRAW.integers(0, 5, (3, 4)).astype(float), np.full((3, 4), 9.0)
    rates = cross_fitted_rates(won, total, 2.0)
    for fold in range(3):
        others = np.delete(won, fold, axis=0)
        base = others.mean() / 9
        np.testing.assert_allclose(rates[fold], (others.sum(axis=0) + 2 * base) / (18 + 2))


def test_levels_that_tell_the_outcome_do_so_in_folds_that_were_not_seen() -> None:
    fold = np.arange(1000) % 5
    assert cross_fitted_auc(LABEL.astype(np.int64), fold, LABEL, 5.0) == 1.0
    assert cross_fitted_auc(DRAW.integers(0, 3, 1000), fold, LABEL, 5.0) == pytest.approx(0.5, abs=0.06)


def test_a_level_of_its_own_for_each_row_tells_nothing() -> None:
    assert cross_fitted_auc(np.arange(1000), np.arange(1000) % 5, LABEL, 5.0) < 0.55
