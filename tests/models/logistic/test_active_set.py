import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import lsq_linear

from features.arrays import Floats
from models.logistic.active_set import signed_step


def draw(seed: int, width: int, correlated: float = 0.9) -> tuple[Floats, Floats, Floats, Floats]:
    """A curvature, a gradient, signs, and a point that keeps them: some of its coefficients are 0."""
    random = np.random.default_rng(seed)
    shared = random.normal(size=(3 * width, 1))
    design = (1 - correlated) * random.normal(size=(3 * width, width)) + correlated * shared
    signs = random.integers(-1, 2, width).astype(float)
    size = np.abs(random.normal(size=width)) * (random.random(width) < 0.5)
    at = np.where(signs == 0, random.normal(size=width), signs * size)
    return design.T @ design + 1e-3 * np.eye(width), random.normal(0, 10, width), signs, at


CASES = (st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([0.0, 0.5, 0.99]))


@given(*CASES)
def test_at_the_end_nothing_is_to_gain_under_the_signs(seed: int, width: int, correlated: float) -> None:
    curvature, gradient, signs, at = draw(seed, width, correlated)
    step = signed_step(curvature, gradient, at, signs)
    end = at - step
    slope = gradient - curvature @ step  # of the quadratic, at the end
    close = 1e-7 * np.abs(curvature @ at - gradient).max()
    assert (signs * end >= 0).all()
    assert np.abs(slope[(signs == 0) | (end != 0)]).max(initial=0.0) < close
    assert (signs * slope)[(signs != 0) & (end == 0)].min(initial=0.0) > -close


@given(*CASES, st.floats(0, 1))
def test_no_part_of_the_step_breaks_a_sign(seed: int, width: int, correlated: float, share: float) -> None:
    curvature, gradient, signs, at = draw(seed, width, correlated)
    assert (signs * (at - share * signed_step(curvature, gradient, at, signs)) >= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_end_is_that_of_bounded_least_squares(seed: int) -> None:
    curvature, gradient, signs, at = draw(seed, 10, 0.3)
    root = np.linalg.cholesky(curvature)
    bounds = np.where(signs > 0, 0, -np.inf), np.where(signs < 0, 0, np.inf)
    peer = lsq_linear(root.T, np.linalg.solve(root, curvature @ at - gradient), bounds, tol=1e-13).x
    np.testing.assert_allclose(at - signed_step(curvature, gradient, at, signs), peer, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_signs_that_newtons_step_keeps_change_no_bit_of_it(seed: int) -> None:
    curvature, gradient, _, at = draw(seed, 8)
    step = np.linalg.solve(curvature, gradient)
    signs = np.where(np.sign(at - step) == np.sign(at), np.sign(at), 0.0)
    assert signs.any()
    np.testing.assert_array_equal(signed_step(curvature, gradient, at, signs), step)
