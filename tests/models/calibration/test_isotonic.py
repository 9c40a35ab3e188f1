import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from features.arrays import Floats
from models.calibration.calibrators import calibrator_from_dict
from models.calibration.fitting import fit_isotonic
from models.calibration.isotonic import blocks, group_scores, pool


@st.composite
def points(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Scores with ties, outcomes and weights."""
    count = draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    score = random.integers(0, draw(st.sampled_from([1, 5, 1000])) + 1, count).astype(float)
    return score, random.integers(0, 2, count).astype(float), random.integers(1, 6, count) / 2


def steps(score: Floats, y: Floats, weight: Floats) -> Floats:
    """The isotonic regression (n,) at each score."""
    scores, won, mass = group_scores(score, y, weight)
    value = np.empty(len(scores))
    for block in blocks(pool(won, mass)):
        value[block] = won[block].sum() / mass[block].sum()
    found: Floats = value[np.searchsorted(scores, score)]
    return found


@given(points())
@settings(max_examples=200, deadline=None)
def test_blocks_are_those_of_scikit_learn(given_points: tuple[Floats, Floats, Floats]) -> None:
    score, y, weight = given_points
    oracle = IsotonicRegression().fit(score, y, sample_weight=weight).predict(score)
    np.testing.assert_allclose(steps(score, y, weight), oracle, atol=1e-9)


@given(points())
@settings(max_examples=100, deadline=None)
def test_the_last_block_is_known_for_every_number_of_first_points(
    given_points: tuple[Floats, Floats, Floats],
) -> None:
    _, won, mass = group_scores(*given_points)
    starts = pool(won, mass)
    for count in range(1, len(won) + 1):
        assert starts[:count].tolist() == pool(won[:count], mass[:count]).tolist()
        rates = [won[block].sum() / mass[block].sum() for block in blocks(starts[:count])]
        assert (np.diff(rates) > 0).all()


def test_a_point_without_weight_changes_no_rate() -> None:
    score, y, weight = np.array([1.0, 2, 3]), np.array([0.0, 1, 1]), np.array([1.0, 0, 1])
    assert steps(score, y, weight)[[0, 2]].tolist() == [0.0, 1.0]


def test_equal_scores_become_one_point() -> None:
    scores, won, mass = group_scores(np.array([2.0, 1, 2]), np.array([1.0, 0, 0]), np.array([3.0, 1, 1]))
    assert (scores.tolist(), won.tolist(), mass.tolist()) == ([1, 2], [0, 3], [1, 4])


@given(points())
@settings(max_examples=100, deadline=None)
def test_at_the_centre_of_a_block_the_calibrator_says_its_rate(given_points: tuple[Floats, Floats, Floats]) -> None:
    score, y, weight = given_points
    oracle = IsotonicRegression().fit(score, y, sample_weight=weight).predict(score)
    fitted = fit_isotonic(score, y, weight)
    edge = 1 / (weight.sum() + 2)
    for value in np.unique(oracle.round(9)):
        block = np.isclose(oracle, value, atol=1e-8)
        centre = np.average(score[block], weights=weight[block])
        expected = np.clip(value, edge, 1 - edge)
        np.testing.assert_allclose(fitted.predict(np.array([centre])), [expected], atol=1e-7)


def test_lines_between_centres_keep_the_order_within_a_block() -> None:
    fitted = fit_isotonic(np.arange(6.0), np.array([0.0, 1, 0, 1, 1, 0]), np.ones(6))
    between = fitted.predict(np.linspace(fitted.margins[0], fitted.margins[-1], 20))
    assert (np.diff(between) > 0).all()
    assert calibrator_from_dict(json.loads(json.dumps(fitted.to_dict()))).predict(between).tolist() == (
        fitted.predict(between).tolist()
    )
