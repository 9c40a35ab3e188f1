from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from features.arrays import Floats, Integers
from models.evaluation.intervals import Estimate
from models.evaluation.metrics import METRICS, evaluate, mass_bins
from models.evaluation.scored import Scored

Rows = tuple[Floats, Floats, Floats]


def measured(
    y: Floats, p: Floats, *, weight: Floats | None = None, group: Integers | None = None, **options: int
) -> dict[str, Estimate]:
    scored = Scored.one_each(y, p)
    lead = scored.lead if group is None else np.unique(group, return_inverse=True)[1]
    return evaluate(replace(scored, weight=scored.weight if weight is None else weight, lead=lead), **options)


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """Outcomes of both kinds, probabilities with ties, weights."""
    count = draw(st.integers(2, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    y = (random.random(count) < 0.4).astype(float)
    y[:2] = 0.0, 1.0
    p = random.integers(1, draw(st.sampled_from([2, 5, 1000])) + 1, count) / 1001
    return y, p, random.integers(1, 9, count) / 4


def sample(random: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Outcomes that come true as often as their probabilities say, which are uniform."""
    p = random.random(count)
    return (random.random(count) < p).astype(float), p


@given(rows())
@settings(max_examples=100, deadline=None)
def test_values_are_those_of_scikit_learn(given_rows: Rows) -> None:
    y, p, weight = given_rows
    found = measured(y, p, weight=weight, bootstrap=0)
    expected = {
        "roc_auc": roc_auc_score(y, p, sample_weight=weight),
        "average_precision": average_precision_score(y, p, sample_weight=weight),
        "log_loss": log_loss(y, p, sample_weight=weight, labels=[0, 1]),
        "brier": brier_score_loss(y, p, sample_weight=weight),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(found[name].value, value, rtol=1e-9, atol=1e-12, err_msg=name)


def plain_ece(y: Floats, p: Floats, weight: Floats, count: int = 15) -> float:
    """Tie groups from the lowest go to the bin in which the middle of their weight lies."""
    total, below = sum(weight), 0.0
    excess = [0.0] * count
    for value in sorted(set(p.tolist())):
        tied = [row for row in range(len(p)) if p[row] == value]
        mass = sum(weight[tied])
        place = min(int((below + mass / 2) * count / total), count - 1)
        excess[place] += sum(weight[row] * (y[row] - p[row]) for row in tied)
        below += mass
    return sum(abs(each) for each in excess) / float(total)


def plain_lift(y: Floats, p: Floats, weight: Floats, share: float = 0.1) -> float:
    """Rows from the highest probability until the share is full; of a tie group every row gives the same part."""
    left = limit = share * sum(weight)
    won = 0.0
    for value in sorted(set(p.tolist()), reverse=True):
        tied = p == value
        part = min(1.0, left / sum(weight[tied]))
        won += part * sum(weight[tied] * y[tied])
        left -= part * sum(weight[tied])
    return float(won / limit / (sum(weight * y) / sum(weight)))


@given(rows())
@settings(max_examples=100, deadline=None)
def test_calibration_error_and_lift_are_those_of_plain_loops(given_rows: Rows) -> None:
    y, p, weight = given_rows
    found = measured(y, p, weight=weight, bootstrap=0)
    np.testing.assert_allclose(found["ece"].value, plain_ece(y, p, weight), atol=1e-9)
    np.testing.assert_allclose(found["lift_at_10"].value, plain_lift(y, p, weight), atol=1e-9)


def test_bins_hold_about_the_same_weight_and_tear_no_tie_apart() -> None:
    p = np.repeat(np.linspace(0.01, 0.99, 150), 2)
    bins = mass_bins(p, np.ones(300))
    assert np.bincount(bins).tolist() == [20] * 15
    assert (np.diff(bins) >= 0).all()
    assert (bins[::2] == bins[1::2]).all()


def test_one_probability_for_all_ranks_nothing() -> None:
    y = np.array([1.0, 0.0, 0.0, 0.0])
    found = measured(y, np.full(4, 0.25), bootstrap=50)
    assert found["roc_auc"].value == 0.5
    assert found["average_precision"].value == 0.25
    np.testing.assert_allclose([found["lift_at_10"].value, found["ece"].value], [1.0, 0.0], atol=1e-12)


def test_one_outcome_only_leaves_the_ranking_undefined_and_the_losses_defined() -> None:
    found = measured(np.zeros(5), np.linspace(0.1, 0.5, 5), bootstrap=20)
    for name in ("roc_auc", "average_precision", "lift_at_10"):
        assert np.isnan([found[name].value, found[name].low, found[name].high]).all(), name
    assert found["brier"].low <= found["brier"].value <= found["brier"].high


def test_certainty_that_proves_wrong_costs_a_finite_loss() -> None:
    assert np.isfinite(measured(np.array([1.0, 0.0]), np.array([0.0, 1.0]), bootstrap=0)["log_loss"].value)


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="no snapshots"):
        measured(np.empty(0), np.empty(0))


def test_intervals_depend_on_the_seed_alone() -> None:
    y, p = sample(np.random.default_rng(3), 200)
    group = np.arange(200) // 2
    first, again, other = (measured(y, p, group=group, bootstrap=100, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(10))
def test_the_value_lies_within_its_interval(seed: int) -> None:
    random = np.random.default_rng(seed)
    y, p = sample(random, 150)
    for name, found in measured(y, p**2, group=random.integers(0, 60, 150), bootstrap=200).items():
        assert found.low <= found.value <= found.high, name


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    # Of uniform p: of (1 - p)p, of the entropy, of 2p against 2(1 - p), and of the top tenth, 0.95 / 0.5.
    truth = {"brier": 1 / 6, "log_loss": 0.5, "roc_auc": 5 / 6, "lift_at_10": 1.9}
    covered = dict.fromkeys(truth, 0)
    for seed in range(300):
        y, p = sample(random, 300)
        found = measured(y, p, bootstrap=200, seed=seed)
        for name, value in truth.items():
            covered[name] += found[name].low <= value <= found[name].high
    shares = {name: count / 300 for name, count in covered.items()}
    assert all(0.90 <= share <= 0.99 for share in shares.values()), shares


def test_rows_of_one_lead_count_as_one_draw() -> None:
    random = np.random.default_rng(0)
    with_lead, without = 0, 0
    for seed in range(200):
        y, p = (np.repeat(each, 5) for each in sample(random, 80))
        grouped = measured(y, p, group=np.repeat(np.arange(80), 5), bootstrap=200, seed=seed)["brier"]
        alone = measured(y, p, bootstrap=200, seed=seed)["brier"]
        with_lead += grouped.low <= 1 / 6 <= grouped.high
        without += alone.low <= 1 / 6 <= alone.high
    assert with_lead / 200 >= 0.89
    assert without / 200 < 0.75


def test_every_metric_is_given() -> None:
    y, p = sample(np.random.default_rng(0), 50)
    assert tuple(measured(y, p, bootstrap=2)) == METRICS
