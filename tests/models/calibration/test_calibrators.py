import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from data_contracts.errors import ArtifactError
from features.arrays import Floats
from models.calibration.calibrators import (
    KINDS,
    Beta,
    Calibrator,
    Identity,
    Sigmoid,
    VennAbersSteps,
    beta_terms,
    calibrator_from_dict,
)
from models.calibration.fitting import FITS, Fit, choose_calibrator, fit_beta, fit_line, fit_sigmoid
from models.log_odds import expit, log_losses
from models.samples.folds import Groups, OutOfFold

kinds = st.sampled_from(sorted(FITS))
finite_margins = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20)


def sample(count: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Margins that are the log-odds, and outcomes."""
    random = np.random.default_rng(seed)
    margin = random.normal(-0.5, 1.5, count)
    return margin, (random.random(count) < expit(margin)).astype(float)


def held_out(y: Floats, folds: int = 4, group: Groups | None = None) -> OutOfFold:
    """Outcomes in the order of time, in so many folds of the same size."""
    rows = np.arange(len(y))
    leads = rows if group is None else group
    return OutOfFold(y, np.ones(len(y)), leads, rows * folds // len(y), np.zeros(len(y)))


@cache
def fitted(kind: str) -> Calibrator:
    margin, y = sample(300)
    return FITS[kind](margin**3, y, np.random.default_rng(0).integers(1, 4, 300) / 2)


@given(kinds, finite_margins)
@settings(max_examples=200, deadline=None)
def test_any_finite_margin_has_a_probability_within_0_and_1(kind: str, margins: list[float]) -> None:
    p = fitted(kind).predict(np.array(margins))
    assert ((p > 0) & (p < 1)).all()


@given(kinds, finite_margins)
@settings(max_examples=200, deadline=None)
def test_a_larger_margin_never_has_a_smaller_probability(kind: str, margins: list[float]) -> None:
    assert (np.diff(fitted(kind).predict(np.sort(margins))) >= 0).all()


@given(kinds, finite_margins)
@settings(max_examples=100, deadline=None)
def test_calibrators_come_back_from_json_as_they_were(kind: str, margins: list[float]) -> None:
    again = calibrator_from_dict(json.loads(json.dumps(fitted(kind).to_dict())))
    assert again.kind == kind
    assert np.array_equal(again.predict(np.array(margins)), fitted(kind).predict(np.array(margins)))


def test_every_kind_can_be_fitted_and_read_back() -> None:
    assert set(FITS) == set(KINDS)


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ArtifactError, match=r"kind 'spline', expected one of \['beta', 'identity', "):
        calibrator_from_dict({"kind": "spline"})


@pytest.mark.parametrize("kind", sorted(FITS))
@pytest.mark.parametrize("outcome", [0.0, 1.0, None])
def test_calibrators_bear_one_margin_and_one_outcome(kind: str, outcome: float | None) -> None:
    y = np.tile([0.0, 1.0], 10) if outcome is None else np.full(20, outcome)
    p = FITS[kind](np.full(20, 0.3), y, np.ones(20)).predict(np.array([-9.0, 0.3, 9.0]))
    assert ((p > 0) & (p < 1)).all()
    assert (np.diff(p) >= 0).all()


def test_sigmoid_is_logistic_regression_on_platts_targets() -> None:
    margin, y = sample(400)
    ours = fit_sigmoid(2 * margin, y, np.ones(400))
    won, lost = y.sum(), 400 - y.sum()
    high, low = (won + 1) / (won + 2), 1 / (lost + 2)
    # A target between 0 and 1 is a share of a won and of a lost row.
    share = np.where(y > 0, high, low)
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(
        np.tile(2 * margin, 2)[:, None], np.repeat([1, 0], 400), sample_weight=np.concatenate([share, 1 - share])
    )
    np.testing.assert_allclose([ours.slope, ours.intercept], [oracle.coef_[0, 0], oracle.intercept_[0]], atol=1e-4)


def test_beta_is_logistic_regression_on_both_logarithms() -> None:
    margin, y = sample(4000)
    ours = fit_beta(margin, y, np.ones(4000))
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.column_stack(beta_terms(margin)), y)
    assert (oracle.coef_ > 0).all()  # else the bounds would make them differ
    np.testing.assert_allclose([ours.a, ours.b, ours.c], [*oracle.coef_[0], oracle.intercept_[0]], atol=1e-3)


def test_beta_of_ones_changes_nothing() -> None:
    margin = np.linspace(-12, 12, 100)
    np.testing.assert_allclose(Beta(1.0, 1.0, 0.0).predict(margin), Identity().predict(margin), rtol=1e-9)


@pytest.mark.parametrize("kind", ["sigmoid", "beta", "isotonic"])
def test_a_weight_of_two_is_the_row_twice(kind: str) -> None:
    margin, y = sample(150)
    weight = np.random.default_rng(1).integers(1, 4, 150)
    heavy = FITS[kind](margin, y, weight.astype(float))
    often = FITS[kind](margin.repeat(weight), y.repeat(weight), np.ones(weight.sum()))
    np.testing.assert_allclose(heavy.predict(margin), often.predict(margin), atol=1e-5)


@pytest.mark.parametrize("kind", ["sigmoid", "beta"])
def test_a_margin_that_points_the_wrong_way_is_flattened_not_turned(kind: str) -> None:
    margin, y = sample(500)
    p = FITS[kind](-margin, y, np.ones(500)).predict(np.array([-2.0, 2.0]))
    np.testing.assert_allclose(p, y.mean(), atol=0.02)


def test_identity_is_kept_where_nothing_is_better_beyond_noise() -> None:
    kept = 0
    for seed in range(20):
        margin, y = sample(400, seed)
        choice = choose_calibrator(margin, held_out(y), seed, ordered=False)
        kept += choice.calibrator.kind == "identity"
        assert set(choice.losses) == set(FITS)
    assert kept >= 18


@pytest.mark.parametrize("ordered", [False, True])
def test_a_distorted_margin_is_mended(ordered: bool) -> None:
    margin, y = sample(3000)
    choice = choose_calibrator(3 * margin + 1, held_out(y), 0, ordered)
    assert choice.calibrator.kind != "identity"
    assert choice.gain.z > 2
    new, outcome = sample(20_000, 1)
    mended = log_losses(outcome, choice.calibrator.predict(3 * new + 1)).mean()
    best = log_losses(outcome, expit(new)).mean()
    distorted = log_losses(outcome, expit(3 * new + 1)).mean()
    assert mended - best < 0.04 * (distorted - best)


@pytest.mark.parametrize("shape", ["cubic", "step", "few won"])
def test_in_time_order_no_calibrator_ends_where_the_held_out_margins_end(shape: str) -> None:
    margin, y = sample(4000)
    distorted = {"cubic": np.cbrt(margin), "step": np.sign(margin) + 0.1 * margin, "few won": margin}[shape]
    if shape == "few won":
        y = np.where(np.arange(4000) < 4, 1.0, 0.0)
    choice = choose_calibrator(distorted, held_out(y), 0, ordered=True)
    assert isinstance(choice.calibrator, Sigmoid)
    beyond = distorted.max() + np.arange(5.0)
    p = choice.calibrator.predict(np.concatenate([-beyond[::-1], beyond]))
    assert (np.diff(p) > 0).all()


def test_a_few_leads_hardly_bend_the_line() -> None:
    slopes = [abs(np.log(fit_line(*sample(40, seed), np.ones(40)).slope)) for seed in range(20)]
    free = [abs(np.log(max(fit_sigmoid(*sample(40, seed), np.ones(40)).slope, 1e-9))) for seed in range(20)]
    assert max(slopes) < 0.4
    assert np.mean(slopes) < 0.5 * np.mean(free)


def test_many_leads_have_their_slope() -> None:
    margin, y = sample(20_000)
    line = fit_line(2 * margin + 1, y, np.ones(20_000))
    assert line.slope == pytest.approx(0.5, abs=0.02)
    assert line.intercept == pytest.approx(-0.5, abs=0.05)


@pytest.mark.parametrize(("kind", "fit"), [("identity", FITS["identity"]), ("sigmoid", fit_line)])
def test_in_time_order_each_fold_is_judged_by_what_was_fitted_on_the_folds_before_it(kind: str, fit: Fit) -> None:
    margin, y = sample(1200)
    losses = []
    for start in (300, 600, 900):
        calibrator = fit(margin[:start], y[:start], np.ones(start))
        later = slice(start, start + 300)
        losses.append(log_losses(y[later], calibrator.predict(margin[later])))
    choice = choose_calibrator(margin, held_out(y), 0, ordered=True)
    assert set(choice.losses) == {"identity", "sigmoid"}
    assert choice.losses[kind] == pytest.approx(np.mean(losses))


@pytest.mark.parametrize("ordered", [False, True])
def test_the_chosen_calibrator_learns_from_all_folds(ordered: bool) -> None:
    margin, y = sample(1200)
    choice = choose_calibrator(3 * margin, held_out(y), 0, ordered)
    fit = fit_line if ordered else FITS[choice.calibrator.kind]
    assert choice.calibrator.to_dict() == fit(3 * margin, y, np.ones(1200)).to_dict()


@pytest.mark.parametrize(("won", "tried"), [(4, {"identity"}), (50, {"identity", "sigmoid"}), (100, set(FITS))])
def test_few_outcomes_of_a_kind_allow_few_shapes(won: int, tried: set[str]) -> None:
    y = np.zeros(400)
    y[:won] = 1
    margin = np.random.default_rng(0).normal(-2, 1, 400)
    assert set(choose_calibrator(margin, held_out(y), 0, ordered=False).losses) == tried


def test_the_choice_depends_on_the_seed_alone() -> None:
    margin, y = sample(400)
    held = held_out(y, group=np.arange(400) // 2)
    first, again = (choose_calibrator(2 * margin, held, 5, ordered=False) for _ in range(2))
    assert (first.losses, first.gain) == (again.losses, again.gain)
    assert first.calibrator.to_dict() == again.calibrator.to_dict()


@given(st.floats(-6, 6), st.floats(0, 1.5), st.floats(0.2, 3))
@settings(max_examples=100, deadline=None)
def test_an_averaged_line_says_the_mean_probability_over_shifts(margin: float, deviation: float, slope: float) -> None:
    line = Sigmoid(slope, -0.5)
    shifts = deviation * np.linspace(-6, 6, 2001)
    mean = np.average(expit(slope * margin - 0.5 + shifts), weights=np.exp(-0.5 * np.linspace(-6, 6, 2001) ** 2))
    assert line.averaged(deviation).predict(np.array([margin])) == pytest.approx(mean, abs=0.02)
    assert line.averaged(0.0) == line


def test_steps_that_rounding_carries_beyond_one_are_read() -> None:
    steps = VennAbersSteps(np.array([0.5]), np.array([0.0, 0.5, 1.0]), np.array([0.5, 1.0, 1 + 4e-14]), 2)
    assert VennAbersSteps.from_dict(steps.to_dict()).high[-1] == steps.high[-1]
    with pytest.raises(ValueError, match="no VennAbersSteps is like that"):
        VennAbersSteps.from_dict(steps.to_dict() | {"high": [0.5, 1.0, 1.1]})
