import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.arrays import Floats
from models.logistic.newton import fit_path, fit_shift

ROWS, WIDTH = 800, 6
CLOSE = 3e-4  # steps end where the loss gains no more; the standard errors of the coefficients are about 0.1
STRENGTHS = (1000.0, 100.0, 10.0, 1.0, 0.1)


def draw(seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """A design whose last column is the intercept, outcomes, weights, and an offset."""
    random = np.random.default_rng(seed)
    design = np.column_stack([random.normal(size=(ROWS, WIDTH - 1)), np.ones(ROWS)])
    design[:, 1] += 0.9 * design[:, 0]
    offset = random.normal(0, 0.5, ROWS)
    margin = design @ np.array([1.5, -1.0, 0.5, 0.0, 0.2, -1.0]) + offset
    return design, (random.logistic(size=ROWS) < margin).astype(float), random.uniform(0.2, 1.0, ROWS), offset


def ridge(penalty: float) -> Floats:
    return np.array([penalty] * (WIDTH - 1) + [1e-9])


def fit(design: Floats, y: Floats, weight: Floats, ridge: Floats, start: Floats) -> Floats:
    return fit_path(design, y, weight, [ridge], start)[0]


def to_gain(
    design: Floats, y: Floats, weight: Floats, ridge: Floats, coefficients: Floats, offset: Floats | float
) -> float:
    """The loss that one more exact Newton step would take off."""
    p = 1 / (1 + np.exp(-(design @ coefficients + offset)))
    gradient = design.T @ (weight * (p - y)) + ridge * coefficients
    curvature = design.T @ (design * (weight * p * (1 - p))[:, None]) + np.diag(ridge)
    return float(gradient @ np.linalg.solve(curvature, gradient)) / 2


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_to_gain_at_the_solution(seed: int) -> None:
    design, y, weight, offset = draw(seed)
    ridges = [ridge(penalty) for penalty in STRENGTHS]
    for shift in (None, offset):
        for each, found in zip(ridges, fit_path(design, y, weight, ridges, np.zeros(WIDTH), shift), strict=True):
            left = to_gain(design, y, weight, each, found, 0.0 if shift is None else shift)
            assert left < 1e-8 * weight.sum()


@pytest.mark.parametrize("seed", range(4))
def test_a_path_gives_what_each_penalty_gives_alone(seed: int) -> None:
    design, y, weight, _ = draw(seed)
    ridges = [ridge(penalty) for penalty in STRENGTHS]
    path = fit_path(design, y, weight, ridges, np.zeros(WIDTH))
    for each, found in zip(ridges, path, strict=True):
        alone = fit(design, y, weight, each, np.zeros(WIDTH))
        np.testing.assert_allclose(found, alone, atol=CLOSE)


def test_the_start_does_not_matter() -> None:
    design, y, weight, _ = draw(0)
    far = fit(design, y, weight, ridge(1.0), np.full(WIDTH, 5.0))
    np.testing.assert_allclose(far, fit(design, y, weight, ridge(1.0), np.zeros(WIDTH)), atol=CLOSE)


def test_a_stronger_penalty_gives_smaller_coefficients() -> None:
    design, y, weight, _ = draw(0)
    path = fit_path(design, y, weight, [ridge(penalty) for penalty in STRENGTHS], np.zeros(WIDTH))
    sizes = [float(np.abs(each[:-1]).sum()) for each in path]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.5 * sizes[-1]


def test_outcomes_that_a_line_separates_stay_finite() -> None:
    design, _, weight, _ = draw(1)
    y = (design[:, 0] > 0).astype(float)
    found = fit(design, y, weight, ridge(0.01), np.zeros(WIDTH))
    assert np.isfinite(found).all()
    assert ((design @ found > 0) == (y > 0)).mean() > 0.98


def test_a_row_of_weight_two_counts_like_two_rows() -> None:
    design, y, _, _ = draw(2)
    twice = np.arange(ROWS) < 100
    weighted = fit(design, y, np.where(twice, 2.0, 1.0), ridge(1.0), np.zeros(WIDTH))
    design, y = np.vstack([design, design[twice]]), np.concatenate([y, y[twice]])
    np.testing.assert_allclose(weighted, fit(design, y, np.ones(len(y)), ridge(1.0), np.zeros(WIDTH)), atol=CLOSE)


def test_two_equal_columns_share_the_coefficient_of_one() -> None:
    design, y, weight, _ = draw(3)
    doubled = np.column_stack([design[:, 0], design])
    found = fit(doubled, y, weight, np.concatenate([[1.0], ridge(1.0)]), np.zeros(WIDTH + 1))
    assert found[0] == pytest.approx(found[1], abs=CLOSE)


@settings(deadline=None)  # the first call imports scipy.optimize
@given(arrays(np.float64, st.integers(2, 50), elements=st.floats(-8, 8)), st.integers(0, 1000))
def test_a_shift_makes_the_mean_probability_the_share_of_won(margin: Floats, seed: int) -> None:
    random = np.random.default_rng(seed)
    y = np.zeros(len(margin))
    y[random.permutation(len(y))[: random.integers(1, len(y))]] = 1.0
    weight = random.uniform(0.1, 1.0, len(y))
    said = 1 / (1 + np.exp(-(margin + fit_shift(margin, y, weight))))
    assert np.average(said, weights=weight) == pytest.approx(np.average(y, weights=weight), abs=1e-9)


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_a_shift_to_one_outcome_alone_leaves_about_half_a_lead_of_the_other(outcome: float) -> None:
    margin = np.linspace(-3, 3, 20)
    said = 1 / (1 + np.exp(-(margin + fit_shift(margin, np.full(20, outcome), np.ones(20)))))
    assert said.sum() == pytest.approx(19.5 if outcome else 0.5, abs=0.05)
